"""The embedded server: it starts, is shared, survives being killed, and says why it will not start."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from wireroom.app import EngineError
from wireroom.app.database import connect
from wireroom.app.engine import SOCKET_PATH_BYTES_MAX, Embedded


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database in it, which each test leaves stopped."""
    folder = tmp_path_factory.mktemp("made")
    with embedded(folder):
        pass
    return folder


@pytest.fixture
def started(made: Path) -> Iterator[Embedded]:
    with embedded(made) as server:
        yield server


def embedded(folder: Path) -> Embedded:
    return Embedded(folder, shared_buffers_mb=16, connections_max=20)


def ask(server: Embedded, statement: str) -> str:
    async def run() -> str:
        async with connect(server.dsn("postgres")) as connection:
            return str(await connection.fetchval(statement))

    return asyncio.run(run())


@pytest.mark.parametrize("name", ["fsync", "synchronous_commit", "full_page_writes", "data_checksums"])
def test_nothing_that_was_committed_can_be_lost(server: Embedded, name: str) -> None:
    assert ask(server, f"SELECT current_setting('{name}')") == "on"


def test_it_has_no_network_address(server: Embedded) -> None:
    assert ask(server, "SELECT current_setting('listen_addresses')") == ""


def test_its_socket_lies_in_a_folder_closed_to_others(started: Embedded) -> None:
    assert stat.S_IMODE((started.folder / "socket").stat().st_mode) == 0o700


def test_it_speaks_utf8_and_sorts_by_bytes(server: Embedded) -> None:
    assert ask(server, "SELECT current_setting('server_encoding')") == "UTF8"
    assert ask(server, "SELECT string_agg(x, '' ORDER BY x) FROM (VALUES ('a'), ('B')) v(x)") == "Ba"


def test_it_runs_in_a_session_of_its_own_so_that_an_interrupt_does_not_reach_it(started: Embedded) -> None:
    assert started.pid is not None
    assert os.getsid(started.pid) != os.getsid(0)


def test_it_never_runs_as_root(started: Embedded) -> None:
    assert os.stat(f"/proc/{started.pid}").st_uid != 0


def test_what_a_client_did_wrong_is_not_written_into_the_log(started: Embedded) -> None:
    with pytest.raises(Exception, match="7ABC123"):
        ask(started, "SELECT '7ABC123'::int")
    assert "7ABC123" not in started.log.read_text()


def test_a_folder_closed_to_all_but_its_owner_is_no_obstacle(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with embedded(home / "data") as server:
        assert ask(server, "SELECT 1") == "1"
        assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * SOCKET_PATH_BYTES_MAX)
    with embedded(folder) as server:
        assert ask(server, "SELECT 1") == "1"
        assert ask(embedded(folder), "SELECT 1") == "1"
        assert server._socket_folder().is_dir()
    assert not server._socket_folder().exists()


def test_a_short_socket_folder_that_others_could_enter_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / ("e" * SOCKET_PATH_BYTES_MAX)
    place = embedded(folder)._socket_folder()
    assert place.parent == Path(tempfile.gettempdir())
    place.mkdir()
    place.chmod(0o777)
    try:
        with pytest.raises(EngineError, match="mode 700"):
            embedded(folder).start()
    finally:
        place.rmdir()


def test_a_second_process_shares_it_and_does_not_stop_it(started: Embedded) -> None:
    with embedded(started.folder) as second:
        assert started.is_owner
        assert not second.is_owner
        assert second.pid == started.pid
        assert second.dsn() == started.dsn()
    assert ask(started, "SELECT 1") == "1"


def test_to_stop_it_twice_is_harmless(made: Path) -> None:
    server = embedded(made).start()
    server.stop()
    server.stop()
    assert server.pid is None
    assert not (made / "postgres" / "postmaster.pid").exists()


