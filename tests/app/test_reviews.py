"""Claims about weekly reviews over a whole switch: prepared, signed by who may, kept, told when overdue."""

from __future__ import annotations

from datetime import date

import asyncpg
import msgspec
import pytest

from tests.app.test_house_doors import GUESS, QV, World, world
from tests.app.test_incidents import POLICE, incidents
from tests.switch.stage import DESK, send
from wireroom.app.incidents import Incidents
from wireroom.app.reviews import Reviews, week_of
from wireroom.journal.tags import Tag
from wireroom.oversight import IllegalMove, Missing, NotTheirs
from wireroom.oversight.review import Review

__all__ = ["incidents", "world"]  # fixtures
pytestmark = pytest.mark.anyio
DAY = 86_400.0
WEEK = date(2026, 3, 2)


async def only_added(connection: asyncpg.Connection) -> None:
    """What the switch's own role may not do with what is kept of reviews and incidents."""
    for table in ("weekly_review", "review_signature", "incident", "incident_step"):
        for statement in (f"delete from {table}", f"update {table} set ori = ori", f"truncate {table}"):
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedColumnError)):
                await connection.execute(statement)


async def refusals(reviews: Reviews) -> None:
    """Who may not prepare a review, and of whom there is none."""
    for by, trouble in (("a.min", NotTheirs), ("p.vale", NotTheirs), ("nobody", NotTheirs)):
        with pytest.raises(trouble):
            await reviews.prepare(POLICE, None, seed="s", sample=5, by=by)
    with pytest.raises(Missing):
        await reviews.prepare("CA0960100", None, seed="s", sample=5, by="")


async def test_AU_6_a_week_is_gathered_signed_once_and_stays_as_it_was(
    world: World, incidents: Incidents
) -> None:
    stage = world.stage
    reviews = Reviews(await stage.connect(), stage.texts, stage.clock)
    await world.sign_in(password=GUESS)
    unexplained = (await send(stage, world.switch, QV)).number
    refused = (
        await send(stage, world.switch, QV, msgspec.structs.replace(DESK, role="auditor", person="p.other"))
    ).number
    with pytest.raises(IllegalMove, match="over on 2026-03-09"):
        await reviews.prepare(POLICE, WEEK, seed="s", sample=5, by="a.udit")
    stage.clock.tick(8 * DAY)
    await refusals(reviews)
    number, made = await reviews.prepare(POLICE, None, seed="s", sample=5, by="a.udit")
    found = {one.what: one.entries for one in made.headings}
    assert made.week == WEEK
    assert (found["unexplained"], found["refusals"], len(found["failed sign-ons"])) == (
        (unexplained,),
        (refused,),
        1,
    )
    stage.clock.tick(60)
    again, same = await reviews.prepare(POLICE, WEEK, seed="s", sample=5, by="a.udit")
    assert again != number
    assert same.bytes() == made.bytes(), "AU-7"
    kept, shown = await reviews.show(number, "a.udit")
    assert (shown.bytes(), kept.digest, kept.signed_by) == (made.bytes(), made.digest, "")
    for by, trouble in (("a.min", NotTheirs), ("s.min", NotTheirs)):
        with pytest.raises(trouble):
            await reviews.sign(number, "LOOKED", by)
    with pytest.raises(IllegalMove, match="say what was found"):
        await reviews.sign(number, " ", "a.udit")
    assert (
        await reviews.sign(number, "ONE ASKED ABOUT, EXPLAINED BY A STOP", "a.udit")
    ).signed_by == "a.udit"
    with pytest.raises(IllegalMove, match="signed already"):
        await reviews.sign(again, "LOOKED", "a.udit")
    with pytest.raises(IllegalMove, match="signed already"):
        await reviews.prepare(POLICE, WEEK, seed="t", sample=5, by="a.udit")
    told = [entry for entry in await stage.journal() if entry.tag.startswith("review:")]
    assert [(entry.tag, entry.person) for entry in told if entry.tag != Tag.REVIEW_REFUSED] == [
        (Tag.REVIEW_PREPARED, "a.udit"), (Tag.REVIEW_PREPARED, "a.udit"), (Tag.REVIEW_SHOWN, "a.udit"),
        (Tag.REVIEW_SIGNED, "a.udit"),
    ]  # fmt: skip
    assert len(told) == 4 + 10, "each refusal is one"
    [signature] = [entry for entry in told if entry.tag == Tag.REVIEW_SIGNED]
    assert (signature.transaction, signature.detail["digest"]) == (number, made.digest)
    assert msgspec.convert(told[-1].detail.get("review"), Review | None) is None
    await only_added(await stage.connect())


async def test_AU_6_a_week_without_a_signed_review_is_told_of_as_overdue(world: World) -> None:
    stage = world.stage
    reviews = Reviews(await stage.connect(), stage.texts, stage.clock)
    assert await reviews.overdue() == ()
    stage.clock.tick(15 * DAY)
    assert {(one.ori, one.week) for one in await reviews.overdue()} >= {(POLICE, WEEK)}
    await stage.execute("insert into weekly_review values (1, $1, $2, 'd', now(), 'x')", POLICE, WEEK)
    await stage.execute("insert into review_signature values (1, $1, $2, 'd', now(), 'x', 2)", POLICE, WEEK)
    assert (POLICE, WEEK) not in {(one.ori, one.week) for one in await reviews.overdue()}


def test_a_week_is_named_by_its_number_or_by_any_day_of_it() -> None:
    assert week_of("2026-W10") == week_of("2026-w10") == WEEK
    assert week_of("2026-03-05") == date(2026, 3, 5)
    assert week_of("") is None
    for bad in ("2026-W60", "yesterday", "W10"):
        with pytest.raises(IllegalMove, match="no week"):
            week_of(bad)
