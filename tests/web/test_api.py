"""The HTTP API: who may, what is taken once, and what is refused in which words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx2
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.web.fake_house import ORI, PERSONAS, SESSION, TOKEN
from tests.web.fakes import (
    BEARER,
    OPEN,
    QUERY,
    SIGN_IN,
    ProgramsHouse,
    client_of,
    send,
    trouble,
)
from wireroom.message.answer import Receipt
from wireroom.web import api, openapi
from wireroom.web.house import HouseBusy, JournalDown, KeyTaken
from wireroom.web.shapes import SignIn, Transaction

BRIEF = api.Limits(request_within_s=0.05)


@pytest.fixture
def house() -> ProgramsHouse:
    return ProgramsHouse()


@pytest.fixture
def client(house: ProgramsHouse) -> Iterator[TestClient]:
    with client_of(house) as client:
        yield client


# --------------------------------------------------------------------------- who


def test_only_sign_in_and_health_answer_without_a_session(client: TestClient) -> None:
    del client.headers["Authorization"]
    answered = set()
    for way in openapi.WAYS:
        response = client.request(way.method, way.path, json=SIGN_IN if way.does == "sign_in" else {})
        if response.status_code != 401:
            answered.add((way.method, way.path))
        else:
            assert trouble(response)["code"] == ("interface" if way.interface else "session")
            assert response.headers["www-authenticate"] == ("Basic" if way.interface else "Bearer")
    assert answered == OPEN


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer  ", "Basic dG9rZW4=", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN} more"]
)
def test_what_is_not_the_token_is_no_session(client: TestClient, header: str) -> None:
    assert client.get("/api/v1/links", headers={"Authorization": header}).status_code == 401


def test_a_cookie_is_not_looked_at(client: TestClient) -> None:
    del client.headers["Authorization"]
    client.cookies.set("session", TOKEN)
    assert client.get("/api/v1/links").status_code == 401


def test_signing_in_gives_a_token_that_works_until_signing_out(client: TestClient) -> None:
    response = client.post("/api/v1/sessions", json=SIGN_IN)
    assert response.status_code == 201
    body = response.json()
    assert (body["person"], body["terminal"], body["ori"], body["test"]) == ("dispatcher", "ZD01", ORI, False)
    assert SESSION.csrf not in response.text
    token = {"Authorization": f"bearer {body['token']}"}
    assert client.get("/api/v1/links", headers=token).status_code == 200
    assert client.delete("/api/v1/sessions/current", headers=token).status_code == 204
    assert client.get("/api/v1/links", headers=token).status_code == 401


def test_a_sign_in_that_is_refused_says_the_same_for_each_wrong_factor(client: TestClient) -> None:
    said = set()
    for factor in set(SIGN_IN) - {"acknowledged"}:
        response = client.post("/api/v1/sessions", json=SIGN_IN | {factor: "wrong"})
        assert response.status_code == 401
        said.add(response.text)
    assert len(said) == 1


def test_a_source_that_was_refused_too_often_is_told_how_long_to_wait(
    client: TestClient, house: ProgramsHouse
) -> None:
    house.wait_seconds = 900
    response = client.post("/api/v1/sessions", json=SIGN_IN)
    assert (response.status_code, response.headers["retry-after"]) == (429, "900")


# --------------------------------------------------------------------------- sending


def test_a_message_gets_its_receipt_and_goes_from_the_sessions_seat(
    client: TestClient, house: ProgramsHouse
) -> None:
    response = send(client)
    assert response.status_code == 202
    assert response.json() == {
        "number": "900000000000004096",
        "state": "accepted",
        "understood": "",
        "sources": ["STATE", "DMV", "NCIC"],
        "unexplained": False,
    }
    (arrival,) = house.arrivals
    assert arrival.seat == SESSION.seat
    assert (arrival.text, arrival.key, arrival.purpose, arrival.case) == (
        QUERY["text"],
        "k1",
        "C",
        "99-000001",
    )
    assert arrival.at == house.now()


def test_nobody_may_say_where_a_message_comes_from(client: TestClient, house: ProgramsHouse) -> None:
    for field in ("terminal", "ori", "person", "seat"):
        assert trouble(send(client, QUERY | {field: "Z999"}))["code"] == "body"
    assert house.arrivals == []


def test_the_same_key_again_gets_the_first_receipt(client: TestClient, house: ProgramsHouse) -> None:
    first, again = send(client), send(client)
    assert (first.status_code, again.status_code) == (202, 200)
    assert (again.json()["number"], again.json()["state"]) == (first.json()["number"], "repeat")
    assert len(house.arrivals) == 1


@pytest.mark.parametrize("key", ["", " ", "two words", "x" * 65, "é"])
def test_a_message_without_a_proper_key_is_not_taken(
    client: TestClient, house: ProgramsHouse, key: str
) -> None:
    assert send(client, headers={"Idempotency-Key": key.encode()}).status_code == 400
    assert house.arrivals == []


def test_the_one_boxs_shorthand_is_read_where_asked_for(client: TestClient, house: ProgramsHouse) -> None:
    assert send(client, {"text": "9zzz001", "box": True}).status_code == 202
    assert house.arrivals[0].text == "QV.LIC/9ZZZ001.LIS/CA"
    response = send(client, {"text": "smith", "box": True}, key="k2")
    assert response.status_code == 422
    assert trouble(response)["fields"][0]["field"] == "TEXT"


def test_every_fault_of_a_text_is_told_at_once(client: TestClient) -> None:
    response = send(client, {"text": "EV.LIC/9ZZZ001.VYR/1700.DOT/tomorrow"})
    assert response.status_code == 422
    told = trouble(response)
    assert told["code"] == "faults"
    assert {"VYR", "DOT", "OCA"} <= {fault["field"] for fault in told["fields"]}
    assert told["transaction"].isdigit()


def test_a_refusal_names_its_rule_and_says_why_neutrally(client: TestClient, house: ProgramsHouse) -> None:
    house.refuse = "An inquiry names its purpose."
    response = send(client)
    assert response.status_code == 403
    told = trouble(response)
    assert (told["code"], told["reason"]) == ("purpose-needs-case", house.refuse)


@pytest.mark.parametrize(
    ("raised", "status", "code", "wait"),
    [
        (HouseBusy(3), 429, "busy", "3"),
        (KeyTaken("k1"), 409, "key-taken", None),
        (JournalDown("disk"), 503, "journal", "5"),
        (RuntimeError("name of a person"), 500, "ours", None),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_trouble_has_its_status_and_one_shape_with_or_without_events(
    house: ProgramsHouse, raised: Exception, status: int, code: str, wait: str | None, accept: str
) -> None:
    house.trouble = raised
    with client_of(house) as client:
        response = send(client, headers={"Accept": accept})
    assert (response.status_code, trouble(response)["code"]) == (status, code)
    assert response.headers.get("retry-after") == wait
    assert "name of a person" not in response.text


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_transaction_that_takes_too_long_may_be_sent_again(house: ProgramsHouse, accept: str) -> None:
    house.slow = True
    with client_of(house, BRIEF) as client:
        response = send(client, headers={"Accept": accept})
    assert (response.status_code, trouble(response)["code"]) == (504, "too-slow")


def test_a_busy_receipt_is_busy(
    client: TestClient, house: ProgramsHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(arrival: object) -> Receipt:
        return Receipt(number=0, state="busy")

    monkeypatch.setattr(house, "transact", busy)
    assert send(client).status_code == 429


def test_a_receipt_of_an_unknown_state_is_our_fault(
    client: TestClient, house: ProgramsHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def strange(arrival: object) -> Receipt:
        return Receipt(number=1, state="maybe")

    monkeypatch.setattr(house, "transact", strange)
    assert send(client).status_code == 500


# --------------------------------------------------------------------------- bodies


def post(client: TestClient, content: bytes, **headers: str) -> httpx2.Response:
    sent = {"Content-Type": "application/json", "Idempotency-Key": "k1"} | headers
    response: httpx2.Response = client.post("/api/v1/transactions", content=content, headers=sent)
    return response


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"text": 5}',
        b'{"text": ""}',
        b'{"text": "QV", "deep": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b"[" * 60_000,
        b'{"text": "\xff"}',
        b'{"text": "\\ud800"}',
        json.dumps({"text": "x" * 16_385}).encode(),
    ],
)
def test_a_body_of_another_shape_is_not_taken(
    client: TestClient, house: ProgramsHouse, content: bytes
) -> None:
    response = post(client, content)
    assert (response.status_code, trouble(response)["code"]) == (400, "body")
    assert house.arrivals == []


def test_a_body_over_the_limit_is_not_read_to_its_end(house: ProgramsHouse) -> None:
    taken = 0

    async def endless() -> dict[str, object]:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": b" " * 1024, "more_body": True}

    status, body = by_hand(house, endless)
    assert (status, body["error"]["code"]) == (413, "too-long")
    assert taken == 65


def test_a_body_of_just_the_limit_is_read(client: TestClient) -> None:
    body = json.dumps(QUERY).encode()
    assert post(client, body + b" " * (65_536 - len(body))).status_code == 202
    assert post(client, body + b" " * (65_537 - len(body)), **{"Idempotency-Key": "k2"}).status_code == 413


@pytest.mark.parametrize(
    "media", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"]
)
def test_a_body_that_is_not_json_is_not_taken(client: TestClient, media: str) -> None:
    assert post(client, json.dumps(QUERY).encode(), **{"Content-Type": media}).status_code == 415


def test_a_character_set_may_stand_with_the_media_type(client: TestClient) -> None:
    answer = post(client, json.dumps(QUERY).encode(), **{"Content-Type": "Application/JSON; charset=utf-8"})
    assert answer.status_code == 202


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(
    st.binary(max_size=300)
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(msgspec.json.encode)
)
def test_no_body_is_met_with_a_fault_of_ours(client: TestClient, body: bytes) -> None:
    for path in ("/api/v1/transactions", "/api/v1/acknowledgements", "/api/v1/sessions"):
        response = client.post(
            path, content=body, headers={"Content-Type": "application/json", "Idempotency-Key": "k1"}
        )
        assert response.status_code == 400
        trouble(response)


# --------------------------------------------------------------------------- the edges


def test_what_does_not_exist_is_refused_in_the_same_shape(client: TestClient) -> None:
    response = client.get("/api/v2/transactions")
    assert (response.status_code, trouble(response)["code"]) == (404, "address")
    response = client.get("/api/v1/transactions")
    assert (response.status_code, trouble(response)["code"]) == (405, "method")
    assert "POST" in trouble(response)["reason"]


def test_no_answer_may_be_stored(client: TestClient) -> None:
    for way in openapi.WAYS:
        if not way.only_events:
            response = client.request(way.method, way.path, json={})
            assert response.headers["cache-control"] == "no-store", way.path


def by_hand(house: ProgramsHouse, receive: Callable[[], Awaitable[Any]]) -> tuple[int, dict[str, Any]]:
    """A transaction whose body comes piece by piece, as a server gives it."""
    sent: list[Any] = []

    async def note(piece: object) -> None:
        sent.append(piece)

    route = next(one for one in api.routes(house) if one.path == "/api/v1/transactions")
    headers = BEARER | {"Idempotency-Key": "k1", "Content-Type": "application/json"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": route.path,
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(route.handle(scope, receive, note))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_a_reader_that_goes_before_its_body_ends_is_no_fault_of_ours(house: ProgramsHouse) -> None:
    async def gone() -> dict[str, object]:
        return {"type": "http.disconnect"}

    status, body = by_hand(house, gone)
    assert (status, body["error"]["code"]) == (400, "gone")


def test_what_holds_a_secret_does_not_show_it() -> None:
    held = (
        msgspec.convert(SIGN_IN, SignIn),
        msgspec.convert(QUERY, Transaction),
        msgspec.structs.replace(SESSION, token=TOKEN),
        PERSONAS[0],
    )
    shown = " ".join(map(repr, held))
    for secret in ("invented-1", "123456", QUERY["text"], TOKEN, SESSION.csrf):
        assert secret not in shown
