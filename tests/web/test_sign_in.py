"""The door: the notice, both secrets, the cookie, and forms that other pages cannot send."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from tests.web.fake_house import SESSION, TOKEN, FakeHouse
from wireroom.web.site import site

RIGHT = {"person": "dispatcher", "password": "invented-1", "code": "123 456", "terminal": "zd01"}
QUESTION = {"csrf": SESSION.csrf, "text": "9QZZ123", "purpose": "C", "key": "k1"}


def door(client: TestClient) -> str:
    """The token of the sign-in form."""
    found = re.search(r'name="door" value="([^"]+)"', client.get("/sign-in").text)
    assert found
    return found[1]


@pytest.mark.parametrize("path", ["/desk", "/car", "/forms", "/form/QV", "/help", "/codes/state"])
def test_a_stranger_is_led_to_the_door(stranger: TestClient, path: str) -> None:
    answer = stranger.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_the_notice_must_be_acknowledged(stranger: TestClient) -> None:
    form = {
        "door": door(stranger),
        "person": "dispatcher",
        "password": "invented-1",
        "code": "123456",
        "terminal": "zd01",
    }
    refused = stranger.post("/sign-in", data=form)
    assert refused.status_code == 422
    assert "Tick that you have read the notice" in refused.text
    assert "invented-1" not in refused.text.partition("Passwords of the invented")[0]
    taken = stranger.post("/sign-in", data=form | {"read": "yes"})
    assert (taken.status_code, taken.headers["location"]) == (303, "/desk")


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger: TestClient) -> None:
    form = {"door": door(stranger), "read": "yes", **RIGHT}
    cookie = next(
        c for c in stranger.post("/sign-in", data=form).headers.get_list("set-cookie") if TOKEN in c
    )
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_a_wrong_secret_is_refused_in_neutral_words(stranger: TestClient) -> None:
    form = {
        "door": door(stranger),
        "read": "yes",
        "person": "dispatcher",
        "password": "x",
        "code": "1",
        "terminal": "ZD01",
    }
    answer = stranger.post("/sign-in", data=form)
    assert answer.status_code == 403
    assert "That did not work. Check all four" in answer.text


def test_a_persona_is_one_press_in_the_demo(stranger: TestClient) -> None:
    answer = stranger.post("/sign-in/as", data={"door": door(stranger), "persona": "officer"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/car")


def test_there_are_no_personas_outside_the_demo() -> None:
    with TestClient(site(FakeHouse(demo=False)), follow_redirects=False) as client:
        page = client.get("/sign-in").text
        assert "invented" not in page
        assert (
            client.post("/sign-in/as", data={"door": door(client), "persona": "officer"}).status_code == 403
        )


def test_a_sign_in_form_from_elsewhere_is_refused(stranger: TestClient) -> None:
    assert stranger.post("/sign-in", data={"door": "stolen", "read": "yes"}).status_code == 403


def test_signing_out_ends_the_session_and_forgets_the_purpose(client: TestClient, house: FakeHouse) -> None:
    client.post("/send", data=QUESTION)
    assert 'value="C" selected' in client.get("/desk").text
    assert client.post("/sign-out", data={"csrf": SESSION.csrf}).status_code == 303
    assert TOKEN not in house.sessions
    house.sessions[TOKEN] = SESSION
    client.cookies.set("session", TOKEN)
    assert 'value="C" selected' not in client.get("/desk").text


@pytest.mark.parametrize("path", ["/send", "/understand", "/ack", "/seen", "/form/QV", "/sign-out", "/light"])
def test_SC_23_a_form_without_the_token_of_the_session_is_refused(
    client: TestClient, house: FakeHouse, path: str
) -> None:
    for token in ("", "x", "é"):
        assert client.post(path, data=QUESTION | {"csrf": token}).status_code == 403
    assert not house.arrivals


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "http://testserver:81"},
    ],
)
def test_SC_23_another_site_cannot_send(
    client: TestClient, house: FakeHouse, headers: dict[str, str]
) -> None:
    assert client.post("/send", data=QUESTION, headers=headers).status_code == 403
    assert not house.arrivals


def test_our_own_page_can_send(client: TestClient) -> None:
    headers = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}
    assert client.post("/send", data=QUESTION, headers=headers).status_code == 303
