"""Claims about rules: what one field demands of another, and the words for it."""

from __future__ import annotations

import pytest

from wireroom.catalog.rules import (
    AtLeastOne,
    Elsewhere,
    Excludes,
    Needs,
    NotBefore,
    OneOf,
    OnlyWith,
    Rule,
    RuleBase,
    Together,
    Values,
)

VIN_OR_PLATE = OneOf((("LIC", "LIS"), ("VIN",)))
CHANGE = AtLeastOne(("LIC", "VIN"))
TOGETHER = Together(("LIC", "LIS"))
NEEDS = Needs("CMC", ("01", "02"), "MIS")
NOT_BEFORE = NotBefore("DOW", "DOB")
ONLY = OnlyWith("SVD", "SVC", ("1", "9"))
ELSEWHERE = Elsewhere(
    "OLS", "nlets_destination", ways=(("OLN",), ("NAM",)), sets=(("OLN",), ("NAM", "DOB", "SEX"))
)
EXCLUDES = Excludes("BRA", ("PART",), "PCT", ("EN", "TN"))


@pytest.mark.parametrize(
    ("rule", "values", "faults"),
    [
        (VIN_OR_PLATE, {"VIN": ("X",)}, ()),
        (VIN_OR_PLATE, {"LIC": ("X",), "LIS": ("CA",)}, ()),
        (VIN_OR_PLATE, {"LIC": ("X",)}, (("LIC", "is missing: give LIC with LIS or VIN"),)),
        (VIN_OR_PLATE, {}, (("LIC", "is missing: give LIC with LIS or VIN"),)),
        (CHANGE, {"VIN": ("X",)}, ()),
        (CHANGE, {}, (("LIC", "is missing like all others: give this or another field to change"),)),
        (TOGETHER, {}, ()),
        (TOGETHER, {"LIC": ("X",), "LIS": ("CA",)}, ()),
        (TOGETHER, {"LIS": ("CA",)}, (("LIC", "is missing: it goes with LIS"),)),
        (NEEDS, {}, ()),
        (NEEDS, {"CMC": ("05",)}, ()),
        (NEEDS, {"CMC": ("05", "02"), "MIS": ("WHY",)}, ()),
        (NEEDS, {"CMC": ("05", "02")}, (("MIS", "is missing: CMC 02 must be explained in it"),)),
        (NOT_BEFORE, {"DOW": ("20200101",)}, ()),
        (NOT_BEFORE, {"DOB": ("20200101",)}, ()),
        (NOT_BEFORE, {"DOW": ("20200101",), "DOB": ("20200101",)}, ()),
        (NOT_BEFORE, {"DOW": ("19991231",), "DOB": ("20200101",)}, (("DOW", "is before DOB"),)),
        (NOT_BEFORE, {"DOW": ("NONEXP",), "DOB": ("20200101",)}, ()),
        (ONLY, {"SVC": ("2",)}, ()),
        (ONLY, {"SVC": ("1",), "SVD": ("20200101",)}, ()),
        (ONLY, {"SVC": ("2", "9"), "SVD": ("20200101",)}, ()),
        (ONLY, {"SVC": ("",), "SVD": ("20200101",)}, ()),
        (ONLY, {"SVC": ("2",), "SVD": ("20200101",)}, (("SVD", "stands only where SVC is 1 or 9"),)),
        (ONLY, {"SVD": ("20200101",)}, (("SVD", "stands only where SVC is 1 or 9"),)),
        (ELSEWHERE, {"NAM": ("X",)}, ()),
        (ELSEWHERE, {"NAM": ("X",), "OLS": ("CA",)}, ()),
        (ELSEWHERE, {"NAM": ("X",), "OLS": ("ON",)}, ()),
        (ELSEWHERE, {"FCN": ("X",), "OLS": ("NV",)}, ()),
        (ELSEWHERE, {"OLN": ("X",), "OLS": ("NV",)}, ()),
        (ELSEWHERE, {"NAM": ("X",), "DOB": ("X",), "SEX": ("F",), "OLS": ("NV",)}, ()),
        (
            ELSEWHERE,
            {"NAM": ("X",), "DOB": ("X",), "OLS": ("CA", "NV")},
            (("SEX", "is missing: NV is asked by OLN or NAM, DOB and SEX"),),
        ),
        (EXCLUDES, {"BRA": ("PART",), "PCT": ("HW",)}, ()),
        (EXCLUDES, {"BRA": ("FORD",), "PCT": ("EN",)}, ()),
        (EXCLUDES, {"PCT": ("EN",)}, ()),
        (EXCLUDES, {"BRA": ("PART",), "PCT": ("TN",)}, (("PCT", "is not TN where BRA is PART"),)),
    ],
)
def test_a_rule_says_which_field_and_why(
    rule: Rule, values: Values, faults: tuple[tuple[str, str], ...]
) -> None:
    assert rule.check(values) == faults


@pytest.mark.parametrize(
    ("rule", "words", "codes"),
    [
        (VIN_OR_PLATE, "Give LIC with LIS or VIN.", ("LIC", "LIS", "VIN")),
        (CHANGE, "Give at least one field to change.", ("LIC", "VIN")),
        (TOGETHER, "LIC, LIS stand together or not at all.", ("LIC", "LIS")),
        (NEEDS, "CMC 01 or 02 needs MIS.", ("CMC", "MIS")),
        (NOT_BEFORE, "DOW is not before DOB.", ("DOW", "DOB")),
        (ONLY, "SVD stands only where SVC is 1 or 9.", ("SVD", "SVC")),
        (
            ELSEWHERE,
            "Where OLS is of the table nlets_destination, give OLN or NAM, DOB and SEX.",
            ("OLS", "OLN", "NAM", "DOB", "SEX"),
        ),
        (EXCLUDES, "BRA PART excludes PCT EN or TN.", ("BRA", "PCT")),
    ],
)
def test_a_rule_is_a_sentence_of_the_manual(rule: Rule, words: str, codes: tuple[str, ...]) -> None:
    assert rule.words == words
    assert rule.codes == codes


def test_what_a_rule_must_do_is_named() -> None:
    rule = RuleBase()
    for act in (lambda: rule.check({}), lambda: rule.words, lambda: rule.codes):
        with pytest.raises(NotImplementedError):
            act()
