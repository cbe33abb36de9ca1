"""Controls of CJIS Security Policy 5.9.5 at the browser doors and the API, each test named after the control's id."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.web.fake_house import SESSION, TOKEN, FakeHouse
from tests.web.fakes import SIGN_IN
from wireroom.web.notice import NOTICE, TITLE, VERSION
from wireroom.web.site import site

# All that answers somebody who is not signed in, by route and method. Add nothing without asking why: AC-14.
OPEN = {
    ("/", "GET"),  # leads to the door
    ("/sign-in", "GET"),
    ("/sign-in", "POST"),
    ("/sign-in/as", "POST"),  # the demo's invented people
    ("/locked", "GET"),  # leads to the door, where nothing is locked
    ("/unlock", "POST"),  # asks for both factors
    ("/sign-in/question", "POST"),  # what a passkey must sign, for the browser that asks
    ("/sign-in/passkey", "POST"),  # asks for a passkey, which is both factors
    ("/unlock/passkey", "POST"),  # asks for the person's own
    ("/sign-in/elsewhere", "POST"),  # where to prove who one is, after the notice, for the browser that asks
    ("/unlock/elsewhere", "POST"),  # the same for a locked screen
    ("/sign-in/back", "GET"),  # sends on what a browser brought from there, and looks at nothing
    ("/sign-in/answer", "POST"),  # asks for the proof of two factors from there
    ("/unlock/answer", "POST"),  # asks for the person's own
    ("/static/{name:str}", "GET"),
    ("/health", "GET"),
    ("/api/v1/sessions", "POST"),  # asks for both factors
}
RIGHT = {"person": "dispatcher", "password": "invented-1", "code": "123456", "terminal": "zd01"}
FACTORS = {"password": "invented-1", "code": "123 456"}


@pytest.fixture
def real() -> Iterator[TestClient]:
    """A stranger before a house that is no demo."""
    with TestClient(site(FakeHouse(demo=False)), follow_redirects=False) as client:
        yield client


def door(client: TestClient, page: str = "/sign-in") -> str:
    found = re.search(r'name="door" value="([^"]+)"', client.get(page).text)
    assert found
    return found[1]


# --------------------------------------------------------------------------- AC-8: the notice


@pytest.mark.parametrize(
    "words",
    [
        "restricted information system",
        "may be monitored, recorded, and subject to audit",
        "is prohibited and may be subject to criminal and civil penalties",
        "indicates consent to monitoring and recording",
    ],
)
def test_AC_8_the_notice_says_what_the_control_asks_before_anybody_comes_in(
    real: TestClient, words: str
) -> None:
    page = real.get("/sign-in").text
    assert words in page
    assert page.index(words) < page.index('id="password"')


def test_AC_8_nobody_comes_in_before_the_notice_is_acknowledged_and_which_one_is_kept(
    stranger: TestClient, house: FakeHouse
) -> None:
    form = {"door": door(stranger), **RIGHT}
    assert stranger.post("/sign-in", data=form).status_code == 422
    assert not house.notices
    assert stranger.post("/sign-in", data=form | {"read": "yes"}).status_code == 303
    assert house.notices == [("page", VERSION)]


def test_AC_8_a_program_is_told_the_notice_until_it_says_that_it_was_acknowledged(
    stranger: TestClient, house: FakeHouse
) -> None:
    refused = stranger.post("/api/v1/sessions", json=SIGN_IN | {"acknowledged": False})
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "notice"
    assert all(words in refused.json()["error"]["reason"] for words in (TITLE, *NOTICE))
    assert stranger.post("/api/v1/sessions", json=SIGN_IN).status_code == 201
    assert house.notices == [("api", VERSION)]


# --------------------------------------------------------------------------- AC-14: what is open


def ways(client: TestClient) -> Iterator[tuple[Route, str]]:
    for route in client.app.routes:  # type: ignore[attr-defined]
        assert isinstance(route, Route), "a mount or a socket would need a rule of its own here"
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield route, method


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_AC_14_what_answers_without_a_session_is_what_the_list_says(real: TestClient, token: str) -> None:
    if token:
        real.cookies.set("session", token)
    answered, seen = set(), set()
    for route, method in ways(real):
        seen.add((route.path, method))
        answer = real.request(method, re.sub(r"\{[^}]*\}", "1", route.path))
        to_the_door = (answer.status_code, answer.headers.get("location")) == (303, "/sign-in")
        no_such = route.path == "/api/{rest:path}" and answer.status_code == 404
        if not (to_the_door or answer.status_code == 401 or no_such):
            answered.add((route.path, method))
    assert answered <= OPEN
    assert seen >= OPEN


# --------------------------------------------------------------------------- AC-11: the lock


def test_AC_11_a_locked_page_shows_nothing_and_both_factors_open_it_under_a_new_cookie(
    client: TestClient, house: FakeHouse
) -> None:
    client.post("/send", data={"csrf": SESSION.csrf, "text": "9QZZ123", "purpose": "C", "key": "k1"})
    assert "9QZZ123" in client.get("/desk").text
    house.lock()
    for path in ("/desk", "/forms", "/work", "/deadlines", "/help"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/locked")
    assert client.get("/car").headers["location"] == "/locked?place=car"
    page = client.get("/locked").text
    assert "Dana Example" in page
    assert "9QZZ123" not in page
    form = {"door": door(client, "/locked"), "place": "desk", **FACTORS}
    for wrong in ({"password": "x"}, {"code": "000000"}):
        answer = client.post("/unlock", data=form | wrong)
        assert answer.status_code == 403
        assert "It is still locked" in answer.text
    assert client.post("/unlock", data=form | {"door": "stolen"}).status_code == 403
    opened = client.post("/unlock", data=form)
    assert (opened.status_code, opened.headers["location"]) == (303, "/desk")
    assert "session=token-after-the-lock" in opened.headers["set-cookie"]
    client.cookies.clear()
    client.cookies.set("session", "token-after-the-lock")
    assert "9QZZ123" in client.get("/desk").text


def test_AC_11_scripts_and_streams_of_a_locked_page_are_refused(client: TestClient, house: FakeHouse) -> None:
    house.lock()
    for path in ("/live", "/still"):
        assert client.get(path).status_code == 401
    assert client.post("/send", headers={"x-csrf": SESSION.csrf}, data={"text": "9QZZ123"}).status_code == 401
    assert not house.arrivals


def test_AC_11_what_a_script_does_by_itself_puts_off_no_lock(client: TestClient, house: FakeHouse) -> None:
    left = client.get("/still")
    assert left.json()["seconds"] == 3600
    client.post("/ack", data={"csrf": SESSION.csrf, "numbers": "1"})
    client.head("/live")
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    client.post("/api/v1/acknowledgements", json={"numbers": ["1"]}, headers=bearer)
    assert house.acknowledged == [1, 1]
    assert set(house.uses) == {False}
    client.get("/help")
    assert house.uses[-1]


def test_AC_11_every_page_hides_itself_without_script_too(client: TestClient) -> None:
    page = client.get("/forms").text
    assert 'data-left="3600"' in page
    assert '<meta http-equiv="refresh" content="3600;url=/locked">' in page
    assert client.get("/forms").headers["cache-control"] == "no-store"


def test_AC_11_whose_session_is_not_locked_goes_on(client: TestClient) -> None:
    assert client.get("/locked").headers["location"] == "/"
    assert client.post("/unlock", data={"door": door(client), **FACTORS}).status_code == 303


def test_AC_12_a_cookie_that_was_captured_is_refused_after_the_sign_out(client: TestClient) -> None:
    assert client.post("/sign-out", data={"csrf": SESSION.csrf}).status_code == 303
    client.cookies.set("session", TOKEN)
    assert client.get("/desk").headers["location"] == "/sign-in"


# --------------------------------------------------------------------------- IA-5, IA-6: cookies, fields


def test_IA_5_o_cookies_are_secure_narrow_and_do_not_outlive_the_browser() -> None:
    with TestClient(
        site(FakeHouse(demo=False)), base_url="https://switch.example", follow_redirects=False
    ) as client:
        answer = client.post("/sign-in", data={"door": door(client), "read": "yes", **RIGHT})
        [cookie] = [one for one in answer.headers.get_list("set-cookie") if TOKEN in one]
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
        "httponly", "secure", "samesite=strict", "path=/"
    }  # fmt: skip


def test_IA_5_o_nobody_signs_in_over_a_network_in_clear() -> None:
    with TestClient(site(FakeHouse(demo=False)), base_url="http://switch.example") as client:
        page = client.get("/sign-in")
        assert page.status_code == 403
        assert "This address is not encrypted" in page.text
        assert "Secure" in page.headers["set-cookie"]
        answer = client.post(
            "/sign-in", data={"door": "x", "read": "yes", **RIGHT}, headers={"cookie": "door=x"}
        )
        assert (answer.status_code, TOKEN in str(answer.headers)) == (403, False)


def test_IA_6_passwords_are_hidden_as_they_are_typed(client: TestClient, house: FakeHouse) -> None:
    house.lock()
    for page in ("/sign-in", "/locked"):
        assert re.search(r'<input id="password" name="password" type="password"', client.get(page).text)
