"""Forms follow from the catalogue, and no value can pass for a field."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import pytest
from starlette.testclient import TestClient

from tests.web.fake_house import NOW, SESSION, STOLEN, TOKEN, FakeHouse, nothing, part
from tests.web.test_acts import REQUEST
from wireroom.catalog.index import Catalogue
from wireroom.catalog.kinds_of_order import Protected
from wireroom.message.answer import Hit, State
from wireroom.web.filled import filled
from wireroom.web.recent import Standing
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
            assert f'id="f-{field.code}"' in page
            parts = len(field.kind.PARTS) if isinstance(field.kind, Protected) else 0
            for place in range(parts):
                assert f'<label for="f-{field.code}-{field.many - 1}-{place}">' in page
            alone = f'<label for="f-{field.code}">' in page
            assert parts or alone or f'<label for="f-{field.code}-' in page


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


def test_a_message_to_many_is_written_in_its_form(client: TestClient, house: FakeHouse) -> None:
    form = {"csrf": SESSION.csrf, "key": "k", "TO": "co-99 GRP-SAMPLE\nZE03", "TXT": "A TEST. INVENTED."}
    refused = client.post("/form/AM", data=form)
    assert refused.status_code == 422
    assert set(re.findall(r'<a href="#f-(\w+)">', refused.text)) == {"SUB"}
    assert client.post("/form/AM", data=form | {"SUB": "EMER"}).status_code == 303
    assert house.arrivals[0].text == "AM.TO/CO-099.TO/GRP-SAMPLE.TO/ZE03.SUB/EMER.TXT/A TEST. INVENTED."


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


# --------------------------------------------------------------------------- the index


def index(client: TestClient, wanted: str) -> list[str]:
    return re.findall(r'href="/form/(\w+)"', client.get("/forms", params={"q": wanted}).text)


def test_a_key_and_enter_opens_its_form(client: TestClient) -> None:
    for typed in ("EB", "eb "):
        found = client.get("/forms", params={"q": typed})
        assert (found.status_code, found.headers["location"]) == (303, "/form/EB")


def test_the_keys_of_a_file_are_found_by_its_name_and_by_what_they_do(client: TestClient) -> None:
    assert index(client, "boat")[:2] == ["QB", "EB"]
    assert index(client, "clear boat")[0] == "CB"
    assert index(client, "carpos")[0] == index(client, "protection order")[0] == "QPO"
    assert "149 keys" not in client.get("/forms?q=boat").text.partition("status")[0]
    assert "Try the name of the file" in client.get("/forms?q=zebra").text
    assert "&lt;b&gt;" in client.get("/forms?q=<b>").text


def test_each_key_stands_once_under_its_own_file(client: TestClient) -> None:
    found = index(client, "")
    assert sorted(found) == sorted(Catalogue().forms)
    page = client.get("/forms").text
    assert "<code>EWJ</code><span>Enter: wanted juvenile</span>" in page
    assert "<code>EV</code><span>Enter</span>" in page
    assert "<code>VFY</code><span>Verify</span>" in page


# --------------------------------------------------------------------------- fields


def test_only_the_codes_that_may_stand_are_offered_and_what_a_key_says_is_chosen(client: TestClient) -> None:
    page = client.get("/form/EF").text  # a felony vehicle by its key
    choice = page.partition('id="f-CAT"')[2].partition("</select>")[0]
    assert re.findall(r'<option value="(\w+)"( selected)?', choice) == [("F", " selected")]


def test_an_hour_is_typed_on_the_keyboard_of_numbers(client: TestClient) -> None:
    page = client.get("/form/SRC").text
    assert re.search(r'id="f-CHR"[^>]* inputmode="numeric"', page)


# --------------------------------------------------------------------------- filled in from what was seen


def seen(client: TestClient, house: FakeHouse, hit: Hit = STOLEN, number: int = 10) -> None:
    """The terminal was told of a record."""
    house.deliver(part(number, 7, "STATE", State.HIT, title="STOLEN VEHICLE", hits=(hit,)))
    client.get("/desk?wait=1")


def value(page: str, code: str) -> str:
    """What a field of a form holds."""
    control = re.search(rf'<(\w+) id="f-{code}".*?</div>', page, re.DOTALL)
    assert control, code
    found = re.search(
        r'value="([^"]*)"[^>]* selected' if control[1] == "select" else r'value="([^"]*)"', control[0]
    )
    if control[1] == "textarea":
        found = re.search(r">([^<]*)</textarea>", control[0])
    return found[1] if found else ""


def test_a_request_to_confirm_says_what_the_record_says(client: TestClient, house: FakeHouse) -> None:
    seen(client, house)
    page = client.get(f"/form/YQ?FCN={STOLEN.number}").text
    told = {
        code: value(page, code) for code in ("TO", "RTY", "PRI", "FCN", "OCC", "LIC", "LIS", "RNA", "VIN")
    }
    assert told == {
        "TO": "CA0990200", "RTY": "SV", "PRI": "U", "FCN": STOLEN.number, "OCC": "26-004417", "LIC": "9QZZ123",
        "LIS": "CA", "RNA": "Dana Example", "VIN": "",
    }  # fmt: skip
    assert "2003 · Honda" in page.partition("The record")[2]
    assert '<button class="act" autofocus>' in page


def test_a_locate_comes_with_today_and_ones_own_case(client: TestClient, house: FakeHouse) -> None:
    client.post(
        "/send", data={"csrf": SESSION.csrf, "text": "9QZZ123", "purpose": "C", "case": "26-1", "key": "k"}
    )
    page = client.get(f"/form/LV?FCN={STOLEN.number}").text
    assert (value(page, "DOL"), value(page, "LCA")) == ("2026-11-23", "26-1")
    assert value(client.get("/form/SRC").text, "CHR") == "0602"  # by the wall clock of the state


def test_a_record_that_was_not_seen_lends_nothing(client: TestClient, house: FakeHouse) -> None:
    page = client.get(f"/form/MV?FCN={STOLEN.number}").text
    assert value(page, "FCN") == STOLEN.number
    assert value(page, "LIC") == ""
    assert "The record</h2>" not in page


def change(page: str, **changes: str) -> dict[str, str]:
    """The whole form as a browser would send it, with some fields typed over."""
    was = re.search(r'name="was" value="(\d+)"', page)
    assert was
    codes = re.findall(r'id="f-(\w+)"', page)
    held = {code: value(page, code) for code in codes}
    return {"csrf": SESSION.csrf, "key": "k", "was": was[1], **held, **changes}


def test_a_change_sends_what_was_changed_and_nothing_else(client: TestClient, house: FakeHouse) -> None:
    seen(client, house)
    page = client.get(f"/form/MV?FCN={STOLEN.number}").text
    assert (value(page, "VCO"), value(page, "CMC"), value(page, "DOT")) == ("SIL", "00", "20261102")
    assert client.post("/form/MV", data=change(page, VCO="RED")).status_code == 303
    assert house.arrivals[-1].text == f"MV.FCN/{STOLEN.number}.VCO/RED"
    assert client.post("/form/MV", data=change(page, CMC="00 05")).status_code == 303
    assert house.arrivals[-1].text == f"MV.FCN/{STOLEN.number}.CMC/00.CMC/05"


def test_what_another_person_changed_meanwhile_is_not_put_back(client: TestClient, house: FakeHouse) -> None:
    seen(client, house)
    page = client.get(f"/form/MV?FCN={STOLEN.number}").text
    newer = tuple((code, "BLU" if code == "VCO" else value) for code, value in STOLEN.fields)
    seen(client, house, msgspec.structs.replace(STOLEN, fields=newer), 20)
    client.post("/form/MV", data=change(page, OCA="26-9"))
    assert house.arrivals[-1].text == f"MV.FCN/{STOLEN.number}.OCA/26-9"


def test_a_change_that_changes_nothing_or_empties_a_field_goes_nowhere(
    client: TestClient, house: FakeHouse
) -> None:
    seen(client, house)
    page = client.get(f"/form/MV?FCN={STOLEN.number}").text
    assert "This changes nothing" in client.post("/form/MV", data=change(page)).text
    emptied = client.post("/form/MV", data=change(page, VCO=""))
    assert "Colour cannot be left empty" in emptied.text
    assert "The record</h2>" in emptied.text
    assert not house.arrivals


def test_an_answer_shows_the_request_that_it_answers(client: TestClient, house: FakeHouse) -> None:
    house.deliver(REQUEST)
    client.get("/desk?wait=1")
    page = client.get("/form/YR?REF=900000000000000049&CON=Y").text
    assert "The request</h2>" in page
    assert "CONFIRM HIT 9012632700001 — URGENT" in page
    assert (value(page, "CON"), value(page, "CNA")) == ("Y", "Dana Example")
    assert '<button class="act" autofocus>' in page
    sent = client.post(
        "/form/YR", data={"csrf": SESSION.csrf, "key": "k", "REF": "900000000000000049", "CON": "Y"}
    )
    assert sent.status_code == 303
    assert house.arrivals[-1].text == "YR.REF/900000000000000049.CON/Y"


def test_a_form_from_the_car_leads_back_to_the_car(client: TestClient, house: FakeHouse) -> None:
    page = client.get(f"/form/LV?FCN={STOLEN.number}&place=car").text
    assert '<body class="car"' in page
    assert 'href="/car">Leave without sending' in page
    form = {
        "csrf": SESSION.csrf,
        "key": "k",
        "place": "car",
        "FCN": STOLEN.number,
        "DOL": "2026-11-23",
        "LCA": "1",
    }
    assert client.post("/form/LV", data=form).headers["location"].startswith("/car?show=")


ORDER = {
    "NAM": "TESTCASE, JOHN", "SEX": "M", "RAC": "W", "DOB": "1980-01-01", "TYO": "OAH", "PNO": "ZZ260001",
    "CTI": "CA099013J", "ISD": "2026-11-20", "EXP": "2028-01-01", "PCO": "01", "OCA": "99-1", "PUR": "C", "csrf": "x",
}  # fmt: skip


def test_the_parts_of_a_protected_person_are_sent_as_one_value(client: TestClient, house: FakeHouse) -> None:
    people = {"PPN-0-0": "TESTCASE, JANE", "PPN-0-1": "F", "PPN-0-2": "1982-02-03", "PPN-0-3": "SP", "PPN-0-4": "Y",
              "PPN-2-0": "TESTCASE, ANN", "PPN-2-2": "9"}  # fmt: skip
    answer = client.post("/form/EPO", data=ENTRY | {"VYR": ""} | ORDER | people | {"csrf": ENTRY["csrf"]})
    assert answer.status_code == 303, answer.text[:2000]
    assert "PPN/TESTCASE, JANE;F;19820203;SP;Y.PPN/TESTCASE, ANN;;9" in house.arrivals[-1].text


def test_what_was_typed_of_a_protected_person_stands_there_still_when_it_is_wrong(client: TestClient) -> None:
    people = {"PPN-0-0": "JANE", "PPN-0-1": "F"}
    answer = client.post("/form/EPO", data=ORDER | people | {"csrf": ENTRY["csrf"]})
    assert answer.status_code == 422
    assert "is not LAST, FIRST MIDDLE with one comma in the name" in answer.text
    assert 'name="PPN-0-0" value="JANE"' in answer.text
    assert '<option value="F" selected>' in answer.text


def test_a_form_for_the_telephone_shows_what_is_read_out_and_folds_all_else(client: TestClient) -> None:
    page = client.get("/form/EPOE").text
    shown, _, folded = page.partition('<details class="apart">')
    assert 'id="f-NAM"' in shown
    assert 'id="f-RQO"' in shown
    assert 'id="f-SMT"' in folded
    assert 'id="f-EXP"' in folded


def test_conditions_are_ticked_and_not_typed_as_codes(client: TestClient, house: FakeHouse) -> None:
    page = client.get("/form/EPO").text
    assert re.search(r'type="checkbox" id="f-PCO-05" name="PCO" value="05"> .*making any communication', page)
    answer = client.post(
        "/form/EPO", data=ORDER | {"PPN-0-0": "TESTCASE, JANE"} | {"csrf": ENTRY["csrf"], "PCO": ["01", "05"]}
    )
    assert answer.status_code == 303, answer.text[:2000]
    assert "PCO/01.PCO/05" in house.arrivals[-1].text


def test_what_was_ticked_stands_ticked_when_something_else_is_wrong(client: TestClient) -> None:
    answer = client.post("/form/EPO", data=ORDER | {"csrf": ENTRY["csrf"], "PCO": ["01", "05"], "ISD": "X"})
    assert re.findall(r'name="PCO" value="(\d+)" checked', answer.text) == ["01", "05"]


def test_no_fault_and_no_hint_names_a_table(client: TestClient) -> None:
    wrong = ORDER | {"csrf": ENTRY["csrf"], "PCO": "99", "TYO": "X", "STY": "MOON 100", "CMC": "ZZ"}
    answer = client.post("/form/EPO", data=wrong)
    assert answer.status_code == 422
    assert "of the table" not in answer.text
    assert "Caution or medical condition is not one of the codes (ZZ)" in answer.text
    assert "a place and yards, HOME 100" in client.get("/form/EPOE").text


def test_a_courts_entry_comes_with_its_own_court_and_no_other_does(client: TestClient) -> None:
    seat = msgspec.structs.replace(SESSION.seat, ori="CA099023J", role="court")
    session, form = msgspec.structs.replace(SESSION, seat=seat), Catalogue().forms["ETO"]
    given = filled(form, None, catalogue=Catalogue(), session=session, standing=Standing(), now=NOW)
    assert given["CTI"] == "CA099023J"
    assert 'name="CTI" value=""' in re.sub(
        r' aria-describedby="\S+"| required', "", client.get("/form/ETO").text
    )
