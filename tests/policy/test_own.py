"""Whom somebody may not ask about because they are their own: found by marks, refused neutrally, and never named."""

from __future__ import annotations

from datetime import UTC, date, datetime

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.conftest import World
from wireroom.catalog.index import Catalogue
from wireroom.lab import fit
from wireroom.message.envelope import Arrival, Facts, Message, Seat
from wireroom.message.read import read
from wireroom.policy import Unfit, Unknown, own
from wireroom.policy.own import Marker, tokens
from wireroom.policy.request import Own
from wireroom.policy.ruling import Rulebook, Ruling

CATALOGUE = Catalogue()
MARKER = Marker(b"o" * 32)
BOOK = Rulebook(own=MARKER.own)
DAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 20, tzinfo=UTC)
SELF: dict[str, tuple[str, ...]] = {"NAM": ("TAYLOR, RYAN JAMES",), "DOB": ("19850412",)}
NEUTRAL = (
    "This was not sent. If it is part of your work, have somebody else run it, and tell your supervisor."
)


def facts(*held: tuple[Own, dict[str, tuple[str, ...]]]) -> Facts:
    marks = tuple((kind.value, mark) for kind, values in held for mark in MARKER.marks(values))
    return Facts(
        **{**{f: getattr(fit.facts("CA0990100", DAY), f) for f in Facts.__struct_fields__}, "own": marks}
    )


def ruled(text: str, held: Facts, role: str = "operator") -> Ruling:
    message = read(text, CATALOGUE, ori="CA0990100", today=DAY).message
    assert message is not None, text
    seat = Seat(terminal="Z001", ori="CA0990100", person="p.vale", role=role, facts=held)
    return BOOK.rule(
        message, CATALOGUE.forms[message.key], Arrival(text=text, seat=seat, key="1", at=AT, purpose="C")
    )


@pytest.mark.parametrize(
    "text",
    [
        "QW.CA0990100.NAM/TAYLOR, RYAN.DOB/19850412",
        "QW.CA0990100.NAM/TAYLOR, RYAN JAMES.DOB/19850412.SEX/M",
        "QW.CA0990100.NAM/TAYLOR, ROBERT.DOB/19850412",  # of like name and born that day: somebody else may run it
    ],
)
def test_AC_3_nobody_asks_about_themselves(text: str) -> None:
    refused = ruled(text, facts((Own.SELF, SELF)))
    assert (refused.allowed, refused.rule, refused.told, refused.reason) == (
        False, "own-record", "not-by-you", NEUTRAL,
    )  # fmt: skip
    assert ruled(text, facts()).allowed


@pytest.mark.parametrize(
    "text", ["QW.CA0990100.NAM/TAYLOR, RYAN.DOB/19850413", "QW.CA0990100.NAM/TAYLOR, MARIE.DOB/19850412",
             "QV.CA0990100.LIC/7ABC123.LIS/CA"],
)  # fmt: skip
def test_others_are_asked_about(text: str) -> None:
    assert ruled(text, facts((Own.SELF, SELF))).allowed


def test_a_plate_of_the_household_and_a_case_of_a_dispute_are_refused_with_the_same_words() -> None:
    held = facts((Own.HOUSEHOLD, {"LIC": ("7ABC123",)}), (Own.DISPUTE, {"PNO": ("FL26001",)}))
    car, case = ruled("QV.CA0990100.LIC/7ABC123.LIS/CA", held), ruled("QPO.CA0990100.PNO/FL26001", held)
    assert {(one.rule, one.told, one.reason) for one in (car, case)} == {
        ("own-affairs", "not-by-you", NEUTRAL)
    }


def test_in_an_emergency_the_household_is_asked_about_and_oneself_never() -> None:
    held = facts((Own.HOUSEHOLD, {"LIC": ("7ABC123",)}), (Own.SELF, {"OLN": ("D9901234",)}))
    allowed = ruled("QV.CA0990100.LIC/7ABC123.LIS/CA.EMG/CHILD IN THE CAR", held)
    assert (allowed.allowed, allowed.gave_way) == (True, "own-affairs")
    assert not ruled("DQ.CA0990100.OLN/D9901234.OLS/CA.EMG/CHILD IN THE CAR", held).allowed


