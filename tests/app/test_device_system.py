"""A whole switch that wants devices: what is issued gets in without a restart, and what is revoked is put out."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from tests.app.pki import POLICE, Pki
from tests.app.test_commands import QV, cli, config, program
from tests.app.test_device_commands import said
from tests.wire.desk import Raw
from wireroom.app import devices
from wireroom.app.assemble import now, running
from wireroom.app.database import open_as
from wireroom.app.roles import WEB
from wireroom.app.settings import load
from wireroom.app.tls import calling
from wireroom.policy.devices import Register
from wireroom.policy.directory import Agency, Terminal, add_agency, add_terminal
from wireroom.wire.payload import Kind, Logon, write
from wireroom.wire.session import bye

__all__ = ["config"]  # the fixture


def guarded(config: Path, pki: Pki, more: str = "", port: int = 0) -> None:
    """The same settings with a guard before the doors."""
    text = config.read_text().partition("[devices]")[0]
    where = f'certificate_file = "{pki.folder}/switch.pem"\nkey_file = "{pki.folder}/switch.key"\n'
    config.write_text(
        text.replace("[wire]\nport = 0", f"[wire]\nport = {port}")
        + f'[devices]\ndevices = "required"\n{where}{more}'
    )


@asynccontextmanager
async def signed_on(port: int, context: ssl.SSLContext | None, logon: Logon) -> AsyncIterator[Raw]:
    """A line of this device, once the running switch has learned of its authority."""
    async with asyncio.timeout(20):
        heard = None
        while heard is None:
            raw = await Raw.connect(port, context)
            raw.say(write(Kind.HELLO, logon))
            with suppress(ssl.SSLError, ConnectionError, EOFError):
                heard = await raw.hear()
            if heard is None:
                raw.writer.transport.abort()
    try:
        assert heard.kind == Kind.WELCOME, heard
        yield raw
    finally:
        raw.writer.transport.abort()


@pytest.mark.anyio
async def test_IA_3_what_is_issued_gets_in_without_a_restart_and_what_is_revoked_is_put_out(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "LOOKED_EVERY_S", 0.05)
    pki = Pki(tmp_path / "pki")
    guarded(config, pki)
    async with running(load(config)) as ready:
        pool = await open_as(ready.dsn, WEB, 2)
        await add_agency(pool, Agency(ori=POLICE, name="Example City Police"), now())
        await add_terminal(pool, Terminal(mnemonic="ZZ01", ori=POLICE, kind="interface"), now())
        register, device = Register(pool), pki.device("ZZ01")
        await pki.known(register, device)
        guarded(config, pki, f'console_file = "{device.file}"\n', ready.wire_port)
        secret = ready.keys.interface_secret("ZZ01")
        logon = Logon(terminal="ZZ01", person="cad.user", secret=secret, purpose="C")
        async with signed_on(ready.wire_port, calling(load(config)), logon):
            code, told, errors = await program("send", QV, "--terminal", "ZZ01", config=config)
            assert code == 1, told + errors  # answered: no record
        async with signed_on(ready.wire_port, calling(load(config)), logon) as raw:
            await register.revoke("ZZ01", why="lost", by="console", now=now())
            last = (await raw.hear_all())[-1]  # of a line on which nobody said anything
            assert (bye(last).code, bye(last).reason) == ("revoked", devices.OVER)
        code, told, errors = await program("send", QV, "--terminal", "ZZ01", config=config)
        assert code == 4, told + errors
        assert "This device may not sign in here" in errors
        await pool.close()


def test_AC_2_13_person_stop_ends_trust_in_the_devices_of_the_sessions_too(
    config: Path, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said("agency", "add", POLICE, "Example City Police", config=config)
    said("device", "authority", "create", POLICE, config=config)
    people = ("p.vale", "q.vale", "r.none")
    for terminal, person in zip(("Z001", "Z004", "Z005"), people, strict=True):
        said("terminal", "add", terminal, POLICE, config=config)
        said("device", "issue", terminal, config=config)
        said(
            "person",
            "add",
            person,
            person.title(),
            POLICE,
            "--password",
            "another horse battery",
            config=config,
        )

    async def seat() -> None:
        connection = await asyncpg.connect(database)
        for person, terminal in (("p.vale", "Z001"), ("q.vale", "Z004")):
            await connection.execute(
                "insert into session (token_hash, person, terminal, ori, csrf, opened_at, seen_at, peer, kind, device) "
                "select $1::bytea, $2::text, $3::text, $4::text, '', $5, $5, '', 'page', fingerprint "
                "from device_certificate where terminal = $3",
                person.encode(), person, terminal, POLICE, now() - timedelta(minutes=1),
            )  # fmt: skip
        await connection.close()

    asyncio.run(seat())
    assert "certificates trusted no more: " in said("person", "stop", "p.vale", config=config)
    assert "certificates" not in said("person", "stop", "q.vale", "--keep-device", config=config)
    assert "certificates" not in said("person", "stop", "r.none", config=config)
    shown = [line.split() for line in said("device", "list", config=config).splitlines()[1:]]
    assert [(line[0], "revoked" in line) for line in shown] == [
        ("Z001", True),
        ("Z004", False),
        ("Z005", False),
    ]
    told = cli("journal", "find", "--json", config=config).stdout
    assert "p.vale was stopped" in told
