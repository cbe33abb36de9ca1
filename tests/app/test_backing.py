"""Claims about backups: what was saved comes back, and a bad backup leaves the database as it was."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result

from tests.conftest import created
from wireroom.app import AppError
from wireroom.app import database as db
from wireroom.app.archive import BadArchive
from wireroom.app.assemble import now
from wireroom.app.backing import restore
from wireroom.app.cli import wireroom
from wireroom.app.engine import Embedded
from wireroom.app.keys import keys_of
from wireroom.app.settings import load


@pytest.fixture
def config(database: str, tmp_path: Path) -> Path:
    path = tmp_path / "wireroom.toml"
    path.write_text(f'[database]\nurl = "{database}"\n[secrets]\nfolder = "secrets"\n')
    return path


@pytest.fixture(autouse=True)
def cleared(server: Embedded, database: str) -> Iterator[None]:
    """What was replaced stays beside the database; a test takes it away."""
    yield

    async def clear() -> None:
        async with db.connect(server.dsn("postgres")) as connection:
            name = database.partition("@/")[2].partition("?")[0]
            for row in await connection.fetch(
                "select datname from pg_database where datname like $1", f"{name}_%"
            ):
                await connection.execute(f'DROP DATABASE "{row[0]}" WITH (FORCE)')

    asyncio.run(clear())


def call(config: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(wireroom, [*map(str, words), "--config", str(config)])


def agencies(config: Path) -> list[str]:
    return [one["ori"] for one in json.loads(call(config, "agency", "list", "--json").stdout)]


def saved(config: Path, tmp_path: Path) -> Path:
    """A backup of a database with one agency."""
    assert call(config, "agency", "add", "CA0990100", "Example City Police").exit_code == 0
    done = call(config, "database", "backup", tmp_path / "b", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["bytes"] == (tmp_path / "b").stat().st_size
    return tmp_path / "b"


def test_CP_9_1_what_was_saved_comes_back_and_what_was_there_stays_beside_it(
    config: Path, tmp_path: Path, server: Embedded
) -> None:
    path = saved(config, tmp_path)
    call(config, "agency", "add", "CA0980100", "Sample County Sheriff")
    done = call(config, "database", "restore", path, "--json")
    assert done.exit_code == 0, done.output
    assert agencies(config) == ["CA0990100"]
    assert json.loads(call(config, "database", "check", "--json").stdout)["wrong"] == []
    former = json.loads(done.stdout)["former"]
    found = json.loads(call(config, "journal", "find", "--json").stdout)
    assert [one["entry"]["tag"] for one in found[1:]] == [
        "database:restored", "database:saved", "agency:changed"
    ]  # fmt: skip
    assert former.startswith("test_")


@pytest.mark.parametrize("harm", ["bit", "cut off", "added", "keys"])
def test_a_bad_backup_is_refused_and_the_database_is_as_it_was(
    config: Path, tmp_path: Path, harm: str
) -> None:
    path = saved(config, tmp_path)
    call(config, "agency", "add", "CA0980100", "Sample County Sheriff")
    whole = path.read_bytes()
    half = len(whole) // 2
    if harm == "keys":
        (tmp_path / "secrets").rename(tmp_path / "secrets.away")
    else:
        changed = {
            "bit": whole[:half] + bytes((whole[half] ^ 1,)) + whole[half + 1 :],
            "cut off": whole[:-20],
        }
        path.write_bytes(changed.get(harm, whole + b"\0" * 64))
    done = call(config, "database", "restore", path)
    assert isinstance(done.exception, AppError if harm == "keys" else BadArchive), done.output
    if harm == "keys":
        for one in (tmp_path / "secrets").iterdir():
            one.unlink()
        (tmp_path / "secrets").rmdir()
        (tmp_path / "secrets.away").rename(tmp_path / "secrets")
    assert agencies(config) == ["CA0980100", "CA0990100"]


def test_a_database_in_use_is_not_replaced(config: Path, tmp_path: Path, database: str) -> None:
    path = saved(config, tmp_path)

    async def while_it_is_used() -> None:
        connection = await asyncpg.connect(database)
        try:
            master = keys_of(load(config)).master()
            await restore(database, path, master, at=now(), progress=lambda done, total: None)
        finally:
            await connection.close()

    with pytest.raises(AppError, match="is in use, so nothing was restored: stop every Wireroom"):
        asyncio.run(while_it_is_used())
    assert agencies(config) == ["CA0990100"]


def test_a_backup_comes_into_a_new_and_empty_place(
    config: Path, tmp_path: Path, server: Embedded, template: str
) -> None:
    path = saved(config, tmp_path)
    with created(server, template) as other:
        config.write_text(f'[database]\nurl = "{other}"\n[secrets]\nfolder = "secrets"\n')
        assert call(config, "database", "restore", path).exit_code == 0
        assert agencies(config) == ["CA0990100"]
