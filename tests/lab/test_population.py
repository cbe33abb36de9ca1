"""Claims about the invented state: it is always the same, nobody is in it, and the catalogue reads it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wireroom.catalog.file import File, Source
from wireroom.catalog.index import Catalogue
from wireroom.catalog.kinds_of_person import parts
from wireroom.catalog.tables import table
from wireroom.lab.invented import Invented
from wireroom.lab.names import rows
from wireroom.lab.people import Person
from wireroom.lab.population import PEOPLE_MAX, State, examples
from wireroom.lab.telling import valued
from wireroom.message.envelope import Message
from wireroom.message.read import read
from wireroom.message.write import write

TODAY = date(2026, 11, 23)
SEED = 7
PEOPLE = 65_000
CATALOGUE = Catalogue()
ORI = "CA0990100"


@pytest.fixture(scope="module")
def state() -> State:
    return State(PEOPLE, SEED, TODAY)


@pytest.fixture(scope="module")
def records(state: State) -> list[Invented]:
    return list(chain.from_iterable(state.stream()))


def everything(state: State, chunk: int) -> list[Invented]:
    return list(chain.from_iterable(state.stream(chunk)))


def values(records: list[Invented], source: Source, *codes: str) -> list[str]:
    return [
        value
        for record in records
        if record.source is source
        for code, value in record.fields
        if code in codes
    ]


# --------------------------------------------------------------------------- the same again


@settings(max_examples=8, deadline=None)
@given(st.integers(100, 2_500), st.integers(0, 2**32), st.integers(1, 3_000), st.integers(50, 3_000))
def test_the_size_of_the_chunks_does_not_matter(people: int, seed: int, one: int, other: int) -> None:
    state = State(people, seed, TODAY)
    assert everything(state, one) == everything(state, other)


def test_a_chunk_has_the_size_that_was_asked_for() -> None:
    sizes = [len(chunk) for chunk in State(3_000, SEED, TODAY).stream(1_000)]
    assert sizes[:-1] == [1_000] * (len(sizes) - 1)
    assert 0 < sizes[-1] <= 1_000


def test_another_seed_gives_other_people() -> None:
    assert everything(State(200, 1, TODAY), 100) != everything(State(200, 2, TODAY), 100)


def test_a_larger_state_begins_with_the_people_of_a_smaller_one(state: State) -> None:
    assert state.block(3) == State(9_000, SEED, TODAY).block(3)


def test_the_state_of_this_seed_stays_as_it_is_from_one_version_to_the_next() -> None:
    found = examples(State(1_000, 1, TODAY))
    assert (found.stolen_plate, found.clean_licence) == ("4YYQ639", "X1371291")
    assert found.wanted_name == "VIEIRA, DAVID NICHOLAS"


def test_one_holder_alone_has_what_it_has_among_all() -> None:
    state = State(2_000, SEED, TODAY)
    whole = everything(state, 500)
    for source in Source:
        alone = list(chain.from_iterable(state.stream(500, sources=(source,))))
        assert alone == [record for record in whole if record.source is source]


def test_progress_is_told_up_to_the_last_person() -> None:
    told: list[tuple[int, int]] = []
    for _ in State(2_500, SEED, TODAY).stream(progress=lambda done, of: told.append((done, of))):
        pass
    assert told == [(1_000, 2_500), (2_000, 2_500), (2_500, 2_500)]


@pytest.mark.parametrize("people", [0, 99, PEOPLE_MAX + 1])
def test_a_state_too_small_or_too_large_is_refused(people: int) -> None:
    with pytest.raises(ValueError, match="people"):
        State(people, SEED, TODAY)


# --------------------------------------------------------------------------- nobody is in it


def test_no_number_is_given_twice(records: list[Invented]) -> None:
    for file, code in (
        ("registration", "LIC"),
        ("registration", "VIN"),
        ("licence", "OLN"),
        ("vessel", "REG"),
        ("vessel", "BHN"),
        ("parking", "CIT"),
        ("gun_history", "SER"),
        ("article", "SER"),
    ):
        for source in Source:
            found = values([one for one in records if one.file == file], source, code)
            assert len(set(found)) == len(found), f"{code} of {file} at {source}"
    assert len(values(records, Source.DMV, "LIC")) > 50_000
    for source in (Source.STATE, Source.NCIC):
        numbers = [record.number for record in records if record.source is source and record.file != "armed"]
        assert len(set(numbers)) == len(numbers)


def test_nobody_shares_a_number_with_another(records: list[Invented]) -> None:
    for code in ("SOC", "OLN", "CII"):
        known: dict[str, tuple[str, str]] = {}
        for record in records:
            fields = dict(record.fields)
            if code in fields and "DOB" in fields:
                who = (fields["NAM"], fields["DOB"])
                assert known.setdefault(fields[code], who) == who, (code, record)


def test_every_plate_is_of_a_series_that_was_never_issued(records: list[Invented]) -> None:
    here = re.compile(r"[1-9]([A-Z]{3})[0-9]{3}")
    for record in records:
        fields = dict(record.fields)
        plate = fields.get("LIC", "")
        if not plate:
            continue
        if fields.get("LIS", "CA") != "CA":
            assert re.fullmatch(r"ZZQ[0-9]{6}", plate), record
        elif fields.get("LIT") == "AP":
            assert re.fullmatch(r"ZZR[0-9]{6}", plate), record
        else:
            found = here.fullmatch(plate)
            assert found, plate
            assert set("IOQ") & {found[1][0], found[1][2]}, plate


def test_every_thing_and_every_boat_has_a_number_that_none_can_have(records: list[Invented]) -> None:
    for source in Source:
        assert all(re.fullmatch(r"ZZ[0-9]{7}", one) for one in values(records, source, "SER", "CIT", "OCN"))
        boats = values(records, source, "REG")
        assert all(re.fullmatch(r"CFQ[0-9]{6}|ZZ[0-9]{7}", one) for one in boats)
        assert all(re.fullmatch(r"H[5-9][0-9]{7}", one) for one in values(records, source, "CII"))


def test_every_vin_is_of_a_maker_in_no_region_of_the_world(records: list[Invented]) -> None:
    assert all(vin.startswith("0WR") for source in Source for vin in values(records, source, "VIN"))


def test_every_social_security_number_is_of_an_area_that_nobody_has(records: list[Invented]) -> None:
    numbers = values(records, Source.STATE, "SOC") + values(records, Source.NCIC, "SOC")
    assert all(number.startswith("9") and 1 <= int(number[3:5]) <= 49 for number in numbers)


def test_every_agency_is_in_a_county_that_does_not_exist(state: State, records: list[Invented]) -> None:
    oris = [agency.ori for agency in State(PEOPLE_MAX, SEED, TODAY).agencies]
    assert len(set(oris)) == len(oris)
    assert oris[0] == "CA0990100"
    assert all(ori.startswith("CA") and 59 <= int(ori[2:5]) <= 99 and len(ori) == 9 for ori in oris)
    for record in records:
        if record.owner.startswith("CA"):
            assert 59 <= int(record.owner[2:5]) <= 99
        elif record.source is Source.NLETS:
            assert record.owner == f"{dict(record.fields).get('OLS') or dict(record.fields)['LIS']}NLETS99"
        else:
            assert record.owner[2:5] == "ZZZ"
            assert record.source is Source.NCIC


def test_every_agency_has_one_default_terminal_and_no_mnemonic_stands_twice() -> None:
    state = State(PEOPLE_MAX, SEED, TODAY)
    assert len(state.agencies) >= 4_000
    mnemonics = [terminal.mnemonic for terminal in state.terminals]
    assert len(set(mnemonics)) == len(mnemonics)
    assert all(re.fullmatch(r"Z[0-9A-Z]{3}", mnemonic) for mnemonic in mnemonics)
    defaults = Counter(terminal.ori for terminal in state.terminals if terminal.default)
    assert defaults == Counter(agency.ori for agency in state.agencies)
    assert any(terminal.mobile for terminal in state.terminals)
    assert len({agency.name for agency in state.agencies}) == len(state.agencies)


def test_a_small_state_has_eight_agencies() -> None:
    assert len(State(100, SEED, TODAY).agencies) == 8


def test_nobody_lives_where_mail_is_delivered(records: list[Invented]) -> None:
    assert all("00989" <= code <= "00999" for code in values(records, Source.DMV, "ZIP"))


def test_other_states_have_whom_and_what_ncic_knows_by_their_numbers(records: list[Invented]) -> None:
    there = {
        r.number: dict(r.fields) for r in records if r.source is Source.NLETS and r.file != "driver_history"
    }
    states = table("nlets_destination")
    seen = 0
    for record in records:
        fields = dict(record.fields)
        if record.source is Source.NCIC and fields.get("OLS") in states and {"OLN", "DOB"} <= fields.keys():
            held = there[fields["OLN"]]
            assert (held["NAM"], held["DOB"], held["OLS"]) == (fields["NAM"], fields["DOB"], fields["OLS"])
            seen += 1
        elif record.source is Source.NCIC and record.file == "vehicle" and fields.get("LIS") in states:
            held = there[fields["LIC"]]
            assert (held["VIN"], held["LIS"]) == (fields["VIN"], fields["LIS"])
            seen += 1
    assert seen > 500


# --------------------------------------------------------------------------- the catalogue reads it


@pytest.mark.parametrize("today", [TODAY, date(2028, 2, 29), date(2027, 1, 1)])
def test_every_value_is_canonical_and_in_its_place(today: date) -> None:
    for record in everything(State(1_500, SEED, today), 1_000):
        file = CATALOGUE.files[record.file]
        order = [field.code for field in file.fields]
        places = [order.index(code) for code, _ in record.fields]
        assert places == sorted(places), record
        for code, value in record.fields:
            assert file.field(code).kind.read(value, today) == value, (code, value, record)


def key_of(file: File, fields: tuple[tuple[str, str], ...]) -> str:
    """The key by which an agency would have entered such a record; empty where nobody enters into its file."""
    fitting = [one for one in file.enters if set(one.says) <= set(fields)]
    return max(fitting, key=lambda one: len(one.says)).key if fitting else ""


def test_the_reader_takes_every_record_that_can_be_entered(records: list[Invented]) -> None:
    seen: Counter[str] = Counter()
    catalogues = {source: CATALOGUE.of(source) for source in Source}
    for record in records:
        file = CATALOGUE.files[record.file]
        if not file.enters:
            continue
        key = key_of(file, record.fields)
        text = write(Message(key, record.fields))
        reading = read(text, catalogues[record.source], ori=ORI, today=TODAY)
        assert reading.message is not None, (record, reading.faults)
        assert reading.message.fields == record.fields
        seen[record.file] += 1
    assert set(seen) == {code for code, file in CATALOGUE.files.items() if file.enters}


def test_what_nobody_enters_obeys_its_file_as_well(records: list[Invented]) -> None:
    for record in records:
        file = CATALOGUE.files[record.file]
        if file.enters:
            continue
        given = valued(record.fields)
        assert [rule.words for rule in file.rules if rule.check(given)] == [], record
        assert all(field.code in given for field in file.fields if field.required), record
        assert all(len(several) <= file.field(code).many for code, several in given.items()), record


@pytest.mark.parametrize("people", [100, 1_000, 20_000])
def test_everybody_holds_records_of_every_file(people: int) -> None:
    held = {(record.source, record.file) for record in everything(State(people, SEED, TODAY), 5_000)}
    for file in CATALOGUE.files.values():
        # The state's records of stored and found things are not told, and those of agencies are the directory's.
        assert {(source, file.code) for source in file.held_by} <= held | {(Source.NCIC, "wanted")}


def test_every_number_of_a_record_is_read_by_its_kind(records: list[Invented]) -> None:
    forms = {form.key: form for form in CATALOGUE.forms.values()}
    kinds = {code: forms["QV"].field(code) for code in ("FCN", "NIC")}
    for record in records:
        if record.source in (Source.DMV, Source.NLETS):
            assert record.number in dict((*record.fields, *record.life)).values()
            continue
        if not record.number:
            assert record.file == "armed"
            continue
        field = kinds["FCN" if record.source is Source.STATE else "NIC"]
        assert field is not None
        assert field.kind.read(record.number, TODAY) == record.number
        if record.source is Source.NCIC:
            assert record.number[0] == CATALOGUE.files[record.file].letter


def test_no_file_number_is_of_today(records: list[Invented]) -> None:
    days = {record.number[3:8] for record in records if record.source is Source.STATE and record.number}
    assert f"{TODAY:%y%j}" not in days


def test_every_model_is_in_the_code_tables() -> None:
    for row in rows("vehicle_models"):
        assert row["make"] in table("vehicle_make")
        assert row["model"] in table("vehicle_model") or row["model"].isalnum()
        assert row["style"] in table("vehicle_style")


def test_the_shipped_lists_are_ascii_and_have_no_blanks() -> None:
    for name in ("us_surnames", "ca_first_names", "vehicle_models"):
        for row in rows(name):
            assert all(value and value == value.strip() and value.isascii() for value in row.values()), row


# --------------------------------------------------------------------------- it looks like a state


def adults_and_people(state: State) -> tuple[int, int]:
    blocks = [state.block(index) for index in range(10)]
    return sum(len(block.adults) for block in blocks), sum(len(block.people) for block in blocks)


def test_shares_are_as_they_should_be(state: State, records: list[Invented]) -> None:
    count = Counter((record.source, record.file) for record in records)
    adults, people = adults_and_people(state)
    share_of_adults = adults / people
    assert 0.70 < share_of_adults < 0.85
    assert count[Source.DMV, "registration"] == state.vehicles == PEOPLE * 8 // 10
    assert count[Source.DMV, "licence"] == state.licences
    assert 0.70 < state.licences / (PEOPLE * share_of_adults) < 0.80
    assert 0.007 < count[Source.STATE, "wanted"] / (PEOPLE * share_of_adults) < 0.011
    assert 0.0045 < count[Source.STATE, "vehicle"] / state.vehicles < 0.0075
    assert 0.002 < count[Source.STATE, "plate"] / state.vehicles < 0.004
    for file, low, high in (
        ("supervised", 4.5, 6.5), ("registrant", 1.8, 2.8), ("order", 2.4, 3.6), ("gun_history", 18, 22),
        ("gun", 1.1, 1.9), ("pawn", 2.0, 3.0), ("mental", 0.7, 1.5), ("armed", 0.1, 1.0),
    ):  # fmt: skip
        assert low < 1_000 * count[Source.STATE, file] / PEOPLE < high, file
    assert 25 < 1_000 * count[Source.DMV, "driver_history"] / PEOPLE < 70
    assert 10 < 1_000 * count[Source.NLETS, "licence"] / PEOPLE < 30
    assert 5 < 1_000 * count[Source.NLETS, "registration"] / PEOPLE < 15
    assert any(not record.owner.startswith("CA") for record in records)


def test_common_names_are_common_and_given_names_fit_the_decade(state: State) -> None:
    people: list[Person] = []
    for index in range(30):
        people.extend(state.block(index).people)
    surnames = Counter(parts(person.name)[0] for person in people)
    assert {"GARCIA", "HERNANDEZ", "SMITH"} & {name for name, _ in surnames.most_common(8)}
    old = {parts(person.name)[1] for person in people if person.born < "19450101"}
    young = {parts(person.name)[1] for person in people if person.born > "20150101"}
    assert "BARBARA" in old - young
    assert "MIA" in young - old


def test_households_share_a_surname_and_an_address(state: State) -> None:
    homes: dict[object, list[str]] = {}
    for person in state.block(1).people:
        homes.setdefault(person.home, []).append(parts(person.name)[0])
    together = [surnames for surnames in homes.values() if len(surnames) > 1]
    alike = [surnames for surnames in together if len(set(surnames)) == 1]
    assert len(alike) > len(together) / 2


def test_some_of_the_wanted_have_aliases(records: list[Invented]) -> None:
    wanted = [record for record in records if record.source is Source.STATE and record.file == "wanted"]
    with_alias = [record for record in wanted if "AKA" in dict(record.fields)]
    assert 0.1 < len(with_alias) / len(wanted) < 0.35
    for record in with_alias:
        fields = dict(record.fields)
        assert fields["AKA"] != fields["NAM"]


# --------------------------------------------------------------------------- the demo's examples


@pytest.mark.parametrize(("people", "seed"), [(100, 1), (1_000, 2), (1_000, 3), (5_000, 4)])
def test_the_examples_find_what_they_promise(people: int, seed: int) -> None:
    state = State(people, seed, TODAY)
    found = examples(state)
    records = everything(state, 1_000)
    stolen = {value for record in records if record.file != "licence" for _, value in record.fields}
    assert stolen

    def where(value: str) -> set[tuple[Source, str]]:
        return {(record.source, record.file) for record in records if value in dict(record.fields).values()}

    assert where(found.stolen_plate) >= {(Source.STATE, "vehicle"), (Source.NCIC, "vehicle")}
    assert where(found.clean_plate) == {(Source.DMV, "registration")}
    assert not where(found.absent_plate)
    assert where(found.wanted_name) >= {(Source.STATE, "wanted"), (Source.NCIC, "wanted")}
    wanted = next(
        r for r in records if r.source is Source.STATE and found.wanted_name in dict(r.fields).values()
    )
    assert {("DOB", found.wanted_born), ("SEX", found.wanted_sex), ("CMC", "00")} <= set(wanted.fields)
    assert where(found.clean_licence) == {(Source.DMV, "licence")}
    assert where(found.gun_serial) == {
        (Source.STATE, "gun"), (Source.STATE, "gun_history"), (Source.NCIC, "gun")
    }  # fmt: skip
    gun = next(r for r in records if r.number == found.gun_number)
    assert (gun.source, gun.file, gun.owner) == (Source.STATE, "gun", found.gun_owner)
    assert found.gun_owner != ORI
    assert where(found.boat) == {
        (Source.STATE, "boat"), (Source.NCIC, "boat"), (Source.DMV, "vessel"), (Source.DMV, "stop")
    }  # fmt: skip
    assert where(found.supervised_name) >= {(Source.STATE, "supervised"), (Source.NCIC, "supervised")}
    assert where(found.armed_name) >= {(Source.STATE, "armed"), (Source.STATE, "gun_history")}
    assert where(found.driver) >= {(Source.DMV, "licence"), (Source.DMV, "driver_history")}
    assert where(found.other_licence) >= {(Source.NLETS, "licence")}
    assert {source for source, _ in where(found.other_licence)} == {Source.NLETS}
    other = next(r for r in records if r.number == found.other_licence)
    assert (dict(other.fields)["OLS"], other.owner) == (found.other_state, found.other_owner)
    assert ("NAM", found.clean_name) in next(r for r in records if r.number == found.clean_licence).fields


def test_a_plate_and_a_licence_follow_from_their_index(state: State, records: list[Invented]) -> None:
    assert [state.plate(index) for index in range(state.vehicles)] == [
        record.number for record in records if (record.source, record.file) == (Source.DMV, "registration")
    ]
    assert [state.licence(index) for index in range(state.licences)] == [
        record.number for record in records if (record.source, record.file) == (Source.DMV, "licence")
    ]
    registered = set(values(records, Source.DMV, "LIC"))
    assert state.plate(state.vehicles) not in registered
