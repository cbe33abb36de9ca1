"""Criminal history and restricted files: what an inquiry must name before anybody is asked (AU-3(1), Policy 4.2.2)."""

from __future__ import annotations

import msgspec
import pytest

from tests.policy.test_ruling import arrival as seated
from wireroom.catalog.file import File, Source, Verb
from wireroom.catalog.guarding import Restricted
from wireroom.catalog.index import RECIPIENT, Catalogue
from wireroom.journal.entry import Entry
from wireroom.message.envelope import Arrival
from wireroom.policy.ruling import Rulebook, Ruling
from wireroom.switch.plan import plan
from wireroom.switch.transaction import read_arrival
from wireroom.switch.work import Work, intent, receipt

CATALOGUE = Catalogue()
HISTORY = {"QH": "FBI/550001ZZ1", "QR": "SID/CA99100011"}
WHOM = "ATN/DET A VALE 412.SRP/CA099013J CLERK D HART"
NAMED = f"{WHOM}.CAS/26-000101"
# The Policy's list, of those that exist here; a recalled order is a historical one.
RESTRICTED = {
    "gang_member", "gang_group", "terrorist", "supervised", "registrant", "identity_theft", "protective", "violent",
}  # fmt: skip


def sent(text: str, *, purpose: str = "C", role: str = "operator", **seat: object) -> Work:
    """A text on its way to its lane, ruled on: the sources that it would ask stand as its legs."""
    arrival = msgspec.structs.replace(seated(role, purpose, **seat), text=text)
    reading = read_arrival(arrival, CATALOGUE)
    if reading.message is None:
        return Work(arrival, reading, None)
    ruling = ruled(arrival)
    sources = frozenset({"STATE", "NCIC", "DMV"})
    legs = plan(reading.message, CATALOGUE, sources, ruling.purpose) if ruling.allowed else ()
    return Work(arrival, reading, ruling, legs)


def ruled(arrival: Arrival) -> Ruling:
    message = read_arrival(arrival, CATALOGUE).message
    assert message is not None
    return Rulebook().rule(message, CATALOGUE.forms[message.key], arrival)


def entry(work: Work) -> Entry:
    return intent(work, 1, CATALOGUE)


@pytest.mark.parametrize("key", HISTORY)
def test_AU_3_1_criminal_history_names_all_four_or_nobody_is_asked(key: str) -> None:
    text = f"{key}.{HISTORY[key]}"
    for left_out, given in (("ATN", "SRP/NONE"), ("SRP", "ATN/DET A VALE 412")):
        for said in (given, f"{given}.{left_out}/", f"{given}.{left_out}/ "):
            work = sent(f"{text}.{said}")
            told = receipt(work, 1)
            assert (told.state, work.legs) == ("faulty", ()), said
            assert left_out in {field for field, _ in told.faults}
    for empty, rule in (
        ("person", "seat-bound"),
        ("ori", "seat-bound"),
    ):  # the operator, the authorised agency
        work = sent(f"{text}.{NAMED}", **{empty: ""})
        assert (receipt(work, 1).rule, work.legs) == (rule, ())
    work = sent(f"{text}.{NAMED}", purpose="")
    assert (receipt(work, 1).rule, work.legs) == ("purpose-required", ())
    work = sent(f"{text}.{NAMED}")
    assert [leg.source for leg in work.legs] == [Source.NCIC]
    assert entry(work).detail["history"] == {
        "operator": "p.vale", "agency": "CA0990100", "requester": "DET A VALE 412",
        "recipient": "CA099013J CLERK D HART",
    }  # fmt: skip
    asked = work.legs[0].message
    assert (asked.get("ATN"), asked.get("PUR")) == ("DET A VALE 412", "C"), "NCIC wants requester and purpose"
    assert not work.legs[0].message.get("SRP"), "and who gets it besides is for our own journal"


@pytest.mark.parametrize(
    "file", [one for one in CATALOGUE.files.values() if one.history], ids=lambda one: one.code
)
def test_AU_3_1_whatever_file_holds_criminal_history_demands_them(file: File) -> None:
    for key in file.inquiries:
        form = CATALOGUE.forms[key]
        assert {"ATN", RECIPIENT.code} <= {field.code for field in form.required}
        assert all(one.history for one in form.files), "and none of another kind answers under its key"
        bare = msgspec.structs.replace(CATALOGUE.forms[key], fields=())
        message = read_arrival(sent(f"{key}.{HISTORY[key]}.{NAMED}").arrival, CATALOGUE).message
        assert message is not None
        less = msgspec.structs.replace(
            message, fields=tuple(p for p in message.fields if p[0] != RECIPIENT.code)
        )
        refused = Rulebook().rule(less, bare, seated(purpose="C"))
        assert refused.rule == "history-recipients", "the rules ask again, whatever a form forgot"
    assert not file.keys, "we only ask for it"


