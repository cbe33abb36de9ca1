"""Claims about the master keys: made once, rotated, never lost, and held by a process apart that can be asked."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import Clock
from wireroom.app.cli import wireroom
from wireroom.app.keyring import Keyring, KeysDown
from wireroom.app.keyservice import WAIT_S_MAX, KeyClient, KeyServer, Turns
from wireroom.records.vault import Vault

pytestmark = pytest.mark.anyio
KEY = bytes(range(32))
SOC = "912345678"


class Served:
    """A key service on a socket, what it was told to wait, and its time."""

    def __init__(self, folder: Path) -> None:
        self.ring = Keyring(folder / "keys")
        self.path = folder / "keys.socket"
        self.time = 0.0
        self.waited: list[float] = []
        self.server = self.another()

    def another(self) -> KeyServer:
        return KeyServer(
            self.ring, self.path, blinds_a_second_max=10, keys_a_minute_max=60,
            monotonic=lambda: self.time, rest=self._rest,
        )  # fmt: skip

    async def _rest(self, seconds: float) -> None:
        self.waited.append(seconds)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    served = Served(tmp_path)
    await served.server.start()
    yield served
    await served.server.close()


# --------------------------------------------------------------------------- the keys


def test_a_key_is_made_once_and_its_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    rings = [Keyring(tmp_path / "keys") for _ in range(2)]
    version, wrapped = rings[0].wrap("7", KEY)
    assert rings[1].unwrap("7", version, wrapped) == KEY
    assert (tmp_path / "keys" / "records.key").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in (tmp_path / "keys").iterdir()} == {"records.key"}


def test_SC_12_after_a_rotation_new_data_is_under_the_new_key_and_old_data_opens(tmp_path: Path) -> None:
    ring = Keyring(tmp_path)
    old = ring.wrap("7", KEY)
    blind = ring.blind("SOC", (SOC,))
    assert ring.rotate() == 2
    new = Keyring(tmp_path).wrap("7", KEY)
    assert (old[0], new[0]) == (1, 2)
    assert [ring.unwrap("7", *one) for one in (old, new)] == [KEY, KEY]
    assert ring.blind("SOC", (SOC,)) == blind, "the index has one key for ever"
    assert ring.status().versions == (1, 2)


@pytest.mark.parametrize("change", ["name", "version", "bit", "folder"])
def test_a_data_key_opens_only_under_its_own_name_and_version_and_unchanged(
    tmp_path: Path, change: str
) -> None:
    ring = Keyring(tmp_path / "one")
    ring.rotate()
    version, wrapped = ring.wrap("7", KEY)
    if change == "folder":
        ring = Keyring(tmp_path / "other")
        ring.rotate()
    name = "8" if change == "name" else "7"
    wrapped = bytes((wrapped[0] ^ 1, *wrapped[1:])) if change == "bit" else wrapped
    with pytest.raises(KeysDown, match="does not open"):
        ring.unwrap(name, 1 if change == "version" else version, wrapped)


def test_a_damaged_or_missing_key_is_told_and_no_other_made_in_its_place(tmp_path: Path) -> None:
    ring = Keyring(tmp_path)
    ring.newest()
    with pytest.raises(KeysDown, match="version 2 of the master key cannot be read"):
        ring.unwrap("7", 2, bytes(60))
    (tmp_path / "records.key").write_bytes(b"short")
    with pytest.raises(KeysDown, match="5 bytes, not 32"):
        Keyring(tmp_path).newest()


# --------------------------------------------------------------------------- the process apart


async def test_the_service_does_what_the_keys_in_files_do(served: Served) -> None:
    client = KeyClient(served.path)
    version, wrapped = await asyncio.to_thread(client.wrap, "7", KEY)
    assert served.ring.unwrap("7", version, wrapped) == KEY
    assert await asyncio.to_thread(client.unwrap, "7", version, wrapped) == KEY
    assert await asyncio.to_thread(client.blind, "SOC", [SOC]) == served.ring.blind("SOC", [SOC])
    assert (await asyncio.to_thread(client.status)).service == str(served.path)
    far, near = await asyncio.to_thread(Vault, client), Vault(served.ring)
    sealed = await asyncio.to_thread(far.seal, "wanted", "SOC", SOC)
    assert near.open("wanted", "SOC", sealed) == SOC


async def test_the_socket_is_its_owner_s_alone_and_only_one_service_has_it(served: Served) -> None:
    assert served.path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeysDown, match="another process answers"):
        await served.another().start()


async def test_what_is_asked_too_fast_waits_and_then_is_refused(served: Served) -> None:
    client = KeyClient(served.path)
    await asyncio.to_thread(client.blind, "SOC", ["1"] * 10)
    assert served.waited == []
    await asyncio.to_thread(client.blind, "SOC", ["2"] * 10)
    assert served.waited == [pytest.approx(1.0)]
    with pytest.raises(KeysDown, match="asked too much"):
        await asyncio.to_thread(client.blind, "SOC", ["3"] * 60)
    served.time += 10
    assert len(await asyncio.to_thread(client.blind, "SOC", ["4"] * 10)) == 10


def test_turns_come_evenly(clock: Clock) -> None:
    time = [0.0]
    turns = Turns(2, 1.0, lambda: time[0])
    assert [turns.take(1) for _ in range(4)] == [0.0, 0.0, 0.5, 1.0]
    assert turns.take(100) is None
    time[0] += WAIT_S_MAX
    assert turns.take(1) == 0.0


async def test_SC_12_each_use_is_a_line_of_the_log_without_a_key_or_a_value(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "wireroom.app.keyservice")
    client = KeyClient(served.path)
    await asyncio.to_thread(client.blind, "SOC", [SOC, SOC])
    await asyncio.to_thread(client.wrap, "7", KEY)
    lines = [record.getMessage() for record in caplog.records]
    assert [line.partition(" for pid ")[0] for line in lines] == [
        "did: blind SOC version - values 2", "did: wrap 7 version - values 0"
    ]  # fmt: skip
    assert all(SOC not in line and KEY.hex() not in line for line in lines)


async def test_without_the_service_nothing_is_sealed_and_who_asks_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeysDown, match=r"does not answer: .*wireroom keys serve"):
        KeyClient(tmp_path / "nobody").newest()


async def test_a_service_that_was_started_anew_is_found_again(served: Served) -> None:
    client = KeyClient(served.path)
    assert await asyncio.to_thread(client.newest) == 1
    await served.server.close()
    served.server = served.another()
    await served.server.start()
    assert await asyncio.to_thread(client.newest) == 1


@pytest.mark.parametrize(
    "line",
    [b"\n", b"{}\n", b'{"act":"master"}\n', b'{"act":"wrap","key":"?"}\n', b'{"act":"field","version":9}\n'],
)
async def test_nonsense_is_refused_and_the_line_stands(served: Served, line: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(served.path)
    for asked in (line, b'{"act":"newest"}\n'):
        writer.write(asked)
        reply = json.loads(await reader.readline())
    assert reply == {"version": 1}
    writer.write(line)
    assert json.loads(await reader.readline())["trouble"]
    writer.close()


# --------------------------------------------------------------------------- the commands


def test_rotate_and_status_tell_people_and_programs(tmp_path: Path) -> None:
    config = tmp_path / "wireroom.toml"
    config.write_text('[secrets]\nfolder = "secrets"\n')

    def call(*words: str) -> str:
        done = CliRunner().invoke(wireroom, ["keys", *words, "--config", str(config)])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert json.loads(call("status", "--json")) == {"service": "here", "newest": 1, "versions": [1]}
    assert json.loads(call("rotate", "--json")) == {"version": 2}
    assert call("status") == "version 2 seals; 2 in all, held in this machine's files\n"


def test_the_status_of_a_service_that_is_not_there_fails(tmp_path: Path) -> None:
    config = tmp_path / "wireroom.toml"
    config.write_text('[keys]\nservice = "keys.socket"\n')
    done = CliRunner().invoke(wireroom, ["keys", "status", "--config", str(config)])
    assert isinstance(done.exception, KeysDown)