OWNER = """
import os, sys
from pathlib import Path
from wireroom.app.engine import Embedded
server = Embedded(Path(sys.argv[1]), shared_buffers_mb=16).start()
print(server.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_server_whose_owner_was_killed_is_taken_over(made: Path) -> None:
    owner = subprocess.run(
        [sys.executable, "-c", OWNER, str(made)], capture_output=True, text=True, timeout=60
    )
    assert owner.returncode == -signal.SIGKILL, owner.stderr
    with embedded(made) as heir:
        assert heir.is_owner
        assert heir.pid == int(owner.stdout)
        assert ask(heir, "SELECT 1") == "1"
    assert heir.pid is None


def test_what_was_committed_survives_the_death_of_the_server(made: Path) -> None:
    first = embedded(made).start()
    assert first.pid is not None
    ask(first, "CREATE TABLE kept AS SELECT 1 AS one")
    os.kill(first.pid, signal.SIGKILL)
    first.stop()
    assert (made / "postgres" / "postmaster.pid").exists()
    with embedded(made) as second:
        assert ask(second, "SELECT one FROM kept") == "1"
        ask(second, "DROP TABLE kept")


def test_a_stale_note_whose_number_belongs_to_another_process_is_no_obstacle(made: Path) -> None:
    note = made / "postgres" / "postmaster.pid"
    with embedded(made):
        lines = note.read_text().splitlines()
    note.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    owner = (made / "postgres").stat()
    os.chown(note, owner.st_uid, owner.st_gid)
    with embedded(made) as server:
        assert ask(server, "SELECT 1") == "1"


def test_a_note_left_empty_by_a_power_cut_is_no_obstacle(made: Path) -> None:
    note = made / "postgres" / "postmaster.pid"
    note.write_text("")
    owner = (made / "postgres").stat()
    os.chown(note, owner.st_uid, owner.st_gid)
    with embedded(made) as server:
        assert ask(server, "SELECT 1") == "1"


def test_a_database_left_half_made_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with embedded(tmp_path) as server:
        assert ask(server, "SELECT 1") == "1"
    assert not half.exists()


def test_data_of_a_newer_postgresql_is_left_alone_with_clear_words(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("99\n")
    with pytest.raises(EngineError, match=r"written by PostgreSQL 99, and here is .*install a newer one"):
        embedded(tmp_path).start()


def test_data_without_a_version_is_left_alone_with_clear_words(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("")
    with pytest.raises(EngineError, match="restore the folder from a backup"):
        embedded(tmp_path).start()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match=r"file/data cannot be used: .*name another data_folder"):
        embedded(tmp_path / "file" / "data").start()


def test_a_server_that_does_not_start_says_why_and_leaves_nothing_running(made: Path) -> None:
    server = Embedded(made, shared_buffers_mb=16, connections_max=0)
    with pytest.raises(EngineError, match="max_connections"):
        server.start()
    assert not server.is_owner
    assert server.pid is None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("PANIC:  could not write to file: No space left on device", "the disk is full; free some space"),
        ("FATAL:  could not create any Unix-domain sockets", "the socket cannot be made"),
        ("FATAL:  could not map anonymous shared memory: Cannot allocate memory", "lower shared_buffers_mb"),
        ("FATAL:  data directory has wrong ownership", "may not use the folder"),
        ("FATAL:  database files are incompatible with server", "another PostgreSQL"),
        ("FATAL:  something new", "FATAL:  something new"),
        ("", "it said nothing"),
    ],
)
def test_what_postgresql_says_is_put_into_words(tmp_path: Path, said: str, words: str) -> None:
    told = Embedded(tmp_path)._why_not(said)
    assert words in told
    assert "postgres.log" in told


def test_a_long_log_is_put_aside_at_a_start(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wireroom.app.engine.LOG_BYTES_MAX", 10)
    with embedded(made) as server:
        assert server.log.with_suffix(".log.1").exists()
        assert server.log.read_text().count("starting PostgreSQL") == 1
