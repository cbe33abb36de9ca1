"""The master keys, in files of one folder: what wraps data keys, and what hides secret values in an index."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wireroom.app import AppError
from wireroom.journal import JournalError
from wireroom.records.vault import LocalKeys

KEY_BYTES = 32
NONCE_BYTES = 12
VERSIONS_MAX = 1_000


class KeysDown(AppError, JournalError):
    """The keys cannot be had: nothing is sealed and nothing opened, so nothing is written and nothing shown."""


class KeysStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of master keys; none of them is in it."""

    service: str  # "here", or the socket of the process that holds them
    newest: int  # the version that wraps new data keys
    versions: tuple[int, ...]


class Keyring:
    """The master keys of one installation. Version 1 is made on first use; a version is never changed or removed.

    Methods raise KeysDown where a version is not there or something does not open.
    """

    def __init__(self, folder: Path, random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._folder = folder
        self._random_bytes = random_bytes
        self._masters: dict[int, bytes] = {}
        self._locals: dict[int, LocalKeys] = {}

    def __repr__(self) -> str:
        return f"Keyring({self._folder})"

    def newest(self) -> int:
        """The version under which new data keys are wrapped, from 1."""
        return self.versions()[-1]

    def versions(self) -> tuple[int, ...]:
        """All versions there are, the oldest first."""
        self._master(1)
        last = 1
        while self._path(last + 1).exists():  # they are numbered without a gap
            last += 1
        return tuple(range(1, last + 1))

    def rotate(self) -> int:
        """Makes the next version, for all that is sealed from now on; its number. Older ones stay, to open with."""
        number = self.newest() + 1
        if number > VERSIONS_MAX:
            raise KeysDown(
                f"{VERSIONS_MAX} versions of the master key are enough: ask us why there are so many"
            )
        self._make(number)
        return number

    def wrap(self, name: str, key: bytes) -> tuple[int, bytes]:
        """A data key wrapped under the newest version, bound to its name."""
        version = self.newest()
        nonce = self._random_bytes(NONCE_BYTES)
        return version, nonce + self._wrapping(version).encrypt(nonce, key, _bound(name, version))

    def unwrap(self, name: str, version: int, wrapped: bytes) -> bytes:
        """The data key again."""
        try:
            return self._wrapping(version).decrypt(
                wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _bound(name, version)
            )
        except (InvalidTag, ValueError):
            raise KeysDown(
                f"data key {name} does not open with version {version} of the master key: was the folder of the "
                "keys exchanged? Put back the keys that belong to this database"
            ) from None

    def field_key(self, version: int) -> bytes:
        """The key that seals secret fields of records under a version."""
        return self._local(version).field_key(version)

    def blind(self, kind: str, values: Sequence[str]) -> list[str]:
        """What stands in the index instead of secret values. Always of version 1: an index has one key."""
        return self._local(1).blind(kind, values)

    def status(self) -> KeysStatus:
        """What there is."""
        versions = self.versions()
        return KeysStatus(service="here", newest=versions[-1], versions=versions)

    def _local(self, version: int) -> LocalKeys:
        if version not in self._locals:
            self._locals[version] = LocalKeys(self._master(version), version)
        return self._locals[version]

    def _path(self, version: int) -> Path:
        return self._folder / ("records.key" if version == 1 else f"records.{version}.key")

    def _wrapping(self, version: int) -> AESGCM:
        return AESGCM(hmac.digest(self._master(version), b"wireroom wrap 1", hashlib.sha256))

    def _master(self, version: int) -> bytes:
        if version not in self._masters:
            path = self._path(version)
            if version == 1 and not path.exists():
                self._make(1)
            try:
                master = path.read_bytes()
            except OSError as error:
                raise KeysDown(
                    f"version {version} of the master key cannot be read: {error.strerror}: {path}"
                ) from None
            if len(master) != KEY_BYTES:
                raise KeysDown(
                    f"{path} has {len(master)} bytes, not {KEY_BYTES}: put back the key that was there"
                )
            self._masters[version] = master
        return self._masters[version]

    def _make(self, version: int) -> None:
        """Makes a version, whole or not at all, and not over one that another process makes at this moment."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self._folder / f".{secrets.token_hex(8)}.part"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(self._random_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, self._path(version))
        except FileExistsError:
            return
        finally:
            part.unlink()
        folder = os.open(self._folder, os.O_RDONLY)
        os.fsync(folder)  # a key whose name a power cut takes back takes with it what was sealed
        os.close(folder)


def _bound(name: str, version: int) -> bytes:
    return f"data_key|{name}|wrapped|{version}".encode()
