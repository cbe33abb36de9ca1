"""Claims about letters to a notification service: signed, named, and refused or delayed by what it answers."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.gateways.post_office import WebServer
from tests.gateways.test_mail import letter
from wireroom.gateways.couriers import Courier
from wireroom.gateways.webhook import WebhookTerms, webhook_courier
from wireroom.message.letter import Post, Posted

pytestmark = pytest.mark.anyio
SECRET = "a secret of ours and theirs"
NOW = datetime(2026, 3, 2, 16, 5, tzinfo=UTC)


def courier(server: WebServer, deadline_s: float = 5.0) -> Courier:
    terms = WebhookTerms(
        url=f"http://127.0.0.1:{server.port}/told?by=us", secret=SECRET, deadline_s=deadline_s
    )
    return webhook_courier(terms, lambda: NOW)


async def test_a_letter_is_json_that_the_service_can_prove_and_know_again() -> None:
    async with WebServer() as server:
        assert await courier(server).post(letter()) == Posted(Post.TAKEN)
        [(first, headers, body)] = server.requests
        assert first == "POST /told?by=us HTTP/1.1"
        assert headers["idempotency-key"] == "7-0"
        at = int(NOW.timestamp())
        proof = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        assert headers["wireroom-signature"] == f"t={at},v1={proof}"
        assert json.loads(body) == {
            "key": "7-0", "event": "served", "to": "jane@example.org", "subject": letter().subject,
            "text": letter().text, "made_at": "2026-03-02T16:00:00+00:00",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "post"),
    [(200, Post.TAKEN), (204, Post.TAKEN), (302, Post.DELAYED), (400, Post.REFUSED), (410, Post.REFUSED),
     (408, Post.DELAYED), (429, Post.DELAYED), (500, Post.DELAYED), (503, Post.DELAYED)],
)  # fmt: skip
async def test_no_and_not_now_are_told_apart(status: int, post: Post) -> None:
    async with WebServer(status) as server:
        posted = await courier(server).post(letter())
        assert posted == Posted(post, "" if post is Post.TAKEN else f"the service answered {status}")
        assert len(server.requests) == 1, "nobody is sent elsewhere"


async def test_silence_ends_at_the_deadline() -> None:
    async with WebServer() as server:
        server.silent = True
        posted = await courier(server, 0.2).post(letter())
        assert posted.post is Post.DELAYED


def test_terms_print_no_secret() -> None:
    assert SECRET not in repr(WebhookTerms(url="https://x.example", secret=SECRET))


async def test_the_example_of_the_manual_knows_our_letters_from_others() -> None:
    page = (Path(__file__).parents[2] / "docs" / "notifying.md").read_text("utf-8")
    [example] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, object] = {}
    exec(example, names)
    is_ours = names["is_ours"]
    assert callable(is_ours)
    async with WebServer() as server:
        await courier(server).post(letter())
        [(_, headers, body)] = server.requests
    header, at = headers["wireroom-signature"], int(NOW.timestamp())
    assert is_ours(SECRET, header, body, at + 299)
    assert not is_ours(SECRET, header, body, at + 301)
    assert not is_ours(SECRET, header, body + b" ", at)
    assert not is_ours("another", header, body, at)
