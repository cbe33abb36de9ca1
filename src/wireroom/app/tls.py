"""The TLS of our doors: a context for each, which trusts the authorities of agencies and learns of new ones."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Sequence
from pathlib import Path

from wireroom.app import AppError, authority
from wireroom.app.settings import Loaded
from wireroom.app.settings_devices import Mode, mode_of
from wireroom.app.settings_links import Link
from wireroom.policy.devices import Authority


class Guard:
    """How one door is guarded: what it asks of devices, and its context, None where it speaks in clear."""

    def __init__(self, mode: Mode, context: ssl.SSLContext | None) -> None:
        self.mode, self.context = mode, context
        self._trusted: set[str] = set()

    def trust(self, authorities: Sequence[Authority]) -> None:
        """Let devices of these authorities through the handshake from now on.

        One that has ended still passes the handshake until the next start, and is refused right after it: a context can
        only learn. The register's word counts, not the handshake's.
        """
        if self.context is None or self.mode is Mode.OFF:
            return
        for one in authorities:
            if one.ended_at is None and one.fingerprint not in self._trusted:
                self.context.load_verify_locations(cadata=one.pem)
                self._trusted.add(one.fingerprint)


def guard_of(loaded: Loaded, host: str, key: str, authorities: Sequence[Authority]) -> Guard:
    """The guard of the door at an address; `key` is its setting, for words. Raises AppError where it cannot be made."""
    settings = loaded.settings.devices
    mode = mode_of(settings, host, demo=loaded.settings.demo.enabled)
    if not settings.certificate_file:
        if mode is not Mode.OFF:
            raise AppError(
                f"{key} is {host}, so others reach it, and devices must show a certificate there: set certificate_file "
                'and key_file under [devices] in wireroom.toml; or say devices = "off" and guard the line before it'
            )
        return Guard(mode, None)
    guard = Guard(mode, _context(loaded.path(settings.certificate_file), loaded.path(settings.key_file)))
    if mode is not Mode.OFF:
        assert guard.context is not None
        guard.context.verify_mode = ssl.CERT_REQUIRED if mode is Mode.REQUIRED else ssl.CERT_OPTIONAL
        for name in settings.authorities:
            _trust_file(guard.context, loaded.path(name))
        guard.trust(authorities)
    return guard


def office_guard(loaded: Loaded, authorities: Sequence[Authority]) -> Guard:
    """The guard of administration's own door: TLS always, and a certificate of its own authority, which no device has.

    Raises AppError where it cannot be made, or where an authority of devices would open it.
    """
    settings, devices = loaded.settings.administration, loaded.settings.devices
    named = settings if settings.certificate_file else devices
    context = _context(loaded.path(named.certificate_file), loaded.path(named.key_file))
    file = loaded.path(settings.authorities_file)
    _trust_file(context, file, "[administration] authorities_file")
    ours = {hashlib.sha256(der).hexdigest() for der in context.get_ca_certs(binary_form=True)}
    if not ours:
        raise AppError(f"[administration] authorities_file: {file} holds no authority")
    if ours & {one.fingerprint for one in authorities}:
        raise AppError(
            f"[administration] authorities_file: {file} holds an authority of devices; administrators' certificates "
            "come from another one"
        )
    if settings.revoked_file:
        _heed_revoked(context, loaded.path(settings.revoked_file))
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF  # a list that is over lets nobody in
    context.verify_mode = ssl.CERT_REQUIRED
    return Guard(Mode.REQUIRED, context)


def cards_context(loaded: Loaded) -> ssl.SSLContext:
    """The TLS of the door for cards: whoever shows no certificate of their authorities for clients is not heard.

    TLS 1.3 only, and without tickets: there no session is taken up again, so each time the card itself must sign.
    """
    settings, cards = loaded.settings.devices, loaded.settings.cards
    context = _context(loaded.path(settings.certificate_file), loaded.path(settings.key_file))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    for name in cards.authorities:
        _trust_file(context, loaded.path(name), "[cards] authorities")
    return context


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 and newer, and no tickets: a session that is taken up again skips the check of the certificate's path."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
    context.num_tickets = 0
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise AppError(
            f"[devices] certificate_file {certificate} and key_file {key} cannot be used: {error.strerror or error}; "
            "name a certificate and its own key, both in PEM, without a passphrase"
        ) from None
    return context


def _trust_file(context: ssl.SSLContext, path: Path, key: str = "[devices] authorities") -> None:
    try:
        context.load_verify_locations(cadata=authority.read_file(path).decode("ascii"))
    except (ssl.SSLError, UnicodeDecodeError) as error:
        raise AppError(f"{key}: {path} holds no certificates in PEM: {error}") from None


def _heed_revoked(context: ssl.SSLContext, path: Path) -> None:
    text = authority.read_file(path)
    try:
        if b"-----BEGIN X509 CRL-----" not in text:
            raise ValueError("no list begins there")
        context.load_verify_locations(cafile=str(path))  # lists are read from files only
    except (ssl.SSLError, OSError, ValueError) as error:
        raise AppError(
            f"[administration] revoked_file: {path} holds no list of revocations: {error}"
        ) from None


def link_context(loaded: Loaded, link: Link) -> ssl.SSLContext | None:
    """How we call another system; None where that is in clear. Only who stands in `authority_file` may vouch for it.

    Raises AppError where a file cannot be used.
    """
    if not link.authority_file:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # asks for a certificate, and that its name is right
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    path = loaded.path(link.authority_file)
    try:
        context.load_verify_locations(cadata=authority.read_file(path).decode("ascii"))
    except (ssl.SSLError, UnicodeDecodeError) as error:
        raise AppError(
            f"[[links]] {link.name} authority_file: {path} holds no certificates in PEM: {error}"
        ) from None
    if link.certificate_file:
        try:
            context.load_cert_chain(loaded.path(link.certificate_file), loaded.path(link.key_file))
        except (OSError, ssl.SSLError) as error:
            raise AppError(
                f"[[links]] {link.name} certificate_file and key_file cannot be used: {error.strerror or error}; name "
                "a certificate and its own key, both in PEM, without a passphrase"
            ) from None
    return context


def calling(loaded: Loaded) -> ssl.SSLContext | None:
    """How this machine's own commands open a line to the switch of these settings; None where that is in clear.

    They trust its very certificate and nobody's word for it, so the name in it need not be the address.
    """
    settings = loaded.settings.devices
    if not settings.certificate_file:
        return None
    own = authority.read_certificate(authority.read_file(loaded.path(settings.certificate_file)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=authority.pem_of(own))
    if settings.console_file:
        path = loaded.path(settings.console_file)
        try:
            context.load_cert_chain(path)
        except (OSError, ssl.SSLError) as error:
            raise AppError(
                f"[devices] console_file {path} holds no key and certificate: {error.strerror or error}; write one "
                "with `wireroom device issue`"
            ) from None
    return context
