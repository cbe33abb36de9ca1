"""Claims about which order prevails: every pair and triple, against a second reading of the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations_with_replacement, product
from typing import NamedTuple

import msgspec
import pytest

from tests.records.orders.oracle import Paper, ranking
from tests.records.orders.papers import AT, order
from wireroom.catalog.courts.kinds import kinds
from wireroom.records.orders import nature
from wireroom.records.orders.order import Order
from wireroom.records.orders.precedence import Rule, Weighed, weighed

RANKED = {"emergency": "EPO", "criminal": "CPO", "civil": "OAH"}
YARDS = (0, 50, 100)
EXCEPTIONS = ((False, False), (True, False), (False, True), (True, True))
STEP = {
    Rule.EMERGENCY: "1", Rule.NO_CONTACT: "2", Rule.CRIMINAL: "3", Rule.LATEST: "4", Rule.NUMBER: "number",
}  # fmt: skip
NAMED = {
    "1": "MORE RESTRICTIVE", "2": "NO-CONTACT ORDER", "3": "THE CRIMINAL PROTECTIVE ORDER PREVAILS OVER",
    "4": "ISSUED", "number": "BY ITS NUMBER",
}  # fmt: skip
Terms = tuple[bool, int, bool, bool]
TERMS: tuple[Terms, ...] = tuple(
    (silent, yards, *allowed) for silent, yards, allowed in product((False, True), YARDS, EXCEPTIONS)
)
CORE = tuple(terms for terms in TERMS if terms[2] == terms[3])  # for triples: both exceptions, or neither


class Both(NamedTuple):
    """An order, and what the second reading sees of it."""

    order: Order
    paper: Paper


@cache
def written(kind: str, terms: Terms, day: int, number: int) -> Both:
    """An order of a kind with these terms, issued on a day of November."""
    silent, yards, exchange, visits = terms
    conditions = ("01", *(("05",) if silent else ()), *(("06",) if visits else ()))
    stays = (f"HOME {yards}",) if yards else None
    found = order(
        number, TYO=kind, PCO=conditions, STY=stays, PCX="Y" if exchange else None, ISD=f"202611{day:02d}"
    )
    of_kind = kinds()[kind]
    return Both(
        found,
        Paper(int(found.number), of_kind.rank.value, silent, yards, exchange, visits, of_kind.firearms, day),
    )


def agrees(several: Sequence[Both]) -> None:
    """Ranks, rules and sentences are what the second reading says."""
    found = weighed([one.order for one in several], AT)
    expected = list(ranking([one.paper for one in several]))
    papers = [one.paper for one in several]
    assert [int(one.number) for one in found] == [one.number for one, _ in expected], papers
    for rank, (one, (_, steps)) in enumerate(zip(found, expected, strict=True), 1):
        assert one.rank == rank
        assert [STEP[rule] for rule in one.rules] == steps, papers
        assert all(NAMED[step] in one.sentence for step in steps), (one.sentence, steps)


def pairs_of_orders() -> Iterator[tuple[Both, Both]]:
    """Every pair of ranks and whole term sets, the second issued before, with and after the first."""
    for (one, mine), (other, theirs) in combinations_with_replacement(
        tuple(product(RANKED.values(), TERMS)), 2
    ):
        for day in (2, 5, 8):
            yield written(one, mine, 5, 1), written(other, theirs, day, 2)


def test_every_pair_of_ranks_and_terms_is_ranked_as_the_statute_is_read() -> None:
    two = list(pairs_of_orders())
    for one in two:
        agrees(one)
    assert len(two) == 3 * (72 * 73 // 2) == 7_884


@pytest.mark.parametrize("oldest", RANKED)
def test_every_triple_of_ranks_and_terms_is_ranked_as_the_statute_is_read(oldest: str) -> None:
    """Issued one after the other, in every order: the three tests together see 46,656."""
    papers = tuple(product(RANKED.values(), CORE))
    first = [one for one in papers if one[0] == RANKED[oldest]]
    count = 0
    for three in product(first, papers, papers):
        agrees([written(kind, terms, 3 * at, at) for at, (kind, terms) in enumerate(three, 1)])
        count += 1
    assert count == 12 * 36 * 36 == 15_552


def test_every_triple_that_was_issued_together_is_ranked_as_the_statute_is_read() -> None:
    three = list(combinations_with_replacement(tuple(product(RANKED.values(), CORE)), 3))
    for one in three:
        agrees([written(kind, terms, 5, at) for at, (kind, terms) in enumerate(one, 1)])
    assert len(three) == 36 * 37 * 38 // 6 == 8_436


def signature(kind: str) -> tuple[bool, bool, bool, bool]:
    """All that the rules ask of a kind."""
    return (
        nature.emergency(kind), nature.criminal(kind), nature.gun_violence(kind), nature.bars_firearms(kind),
    )  # fmt: skip


def test_the_kinds_fall_into_five_classes() -> None:
    classes: dict[tuple[bool, bool, bool, bool], list[str]] = {}
    for kind in kinds():
        classes.setdefault(signature(kind), []).append(kind)
    assert sorted(map(sorted, classes.values())) == [
        ["CHO", "EAR", "JUV", "OAH", "SVO", "TCH", "TEA", "TJV", "TRO", "TSV", "TWH", "WHO"],
        ["CPO"],
        ["EAF", "FOR", "RTO", "TEF", "TRT"],  # civil, and firearms are not barred by the kind alone
        ["EGV", "OGV", "TGV"],
        ["EPO"],
    ]


def test_every_kind_is_ranked_as_the_second_reading_says_against_every_class() -> None:
    """All 19 kinds that protect people by name, against one of each class, with the core terms of both."""
    named = [kind for kind in kinds() if not nature.gun_violence(kind)]
    count = 0
    for kind, mine, other, theirs in product(
        named, CORE, ("EPO", "CPO", "OAH", "EAF"), (*CORE[::4], *CORE[3::4])
    ):
        agrees((written(kind, mine, 5, 1), written(other, theirs, 8, 2)))
        count += 1
    assert count == 19 * 12 * 4 * 6 == 5_472


@pytest.mark.parametrize("kind", [kind for kind in kinds() if signature(kind) == signature("OAH")])
def test_kinds_of_one_class_change_places_and_nothing_changes(kind: str) -> None:
    """In triples too, so that triples of classes stand for triples of kinds."""
    for two in product(tuple(product(RANKED.values(), CORE[::3])), repeat=2):
        beside = [
            written(code, terms, day, day).order for day, (code, terms) in zip((4, 6), two, strict=True)
        ]
        mine = written("OAH", CORE[5], 5, 5).order
        assert weighed([*beside, mine], AT) == weighed(
            [*beside, msgspec.structs.replace(mine, kind=kind)], AT
        )


@pytest.mark.parametrize("kind", ["EGV", "TGV", "OGV"])
def test_an_order_against_gun_violence_stands_beside_the_others(kind: str) -> None:
    for two in product(tuple(product(RANKED.values(), CORE[::2])), repeat=2):
        people = [
            written(code, terms, day, day).order for day, (code, terms) in zip((3, 6), two, strict=True)
        ]
        guns = order(9, TYO=kind, PCO=("07",))
        assert weighed([*people, guns], AT) == (*weighed(people, AT), Weighed(guns.number, 1))


def test_the_emergency_order_goes_first_only_where_it_is_the_stricter() -> None:
    """Scenario 18: an emergency, a criminal and a family order at once."""
    emergency = order(1, TYO="EPO", PCO=("01", "04", "05"), STY="HOME 100", ISD="20261118")
    criminal = order(2, TYO="CPO", PCO=("01", "04"), STY="HOME 50", ISD="20261105")
    family = order(3, TYO="OAH", PCO=("01", "06"), PCX="Y", ISD="20261110")
    assert [one.sentence for one in weighed((family, criminal, emergency), AT)] == [
        "ENFORCE FCN/9992630000001 FIRST: EMERGENCY PROTECTIVE ORDER, MORE RESTRICTIVE THAN THE OTHER 2",
        "FCN/9992630000002 COMES SECOND OF 3: THE CRIMINAL PROTECTIVE ORDER PREVAILS OVER FCN/9992630000003 "
        "WHERE THEY CONFLICT; ITS OTHER TERMS STAND",
        "FCN/9992630000003 COMES LAST OF 3",
    ]
    milder = order(1, TYO="EPO", PCO=("01", "04"), STY="HOME 25", ISD="20261118")
    assert [one.sentence for one in weighed((family, criminal, milder), AT)] == [
        "ENFORCE FCN/9992630000002 FIRST: THE CRIMINAL PROTECTIVE ORDER PREVAILS OVER FCN/9992630000001 AND "
        "FCN/9992630000003 WHERE THEY CONFLICT; THEIR OTHER TERMS STAND",
        "FCN/9992630000001 COMES SECOND OF 3: EMERGENCY PROTECTIVE ORDER, MORE RESTRICTIVE THAN THE OTHER",
        "FCN/9992630000003 COMES LAST OF 3",
    ]


def test_sentences_of_ties_name_every_rule_that_was_needed() -> None:
    def first(*orders: Order) -> str:
        return weighed(orders, AT)[0].sentence.partition(": ")[2]

    older, newer = order(1, ISD="20261101"), order(2, ISD="20261109")
    assert first(older, newer) == "ISSUED AFTER THE OTHER"
    assert first(order(1), order(2)) == "ISSUED WITH THE OTHER, AND FIRST BY ITS NUMBER"
    assert first(order(1, PCO=("05",)), newer) == "THE NO-CONTACT ORDER"
    assert first(order(3, PCO=("05",)), newer, older) == "THE ONLY NO-CONTACT ORDER"
    criminal = order(3, TYO="CPO", PCO=("01", "05"), ISD="20261101")
    assert first(order(1, PCO=("05",)), criminal, newer) == (
        "A NO-CONTACT ORDER; OF THE NO-CONTACT ORDERS THE CRIMINAL PROTECTIVE ORDER PREVAILS OVER FCN/9992630000001 "
        "AND FCN/9992630000002 WHERE THEY CONFLICT; THEIR OTHER TERMS STAND"
    )
    later = order(4, TYO="CPO", PCO=("01",), ISD="20261112")
    assert first(order(3, TYO="CPO", ISD="20261101"), later, older) == (
        "THE CRIMINAL PROTECTIVE ORDER PREVAILS OVER FCN/9992630000001 WHERE THEY CONFLICT; ITS OTHER TERMS STAND; "
        "OF THE CRIMINAL ORDERS THE LAST ISSUED"
    )
    emergencies = [order(n, TYO="EPO", ISD=f"2026111{n}", PCO=("01", "05")) for n in (5, 6)]
    assert first(*emergencies, older) == (
        "EMERGENCY PROTECTIVE ORDER, MORE RESTRICTIVE THAN THE REST; OF SUCH EMERGENCY ORDERS THE LAST ISSUED"
    )
    far = order(7, TYO="CPO", STY="HOME 200")
    assert first(emergencies[0], order(2, ISD="20261119", PCO=("01", "05")), far) == (
        "A NO-CONTACT ORDER; OF THE NO-CONTACT ORDERS THE LAST ISSUED"
    )
    assert first(emergencies[0], order(2, ISD="20261119", PCO=("05",)), far) == (
        "A NO-CONTACT ORDER; OF THE NO-CONTACT ORDERS THE EMERGENCY PROTECTIVE ORDER, MORE RESTRICTIVE"
    )


def test_only_orders_in_force_are_weighed_and_one_alone_needs_no_words() -> None:
    ended = order(1, EXP="20261119", PCO=("05",))
    coming = order(2, EFD="20261121", PCO=("05",))
    cancelled = order(3, status="cancelled", PCO=("05",))
    alone = order(4)
    assert weighed((ended, coming, cancelled, alone), AT) == (Weighed(alone.number, 1),)
    assert weighed((ended, cancelled), AT) == ()


def test_an_order_that_is_not_served_is_weighed_too() -> None:
    served, unserved = order(1, SVC="1"), order(2, SVC="2", PCO=("05",))
    assert [one.number for one in weighed((served, unserved), AT)] == [unserved.number, served.number]


def test_the_order_in_which_records_come_changes_nothing() -> None:
    three = [order(n, ISD="20261105") for n in (3, 1, 2)]
    assert weighed(three, AT) == weighed(three[::-1], AT) == weighed([*three, *three], AT)


def test_a_number_of_ncic_is_called_by_its_own_code() -> None:
    there = msgspec.structs.replace(order(1, PCO=("05",)), number="H999999998")
    assert weighed((there, order(2)), AT)[0].sentence == "ENFORCE NIC/H999999998 FIRST: THE NO-CONTACT ORDER"


def test_ten_orders_are_ranked_to_the_last() -> None:
    found = weighed([order(n, ISD=f"202611{n:02d}") for n in range(1, 12)], AT)
    assert [one.rank for one in found] == list(range(1, 12))
    assert found[9].sentence.startswith("FCN/9992630000002 COMES NUMBER 10 OF 11")
