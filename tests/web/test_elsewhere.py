"""Claims about the way out to where somebody proves who they are, and the way back, at the pages alone."""

from __future__ import annotations

import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from tests.web.fake_elsewhere import CODE, THERE
from tests.web.fake_house import ORI, FakeHouse
from tests.web.test_controls import door
from wireroom.web.house import Refusal, Way
from wireroom.web.notice import VERSION

CITY, COUNTY = Way(name="City <b>", ori="CA0990100"), Way(name="County", ori="CA0980100")


def test_the_buttons_stand_only_where_a_directory_is_set_and_browsers_can_come_back(
    stranger: TestClient, house: FakeHouse
) -> None:
    assert "/sign-in/elsewhere" not in stranger.get("/sign-in").text
    house.elsewhere.ways = (CITY, COUNTY)
    page = stranger.get("/sign-in").text
    assert page.count('formaction="/sign-in/elsewhere"') == 2
    assert "Sign in with City &lt;b&gt;" in page
    house.keyring.origin = "https://another.example"
    assert "/sign-in/elsewhere" not in stranger.get("/sign-in").text


def test_a_locked_screen_offers_the_directory_of_its_own_agency(client: TestClient, house: FakeHouse) -> None:
    house.lock()
    own = Way(name="Own", ori=ORI)
    house.elsewhere.ways = (own, CITY if CITY.ori != ORI else COUNTY)
    page = client.get("/locked").text
    assert page.count('formaction="/unlock/elsewhere"') == 1
    assert "Unlock with Own" in page
    form = {"door": door(client, "/locked"), "way": "County", "place": "car"}
    assert "Show who you are with County" in client.post("/unlock/elsewhere", data=form).text
    assert house.elsewhere.acts[-1][:2] == ("ask_again", "County")
    assert client.post("/unlock/elsewhere", data=form | {"door": "stolen"}).status_code == 403


def test_AC_8_nobody_is_sent_away_before_the_notice_or_by_another_page(
    stranger: TestClient, house: FakeHouse
) -> None:
    form = {"door": door(stranger), "terminal": "zd01", "way": "County", "place": "car"}
    assert stranger.post("/sign-in/elsewhere", data=form).status_code == 422
    assert stranger.post("/sign-in/elsewhere", data=form | {"read": "yes", "door": "x"}).status_code == 403
    assert not house.elsewhere.acts
    page = stranger.post("/sign-in/elsewhere", data=form | {"read": "yes", "terminal": "zd01"})
    assert page.status_code == 200
    # by a page and no redirection: our policy lets forms lead to no other site, and stays so
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert unescape(page.text).count(THERE) == 2
    assert THERE not in page.text  # escaped
    assert house.elsewhere.acts == [("ask", "County", form["door"], "zd01", "car", VERSION)]
    house.elsewhere.refusal = Refusal(reason="County does not answer now.", code="elsewhere")
    refused = stranger.post("/sign-in/elsewhere", data=form | {"read": "yes"})
    assert (refused.status_code, "County does not answer now." in refused.text) == (403, True)
    assert 'value="zd01"' in refused.text


@pytest.mark.parametrize(
    ("state", "action"),
    [
        ("sign-in.car.00", "/sign-in/answer"),
        ("unlock.desk.00", "/unlock/answer"),
        ('"><script>', "/sign-in/answer"),
    ],
)
def test_what_a_browser_brought_is_sent_on_from_a_page_of_ours(
    stranger: TestClient, house: FakeHouse, state: str, action: str
) -> None:
    page = stranger.get(
        "/sign-in/back", params={"state": state, "code": "c&1", "iss": "i", "error": "x" * 9000, "y": "z"}
    )
    assert page.headers["cache-control"] == "no-store"
    assert f'action="{action}" data-goes-on' in page.text
    assert "<script>" not in page.text.replace("<script type", "")
    fields = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', page.text)}
    assert (fields.pop("error"), fields) == ("x" * 2048, {"state": state, "code": "c&1", "iss": "i"})
    assert not house.elsewhere.acts  # nothing is looked at yet


def test_whoever_comes_back_is_let_in_by_the_house_alone(stranger: TestClient, house: FakeHouse) -> None:
    brought = {"state": "sign-in.car.00", "code": CODE}
    assert stranger.post("/sign-in/answer", data=brought).status_code == 403  # never was at our door
    assert not house.elsewhere.acts
    at_door = door(stranger)
    refused = stranger.post("/sign-in/answer", data=brought | {"code": "wrong"})
    assert (refused.status_code, "You are not signed in" in refused.text) == (403, True)
    other = stranger.post("/sign-in/answer", data=brought, headers={"sec-fetch-site": "cross-site"})
    assert other.status_code == 403
    came = stranger.post("/sign-in/answer", data=brought)
    assert (came.status_code, came.headers["location"]) == (303, "/car")
    assert house.elsewhere.acts[-1] == ("sign_in", "sign-in.car.00", CODE, "", "", at_door)


def test_a_locked_screen_opens_under_a_new_cookie(client: TestClient, house: FakeHouse) -> None:
    house.lock()
    brought = {"state": "unlock.desk.00", "code": CODE}
    refused = client.post("/unlock/answer", data=brought | {"code": "wrong"})
    assert (refused.status_code, "It is still locked" in refused.text) == (403, True)
    opened = client.post("/unlock/answer", data=brought)
    assert (opened.status_code, opened.headers["location"]) == (303, "/desk")
    assert "session=" in opened.headers["set-cookie"]
