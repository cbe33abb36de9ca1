"""Claims about which orders meet, and which of two is the more restrictive."""

from __future__ import annotations

from itertools import product

import pytest

from tests.records.orders.papers import AT, Fields, order
from wireroom.catalog.kinds_of_order import Person
from wireroom.records.orders.order import Order
from wireroom.records.orders.pairs import Pair, pairs, same
from wireroom.records.orders.precedence import weighed
from wireroom.records.orders.strictness import as_strict, stricter

JANE, BABY = "TESTCASE, JANE;F;19900104", "TESTCASE, BABY;M;20200505"


def met(*orders: Order) -> list[list[int]]:
    return [[int(one.number[-3:]) for one in pair.orders] for pair in pairs(orders)]


@pytest.mark.parametrize(
    ("one", "other", "are"),
    [
        (Person("TESTCASE, JANE"), Person("TESTCASE, JANE"), True),
        (Person("TESTCASE, JANE", born="19900104"), Person("TESTCASE, JANE"), True),
        (Person("TESTCASE, JANE", born="19900104"), Person("TESTCASE, JANE", born="19910104"), False),
        (Person("TESTCASE, JANE M"), Person("TESTCASE, JANE MARIE"), True),
        (Person("TESTCASE, JANE MARIE"), Person("TESTCASE, JANE"), True),
        (Person("TESTCASE, JANE MARIE"), Person("TESTCASE, JANE ROSE"), False),
        (Person("TESTCASE, JOHN JR"), Person("TESTCASE, JOHN"), True),
        (Person("TESTCASE, JOHN JR"), Person("TESTCASE, JOHN SR"), False),
        (Person("TESTCASE, JANE"), Person("TESTCASE, JOAN"), False),
        (Person("TESTCASE, JANE"), Person("EXAMPLE, JANE"), False),
        (Person(""), Person(""), False),
    ],
)
def test_people_are_one_by_name_and_by_birth_where_both_have_one(
    one: Person, other: Person, are: bool
) -> None:
    assert same(one, other) is same(other, one) is are


def test_orders_meet_where_both_people_are_the_same() -> None:
    assert met(order(1, PPN=JANE), order(2, PPN=JANE)) == [[1, 2]]
    assert met(order(1, PPN=JANE), order(2, PPN=BABY)) == []
    assert met(order(1, PPN=(JANE, BABY)), order(2, PPN=BABY)) == [[1, 2]]
    assert met(order(1), order(2, NAM="SPECIMEN, JAMES")) == []
    assert met(order(1), order(2, DOB="19860211")) == []
    assert met(order(1), order(2, DOB=None)) == [[1, 2]]
    assert met(order(1, PPN=None), order(2, PPN=None)) == []
    assert met(order(1, NAM=None), order(2, NAM=None)) == []


def test_somebody_without_a_birth_date_may_be_either_of_two() -> None:
    three = [order(1, DOB="19850211"), order(2, DOB="19860211"), order(3, DOB=None)]
    assert met(*three) == [[1, 3], [2, 3]]


def test_an_order_for_two_people_is_weighed_for_each_and_says_for_whom() -> None:
    both, jane, baby = (
        order(1, PPN=(JANE, BABY)),
        order(2, PPN=JANE, PCO=("05",)),
        order(3, PPN=BABY, ISD="20261101"),
    )
    assert [(one.number[-1], one.rank, one.sentence) for one in weighed((both, jane, baby), AT)] == [
        ("2", 1, "FOR TESTCASE, JANE: ENFORCE FCN/9992630000002 FIRST: THE NO-CONTACT ORDER"),
        ("1", 2, "FOR TESTCASE, JANE: FCN/9992630000001 COMES LAST OF 2"),
        ("1", 1, "FOR TESTCASE, BABY: ENFORCE FCN/9992630000001 FIRST: ISSUED AFTER THE OTHER"),
        ("3", 2, "FOR TESTCASE, BABY: FCN/9992630000003 COMES LAST OF 2"),
    ]


def test_people_for_whom_the_same_orders_count_are_told_once() -> None:
    found = pairs([order(1, PPN=(JANE, BABY)), order(2, PPN=(JANE, BABY))])
    assert [(pair.protected, pair.alone) for pair in found] == [(("TESTCASE, BABY", "TESTCASE, JANE"), True)]


def test_orders_against_two_people_do_not_meet_and_neither_says_for_whom() -> None:
    four = [order(1), order(2), *(order(n, NAM="EXAMPLE, PETER", DOB=None) for n in (3, 4))]
    found = pairs(four)
    assert met(*four) == [[1, 2], [3, 4]]
    assert all(isinstance(pair, Pair) and pair.alone for pair in found)


VARIED: tuple[Fields, ...] = (
    {"PCO": ("01", "05")},
    {"STY": "HOME 100"},
    {"STY": ("HOME 100", "WORK 50")},
    {"STY": "HOME 50"},
    {"MOV": "Y"},
    {"PCO": ("01", "03")},
    {"FRP": "N"},
    {"BAR": "Y"},
    {"ANM": "Y", "GPS": "Y"},
    {"PCX": "Y"},
    {"WEX": "Y"},
    {"PCO": ("01", "06")},
    {"PCO": ("01", "08"), "MIS": "NO GIFTS"},
    {"PCO": ("01", "08"), "MIS": "NO LETTERS"},
    {},
)


def test_to_be_as_strict_is_a_partial_order() -> None:
    orders = [order(1, "active", **values) for values in VARIED]
    for one, two in product(orders, repeat=2):
        assert as_strict(one, one)
        assert not (stricter(one, two) and stricter(two, one))
        for three in orders:
            if as_strict(one, two) and as_strict(two, three):
                assert as_strict(one, three)


@pytest.mark.parametrize(
    "values", [one for one in VARIED if one and not set(one) & {"FRP", "PCX", "WEX"}][:-3]
)
def test_every_term_more_makes_an_order_stricter(values: Fields) -> None:
    assert stricter(order(1, "active", **values), order(2))


@pytest.mark.parametrize("values", [{"FRP": "N"}, {"PCX": "Y"}, {"WEX": "Y"}, {"PCO": ("01", "06")}])
def test_every_exception_makes_an_order_milder(values: Fields) -> None:
    assert stricter(order(1), order(2, "active", **values))


def test_what_cannot_be_compared_is_not_stricter() -> None:
    far, silent = order(1, STY="HOME 200"), order(2, PCO=("01", "05"))
    assert not stricter(far, silent)
    assert not stricter(silent, far)
    gifts, letters = (
        order(n, PCO=("01", "08"), MIS=text) for n, text in ((1, "NO GIFTS"), (2, "NO LETTERS"))
    )
    assert not as_strict(gifts, letters)
    assert as_strict(gifts, order(3, PCO=("01", "08"), MIS="NO GIFTS"))


def test_to_move_out_and_to_leave_the_home_to_them_are_one_term() -> None:
    one, other = order(1, MOV="Y"), order(2, PCO=("01", "03"))
    assert as_strict(one, other)
    assert as_strict(other, one)


def test_distances_count_place_by_place() -> None:
    assert stricter(order(1, STY="HOME 100"), order(2, STY="HOME 99"))
    assert stricter(order(1, STY=("HOME 50", "WORK 50")), order(2, STY="HOME 50"))
    assert not stricter(order(1, STY="HOME 500"), order(2, STY="WORK 50"))
    assert order(1, STY=("HOME 50", "HOME 100")).stays == (("HOME", 100),)
