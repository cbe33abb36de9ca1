"""A device that holds passkeys, in software: it answers as a browser would, or a little wrong where a test asks."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

from wireroom.policy.passkeys import Place

PLACE = Place(origin="https://switch.example", domain="switch.example")
PRESENT, VERIFIED, MAY_COPY, IS_COPIED, NEW = 0x01, 0x04, 0x08, 0x10, 0x40


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Device:
    """One passkey on one device. Tests change the counter, the page's origin, whether the holder was checked."""

    def __init__(self, name: str = "one") -> None:
        self.key = ec.derive_private_key(
            int.from_bytes(hashlib.sha256(name.encode()).digest()[:31]), ec.SECP256R1()
        )
        self.credential = hashlib.sha256(b"credential " + name.encode()).digest()
        self.origin, self.domain = PLACE.origin, PLACE.domain
        self.flags = PRESENT | VERIFIED
        self.counter = 0
        self.counts = True
        self.user = b""

    def made(self, question: str) -> str:
        """The answer to a question that asks for a new passkey."""
        asked = json.loads(question)
        self.user = raw(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = encode_cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        attested = bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + public
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(NEW) + attested}
        told = self._told("webauthn.create", asked["challenge"])
        return self._answer(
            {"clientDataJSON": text(told), "attestationObject": text(encode_cbor(attestation))}
        )

    def shown(self, question: str, **changes: str) -> str:
        """The answer to a question that asks for the passkey."""
        self.counter += self.counts
        told = self._told("webauthn.get", changes.get("challenge") or json.loads(question)["challenge"])
        data = self._data()
        signature = self.key.sign(data + hashlib.sha256(told).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": text(told),
                "authenticatorData": text(data),
                "signature": text(signature),
                "userHandle": text(self.user),
            }
        )

    def _data(self, more: int = 0) -> bytes:
        rp = hashlib.sha256(self.domain.encode()).digest()
        return rp + struct.pack(">BI", self.flags | more, self.counter)

    def _told(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _answer(self, response: dict[str, Any]) -> str:  # Any: it is JSON
        credential = text(self.credential)
        return json.dumps(
            {"id": credential, "rawId": credential, "type": "public-key", "response": response,
             "clientExtensionResults": {}}
        )  # fmt: skip
