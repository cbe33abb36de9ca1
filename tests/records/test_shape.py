"""Claims about the shape of a record: its JSON gives its fields again, and its index says no more than it must."""

from __future__ import annotations

import json
from datetime import date
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.switch.stage import CATALOGUE, VAULT
from wireroom.records.matching.keeping import called
from wireroom.records.shape import Fields, from_json, identifiers, merged, persons, to_json

WANTED = CATALOGUE.files["wanted"]


def invented(code: str, seed: int) -> Fields:
    """A record of a file with every field, repeated ones twice."""
    dice, file = Random(seed), CATALOGUE.files[code]
    return tuple(
        (field.code, value)
        for field in file.fields
        for value in dict.fromkeys(
            field.kind.invent(dice, date(2026, 3, 2)) for _ in range(min(field.many, 2))
        )
    )


@given(st.sampled_from(sorted(CATALOGUE.files)), st.integers(0, 10_000))
def test_fields_come_back_as_they_were(code: str, seed: int) -> None:
    file, fields = CATALOGUE.files[code], invented(code, seed)
    assert from_json(file, to_json(file, fields, VAULT), VAULT) == fields


def test_a_secret_stands_sealed_and_each_time_otherwise() -> None:
    fields = (("NAM", "TESTCASE, JANE"), ("SOC", "900112222"))
    one, two = (to_json(WANTED, fields, VAULT) for _ in range(2))
    assert "900112222" not in one
    assert one != two
    assert from_json(WANTED, one, VAULT) == from_json(WANTED, two, VAULT) == fields


def test_what_the_file_does_not_declare_is_kept_behind_it() -> None:
    fields = (("LOR", "CA0980100"), ("NAM", "TESTCASE, JANE"))
    assert from_json(WANTED, to_json(WANTED, fields, VAULT), VAULT) == (fields[1], fields[0])


def test_a_repeated_field_is_a_list_and_a_single_one_is_not() -> None:
    stored = json.loads(to_json(WANTED, (("AKA", "A, B"), ("AKA", "C, D"), ("SEX", "F")), VAULT))
    assert (stored["AKA"], stored["SEX"]) == (["A, B", "C, D"], "F")


def test_every_number_is_an_identifier_and_a_secret_one_a_hash() -> None:
    found = dict(
        identifiers(WANTED, (("OLN", "X1"), ("SOC", "900112222"), ("NAM", "A, B"), ("OCA", "9")), VAULT)
    )
    assert found == {"OLN": "X1", "SOC": VAULT.blind("SOC", "900112222"), "OCA": "9"}


def test_every_name_is_kept_with_the_birth_date_and_sex_of_the_record() -> None:
    fields = (("AKA", "EXAMPLE, MO"), ("NAM", "O'HARA-SMITH, ANN B JR"), ("SEX", "F"), ("DOB", "19900101"))
    assert persons(WANTED, fields) == (
        called("EXAMPLE", "MO", dob=19900101, sex="F"),
        called("O'HARA-SMITH", "ANN", "B", "JR", dob=19900101, sex="F"),
    )


def test_each_name_goes_with_each_birth_date_and_stands_once() -> None:
    names = [("NAM", "A, B"), ("AKA", "C, D"), ("AKA", "A, B")]
    found = persons(WANTED, (*names, ("DOB", "19900101"), ("DOB", "19910101"), ("SEX", "U")))
    assert found == tuple(
        called(*name, dob=dob) for name in (("A", "B"), ("C", "D")) for dob in (19900101, 19910101)
    )


def test_a_name_without_a_birth_date_is_kept_and_a_thing_has_no_name() -> None:
    assert persons(WANTED, (("NAM", "A, B"),)) == (called("A", "B"),)
    assert persons(CATALOGUE.files["vehicle"], (("LIC", "7QQQ001"),)) == ()


@given(st.integers(0, 1_000), st.integers(0, 1_000))
def test_new_fields_take_the_place_of_the_old_in_the_files_order(seed: int, other: int) -> None:
    old, new = invented("wanted", seed), invented("wanted", other)[3:8]
    found = merged(WANTED, old, new)
    changed = {code for code, _ in new}
    assert {pair for pair in found if pair[0] in changed} == set(new)
    assert {pair for pair in found if pair[0] not in changed} == {
        pair for pair in old if pair[0] not in changed
    }
    order = [field.code for field in WANTED.fields]
    places = [order.index(code) for code, _ in found]
    assert places == sorted(places)
