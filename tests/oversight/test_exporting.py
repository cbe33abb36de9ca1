"""Judges exports: whole or not there, readable by their owner alone. What is in them, verify.py judges."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from tests.journal.invented import Journal
from wireroom.journal.entry import parse
from wireroom.journal.tree import commitment, leaf_hash
from wireroom.oversight.exporting import CannotExport, export
from wireroom.oversight.reading import newest_checkpoint

pytestmark = pytest.mark.anyio


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_an_export_holds_every_signed_entry_in_the_order_of_its_leaves(
    journal: Journal, tmp_path: Path
) -> None:
    written = await journal.fill((3, 4), (2,))
    await journal.write(5)
    await journal.sequencer.fold_once()  # in the tree, and not signed
    path = tmp_path / "export.jsonl"
    done: list[int] = []
    told = await export(journal.pool, path, keys=journal.keys, texts=journal.texts, progress=done.append)
    header, first, second, *leaves, end = lines_of(path)
    assert header == {
        "format": "wireroom-journal/1",
        "origin": "wireroom.example/journal",
        "keys": journal.keys,
        "leaves": 9,
        "checkpoints": 2,
    }
    assert [parse(line["body"].encode()) for line in leaves] == written
    assert [line["leaf"] for line in leaves] == list(range(9))
    for line in leaves:
        data = commitment(b64decode(line["salt"]), line["body"].encode())
        assert line["hash"] == leaf_hash(data).hex()
    assert second["checkpoint"] == told.newest == await newest_checkpoint(journal.pool)
    assert first["checkpoint"].split("\n")[1] == "7"
    assert end["end"] == told.leaves == 9
    assert told.size == path.stat().st_size
    assert done == [3, 7, 9]


async def test_only_the_owner_may_read_an_export(journal: Journal, tmp_path: Path) -> None:
    await journal.fill((1,))
    await export(journal.pool, tmp_path / "export.jsonl", keys=journal.keys, texts=journal.texts)
    assert (tmp_path / "export.jsonl").stat().st_mode & 0o777 == 0o600


async def test_a_large_export_is_written_in_portions(journal: Journal, tmp_path: Path) -> None:
    await journal.fill((4000,))
    told = await export(journal.pool, tmp_path / "export.jsonl", keys=journal.keys, texts=journal.texts)
    assert told.size == (tmp_path / "export.jsonl").stat().st_size > 1 << 20


async def test_nothing_signed_is_nothing_to_export(journal: Journal, tmp_path: Path) -> None:
    await journal.write(1)
    with pytest.raises(CannotExport, match="no checkpoint was signed yet"):
        await export(journal.pool, tmp_path / "export.jsonl", keys=journal.keys, texts=journal.texts)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM journal WHERE number = (SELECT max(number) FROM journal)", "damaged at leaf 3"),
        ("DELETE FROM journal_span WHERE first = 3", "ends at leaf 3"),
        ("DELETE FROM journal_span WHERE first = 0", "damaged at leaf 0"),
    ],
)
async def test_of_a_journal_with_holes_nothing_is_exported_and_an_older_export_stays(
    journal: Journal, tmp_path: Path, statement: str, said: str
) -> None:
    await journal.fill((3, 4))
    await journal.tamper(statement)
    path = tmp_path / "export.jsonl"
    path.write_text("the older one")
    with pytest.raises(CannotExport, match=said):
        await export(journal.pool, path, keys=journal.keys, texts=journal.texts)
    assert names_in(tmp_path) == ["export.jsonl"]
    assert path.read_text() == "the older one"


async def test_a_damaged_body_is_exported_as_it_is(journal: Journal, tmp_path: Path) -> None:
    written = await journal.fill((3,))
    await journal.tamper("UPDATE journal SET body = '\\xff' WHERE number = $1", written[1].number)
    await export(journal.pool, tmp_path / "export.jsonl", keys=journal.keys, texts=journal.texts)
    damaged = lines_of(tmp_path / "export.jsonl")[3]
    assert b64decode(damaged["body64"]) == b"\xff"
    assert "body" not in damaged
