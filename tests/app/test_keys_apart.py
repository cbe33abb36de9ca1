"""Claims about a whole house whose keys are in another process: it works the same, and closes when that is away."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from tests.examples.conftest import Place, _seated
from tests.sealed import bodies
from wireroom.app.assemble import now, running
from wireroom.app.keys import keys_of
from wireroom.app.noting import note_down
from wireroom.app.schema import upgrade
from wireroom.app.sending import Sender, ask
from wireroom.app.settings import load
from wireroom.journal import NotWritten
from wireroom.journal.tags import Tag
from wireroom.policy.secret import new_otp_secret

pytestmark = pytest.mark.anyio
SOC = "912345678"
ENTRY = f"EW.NAM/APART, TEST.SEX/F.RAC/W.DOB/19900101.SOC/{SOC}.OFF/0101.DOW/20260301.EXL/01.OCA/99-000002"


@pytest.fixture
def config(database: str, tmp_path: Path) -> Path:
    path = tmp_path / "w.toml"
    path.write_text(
        f'[database]\nurl = "{database}"\ndata_folder = "data"\n[wire]\nport = 0\n[web]\nport = 0\n'
        '[keys]\nservice = "k.sock"\nfolder = "keys"\n'
    )
    return path


@pytest.fixture
async def service(config: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`wireroom keys serve` as a program of its own."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wireroom", "keys", "serve", "--config", str(config), stdout=subprocess.PIPE
    )
    assert program.stdout is not None
    said = await asyncio.wait_for(program.stdout.readline(), 60)
    assert said.startswith(b"Keys at "), said
    yield program
    if program.returncode is None:
        program.terminate()
    await program.wait()


async def test_a_house_without_a_master_key_works_and_closes_when_the_keys_are_away(
    service: asyncio.subprocess.Process, config: Path, database: str, tmp_path: Path
) -> None:
    loaded = load(config)
    await upgrade(database)
    secret = new_otp_secret()
    await _seated(database, keys_of(loaded).seal(), secret)
    async with running(loaded) as ready:
        place = Place(ready, secret)
        sender = Sender(
            host="127.0.0.1", port=ready.wire_port, terminal="ZZ01", person="ada.dispatch", purpose="C", case="",
            keys=place.ready.keys, answer_seconds_max=8,
        )  # fmt: skip
        async with sender.client() as client:
            assert (await ask(client, ENTRY, 8)).answers[0].state == "accepted"
            assert (await ask(client, f"QW.SOC/{SOC}", 8)).answers[0].state == "hit"
        connection = await asyncpg.connect(database)
        try:
            read = await bodies(connection, ready.keys.texts(database, now))
            assert any(SOC.encode() in body for body in read)
        finally:
            await connection.close()
    assert not list((tmp_path / "data").rglob("records*.key")), "no master key on this side"
    log = (tmp_path / "keys" / "keys.log").read_text()
    assert "did: blind SOC" in log
    assert SOC not in log

    service.terminate()
    await service.wait()
    with pytest.raises(NotWritten, match="wireroom keys serve"):
        await note_down(loaded, database, Tag.JOURNAL_VERIFIED, "console", {})
    connection = await asyncpg.connect(database)
    try:
        assert await connection.fetchval("select count(*) from journal where tag = 'journal:verified'") == 0
    finally:
        await connection.close()
