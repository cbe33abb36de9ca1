"""The eleventh migration: devices have certificates that are never forgotten, and sessions that stood go on."""

from __future__ import annotations

import asyncpg
import pytest

from wireroom.app import database as db
from wireroom.app.roles import WEB
from wireroom.app.schema import migrate, upgrade

pytestmark = pytest.mark.anyio
BEFORE = """
insert into agency values ('CA0990100', 'Invented', '', '', false, now());
insert into terminal (mnemonic, ori, kind, title, enabled, test, added_at)
values ('Z001', 'CA0990100', 'mobile', '', true, false, now());
insert into account (id, name, ori, role, password_hash, otp_sealed, otp_last_step, enabled, failures, added_at,
                     active_at)
values ('p.vale', 'Pat Vale', 'CA0990100', 'operator', 'x', ''::bytea, 7, true, '{}', now(), now());
insert into session (token_hash, person, terminal, ori, csrf, opened_at, seen_at, peer, kind)
values ('t'::bytea, 'p.vale', 'Z001', 'CA0990100', 'c', now(), now(), '', 'page')
"""
ISSUED = """
insert into device_authority (fingerprint, ori, subject, pem, ours, added_at, added_by, ends_at)
values ('aa', 'CA0990100', 'CN=x', '', true, now(), 'console', now());
insert into device_certificate (fingerprint, serial, authority, terminal, ori, encrypted, managed, located,
                                issued_at, issued_by, ends_at)
values ('bb', '1', 'aa', 'Z001', 'CA0990100', true, true, true, now(), 'console', now())
"""


async def test_a_session_that_stood_goes_on_without_a_device(empty_database: str) -> None:
    await migrate(empty_database, "0011")
    async with db.connect(empty_database) as connection:
        await connection.execute(BEFORE)
    await migrate(empty_database, "0012")
    async with db.connect(empty_database) as connection:
        assert await connection.fetchval("select device from session where ended_at is null") == ""


async def test_no_process_may_forget_a_certificate_or_an_authority(empty_database: str) -> None:
    await upgrade(empty_database)
    async with db.connect(empty_database) as connection:
        await connection.execute(BEFORE)
        await connection.execute(ISSUED)
        await connection.execute(f"set role {WEB}")
        for table in ("device_certificate", "device_authority"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"delete from {table}")


async def test_an_authority_has_one_certificate_of_a_serial(empty_database: str) -> None:
    await upgrade(empty_database)
    async with db.connect(empty_database) as connection:
        await connection.execute(BEFORE)
        await connection.execute(ISSUED)
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute(
                "insert into device_certificate select 'cc', serial, authority, terminal, ori, encrypted, managed, "
                "located, issued_at, issued_by, ends_at from device_certificate"
            )
