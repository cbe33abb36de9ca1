"""Which acts stand beside a record, a request or a list, and what has been done since is told there."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from starlette.testclient import TestClient

from tests.web.fake_house import NOW, ORI, REGISTERED, SESSION, STOLEN, FakeHouse, part
from wireroom.catalog.file import File, Verb
from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Delivery, Hit, State
from wireroom.web import acts, cards
from wireroom.web.acts import Act, View
from wireroom.web.filled import record_before
from wireroom.web.recent import Shelf

CATALOGUE = Catalogue()
OWN = msgspec.structs.replace(STOLEN, owner=ORI)
NUMBER, OTHER = STOLEN.number, "CA0990200"
SUPERVISED = Hit(
    file="supervised", number="9012632700009", owner=OTHER, status="active",
    fields=(("NAM", "TESTCASE, JANE M"), ("DOB", "19900101"), ("SEX", "F")),
)  # fmt: skip
REQUEST = Delivery(
    number=50, terminal="ZD01", transaction=0, kind="mail", source="ZE02", state="mail",
    title="CONFIRM HIT 9012632700001 - URGENT, 1ST REQUEST", text="YQ\nANSWER WITH YR REF/900000000000000049",
    at="2026-11-23T14:01:00+00:00",
    asked="YQ.RTY/SV.PRI/U.FCN/9012632700001.LIC/9QZZ123.LIS/CA.RNA/SAM OTHER.REF/900000000000000049",
)  # fmt: skip


def view(*came: Delivery, place: str = "desk", role: str = "operator", shelf: Shelf | None = None) -> View:
    shelf = shelf or Shelf()
    for one in came:
        shelf.add(one)
    seat = msgspec.structs.replace(SESSION.seat, role=role)
    return View(catalogue=CATALOGUE, seat=seat, place=place, came=shelf.deliveries)


def told(hit: Hit, asked: str = "QV.LIC/9QZZ123.LIS/CA", number: int = 10) -> Delivery:
    return part(number, 7, "STATE", State.HIT, hits=(hit,), asked=asked)


def did(text: str, title: str, state: State = State.ACCEPTED, number: int = 20) -> Delivery:
    """The answer to something that was done with a record."""
    return part(number, number, "STATE", state, title=title, asked=text)


def beside(hit: Hit, *since: Delivery, asked: str = "QV.LIC/9QZZ123.LIS/CA", **how: str) -> tuple[Act, ...]:
    delivery = told(hit, asked)
    return acts.of_record(hit, delivery, asked, view(delivery, *since, **how))  # type: ignore[arg-type]


def titles(found: tuple[Act, ...], *, main: bool) -> list[str]:
    return [act.title for act in found if act.main is main]


ORDERED = Hit(
    file="order", number="9012632700011", owner=OTHER, status="active",
    fields=(("NAM", "TESTCASE, JOHN"), ("TYO", "TRO"), ("SVC", "2"), ("PTY", "RESTRAINED"), ("STD", "UNSERVED")),
)  # fmt: skip
REPORTS = [
    "Service of a protection order",
    "Attempt to serve a protection order",
    "Violation of a protection order",
]


def changed(hit: Hit, **values: str) -> Hit:
    """The record with other values."""
    return msgspec.structs.replace(hit, fields=tuple({**dict(hit.fields), **values}.items()))


def reports(found: tuple[Act, ...]) -> list[str]:
    return [act.title for act in found if act.title in REPORTS]


# --------------------------------------------------------------------------- orders


def test_an_officer_serves_the_order_of_their_own_agency_from_the_car() -> None:
    own = msgspec.structs.replace(ORDERED, owner=ORI)
    found = beside(own, asked="QPO.NAM/TESTCASE, JOHN", place="car")
    assert reports(found) == REPORTS
    assert titles(found, main=True) == [*REPORTS[:2], "Summary (PDF)"]
    assert reports(beside(own, asked="QPO.NAM/TESTCASE, JOHN")) == REPORTS


def test_what_is_served_is_not_offered_for_service_and_a_violation_stands_open() -> None:
    found = beside(changed(ORDERED, SVC="1"), asked="QPO.NAM/TESTCASE, JOHN", place="car")
    assert reports(found) == REPORTS[2:]
    assert REPORTS[2] in titles(found, main=True)


def test_an_order_found_by_whom_it_protects_is_confirmed_too_and_one_that_is_over_is_not() -> None:
    protected = changed(ORDERED, PTY="PROTECTED")
    assert beside(protected, asked="QPO.NAM/TESTCASE, JANE")[0].title == f"Confirm with {OTHER}"
    over = beside(changed(protected, STD="OVER"), asked="QPO.NAM/TESTCASE, JANE")
    assert not any(act.title.startswith("Confirm") for act in over)


# --------------------------------------------------------------------------- others' records


def test_anothers_hit_is_confirmed_or_located_and_never_changed() -> None:
    found = beside(STOLEN)
    assert [act.title for act in found] == [f"Confirm with {OTHER}", "Locate"]
    assert [act.go for act in found] == [f"/form/YQ?FCN={NUMBER}", f"/form/LV?FCN={NUMBER}"]
    assert [act.strong for act in found] == [True, False]


def test_no_name_or_number_of_a_person_stands_in_an_address() -> None:
    found = beside(msgspec.structs.replace(SUPERVISED, owner=ORI))
    assert all("TESTCASE" not in act.go and "19900101" not in act.go for act in found)


def test_a_record_that_nobody_confirms_is_reported_on_and_its_owner_is_written_to() -> None:
    found = beside(SUPERVISED)
    report = next(
        form
        for form in CATALOGUE.forms.values()
        if form.verb is Verb.REPORT and form.files[0].code == "supervised"
    )
    assert [act.title for act in found] == [report.title, f"Write to {OTHER}", "Record (PDF)"]
    assert parse_qs(urlsplit(found[1].go).query) == {"TO": [OTHER]}


def test_what_only_informs_is_not_confirmed() -> None:
    stored = msgspec.structs.replace(STOLEN, fields=(*STOLEN.fields, ("CAT", "P")))
    assert [act.title for act in beside(stored)] == ["Locate"]
    assert beside(REGISTERED) == ()


def test_a_record_that_the_state_does_not_hold_is_confirmed_by_its_other_number() -> None:
    there = msgspec.structs.replace(STOLEN, number="V000000018")
    assert [act.go for act in beside(there)] == ["/form/YQ?NIC=V000000018"]
    ours = msgspec.structs.replace(there, fields=(*STOLEN.fields, ("FCN", NUMBER)))
    assert beside(ours)[1].go == f"/form/LV?FCN={NUMBER}"


def test_a_confirmation_that_was_asked_for_is_not_put_forward_again() -> None:
    found = beside(STOLEN, did(f"YQ.TO/{OTHER}.RTY/SV.PRI/U.FCN/{NUMBER}", "ASKED"))
    assert titles(found, main=True) == ["Locate"]
    assert titles(found, main=False) == [f"Ask again: {OTHER}"]
    assert not any(act.strong for act in found)


def test_in_the_car_there_are_two_acts_and_they_lead_back_to_it() -> None:
    assert [act.go for act in beside(STOLEN, place="car")] == [
        f"/form/YQ?FCN={NUMBER}&place=car",
        f"/form/LV?FCN={NUMBER}&place=car",
    ]
    assert beside(OWN, place="car") == ()


# --------------------------------------------------------------------------- one's own


@pytest.mark.parametrize(
    ("status", "asked", "main"),
    [
        ("active", "QV.LIC/9QZZ123.LIS/CA", ["Modify", "Clear"]),
        ("located", "QV.LIC/9QZZ123.LIS/CA", ["Clear", "Modify"]),
        ("restrained", "QV.LIC/9QZZ123.LIS/CA", []),
        ("active", "EV.LIC/9QZZ123.LIS/CA", ["Modify", "Cancel"]),
        ("active", "WL.LST/VERIFY", ["Verify", "Modify"]),
        ("active", "WL.LST/VALIDATE", ["Validate", "Clear"]),
    ],
)
def test_what_mostly_follows_stands_open_and_never_more_than_two(
    status: str, asked: str, main: list[str]
) -> None:
    found = beside(msgspec.structs.replace(OWN, status=status), asked=asked)
    assert titles(found, main=True) == main
    assert "Cancel" in [act.title for act in found]
    assert not any(act.title.startswith(("Confirm", "Locate")) for act in found)


def test_verifying_and_validating_are_one_press() -> None:
    sent = {act.title: act.send for act in beside(OWN) if act.send}
    assert sent == {"Verify": f"VFY.FCN/{NUMBER}", "Validate": f"VAL.FCN/{NUMBER}"}


def test_whoever_just_entered_it_is_not_offered_to_verify_it() -> None:
    assert "Verify" not in [act.title for act in beside(OWN, asked="EV.LIC/9QZZ123.LIS/CA")]


def test_a_file_that_is_not_validated_has_no_such_act() -> None:
    article = msgspec.structs.replace(OWN, file="article", fields=())
    assert "Validate" not in [act.title for act in beside(article)]


def test_values_are_added_where_the_file_has_a_key_for_it() -> None:
    want = msgspec.structs.replace(OWN, file="wanted", fields=(("NAM", "TESTCASE, JANE"),))
    assert {"Add a value", "Take a value out"} <= {act.title for act in beside(want)}


@pytest.mark.parametrize("status", ["cleared", "cancelled", "expired", "purged", "removed"])
def test_with_what_is_over_nothing_can_be_done(status: str) -> None:
    assert beside(msgspec.structs.replace(OWN, status=status)) == ()


def test_a_role_is_offered_only_what_it_may_send() -> None:
    assert [act.title for act in beside(STOLEN, role="inquiry")] == [f"Confirm with {OTHER}"]
    assert beside(OWN, role="inquiry") == ()
    assert beside(STOLEN, role="auditor") == beside(STOLEN, role="nobody") == ()


def test_every_file_has_acts_that_its_own_keys_carry_out() -> None:
    for file in CATALOGUE.files.values():
        hit = Hit(file=file.code, number=NUMBER, owner=ORI, status="active", fields=())
        for act in beside(hit):
            if act.go.startswith("/paper/"):
                assert file.orders or file.guarded({}), "of orders there are papers, and of what is guarded"
                continue
            key = urlsplit(act.go).path.rpartition("/")[2] if act.go else act.send.partition(".")[0]
            assert file in CATALOGUE.forms[key].files


# --------------------------------------------------------------------------- what was done since


def drawn(*came: Delivery) -> cards.Card:
    shelf = Shelf()
    for one in came:
        shelf.add(one)
    return cards.card(7, None, shelf.answers(7), view(shelf=shelf), seen=True)


def test_what_was_done_with_a_record_stands_beside_it_the_last_first() -> None:
    sent = did(f"MV.FCN/{NUMBER}.VCO/RED", f"MODIFIED FCN/{NUMBER}")
    over = did(f"CV.FCN/{NUMBER}.DCL/20261123", f"CLEARED FCN/{NUMBER}", number=30)
    [record] = drawn(told(OWN), sent, over).parts[0].records
    assert [one.words for one in record.done] == [f"CLEARED FCN/{NUMBER}", f"MODIFIED FCN/{NUMBER}"]
    assert record.acts == ()


def test_a_refusal_stands_there_too_and_leaves_the_act() -> None:
    refused = did(f"VFY.FCN/{NUMBER}", "ENTERED OR CHANGED BY YOU", State.REFUSED)
    [record] = drawn(told(OWN, "WL.LST/VERIFY"), refused).parts[0].records
    assert [(one.look, one.words) for one in record.done] == [(cards.REFUSED, "ENTERED OR CHANGED BY YOU")]
    assert record.acts[0].title == "Verify"


def test_what_was_done_before_is_not_told_again() -> None:
    before = did(f"MV.FCN/{NUMBER}.VCO/RED", f"MODIFIED FCN/{NUMBER}", number=5)
    [record] = drawn(before, told(OWN)).parts[0].records
    assert record.done == ()


def test_the_answer_of_the_owner_stands_beside_the_hit() -> None:
    answer = msgspec.structs.replace(
        REQUEST, number=60, title=f"HIT CONFIRMED - {NUMBER}", asked=f"YR.FCN/{NUMBER}.CON/Y"
    )
    [record] = drawn(told(STOLEN), answer).parts[0].records
    assert [(one.look, one.words) for one in record.done] == [(cards.MAIL, f"HIT CONFIRMED — {NUMBER}")]


# --------------------------------------------------------------------------- requests to confirm


def test_a_request_offers_every_answer_and_puts_none_forward() -> None:
    card = cards.mail(REQUEST, view(REQUEST), seen=False)
    [record] = card.parts[0].records
    addresses = {act.title: act.go for act in record.acts if act.go}
    reference = "/form/YR?REF=900000000000000049&CON="
    assert addresses == {
        "Yes, confirmed": f"{reference}Y",
        "No": f"{reference}N",
        "Valid, but no extradition": f"{reference}V",
        "Being confirmed": f"{reference}E",
    }
    assert not any(act.strong for act in record.acts)
    assert record.acts[-1].ask == NUMBER
    assert {row.code: row.value for row in record.rows}["LIC"] == "9QZZ123"
    assert card.sender == ""
    assert card.body == ""
    assert card.raw == REQUEST.text


def test_a_request_that_was_answered_offers_no_answer() -> None:
    answer = did("YR.REF/900000000000000049.CON/Y", "TOLD: CONFIRMED", number=60)
    [record] = cards.mail(REQUEST, view(REQUEST, answer), seen=True).parts[0].records
    assert [act.title for act in record.acts] == ["Look at the record"]
    assert [one.words for one in record.done] == ["TOLD: CONFIRMED"]


def test_a_copy_of_a_request_is_only_read() -> None:
    copy = msgspec.structs.replace(REQUEST, asked="COPY: CONFIRM HIT")
    card = cards.mail(copy, view(copy), seen=False)
    assert card.parts == ()
    assert card.body == copy.text


# --------------------------------------------------------------------------- notices


def notice(source: str, title: str, hit: Hit = OWN) -> Delivery:
    text = f"{source}{ORI}\n{title}\nLOCATED BY {OTHER}/ZE02\n\nMKE/STOLEN VEHICLE"
    return Delivery(number=70, terminal="ZD01", transaction=0, kind="notice", source=source, state="notice",
                    title=title, text=text, hits=(hit,), at="2026-11-23T14:01:00+00:00", asked=source)  # fmt: skip


def test_a_notice_shows_its_record_with_what_can_be_done() -> None:
    located = notice("$.L.", "LOCATE PLACED ON YOUR RECORD", msgspec.structs.replace(OWN, status="located"))
    card = cards.mail(located, view(located), seen=False)
    assert (card.look, card.tone, card.unasked) == (cards.MAIL, "", True)
    assert card.body == f"LOCATED BY {OTHER}/ZE02"
    assert card.what.startswith("2003 · ")
    assert card.cautions == ("Armed and dangerous",)
    assert card.parts[0].records[0].acts[0].title == "Clear"


def test_a_delayed_hit_sounds_as_a_hit_until_it_is_seen() -> None:
    late = notice("$.H.", "DELAYED HIT ON 9012632700001", STOLEN)
    card = cards.mail(late, view(late), seen=False)
    assert (card.look, card.tone) == (cards.HIT, "hit")
    assert cards.line(late) is cards.HIT
    assert card.parts[0].records[0].acts[0].title == f"Confirm with {OTHER}"
    assert cards.mail(late, view(late), seen=True).tone == ""


# --------------------------------------------------------------------------- the catalogue's part


def test_a_file_is_confirmed_as_something_that_a_request_can_say() -> None:
    with pytest.raises(ValueError, match="ZZ is not of the table hit_type"):
        File(code="example", title="Example", fields=(), found_by=(), confirm_as="ZZ")


def test_every_file_that_is_confirmed_has_a_hit() -> None:
    confirmed = [file for file in CATALOGUE.files.values() if file.confirm_as]
    assert {file.code for file in confirmed} >= {"vehicle", "wanted", "gun", "order"}
    assert all(file.hit for file in confirmed)


# --------------------------------------------------------------------------- on the page


def test_one_press_sends_without_script_and_stays_at_the_list(client: TestClient, house: FakeHouse) -> None:
    house.deliver(told(OWN, "WL.LST/VERIFY"))
    page = client.get("/desk?wait=1").text
    assert f'<input type="hidden" name="text" value="VFY.FCN/{NUMBER}"><button class="act"' in page
    house.answers = lambda arrival, number: [did(arrival.text, f"VERIFIED FCN/{NUMBER}", number=number + 1)]
    form = {"csrf": SESSION.csrf, "place": "desk", "show": "7", "text": f"VFY.FCN/{NUMBER}"}
    sent = client.post("/send", data=form)
    assert sent.headers["location"].startswith("/desk?show=7&wait=")
    page = client.get(sent.headers["location"]).text
    assert f"VERIFIED FCN/{NUMBER} · <time" in page
    assert "VFY.FCN" not in page.partition('id="a-7"')[2].partition("</article>")[0]
    assert house.arrivals[0].at == NOW


def test_a_press_on_a_card_leaves_purpose_and_case_as_they_stand(
    client: TestClient, house: FakeHouse
) -> None:
    client.post(
        "/send", data={"csrf": SESSION.csrf, "text": "9QZZ123", "purpose": "C", "case": "26-1", "key": "k"}
    )
    client.post("/send", data={"csrf": SESSION.csrf, "text": f"VFY.FCN/{NUMBER}"})
    assert (house.arrivals[1].purpose, house.arrivals[1].case) == ("C", "26-1")
    assert 'name="case" value="26-1"' in client.get("/desk").text


def test_two_presses_without_a_key_are_two_messages(client: TestClient, house: FakeHouse) -> None:
    for _ in range(2):
        client.post("/send", data={"csrf": SESSION.csrf, "text": f"VAL.FCN/{NUMBER}"})
    assert len({arrival.key for arrival in house.arrivals}) == 2


# --------------------------------------------------------------------------- what a supervisor decides


HELD = Delivery(
    number=60, terminal="ZD01", transaction=0, kind="mail", source="ZE02", state="mail",
    title="TO APPROVE: BROADCAST OF ada.test", text="AM.CA0990100.ZE02\nTO REGION 6\nA TEST.",
    at="2026-11-23T14:01:00+00:00", asked="AMA.REF/900000000000000059",
)  # fmt: skip


def test_a_supervisor_reads_what_is_held_and_has_both_answers_beside_it() -> None:
    found = acts.of_request(HELD, view(HELD, role="supervisor"))
    assert [(act.title, act.go) for act in found] == [
        ("Approve", "/form/AMA?REF=900000000000000059&APV=Y"),
        ("Refuse", "/form/AMA?REF=900000000000000059&APV=N"),
    ]
    assert cards.mail(HELD, view(HELD, role="supervisor"), seen=False).body == HELD.text


def test_who_is_no_supervisor_reads_what_is_held_and_decides_nothing() -> None:
    assert acts.of_request(HELD, view(HELD)) == ()
    assert cards.mail(HELD, view(HELD), seen=False).body == HELD.text


def test_what_was_decided_has_no_buttons_any_more() -> None:
    decided = did("AMA.REF/900000000000000059.APV/Y", "APPROVED", number=70)
    assert acts.of_request(HELD, view(HELD, decided, role="supervisor")) == ()


def test_a_form_and_a_paper_are_of_the_states_record_and_not_of_ncics_copy() -> None:
    shelf = Shelf()
    copy = msgspec.structs.replace(
        ORDERED, number="H000000042", fields=(*ORDERED.fields, ("FCN", ORDERED.number))
    )
    shelf.add(told(ORDERED, number=10))
    shelf.add(part(11, 7, "NCIC", State.HIT, hits=(copy,), asked="QPO.NAM/TESTCASE, JOHN"))
    before = record_before(shelf, ORDERED.number)
    assert before is not None
    assert before.hit.number == ORDERED.number
    by_copy = record_before(shelf, ORDERED.number, 11)
    assert by_copy is not None
    assert by_copy.hit.number == "H000000042"
    assert record_before(shelf, "") is None
