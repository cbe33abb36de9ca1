"""Claims about the question what an inquiry was for, and about what programs tell and read of reasons."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.web.fake_house import NOW, SESSION, TOKEN, FakeHouse, nothing
from wireroom.message.reason import Reason, ReasonKind
from wireroom.switch.reasons import Kept
from wireroom.web.house import Refusal
from wireroom.web.site import site

BEARER = {"Authorization": f"Bearer {TOKEN}"}
WORD = {"key": "1", "reference": "26-000001", "at": "2026-11-23T14:00:00Z", "opened": "2026-11-23T13:58:00Z",
        "units": [{"unit": "12A", "people": ["dispatcher"]}]}  # fmt: skip
KEPT = Kept(
    transaction=900_000_000_000_004_096, at=NOW, asked="QV", ori="CA0990100", terminal="ZD01", person="dispatcher",
    kind="", reference="", requester="OLU SAMPLE", words="", for_person="officer", verdict="unexplained", incident="",
    looked=3, due_at=None,
)  # fmt: skip


@pytest.fixture
def house() -> FakeHouse:
    house = FakeHouse(answers=nothing)
    house.unexplained = True
    return house


@pytest.fixture
def client(house: FakeHouse) -> Iterator[TestClient]:
    with TestClient(site(house), cookies={"session": TOKEN}, follow_redirects=False) as client:
        yield client


def ask(client: TestClient, plate: str = "9QZZ123", place: str = "desk", **more: str) -> str:
    """Send a question from a page without script, and come back to the page with its answers."""
    fields = {
        "csrf": SESSION.csrf,
        "text": f"QV {plate}",
        "purpose": "C",
        "key": plate,
        "place": place,
        **more,
    }
    sent = client.post("/send", data=fields)
    assert sent.status_code == 303, sent.text
    return client.get(sent.headers["location"]).text


def aside(page: str) -> str:
    found = re.search(r'<aside id="whys".*?</aside>', page, re.DOTALL)
    assert found is not None
    return found[0]


def numbers(piece: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'name="transaction" value="(\d+)"', piece)))


def test_what_nothing_explains_is_asked_about_once_its_answers_are_there(
    client: TestClient, house: FakeHouse
) -> None:
    house.answers = lambda arrival, number: nothing(arrival, number)[:2]  # the third is still to come
    assert "hidden" in aside(ask(client))
    arrival = house.arrivals[0]
    house.deliver(nothing(arrival, house._numbers[arrival.key])[2])
    page = aside(client.get("/desk?wait=1").text)
    assert "What was this for?" in page
    assert "9QZZ123" in page


def test_what_is_explained_is_not_asked_about(client: TestClient) -> None:
    assert "hidden" in aside(ask(client, case="26-000001"))


def test_the_own_incident_is_one_press_away_and_then_the_references_given_lately(
    client: TestClient, house: FakeHouse
) -> None:
    house.explaining.own = (("26-000001", "TRAFFIC STOP"),)
    ask(client, "9QZZ122", case="26-000777")
    page = aside(ask(client, case=""))
    offers = re.findall(r'name="offer" value="([^"]+)"( data-key="F11")?', page)
    assert offers == [("26-000001", ' data-key="F11"'), ("26-000001", ""), ("26-000777", "")]
    [number] = numbers(page)
    told = client.post(
        "/reason", data={"csrf": SESSION.csrf, "place": "car", "transaction": number, "offer": "26-000001"}
    )
    assert (told.status_code, told.headers["location"]) == (303, "/car")
    assert house.explaining.told == [(int(number), Reason(reference="26-000001"))]
    assert "hidden" in aside(client.get("/desk").text)


def test_at_most_five_wait_on_the_page_and_none_is_in_the_way(client: TestClient) -> None:
    for number in range(8):
        page = ask(client, f"9QZZ10{number}")
    assert len(numbers(aside(page))) == 5
    assert "9QZZ107" in aside(page)
    assert page.index('id="answers"') < page.index('id="whys"') < page.index('id="ask"')


def test_a_script_gets_the_piece_anew_and_a_refusal_stands_in_it(
    client: TestClient, house: FakeHouse
) -> None:
    [number] = numbers(aside(ask(client)))
    fields = {"place": "desk", "transaction": number, "kind": "STP", "words": "expired tags"}
    house.explaining.refuse = "Say what it was for: a kind, a reference or words."
    said = client.post("/reason", data=fields, headers={"x-csrf": SESSION.csrf})
    assert said.status_code == 422
    assert "Say what it was for" in said.json()["html"]
    house.explaining.refuse = ""
    said = client.post("/reason", data=fields, headers={"x-csrf": SESSION.csrf})
    assert house.explaining.told == [(int(number), Reason(kind=ReasonKind.STOP, words="expired tags"))]
    assert "data-done" in said.json()["html"]
    assert "hidden" in said.json()["html"]


def test_a_reason_without_the_token_of_the_session_is_refused(client: TestClient, house: FakeHouse) -> None:
    assert client.post("/reason", data={"transaction": "1", "words": "X"}).status_code == 403
    assert not house.explaining.told


def test_for_whom_it_is_run_goes_with_the_question_and_is_not_there_for_the_next(
    client: TestClient, house: FakeHouse
) -> None:
    page = ask(client, requester="unit 12a")
    assert house.arrivals[-1].reason == Reason(requester="UNIT 12A")
    assert re.search(r'<input id="requester"[^>]*>', page)
    assert "UNIT 12A" not in page
    ask(client, "9QZZ124")
    assert house.arrivals[-1].reason == Reason()


# --------------------------------------------------------------------------- programs


def basic(terminal: str = "ZC99", secret: str = "invented") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{terminal}:{secret}".encode()).decode()}


def test_a_cad_tells_of_incidents_with_the_secret_of_its_terminal(
    client: TestClient, house: FakeHouse
) -> None:
    said = client.post("/api/v1/cad", json={"incidents": [WORD]}, headers=basic())
    assert (said.status_code, said.json()) == (
        200,
        {"taken": 1, "repeated": 0, "overtaken": 0, "afterwards": []},
    )
    assert [one.reference for one in house.explaining.words] == ["26-000001"]


@pytest.mark.parametrize("headers", [{}, BEARER, basic(secret="wrong"), {"Authorization": "Basic !"}])
def test_nobody_else_tells_of_incidents(
    client: TestClient, house: FakeHouse, headers: dict[str, str]
) -> None:
    said = client.post("/api/v1/cad", json={"incidents": [WORD]}, headers=headers)
    assert (said.status_code, said.json()["error"]["code"]) == (401, "interface")
    assert not house.explaining.words


def test_what_a_cad_says_wrong_is_told_by_field(client: TestClient) -> None:
    bad = WORD | {"closed": "2026-11-22T00:00:00Z"}
    said = client.post("/api/v1/cad", json={"incidents": [WORD | {"key": "0"}, bad]}, headers=basic())
    assert said.status_code == 422
    assert said.json()["error"]["fields"] == [
        {"field": "incidents[1].closed", "reason": "is before it opened"}
    ]
    shapeless = client.post("/api/v1/cad", json={"incidents": [WORD | {"opened": "soon"}]}, headers=basic())
    assert shapeless.status_code == 400
    assert "$.incidents[0].opened" in shapeless.json()["error"]["reason"]


def test_a_program_learns_that_nothing_explains_and_says_why(client: TestClient, house: FakeHouse) -> None:
    sent = client.post("/api/v1/transactions", json={"text": "QV.LIC/9ZZZ001.LIS/CA", "purpose": "C", "kind": "STP",
                       "requester": "unit 12a"}, headers=BEARER | {"Idempotency-Key": "k"})  # fmt: skip
    assert sent.json()["unexplained"] is True
    assert house.arrivals[-1].reason == Reason(kind=ReasonKind.STOP, requester="UNIT 12A")
    given = {"transaction": sent.json()["number"], "reference": "26-000001"}
    assert client.post("/api/v1/reasons", json=given, headers=BEARER).status_code == 204
    assert house.explaining.told == [(int(given["transaction"]), Reason(reference="26-000001"))]


def test_what_nothing_explains_and_what_was_run_in_ones_name_are_shown_without_what_was_asked(
    client: TestClient, house: FakeHouse
) -> None:
    house.explaining.kept = (KEPT,)
    for path in ("/api/v1/reasons", "/api/v1/runs"):
        [shown] = client.get(path, headers=BEARER).json()["reasons"]
        assert (shown["asked"], shown["verdict"], shown["requester"]) == ("QV", "unexplained", "OLU SAMPLE")
    house.explaining.kept = Refusal(reason="Not this role.", code="role-may")
    assert client.get("/api/v1/reasons", headers=BEARER).status_code == 403
