"""Passwords and one-time codes: what is kept of them, and how one that is offered is compared."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wireroom.policy import SealBroken
from wireroom.policy.guessable import guessed

PASSWORD_MIN = 8
PASSWORD_MAX = 256
CODE_STEP_S = 30
OTP_SECRET_BYTES = 20
NO_STEP = -1
KEY_BYTES = 32
NONCE_BYTES = 12

Entropy = Callable[[int], bytes]
PBKDF2_ROUNDS = 600_000
PBKDF2_SALT_BYTES = 16
_PBKDF2 = re.compile(r"\$pbkdf2-sha256\$([0-9]{1,9})\$([0-9a-f]{32})\$([0-9a-f]{64})", re.ASCII)
_CODE = re.compile(r"[0-9]{6}", re.ASCII)


def plain(password: str) -> str:
    """The form of a password that is hashed, so that two keyboards spell one passphrase alike."""
    return unicodedata.normalize("NFC", password)


def unfit(password: str, *, person: str = "", known: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Every reason why a new password may not be used, in words that follow "the password".

    `known` are passwords that others know, from a list of the agency's.
    """
    text, reasons = plain(password), []
    if len(text) < PASSWORD_MIN:
        reasons.append(f"has fewer than {PASSWORD_MIN} characters")
    if len(text) > PASSWORD_MAX:
        reasons.append(f"has more than {PASSWORD_MAX} characters")
    if not text.isprintable():
        reasons.append("holds a character that cannot be printed")
    if why := guessed(text, known):
        reasons.append(why)
    if text and len(set(text)) == 1:
        reasons.append("is one character over and over")
    if person and text.casefold() == person.casefold():
        reasons.append("is the identifier of the person")
    return tuple(reasons)


class Hasher(Protocol):
    """What makes a password into text that may be kept."""

    def hash(self, password: str) -> str: ...
    def verify(self, hash: str, password: str) -> bool:
        """Whether they belong together. May raise VerificationError or InvalidHashError instead of saying no."""
        ...


class Pbkdf2:
    """PBKDF2-HMAC-SHA256, where a FIPS module may use nothing else. What Argon2 kept, it does not know."""

    def __init__(self, rounds: int = PBKDF2_ROUNDS, entropy: Entropy = secrets.token_bytes) -> None:
        self._rounds, self._entropy = rounds, entropy

    def hash(self, password: str) -> str:
        """`$pbkdf2-sha256$rounds$salt$hash`, salt and hash in hexadecimal."""
        salt = self._entropy(PBKDF2_SALT_BYTES)
        made = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, self._rounds)
        return f"$pbkdf2-sha256${self._rounds}${salt.hex()}${made.hex()}"

    def verify(self, hash: str, password: str) -> bool:
        """Raises InvalidHashError for what is not of this form."""
        found = _PBKDF2.fullmatch(hash)
        if found is None:
            raise InvalidHashError
        rounds, salt, kept = found.groups()
        made = hashlib.pbkdf2_hmac("sha256", password.encode(), bytes.fromhex(salt), int(rounds))
        return secrets.compare_digest(made, bytes.fromhex(kept))


class Passwords:
    """Hashes and compares, with Argon2id unless told otherwise, a few at once: each takes 64 MiB, and strangers ask."""

    def __init__(self, hasher: Hasher | None = None, *, at_once: int = 2) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(at_once)
        # What an unknown person's password is compared with, so that the refusal costs the same time.
        self._nobody = self._hasher.hash(secrets.token_urlsafe(32))

    async def keep(self, password: str) -> str:
        """What is kept of a password: its hash with its salt, as text."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, plain(password))

    async def same(self, kept: str | None, offered: str) -> bool:
        """Whether an offered password is the kept one. None, for nobody, takes as long and never is."""
        fits = len(offered) <= PASSWORD_MAX and offered.isprintable()  # no other can ever have been kept
        async with self._turn:
            right = await asyncio.to_thread(
                self._verify, kept or self._nobody, plain(offered) if fits else ""
            )
        return right and fits and kept is not None

    def _verify(self, kept: str, offered: str) -> bool:
        try:
            return self._hasher.verify(kept, offered)
        except (VerificationError, InvalidHashError):
            return False


def step_of(secret: str, code: str, now: datetime) -> int:
    """The time step of a right code, one step early or late allowed; NO_STEP for a wrong one."""
    if not _CODE.fullmatch(code):
        return NO_STEP
    try:
        return pyotp.TOTP(secret, interval=CODE_STEP_S).verify_and_get_timecode(
            code, for_time=now, valid_window=1
        )
    except pyotp.OTPVerificationError:
        return NO_STEP


def code_at(secret: str, now: datetime) -> str:
    """The code of a moment: for the demo's sign-in page and for programs that hold the secret."""
    return pyotp.TOTP(secret, interval=CODE_STEP_S).at(now)


def new_otp_secret(entropy: Entropy = secrets.token_bytes) -> str:
    """A new secret of 160 bits, in the letters that an authenticator takes."""
    return base64.b32encode(entropy(OTP_SECRET_BYTES)).decode()


def otp_address(secret: str, *, person: str, issuer: str = "Wireroom") -> str:
    """The otpauth address that an authenticator reads from a picture."""
    return pyotp.TOTP(secret, interval=CODE_STEP_S).provisioning_uri(name=person, issuer_name=issuer)


class Seal:
    """Seals one-time secrets under a key that never enters the database.

    A sealed secret is bound to its person: copied into another's row, it does not open.
    """

    def __init__(self, key: bytes, entropy: Entropy = secrets.token_bytes, *, fips: bool = False) -> None:
        if len(key) != KEY_BYTES:
            raise SealBroken(f"the key of the one-time secrets has {len(key)} bytes, not {KEY_BYTES}")
        # A FIPS module has no BLAKE2; what was sealed under the one key does not open under the other.
        derived = (
            hmac.digest(key, b"wireroom otp 1", "sha256")
            if fips
            else hashlib.blake2b(key, digest_size=KEY_BYTES, person=b"wireroom otp 1").digest()
        )
        self._aead = AESGCM(derived)
        self._entropy = entropy

    def __repr__(self) -> str:
        return "Seal(…)"

    def close(self, person: str, secret: str) -> bytes:
        """What is kept of a person's one-time secret."""
        nonce = self._entropy(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, secret.encode(), person.encode())

    def open(self, person: str, sealed: bytes) -> str:
        """The secret again. Raises SealBroken where it was sealed for another person or under another key."""
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], person.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"the one-time secret of {person} does not open with this key") from error
