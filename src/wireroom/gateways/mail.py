"""Letters by e-mail, over SMTP."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum

import msgspec

from wireroom.gateways.couriers import Courier, Line
from wireroom.message.letter import Letter, Post, Posted

PERMANENT = 500  # an answer from here on will not change
HEADERS = (("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All"), ("Precedence", "bulk"))


class Guard(StrEnum):
    """How the line is guarded."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class MailTerms(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail is given to, and as whom."""

    host: str
    port: int
    sender: str
    guard: Guard = Guard.STARTTLS
    user: str = ""
    password: str = ""
    ca_file: str = ""  # who vouches for the server; empty: whom this machine trusts
    deadline_s: float = 20.0

    def __repr__(self) -> str:
        return f"MailTerms({self.host}:{self.port})"


def mail_courier(terms: MailTerms) -> Courier:
    """Carries letters to a mail server."""

    def carry(letter: Letter, line: Line) -> Posted:
        return _carry(terms, letter, line)

    return Courier("email", carry, deadline_s=terms.deadline_s)


def mail_of(letter: Letter, sender: str) -> EmailMessage:
    """The letter as it stands on the wire. One that is sent again has the same Message-ID."""
    mail = EmailMessage(policy=SMTP)
    domain = sender.rpartition("@")[2]
    mail["From"], mail["To"], mail["Subject"] = sender, letter.to, letter.subject
    mail["Date"] = format_datetime(letter.made_at)
    mail["Message-ID"] = f"<wireroom-{letter.key}@{domain}>"
    mail["Idempotency-Key"] = letter.key
    for name, value in HEADERS:
        mail[name] = value
    mail.set_content(letter.text)
    return mail


def _carry(terms: MailTerms, letter: Letter, line: Line) -> Posted:
    mail = mail_of(letter, terms.sender)
    trust = ssl.create_default_context(cafile=terms.ca_file or None)
    with _server(terms, trust) as server:
        line.holds(server.sock)
        if terms.guard is Guard.STARTTLS:
            server.starttls(context=trust)
            line.holds(server.sock)
        if terms.user:
            server.login(terms.user, terms.password)
        try:
            server.send_message(mail, terms.sender, [letter.to])
        except smtplib.SMTPRecipientsRefused as error:
            return _refused(error.recipients[letter.to][0])
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code)
    return Posted(Post.TAKEN)


def _server(terms: MailTerms, trust: ssl.SSLContext) -> smtplib.SMTP:
    if terms.guard is Guard.TLS:
        return smtplib.SMTP_SSL(terms.host, terms.port, timeout=terms.deadline_s, context=trust)
    return smtplib.SMTP(terms.host, terms.port, timeout=terms.deadline_s)


def _refused(code: int) -> Posted:
    post = Post.REFUSED if code >= PERMANENT else Post.DELAYED
    return Posted(post, f"the mail server answered {code}")
