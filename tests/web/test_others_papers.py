"""Threat 30 with papers: an order is printed at the terminal that was shown it, and nowhere else by its number."""

from __future__ import annotations

from starlette.testclient import TestClient

from tests.web.fake_house import SESSION, FakeHouse, part
from tests.web.test_acts import ORDERED
from wireroom.message.answer import Delivery, State
from wireroom.message.envelope import Arrival
from wireroom.web.site import site

PAPERS = tuple(f"/paper/{ORDERED.number}/{name}.pdf" for name in ("order", "service"))


def ordered(arrival: Arrival, number: int) -> list[Delivery]:
    return [part(number + 1, number, "STATE", State.HIT, hits=(ORDERED,), terminal=arrival.seat.terminal)]


def test_threat_30_a_paper_is_for_the_terminal_that_was_shown_its_order() -> None:
    form = {"csrf": SESSION.csrf, "text": "9QZZ123", "purpose": "C", "key": "k1"}
    with TestClient(site(FakeHouse(answers=ordered)), follow_redirects=False) as client:
        client.cookies.set("session", "token-of-the-dispatcher")
        assert {client.get(paper).status_code for paper in PAPERS} == {404}
        client.get(client.post("/send", data=form).headers["location"])  # the desk shows the answer
        shown = [client.get(paper) for paper in PAPERS]
        assert shown[0].headers["content-type"] == "application/pdf"
        assert 404 not in {one.status_code for one in shown}
        door = client.get("/sign-in").text.partition('name="door" value="')[2].partition('"')[0]
        client.post("/sign-in/as", data={"door": door, "persona": "officer", "read": "yes"})
        assert client.get("/still").status_code == 200, "the officer is signed in, at another terminal"
        assert {client.get(paper).status_code for paper in PAPERS} == {404}
