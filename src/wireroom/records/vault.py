"""Secret values of records: sealed with AES-256-GCM, found by a keyed hash; the keys never enter the database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class VaultError(Exception):
    """A secret cannot be opened, or the vault's key file is missing or damaged."""


class Vault:
    """Seals and finds secret values under two keys that are derived from one master key.

    A sealed value is bound to its file and field: moved to another, it does not open.
    """

    def __init__(self, master: bytes, random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> None:
        if len(master) != KEY_BYTES:
            raise VaultError(f"the vault's key has {len(master)} bytes, not {KEY_BYTES}")
        self._aead = AESGCM(hmac.digest(master, b"wireroom seal 1", hashlib.sha256))
        self._blind_key = hmac.digest(master, b"wireroom blind index 1", hashlib.sha256)
        self._random_bytes = random_bytes

    def __repr__(self) -> str:
        return "Vault(…)"

    @classmethod
    def from_file(cls, path: Path) -> Vault:
        """The vault whose master key lies in a file, made with mode 0600 when there is none."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(secrets.token_bytes(KEY_BYTES))
        return cls(path.read_bytes())

    def blind(self, kind: str, value: str) -> str:
        """What stands in the identifier index instead of a secret value: HMAC-SHA-256, 32 hex characters."""
        return hmac.digest(self._blind_key, f"{kind}\0{value}".encode(), hashlib.sha256).hex()[:32]

    def seal(self, file: str, code: str, value: str) -> str:
        """The sealed form of a value, text that may stand in JSON."""
        nonce = self._random_bytes(NONCE_BYTES)
        sealed = self._aead.encrypt(nonce, value.encode(), f"{file}\0{code}".encode())
        return base64.b64encode(nonce + sealed).decode()

    def open(self, file: str, code: str, sealed: str) -> str:
        """The value again. Raises VaultError where the text was changed or sealed for another field."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._aead.decrypt(
                raw[:NONCE_BYTES], raw[NONCE_BYTES:], f"{file}\0{code}".encode()
            ).decode()
        except (InvalidTag, ValueError) as error:
            raise VaultError(f"{file}.{code}: the sealed value does not open with this key") from error
