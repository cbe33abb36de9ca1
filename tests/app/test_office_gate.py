"""The gate of administration by itself: every act by every role, needs, factors, and one entry for each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from tests.app.offices import NEED, TODAY, seat
from wireroom.app.office_gate import Gate
from wireroom.journal.tags import Tag
from wireroom.message.envelope import NO_FACTS
from wireroom.message.reason import need_fault
from wireroom.policy import Taken, Unfit
from wireroom.policy.fitness import USUAL
from wireroom.policy.office import CHANGES, MAY, Act, scope
from wireroom.policy.role import APART, Role
from wireroom.switch.work import Note
from wireroom.web.house import Refusal
from wireroom.web.office_shapes import Call

NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 20, tzinfo=UTC)
pytestmark = pytest.mark.anyio


class Written:
    """A switch that only writes down."""

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self.rulebook = SimpleNamespace(demands=USUAL)

    async def note(self, note: Note) -> None:
        self.notes.append(note)


def gate(switch: Written) -> Gate:
    at: Any = switch  # Any: all of a switch that the gate needs
    return Gate(at, lambda: NOW, timedelta(minutes=15))


def made(role: str, **changes: object) -> Call:
    return msgspec.structs.replace(Call(seat=seat(role), peer="192.0.2.9", need=NEED, proven=NOW), **changes)


async def through(call: Call, act: Act) -> tuple[object, list[Note], bool]:
    """What came of an act, what was written down, and whether it was done."""
    switch, did = Written(), []

    async def do() -> str:
        did.append(len(switch.notes))
        return "done"

    answer = await gate(switch).do(call, act, {}, do, lambda: None)
    assert did in ([], [1]), "written down first, then done, once"
    return answer, switch.notes, bool(did)


@pytest.mark.parametrize("role", Role)
async def test_AC_6_each_role_does_what_the_table_says_and_nothing_else_and_each_try_is_one_entry(
    role: Role,
) -> None:
    for act in Act:
        answer, notes, did = await through(made(role), act)
        [note] = notes
        assert did is (role in MAY[act]), (act, role)
        assert (note.person, note.detail["act"], note.detail["need"]) == ("a.dean", act.value, NEED)
        assert note.detail.get("rule") == (None if did else "role-may")
        assert isinstance(answer, Refusal) is not did


@pytest.mark.parametrize(
    "need",
    [
        "",
        "asdf",
        "12345678",
        "aaaaaaaaaa",
        "..........",
        "a b c d",
        "x" * 100 + "yzw" * 40,
        "audit\x07 of all",
    ],
)
async def test_AC_17_from_afar_nothing_is_done_or_shown_without_a_stated_need(need: str) -> None:
    for act in Act:
        answer, [note], did = await through(made(min(MAY[act]), need=need), act)
        assert isinstance(answer, Refusal)
        assert (answer.code, did, note.detail["rule"]) == ("need", False, "need")
        assert need_fault(need) in answer.reason


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1"])
async def test_AC_17_at_the_machine_itself_none_is_asked_but_one_that_is_said_must_say_something(
    peer: str,
) -> None:
    _, [note], did = await through(made("administrator", need="", peer=peer), Act.TERMINALS)
    assert did
    assert "need" not in note.detail
    assert not (await through(made("administrator", need="ok", peer=peer), Act.TERMINALS))[2]


@pytest.mark.parametrize("minutes", [None, 15, 600])
async def test_IA_11_what_changes_something_asks_for_both_factors_of_late_and_a_look_does_not(
    minutes: int | None,
) -> None:
    proven = None if minutes is None else NOW - timedelta(minutes=minutes)
    for act in Act:
        answer, [note], did = await through(made(min(MAY[act]), proven=proven), act)
        assert did is (act not in CHANGES), act
        if not did:
            assert isinstance(answer, Refusal)
            assert answer.code == note.detail["rule"] == "confirm"
        assert (await through(made(min(MAY[act]), proven=NOW - timedelta(minutes=14)), act))[2]


async def test_AC_6_who_lacks_anything_themself_or_is_only_spoken_for_administers_nothing() -> None:
    for act in Act:
        call = made(min(MAY[act]))
        for changed, code in (
            (msgspec.structs.replace(call.seat, facts=NO_FACTS), "cleared"),
            (msgspec.structs.replace(call.seat, spoken_for=True), "role-may"),
        ):
            answer, _, did = await through(msgspec.structs.replace(call, seat=changed), act)
            assert isinstance(answer, Refusal)
            assert (answer.code, did) == (code, False)


async def test_what_a_check_finds_is_the_entry_and_who_was_too_late_has_a_second_one() -> None:
    switch, call = Written(), made("administrator")

    async def check() -> None:
        raise Unfit("not like this")

    async def late() -> str:
        raise Taken("somebody was quicker")

    found = await gate(switch).do(call, Act.AGREEMENTS, {}, late, check)
    assert isinstance(found, Refusal)
    assert [note.detail["why"] for note in switch.notes] == ["not like this"]
    found = await gate(switch).do(call, Act.AGREEMENTS, {}, late, lambda: None)
    assert isinstance(found, Refusal)
    assert [note.detail.get("why") for note in switch.notes[1:]] == [None, "somebody was quicker"]


def test_AC_5_no_role_both_gives_out_rights_and_reads_how_they_were_used() -> None:
    reports = {Act.ACCESS_REPORT, Act.PERSON_REPORT}
    for role in Role:
        held = {act for act in Act if role in MAY[act]}
        assert not (held & reports and held & CHANGES), role
    assert {frozenset({Role.ADMINISTRATOR, Role.AUDITOR})} <= set(APART)
    assert (scope(Role.DOJ, "CA0990100"), scope(Role.ADMINISTRATOR, "CA0990100")) == ("", "CA0990100")
    assert Tag.JOURNAL_SEARCHED  # what a report is in the journal
