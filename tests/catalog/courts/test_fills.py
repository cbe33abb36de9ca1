"""Claims about what the state works out of an order that leaves it out, and about the federal ban in every case."""

from __future__ import annotations

from datetime import date
from itertools import product

import msgspec
import pytest

from tests.catalog.courts.expected import EXPECTED, order
from wireroom.catalog.file import Source, Verb
from wireroom.catalog.files.order import ORDER
from wireroom.catalog.fills import (
    WORKED_OUT,
    Brady,
    Default,
    Fill,
    Filled,
    FirearmsFill,
    LastDay,
    TermFill,
    filled,
    refilled,
)
from wireroom.catalog.index import Catalogue
from wireroom.catalog.orders.checks import FILLS
from wireroom.catalog.rule import Values
from wireroom.message.envelope import Reading
from wireroom.message.read import read
from wireroom.message.write import write

TODAY = date(2026, 11, 28)
CATALOGUE = Catalogue()
ALL = list(EXPECTED)
BRADY = Brady()


def sent(code: str, *, key: str = "EPO", **other: str) -> Reading:
    """What is read of an order that leaves out all that can be worked out."""
    rest = {"NAM": "SPECIMEN, JOHN", "SEX": "M", "RAC": "W", "DOB": "19800101", "PNO": "ZZ1", "OCA": "99-1"}
    own = {field: values[0] for field, values in order(code, TRM="", EXP="").items()}
    fields = {field: value for field, value in (rest | own | other).items() if value}
    text = ".".join((key, *(f"{field}/{value}" for field, value in fields.items())))
    return read(text, CATALOGUE, ori="CA0990100", today=TODAY)


def got(reading: Reading, *codes: str) -> tuple[str, ...]:
    assert reading.message is not None, reading.faults
    return tuple(reading.message.get(code) for code in codes)


# --------------------------------------------------------------------------- by the table


@pytest.mark.parametrize("code", [code for code in ALL if EXPECTED[code].unnamed])
def test_an_order_gets_its_last_day_term_ban_and_service(code: str) -> None:
    one = EXPECTED[code]
    reading = sent(code)
    assert got(reading, "EXP", "TRM", "FRP", "SVC") == (one.unnamed, one.term, one.firearms, "2")
    assert "service Not served (worked out)" in reading.understood
    assert "type of order" in reading.understood
    assert reading.understood.count("(worked out)") == 6  # with BRD and BRW


@pytest.mark.parametrize("code", [code for code in ALL if not EXPECTED[code].unnamed])
def test_an_end_that_cannot_be_worked_out_is_asked_for(code: str) -> None:
    more = {"FOR": ", or NONEXP"}.get(code, "")
    faults = {fault.field: fault.reason for fault in sent(code, TRM="F" if code == "FOR" else "").faults}
    assert faults == {"EXP": f"is missing: {EXPECTED[code].words} names its last day{more}"}


def test_an_order_of_a_pending_case_has_no_end() -> None:
    assert got(sent("CPO", SBA="136"), "EXP") == ("NONEXP",)


def test_what_is_said_stands() -> None:
    reading = sent("EPO", EXP="20261201", FRP="N", SVC="3", BRD="U")
    assert got(reading, "EXP", "FRP", "SVC", "BRD") == ("20261201", "N", "3", "U")
    assert reading.understood.count("(worked out)") == 2  # TRM and BRW


def test_a_person_in_court_was_served_there_on_the_day_unless_another_was_named() -> None:
    assert got(sent("OAH", PRS="Y"), "SVC", "SVD", "SVM") == ("1", "20261128", "C")
    assert got(sent("OAH", PRS="Y", SVD="20261128", SVM="P"), "SVC", "SVD", "SVM") == ("1", "20261128", "P")
    assert got(sent("OAH", PRS="Y", SVC="2"), "SVC", "SVD") == ("2", "")
    later: Filled = {"PRS": ("Y",), "SVC": ("2",)}
    heard = refilled(FILLS, later, date(2026, 12, 1), ("PRS",))
    assert (heard["SVC"], heard["SVD"], heard["SVM"]) == (("1",), ("20261201",), ("C",))
    named = refilled(FILLS, {**later, "SVD": ("20261130",)}, date(2026, 12, 1), ("PRS", "SVD"))
    assert (named["SVC"], named["SVD"], named["SVM"]) == (("1",), ("20261130",), ("C",))


def test_a_condition_bars_firearms_where_the_type_does_not() -> None:
    assert got(sent("TEF", PCO="07"), "FRP") == ("Y",)
    assert FirearmsFill().fill({"TYO": ("TEF",), "PCO": ("01", "07")}, TODAY) == {"FRP": ("Y",)}


