"""The migration that keeps incidents, reviews, holds and measured devices: what stands goes on."""

from __future__ import annotations

import asyncpg
import pytest

from wireroom.app import database as db
from wireroom.app.schema import migrate

pytestmark = pytest.mark.anyio
BEFORE = """
insert into agency values ('CA0990100', 'Invented', '', '', false, now());
insert into terminal values ('Z1A2', 'CA0990100', 'mobile', '', true, false, now());
insert into device_authority values ('f', 'CA0990100', 's', 'p', true, now(), 'x', now() + interval '1 year');
insert into device_certificate (fingerprint, serial, authority, terminal, ori, encrypted, managed, located, issued_at,
                                issued_by, ends_at)
values ('d', 'd', 'f', 'Z1A2', 'CA0990100', true, true, true, now(), 'x', now() + interval '1 month');
"""
INCIDENT = "insert into incident values ($1, 'lost-device', 'CA0990100', '', 'Z1A2', $2, now(), now(), 'x')"


async def test_devices_stand_as_they_did_and_an_origin_opens_one_incident(empty_database: str) -> None:
    await migrate(empty_database, "0014")
    async with db.connect(empty_database) as connection:
        await connection.execute(BEFORE)
    await migrate(empty_database, "0015")
    async with db.connect(empty_database) as connection:
        assert (
            await connection.fetchval("select count(*) from device_certificate where revoked_at is null") == 1
        )
        assert await connection.fetchval("select count(*) from device_management") == 0, (
            "nobody is measured yet"
        )
        await connection.execute(INCIDENT, 1, "device/Z1A2/1")
        for number in (2, 3):
            await connection.execute(INCIDENT, number, None)  # by hand, as often as anybody likes
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute(INCIDENT, 4, "device/Z1A2/1")
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await connection.execute("insert into incident_step values (9, 1, 'close', '{}', now(), 'x', 1)")
        signed = "insert into review_signature values ($1, 'CA0990100', '2026-03-02', 'd', now(), 'x', 1)"
        for number in (5, 6):
            await connection.execute(
                "insert into weekly_review values ($1, 'CA0990100', '2026-03-02', 'd', now(), 'x')", number
            )
        await connection.execute(signed, 5)
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute(signed, 6)  # a week is signed once
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(
                "insert into device_management values ('CA0990100', 'Z1A2', 1, 90, '', now(), 'x')"
            )
