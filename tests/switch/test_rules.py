"""Rules at the switch: what the person refused is told and what the journal keeps, agreements, cars and emergencies."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from tests.switch.stage import (
    BROAD,
    CATALOGUE,
    DESK,
    DIRECTORY,
    NO_ROWS,
    OTHER,
    POLICE,
    SCHOOL,
    SHERIFF,
    Stage,
    car,
    send,
)
from wireroom.message.envelope import Seat
from wireroom.policy.agreement import ALL_FILES, Agreement
from wireroom.policy.directory import Directory
from wireroom.policy.engine import Policies, built_in
from wireroom.policy.own import Marker
from wireroom.policy.ruling import Rulebook, usual

pytestmark = pytest.mark.anyio
MARKER = Marker(b"o" * 32)
CAR = msgspec.structs.replace(DESK, place="mobile")


def owning(kind: str, **values: str) -> Seat:
    """The desk's person, to whom this is their own."""
    marks = tuple((kind, mark) for mark in MARKER.marks({code: (value,) for code, value in values.items()}))
    return msgspec.structs.replace(DESK, facts=msgspec.structs.replace(DESK.facts, own=marks))


async def test_threat_21_a_refusal_tells_nothing_and_the_journal_the_rule(stage: Stage) -> None:
    async with stage.running() as switch:
        switch.rulebook = Rulebook(own=MARKER.own)
        own = await send(stage, switch, BROAD, owning("household", LIC="7QQQ001"))
        self = await send(stage, switch, BROAD, owning("self", LIC="7QQQ001"))
        assert (own.state, own.rule, own.reason) == (self.state, self.rule, self.reason)
        assert (own.state, own.rule) == ("refused", "not-by-you")
        assert "household" not in msgspec.json.encode(own).decode()
        assert {**await stage.counts(), "claim": 0} == NO_ROWS
        [entry] = await stage.journal(own.number)
        assert (entry.detail["rule"], entry.detail["policy"]) == ("own-affairs", usual().digest)
        [entry] = await stage.journal(self.number)
        assert entry.detail["rule"] == "own-record"


async def test_an_emergency_lets_it_go_is_owed_and_stands_in_the_journal(stage: Stage) -> None:
    async with stage.running() as switch:
        switch.rulebook = Rulebook(own=MARKER.own)
        gone = await send(stage, switch, f"{BROAD}.EMG/CHILD IN THE CAR", owning("household", LIC="7QQQ001"))
        needless = await send(stage, switch, f"{BROAD}.EMG/CHILD IN THE CAR")
        assert (gone.state, needless.state) == ("accepted", "accepted")
        [row] = await stage.rows("select number, person, ori, rule, at, due_at from emergency")
        assert tuple(row)[:4] == (gone.number, DESK.person, POLICE, "own-affairs")
        assert row["due_at"] - row["at"] == timedelta(hours=24)
        entry = (await stage.journal(gone.number))[0]
        assert entry.detail["gave_way"] == "own-affairs"
        assert "EMG/CHILD IN THE CAR" in str(entry.detail["text"])


def serving(serves: tuple[str, ...], served: Agreement = ALL_FILES) -> Directory:
    """The directory in which the desk's agency asks for others too."""
    agencies = [
        msgspec.structs.replace(one, serves=serves)
        if one.ori == POLICE
        else msgspec.structs.replace(one, agreed_files=served.files, agreed_until=served.until)
        for one in DIRECTORY.agencies.values()
    ]
    return Directory(agencies, DIRECTORY.terminals.values())


