"""An encrypted file, of a backup or for a recipient: chunks under AES-256-GCM with a key of its own, wrapped.

A line that says what it is, a line of JSON with the wrapped key, then chunks: four bytes of length, the sealed chunk.
The number of a chunk and whether it is the last are its nonce; both lines are authenticated with each. So nothing can
be changed, moved, left out, added or cut off without being noticed, and no more than two chunks are in memory.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wireroom.app import AppError
from wireroom.journal.sealing import Master

BACKUP, SEALED = b"wireroom-backup/1\n", b"wireroom-sealed/1\n"
KINDS = {BACKUP: "backup", SEALED: "sealed file"}
CHUNK_BYTES = 1 << 20
TAG_BYTES = 16
HEADER_BYTES_MAX = 4_096
NUMBER_MAX = 1 << 40  # chunks: more than any disk holds


class BadArchive(AppError):
    """The file is not a backup of ours, or not as it was written."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in an archive in clear."""

    made_at: str  # ISO 8601, UTC
    schema: int  # of the database
    code: str  # the program that wrote it
    name: str  # of its key
    version: int  # of the master key
    key: str  # wrapped, base64
    marking: str = (
        ""  # of what leaves: how it is to be kept, who made it, when, and the number in the journal
    )


def write_archive(
    path: Path, source: Iterable[bytes], master: Master, *, made_at: str, schema: int, code: str,
    mark: bytes = BACKUP, marking: str = "",
) -> int:  # fmt: skip
    """Writes what comes from a source; bytes written. The file is there whole, mode 0600, or not at all."""
    key, name = AESGCM.generate_key(256), f"{mark[9:15].decode()}-{secrets.token_hex(8)}"
    version, wrapped = master.wrap(name, key)
    about = About(
        made_at=made_at, schema=schema, code=code, name=name, version=version, key=b64encode(wrapped).decode(),
        marking=marking,
    )  # fmt: skip
    header = mark + msgspec.json.encode(about) + b"\n"
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(header)
            for sealed in _sealed(_chunks(source), AESGCM(key), hashlib.sha256(header).digest()):
                file.write(len(sealed).to_bytes(4) + sealed)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return size


def _chunks(source: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in chunks of one size, the last one shorter, perhaps empty."""
    held = bytearray()
    for piece in source:
        held += piece
        while len(held) > CHUNK_BYTES:
            yield bytes(held[:CHUNK_BYTES])
            del held[:CHUNK_BYTES]
    yield bytes(held)


def _sealed(chunks: Iterator[bytes], aead: AESGCM, header: bytes) -> Iterator[bytes]:
    before = next(chunks)
    number = 0
    for chunk in chunks:
        yield aead.encrypt(_nonce(number, last=False), before, header)
        before, number = chunk, number + 1
    yield aead.encrypt(_nonce(number, last=True), before, header)


def _nonce(number: int, *, last: bool) -> bytes:
    assert number < NUMBER_MAX, "no backup has so many chunks"
    return bytes((0, 0, 0, last)) + number.to_bytes(8)


def read_archive(path: Path, master: Master, *, mark: bytes = BACKUP) -> tuple[About, Iterator[bytes], int]:
    """What an archive is, its content, chunk by chunk, and how many bytes it has.

    The content raises BadArchive at the first byte that is not as it was written, and at its end where that was cut
    off: whoever takes it must not act on it before it has ended well.
    """
    file = path.open("rb")
    try:
        header = file.readline(len(mark) + 1)
        if header != mark:
            other = f": it is a {KINDS[header]}" if header in KINDS else ""
            raise BadArchive(f"{path} is no {KINDS[mark]} of Wireroom{other}")
        told = file.readline(HEADER_BYTES_MAX)
        try:
            about = msgspec.json.decode(told, type=About)
            wrapped = b64decode(about.key, validate=True)
        except (ValueError, UnicodeDecodeError) as error:
            raise BadArchive(f"{path} was altered: its second line cannot be read") from error
        key = master.unwrap(about.name, about.version, wrapped)
    except BaseException:
        file.close()
        raise
    return (
        about,
        _content(file, path, AESGCM(key), hashlib.sha256(header + told).digest()),
        path.stat().st_size,
    )


def _content(file: BinaryIO, path: Path, aead: AESGCM, header: bytes) -> Iterator[bytes]:
    with file:
        number, last = 0, False
        while not last:
            size = int.from_bytes(file.read(4))
            if not TAG_BYTES <= size <= CHUNK_BYTES + TAG_BYTES:
                raise BadArchive(f"{path} was altered or cut off at its chunk {number}: use another backup")
            sealed = file.read(size)
            ahead = file.read(1)
            last = not ahead
            if ahead:
                file.seek(-1, os.SEEK_CUR)
            try:
                yield aead.decrypt(_nonce(number, last=last), sealed, header)
            except InvalidTag:
                raise BadArchive(
                    f"{path} was altered or cut off at its chunk {number}: use another backup"
                ) from None
            number += 1
