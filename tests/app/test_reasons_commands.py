"""Incidents from a file, and what nothing explains, on the command line; a bad line is told with its field."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.app.test_commands import cli, config

__all__ = ["config"]  # a fixture
POLICE = "CA0990100"
GOOD = {"key": "1", "reference": "26-000001", "at": "2026-03-02T16:00:00Z", "opened": "2026-03-02T15:58:00Z",
        "units": [{"unit": "12A", "people": ["p.vale"], "terminals": ["Z001"]}], "by": "d.typed"}  # fmt: skip
LINES = (
    json.dumps(GOOD),
    "{",
    "",
    json.dumps(GOOD | {"key": "2", "closed": "2026-03-01T00:00:00Z"}),
    json.dumps({name: value for name, value in GOOD.items() if name != "opened"}),
    json.dumps(GOOD | {"key": "1", "place": "999 OAK AVE"}),
    json.dumps(GOOD | {"key": "3", "reference": "26-000002", "units": [{"unit": ""}]}),
    json.dumps(GOOD | {"key": "4", "closed": "2026-03-02T17:00:00Z", "at": "2026-03-02T17:00:00Z"}),
)


@pytest.fixture
def agency(config: Path) -> Path:
    cli("agency", "add", POLICE, "Example City Police", config=config)
    return config


def test_a_file_is_taken_but_for_its_bad_lines_and_a_second_time_changes_nothing(
    agency: Path, tmp_path: Path
) -> None:
    file = tmp_path / "cad.jsonl"
    file.write_text("\n".join(LINES), encoding="utf-8")
    result = cli("cad", "import", str(file), "--ori", POLICE.lower(), "--json", config=agency)
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["taken"], told["repeated"], told["afterwards"]) == (2, 0, [])
    assert [(one["line"], one["field"]) for one in told["faults"]] == [
        (2, "the line"), (4, "closed"), (5, "opened"), (6, "key"), (7, "units[0].unit")
    ]  # fmt: skip
    again = cli("cad", "import", str(file), "--ori", POLICE, config=agency)
    assert "0 taken, 2 repeated, 0 overtaken, 5 bad" in again.stdout
    assert "cad.jsonl:4: closed is before it opened" in again.stderr
    [incident] = json.loads(cli("cad", "list", POLICE, "--json", config=agency).stdout)
    assert (incident["reference"], incident["units"], incident["changes"]) == ("26-000001", ["12A"], 2)
    assert "26-000001" in cli("cad", "list", POLICE, config=agency).stdout
    words = json.loads(cli("cad", "show", POLICE, "26-000001", "--json", config=agency).stdout)
    assert [one["changed"] for one in words] == [["opened"], ["closed"]]
    assert "d.typed" in cli("cad", "show", POLICE, "26-000001", config=agency).stdout
    entries = json.loads(cli("journal", "find", "--tag", "cad:taken", "--json", config=agency).stdout)
    assert len(entries) == 2


def test_what_is_not_there_is_told_with_what_to_do(agency: Path, tmp_path: Path) -> None:
    file = tmp_path / "cad.jsonl"
    file.write_text(json.dumps(GOOD), encoding="utf-8")
    assert "there is no agency CA0980100" in str(
        cli("cad", "import", str(file), "--ori", "CA0980100", config=agency).exception
    )
    assert "see `wireroom cad list`" in str(cli("cad", "show", POLICE, "26-9", config=agency).exception)
    assert "name the accounts" in str(cli("lab", "cad", "--people", ",", config=agency).exception)
    assert "is `wireroom serve` running" in str(
        cli("lab", "cad", "--incidents", "1", config=agency).exception
    )


def test_what_nothing_explains_is_listed_and_the_look_is_written_down(agency: Path) -> None:
    assert json.loads(cli("reasons", "list", "--json", config=agency).stdout) == []
    assert "Verdict" in cli("reasons", "list", "--all", "--ori", POLICE, config=agency).stdout
    entries = json.loads(cli("journal", "find", "--tag", "reasons:listed", "--json", config=agency).stdout)
    assert len(entries) == 2
