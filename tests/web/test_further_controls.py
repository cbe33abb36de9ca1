"""Controls SC and SI of CJIS Security Policy 5.9.5 at every route of the pages and of the API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.fake_house import SESSION, TOKEN, FakeHouse
from tests.web.test_controls import OPEN, ways
from wireroom.web.site import site

BEARER = {"Authorization": f"Bearer {TOKEN}"}
ENDLESS = {"/live", "/api/v1/deliveries"}  # they answer for as long as somebody listens
# What an error of ours might say, and nobody outside may read.
INSIDE = (
    'duplicate key value violates unique constraint "session_pkey" in SELECT token_hash FROM session WHERE x = $1; '
    "connection to /srv/wireroom/secrets/master.key failed at 10.1.2.3:5432"
)
TELLS = re.compile(
    r"Traceback|File \"|line \d+, in |\.py\b|SELECT \w+ FROM|session_pkey|token_hash|/srv/|/tmp/|/home/|/opt/"
    r"|site-packages|10\.1\.2\.3|asyncpg|msgspec\.|starlette|RuntimeError|postgres",
    re.IGNORECASE,
)
FORM = {
    "csrf": SESSION.csrf, "text": "9QZZ123", "purpose": "C", "key": "k1", "number": "1", "numbers": "1", "read": "yes",
    "person": "dispatcher", "password": "invented-1", "code": "123456", "terminal": "ZD01", "LIC": "9QZZ123",
}  # fmt: skip
ROOMS = {
    "transact", "acknowledge", "seen", "deadlines", "calls", "confirm", "elsewhere", "explaining", "links", "keyring",
    "sign_in", "sign_in_as", "unlock", "understand", "mailbox", "sign_out",
}  # fmt: skip


class Broken(FakeHouse):
    """A house in which whatever is asked of the rooms fails, once somebody is signed in."""

    def __getattribute__(self, name: str) -> Any:
        """Any: a stand-in for every method of the house."""
        if name in ROOMS:
            raise RuntimeError(INSIDE)
        return super().__getattribute__(name)


@pytest.fixture
def broken() -> Iterator[TestClient]:
    with TestClient(site(Broken()), follow_redirects=False, raise_server_exceptions=False) as client:
        client.cookies.set("session", TOKEN)
        yield client


def body_of(path: str) -> dict[str, Any]:
    """Any: JSON that one or the other way of the API reads."""
    return {
        "text": "QV.LIC/9QZZ123.LIS/CA", "purpose": "C", "numbers": ["1"], "transaction": "1", "words": "TAGS",
        "acknowledged": True, "person": "dispatcher", "password": "invented-1", "code": "123456", "terminal": "ZD01",
    } | ({"kind": "training", "day": "2026-11-23"} if path.endswith("/facts") else {})  # fmt: skip


def asked(client: TestClient, path: str, method: str, fill: Callable[[str], str] = lambda _: "QV") -> Any:
    """A request of a route as somebody who is signed in sends it. Any: the client's own response."""
    address = re.sub(r"\{[^}]*\}", fill(path), path)
    if path.startswith("/api/"):
        return client.request(method, address, json=body_of(path), headers=BEARER | {"Idempotency-Key": "k1"})
    return client.request(method, address, data=FORM if method == "POST" else None)


# --------------------------------------------------------------------------- SI-11: errors that tell nothing


def test_SI_11_no_route_shows_the_inside_of_what_failed(broken: TestClient) -> None:
    failed = set()
    for route, method in ways(broken):
        if route.path in ENDLESS:
            continue
        answer = asked(broken, route.path, method)
        said = f"{answer.text} {dict(answer.headers)}"
        if route.path != "/static/{name:str}" and answer.status_code >= 400:
            assert not TELLS.search(said), (route.path, TELLS.search(said))
        if answer.status_code == 500:
            failed.add(route.path)
    assert len(failed) >= 15, f"otherwise nothing was tried: {sorted(failed)}"


def test_SI_11_the_words_say_what_to_do(broken: TestClient) -> None:
    page = broken.get("/desk")
    assert page.status_code == 500
    assert "tell the operator" in page.text
    program = broken.get("/api/v1/links", headers=BEARER)
    assert (program.status_code, program.json()["error"]["code"]) == (500, "ours")
    assert "tell the operator" in program.json()["error"]["reason"]


