"""PIV cards: whose a certificate is that a browser showed at the door for cards, or why it proves nobody.

A card is held, and gives its certificate's key for its PIN alone: it is two factors. The handshake has checked that the
key is held, the path, the dates and that it is for clients; all but the first are looked at here again, with revocation
and the policy, so that no setting of a library alone stands between a stranger and a session.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from wireroom.app import AppError
from wireroom.app.settings import Loaded
from wireroom.policy.elsewhere import Shown
from wireroom.policy.passkeys import Unproven

log = logging.getLogger(__name__)

PATH_MAX = 8
FILE_BYTES_MAX = 64 * 1024 * 1024  # lists of great authorities are long
FASC_N = x509.ObjectIdentifier("2.16.840.1.101.3.6.6")
UUID_BEGINS = "urn:uuid:"

UNREADABLE = "the card's certificate cannot be read"
UNKNOWN = "the card's certificate is of no authority that is listed"
OUT_OF_TIME = "the card's certificate, or one of its path, is not in force"
NOT_FOR_CLIENTS = "the card's certificate is not for signing in"
NO_POLICY = "the card's certificate does not name the policy of PIV authentication"
NAMES_NOBODY = "the card's certificate names no card"
REVOKED = "the card's certificate, or one of its path, is revoked"
NO_LIST = "no list in force says what the card's authority revoked"


class Cards:
    """Judges cards. Lists of what was revoked are read anew when their files change."""

    def __init__(
        self,
        authorities: Sequence[x509.Certificate],
        lists: Sequence[Path],
        policies: frozenset[str],
        *,
        port: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._authorities, self._files, self._policies = tuple(authorities), tuple(lists), policies
        self._port, self._clock = port, clock
        self._read: dict[Path, tuple[int, x509.CertificateRevocationList | None]] = {}

    def address(self, origin: str, state: str) -> str:
        """Where a browser shows a card: on the pages' own machine, at the port for cards."""
        return f"https://{urlsplit(origin).hostname}:{self._port}/?state={state}"

    def judged(self, certificate: bytes) -> Shown | Unproven:
        """Whose card a certificate is, as DER."""
        try:
            return self._judged(x509.load_der_x509_certificate(certificate))
        except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, TypeError):
            return Unproven(UNREADABLE)

    def _judged(self, shown: x509.Certificate) -> Shown | Unproven:
        if cause := self._wrong_path(shown):
            return Unproven(cause)
        if ExtendedKeyUsageOID.CLIENT_AUTH not in _uses(shown):
            return Unproven(NOT_FOR_CLIENTS)
        if not self._policies & _policies(shown):
            return Unproven(NO_POLICY)
        named = _named(shown)
        if not named:
            return Unproven(NAMES_NOBODY)
        [issuer, *_] = self._issuers(shown)
        return Shown(credential=_credential(issuer, named), kind="card")

    def _wrong_path(self, shown: x509.Certificate) -> str:
        """What is wrong on the way from a certificate to its root; empty for nothing."""
        if shown in self._authorities:
            return UNKNOWN  # an authority is no card
        now, at = self._clock(), shown
        for _ in range(PATH_MAX):
            if not at.not_valid_before_utc <= now <= at.not_valid_after_utc:
                return OUT_OF_TIME
            if at.subject == at.issuer and at in self._authorities:
                return ""
            issuers = self._issuers(at)
            if not issuers:
                return UNKNOWN
            if cause := self._revoked(at, issuers[0], now):
                return cause
            at = issuers[0]
        return UNKNOWN

    def _issuers(self, one: x509.Certificate) -> list[x509.Certificate]:
        return [authority for authority in self._authorities if _signed(one, authority)]

    def _revoked(self, one: x509.Certificate, issuer: x509.Certificate, now: datetime) -> str:
        """Whether a list of its authority, in force, names it; where there is none, nobody knows, which is no."""
        found = False
        for file in self._files:
            listed = self._list(file)
            if listed is None or listed.issuer != issuer.subject or listed.next_update_utc is None:
                continue
            if not listed.last_update_utc <= now <= listed.next_update_utc or not _lists(listed, issuer):
                continue
            found = True
            if listed.get_revoked_certificate_by_serial_number(one.serial_number) is not None:
                return REVOKED
        return "" if found else NO_LIST

    def _list(self, file: Path) -> x509.CertificateRevocationList | None:
        """A list as its file has it now; a file that cannot be read is none, and is told once."""
        try:
            changed = file.stat().st_mtime_ns
        except OSError:
            changed = -1
        known = self._read.get(file)
        if known is None or known[0] != changed:
            known = (changed, _read_list(file))
            self._read[file] = known
        return known[1]