def test_what_could_not_be_read_is_not_worked_out() -> None:
    reading = sent("EPO", EXP="SOON", TYO="ZZZ")
    assert [fault.field for fault in reading.faults] == ["TYO", "EXP"]
    assert "EXP" not in filled(FILLS, {**order("EPO"), "EXP": ("",)}, TODAY)


def test_a_message_is_read_again_as_it_was_worked_out() -> None:
    """The desk and programs send what was understood, not what was typed."""
    for reading in (sent("EPO"), sent("OAH", BRD="Y"), sent("OAH", BRD="N")):
        assert reading.message is not None
        again = read(write(reading.message), CATALOGUE, ori="CA0990100", today=TODAY)
        assert again.message == reading.message


@pytest.mark.parametrize("given", [{}, {"BRD": "Y"}])
def test_why_it_is_so_is_for_nobody_to_say(given: dict[str, str]) -> None:
    [fault] = sent("OAH", BRW="HE IS A MARRIED MAN", **given).faults
    assert (fault.field, fault.reason) == ("BRW", "is worked out: leave it out") == ("BRW", WORKED_OUT)


def test_a_change_may_not_say_it_either() -> None:
    text = "MPO.FCN/0992633200001.BRW/HE IS A MARRIED MAN"
    faults = read(text, CATALOGUE, ori="CA0990100", today=TODAY).faults
    assert [(fault.field, fault.reason) for fault in faults] == [("BRW", WORKED_OUT)]


def test_only_entries_and_changes_at_the_state_have_fills() -> None:
    for key, form in CATALOGUE.forms.items():
        ours = form.files == (ORDER,) and form.verb in (Verb.ENTER, Verb.MODIFY)
        assert form.fills == (FILLS if ours else ()), key
    assert not any(form.fills for form in CATALOGUE.of(Source.NCIC).forms.values())


def test_a_fill_is_declared_in_words_and_in_toml_alike() -> None:
    for fill in FILLS:
        assert msgspec.convert(msgspec.to_builtins(fill), Fill) == fill
        assert fill.words.endswith(".")
        assert set(fill.codes) <= {field.code for field in ORDER.fields}
        assert all(code in fill.words for code in fill.always)
    assert Default("SVC", "2").words == "SVC left out is 2."
    assert TermFill().words == "TRM left out is as TYO says."
    assert "OGV, RTO, CPO, FOR must name it" in LastDay().words


# --------------------------------------------------------------------------- the federal ban

KINDS = {"OAH": True, "TRO": False, "EPO": False, "FOR-F": True, "FOR-T": False, "FOR": None}
SERVICE = {("1", ""): True, ("2", ""): False, ("3", ""): None, ("", ""): None,
           ("2", "Y"): True, ("3", "Y"): True, ("2", "N"): False, ("1", "N"): True}  # fmt: skip
RELATIONS = {"SP": True, "FS": True, "CC": True, "CO": True, "CH": True, "SC": True, "DT": False, "FD": False,
             "HM": False, "OT": False, "PA": False, "UK": None, "": None}  # fmt: skip
FINDINGS = {("Y", "05"): True, ("N", "05"): False, ("", "05"): None, ("", "01"): True, ("N", "01"): True}


def _oracle(*conditions: bool | None) -> str:
    if any(one is False for one in conditions):
        return "N"
    return "Y" if all(one is True for one in conditions) else "U"


WORDS = (
    {True: "SERVED OR IN COURT", False: "NOT SERVED", None: "SERVICE NOT KNOWN"},
    {True: "AFTER HEARING", False: "NO HEARING YET", None: "HEARING NOT KNOWN"},
    {True: "INTIMATE PARTNER OR CHILD", False: "NOT AN INTIMATE PARTNER", None: "RELATION NOT KNOWN"},
    {True: "CREDIBLE THREAT OR EXPLICIT BAN", False: "NO CREDIBLE THREAT FOUND", None: "FINDING NOT KNOWN"},
)


def _record(
    kind: str, service: tuple[str, str], relation: str, finding: tuple[str, str]
) -> dict[str, tuple[str, ...]]:
    code, _, term = kind.partition("-")
    said = {"TYO": code, "TRM": term or EXPECTED[code].term, "SVC": service[0], "PRS": service[1],
            "PPN": f"DOE, JANE;F;30;{relation}".rstrip(";"), "FND": finding[0], "PCO": finding[1]}  # fmt: skip
    return {field: (value,) for field, value in said.items() if value}


