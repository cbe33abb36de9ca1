"""Claims about finding near numbers and parts of them: what is meant is found by the indexes, and only that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from tests.records.test_find import Desk, person
from tests.switch.stage import PUPIL, VAULT, Stage, car, wanted
from wireroom.records.near import LIKE, near
from wireroom.records.near_found import (
    BY_NEAR,
    BY_PART,
    FOUND_MAX,
    Sought,
    near_found,
    near_probe,
    part_found,
    part_probe,
)
from wireroom.records.shape import Fields

pytestmark = pytest.mark.anyio
FILES = "vehicle,plate,wanted"
PLATE = "7QQQ001"
VIN = "0WRABCDE2SW000001"
REVERSED = """
create index if not exists identifier_reversed on identifier (kind, reverse(value))
       include (value, file, record) where kind in ('LIC', 'VIN')
"""


@pytest.fixture
async def desk(stage: Stage, database: str) -> Desk:
    owner = await asyncpg.connect(database)
    try:
        await owner.execute(REVERSED)
    finally:
        await owner.close()
    return Desk(stage, await stage.connect())


def sought(
    value: str, index: str = "LIC", place: int = 0, *, files: str = FILES, test: bool = False, **more: str
) -> Sought:
    return Sought(place=place, index=index, value=value, files=files, test=test, secret=index == "SOC",
                  narrow=tuple(more.items()))  # fmt: skip


async def near_plates(desk: Desk, *values: str) -> list[str]:
    return [row["value"] for row in await near_found(desk.line, VAULT, map(sought, values))]


async def parts(desk: Desk, value: str, index: str = "LIC") -> list[str]:
    return [row["value"] for row in await part_found(desk.line, [sought(value, index)])]


def cars(*plates: str, state: str = "CA") -> Iterator[Fields]:
    return ((("LIC", plate), ("LIS", state)) for plate in plates)


# --------------------------------------------------------------------------- near


@pytest.mark.parametrize(
    "slip",
    ["7QQQ002", "XQQQ001", "7QQQ01", "QQQ001", "7QQQ0011", "Z7QQQ001", "7QQQ010", "7OOQ001", "TQQQ00I"],
)
async def test_a_plate_one_slip_away_is_found_with_its_record(desk: Desk, slip: str) -> None:
    await desk.ask(car(PLATE))
    [row] = await near_found(desk.line, VAULT, [sought(slip)])
    assert (row["n"], row["file"], row["how"], row["value"]) == (0, "vehicle", "LIC", PLATE)
    assert near("LIC", slip)[row["rank"] - 1] == PLATE
    assert json.loads(row["fields"])["LIC"] == PLATE


async def test_what_is_exact_or_two_slips_away_is_not_near(desk: Desk) -> None:
    await desk.ask(car(PLATE))
    assert await near_plates(desk, PLATE, "8QQQ002", "7QQQ001XX") == []


async def test_the_likeliest_comes_first(desk: Desk) -> None:
    await desk.load("vehicle", *cars("7QXQ001", "7QOQ001", "7QDQ001"))
    assert await near_plates(desk, "7Q0Q001") == ["7QOQ001", "7QDQ001", "7QXQ001"]
    assert "X" not in LIKE["0"]


@pytest.mark.parametrize("slip", ["900112223", "901012222", "900121222"])
async def test_a_secret_number_one_digit_off_is_found_through_keyed_hashes(desk: Desk, slip: str) -> None:
    await desk.ask(wanted(more=".SOC/900112222"))
    [row] = await near_found(desk.line, VAULT, [sought(slip, "SOC")])
    assert row["value"] == VAULT.blind("SOC", "900112222")
    assert near("SOC", slip)[row["rank"] - 1] == "900112222"


@pytest.mark.parametrize(
    "slip", ["OWRABCDE2SW000001", "0WRABCDE2SW000007", "0WRABCED2SW000001", "WRABCDE2SW000001"]
)
async def test_a_vin_one_slip_away_is_found(desk: Desk, slip: str) -> None:
    await desk.load("vehicle", (("VIN", VIN),))
    [row] = await near_found(desk.line, VAULT, [sought(slip, "VIN")])
    assert row["value"] == VIN


async def test_a_licence_with_another_letter_is_found(desk: Desk) -> None:
    await desk.load("wanted", person("TESTCASE, JANE", OLN="X1234567", OLS="CA"))
    [row] = await near_found(desk.line, VAULT, [sought("B1234567", "OLN")])
    assert row["value"] == "X1234567"


async def test_a_batch_is_one_statement_and_each_gets_its_own(desk: Desk) -> None:
    plates = [f"7QQQ{n:03}" for n in range(0, 900, 100)]
    await desk.load("vehicle", *cars(*plates))
    desk.stage.statements.clear()
    asked = [sought(f"8{plate[1:]}", place=place) for place, plate in enumerate(plates)]
    async with desk.line.transaction():
        rows = await near_found(desk.line, VAULT, [*asked, sought("7Q*1", place=99)])
    assert [(row["n"], row["value"]) for row in rows] == list(enumerate(plates))
    assert len([one for _, one in desk.stage.statements if "from unnest" in one]) == 1


# --------------------------------------------------------------------------- a part known


@pytest.mark.parametrize(
    "pattern",
    [
        "7QQQ*",
        "*Q001",
        "7QQQ00?",
        "?QQQ001",
        "7Q?Q?01",
        "7?QQ*",
        "??QQ0*",
        "*QQ0??",
        "7Q*1",
        "7*Q*01",
        "7QQQ001*",
    ],
)
async def test_a_plate_of_which_a_part_is_known_is_found(desk: Desk, pattern: str) -> None:
    await desk.load("vehicle", *cars(PLATE, "8XYZ999", "1AAA111"))
    assert await parts(desk, pattern) == [PLATE]


@pytest.mark.parametrize("pattern", ["7QQQ0?", "7QQQ001?", "8QQ*", "*Q002", "7Q?Q?02", "7*X*01"])
async def test_a_plate_that_does_not_fit_is_not_found(desk: Desk, pattern: str) -> None:
    await desk.load("vehicle", *cars(PLATE))
    assert await parts(desk, pattern) == []


@pytest.mark.parametrize(
    "asked", ["SW000001", "*000001", "0WRABC*", "0WRABCDE?SW0000??", "??RABCDE2SW000001"]
)
async def test_a_vin_is_found_by_its_last_eight_or_another_part(desk: Desk, asked: str) -> None:
    await desk.load("vehicle", (("VIN", VIN),), (("VIN", "0WRZZZZZ0SW999999"),))
    assert await parts(desk, asked, "VIN") == [VIN]


async def test_eight_characters_find_an_older_vehicle_too(desk: Desk) -> None:
    await desk.load("vehicle", (("VIN", "SW000001"),), (("VIN", VIN),))
    assert await parts(desk, "SW000001", "VIN") == [VIN, "SW000001"]


async def test_whole_numbers_and_those_of_which_too_little_is_known_ask_nothing(desk: Desk) -> None:
    assert await parts(desk, PLATE) == await parts(desk, "*Q0*") == await parts(desk, "X12*", "OLN") == []
    assert await near_plates(desk, "7Q*1") == []
    async with desk.line.transaction():  # whose end comes after all that was said before
        pass
    assert not [one for _, one in desk.stage.statements if "from unnest" in one]


# --------------------------------------------------------------------------- of both


async def test_more_than_the_most_are_told_by_one_more(desk: Desk) -> None:
    await desk.load("vehicle", *cars(*(f"7QQQ{n:03}" for n in range(FOUND_MAX + 10))))
    assert len(await parts(desk, "7QQQ*")) == FOUND_MAX
    await desk.load("vehicle", *cars(*["8QQQ001"] * (FOUND_MAX + 10)))
    assert len(await near_plates(desk, "8QQQ00I")) == FOUND_MAX


async def test_a_record_that_is_reached_twice_counts_once(desk: Desk) -> None:
    await desk.ask(car(PLATE), "EL.LIC/7QQQ001.LIS/CA.LIY/2026.LIT/PC.DOT/20260301.OCA/99-000007")
    rows = await near_found(desk.line, VAULT, [sought("7QQQ00I")])
    assert sorted(row["file"] for row in rows) == ["plate", "vehicle"]


async def test_other_files_other_states_and_training_are_left_out_before_anything_is_cut(desk: Desk) -> None:
    await desk.load("vehicle", *cars(*[PLATE] * 30, state="NV"))
    await desk.load("plate", *cars(*[PLATE] * 30))
    await desk.ask(car(PLATE), seat=PUPIL)
    await desk.load("vehicle", *cars(PLATE), (("LIC", PLATE),))
    for found in (
        await near_found(desk.line, VAULT, [sought("7QQQ00I", files="vehicle", LIS="CA", LIT="")]),
        await part_found(desk.line, [sought("7QQQ*", files="vehicle", LIS="CA")]),
        await part_found(desk.line, [sought("*Q001", files="vehicle", LIS="CA")]),
    ):
        states = [json.loads(row["fields"]).get("LIS") for row in found]
        assert states in (["CA", None], [None, "CA"]), "a record without a state is of any"
    [row] = await near_found(desk.line, VAULT, [sought("7QQQ00I", test=True)])
    assert row["owner"] == PUPIL.ori


# --------------------------------------------------------------------------- the plans

FILL = (
    """
