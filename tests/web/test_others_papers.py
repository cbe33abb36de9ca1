"""What is printed: where it was shown (threat 30), for somebody by name, marked, and written down first."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from tests.web.fake_house import SESSION, FakeHouse, part
from tests.web.test_acts import CATALOGUE, ORDERED
from wireroom.message.answer import Delivery, Hit, State
from wireroom.message.envelope import Arrival
from wireroom.message.passing import FILE, MARKED, Passing
from wireroom.web import printing
from wireroom.web.acts import guarded
from wireroom.web.house import JournalDown
from wireroom.web.site import site

SERVED = msgspec.structs.replace(
    ORDERED, number="9012632700012", fields=(*((c, v) for c, v in ORDERED.fields if c != "SVC"), ("SVC", "1"))
)
GANG = Hit(file="gang_member", number="9012632700013", owner="CA0990200", status="active",
           fields=(("NAM", "TESTCASE, JIM"), ("GNG", "SPECIMEN CREW 999")))  # fmt: skip
PLAIN = Hit(file="vehicle", number="9012632700014", owner="CA0990200", status="active", fields=())
PAPERS = (f"/paper/{ORDERED.number}/order", f"/paper/{SERVED.number}/service", f"/paper/{GANG.number}/record")
TO = {"csrf": SESSION.csrf, "recipient": "Kim Specimen", "agency": "Example County Sheriff",
      "purpose": "court of 2 March, case 26-9", "printer": "ZP01"}  # fmt: skip
FORM = {"csrf": SESSION.csrf, "text": "9QZZ123", "purpose": "C", "key": "k1"}


def shown(arrival: Arrival, number: int) -> list[Delivery]:
    hits = (ORDERED, SERVED, GANG, PLAIN)
    return [part(number + 1, number, "STATE", State.HIT, hits=hits, terminal=arrival.seat.terminal)]


def opened(house: FakeHouse) -> TestClient:
    client = TestClient(site(house), follow_redirects=False)
    client.cookies.set("session", "token-of-the-dispatcher")
    return client


def looked(house: FakeHouse) -> TestClient:
    """The dispatcher's browser, after the desk showed the records."""
    client = opened(house)
    client.get(client.post("/send", data=FORM).headers["location"])
    return client


def test_threat_30_a_paper_is_for_the_terminal_that_was_shown_its_order() -> None:
    with opened(FakeHouse(answers=shown)) as client:
        assert {client.get(paper).status_code for paper in PAPERS} == {404}
        assert {client.post(f"{paper}.pdf", data=TO).status_code for paper in PAPERS} == {404}
        client.get(client.post("/send", data=FORM).headers["location"])  # the desk shows the answer
        assert {client.get(paper).status_code for paper in PAPERS} == {200}
        assert client.get(f"/paper/{ORDERED.number}/service").status_code == 409, "it is not served"
        assert client.get(f"/paper/{PLAIN.number}/record").status_code == 404, (
            "of an open file there is no paper"
        )
        door = client.get("/sign-in").text.partition('name="door" value="')[2].partition('"')[0]
        client.post("/sign-in/as", data={"door": door, "persona": "officer", "read": "yes"})
        assert client.get("/still").status_code == 200, "the officer is signed in, at another terminal"
        assert {client.get(paper).status_code for paper in PAPERS} == {404}


def test_Policy_5_1_3_a_paper_names_who_gets_it_and_what_for_and_is_written_down_before_it_is_made() -> None:
    house = FakeHouse(answers=shown)
    with looked(house) as client:
        page = client.get(PAPERS[2])
        assert f'value="{SESSION.name}"' in page.text, "whoever prints is the likeliest to keep it"
        for left_out in ("recipient", "agency", "purpose"):
            refused = client.post(f"{PAPERS[2]}.pdf", data={**TO, left_out: " "})
            assert refused.status_code == 422
            assert f"{left_out.capitalize()} is missing" in refused.text
        assert house.passed == []
        house.trouble = JournalDown("no disk")
        assert client.post(f"{PAPERS[2]}.pdf", data=TO).status_code == 503, (
            "nothing is made where nothing is kept"
        )
        house.trouble = None
        made = client.post(f"{PAPERS[2]}.pdf", data=TO)
        assert (made.status_code, made.headers["content-type"]) == (200, "application/pdf")
        said = {name: value for name, value in TO.items() if name != "csrf"}
        assert house.passed == [(Passing(**said), "Record", (GANG.number,))]
        assert client.post(f"{PAPERS[2]}.pdf", data={**TO, "csrf": "another"}).status_code == 403
        assert len(house.passed) == 1


def test_PE_5_a_print_comes_out_on_a_printer_in_a_secure_place_of_the_agency_or_goes_to_a_file() -> None:
    house = FakeHouse(answers=shown)
    with looked(house) as client:
        assert "ZP01 Records room" in client.get(PAPERS[0]).text
        refused = client.post(f"{PAPERS[0]}.pdf", data={**TO, "printer": "ZP99"})
        assert (refused.status_code, house.passed) == (422, [])
        assert "Printer is none in a secure place of your agency" in refused.text
        for printer in ("ZP01", FILE):
            assert client.post(f"{PAPERS[0]}.pdf", data={**TO, "printer": printer}).status_code == 200
        assert [passing.printer for passing, *_ in house.passed] == ["ZP01", FILE]


def test_MP_3_a_paper_is_marked_with_its_category_reader_time_and_event_on_each_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house, drawn = FakeHouse(answers=shown), list[tuple[bytes, str]]()

    def draw(source: bytes, said: str) -> bytes:
        drawn.append((source, said))
        return b"%PDF-"

    monkeypatch.setattr(printing, "_pdf", draw)
    with looked(house) as client:
        client.post(f"{PAPERS[2]}.pdf", data=TO)
    (source, said), *_ = drawn
    paper: dict[str, Any] = msgspec.json.decode(said)
    assert paper["marking"] == MARKED
    for word in (
        "event 900000000000000001",
        SESSION.name,
        "CA0990100/ZD01",
        "2026",
        "on printer ZP01",
        TO["purpose"],
    ):
        assert word in paper["foot"]
    setting = source[source.index(b"#set page(") : source.index(b"#set text(size: 10.5pt")]
    assert setting.count(b"said.marking") == 2, "head and foot are set for every page"
    assert b"said.foot" in setting


def test_Policy_4_2_2_a_restricted_record_is_printed_as_criminal_history_is() -> None:
    assert guarded(GANG, CATALOGUE.files["gang_member"])
    over = msgspec.structs.replace(ORDERED, fields=(("STD", "OVER"),))
    assert guarded(over, CATALOGUE.files["order"])
    assert not guarded(ORDERED, CATALOGUE.files["order"])
    assert guarded(msgspec.structs.replace(GANG, file="history"), CATALOGUE.files["history"])
