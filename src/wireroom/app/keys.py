"""The keys that a Wireroom makes for itself, each in a file of its own that only its owner may read.

The master keys, under which texts and secret fields are sealed, may be held by a process apart: see `keyservice.py`.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import asyncpg

from wireroom.app.fips import refuse_unless_fips
from wireroom.app.keyring import Keyring
from wireroom.app.keyservice import KeyClient
from wireroom.app.roles import SWITCH
from wireroom.app.settings import Loaded
from wireroom.journal.checkpoint import Signer
from wireroom.journal.sealing import Texts
from wireroom.message.acting import Actor
from wireroom.policy.own import Marker
from wireroom.policy.rulesets import RulesSigner
from wireroom.policy.secret import Seal
from wireroom.records.vault import Vault

KEY_BYTES = 32
CONNECT_S = 10
SEALING = Actor(actor="sealing")


def keys_of(loaded: Loaded) -> Keys:
    """The keys as the settings say. Raises SettingsError where they ask for FIPS and it is not to be had."""
    if fips := loaded.settings.security.fips:
        refuse_unless_fips()
    return Keys(loaded.secrets_folder, loaded.key_service, fips=fips)


class Keys:
    """The keys of one installation, made on first use in `folder` (mode 0700).

    `service` is the socket of the process that holds the master keys; None: they lie in the folder, and this process
    holds them.
    """

    def __init__(self, folder: Path, service: Path | None = None, *, fips: bool = False) -> None:
        self.folder = folder
        self.service = service
        self._fips = fips
        self._master: Keyring | KeyClient | None = None
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def __repr__(self) -> str:
        return f"Keys({self.folder})"

    def _bytes(self, name: str) -> bytes:
        path = self.folder / name
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_bytes()
        with os.fdopen(handle, "wb") as file:
            made = secrets.token_bytes(KEY_BYTES)
            file.write(made)
            file.flush()
            os.fsync(file.fileno())
        return made

    def master(self) -> Keyring | KeyClient:
        """Who holds the master keys."""
        if self._master is None:
            self._master = Keyring(self.folder) if self.service is None else KeyClient(self.service)
        return self._master

    def vault(self) -> Vault:
        """Seals secret fields of records."""
        return Vault(self.master())

    def texts(self, dsn: str, clock: Callable[[], datetime]) -> Texts:
        """Seals messages and answers in one database."""

        @asynccontextmanager
        async def connection() -> AsyncIterator[asyncpg.Connection]:
            opened = await asyncpg.connect(
                dsn, timeout=CONNECT_S, command_timeout=CONNECT_S, server_settings=SEALING.of_connection
            )
            try:
                await opened.execute(f"SET ROLE {SWITCH}")
                yield opened
            finally:
                await opened.close(timeout=CONNECT_S)

        return Texts(self.master(), connection, random=os.urandom, clock=clock)

    def seal(self) -> Seal:
        """Seals people's one-time secrets."""
        return Seal(self._bytes("people.key"), fips=self._fips)

    def marker(self) -> Marker:
        """Makes the marks of what is people's own."""
        return Marker(self._bytes("own.key"))

    def rules_signer(self) -> RulesSigner:
        """Signs sets of rules."""
        return RulesSigner(self._bytes("rules.key"))

    def signer(self, origin: str) -> Signer:
        """Signs the journal's checkpoints."""
        path = self.folder / "journal.key"
        return Signer.load(path) if path.exists() else Signer.create(path, origin)

    def interface_secret(self, terminal: str) -> str:
        """The secret with which an interface terminal, a CAD for instance, signs on: 64 hex characters."""
        return hmac.digest(self._bytes("interfaces.key"), terminal.encode(), hashlib.sha256).hex()

    def partner_secret(self, name: str) -> str:
        """The secret that this switch and a pretended partner of the demo share."""
        return hmac.digest(self._bytes("partners.key"), name.encode(), hashlib.sha256).hex()

    def integrity_seed(self) -> bytes:
        """The seed of the key that signs what was taken for the program's own files."""
        return self._bytes("integrity.key")
