"""Claims about a system that was filled with an invented state: all holders are in step, as if each had been told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg
import pytest

from tests.conftest import created
from wireroom.app.engine import Embedded
from wireroom.app.keys import Keys
from wireroom.app.populate import fill, state_of
from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue
from wireroom.records.dating import date_anew
from wireroom.records.forwarding import Forwarding

pytestmark = pytest.mark.anyio
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)
CATALOGUE = Catalogue()
DSNS = dict[Source, str]


@pytest.fixture
def dsns(server: Embedded, template: str) -> Iterator[DSNS]:
    with (
        created(server, template) as state,
        created(server, template) as ncic,
        created(server, template) as dmv,
        created(server, template) as nlets,
    ):
        yield {Source.STATE: state, Source.NCIC: ncic, Source.DMV: dmv, Source.NLETS: nlets}


@pytest.fixture
async def filled(dsns: DSNS, tmp_path: Path) -> DSNS:
    await fill(state_of(600, 3, AT.date()), CATALOGUE, Keys(tmp_path), dsns, AT, None, today=TODAY)
    return dsns


async def rows(dsn: str, statement: str, *values: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        return list(await connection.fetch(statement, *values))
    finally:
        await connection.close()


async def test_each_holder_has_what_the_state_notes_to_have_told(filled: DSNS) -> None:
    told = await rows(
        filled[Source.STATE],
        "select f.*, r.number as fcn, r.owner from forward f join record r on r.file = f.file and r.id = f.record",
    )
    assert len(told) > 20
    there: dict[tuple[str, str], tuple[str, str]] = {}
    for source in (Source.NCIC, Source.DMV):
        found = await rows(
            filled[source],
            "select r.number, r.owner, i.value as fcn from record r"
            " join identifier i on i.file = r.file and i.record = r.id and i.kind = 'FCN'",
        )
        there |= {(source.value, row["fcn"]): (row["number"], row["owner"]) for row in found}
    assert {(row["source"], row["fcn"]): (row["number"], row["owner"]) for row in told} == there
    assert all(row["told_version"] == 1 and row["told_status"] == "active" for row in told)


async def test_another_state_has_whom_ncic_knows_by_its_licence(filled: DSNS) -> None:
    at_ncic = await rows(
        filled[Source.NCIC],
        "select fields ->> 'OLN' as number, fields ->> 'OLS' as state, fields ->> 'NAM' as name from record"
        " where fields ->> 'OLS' <> 'CA' and fields ? 'DOB'",
    )
    there = await rows(
        filled[Source.NLETS],
        "select number, fields ->> 'OLS' as state, fields ->> 'NAM' as name from record where file = 'licence'",
    )
    assert at_ncic
    assert {tuple(row) for row in at_ncic} <= {tuple(row) for row in there}
    assert {row["state"] for row in there} - {row["state"] for row in at_ncic}, "and others besides"


async def test_nothing_waits_to_be_told_and_a_change_is_told_as_one(filled: DSNS, tmp_path: Path) -> None:
    forwarding = Forwarding(CATALOGUE, Keys(tmp_path).vault())
    connection = await asyncpg.connect(filled[Source.STATE])
    try:
        async with connection.transaction():
            for source in (Source.NCIC, Source.DMV):
                assert await forwarding.waiting(connection, source, AT, 1_000) == []
            place = await connection.fetchrow("select file, record from forward where file = 'boat' limit 1")
            assert place is not None
            await connection.execute(
                'update record set version = 2, fields = fields || \'{"BCO": "RED"}\' where file = $1 and id = $2',
                *place,
            )
            await forwarding.note(connection, [("NCIC", *place), ("DMV", *place)], AT)
            [ncic] = await forwarding.waiting(connection, Source.NCIC, AT, 1_000)
            [dmv] = await forwarding.waiting(connection, Source.DMV, AT, 1_000)
    finally:
        await connection.close()
    assert (ncic.message.key, dmv.message.key) == ("MB", "MST")
    assert ncic.message.get("NIC") == ncic.there != ""
    assert ("BCO", "RED") in ncic.message.fields
    assert dmv.message.get("FCN") == dmv.number


async def test_the_state_finds_its_records_by_the_number_they_have_at_ncic(filled: DSNS) -> None:
    found = await rows(
        filled[Source.STATE],
        "select f.number, i.value from forward f left join identifier i"
        " on i.file = f.file and i.record = f.record and i.kind = 'NIC' where f.source = 'NCIC'",
    )
    assert found
    assert all(row["number"] == row["value"] for row in found)


async def test_months_of_validation_are_spread_over_the_year_to_come(filled: DSNS) -> None:
    due = await rows(filled[Source.STATE], "select file, validate_on from record")
    assert all((row["validate_on"] is not None) is CATALOGUE.files[row["file"]].validated for row in due)
    months = {row["validate_on"] for row in due if row["validate_on"]}
    assert (min(months), max(months), len(months)) == (date(2026, 11, 1), date(2027, 10, 1), 12)
    assert not await rows(filled[Source.NCIC], "select from record where validate_on is not null")


async def test_nothing_has_ended_when_it_begins_and_no_start_dates_it_again(filled: DSNS) -> None:
    connection = await asyncpg.connect(filled[Source.STATE])
    try:
        assert not await connection.fetchval("select count(*) from record where due_at <= $1", AT)
        assert await connection.fetchval("select count(*) from record where due_at is not null")
        assert await date_anew(connection, CATALOGUE, Source.STATE, TODAY, lambda _, __: None) == 0
    finally:
        await connection.close()
