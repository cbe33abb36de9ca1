"""The switch and its database are killed under load: nothing accepted is lost, doubled or unwritten."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import uvloop

from tests.failures.crash import OWN, SERVED, Kill, Report, in_one_world, plan
from tests.failures.world import World

SEED = 11
KILLS = 6


def killed(folder: Path, kills: list[Kill], *, served: bool, sabotage: str = "") -> Report:
    """What came of these kills in a new world."""
    report = Report(seed=SEED)
    folder.chmod(0o711)  # root's PostgreSQL runs as another account
    world = World(folder / "world", Random(SEED), served=served, sabotage=sabotage)
    uvloop.run(in_one_world(world, kills, report))
    return report


@pytest.mark.parametrize("served", [False, True], ids=["own database", "served database"])
def test_no_promise_is_broken_by_kill_9_under_load(tmp_path: Path, served: bool) -> None:
    kills = plan(KILLS - 2, Random(SEED), SERVED if served else OWN)
    sure = [Kill("switch", 20, 0.1, 3), Kill("server and its children", 20, 0.1, None)]
    report = killed(tmp_path, [*sure, *kills], served=served)
    assert report.faults == []
    assert sum(report.kills.values()) == KILLS
    assert report.verified == KILLS + 1
    assert report.records > 0
    assert report.repeats > 0


def test_a_switch_that_does_not_wait_for_the_disk_is_found_out(tmp_path: Path) -> None:
    kills = [Kill("server and its children", 40, 0.05, None)] * 3
    report = killed(tmp_path, kills, served=True, sabotage="commit without waiting")
    # Here by what was lost, or by the sequencer, which saw a tree that is no longer there and ended its switch.
    assert report.faults, report.words()


def test_a_switch_that_shows_answers_before_they_are_written_is_found_out(tmp_path: Path) -> None:
    kills = [Kill("switch", 20, 0.05, None)] * 5
    report = killed(tmp_path, kills, served=False, sabotage="show before commit")
    assert any("has no entry in the journal" in fault for fault in report.faults), report.words()
