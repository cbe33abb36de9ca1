"""Claims about what a search may cost: however it is asked, it reads no more than its limits, and by indexes alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.conftest import created
from tests.records.matching.index import FILE, Index, invented, opened
from wireroom.app.engine import Embedded
from wireroom.records.matching.keeping import Called, called
from wireroom.records.matching.people import CANDIDATES, PERSONS, REFRESH, WEIGHED_MAX
from wireroom.records.matching.probing import OWN_MAX, PAIRS_MAX, SIGN_BITS, TURNED_MAX, Sought

pytestmark = pytest.mark.anyio
PEOPLE = 30_000
NEAR_MAX = 450  # dates near one in some way, of which first of January has most
DOB = 19840507
COMMON = "GARGARA"  # both a last and a first name of a sixth of all people


@pytest.fixture(scope="module")
def city_database(server: Embedded, template: str) -> Iterator[str]:
    with created(server, template) as dsn:
        yield dsn


@pytest.fixture(scope="module")
async def city(city_database: str, anyio_backend: object) -> AsyncIterator[Index]:
    """An index of so many people that a plan may go wrong, a sixth of whom share one name."""
    async with opened(city_database) as index:
        people = invented(PEOPLE)
        namesakes = [called(COMMON, COMMON, dob=one.dob, sex=one.sex) for one in people[: PEOPLE // 6]]
        await index.enter_all([*namesakes, *people[PEOPLE // 6 :]])
        await index.count()
        await index.line.execute("vacuum analyze name_pair")
        await index.line.execute("vacuum analyze person")
        await index.people.refresh(index.line)
        yield index


class Spy:
    """A connection that notes what is asked and how much comes back."""

    def __init__(self, line: Any) -> None:
        self.line = line
        self.asked: dict[str, tuple[Any, ...]] = {}
        self.came: dict[str, list[Any]] = {}

    async def fetch(self, statement: str, *args: Any) -> list[Any]:
        self.asked[statement] = args
        self.came[statement] = await self.line.fetch(statement, *args)
        return self.came[statement]


async def spied(city: Index, *wanted: Called) -> Spy:
    spy, book = Spy(city.line), city.people.books.number(FILE, False)
    async with city.line.transaction():
        await city.people.refresh(city.line)
        await city.people.search(spy, [Sought(one, (book,)) for one in wanted])  # type: ignore[arg-type]
    return spy


def numbers(text: str) -> list[str]:
    return [one for one in text.strip("{}").split(",") if one]


HEAVY = [
    called(COMMON, COMMON),
    called(COMMON, COMMON, dob=DOB),
    called(COMMON, COMMON, dob=19840101),
    called(COMMON, "G", dob=19840101),
    called(COMMON, "G"),
    called("G", "G", dob=19840101),
    called("A " * 40, "A " * 40, "A " * 40),
    called("A" * 2_000, "A" * 2_000, dob=DOB),
    called(
        " ".join(COMMON[:n] for n in range(2, 8)) * 8,
        " ".join(COMMON[:n] for n in range(2, 8)) * 8,
        dob=19840101,
    ),
    called(
        "-".join(f"{COMMON}{letter}" for letter in "ABCDEFGHIJ") * 4, COMMON, " ".join([COMMON] * 40), dob=DOB
    ),
    called("AN EN IN ON UN AL EL IL OL UL " * 4, "AN EN IN ON UN AL EL IL OL UL " * 4),
    called("MAR", "MAR", dob=19840101),
    called("LI LE LA LO LU", "LI LE LA LO LU", dob=DOB),
    called("MOHAMMEDABDULRAHMANALHASSAN", "MARIAELENADELACRUZ", dob=DOB),
]


@pytest.mark.parametrize("asked", HEAVY, ids=range(len(HEAVY)))
async def test_no_inquiry_asks_or_reads_more_than_the_limits(city: Index, asked: Called) -> None:
    spy = await spied(city, asked)
    _, [rare], [common], [near], [close], [own], [sign], [books] = spy.asked[CANDIDATES]
    assert len(numbers(rare)) + len(numbers(common)) <= PAIRS_MAX + TURNED_MAX
    assert len(numbers(near)) <= NEAR_MAX
    assert len(numbers(close)) <= 7
    assert len(numbers(own)) <= OWN_MAX
    assert len(sign) == 2 * SIGN_BITS // 8
    assert len(numbers(books)) == 1
    assert sum(len(row["found"]) for row in spy.came[CANDIDATES]) <= 26 * (
        12_000 + 4_000 + 4_000 + OWN_MAX * 1_000
    )
    assert len(spy.asked.get(PERSONS, ((),))[0]) <= WEIGHED_MAX
    assert len(spy.came.get(PERSONS, ())) <= WEIGHED_MAX


async def test_the_pairs_of_a_common_name_are_read_by_date_and_not_all(city: Index) -> None:
    spy = await spied(city, called(COMMON, COMMON, dob=DOB))
    [row] = spy.came[CANDIDATES]
    assert len(row["found"]) < 26 * PEOPLE / 6 / 4


async def test_a_batch_is_two_statements_whatever_its_size(city: Index) -> None:
    spy = await spied(city, *HEAVY, *invented(50))
    assert set(spy.asked) == {CANDIDATES, PERSONS}
    assert len(spy.asked[PERSONS][0]) <= WEIGHED_MAX * (len(HEAVY) + 50)


# --------------------------------------------------------------------------- the plans


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize(
    "asked",
    [
        called(COMMON, COMMON, dob=DOB),
        called(COMMON, COMMON),
        called("MARIA", "J", dob=19840101),
        called("QUX", "ZOE"),
    ],
    ids=range(4),
)
@pytest.mark.parametrize("many", [1, 40])
async def test_candidates_are_read_from_the_two_indexes_alone(
    city: Index, mode: str, asked: Called, many: int
) -> None:
    spy = await spied(city, *[asked] * many)
    async with city.line.transaction():
        await city.line.execute(REFRESH.replace("$1", "0"))
        await city.line.execute(f"set local plan_cache_mode = {mode}")
        text = await city.line.fetchval(
            f"explain (analyze, format json) {CANDIDATES}", *spy.asked[CANDIDATES]
        )
    plan = list(nodes(json.loads(text)[0]["Plan"]))
    scans = [node for node in plan if node["Node Type"].endswith("Scan") and node.get("Relation Name")]
    assert {node["Node Type"] for node in scans} == {"Index Only Scan"}
    assert {node["Index Name"] for node in scans} <= {"name_pair_pkey", "name_pair_dob"}
    assert all(node["Heap Fetches"] == 0 for node in scans if node["Actual Loops"])


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_persons_are_read_by_their_key(city: Index, mode: str) -> None:
    spy = await spied(city, *invented(PEOPLE)[-40:])
    async with city.line.transaction():
        await city.line.execute(REFRESH.replace("$1", "0"))
        await city.line.execute(f"set local plan_cache_mode = {mode}")
        text = await city.line.fetchval(f"explain (analyze, format json) {PERSONS}", *spy.asked[PERSONS])
    scans = [n for n in nodes(json.loads(text)[0]["Plan"]) if n.get("Relation Name") == "person"]
    assert {(node["Node Type"], node["Index Name"]) for node in scans} == {("Index Scan", "person_pkey")}
