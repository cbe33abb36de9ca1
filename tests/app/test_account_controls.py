"""Controls of CJIS Security Policy 5.9.5 over a whole switch: what is written down, and how soon a stop is felt."""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.test_house_doors import QV, World, world
from tests.policy.conftest import PASSWORD, SECRET
from wireroom.app import AppError
from wireroom.app.accounts import disable_due, known_passwords
from wireroom.app.line_door import LOOKED_AT_EVERY
from wireroom.journal import NotWritten
from wireroom.journal.tags import Tag
from wireroom.policy.people import Person
from wireroom.policy.secret import code_at
from wireroom.web import house as doors

__all__ = ["world"]  # the fixture
pytestmark = pytest.mark.anyio


async def test_AC_2_13_a_stop_is_felt_at_a_page_and_on_a_line_in_under_five_seconds(world: World) -> None:
    session = await world.sign_in()
    assert isinstance(session, doors.Session)
    seat = await world.seated(world.logon())
    assert (await world.door.send(seat, "one", QV, 1)).state == "accepted"
    await world.people.disable("p.vale", "stopped", world.stage.clock())
    assert await world.house.session(session.token) is None
    assert timedelta(seconds=5) > LOOKED_AT_EVERY
    world.stage.clock.tick(LOOKED_AT_EVERY.total_seconds())
    assert (await world.door.send(seat, "two", QV, 2)).state == "refused"


async def test_AC_2_13_a_stopped_line_is_given_no_more_deliveries(world: World) -> None:
    seat = await world.seated(world.logon())
    assert (await world.door.send(seat, "one", QV, 1)).state == "accepted"
    async with world.door.mailbox(seat) as mail:
        assert (await anext(aiter(mail))).terminal == "Z001"
    await world.people.disable("p.vale", "stopped", world.stage.clock())
    world.stage.clock.tick(LOOKED_AT_EVERY.total_seconds())
    async with world.door.mailbox(seat) as mail:
        assert [delivery async for delivery in mail] == []


async def test_AC_2_3_who_is_disabled_by_the_clock_is_written_down_first(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    now = world.stage.clock()
    one = Person(id="e.one", name="E", ori="CA0990100", role="operator", ends_at=now + timedelta(hours=1))
    await world.people.add(one, password=PASSWORD, otp_secret=SECRET, now=now)
    world.stage.writer.trouble = NotWritten("the disk is full")
    await disable_due(world.people, world.switch, now + timedelta(days=97))
    assert all(person.enabled for person in await world.people.people())
    assert "cannot be written down" in caplog.text
    world.stage.writer.trouble = None
    await disable_due(world.people, world.switch, now + timedelta(days=97))
    told = [entry.detail for entry in await world.stage.journal() if entry.tag == Tag.PERSON_CHANGED]
    assert told == [
        {"act": "disable", "person": "e.one", "why": "ended"},
        {"act": "disable", "person": "p.vale", "why": "inactive"},
    ]
    assert not any(person.enabled for person in await world.people.people())


async def test_AC_7_the_lock_is_written_down_with_the_logon_that_made_it(world: World) -> None:
    for _ in range(5):
        await world.sign_in(password="wrong")
    causes = [entry.detail["cause"] for entry in await world.stage.journal()]
    assert causes == ["wrong password"] * 4 + ["wrong password; the account is locked now"]


async def test_AC_8_which_notice_was_acknowledged_is_in_the_journal(world: World) -> None:
    assert isinstance(await world.sign_in(notice="v1"), doors.Session)
    [entry] = await world.stage.journal()
    assert entry.detail["notice"] == "v1"


async def test_AC_11_an_unlock_is_written_down_and_keeps_the_notice(world: World) -> None:
    session = await world.sign_in(notice="v1")
    assert isinstance(session, doors.Session)
    world.stage.clock.tick(30 * 60)
    held = await world.house.locked(session.token)
    assert held == doors.Locked(person="p.vale", name="Pat Vale", terminal="Z001", ori="CA0990100")
    refused = await world.house.unlock(session.token, password="wrong", code="000000", peer="peer")
    assert isinstance(refused, doors.Refusal)
    code = code_at(SECRET, world.stage.clock())
    opened = await world.house.unlock(session.token, password=PASSWORD, code=code, peer="peer")
    assert isinstance(opened, doors.Session)
    assert await world.house.locked(session.token) is None
    gone = await world.house.unlock(session.token, password=PASSWORD, code=code, peer="peer")
    assert isinstance(gone, doors.Refusal)
    assert gone.code == "session"
    entries = await world.stage.journal()
    assert [entry.tag for entry in entries[1:]] == [Tag.SESSION_REFUSED, Tag.SESSION_OPENED]
    assert entries[-1].detail["notice"] == "v1"


@pytest.fixture
async def known(tmp_path: Path) -> Path:
    file = tmp_path / "known.txt"
    file.write_text("Vale Of Tears\nseven77\n", encoding="utf-8")
    return file


async def test_IA_5_1_a_a_list_older_than_a_quarter_is_told_to_the_operator(
    known: Path, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    now = world.stage.clock()
    with caplog.at_level(logging.WARNING):
        os.utime(known, (0, (now - timedelta(days=92)).timestamp()))
        assert known_passwords(known, now) == {"vale of tears"}
        assert not caplog.text
        os.utime(known, (0, (now - timedelta(days=93)).timestamp()))
        known_passwords(known, now)
    assert "is 93 days old: renew it each quarter" in caplog.text
    with pytest.raises(AppError, match="cannot be read"):
        known_passwords(known.parent / "none.txt", now)