async def test_AC_3_who_asks_for_other_agencies_names_for_which(stage: Stage) -> None:
    async with stage.running() as switch:
        alone = await send(stage, switch, f"{BROAD}.OBA/{SHERIFF}")
        assert (alone.state, alone.rule) == ("refused", "served-known")
        assert (await send(stage, switch, f"{BROAD}.OBA/{POLICE}")).state == "accepted"

        switch.directory = serving((SHERIFF,))
        unnamed = await send(stage, switch, BROAD)
        assert (unnamed.state, unnamed.rule) == ("refused", "served-named")
        assert len(await stage.journal(unnamed.number)) == 1, "nobody was asked"
        other = await send(stage, switch, f"{BROAD}.OBA/{SCHOOL}")
        assert (other.state, other.rule) == ("refused", "served-known")
        for named in (SHERIFF, POLICE):
            gone = await send(stage, switch, f"{BROAD}.OBA/{named}")
            assert gone.state == "accepted"
            entry = (await stage.journal(gone.number))[0]
            assert entry.ori == POLICE, "who sends is who sends"
            assert isinstance(entry.detail["reason"], dict)
            assert entry.detail["reason"]["for_agency"] == named
        assert (await send(stage, switch, BROAD, OTHER)).state == "accepted", (
            "whoever is served asks as before"
        )


async def test_AC_3_for_another_agency_nobody_gets_what_that_one_may_not_have(stage: Stage) -> None:
    async with stage.running() as switch:
        switch.directory = serving((SHERIFF,), Agreement(files=("boat",)))
        limited = await send(stage, switch, f"{BROAD}.OBA/{SHERIFF}")
        assert (limited.state, limited.rule) == ("refused", "agreement")
        assert (await send(stage, switch, f"{BROAD}.OBA/{POLICE}")).state == "accepted"
        switch.directory = serving((SHERIFF,), Agreement(until=stage.clock()))
        ended = await send(stage, switch, f"{BROAD}.OBA/{SHERIFF}")
        assert (ended.state, ended.rule) == ("refused", "agreement")


async def test_AC_21_without_an_agreement_nobody_of_an_agency_sends_anything(stage: Stage) -> None:
    def agreed(agreement: Agreement) -> Directory:
        agencies = [
            msgspec.structs.replace(one, agreed_files=agreement.files, agreed_until=agreement.until)
            if one.ori == POLICE
            else one
            for one in DIRECTORY.agencies.values()
        ]
        return Directory(agencies, DIRECTORY.terminals.values())

    async with stage.running() as switch:
        switch.directory = agreed(Agreement(until=stage.clock() + timedelta(minutes=1)))
        assert (await send(stage, switch, BROAD)).state == "accepted"
        stage.clock.now += timedelta(minutes=1)
        ended = await send(stage, switch, BROAD)
        assert (ended.state, ended.rule) == ("refused", "agreement")
        switch.directory = agreed(Agreement(files=tuple(file.code for file in CATALOGUE.forms["QV"].files)))
        assert (await send(stage, switch, BROAD)).state == "accepted"
        assert (await send(stage, switch, "QG.SER/ZZ9900")).rule == "agreement"
        switch.directory = Directory((), DIRECTORY.terminals.values())
        assert (await send(stage, switch, BROAD)).rule == "agreement"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (BROAD, ""),
        (car(), "desk-only"),
        ("XV.FCN/0992632700001", "desk-only"),
        ("QMH.NAM/TESTCASE, JANE.DOB/19900101.RSN/GUN TRACE", "desk-only"),
        ("AM.TO/REG-1.SUB/BOLO.TXT/LOOK OUT FOR A BLUE TRUCK", "desk-only"),
        ("AM.TO/Z002.TXT/HELLO", ""),
        ("LV.FCN/0992632700001.DOL/20260302.LCA/99-1", ""),
    ],
)
async def test_what_a_car_may_not_do(stage: Stage, text: str, rule: str) -> None:
    async with stage.running() as switch:
        receipt = await send(stage, switch, text, CAR)
        assert receipt.state in ("accepted", "faulty") if not rule else receipt.state == "refused", receipt
        assert receipt.rule == rule


async def test_other_rules_count_from_the_next_message_on(stage: Stage) -> None:
    closed = built_in() + '@id("none") @sentence("Nobody asks today.") forbid(principal, action, resource);'
    async with stage.running() as switch:
        assert (await send(stage, switch, BROAD)).state == "accepted"
        switch.rulebook = Rulebook(Policies(closed))
        receipt = await send(stage, switch, BROAD)
        assert (receipt.state, receipt.rule, receipt.reason) == ("refused", "none", "Nobody asks today.")
        [entry] = await stage.journal(receipt.number)
        assert entry.detail["policy"] == Policies(closed).digest != usual().digest