insert into record
select 'vehicle', n, '', 'CA0990100', 'active', 1, false, now(), now(), jsonb_build_object('LIC', plate, 'LIS', 'CA')
  from (select n, n % 9 + 1 || chr(65 + n * 31 % 23) || chr(65 + n / 23 % 26) || 'Q'
                  || lpad(n * 7919 % 1000 || '', 3, '0') from generate_series(1, 50000) n) as invented(n, plate)
""",
    "insert into identifier select 'LIC', fields ->> 'LIC', file, id from record",
    "vacuum analyze record",
    "vacuum analyze identifier",
)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


async def test_both_statements_read_indexes_alone_whatever_is_asked(desk: Desk, database: str) -> None:
    owner = await asyncpg.connect(database, server_settings={"jit": "off"})
    try:
        for statement in FILL:
            await owner.execute(statement)
        held = await owner.fetchval("select value from identifier where record = 4711")
        probes = [
            (BY_NEAR, near_probe(sought(f"{held[:6]}X"), VAULT), "identifier_pkey"),
            (BY_PART, part_probe(sought(f"{held[:5]}*")), "identifier_pkey"),
            (BY_PART, part_probe(sought(f"{held[:2]}*")), "identifier_pkey"),
            (BY_PART, part_probe(sought(f"??{held[2:5]}*")), "identifier_pkey"),
            (BY_PART, part_probe(sought(f"*{held[-4:]}")), "identifier_reversed"),
        ]
        for mode in ("force_custom_plan", "force_generic_plan"):
            await owner.execute(f"set plan_cache_mode = {mode}")
            for statement, probe, index in probes:
                if probe is None:
                    continue
                for count in (1, 64):
                    text = await owner.fetchval(
                        f"explain (analyze, format json) {statement}", *([one] * count for one in probe)
                    )
                    done = [node for node in nodes(json.loads(text)[0]["Plan"]) if node["Actual Loops"]]
                    assert not [node for node in done if node["Node Type"] == "Seq Scan"]
                    assert {
                        node["Index Name"] for node in done if node["Node Type"] == "Index Only Scan"
                    } == {index}
                    assert any(node["Actual Rows"] for node in done if node.get("Index Name") == index)
    finally:
        await owner.close()
