"""Claims about the search's benchmark: its baselines find what they say, its queries are new, and all of it runs."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from pathlib import Path

import asyncpg
import pytest
from benchmarks import search_file, search_page
from benchmarks.result import Result, shown
from benchmarks.search import PARTS, Bench, Plan
from benchmarks.search_baselines import Baselines, alike, letters, prepare, sounds
from benchmarks.search_file import SEED, absent_of_each_group, queries
from benchmarks.search_speed import exponent, quantile

from wireroom.app.engine import Embedded
from wireroom.lab.labelled import Subject
from wireroom.lab.mistakes import MISTAKES
from wireroom.lab.origins import GROUPS

PEOPLE = [
    Subject("1", "SMITH", "ROBERT", dob=19640508, sex="M"),
    Subject("2", "SMETH", "ROBERT", dob=19650508, sex="M"),
    Subject("3", "SMITH", "ROBERTA", dob=19640508, sex="F"),
    Subject("4", "O'BRIEN", "JOSE LUIS", dob=19640508, sex="M"),
]


async def found(dsn: str, asked: Subject) -> dict[str, list[int]]:
    connection = await asyncpg.connect(dsn)
    try:
        await prepare(connection, PEOPLE)
        assert await prepare(connection, PEOPLE) is None
        return {name: await find(asked) for name, find in (await Baselines(connection).systems()).items()}
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("asked", "ncic", "iii", "keys"),
    [
        (Subject("q", "SMITH", "BOB", dob=19640508, sex="M"), {1, 2}, {1, 2}, {1, 3}),
        (Subject("q", "SMITH", "ROBERT", dob=19640508), {1, 2, 3}, {1, 2, 3}, {1, 2, 3}),
        (Subject("q", "SMITH", "ROBERT", dob=19610508, sex="M"), set(), {1}, set()),
        (Subject("q", "SMITH", "ROBERT", dob=19640805, sex="M"), set(), set(), {1, 2, 3}),
        (Subject("q", "SMITH", "ROBERT", sex="M"), set(), set(), {1, 2, 3}),
        (Subject("q", "ROBERT", "SMITH", dob=19640508, sex="M"), set(), set(), {1, 2, 3}),
        (Subject("q", "OBRIEN", "J", dob=19640508, sex="M"), {4}, {4}, {4}),
        (Subject("q", "123", "4", dob=19640508, sex="M"), set(), set(), set()),
    ],
)
def test_each_baseline_finds_what_its_rules_say(
    database: str, asked: Subject, ncic: set[int], iii: set[int], keys: set[int]
) -> None:
    came = asyncio.run(found(database, asked))
    assert set(came["NCIC-style"]) == ncic
    assert set(came["III-like"]) == iii
    assert set(came["phonetic keys"]) == keys


def test_the_likest_comes_first(database: str) -> None:
    asked = Subject("q", "SMITH", "ROBERTA", dob=19640508)
    assert asyncio.run(found(database, asked))["phonetic keys"][0] == 3
    assert alike(asked, "SMITH", "ROBERTA", 19640508) == pytest.approx(1)
    assert alike(asked, "ROBERTA", "SMITH", 19640508) == pytest.approx(0.986)


def test_a_baseline_keys_a_name_by_its_letters() -> None:
    assert letters("O'Brien-de la 0 Cruz") == "OBRIENDELACRUZ"
    assert sounds("SMITH")[:2] == ("S530", "SNAT")
    assert sounds("") == ("", "", "")


def test_no_query_of_the_tuning_is_asked() -> None:
    with pytest.raises(ValueError, match="used to tune"):
        queries(1_000, 1, "stress", SEED)
    kinds = Counter(one.classes["class"] for one in queries(1_000, 400, "stress", SEED + 1))
    assert set(kinds) == set(MISTAKES)


def test_for_fairness_every_group_has_alike_many_absent_people() -> None:
    asked = absent_of_each_group(1_000, 2, SEED + 1, 100_000)
    assert Counter(one.classes["group"] for one in asked) == dict.fromkeys(set(GROUPS.values()), 2)
    assert not any(one.present for one in asked)


def test_growth_is_the_power_of_the_size() -> None:
    assert exponent({n: 3 * n**0.25 for n in (500_000, 1_000_000, 10_000_000)}) == pytest.approx(0.25)
    assert exponent({10: 5.0, 100: 5.0}) == pytest.approx(0)


def test_a_quantile_is_one_of_the_values() -> None:
    assert quantile([5.0, 1.0, 3.0], 0.5) == 3.0
    assert quantile([float(n) for n in range(1, 101)], 0.99) == 99.0


def test_figures_below_one_keep_the_digits_that_count() -> None:
    assert [shown(0.9871), shown(0.0312), shown(7.25), shown(1_234.5)] == [
        "0.9871",
        "0.0312",
        "7.25",
        "1,234.50",
    ]


def test_every_part_runs_and_is_written_down_and_a_file_is_made_once(
    server: Embedded, tmp_path: Path
) -> None:
    plan = Plan(
        people=2_000, sizes=(1_000, 2_000), queries=64, absent_each=3, timed=20, warming=5, background=1_000
    )
    results: dict[str, Result] = {}

    async def run() -> int:
        _, first = await search_file.held(server, plan.background)
        bench = Bench(server, plan)
        for part in PARTS:
            found, lines = await bench.measure(part)
            search_page.note(tmp_path, part, lines)
            results.update(found)
        dsn, again = await search_file.held(server, plan.background)
        assert first == again
        connection = await asyncpg.connect(dsn)
        try:
            return int(await connection.fetchval("select count(*) from person"))
        finally:
            await connection.close()

    assert asyncio.run(run()) == plan.background  # the families are gone again
    search_page.write(tmp_path, PARTS, tmp_path / "page.md")
    page = (tmp_path / "page.md").read_text()
    assert page.count("\n## ") == len(PARTS)
    assert results["search, stress, recall at 10"].value > 0.8
    assert results["search, name families, recall at 10"].value > 0.8
    assert all(math.isfinite(one.value) for one in results.values())
    assert all(name.startswith("search, ") for name in results)
