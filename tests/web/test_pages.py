"""The pages over a fake house: the door, the desk without script, what is refused, and the words it is refused in."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import pytest
from starlette.testclient import TestClient

from tests.web.fake_house import SESSION, STOLEN, TOKEN, FakeHouse, message, nothing, part
from wireroom.message.answer import State
from wireroom.switch import Busy, JournalDown, KeyTaken
from wireroom.web.guard import BODY_BYTES_MAX
from wireroom.web.site import site

SCRIPT = {"x-csrf": SESSION.csrf}


def wish(text: str = "9QZZ123", **more: str) -> dict[str, str]:
    return {"csrf": SESSION.csrf, "text": text, "purpose": "C", "case": "26-1", "key": "k1", **more}


# --------------------------------------------------------------------------- every page


@pytest.mark.parametrize(
    "path",
    ["/sign-in", "/desk", "/car", "/work", "/forms", "/form/EV", "/help", "/codes/caution", "/nowhere"],
)
def test_every_page_says_that_it_is_a_demonstration_and_keeps_its_headers(
    client: TestClient, path: str
) -> None:
    answer = client.get(path)
    assert "Demonstration: everything here is invented" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    for rule in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "<script>" not in answer.text
    assert not re.search(r"\s(style|on\w+)=", answer.text)


def test_static_files_may_be_kept_only_under_their_hash(client: TestClient) -> None:
    address = re.search(r"/static/link\.js\?v=\w+", client.get("/desk").text)
    assert address
    assert "immutable" in client.get(address[0]).headers["cache-control"]
    assert client.get("/static/link.js?v=other").headers["cache-control"] == "no-cache"
    assert client.get("/static/..%2fdoor.py").status_code == 404


def test_what_does_not_exist_is_said_in_words(client: TestClient) -> None:
    assert "There is no such page" in client.get("/nowhere").text
    assert "There is no such message key" in client.get("/form/ZZ").text
    assert "There is no such code table" in client.get("/codes/..").text + client.get("/codes/nothing").text


def test_a_code_table_is_searched_and_never_cut_in_silence(client: TestClient) -> None:
    assert "ALASKA" in client.get("/codes/state?q=alaska").text
    assert "so narrow it" in client.get("/codes/vehicle_make").text


def test_the_light_is_a_cookie_and_turns_without_script(client: TestClient) -> None:
    assert 'data-light="auto"' in client.get("/help").text
    client.post("/light", data={"csrf": SESSION.csrf, "back": "//elsewhere"})
    assert 'data-light="day"' in client.get("/help").text


# --------------------------------------------------------------------------- asking without script


def test_a_plain_form_asks_and_the_page_shows_the_grouped_answer(
    client: TestClient, house: FakeHouse
) -> None:
    sent = client.post("/send", data=wish())
    assert sent.status_code == 303
    page = client.get(sent.headers["location"]).text
    assert "STOLEN VEHICLE — CONFIRM FIRST" in page
    assert "Plate 9QZZ123, California" in page
    assert "3 of 3" in page
    assert page.index("Caution: Armed and dangerous") < page.index("STATE</span>") < page.index("DMV</span>")
    arrival = house.arrivals[0]
    assert (arrival.text, arrival.purpose, arrival.case) == ("QV.LIC/9QZZ123.LIS/CA", "C", "26-1")
    assert arrival.seat == SESSION.seat


def test_the_same_page_sent_twice_is_one_question(client: TestClient, house: FakeHouse) -> None:
    first, again = client.post("/send", data=wish()), client.post("/send", data=wish())
    assert first.headers["location"] == again.headers["location"]
    assert len(house.arrivals) == 1


def test_a_page_used_again_for_another_question_is_another_question(
    client: TestClient, house: FakeHouse
) -> None:
    client.post("/send", data=wish())
    client.post("/send", data=wish("4XYQ987"))
    assert len(house.arrivals) == 2


def test_nothing_is_asked_without_a_purpose(client: TestClient, house: FakeHouse) -> None:
    answer = client.post("/send", data=wish(purpose=""))
    assert answer.status_code == 422
    assert "The purpose is not set: choose why you ask, then send" in answer.text
    assert 'value="9QZZ123"' in answer.text
    assert not house.arrivals


def test_who_asks_for_other_agencies_chooses_for_which(client: TestClient, house: FakeHouse) -> None:
    assert "For the agency" not in client.get("/desk").text
    house.serves = (("CA0990100", "Example City Police"), ("CA0990200", "Sample Town Police"))
    for place in ("desk", "car"):
        assert "For the agency" in client.get(f"/{place}").text
    answer = client.post("/send", data=wish())
    assert answer.status_code == 422
    assert "The agency is not set: choose for which agency you ask, then send" in answer.text
    wrong = client.post("/send", data={**wish(), "agency": "NOT ONE"})
    assert (wrong.status_code, house.arrivals) == (422, [])
    client.post("/send", data={**wish(), "agency": "CA0990200"})
    assert house.arrivals[-1].reason.for_agency == "CA0990200"
    assert '<option value="CA0990200" selected>' in client.get("/desk").text, "it stands until it is changed"
    client.post("/send", data=wish("QV LIC/9QZZ123 LIS/CA OBA/CA0990100"))
    assert len(house.arrivals) == 2, "or the text says it"
    house.serves = ()  # the agreement says so no more
    client.post("/send", data=wish())
    assert house.arrivals[-1].reason.for_agency == "", "what stood there goes with it"


def test_a_text_that_is_not_understood_goes_nowhere(client: TestClient, house: FakeHouse) -> None:
    answer = client.post("/send", data=wish("ABCDEF"))
    assert answer.status_code == 422
    assert "This could be a name or a plate" in answer.text
    assert not house.arrivals


def test_a_refusal_shows_its_reason_and_its_rule(client: TestClient, house: FakeHouse) -> None:
    house.refuse = "This needs a case"
    page = client.get(client.post("/send", data=wish()).headers["location"]).text
    assert "This needs a case (rule purpose-needs-case)" in page


def test_what_a_record_says_is_never_markup(client: TestClient, house: FakeHouse) -> None:
    house.deliver(message(5, "<script>alert(1)</script>", "<img src=x onerror=alert(1)>"))
    page = client.get("/desk?wait=1").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<img" not in page


def test_a_possible_hit_says_so_above_its_record(client: TestClient, house: FakeHouse) -> None:
    found = msgspec.structs.replace(
        STOLEN, tier="possible", why="last name one letter off +7.1 = -1.0: about 1 in 3"
    )
    house.answers = lambda arrival, number: [part(number + 1, number, "STATE", State.HIT, hits=(found,))]
    page = client.post("/send", data=wish(), follow_redirects=True).text
    assert '<p class="tier">Possible: may be somebody else</p><p class="headline">' in page
    assert "last name one letter off +7.1 = -1.0: about 1 in 3" in page


def test_reading_without_script_acknowledges_by_hand(client: TestClient, house: FakeHouse) -> None:
    page = client.get(client.post("/send", data=wish()).headers["location"]).text
    number = re.search(r'id="a-(\d+)"', page)
    assert number
    assert "data-tone" in page
    assert not house.acknowledged
    client.post("/seen", data={"csrf": SESSION.csrf, "number": number[1], "place": "desk"})
    assert len(house.acknowledged) == 3
    assert "data-tone" not in client.get("/desk").text


# --------------------------------------------------------------------------- what the script asks


def test_understanding_is_said_before_anything_is_sent(client: TestClient, house: FakeHouse) -> None:
    answer = client.post("/understand", data={"text": "9qzz123 nv"}, headers=SCRIPT).json()
    assert answer == {"words": "Plate 9QZZ123, Nevada — asks STATE, NLETS NV, NCIC", "ok": True}
    assert not house.arrivals


def test_sending_by_script_gives_the_card(client: TestClient) -> None:
    answer = client.post("/send", data=wish(), headers=SCRIPT).json()
    assert "DMV, STATE, NCIC not heard yet" in answer["html"]
    assert f'id="a-{answer["number"]}"' in answer["html"]


def test_drawn_and_seen_are_two_things(client: TestClient, house: FakeHouse) -> None:
    number = client.post("/send", data=wish(), headers=SCRIPT).json()["number"]
    client.get("/desk?wait=1")
    waiting = ",".join(str(n) for n in house.waiting["ZD01"])
    client.post("/ack", data={"numbers": waiting}, headers=SCRIPT)
    assert len(house.acknowledged) == 3
    assert 'data-tone="hit"' in client.get("/desk").text
    seen = client.post("/seen", data={"number": number}, headers=SCRIPT).json()
    assert "data-tone" not in seen["html"]


def test_a_script_learns_that_its_session_is_over(client: TestClient, house: FakeHouse) -> None:
    house.sessions.clear()
    for answer in (client.post("/send", data=wish(), headers=SCRIPT), client.get("/live")):
        assert answer.status_code == 401
        assert answer.json()["words"] == "The session is over. Sign in again."


@pytest.mark.parametrize(
    ("trouble", "status", "words"),
    [
        (Busy("full"), 503, "The switch is busy and took nothing"),
        (KeyTaken("taken"), 409, "Another question was sent from this page"),
        (JournalDown("down"), 503, "The journal cannot be written, so nothing may be sent"),
    ],
)
def test_trouble_is_told_in_words(
    client: TestClient, house: FakeHouse, trouble: Exception, status: int, words: str
) -> None:
    house.trouble = trouble
    for headers in ({}, SCRIPT):
        answer = client.post("/send", data=wish(), headers=headers)
        assert answer.status_code == status
        assert words in answer.text


def test_SI_11_our_own_failure_is_told_without_its_inside() -> None:
    house = FakeHouse()
    house.trouble = RuntimeError("secret inside")
    with TestClient(site(house), raise_server_exceptions=False) as client:
        client.cookies.set("session", TOKEN)
        answer = client.post("/send", data=wish())
    assert answer.status_code == 500
    assert "Something of ours failed" in answer.text
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers


def test_too_much_is_refused_before_it_is_read(client: TestClient) -> None:
    answer = client.post("/send", data=wish("A" * (BODY_BYTES_MAX + 1)))
    assert answer.status_code == 413

    def endless() -> Iterator[bytes]:
        for _ in range(BODY_BYTES_MAX // 1000 + 2):
            yield b"a" * 1000

    form = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/send", content=endless(), headers=form).status_code == 413


def test_no_record_is_said_only_when_all_have_said_it() -> None:
    with TestClient(site(FakeHouse(answers=lambda a, n: nothing(a, n)[:2]))) as client:
        client.cookies.set("session", TOKEN)
        page = client.post("/send", data=wish()).text
    assert "No record so far: another source not heard yet" in page
    assert "2 of 3" in page


# --------------------------------------------------------------------------- work that waits


def test_every_list_of_the_catalogue_is_one_press_from_the_page(client: TestClient, house: FakeHouse) -> None:
    page = client.get("/work").text
    texts = re.findall(r'name="text" value="([^"]+)"', page)
    assert texts == [
        "WL.LST/VERIFY", "WL.LST/VALIDATE", "WL.LST/LOCATED", "WL.LST/OVERDUE", "WL.LST/LATE",
        "YL.LST/OWED", "YL.LST/ASKED", "YL.LST/ESCALATED", "AML.LST/APPROVE", "AML.LST/GROUPS",
    ]  # fmt: skip
    sent = client.post("/send", data={"csrf": SESSION.csrf, "place": "desk", "text": texts[0]})
    assert sent.status_code == 303
    assert house.arrivals[0].text == "WL.LST/VERIFY"


def test_a_list_needs_no_purpose_and_says_what_it_lists(client: TestClient) -> None:
    answer = client.post("/understand", data={"text": "wl lst/validate"}, headers=SCRIPT).json()
    assert answer == {"words": "Records to be validated this month — asks STATE", "ok": True}
    answer = client.post("/understand", data={"text": "YL LST/OWED"}, headers=SCRIPT).json()
    assert answer == {"words": "What your agency has to answer", "ok": True}


def test_what_a_key_says_by_itself_is_said_once(client: TestClient) -> None:
    text = "ET NAM/TESTCASE, JANE SEX/F RAC/W DOB/19900101 OFF/0101 DOW/20261101 EXL/01 OCA/26-1"
    words = client.post("/understand", data={"text": text}, headers=SCRIPT).json()["words"]
    assert words.startswith("Enter: temporary felony want: name TESTCASE, JANE")
    assert "kind of want" not in words
