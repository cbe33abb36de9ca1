"""Threat 20: an answer does not tell by its shape that there is a record which its reader may not see."""

from __future__ import annotations

import re

import msgspec
import pytest

from tests.switch.stage import DESK, OTHER, PUPIL, Stage, answers, car, send
from tests.switch.test_rules import MARKER, owning
from wireroom.message.envelope import Seat
from wireroom.policy.ruling import Rulebook

pytestmark = pytest.mark.anyio
HELD, NONE = "7QQQ001", "7QQQ009"  # of one is a record, of the other there is none


def masked(told: msgspec.Struct, plate: str) -> str:
    """What somebody is told, with the plate that they gave and the numbers of the journal left out."""
    return re.sub(r"\d{17,}", "N", msgspec.json.encode(told).decode()).replace(plate, "PLATE")


async def shape(stage: Stage, plate: str, seat: Seat) -> list[str]:
    """All that a reader is told when asking about a plate."""
    async with stage.running() as switch:
        told = await answers(stage, switch, f"QV.LIC/{plate}.LIS/CA", seat)
    return [masked(msgspec.structs.replace(one, key=""), plate) for one in told]


async def enter(stage: Stage, seat: Seat) -> None:
    async with stage.running() as switch:
        assert (await send(stage, switch, car(HELD), seat)).state == "accepted"


async def test_threat_20_to_training_a_live_record_looks_as_none_does(stage: Stage) -> None:
    await enter(stage, DESK)
    assert await shape(stage, HELD, PUPIL) == await shape(stage, NONE, PUPIL)
    assert await shape(stage, HELD, OTHER) != await shape(stage, NONE, OTHER), "who may see it does"


async def test_threat_20_to_the_live_desk_a_record_of_training_looks_as_none_does(stage: Stage) -> None:
    await enter(stage, PUPIL)
    assert await shape(stage, HELD, DESK) == await shape(stage, NONE, DESK)
    assert await shape(stage, HELD, PUPIL) != await shape(stage, NONE, PUPIL)


@pytest.mark.parametrize("kind", ["self", "household"])
async def test_threat_20_not_by_you_is_the_same_whoever_is_asked_about_and_whatever_is_on_file(
    stage: Stage, kind: str
) -> None:
    await enter(stage, DESK)
    async with stage.running() as switch:
        switch.rulebook = Rulebook(own=MARKER.own)
        refused = [
            await send(stage, switch, f"QV.LIC/{plate}.LIS/CA", owning(kind, LIC=plate))
            for plate in (HELD, NONE)
        ]
    assert [one.rule for one in refused] == ["not-by-you"] * 2
    assert masked(refused[0], HELD) == masked(refused[1], NONE)


@pytest.mark.parametrize("role", ["auditor", "administrator", "facility", "court"])
async def test_threat_20_who_may_not_ask_is_refused_alike_whether_there_is_a_record_or_none(
    stage: Stage, role: str
) -> None:
    await enter(stage, DESK)
    seat = msgspec.structs.replace(DESK, role=role)
    async with stage.running() as switch:
        told = [await send(stage, switch, f"QV.LIC/{plate}.LIS/CA", seat) for plate in (HELD, NONE)]
    assert told[0].state == "refused"
    assert masked(told[0], HELD) == masked(told[1], NONE)
