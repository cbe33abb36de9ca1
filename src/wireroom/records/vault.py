"""Secret values of records: sealed with AES-256-GCM, found by a keyed hash; the keys never enter the database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class VaultError(Exception):
    """A secret cannot be opened, or the vault's key file is missing or damaged."""


class FieldKeys(Protocol):
    """Who holds the keys of secret fields. May wait for another process, and fail as that does."""

    def newest(self) -> int:
        """The version under which values are sealed from now on."""
        ...

    def field_key(self, version: int) -> bytes:
        """The key that seals under a version."""
        ...

    def blind(self, kind: str, values: Sequence[str]) -> list[str]:
        """The keyed hash of each value; the key of the index is not given out."""
        ...


class LocalKeys:
    """The keys of secret fields, derived from one master key."""

    def __init__(self, master: bytes, version: int = 1) -> None:
        if len(master) != KEY_BYTES:
            raise VaultError(f"the vault's key has {len(master)} bytes, not {KEY_BYTES}")
        self._master, self._version = master, version
        self._blind_key = hmac.digest(master, b"wireroom blind index 1", hashlib.sha256)

    def newest(self) -> int:
        """The only version."""
        return self._version

    def field_key(self, version: int) -> bytes:
        """HMAC-SHA-256 of what it is for. Raises VaultError for another version."""
        if version != self._version:
            raise VaultError(f"there is no version {version} of the key; put back the key that belongs here")
        return hmac.digest(self._master, b"wireroom seal 1", hashlib.sha256)

    def blind(self, kind: str, values: Sequence[str]) -> list[str]:
        """HMAC-SHA-256 of kind and value, 32 hex characters each."""
        return [
            hmac.digest(self._blind_key, f"{kind}\0{value}".encode(), hashlib.sha256).hex()[:32]
            for value in values
        ]


class Vault:
    """Seals and finds secret values, under keys that are derived from a master key.

    A sealed value is bound to its file and field and to the key's version: moved to another, it does not open. The
    newest version is looked up once; a process that runs through a rotation follows when it is started anew.
    """

    def __init__(
        self, keys: bytes | FieldKeys, random_bytes: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._keys = LocalKeys(keys) if isinstance(keys, bytes) else keys
        self._version = self._keys.newest()
        self._aeads: dict[int, AESGCM] = {}
        self._random_bytes = random_bytes

    def __repr__(self) -> str:
        return "Vault(…)"

    def blind(self, kind: str, value: str) -> str:
        """What stands in the identifier index instead of a secret value: HMAC-SHA-256, 32 hex characters."""
        return self._keys.blind(kind, (value,))[0]

    def seal(self, file: str, code: str, value: str) -> str:
        """The sealed form of a value, text that may stand in JSON."""
        nonce = self._random_bytes(NONCE_BYTES)
        sealed = self._aead(self._version).encrypt(nonce, value.encode(), _bound(file, code, self._version))
        text = base64.b64encode(nonce + sealed).decode()
        return text if self._version == 1 else f"{self._version}:{text}"

    def open(self, file: str, code: str, sealed: str) -> str:
        """The value again. Raises VaultError where the text was changed or sealed for another field."""
        number, _, text = sealed.rpartition(":")
        try:
            version = int(number or 1)
            raw = base64.b64decode(text, validate=True)
            return (
                self._aead(version)
                .decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(file, code, version))
                .decode()
            )
        except (InvalidTag, ValueError) as error:
            raise VaultError(f"{file}.{code}: the sealed value does not open with this key") from error

    def _aead(self, version: int) -> AESGCM:
        if version not in self._aeads:
            self._aeads[version] = AESGCM(self._keys.field_key(version))
        return self._aeads[version]


def _bound(file: str, code: str, version: int) -> bytes:
    """What is authenticated beside a value. The first version had no number in it."""
    return (f"{file}\0{code}" if version == 1 else f"{file}\0{code}\0{version}").encode()
