"""What leaves as a file: for its owner alone to read, never over another file, marked, and sealed where it travels.

A sealed file is an archive like a backup, but its key is wrapped under what its recipient has too: a passphrase or a
key in a file, agreed beforehand and brought on another way. Who lost that file opens nothing any more, and nor do we.
"""

from __future__ import annotations

import getpass
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from wireroom import __version__
from wireroom.app import AppError
from wireroom.app.archive import SEALED, read_archive, write_archive
from wireroom.app.console import FROM_OUTSIDE

KEY_FILE_MIN, KEY_FILE_MAX = (
    16,
    4_096,
)  # bytes of a passphrase or key; fewer are guessed, more are another file
SALT_BYTES, NONCE_BYTES = 16, 12
SCRYPT_COST = 1 << 15  # 32 MiB and more than a tenth of a second for each guess
PIECE_BYTES = 1 << 20
ARCHIVES = (b"wireroom-sealed/", b"wireroom-backup/")


class HandedOut(msgspec.Struct, frozen=True, kw_only=True):
    """Where a file goes, and how it is guarded on its way."""

    path: Path
    sealed_for: Path | None = None  # the file with the recipient's passphrase or key
    clear_because: str = ""  # why it leaves the machine unsealed all the same

    @property
    def told(self) -> dict[str, object]:
        """What the journal has of it."""
        clear = {"clear_because": self.clear_because} if self.clear_because else {}
        return {"path": self.path.name, "sealed": self.sealed_for is not None, **clear}


def handed_out(path: Path, sealed_for: Path | None, clear_because: str, *, home: Path) -> HandedOut:
    """Checks where a file goes before anything is looked up. Raises AppError with what to do.

    What is on another file system than our own data leaves the machine: a stick, a share.
    """
    if path.exists():
        raise AppError(f"{path} is there already: nothing is written over; name another file")
    if sealed_for is not None and clear_because:
        raise AppError("--sealed and --clear-because say opposite things: give one")
    if sealed_for is not None:
        key_in(sealed_for)
    elif leaves(path, home) and len(clear_because.strip()) < 3:
        raise AppError(
            f"{path} is on another file system than our data, so it leaves this machine: seal it with --sealed "
            'KEYFILE, or say why not with --clear-because "words"'
        )
    return HandedOut(path=path, sealed_for=sealed_for, clear_because=clear_because.strip())


def leaves(path: Path, home: Path) -> bool:
    """Whether a file at a path would be on another file system than our data."""
    return _device(path.absolute().parent) != _device(home.absolute())


def _device(folder: Path) -> int:
    """The file system of a folder, or of the nearest one above it that is there."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return there.stat().st_dev


def user() -> str:
    """Who is signed in on this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return FROM_OUTSIDE


def key_in(file: Path) -> bytes:
    """The passphrase or key in a file, without the end of its line. Raises AppError."""
    try:
        with file.open("rb") as handle:
            key = handle.read(KEY_FILE_MAX + 1).rstrip(b"\r\n")
    except OSError as error:
        raise AppError(f"{file} cannot be read: {error.strerror or error}") from error
    if not KEY_FILE_MIN <= len(key) <= KEY_FILE_MAX:
        raise AppError(
            f"{file} holds {len(key):,} bytes: a passphrase or key has from {KEY_FILE_MIN} to {KEY_FILE_MAX:,}"
        )
    return key


class Recipient:
    """Wraps the key of one archive under what its recipient has, as a master key wraps those of backups."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def newest(self) -> int:
        """There is one version."""
        return 1

    def wrap(self, name: str, key: bytes) -> tuple[int, bytes]:
        """The key of an archive, bound to its name; with a salt and a nonce of its own."""
        salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
        return 1, salt + nonce + self._under(salt).encrypt(nonce, key, name.encode())

    def unwrap(self, name: str, version: int, wrapped: bytes) -> bytes:
        """The key again. Raises AppError where this is not what it was sealed for."""
        salt, nonce = wrapped[:SALT_BYTES], wrapped[SALT_BYTES : SALT_BYTES + NONCE_BYTES]
        try:
            return self._under(salt).decrypt(nonce, wrapped[SALT_BYTES + NONCE_BYTES :], name.encode())
        except (InvalidTag, ValueError):
            raise AppError(
                "it does not open with this passphrase or key: it was sealed for another, or altered. Ask who sent it"
            ) from None

    def _under(self, salt: bytes) -> AESGCM:
        return AESGCM(Scrypt(salt=salt, length=32, n=SCRYPT_COST, r=8, p=1).derive(self._key))


@contextmanager
def scratch(home: Path) -> Iterator[BinaryIO]:
    """A file without a name on our own file system: whatever ends this program, nothing of it stays."""
    there = next(one for one in (home.absolute(), *home.absolute().parents) if one.exists())
    with tempfile.TemporaryFile(dir=there) as handle:
        yield handle


def seal(handle: BinaryIO, out: HandedOut, *, at: datetime, marking: str) -> int:
    """Seals what stands in a scratch file for its recipient; bytes written."""
    assert out.sealed_for is not None, "only what has a recipient is sealed"
    handle.seek(0)
    pieces = iter(lambda: handle.read(PIECE_BYTES), b"")
    return write_archive(
        out.path, pieces, Recipient(key_in(out.sealed_for)), made_at=f"{at:%FT%TZ}", schema=0, code=__version__,
        mark=SEALED, marking=marking,
    )  # fmt: skip


def unseal(path: Path, to: Path, key_file: Path) -> tuple[str, int]:
    """Opens a sealed file into another: its marking, and how many bytes. Raises AppError, and then nothing is there."""
    if to.exists():
        raise AppError(f"{to} is there already: nothing is written over; name another file")
    about, content, _ = read_archive(path, Recipient(key_in(key_file)), mark=SEALED)
    part = to.with_name(f"{to.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            for chunk in content:
                handle.write(chunk)
            handle.flush()
            os.fsync(handle.fileno())
            size = handle.tell()
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return about.marking, size


def refuse_archive(path: Path) -> None:
    """Refuses to take an archive for a file of records: what is sealed is opened first, by who may. Raises AppError."""
    with path.open("rb") as handle:
        if handle.read(len(ARCHIVES[0])) in ARCHIVES:
            raise AppError(
                f"{path.name} is an archive and not a file of records: open a sealed one with `wireroom unseal`, and "
                "put a backup back with `wireroom database restore`"
            )
