"""Claims about the records of all files: they agree with the people, with each other and with other holders."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from itertools import chain
from random import Random

import pytest

from tests.catalog.inventing import with_bicycles
from wireroom.catalog.file import Field, File, Source
from wireroom.catalog.index import NUMBERED_BY, Catalogue
from wireroom.catalog.kinds import Text
from wireroom.catalog.kinds_of_order import person
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.rules import Needs, NotBefore, OneOf, OnlyWith, Together
from wireroom.lab.filling import filled
from wireroom.lab.invented import Invented
from wireroom.lab.population import State
from wireroom.lab.telling import derived, valued
from wireroom.message.envelope import Message
from wireroom.message.read import read
from wireroom.message.write import write
from wireroom.records.deriving import _fields
from wireroom.records.forwarding import concerns
from wireroom.records.hold import Held

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CATALOGUE = Catalogue()


@pytest.fixture(scope="module")
def records() -> list[Invented]:
    return list(chain.from_iterable(State(20_000, 5, TODAY).stream()))


def held(record: Invented) -> Held:
    """A record as its holder has it."""
    return Held(
        file=record.file, id=1, number=record.number, owner=record.owner, status="active", version=1, test=False,
        changed_at=NOW, entered_at=NOW, entered_by="", checked_by="", validate_on=None, stored="",
        fields=record.fields,
    )  # fmt: skip


# --------------------------------------------------------------------------- what other holders were told


def test_others_have_what_forwarding_would_have_told_them_and_nothing_else(records: list[Invented]) -> None:
    there = {(one.source, one.file, one.number): one for one in records}
    told = 0
    for record in records:
        if record.source is not Source.STATE:
            continue
        file = CATALOGUE.files[record.file]
        forwards = [one for one in file.forwards if concerns(one, held(record))]
        assert [source for source, _ in record.copies] == [one.to for one in forwards], record
        for forward, (source, number) in zip(forwards, record.copies, strict=True):
            copy = there[source, forward.file or file.code, number]
            chosen = forward.fields or [field.code for field in file.fields]
            assert sorted(copy.fields) == sorted(pair for pair in record.fields if pair[0] in chosen)
            assert copy.life == (("FCN", record.number),)
            assert copy.owner == record.owner
            if NUMBERED_BY.get(source) == "NIC":
                assert record.life == (("NIC", number),)
            told += 1
    assert told == sum(("FCN" in dict(record.life)) for record in records)
    assert told > 500


def test_who_has_a_gun_and_may_have_none_is_derived_and_nobody_else(records: list[Invented]) -> None:
    state = {one.number: one for one in records if one.source is Source.STATE and one.number}
    armed = [one for one in records if one.file == "armed"]
    assert armed
    behind_any: set[str] = set()
    for one in armed:
        behind = [state[number] for number in valued(one.fields)["LNK"]]
        behind_any.update(record.number for record in behind)
        names = {dict(record.fields)["NAM"] for record in behind}
        assert len({dict(record.fields)["DOB"] for record in behind}) == len(names) == 1
        rule = CATALOGUE.files["armed"].derived
        assert rule is not None
        pairs = [(CATALOGUE.files[record.file], held(record)) for record in behind]
        assert one.fields == _fields(CATALOGUE.files["armed"], rule, pairs)
        assert one.fields == derived([(file, record.number, record.fields) for file, record in pairs])
    buyers = {
        (dict(one.fields)["NAM"], dict(one.fields)["DOB"]): one
        for one in state.values()
        if one.file == "gun_history"
    }
    for number, record in state.items():
        file, fields = CATALOGUE.files[record.file], dict(record.fields)
        barred = any(all(when.holds(valued(record.fields)) for when in one.when) for one in file.prohibits)
        if barred and (fields["NAM"], fields.get("DOB", "")) in buyers:
            assert number in behind_any, record


# --------------------------------------------------------------------------- people and things


def test_a_stolen_gun_was_bought_and_a_stolen_boat_is_registered(records: list[Invented]) -> None:
    sold = {dict(one.fields)["SER"]: dict(one.fields) for one in records if one.file == "gun_history"}
    stolen = [dict(one.fields) for one in records if one.file == "gun" and one.source is Source.STATE]
    assert sum(gun["SER"] in sold for gun in stolen) > len(stolen) / 2
    for gun in stolen:
        if gun["SER"] in sold:
            assert sold[gun["SER"]]["NAM"] == gun["NAM"]
            assert sold[gun["SER"]]["MAK"] == gun["MAK"]
    registered = {dict(one.fields)["REG"] for one in records if one.file == "vessel"}
    assert all(
        dict(one.fields)["REG"] in registered
        for one in records
        if one.file == "stop" and "REG" in dict(one.fields)
    )


def test_a_person_is_the_same_in_every_record(records: list[Invented]) -> None:
    home: dict[tuple[str, str], str] = {}
    for one in records:
        fields = dict(one.fields)
        if one.file == "licence":
            home[fields["NAM"], fields["DOB"]] = fields["ADR"]
    seen: Counter[str] = Counter()
    for one in records:
        fields = dict(one.fields)
        who = (fields.get("NAM", ""), fields.get("DOB", ""))
        if one.source is Source.STATE and "ADR" in fields and who in home:
            assert fields["ADR"] == home[who], one
            seen[one.file] += 1
    assert all(seen[file] for file in ("supervised", "registrant", "order", "gun_history"))


def test_most_orders_protect_somebody_of_the_same_household(records: list[Invented]) -> None:
    orders = [valued(one.fields) for one in records if one.file == "order" and one.source is Source.STATE]
    protected = [(order["NAM"][0], person(value)) for order in orders for value in order.get("PPN", ())]
    assert sum(one.household == "Y" for _, one in protected) > len(protected) / 2
    assert all(name != one.name for name, one in protected)


def test_points_add_up_and_who_lost_the_licence_was_told_why(records: list[Invented]) -> None:
    for one in records:
        if one.file != "driver_history":
            continue
        given = valued(one.fields)
        total = sum(int(line.split("PT ")[0][-1]) for line in given["CNV"])
        assert int(given["PTS"][0]) <= int(given["PT2"][0]) <= int(given["PT3"][0]) <= total
        assert ("ACT" in given) is (given["STA"][0] in ("SUSPENDED", "REVOKED"))


def test_nobody_answers_for_what_a_child_did(records: list[Invented]) -> None:
    seen = Counter[str]()
    for one in records:
        given = valued(one.fields)
        if "DOB" not in given:
            continue
        born = int(given["DOB"][0])
        for code in ("SDT", "ORD", "DCV", "DTR", "DNT", "CNV"):
            for value in given.get(code, ()):
                assert int(value[:8]) - born >= 15_0000, one
                seen[code] += 1
    assert len(seen) == 6


def test_nobody_reads_where_a_few_officers_live(records: list[Invented]) -> None:
    officers = [one for one in records if "CNF" in dict(one.fields)]
    assert {one.file for one in officers} == {"licence", "registration"}
    licences = [one for one in officers if one.file == "licence"]
    assert 5 <= len(licences) <= 30


def test_a_gang_member_is_of_a_gang_that_is_known(records: list[Invented]) -> None:
    for source in (Source.STATE, Source.NCIC):
        known = {
            dict(one.fields)["GNG"] for one in records if one.file == "gang_group" and one.source is source
        }
        home = [one for one in records if one.file == "gang_member" and one.source is Source.STATE]
        assert {dict(one.fields)["GNG"] for one in home} <= known


# --------------------------------------------------------------------------- files that nobody told the lab of


def test_a_local_file_gets_records_and_the_others_stay_as_they_are(records: list[Invented]) -> None:
    catalogue = with_bicycles()
    state = State(20_000, 5, TODAY, catalogue.files.values())
    more = list(chain.from_iterable(state.stream()))
    bicycles = [one for one in more if one.file == "bicycle"]
    assert len(bicycles) >= 5
    for one in bicycles:
        reading = read(write(Message("EBI", one.fields)), catalogue, ori="CA0990100", today=TODAY)
        assert reading.message is not None, reading.faults
    assert {one.fields for one in records} <= {one.fields for one in more}


def test_a_record_is_filled_up_until_its_rules_hold() -> None:
    text, day = Text(max=10, index="OCA"), Day()
    file = File(
        code="things", title="Things", held_by=(Source.STATE,), inquire="QZZ", enter="EZZ", found_by=(("AA",),),
        fields=(
            Field("AA", "a", text), Field("BB", "b", text), Field("CC", "c", day), Field("DD", "d", day),
            Field("EE", "e", text), Field("FF", "f", text),
        ),
        rules=(
            OneOf((("AA",), ("BB", "EE"))), Together(("BB", "FF")), NotBefore("DD", "CC"), Needs("AA", ("X",), "BB"),
            OnlyWith("EE", "AA", ("X",)),
        ),
    )  # fmt: skip
    for seed in range(30):
        fields = filled(
            file, {"AA": "X", "CC": "20260101", "DD": "20250101", "EE": "HERE"}, Random(seed), TODAY
        )
        assert [rule for rule in file.rules if rule.check(valued(fields))] == []
        assert {"BB", "FF", "EE"} <= set(dict(fields))
    assert "EE" not in dict(filled(file, {"AA": "Y", "EE": "HERE"}, Random(1), TODAY))


def test_what_stands_on_an_order_is_of_that_orders_agency(records: list[Invented]) -> None:
    state = {one.number: one for one in records if one.source is Source.STATE and one.number}
    several = [one for one in records if one.file == "confidential"]
    assert several
    for one in several:
        below = state[dict(one.fields)["OFN"]]
        assert (below.file, below.owner) == ("order", one.owner)
    assert len({dict(one.fields)["OFN"] for one in several}) == len(several)