def cards_of(loaded: Loaded, clock: Callable[[], datetime]) -> Cards | None:
    """What judges cards, as the settings say; None where nobody signs in with one. Raises AppError."""
    settings = loaded.settings.cards
    if not settings.port:
        return None
    authorities: list[x509.Certificate] = []
    for name in settings.authorities:
        path = loaded.path(name)
        try:
            authorities += x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as error:
            raise AppError(f"[cards] authorities: {path} holds no certificates in PEM: {error}") from None
    lists = [loaded.path(name) for name in settings.revocation_lists]
    for path in lists:
        if _read_list(path) is None:
            raise AppError(f"[cards] revocation_lists: {path} holds no list of revoked certificates")
    return Cards(authorities, lists, frozenset(settings.policies), port=settings.port, clock=clock)


def text_of(shown: Shown | Unproven) -> str:
    """What was shown, as it is kept until the browser comes back."""
    if isinstance(shown, Unproven):
        return msgspec.json.encode({"cause": shown.cause}).decode()
    return msgspec.json.encode({"credential": shown.credential.hex()}).decode()


def card_of(text: str) -> Shown | Unproven:
    """And back."""
    kept = msgspec.json.decode(text, type=dict[str, str])
    if "cause" in kept:
        return Unproven(kept["cause"])
    return Shown(credential=bytes.fromhex(kept["credential"]), kind="card")


def _credential(issuer: x509.Certificate, named: str) -> bytes:
    """By what a card is kept: its own name under the key of its authority, so that no other can make one like it."""
    key = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(b"wireroom card\n" + hashlib.sha256(key).digest() + named.encode()).digest()


def _named(shown: x509.Certificate) -> str:
    """The card's own name, its UUID or else its FASC-N; never the person's, which others may bear."""
    try:
        names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ""
    for one in names.get_values_for_type(x509.UniformResourceIdentifier):
        if one.lower().startswith(UUID_BEGINS):
            return one.lower()
    for other in names.get_values_for_type(x509.OtherName):
        if other.type_id == FASC_N:
            return "fasc-n:" + other.value.hex()
    return ""


def _uses(shown: x509.Certificate) -> set[x509.ObjectIdentifier]:
    try:
        return set(shown.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        return set()


def _policies(shown: x509.Certificate) -> set[str]:
    try:
        found = shown.extensions.get_extension_for_class(x509.CertificatePolicies).value
    except x509.ExtensionNotFound:
        return set()
    return {one.policy_identifier.dotted_string for one in found}


def _signed(one: x509.Certificate, authority: x509.Certificate) -> bool:
    """Whether it is an authority, and this one vouches for the other."""
    try:
        if not authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        one.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return True


def _lists(listed: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Whether a list is the authority's own word."""
    try:
        return listed.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # what signs no list raises
    except (TypeError, ValueError):
        return False


def _read_list(file: Path) -> x509.CertificateRevocationList | None:
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise ValueError("too long")
        text = file.read_bytes()
        if text.lstrip().startswith(b"-----BEGIN"):
            return x509.load_pem_x509_crl(text)
        return x509.load_der_x509_crl(text)
    except (OSError, ValueError) as error:
        log.warning("the list of revoked cards in %s cannot be read: %s", file, error)
        return None
