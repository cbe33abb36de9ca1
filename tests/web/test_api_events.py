"""The HTTP API: answers and deliveries as events, and their acknowledgement."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.fake_house import SESSION, TOKEN, message, part
from tests.web.fakes import (
    QUERY,
    ProgramsHouse,
    client_of,
    parsed,
    send,
    trouble,
)
from wireroom.message.answer import State
from wireroom.web import api
from wireroom.web.shapes import ACKNOWLEDGED_MAX
from wireroom.web.stream import Beat


@pytest.fixture
def house() -> ProgramsHouse:
    return ProgramsHouse()


@pytest.fixture
def client(house: ProgramsHouse) -> Iterator[TestClient]:
    with client_of(house) as client:
        yield client


def stream(client: TestClient, *, query: str = "", body: object = QUERY) -> tuple[int, list[tuple[str, Any]]]:
    response = client.post(
        f"/api/v1/transactions{query}",
        json=body,
        headers={"Idempotency-Key": "k1", "Accept": "text/event-stream"},
    )
    if response.status_code != 200:
        return response.status_code, []
    assert response.headers["content-type"].startswith("text/event-stream")
    return 200, [(one.name, json.loads(one.data)) for one in parsed(response.text)]


def test_a_transactions_answers_come_in_its_own_response(client: TestClient, house: ProgramsHouse) -> None:
    house.deliver(message(5, "FROM Z999", "not an answer to this"))
    _, came = stream(client)
    assert [name for name, _ in came] == ["receipt", "answer", "answer", "answer", "end"]
    assert [body["source"] for name, body in came if name == "answer"] == ["STATE", "DMV", "NCIC"]
    assert {body["transaction"] for name, body in came if name == "answer"} == {came[0][1]["number"]}
    assert came[-1][1] == {"reason": "complete", "answers": 3}
    assert house.acknowledged == []


def test_answers_that_were_sent_are_acknowledged_where_asked_for(
    client: TestClient, house: ProgramsHouse
) -> None:
    house.deliver(message(5, "FROM Z999", "not an answer to this"))
    _, came = stream(client, query="?acknowledge=true")
    assert house.acknowledged == [int(body["number"]) for name, body in came if name == "answer"]
    assert list(house.waiting["ZD01"]) == [5]


def test_a_stream_ends_at_its_deadline_and_says_so(house: ProgramsHouse) -> None:
    house.silent = 1
    with client_of(house, api.Limits(answers_within_s=0.2)) as client:
        _, came = stream(client, query="?acknowledge=true")
    assert [name for name, _ in came] == ["receipt", "answer", "answer", "end"]
    assert came[-1][1] == {"reason": "deadline", "answers": 2}
    assert len(house.acknowledged) == 2


def test_a_stream_ends_at_its_deadline_however_much_else_comes(house: ProgramsHouse) -> None:
    house.silent = 3
    for number in range(1, 200):
        house.deliver(message(number, "FROM Z999", "not an answer to this"))
    with client_of(house, api.Limits(answers_within_s=0)) as client:
        _, came = stream(client)
    assert [name for name, _ in came] == ["receipt", "end"]
    assert came[-1][1] == {"reason": "deadline", "answers": 0}


def test_a_stream_whose_mailbox_fails_still_gives_the_receipt(
    client: TestClient, house: ProgramsHouse
) -> None:
    house.broken_mailbox = True
    _, came = stream(client)
    assert [name for name, _ in came] == ["receipt", "end"]
    assert came[-1][1]["reason"] == "closing"


def test_a_repeat_as_a_stream_gets_the_answers_that_are_not_acknowledged(client: TestClient) -> None:
    first, again = stream(client)[1], stream(client)[1]
    assert again[0][1]["state"] == "repeat"
    assert again[1:] == first[1:]


def test_a_faulty_text_is_no_stream(client: TestClient) -> None:
    assert stream(client, body={"text": "nonsense."}) == (422, [])


def test_deliveries_come_as_events_with_numbers_that_no_reader_rounds(house: ProgramsHouse) -> None:
    number = 2**60 + 1
    house.deliver(part(number, 2**60, "STATE", State.NO_RECORD))
    house.sessions.pop(TOKEN)
    looks = iter([*[SESSION] * 40, None])

    async def session(token: str, *, used: bool = True, device: str = "") -> object:
        assert not used, "a stream puts off no idle limit"
        return next(looks)

    house.session = session  # type: ignore[method-assign, assignment]
    with client_of(house, api.Limits(beat=Beat(check_s=0))) as client:
        response = client.get("/api/v1/deliveries")
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    assert response.text.startswith("retry: 1000\n\n")
    shown, ended = parsed(response.text)
    assert (shown.name, shown.id, ended.name) == ("answer", str(number), "ended")
    assert json.loads(shown.data)["number"] == str(number)


def test_a_terminal_has_so_many_streams_and_no_more(house: ProgramsHouse) -> None:
    for limits in (api.Limits(streams_per_terminal_max=0), api.Limits(streams_max=0)):
        with client_of(house, limits) as client:
            response = client.get("/api/v1/deliveries")
            assert (response.status_code, trouble(response)["code"]) == (429, "streams")
            assert send(client, headers={"Accept": "text/event-stream"}).status_code == 429
    assert house.arrivals == []


def test_a_stream_that_ended_is_counted_no_more(house: ProgramsHouse) -> None:
    with client_of(house, api.Limits(streams_per_terminal_max=1)) as client:
        for number in range(3):
            headers = {"Accept": "text/event-stream"}
            assert send(client, key=f"k{number}", headers=headers).status_code == 200


def test_a_head_of_the_deliveries_has_an_end(client: TestClient) -> None:
    assert client.head("/api/v1/deliveries").status_code == 200


# --------------------------------------------------------------------------- acknowledging


def test_numbers_may_be_acknowledged_as_strings_or_numbers(client: TestClient, house: ProgramsHouse) -> None:
    for number in (5, 6, 7):
        house.deliver(message(number, "FROM Z999", "text"))
    assert client.post("/api/v1/acknowledgements", json={"numbers": ["5", 6]}).status_code == 204
    assert list(house.waiting["ZD01"]) == [7]


@pytest.mark.parametrize(
    ("numbers", "status"),
    [
        ([], 400),
        (["x"], 400),
        ([1.5], 400),
        ([True], 400),
        ([None], 400),
        (["5"] * (ACKNOWLEDGED_MAX + 1), 400),
        ([0], 422),
        ([-1], 422),
        ([2**63], 422),
        ([10**400], 422),
        (["9999999999999999999"], 422),
    ],
)
def test_what_cannot_be_a_delivery_is_not_acknowledged(
    client: TestClient, house: ProgramsHouse, numbers: list[object], status: int
) -> None:
    assert client.post("/api/v1/acknowledgements", json={"numbers": numbers}).status_code == status
    assert house.acknowledged == []
