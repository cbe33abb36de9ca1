"""The sections of wireroom.toml about people: those who sign in, and those who are told by letter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all sections have in common: they do not change, and a key that is not declared is refused."""


class People(Section, frozen=True, kw_only=True):
    """Accounts of people. The limits are those of the CJIS Security Policy and cannot be set wider."""

    inactive_days: Annotated[
        int, Meta(ge=1, le=90, description="Days without use after which an account is disabled.")
    ] = 90
    disconnect_minutes: Annotated[
        int,
        Meta(ge=1, le=60, description="Minutes without an act after which a locked session ends."),
    ] = 60
    known_passwords_file: Annotated[
        str,
        Meta(description="File of passwords that others know, one a line, beside our own short list."),
    ] = ""


class Notify(Section, frozen=True, kw_only=True):
    """How people are told who asked for it and have no terminal. With nothing set, letters stay in the outbox."""

    smtp_host: Annotated[
        str, Meta(description="Mail server that takes letters; empty: none go by e-mail.")
    ] = ""
    smtp_port: Annotated[int, Meta(ge=1, le=65535, description="TCP port of the mail server.")] = 587
    smtp_tls: Annotated[
        Literal["starttls", "tls", "none"],
        Meta(
            description="How the line to the mail server is guarded: starttls, tls, or none on this machine."
        ),
    ] = "starttls"
    smtp_from: Annotated[
        str,
        Meta(pattern=r"^([^@\s]+@[A-Za-z0-9.-]+)?$", description="E-mail address that letters come from."),
    ] = ""
    smtp_user: Annotated[
        str, Meta(description="Name under which we sign in at the mail server; empty: none.")
    ] = ""
    smtp_password_file: Annotated[str, Meta(description="File that holds the password for smtp_user.")] = ""
    webhook_url: Annotated[
        str, Meta(description="Address of the notification service, https; empty: none go there.")
    ] = ""
    webhook_key_file: Annotated[
        str, Meta(description="File that holds the key with which letters to the service are signed.")
    ] = ""
    ca_file: Annotated[
        str, Meta(description="Certificates that vouch for both, in PEM; empty: those of this machine.")
    ] = ""
    deadline_seconds: Annotated[
        float, Meta(gt=0, le=30, description="Seconds that the other side has for one letter.")
    ] = 20.0


def notify_contradictions(notify: Notify) -> Iterator[str]:
    """Nothing secret goes over an open line, and nobody is written to without a sender or a signature."""
    if notify.smtp_host and not notify.smtp_from:
        yield "[notify] smtp_from: is missing; letters need a sender"
    if notify.smtp_user and not notify.smtp_password_file:
        yield "[notify] smtp_password_file: is missing; smtp_user needs a password"
    if notify.smtp_host and notify.smtp_tls == "none" and notify.smtp_host not in THIS_MACHINE:
        yield "[notify] smtp_tls: none is for a mail server on this machine only; write starttls or tls"
    yield from webhook_contradictions("[notify]", notify.webhook_url, notify.webhook_key_file)


def webhook_contradictions(section: str, url: str, key_file: str) -> Iterator[str]:
    """A service is reached over an encrypted line, and can tell that it is us."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port is None or parts.port else ""
    except ValueError:
        host = ""
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in THIS_MACHINE)):
        yield f"{section} webhook_url: must begin with https:// and name a host; http:// for this machine only"
    if not key_file:
        yield f"{section} webhook_key_file: is missing; letters to the service are signed"


def passkey_contradictions(origin: str, domain: str) -> Iterator[str]:
    """Browsers give passkeys over an encrypted line only, by a name, to a page of the domain they are bound to."""
    if not origin:
        if domain:
            yield "[web] passkey_domain: is set without passkey_origin; write the address of the pages there"
        return
    try:
        parts = urlsplit(origin)
        host = parts.hostname or ""
        bare = origin == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        host, bare = "", False
    secure = bare and (parts.scheme == "https" or (parts.scheme == "http" and host == "localhost"))
    if not secure or not host or host.replace(".", "").isdigit() or ":" in host or origin != origin.lower():
        yield (
            "[web] passkey_origin: write https:// and the name of the pages' machine in small letters, with no path; "
            "http:// for localhost only"
        )
    elif domain and host != domain and not host.endswith("." + domain):
        yield f"[web] passkey_domain: {host} does not belong to {domain}; leave it empty, or write a domain above it"
