"""Claims about variants: names that stand for one another are known in both directions, in letters that tokens have."""

from __future__ import annotations

import pytest

from wireroom.records.matching.variants import Kin, variants


@pytest.mark.parametrize(
    ("one", "other"),
    [("ROBERT", "BOB"), ("WILLIAM", "BILL"), ("ELIZABETH", "BETTY"), ("JOSE", "PEPE"), ("FRANCISCO", "PACO"),
     ("ALEKSANDR", "SASHA"), ("MARIA", "MASHA")],
)  # fmt: skip
def test_a_familiar_name_and_its_formal_one_know_each_other(one: str, other: str) -> None:
    given = variants().given
    assert given[one][other] == given[other][one] <= Kin.NICKNAME


def test_familiar_names_of_one_formal_name_are_weaker_relatives() -> None:
    assert variants().given["BILLY"]["WILL"] >= Kin.NICKNAME


@pytest.mark.parametrize(("one", "other"), [("MUHAMMAD", "MOHAMED"), ("AHMED", "AHMAD")])
def test_romanisations_of_a_given_name_are_spellings_of_it(one: str, other: str) -> None:
    assert variants().given[one][other] is Kin.SPELLING


def test_romanisations_of_a_last_name_are_spellings_of_it() -> None:
    last = variants().last
    assert last["ZHANG"]["CHANG"] is Kin.SPELLING
    assert last["NGUYEN"] or last["LI"]


def test_every_relation_holds_both_ways() -> None:
    for names in (variants().given, variants().last):
        for name, kin in names.items():
            assert name not in kin
            assert all(names[other][name] == how for other, how in kin.items())