@pytest.mark.parametrize(
    ("beside", "asked"),
    [
        ("", False),
        (".RMK/X", False),
        (".RMK/ASDF", False),
        (".RSK/CAS", False),
        (".OBO/Y", False),
        (".RMK/BURGLARY OF MONDAY", True),
        (".CAS/26-000101", True),
        (".RSK/CRT.CAS/26CR0099", True),
    ],
)
def test_criminal_history_wants_a_reason_before_anybody_is_asked(beside: str, asked: bool) -> None:
    for key, by in HISTORY.items():
        work = sent(f"{key}.{by}.{WHOM}{beside}")
        assert receipt(work, 1).rule == ("" if asked else "history-reason"), key
        assert bool(work.legs) is asked
    standing = msgspec.structs.replace(sent(f"QR.SID/CA99100011.{WHOM}").arrival, case="26-000101")
    assert ruled(standing).allowed, "the case that stands on the session will do"
    assert receipt(sent("QV.LIC/7ABQ106.LIS/CA"), 1).rule == "", (
        "and for an officer's safety nobody is asked first"
    )


@pytest.mark.parametrize("purpose", ["C", "J", "D", "E", "F", "H", "S", "X", "I"])
def test_criminal_history_has_purposes_of_its_own_and_no_other_file_takes_them(purpose: str) -> None:
    said = f"QR.FBI/550001ZZ1.{NAMED}.PUR/{purpose}"
    assert (receipt(sent(said), 1).rule == "") is (purpose != "I")
    for text in ("QV.LIC/7ABQ106.LIS/CA", "QB.REG/CF9999ZZ", "QW.NAM/TESTCASE, JANE.DOB/19900101"):
        assert (receipt(sent(f"{text}.PUR/{purpose}"), 1).rule == "") is (purpose == "C")


def test_criminal_history_is_not_asked_for_from_a_car() -> None:
    assert receipt(sent(f"QR.FBI/550001ZZ1.{NAMED}", place="mobile"), 1).rule == "desk-only"


def test_Policy_4_2_2_each_file_of_the_list_that_exists_says_so() -> None:
    said = {one.code for one in CATALOGUE.files.values() if one.restricted is Restricted.ALL}
    assert said == RESTRICTED
    assert {one.code for one in CATALOGUE.files.values() if one.restricted is Restricted.ENDED} == {"order"}
    assert {one.code for one in CATALOGUE.files.values() if one.recalled} == {"order"}


@pytest.mark.parametrize("purpose", ["E", "F", "H", "S", "X"])
def test_Policy_4_2_2_restricted_files_are_asked_for_criminal_justice_alone(purpose: str) -> None:
    keys = {
        key for key, form in CATALOGUE.forms.items()
        if form.verb is Verb.INQUIRE and not form.files[0].history and any(one.restricted for one in form.files)
    }  # fmt: skip
    assert {"QW", "QV", "QGM", "QGG", "QXS", "QVC", "QID", "QPO"} <= keys
    for text in ("QW.NAM/TESTCASE, JANE.DOB/19900101", "QGG.GNG/SPECIMEN CREW 999", "QPO.PNO/DV260001.HST/Y"):
        assert receipt(sent(f"{text}.PUR/{purpose}"), 1).rule == "purpose-restricted"
    assert receipt(sent(f"QPO.PNO/DV260001.PUR/{purpose}"), 1).rule == "purpose-history", (
        "what is in force is open"
    )


def test_Policy_4_2_2_an_officers_name_inquiry_reaches_the_restricted_files_as_before() -> None:
    work = sent("QW.NAM/TESTCASE, JANE.DOB/19900101", place="mobile")
    assert receipt(work, 1).state == "accepted"
    reached = {one.code for one in CATALOGUE.forms["QW"].files}
    assert RESTRICTED - {"gang_group"} <= reached
    assert [leg.source for leg in work.legs] == [Source.STATE, Source.DMV, Source.NCIC]
    on_behalf = receipt(sent("QW.NAM/TESTCASE, JANE.DOB/19900101.OBO/Y"), 1)
    assert {field for field, _ in on_behalf.faults} == {"ATN"}, "for somebody else: for whom is said"
