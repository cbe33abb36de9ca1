"""Letters to a notification service of others, over HTTP: signed JSON, which it may take twice and know it."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ssl
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from wireroom.gateways.couriers import Courier, Line
from wireroom.message.letter import Letter, Post, Posted

SIGNATURE, KEY = "Wireroom-Signature", "Idempotency-Key"
ANSWER_BYTES_MAX = 1_024
# Of all that means "not so" these mean "not now": too slow, too early, too many.
NOT_NOW = frozenset({408, 409, 423, 425, 429})


class WebhookTerms(msgspec.Struct, frozen=True, kw_only=True):
    """Where letters are posted, and with which secret they are signed."""

    url: str
    secret: str
    ca_file: str = ""  # who vouches for the server; empty: whom this machine trusts
    deadline_s: float = 20.0

    def __repr__(self) -> str:
        return "WebhookTerms(…)"


def webhook_courier(terms: WebhookTerms, clock: Callable[[], datetime]) -> Courier:
    """Carries letters to a service."""

    def carry(letter: Letter, line: Line) -> Posted:
        return _carry(terms, letter, line, int(clock().timestamp()))

    return Courier("service", carry, deadline_s=terms.deadline_s)


def body_of(letter: Letter) -> bytes:
    """The letter as JSON."""
    return msgspec.json.encode(
        {
            "key": letter.key,
            "event": letter.event.lower(),
            "to": letter.to,
            "subject": letter.subject,
            "text": letter.text,
            "made_at": letter.made_at.isoformat(timespec="seconds"),
        }
    )


def signature(secret: str, at: int, body: bytes) -> str:
    """What proves that a letter is ours, and when it was signed: HMAC-SHA-256 of the time, a period and the body."""
    signed = hmac.digest(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hex()
    return f"t={at},v1={signed}"


def _carry(terms: WebhookTerms, letter: Letter, line: Line, at: int) -> Posted:
    parts = urlsplit(terms.url)
    body = body_of(letter)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "wireroom",
        KEY: letter.key,
        SIGNATURE: signature(terms.secret, at, body),
    }
    connection = _connection(terms, parts.scheme, parts.hostname or "", parts.port)
    try:
        connection.connect()
        line.holds(connection.sock)
        connection.request("POST", parts._replace(scheme="", netloc="").geturl() or "/", body, headers)
        answer = connection.getresponse()
        answer.read(ANSWER_BYTES_MAX)
    finally:
        connection.close()
    if 200 <= answer.status < 300:
        return Posted(Post.TAKEN)
    refused = 400 <= answer.status < 500 and answer.status not in NOT_NOW
    return Posted(Post.REFUSED if refused else Post.DELAYED, f"the service answered {answer.status}")


def _connection(terms: WebhookTerms, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        trust = ssl.create_default_context(cafile=terms.ca_file or None)
        return http.client.HTTPSConnection(host, port, timeout=terms.deadline_s, context=trust)
    return http.client.HTTPConnection(host, port, timeout=terms.deadline_s)
