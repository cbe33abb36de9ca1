"""Passkeys at the browser's doors, and the page about one's own sign-in."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from tests.web.fake_house import IDLE_TOKEN, SESSION, TOKEN, FakeHouse
from tests.web.fake_keyring import BLACK, CODES, RIGHT
from tests.web.test_controls import door
from wireroom.web.house import Refusal
from wireroom.web.notice import VERSION

PAGE = "/sign-in/keys"
CSRF = {"csrf": SESSION.csrf}
ACTS = ("question", "confirm", "add", "end", "lost")


def test_a_passkey_signs_in_with_the_terminal_and_the_tick_alone(
    stranger: TestClient, house: FakeHouse
) -> None:
    token = door(stranger)
    form = {"door": token, "terminal": "zd01", "answer": RIGHT, "place": "car"}
    assert stranger.post("/sign-in/passkey", data=form).status_code == 422  # AC-8: the notice first
    assert not house.keyring.acts
    opened = stranger.post("/sign-in/passkey", data=form | {"read": "yes"})
    assert (opened.status_code, opened.headers["location"]) == (303, "/car")
    assert f"session={TOKEN}" in opened.headers["set-cookie"]
    assert house.keyring.acts == [("sign_in", RIGHT, token, "ZD01", VERSION)]


def test_a_wrong_passkey_is_refused_in_the_words_of_the_house_and_keeps_the_terminal(
    stranger: TestClient, house: FakeHouse
) -> None:
    house.keyring.refusal = Refusal(reason="Too many.", wait_seconds=9)
    answer = stranger.post(
        "/sign-in/passkey", data={"door": door(stranger), "terminal": "zd01", "read": "yes"}
    )
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "9")
    assert "Too many." in answer.text
    assert 'value="zd01"' in answer.text
    assert house.keyring.acts[0][1] != ""  # nothing at all is no password, but a passkey that is wrong


def test_a_question_is_bound_to_the_browser_that_asks(stranger: TestClient, house: FakeHouse) -> None:
    token = door(stranger)
    asked = stranger.post("/sign-in/question", data={"door": token}, headers={"x-csrf": token})
    assert (asked.status_code, asked.json()["question"]) == (200, {"challenge": "AAAA"})
    stranger.cookies.set("session", IDLE_TOKEN)
    stranger.post("/sign-in/question", data={"door": token, "purpose": "unlock"}, headers={"x-csrf": token})
    assert house.keyring.acts == [("question", "sign-in", token), ("question", "unlock", IDLE_TOKEN)]
    for given in ("", "stolen"):
        answer = stranger.post("/sign-in/question", data={"door": given}, headers={"x-csrf": given})
        assert answer.status_code == 403
    house.keyring.refusal = Refusal(reason="Wait.", code="passkey")
    told = stranger.post("/sign-in/question", data={"door": token}, headers={"x-csrf": token})
    assert (told.status_code, told.json()["words"]) == (403, "Wait.")


def test_a_passkey_unlocks_where_the_person_was(client: TestClient, house: FakeHouse) -> None:
    house.lock()
    form = {"door": door(client, "/locked"), "place": "car"}
    refused = client.post("/unlock/passkey", data=form | {"answer": "wrong"})
    assert refused.status_code == 403
    assert "It is still locked" in refused.text
    opened = client.post("/unlock/passkey", data=form | {"answer": RIGHT})
    assert (opened.status_code, opened.headers["location"]) == (303, "/car")


def test_the_button_stands_where_passkeys_count_and_elsewhere_the_address_does(
    client: TestClient, house: FakeHouse
) -> None:
    house.lock()
    for page in ("/sign-in", "/locked"):
        assert 'data-act="passkey"' in client.get(page).text
        house.keyring.origin = "https://switch.example"
        told = client.get(page).text
        assert 'data-act="passkey"' not in told
        assert "passkey.js" not in told
        assert "Passkeys count at" in told
        house.keyring.origin = ""
        assert "Passkeys count at" not in client.get(page).text
        house.keyring.origin = "http://testserver"


def test_the_page_shows_what_stands_and_what_has_ended(client: TestClient, house: FakeHouse) -> None:
    page = client.get(PAGE).text
    standing, ended = page.split("Those that have ended")
    assert "One-time codes" in standing
    assert "black key &lt;b&gt;" in standing
    assert "old duty phone" in ended
    assert "by alan.admin: reported lost" in re.sub(r"\s+", " ", ended)
    assert "Add one more passkey" in standing
    house.keyring.keys = (CODES,)
    assert "Add two passkeys" in client.get(PAGE).text
    house.keyring.keys = (BLACK, BLACK)
    assert "more passkey" not in client.get(PAGE).text


def test_IA_11_adding_and_ending_ask_for_both_factors_and_a_loss_does_not(
    client: TestClient, house: FakeHouse
) -> None:
    assert "End it" in client.get(PAGE).text
    house.keyring.proven = False
    page = client.get(PAGE).text
    assert "show both factors again" in page
    assert 'id="name"' not in page
    assert f'action="{PAGE}/end"' not in page
    assert page.count(">I lost it<") == 2
    for given in ({"password": "invented-1", "code": "123 456"},):
        opened = client.post(f"{PAGE}/confirm", data=CSRF | given)
        assert (opened.status_code, opened.headers["location"]) == (303, f"{PAGE}?done=confirmed")
        assert f"session={TOKEN}" in opened.headers["set-cookie"]
    opened = client.post(
        f"{PAGE}/confirm?with=passkey", data=CSRF | {"answer": RIGHT, "password": "typed by habit"}
    )
    assert opened.status_code == 303
    assert house.keyring.acts[-1] == ("confirm", "", "", RIGHT)
    assert client.post(f"{PAGE}/confirm?with=passkey", data=CSRF).status_code == 403
    assert house.keyring.acts[-1][3] != ""
    house.keyring.refusal = Refusal(reason="Wait.", wait_seconds=4)
    assert client.post(f"{PAGE}/confirm", data=CSRF).headers["retry-after"] == "4"


def test_the_only_one_has_no_button_to_end_it(client: TestClient, house: FakeHouse) -> None:
    house.keyring.keys = (BLACK,)
    page = client.get(PAGE).text
    assert ">End it<" not in page
    assert ">I lost it<" in page


def test_what_was_done_is_told_and_what_was_not_is_told_with_the_reason(
    client: TestClient, house: FakeHouse
) -> None:
    added = client.post(f"{PAGE}/add", data=CSRF | {"name": "  black   key ", "answer": RIGHT})
    assert added.headers["location"] == f"{PAGE}?done=added"
    assert "The passkey is added" in client.get(added.headers["location"]).text
    assert client.post(f"{PAGE}/end", data=CSRF | {"key": "k"}).headers["location"] == f"{PAGE}?done=ended"
    assert house.keyring.acts == [("bind", "black key", RIGHT), ("end", "k")]
    house.keyring.refusal = Refusal(reason="No, because.", code="passkey")
    for act in ("add", "end", "lost"):
        answer = client.post(f"{PAGE}/{act}", data=CSRF)
        assert answer.status_code == 403
        assert "That was not done" in answer.text
        assert "No, because." in answer.text


def test_IA_5_l_after_a_loss_the_browser_is_signed_out_and_told_how_to_go_on(
    client: TestClient, house: FakeHouse
) -> None:
    told = client.post(f"{PAGE}/lost", data=CSRF | {"key": BLACK.id})
    assert told.status_code == 200
    assert "every session of yours has ended" in told.text
    assert "in person" in told.text
    assert house.keyring.acts == [("lost", BLACK.id)]
    assert 'session=""' in told.headers["set-cookie"]


@pytest.mark.parametrize("act", ACTS)
def test_no_other_page_can_do_any_of_it(client: TestClient, house: FakeHouse, act: str) -> None:
    for token in ("", "stolen"):
        assert client.post(f"{PAGE}/{act}", data={"csrf": token}).status_code == 403
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        assert client.post(f"{PAGE}/{act}", data=CSRF, headers=headers).status_code == 403
    assert not house.keyring.acts


@pytest.mark.parametrize("path", ["/sign-in/passkey", "/unlock/passkey", "/sign-in/question"])
def test_no_other_page_can_sign_anybody_in_with_a_passkey(
    stranger: TestClient, house: FakeHouse, path: str
) -> None:
    token = door(stranger)
    for given, headers in (("", {}), ("stolen", {}), (token, {"origin": "https://evil.example"})):
        answer = stranger.post(path, data={"door": given, "answer": RIGHT, "read": "yes"}, headers=headers)
        assert answer.status_code == 403
    assert not house.keyring.acts


def test_a_session_that_ended_meanwhile_leads_to_the_door(client: TestClient, house: FakeHouse) -> None:
    house.keyring.refusal = Refusal(reason="over", code="session")
    assert client.get(PAGE).headers["location"] == "/sign-in"
    asked = client.post(f"{PAGE}/question", data=CSRF, headers={"x-csrf": SESSION.csrf})
    assert asked.status_code == 401