def test_an_emergency_that_was_not_needed_makes_nothing_give_way() -> None:
    ruling = ruled("QV.CA0990100.LIC/7ABC123.LIS/CA.EMG/CHILD IN THE CAR", facts())
    assert (ruling.allowed, ruling.gave_way) == (True, "")


def test_whoever_owes_an_explanation_declares_no_other_emergency() -> None:
    owing = facts((Own.HOUSEHOLD, {"LIC": ("7ABC123",)}))
    owing = Facts(**{**{f: getattr(owing, f) for f in Facts.__struct_fields__}, "owing": True})
    assert ruled("QV.CA0990100.LIC/7ABC123.LIS/CA.EMG/CHILD IN THE CAR", owing).rule == "own-affairs"
    assert ruled("QV.CA0990100.LIC/9XYZ999.LIS/CA.EMG/CHILD IN THE CAR", owing).rule == "emergency-owing"
    assert ruled("QV.CA0990100.LIC/9XYZ999.LIS/CA", owing).allowed


def test_a_mark_tells_nothing_without_the_key() -> None:
    [mark] = MARKER.marks(SELF)
    assert len(mark) == 32
    assert Marker(b"p" * 32).marks(SELF) != (mark,)
    assert "o" * 8 not in repr(MARKER)


@given(st.dictionaries(st.sampled_from(("NAM", "DOB", "OLN", "LIC", "SEX")), st.tuples(st.text(max_size=20))))
def test_whatever_fields_hold_they_name_or_do_not(values: dict[str, tuple[str]]) -> None:
    assert len(list(tokens(values))) <= 3


@pytest.mark.anyio
async def test_marks_come_with_the_session_and_end(world: World) -> None:
    opened = await world.signed_in()
    marks = MARKER.marks(SELF)
    assert await own.keep(world.pool, "p.vale", Own.SELF, marks, by="a.root", now=world.now) == 1
    assert await own.keep(world.pool, "p.vale", Own.SELF, marks, by="a.root", now=world.now) == 0
    standing = await world.people.session(opened.token, world.now)
    assert standing is not None
    assert standing.seat.facts.own == (("self", marks[0]),)
    world.tick(seconds=1)
    assert await own.end(world.pool, "p.vale", marks, now=world.now) == 1
    standing = await world.people.session(opened.token, world.now)
    assert standing is not None
    assert standing.seat.facts.own == ()
    held = await own.held(world.pool, "p.vale")
    assert [(one.kind, one.until is None) for one in held] == [(Own.SELF, False)]
    with pytest.raises(Unknown):
        await own.end(world.pool, "p.vale", marks, now=world.now)
    with pytest.raises(Unknown):
        await own.keep(world.pool, "nobody", Own.SELF, marks, by="a.root", now=world.now)


@pytest.mark.anyio
async def test_nobody_has_more_marks_than_fit_and_none_is_deleted(world: World, pool: asyncpg.Pool) -> None:
    many = tuple(mark for n in range(own.MARKS_MAX + 1) for mark in MARKER.marks({"LIC": (f"9ABC{n:03d}",)}))
    with pytest.raises(Unfit, match="the most"):
        await own.keep(world.pool, "p.vale", Own.HOUSEHOLD, many, by="a.root", now=world.now)
    assert await own.held(world.pool, "p.vale") == ()


def test_a_message_without_marks_costs_no_hash() -> None:
    class Refusing(Marker):
        def marks(self, values: object) -> tuple[str, ...]:
            raise AssertionError("nobody's own is on record: nothing is hashed")

    book = Rulebook(own=Refusing(b"o" * 32).own)
    seat = Seat(terminal="Z001", ori="CA0990100", person="p.vale", role="operator", facts=facts())
    form = CATALOGUE.forms["QV"]
    arrival = Arrival(text="", seat=seat, key="1", at=AT, purpose="C")
    assert book.rule(Message("QV", (("LIC", "7ABC123"),)), form, arrival).allowed