@pytest.mark.parametrize("kind", KINDS)
def test_the_ban_is_as_its_four_conditions_together(kind: str) -> None:
    for service, relation, finding in product(SERVICE, RELATIONS, FINDINGS):
        facts = (SERVICE[service], KINDS[kind], RELATIONS[relation], FINDINGS[finding])
        verdict = _oracle(*facts)
        decides = {"Y": True, "N": False, "U": None}[verdict]
        why = "; ".join(words[fact] for words, fact in zip(WORDS, facts, strict=True) if fact is decides)
        values = _record(kind, service, relation, finding)
        assert BRADY.fill(values, TODAY) == {"BRD": (verdict,), "BRW": (f"{verdict}: {why}",)}, values
        for given in {"Y", "N", "U"} - {verdict}:
            said = BRADY.fill({**values, "BRD": (given,)}, TODAY)
            assert said == {"BRW": (f"GIVEN AS {given}, BUT {verdict}: {why}",)}


def test_one_partner_among_the_protected_is_enough_and_one_unknown_leaves_it_open() -> None:
    def verdict(*relations: str) -> str:
        persons = tuple(f"DOE, JANE;F;30;{relation}" for relation in relations)
        return BRADY.verdict({**_record("OAH", ("1", ""), "", ("Y", "01")), "PPN": persons})

    assert verdict("OT", "SP") == "Y"
    assert verdict("OT", "UK") == "U"
    assert verdict("OT", "NB") == "N"


def test_an_order_that_protects_nobody_is_of_no_partner() -> None:
    values = {"TYO": ("OGV",), "SVC": ("1",), "PCO": ("07",)}
    assert BRADY.fill(values, TODAY)["BRW"] == ("N: NOT AN INTIMATE PARTNER",)
    assert BRADY.verdict({**values, "TYO": ("OAH",), "FND": ("Y",)}) == "U", "whom it protects is not known"


def test_the_reason_fits_its_field() -> None:
    longest = "GIVEN AS Y, BUT N: " + "; ".join(words[False] for words in WORDS)
    assert ORDER.field("BRW").kind.read(longest, TODAY) == longest


# --------------------------------------------------------------------------- after a change

ENTERED = order("OAH", BRD="N", BRW="N: NOT SERVED", SVC="2", FRP="Y", FND="Y")


def after(said: Values, before: Values = ENTERED) -> tuple[str, str]:
    values = refilled(FILLS, {**before, **said}, TODAY, said)
    return values["BRD"][0], values["BRW"][0]


def test_what_was_worked_out_follows_a_change() -> None:
    served = after({"SVC": ("1",)})
    assert served == ("Y", "Y: SERVED OR IN COURT; AFTER HEARING; INTIMATE PARTNER OR CHILD; CREDIBLE THREAT OR "
                           "EXPLICIT BAN")  # fmt: skip
    assert after({"PPN": ("DOE, JANE;F;30;NB",)}) == ("N", "N: NOT SERVED; NOT AN INTIMATE PARTNER")


def test_what_was_given_against_the_conditions_stands_until_another_is_given() -> None:
    given = {"BRD": ("Y",)}
    assert after(given) == ("Y", "GIVEN AS Y, BUT N: NOT SERVED")
    before = refilled(FILLS, {**ENTERED, **given}, TODAY, given)
    assert after({"PPN": ("DOE, JANE;F;30;NB",)}, before) == (
        "Y", "GIVEN AS Y, BUT N: NOT SERVED; NOT AN INTIMATE PARTNER",
    )  # fmt: skip
    assert after({"BRD": ("N",)}, before) == ("N", "N: NOT SERVED")


def test_all_else_is_worked_out_again_only_where_it_is_gone() -> None:
    changed = refilled(FILLS, {**ENTERED, "ISD": ("20261120",), "EXP": ("20281120",)}, TODAY, ("ISD", "EXP"))
    assert (changed["EXP"], changed["FRP"]) == (("20281120",), ("Y",))
    gone = {code: value for code, value in ENTERED.items() if code not in ("EXP", "FRP", "TRM", "SVC")}
    again = refilled(FILLS, gone, TODAY, ())
    assert [again[code] for code in ("EXP", "FRP", "TRM", "SVC")] == [("20291128",), ("Y",), ("F",), ("2",)]


def test_a_record_that_nobody_fills_stays_as_it_is() -> None:
    assert refilled((), {"LIC": ("7ABC123",)}, TODAY, ("LIC",)) == {"LIC": ("7ABC123",)}
