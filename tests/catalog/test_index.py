"""Claims about the index: what follows from the declarations, and what cannot stand beside what is there."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest

from tests.catalog.inventing import with_bicycles
from wireroom.catalog.file import Also, Field, File, Source, Verb
from wireroom.catalog.files.vehicle import VEHICLE
from wireroom.catalog.files.wanted import WANTED
from wireroom.catalog.index import COURTESY, ENVELOPE, FILES, NAMES_REQUESTER, NOTICES, Catalogue, name_fields
from wireroom.catalog.kinds import Code, Prose, Text
from wireroom.catalog.kinds_of_number import Serial
from wireroom.catalog.rules import Elsewhere

THING = File(
    code="thing",
    title="Thing",
    inquire="QTH",
    enter="ETH",
    clear="CTH",
    fields=(Field("TAG", "tag", Serial(index="TAG"), required=True), Field("NOTE", "notes", Prose())),
    found_by=(("TAG",),),
)


def sources(key: str, *given: str) -> list[tuple[str, str]]:
    return [(leg.source.value, leg.key) for leg in Catalogue().legs(key, frozenset(given))]


def test_every_file_and_key_is_there_once() -> None:
    catalogue = Catalogue()
    assert list(catalogue.files) == [file.code for file in FILES]
    assert list(catalogue.notices) == [notice.key for notice in NOTICES]
    for file in FILES:
        assert all(file in catalogue.forms[key].files for key in file.inquiries)
        entered = [one.key for one in file.enters]
        changed = filter(
            None, (file.modify, file.supplement, file.strike, file.locate, file.clear, file.cancel)
        )
        for key in (*entered, *changed, *(report.key for report in file.reports)):
            for source in Source:
                form = catalogue.of(source).forms.get(key)
                ours = any(one.key == key and one.ours for one in file.enters)
                there = source in file.held_by and (source is Source.STATE or not ours)
                assert (form is not None and form.files == (file,)) == there


@pytest.mark.parametrize(
    ("key", "given", "asked"),
    [
        ("QV", ["LIC", "LIS"], [("STATE", "QV"), ("DMV", "RQ"), ("NCIC", "QV")]),
        ("QV", ["FCN"], [("STATE", "QV")]),
        ("QV", ["NIC"], [("STATE", "QV"), ("NCIC", "QV")]),  # the state keeps the NIC of what it told NCIC
        ("QW", ["NAM", "DOB"], [("STATE", "QW"), ("DMV", "DQ"), ("NCIC", "QW")]),
        ("QW", ["SOC"], [("STATE", "QW"), ("NCIC", "QW")]),
        ("RQ", ["LIC"], [("DMV", "RQ")]),
        ("RQ", ["OWN", "CTY"], [("DMV", "RQ")]),
        ("RQ", ["OWN"], []),
        ("KQ", ["OLN"], [("DMV", "KQ")]),
        ("QV", ["SER"], [("STATE", "QV"), ("NCIC", "QV")]),
        ("QB", ["REG"], [("STATE", "QB"), ("DMV", "BQ"), ("NCIC", "QB")]),
        ("QB", ["CGD"], [("STATE", "QB"), ("NCIC", "QB")]),
        ("QG", ["SER"], [("STATE", "QG"), ("NCIC", "QG")]),
        ("QGH", ["NAM"], [("STATE", "QGH")]),
        ("QA", ["OAN"], [("STATE", "QA"), ("NCIC", "QA")]),
        ("QO", ["LOC"], [("NCIC", "QO")]),
        ("DQ", ["OLN"], [("STATE", "DQ"), ("DMV", "DQ"), ("NCIC", "DQ")]),
        ("QV", ["LIS"], []),
    ],
)
def test_the_catalogue_says_who_is_asked(key: str, given: list[str], asked: list[tuple[str, str]]) -> None:
    assert sources(key, *given) == asked


NORA = (("NAM", "SPECIMEN, NORA"), ("DOB", "19870704"), ("SEX", "F"))


@pytest.mark.parametrize(
    ("key", "fields", "asked"),
    [
        ("DQ", [("OLN", "ZZ1"), ("OLS", "NV")], [("STATE", "DQ"), ("NLETS NV", "DQ"), ("NCIC", "DQ")]),
        ("DQ", [*NORA, ("OLS", "NV")], [("STATE", "DQ"), ("NLETS NV", "DQ"), ("NCIC", "DQ")]),
        ("DQ", [("OLN", "ZZ1"), ("OLS", "CA")], [("STATE", "DQ"), ("DMV", "DQ"), ("NCIC", "DQ")]),
        ("DQ", [("OLN", "ZZ1"), ("OLS", "ON")], [("STATE", "DQ"), ("DMV", "DQ"), ("NCIC", "DQ")]),
        (
            "DQ",
            [("OLN", "ZZ1"), ("OLS", "NV"), ("OLS", "CA"), ("OLS", "AZ"), ("OLS", "NV")],
            [("STATE", "DQ"), ("DMV", "DQ"), ("NLETS NV", "DQ"), ("NLETS AZ", "DQ"), ("NCIC", "DQ")],
        ),
        ("DQ", [("FCN", "0992606100001"), ("OLS", "NV")], [("STATE", "DQ")]),
        ("KQ", [("OLN", "ZZ1"), ("OLS", "NV")], [("NLETS NV", "KQ")]),
        ("RQ", [("LIC", "7QQQ001"), ("LIS", "NV")], [("NLETS NV", "RQ")]),
        ("RQ", [("VIN", "0WRABCDE1SW900811"), ("LIS", "NV")], [("NLETS NV", "RQ")]),
        ("RQ", [("LIC", "7QQQ001"), ("LIS", "CA")], [("DMV", "RQ")]),
        ("RQ", [("LIC", "7QQQ001"), ("LIS", "NV"), ("LIS", "CA")], [("DMV", "RQ"), ("NLETS NV", "RQ")]),
        ("QV", [("LIC", "7QQQ001"), ("LIS", "NV")], [("STATE", "QV"), ("NLETS NV", "RQ"), ("NCIC", "QV")]),
        ("QW", [*NORA, ("OLS", "NV")], [("STATE", "QW"), ("NLETS NV", "DQ"), ("NCIC", "QW")]),
        ("QW", [*NORA, ("LIS", "NV")], [("STATE", "QW"), ("DMV", "DQ"), ("NCIC", "QW")]),
        ("PTQ", [("LIC", "7QQQ001"), ("LIS", "NV")], [("DMV", "PTQ")]),  # that no other state is asked
    ],
)
def test_the_state_that_is_named_says_who_is_asked(
    key: str, fields: list[tuple[str, str]], asked: list[tuple[str, str]]
) -> None:
    assert [(leg.name, leg.key) for leg in Catalogue().asked(key, fields)] == asked


def test_our_own_neighbours_are_told_of_our_own_state_alone() -> None:
    asked = [("LIC", "7QQQ001"), ("LIS", "NV"), ("LIS", "CA"), ("LIS", "AZ")]
    legs = Catalogue().asked("QV", asked)
    told = {leg.name: leg.states for leg in legs}
    assert told == {
        "STATE": (),
        "DMV": (("LIS", "CA"),),
        "NLETS NV": (("LIS", "NV"),),
        "NLETS AZ": (("LIS", "AZ"),),
        "NCIC": (),
    }
    assert [leg.name for leg in legs if leg.abroad] == ["NLETS NV", "NLETS AZ"]


def test_only_the_files_own_key_takes_several_states_and_the_rule_about_them() -> None:
    forms = Catalogue().forms
    many = {key: field.many for key in ("DQ", "QW", "KQ") if (field := forms[key].field("OLS"))}
    assert many == {"DQ": 5, "QW": 1, "KQ": 1}
    assert forms["RQ"].by_code["LIS"].many == 5
    assert forms["QV"].by_code["LIS"].many == 1
    ruled = {key for key, form in forms.items() for rule in form.rules if isinstance(rule, Elsewhere)}
    assert ruled == {"DQ", "KQ", "RQ"}
    assert not any(isinstance(rule, Elsewhere) for rule in Catalogue().of(Source.DMV).forms["DQ"].rules)


def test_legs_are_remembered_and_the_same() -> None:
    catalogue = Catalogue()
    assert catalogue.legs("QV", frozenset({"LIC"})) is catalogue.legs("QV", frozenset({"LIC"}))


def test_what_is_remembered_grows_with_states_that_are_asked_and_not_with_ours() -> None:
    catalogue = Catalogue()
    here = [catalogue.asked("QV", (("LIC", f"7QQQ{n:03}"), ("LIS", "CA"))) for n in range(3)]
    here.append(catalogue.legs("QV", frozenset({"LIC", "LIS"})))
    assert all(one is here[0] for one in here)
    away = [catalogue.asked("QV", (("LIC", f"7QQQ{n:03}"), ("LIS", "NV"))) for n in range(3)]
    assert all(one is away[0] for one in away)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"code": "vehicle"}, "vehicle: there is a file of that code already"),
        ({"enter": "EV"}, "the key EV is declared twice: Enter: stolen vehicle and Enter: thing"),
        ({"enter": "AM"}, "the key AM is declared twice"),
        ({"inquire": "CV"}, "the key CV is declared twice"),
        ({"clear": "ETH"}, "the key ETH is declared twice"),
        (
            {"inquire": "QV", "found_by": (("LIC",),), "fields": (Field("LIC", "plate", Serial()),)},
            "thing: under QV another file has LIC already, as another kind of value",
        ),
    ],
)
def test_what_is_taken_is_refused(changed: dict[str, object], words: str) -> None:
    file = msgspec.structs.replace(THING, **changed)
    with pytest.raises(ValueError, match=words):
        Catalogue().with_files([file])


def test_a_local_file_adds_its_keys_and_changes_no_other() -> None:
    before, after = Catalogue(), with_bicycles()
    assert set(after.forms) - set(before.forms) == {"EBI", "MBI", "CBI", "XBI", "QBI"}
    for key, form in before.forms.items():
        taken = (*form.files, *((after.files["bicycle"],) if key in ("VFY", "VAL", "RST", "WL") else ()))
        assert after.forms[key] == msgspec.structs.replace(form, files=taken), (
            "only the shared keys take one more"
        )
    assert "bicycle" not in before.files


def test_a_local_file_may_answer_an_inquiry_that_is_there() -> None:
    file = msgspec.structs.replace(
        THING, answers=(Also("QV", ("TAG",)),), enter="", clear="", held_by=(Source.NCIC,)
    )
    catalogue = Catalogue().with_files([file])
    assert catalogue.forms["QV"].field("TAG") is not None
    assert [leg.source for leg in catalogue.legs("QV", frozenset({"TAG"}))] == [Source.NCIC]


def codes(fields: Iterable[Field]) -> list[str]:
    return [field.code for field in fields]


def test_a_form_has_its_own_fields_then_the_envelope_and_prose_last() -> None:
    form = Catalogue().with_files([THING]).forms["ETH"]
    assert codes(form.fields) == ["TAG", *codes(COURTESY), *codes(ENVELOPE), "NOTE"]
    assert codes(form.required) == ["TAG"]
    assert list(form.by_code) == codes(form.fields)
    assert form.field("NOPE") is None
    assert [form.places[code] for code in codes(form.fields)] == list(range(len(form.fields)))


def test_an_inquiry_requires_nothing_but_something() -> None:
    form = Catalogue().forms["QV"]
    assert form.required == ()
    assert form.title.startswith("Inquire: stolen vehicle, ")
    assert {"wanted person", "stolen licence plate", "vehicle registration"} <= set(form.title.split(", "))
    rule, names_requester = form.rules
    assert names_requester is NAMES_REQUESTER
    assert rule.words == "Give LIC or VIN or ENG or OAN or SER or FCN or NIC."


@pytest.mark.parametrize(
    ("holder", "numbers"), [(Source.STATE, ["FCN", "NIC"]), (Source.NCIC, ["NIC", "FCN"])]
)
def test_a_change_asks_for_either_number_and_for_something_to_change(
    holder: Source, numbers: list[str]
) -> None:
    form = Catalogue().of(holder).forms["MV"]
    assert form.verb is Verb.MODIFY
    assert codes(form.required) == []
    assert [rule.words for rule in form.rules][:1] == [f"Give {' or '.join(numbers)}."]
    assert codes(form.fields) == [*numbers, *codes(VEHICLE.fields), *codes(ENVELOPE)]


def test_a_record_that_ncic_has_not_is_changed_by_the_number_of_the_state_alone() -> None:
    form = Catalogue().forms["MPN"]
    assert codes(form.required) == ["FCN"]
    assert form.field("NIC") is None


def test_a_key_that_says_something_requires_it_of_nobody_and_takes_no_denial() -> None:
    form = Catalogue().forms["ERG"]
    assert form.says == (("CAT", "R"),)
    field = form.field("CAT")
    assert field is not None
    assert not field.required
    assert field.kind == Code(table="gun_category", among=("R",), sample="R")
    plain = Catalogue().forms["EG"].field("CAT")
    assert plain is not None
    assert plain.required


def test_the_state_alone_places_stops_and_numbers_what_it_tells_another_holder() -> None:
    catalogue = Catalogue()
    assert not {"EST", "MST", "CST"} & set(catalogue.forms)
    assert {"EST", "MST", "CST"} <= set(catalogue.of(Source.DMV).forms)
    told = catalogue.of(Source.NCIC).forms["EV"]
    assert told.field("FCN") is not None
    assert told.field("CTA") is None


def test_the_catalogue_cannot_be_changed() -> None:
    catalogue = Catalogue()
    with pytest.raises(TypeError):
        catalogue.forms["XX"] = catalogue.forms["QV"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        catalogue.forms["QV"].title = "Other"  # type: ignore[misc]


def test_the_names_of_a_file_are_known() -> None:
    assert name_fields(WANTED)[:2] == ("NAM", "AKA")
    assert name_fields(THING) == ()
    assert isinstance(THING.fields[0].kind, Serial)
    assert not isinstance(THING.fields[0].kind, Text)


def test_a_catalogue_as_another_holder_has_it_is_made_once() -> None:
    catalogue = Catalogue()
    assert catalogue.of(Source.STATE) is catalogue
    assert catalogue.of(Source.NCIC) is catalogue.of(Source.NCIC)
    assert catalogue.of(Source.NCIC).holder is Source.NCIC