# --------------------------------------------------------------------------- SI-10: whatever comes in

WORDS = (
    "", "\x00", "\u202e", "'; DROP TABLE record; --", "../../etc/passwd", "{{7*7}}", "<script>", "%s%n", "9" * 400,
    "\ud7ff", "-1", "1e999", "QV.LIC/\r\nEV.LIC/1", "\u0301" * 60, "${x}", "[" * 300, "null", "\uff0e",
)  # fmt: skip


def junk(dice: Random) -> str:
    return "".join(dice.choice(WORDS) for _ in range(dice.randint(1, 3)))


@pytest.mark.parametrize("seed", range(8))
def test_SI_10_no_route_fails_whatever_stands_in_its_address_and_its_fields(
    client: TestClient, seed: int
) -> None:
    dice, statuses = Random(seed), set()
    for route, method in ways(client):
        if route.path in ENDLESS or route.path == "/sign-out" or route.path.endswith("/current"):
            continue
        path = re.sub(
            r"\{[^}]*\}", lambda _: "%2E" + "".join(f"%{b:02x}" for b in junk(dice).encode()), route.path
        )
        given = {name: junk(dice) for name in FORM} | {"csrf": SESSION.csrf}
        if path.startswith("/api/"):
            named = {
                name: dice.choice([junk(dice), 7, None, [junk(dice)], {"a": junk(dice)}])
                for name in body_of(path)
            }
            answer = client.request(method, path, json=named, headers=BEARER | {"Idempotency-Key": "k"})
        else:
            answer = client.request(method, path, data=given if method == "POST" else None)
        statuses.add(answer.status_code)
        assert answer.status_code < 500, (method, path, answer.text[:200])
        if answer.status_code >= 400:
            assert not TELLS.search(answer.text), (route.path, TELLS.search(answer.text))
    assert {400, 404, 422} & statuses, "something was refused"


# --------------------------------------------------------------------------- SC-23: nobody else's page


@pytest.mark.parametrize(
    "headers", [{"origin": "https://elsewhere.example"}, {"sec-fetch-site": "cross-site"}], ids=str
)
def test_SC_23_no_page_takes_anything_from_another_site(
    client: TestClient, house: FakeHouse, headers: dict[str, str]
) -> None:
    tried = 0
    for route, method in ways(client):
        if method != "POST" or route.path.startswith("/api/"):
            continue
        answer = client.post(re.sub(r"\{[^}]*\}", "QV", route.path), data=FORM, headers=headers)
        assert answer.status_code == 403, route.path
        tried += 1
    assert tried >= 15
    assert (house.arrivals, house.acknowledged, house.notices) == ([], [], [])
    assert TOKEN in house.sessions


@pytest.mark.parametrize("csrf", ["", "x", SESSION.csrf[:-1], SESSION.csrf + "x"])
def test_SC_23_no_page_takes_a_form_without_its_sessions_own_token(
    client: TestClient, house: FakeHouse, csrf: str
) -> None:
    tried = 0
    for route, method in ways(client):
        if method != "POST" or route.path.startswith("/api/") or (route.path, method) in OPEN | LIGHT:
            continue
        answer = client.post(re.sub(r"\{[^}]*\}", "QV", route.path), data=FORM | {"csrf": csrf})
        assert answer.status_code == 403, (route.path, answer.status_code)
        tried += 1
    assert tried >= 8
    assert (house.arrivals, house.acknowledged) == ([], [])
    assert TOKEN in house.sessions


LIGHT = {("/light", "POST")}  # turns the lights of one's own page, and asks for nothing


def test_SC_23_a_cookie_opens_no_way_of_the_api(client: TestClient) -> None:
    """A browser sends its cookie by itself, whoever had the page made; a program's token it does not."""
    for route, method in ways(client):
        if not route.path.startswith("/api/v1/") or (route.path, method) in OPEN:
            continue
        answer = client.request(
            method, route.path, json=body_of(route.path), headers={"Idempotency-Key": "k"}
        )
        assert answer.status_code == 401, route.path


def test_SC_23_a_token_in_an_address_opens_nothing(stranger: TestClient) -> None:
    for name in ("session", "token", "access_token", "csrf"):
        assert stranger.get(f"/desk?{name}={TOKEN}").status_code == 303
        assert stranger.get(f"/api/v1/links?{name}={TOKEN}").status_code == 401
