"""Signed statements of the tree's size and root, in the C2SP forms signed-note and tlog-checkpoint."""

from __future__ import annotations

import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from wireroom.journal import BadCheckpoint

LOG_KEY = 1  # Ed25519 over the note's text
WITNESS_KEY = 4  # Ed25519 over a dated cosignature of the note's text
_NOTE_MAX = 1 << 16  # characters; sixteen signatures need some three thousand
_DASH = "\u2014 "
_PRIVATE = "PRIVATE+KEY"


class Checkpoint(msgspec.Struct, frozen=True):
    """What is signed: under this name, so many leaves have this root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The lines that the signature covers."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, _to64(self.root), *self.extensions))


class Key(msgspec.Struct, frozen=True):
    """A public key with the name of its owner and the kind of signature it makes."""

    name: str
    kind: int
    public: bytes

    @property
    def identifier(self) -> bytes:
        """Four bytes that tell keys apart; nothing rests on them."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """The text form, to be given to auditors and witnesses."""
        return f"{self.name}+{self.identifier.hex()}+{_to64(bytes([self.kind]) + self.public)}"

    def signed(self, text: str, signature: bytes) -> bool:
        """Whether this key signed the text. A witness's signature starts with its time, eight bytes."""
        message = text
        if self.kind == WITNESS_KEY:
            message = f"cosignature/v1\ntime {int.from_bytes(signature[:8])}\n{text}"
            signature = signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message.encode())
        except InvalidSignature:
            return False
        return True


class Signature(msgspec.Struct, frozen=True):
    """One signature line, of a key that need not be known."""

    name: str
    identifier: bytes
    signature: bytes


class Note(msgspec.Struct, frozen=True):
    """A text and its signatures, read and not yet believed."""

    text: str
    signatures: tuple[Signature, ...]


class Opened(msgspec.Struct, frozen=True):
    """A checkpoint whose signatures were checked, and the names of those known who signed it."""

    checkpoint: Checkpoint
    log: str
    witnesses: tuple[str, ...] = ()


class Signer:
    """Holds the log's private key; prints itself without it."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        _check_name(name)
        self._private = private
        self.key = Key(name, LOG_KEY, private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"Signer({self.key.vkey})"

    @classmethod
    def create(cls, path: Path, name: str) -> Signer:
        """Makes a key and keeps it in a new file that only its owner may read."""
        signer = cls(name, Ed25519PrivateKey.generate())
        secret = _to64(bytes([LOG_KEY]) + signer._private.private_bytes_raw())
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{_PRIVATE}+{name}+{signer.key.identifier.hex()}+{secret}\n")
            file.flush()
            os.fsync(file.fileno())
        return signer

    @classmethod
    def load(cls, path: Path) -> Signer:
        """From the file that `create` made; refused where others may read it."""
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise BadCheckpoint(f"others can read the journal's key in {path}: run chmod 600 on it")
        parts = path.read_text("ascii").strip().split("+", 4)
        if len(parts) != 5 or "+".join(parts[:2]) != _PRIVATE:
            raise BadCheckpoint(f"{path} holds no journal key: it should start with {_PRIVATE}+")
        secret = _from64(parts[4], f"the key in {path}")
        if len(secret) != 33 or secret[0] != LOG_KEY:
            raise BadCheckpoint(f"the key in {path} is not an Ed25519 key of a log")
        signer = cls(parts[2], Ed25519PrivateKey.from_private_bytes(secret[1:]))
        if signer.key.identifier.hex() != parts[3]:
            raise BadCheckpoint(f"the key in {path} was damaged: its identifier is not {parts[3]}")
        return signer

    def sign(self, checkpoint: Checkpoint) -> str:
        """The checkpoint as a signed note."""
        text = checkpoint.text()
        signature = _to64(self.key.identifier + self._private.sign(text.encode()))
        return f"{text}\n{_DASH}{self.key.name} {signature}\n"


def read_key(vkey: str) -> Key:
    """A public key from its text form."""
    name, _, rest = vkey.strip().partition("+")
    identifier, _, public = rest.partition("+")
    _check_name(name)
    data = _from64(public, f"the public key of {name}")
    if len(data) != 33 or data[0] not in (LOG_KEY, WITNESS_KEY):
        raise BadCheckpoint(f"the public key of {name} is not an Ed25519 key of a log or a witness")
    key = Key(name, data[0], data[1:])
    if key.identifier.hex() != identifier:
        raise BadCheckpoint(f"the public key of {name} was damaged: its identifier is not {identifier!r}")
    return key


def read_note(note: str) -> Note:
    """Takes a signed note apart; says nothing about whether to believe it."""
    text, blank, lines = note.rpartition("\n\n")
    if not blank or len(note) > _NOTE_MAX or not lines.endswith("\n"):
        raise BadCheckpoint("not a signed note: expected text, an empty line and signature lines")
    if any(ord(letter) < 32 and letter != "\n" for letter in note):
        raise BadCheckpoint("not a signed note: it holds control characters")
    return Note(text + "\n", tuple(_read_signature(line) for line in lines[:-1].split("\n")))


def read_checkpoint(text: str) -> Checkpoint:
    """Reads a note's text as a checkpoint."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise BadCheckpoint("not a checkpoint: expected the lines origin, size and root")
    origin, size, root, *extensions = lines[:-1]
    if not (size.isascii() and size.isdigit() and len(size) < 20) or (size[0] == "0" and size != "0"):
        raise BadCheckpoint(f"not a checkpoint: {size[:40]!r} is not a size")
    digest = _from64(root, "the root of a checkpoint")
    if len(digest) != 32:
        raise BadCheckpoint("not a checkpoint: the root is not 32 bytes")
    return Checkpoint(origin, int(size), digest, tuple(extensions))


def open_checkpoint(note: str, keys: Sequence[Key]) -> Opened:
    """Checks the signatures of every known key, of which one at least must be a log's, and reads the rest.

    Signatures of unknown keys are passed over, as the form demands; a wrong one of a known key is not.
    """
    parts = read_note(note)
    logs: list[str] = []
    witnesses: list[str] = []
    for line in parts.signatures:
        for key in keys:
            if (line.name, line.identifier) != (key.name, key.identifier):
                continue
            if not key.signed(parts.text, line.signature):
                raise BadCheckpoint(f"the signature of {key.name} does not fit the checkpoint")
            (logs if key.kind == LOG_KEY else witnesses).append(key.name)
    if not logs:
        raise BadCheckpoint("none of the log's known keys signed this checkpoint")
    return Opened(read_checkpoint(parts.text), logs[0], tuple(witnesses))


def _read_signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise BadCheckpoint(f"not a signature line: {line[:60]!r}")
    _check_name(name)
    data = _from64(encoded, f"the signature of {name}")
    if len(data) < 5:
        raise BadCheckpoint(f"the signature of {name} is too short")
    return Signature(name, data[:4], data[4:])


def _check_name(name: str) -> None:
    if not name or "+" in name or any(letter.isspace() or ord(letter) < 32 for letter in name):
        raise BadCheckpoint(f"{name[:60]!r} cannot name a key: no spaces, no plus, not empty")


def _to64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _from64(text: str, what: str) -> bytes:
    """Strict: there is one text only for each run of bytes, so that a changed text is a changed thing."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        data = b""
    if not data or _to64(data) != text:
        raise BadCheckpoint(f"{what} is not in base64")
    return data
