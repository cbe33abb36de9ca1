"""The keys that a Wireroom makes for itself, each in a file of its own that only its owner may read."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from wireroom.journal.checkpoint import Signer
from wireroom.policy.own import Marker
from wireroom.policy.rulesets import RulesSigner
from wireroom.policy.secret import Seal
from wireroom.records.vault import Vault

KEY_BYTES = 32


class Keys:
    """The keys of one installation, made on first use in `folder` (mode 0700)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
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

    def vault(self) -> Vault:
        """Seals secret fields of records."""
        return Vault(self._bytes("records.key"))

    def seal(self) -> Seal:
        """Seals people's one-time secrets."""
        return Seal(self._bytes("people.key"))

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
