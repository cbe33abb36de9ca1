"""Forms follow from the catalogue, and no value can pass for a field."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.web.fake_house import SESSION, TOKEN, FakeHouse, nothing
from wireroom.catalog.index import Catalogue
from wireroom.web.site import site

ENTRY = {
    "csrf": SESSION.csrf, "key": "k", "PUR": "C",
    "LIC": "9QZZ123", "LIS": "CA", "VYR": "2019", "VMA": "TOYT", "DOT": "2026-11-02", "OCA": "26-004417",
}  # fmt: skip


@pytest.fixture
def house() -> FakeHouse:
    return FakeHouse(answers=lambda arrival, number: nothing(arrival, number)[:1])


@pytest.fixture
def client(house: FakeHouse) -> Iterator[TestClient]:
    with TestClient(site(house), follow_redirects=False) as client:
        client.cookies.set("session", TOKEN)
        yield client


def test_every_key_has_a_form_and_the_index_names_it(client: TestClient) -> None:
    index = client.get("/forms").text
    for form in Catalogue().forms.values():
        assert f'href="/form/{form.key}"' in index
        page = client.get(f"/form/{form.key}").text
        for field in form.fields:
            assert f'<label for="f-{field.code}">' in page
            assert f'id="f-{field.code}"' in page


def test_a_form_sends_what_the_wire_would(client: TestClient, house: FakeHouse) -> None:
    answer = client.post("/form/EV", data=ENTRY)
    assert answer.status_code == 303
    arrival = house.arrivals[0]
    assert arrival.text == "EV.LIC/9QZZ123.LIS/CA.VYR/2019.VMA/TOYT.DOT/20261102.OCA/26-004417.PUR/C"
    assert arrival.purpose == "C"


def test_all_faults_are_told_at_once_and_lead_to_their_fields(client: TestClient, house: FakeHouse) -> None:
    answer = client.post("/form/EV", data=ENTRY | {"DOT": "20990101", "OCA": "", "LIS": "ZZZ"})
    assert answer.status_code == 422
    assert set(re.findall(r'<a href="#f-(\w+)">', answer.text)) == {"DOT", "OCA", "LIS"}
    assert 'value="9QZZ123"' in answer.text
    assert not house.arrivals


def test_a_rule_of_the_file_is_told_at_its_field(client: TestClient) -> None:
    answer = client.post("/form/EV", data={**ENTRY, "LIS": ""})
    assert answer.status_code == 422
    assert re.search(r"is missing: (give|it goes with)", answer.text)


@pytest.mark.parametrize("code", ["LIC", "OCA", "CAS", "ATN", "MIS"])
def test_no_value_can_bring_a_field_of_its_own(client: TestClient, house: FakeHouse, code: str) -> None:
    client.post("/form/EV", data=ENTRY | {code: "9QZZ123.LIY/2027"})
    assert all("LIY/" not in arrival.text.replace("MIS/", "") for arrival in house.arrivals)


def test_many_addressees_are_parted_by_blanks(client: TestClient, house: FakeHouse) -> None:
    form = {"csrf": SESSION.csrf, "key": "k", "TO": "ZE02 CA0990200\nZE03", "TXT": "A TEST. INVENTED."}
    assert client.post("/form/AM", data=form).status_code == 303
    assert house.arrivals[0].text == "AM.TO/ZE02.TO/CA0990200.TO/ZE03.TXT/A TEST. INVENTED."


def test_an_inquiry_needs_its_purpose_and_a_message_does_not(client: TestClient) -> None:
    form = {"csrf": SESSION.csrf, "key": "k", "LIC": "9QZZ123"}
    assert "Purpose is not set" in client.post("/form/QV", data=form).text
    assert client.post("/form/QV", data=form | {"PUR": "C"}).status_code == 303


def test_an_inquiry_may_ask_for_a_part_and_an_entry_may_not(client: TestClient, house: FakeHouse) -> None:
    form = {"csrf": SESSION.csrf, "key": "k", "LIC": "9QZZ*", "LIS": "CA", "SRH": "W", "PUR": "C"}
    assert client.post("/form/QV", data=form).status_code == 303
    assert house.arrivals[0].text == "QV.LIC/9QZZ*.LIS/CA.SRH/W.PUR/C"
    assert client.post("/form/EV", data=ENTRY | {"LIC": "9QZZ*"}).status_code == 422


def test_a_form_can_come_filled_in(client: TestClient) -> None:
    page = client.get("/form/AM?TO=CA0990200&TXT=PLEASE+CONFIRM&BAD=1").text
    assert ">CA0990200</textarea>" in page
    assert ">PLEASE CONFIRM</textarea>" in page
