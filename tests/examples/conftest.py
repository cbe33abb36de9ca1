"""A switch with its doors for the examples: one agency, one desk, one interface, one person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from wireroom.app.assemble import Running, now, running
from wireroom.app.database import open_as
from wireroom.app.populate import make_fit
from wireroom.app.roles import WEB
from wireroom.app.schema import upgrade
from wireroom.app.settings import load
from wireroom.policy.directory import Agency, Terminal, TerminalKind, add_agency, add_terminal
from wireroom.policy.people import People, Person
from wireroom.policy.secret import Seal, code_at, new_otp_secret

AGENCY = "CA0990100"
PASSWORD = "an invented password 9"


class Place(msgspec.Struct, frozen=True):
    """Where the examples find a switch, and what they sign in with."""

    ready: Running
    otp_secret: str

    @property
    def code(self) -> str:
        return code_at(self.otp_secret, now())

    @property
    def interface_secret(self) -> str:
        return self.ready.keys.interface_secret("ZZ01")


async def _seated(dsn: str, seal: Seal, otp_secret: str) -> None:
    pool = await open_as(dsn, WEB, 2)
    try:
        await add_agency(pool, Agency(ori=AGENCY, name="Example City Police Department"), now())
        for mnemonic, kind in (("Z001", TerminalKind.FIXED), ("ZZ01", TerminalKind.INTERFACE)):
            await add_terminal(pool, Terminal(mnemonic=mnemonic, ori=AGENCY, kind=kind), now())
        person = Person(id="ada.dispatch", name="Ada Dispatcher", ori=AGENCY, role="operator")
        await People(pool, seal).add(person, password=PASSWORD, otp_secret=otp_secret, now=now())
        await make_fit(pool, now())
    finally:
        await pool.close()


@pytest.fixture
async def place(database: str, tmp_path: Path, anyio_backend: object) -> AsyncIterator[Place]:
    """A whole switch without partners, on free ports of the loopback."""
    from wireroom.app.keys import Keys

    file = tmp_path / "wireroom.toml"
    file.write_text(
        f'[database]\nurl = "{database}"\ndata_folder = "data"\n[wire]\nport = 0\n[web]\nport = 0\n'
    )
    loaded = load(file)
    await upgrade(database)
    otp_secret = new_otp_secret()
    await _seated(database, Keys(loaded.secrets_folder).seal(), otp_secret)
    async with running(loaded) as ready:
        yield Place(ready, otp_secret)
