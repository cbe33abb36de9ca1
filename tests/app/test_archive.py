"""Claims about the encrypted file of a backup: it gives back what went in, or says that it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.sealed import Masters
from wireroom.app import AppError
from wireroom.app.archive import CHUNK_BYTES, BadArchive, read_archive, write_archive


def written(path: Path, *pieces: bytes) -> Path:
    write_archive(path, pieces, Masters(), made_at="2026-03-02T16:00:00Z", schema=12, code="0.1.0")
    return path


def content(path: Path) -> bytes:
    return b"".join(read_archive(path, Masters())[1])


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_what_went_in_comes_out(tmp_path: Path, size: int) -> None:
    text = Random(size).randbytes(size)
    path = written(tmp_path / "a", text[: size // 3], text[size // 3 :])
    assert content(path) == text
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_CP_9_8_nothing_of_a_backup_stands_in_its_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a", b"MARKER " * 100_000)
    assert b"MARKER" not in path.read_bytes()


def test_no_byte_can_be_changed(tmp_path: Path) -> None:
    path, dice = written(tmp_path / "a", bytes(2 * CHUNK_BYTES + 100)), Random(1)
    whole = path.read_bytes()
    places = [*range(400), *(dice.randrange(len(whole)) for _ in range(20)), len(whole) - 1]
    for place in places:
        path.write_bytes(whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :])
        with pytest.raises(AppError):
            content(path)


SEALED = 4 + CHUNK_BYTES + 16  # a full chunk in the file
LAST = 4 + 100 + 16


@pytest.mark.parametrize("off", [1, 20, LAST - 1, LAST, LAST + 1, LAST + SEALED, LAST + 2 * SEALED])
def test_one_that_was_cut_off_is_refused(tmp_path: Path, off: int) -> None:
    path = written(tmp_path / "a", bytes(2 * CHUNK_BYTES + 100))
    path.write_bytes(path.read_bytes()[:-off])
    with pytest.raises(BadArchive, match="altered or cut off"):
        content(path)


def test_one_that_was_added_to_or_whose_chunks_were_exchanged_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a", Random(2).randbytes(2 * CHUNK_BYTES + 100))
    whole = path.read_bytes()
    head = len(whole) - 2 * SEALED - LAST
    first, second = whole[head : head + SEALED], whole[head + SEALED : head + 2 * SEALED]
    for changed in (whole + b"\0" * 40, whole[:head] + second + first + whole[head + 2 * SEALED :]):
        path.write_bytes(changed)
        with pytest.raises(BadArchive, match="altered or cut off"):
            content(path)


def test_a_source_that_fails_leaves_no_file(tmp_path: Path) -> None:
    def source() -> Iterator[bytes]:
        yield b"x" * 3 * CHUNK_BYTES
        raise OSError("the database is gone")

    with pytest.raises(OSError, match="gone"):
        write_archive(tmp_path / "a", source(), Masters(), made_at="", schema=12, code="0.1.0")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_backup_is_told_as_that(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"PGDMP")
    with pytest.raises(BadArchive, match="is no backup of Wireroom"):
        content(tmp_path / "a")
