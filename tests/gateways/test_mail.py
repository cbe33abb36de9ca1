"""Claims about letters by e-mail: over a guarded line, once, and with a name that stays when they are sent again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from tests.gateways.post_office import MailServer, guarded_mail
from wireroom.gateways.couriers import AT_ONCE, Courier
from wireroom.gateways.mail import Guard, MailTerms, mail_courier, mail_of
from wireroom.message.letter import Letter, Post, Posted

pytestmark = pytest.mark.anyio
SENDER = "wireroom@state.example"


def letter(key: str = "7-0") -> Letter:
    return Letter(
        key=key, channel="email", event="SERVED", to="jane@example.org", subject="A notice / Un aviso solicitó",
        text="It was served.\n.\nFue notificada: está.", made_at=datetime(2026, 3, 2, 16, tzinfo=UTC),
    )  # fmt: skip


def courier(server: MailServer, guard: Guard = Guard.NONE, **more: object) -> Courier:
    terms = MailTerms(host="127.0.0.1", port=server.port, sender=SENDER, guard=guard, **more)  # type: ignore[arg-type]
    return mail_courier(terms)


async def test_a_letter_arrives_whole_with_the_name_that_it_keeps() -> None:
    async with MailServer() as server:
        carrier = courier(server)
        for _ in range(2):
            assert await carrier.post(letter()) == Posted(Post.TAKEN)
        first, again = server.mail
        assert first["Message-ID"] == again["Message-ID"] == "<wireroom-7-0@state.example>"
        assert first["Idempotency-Key"] == "7-0"
        assert (first["From"], first["To"], first["Auto-Submitted"]) == (
            SENDER,
            "jane@example.org",
            "auto-generated",
        )
        assert first["Subject"] == "A notice / Un aviso solicitó"
        assert first.get_content().replace("\r\n", "\n").rstrip("\n") == letter().text
        assert server.envelopes[0][1].endswith("<jane@example.org>")


async def test_a_line_is_guarded_before_the_password_is_said(tmp_path: Path) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    async with guarded_mail(ca) as server:
        carrier = courier(
            server, Guard.STARTTLS, user="wireroom", password="not a secret", ca_file=str(tmp_path / "ca.pem")
        )
        assert await carrier.post(letter()) == Posted(Post.TAKEN)
        assert server.guarded == [True]
        assert server.signed_in == ["\0wireroom\0not a secret"]


async def test_a_server_that_nobody_vouches_for_gets_nothing() -> None:
    async with guarded_mail(trustme.CA()) as server:
        posted = await courier(server, Guard.STARTTLS, user="u", password="p").post(letter())
        assert posted.post is Post.DELAYED
        assert (server.mail, server.signed_in) == ([], [])


async def test_a_server_without_guard_gets_nothing_where_one_is_asked_for() -> None:
    async with MailServer() as server:
        posted = await courier(server, Guard.STARTTLS).post(letter())
        assert posted == Posted(Post.DELAYED, "SMTPNotSupportedError")
        assert server.mail == []


@pytest.mark.parametrize(
    ("at", "answer", "post"),
    [
        ("RCPT", "550 no jane@example.org here", Post.REFUSED),
        ("RCPT", "450 jane@example.org later", Post.DELAYED),
        ("DATA", "554 no", Post.REFUSED),
        ("DATA", "451 later", Post.DELAYED),
    ],
)
async def test_no_and_not_now_are_told_apart_without_the_address(at: str, answer: str, post: Post) -> None:
    async with MailServer() as server:
        server.answers[at] = answer
        assert await courier(server).post(letter()) == Posted(post, f"the mail server answered {answer[:3]}")


async def test_nobody_there_and_silence_end_within_the_deadline() -> None:
    async with MailServer() as server:
        server.silent = True
        began = asyncio.get_running_loop().time()
        several = [letter(f"7-{n}") for n in range(AT_ONCE + 1)]
        carrier = courier(server, deadline_s=0.3)
        posted = await asyncio.gather(*map(carrier.post, several))
        assert {one.post for one in posted} == {Post.DELAYED}
        assert asyncio.get_running_loop().time() - began < 5, (
            "one after another, each within its own deadline"
        )
        server.silent = False
        assert (await courier(server).post(letter())).post is Post.TAKEN
    posted_to_nobody = await courier(server).post(letter())
    assert posted_to_nobody.post is Post.DELAYED
    assert "Refused" in posted_to_nobody.trouble


def test_an_address_cannot_become_a_header() -> None:
    evil = Letter(
        **{f: getattr(letter(), f) for f in Letter.__struct_fields__}
        | {"to": "a@b.example\nBcc: c@d.example"}
    )
    with pytest.raises(ValueError, match="linefeed"):
        mail_of(evil, SENDER)
