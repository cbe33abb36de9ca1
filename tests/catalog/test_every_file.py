"""The contract that every declared file keeps, whoever declared it: a new file is judged here without a new test."""

from __future__ import annotations

import json
from random import Random

import pytest

from tests.catalog.inventing import (
    ORI,
    TODAY,
    Pairs,
    broken,
    fields_of,
    forms_of,
    full,
    replaced,
    text_of,
    with_bicycles,
    without,
)
from wireroom.catalog.broadcast import Broadcast
from wireroom.catalog.file import Field, File, Source, Verb
from wireroom.catalog.index import NUMBERED_BY, Form
from wireroom.catalog.kinds import Bad, Code, Prose
from wireroom.catalog.kinds_of_number import Fcn
from wireroom.catalog.reach import STATEWIDE
from wireroom.catalog.rules import (
    AtLeastOne,
    CourtOfKind,
    Elsewhere,
    EstimatedIsGiven,
    Excludes,
    KindNeeds,
    LawfulLife,
    Needs,
    NotBefore,
    OneOf,
    OnlyWith,
    Rule,
    TermOfKind,
    Together,
)
from wireroom.catalog.tables import table
from wireroom.message.envelope import Reading
from wireroom.message.read import read
from wireroom.message.write import write

CATALOGUE = with_bicycles()
FORMS = [pytest.param(form, id=key) for key, form in CATALOGUE.forms.items()]
ENTRIES = [pytest.param(form, id=form.key) for form in CATALOGUE.forms.values() if form.verb is Verb.ENTER]
INQUIRIES = [
    pytest.param(form, id=form.key) for form in CATALOGUE.forms.values() if form.verb is Verb.INQUIRE
]
FIELDS = [pytest.param(field, id=name) for name, field in fields_of(CATALOGUE)]
ASKED = [
    pytest.param(file, form, way, id=f"{form.key}-{file.code}-{'+'.join(way)}")
    for file, form in forms_of(CATALOGUE)
    if form.verb is Verb.INQUIRE
    for way in file.ways(form.key)
]
RULES = [
    pytest.param(form, rule, id=f"{form.key}-{place}-{type(rule).__name__}")
    for form in CATALOGUE.forms.values()
    for place, rule in enumerate(form.rules)
    if not isinstance(rule, Needs)
    or dict(form.says).get(rule.field, rule.values[0]) in rule.values  # it can be broken
]


def _read(text: str) -> Reading:
    return read(text, CATALOGUE, ori=ORI, today=TODAY)


def sent(form: Form, pairs: Pairs) -> list[Field]:
    """The fields of a message: all of its form, but those that are worked out."""
    return [field for field in form.fields if field.code in dict(pairs)]


def _faulty(reading: Reading) -> set[str]:
    assert reading.message is None
    return {fault.field for fault in reading.faults}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_invented_reads_and_writes_back_the_same(form: Form) -> None:
    dice = Random(form.key)
    for _ in range(20):
        pairs = full(form, dice)
        reading = _read(text_of(form, pairs))
        assert reading.faults == ()
        assert reading.message is not None
        assert reading.message.fields == tuple(pairs)
        assert _read(write(reading.message)).message == reading.message
        assert reading.understood


@pytest.mark.parametrize("form", FORMS)
def test_each_required_field_is_missed_by_name(form: Form) -> None:
    pairs = full(form, Random(1))
    for field in form.required:
        reading = _read(text_of(form, without(pairs, field.code)))
        assert field.code in _faulty(reading)
        words = next(fault.reason for fault in reading.faults if fault.field == field.code)
        assert field.title in words
        assert field.kind.words in words


@pytest.mark.parametrize("form", FORMS)
def test_every_bad_code_is_told_at_once(form: Form) -> None:
    pairs = full(form, Random(2))
    codes = {field.code for field in form.fields if isinstance(field.kind, Code)}
    for code in codes:
        pairs = replaced(pairs, code, "NO SUCH CODE")
    assert codes <= _faulty(_read(text_of(form, pairs)))


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_field_is_refused_by_name(form: Form) -> None:
    pairs = full(form, Random(3))
    for field in sent(form, pairs):
        assert field.code in _faulty(_read(text_of(form, replaced(pairs, field.code, ""))))


@pytest.mark.parametrize("form", FORMS)
def test_a_field_that_stands_too_often_is_refused_by_name(form: Form) -> None:
    pairs = full(form, Random(4))
    for field in form.fields:
        if not isinstance(field.kind, Prose):
            often = [(field.code, field.kind.invent(Random(5), TODAY))] * field.many
            assert field.code in _faulty(_read(text_of(form, often + pairs)))


@pytest.mark.parametrize("form", FORMS)
def test_a_value_longer_than_its_kind_allows_is_refused(form: Form) -> None:
    pairs = full(form, Random(6))
    for field in sent(form, pairs):
        long = "A" * (field.kind.length_max + 1)
        assert field.code in _faulty(_read(text_of(form, replaced(pairs, field.code, long))))


@pytest.mark.parametrize("form", FORMS)
def test_a_field_that_the_key_does_not_take_is_refused_by_name(form: Form) -> None:
    reading = _read(f"{form.key}.ZZZZ/1." + text_of(form, full(form, Random(7))).partition(".")[2])
    assert "ZZZZ" in _faulty(reading)


@pytest.mark.parametrize(("file", "form", "way"), ASKED)
def test_an_inquiry_by_each_way_reads_and_goes_to_whoever_holds_the_file(
    file: File, form: Form, way: tuple[str, ...]
) -> None:
    codes = (*way, *(field.code for field in form.required))  # the reason, where the key asks for one
    pairs = [(code, form.by_code[code].kind.invent(Random(8), TODAY)) for code in codes]
    reading = _read(text_of(form, pairs))
    assert reading.message is not None, reading.faults
    legs = CATALOGUE.legs(form.key, frozenset(way))
    abroad = (
        {file.abroad.to} if file.abroad is not None else set()
    )  # who is asked where another state is named
    assert {leg.source for leg in legs if file in leg.files} == set(file.held_by) - abroad
    assert [leg.source for leg in legs] == sorted((leg.source for leg in legs), key=list(Source).index)
    for leg in legs:
        assert leg.key in CATALOGUE.forms, "the holder's own key is declared"


@pytest.mark.parametrize("form", INQUIRIES)
def test_an_inquiry_by_nothing_that_finds_is_refused(form: Form) -> None:
    found_by = {code for rule in form.rules for code in rule.codes}
    pairs = without(full(form, Random(9)), *found_by)
    reading = _read(text_of(form, pairs))
    assert reading.message is None
    assert any("give" in fault.reason for fault in reading.faults)


@pytest.mark.parametrize("form", ENTRIES)
def test_a_record_that_is_entered_can_be_changed_and_ended_by_its_number(form: Form) -> None:
    (file,) = form.files
    number = (NUMBERED_BY[Source.STATE], Fcn().invent(Random(12), TODAY))
    for key in filter(None, (file.modify, file.locate, file.clear, file.cancel)):
        after = CATALOGUE.forms[key]
        assert after.field(number[0]) is not None
        pairs = without(full(after, Random(12)), *NUMBERED_BY.values())
        assert _read(text_of(after, [number, *pairs])).faults == ()
        assert number[0] in _faulty(_read(text_of(after, pairs))), "without a number it is of no record"


@pytest.mark.parametrize(("form", "rule"), RULES)
def test_a_broken_rule_is_told_with_the_field_that_would_mend_it(form: Form, rule: Rule) -> None:
    pairs = _breaking(form, rule)
    faults = set(rule.check({code: (value,) for code, value in pairs}))
    assert faults
    assert {code for code, _ in faults} <= set(form.by_code)
    reading = _read(text_of(form, pairs))
    assert reading.message is None
    assert all(fault.reason for fault in reading.faults)
    if not {field.code for field in form.required} - {code for code, _ in pairs}:
        assert faults <= {(fault.field, fault.reason) for fault in reading.faults}


def _breaking(form: Form, rule: Rule) -> Pairs:
    """Values that break one rule: all fields, less what the rule asks for."""
    pairs = full(form, Random(10))
    if isinstance(rule, OneOf):
        return without(pairs, *(group[0] for group in rule.sets))
    if isinstance(rule, AtLeastOne):
        return without(pairs, *rule.fields)
    if isinstance(rule, Together):
        return without(pairs, *rule.fields[1:])
    if isinstance(rule, Needs):
        return without(replaced(pairs, rule.field, rule.values[0]), rule.needs)
    if isinstance(rule, OnlyWith):
        return replaced(pairs, rule.other, _another(form.by_code[rule.other], rule.values))
    if isinstance(rule, Excludes):
        return replaced(replaced(pairs, rule.field, rule.values[0]), rule.other, rule.those[0])
    if isinstance(rule, Broadcast):  # what goes to many says what it is
        return without(replaced(pairs, rule.to, STATEWIDE), rule.subject)
    if isinstance(rule, Elsewhere):
        pairs = replaced(pairs, rule.field, next(iter(table(rule.places))))
        return without(pairs, *(group[-1] for group in rule.sets))
    if isinstance(rule, NotBefore):
        early, late = sorted([dict(pairs)[rule.field], dict(pairs)[rule.first]])
        return replaced(replaced(pairs, rule.field, early), rule.first, late)
    return _unlawful(form, rule, pairs)


def _another(field: Field, values: tuple[str, ...]) -> str:
    """A value of the field that is none of these."""
    assert isinstance(field.kind, Code)
    return next(code for code in table(field.kind.table) if code not in values)


def _unlawful(form: Form, rule: Rule, pairs: Pairs) -> Pairs:
    """Values of an order that break one rule about orders. What the key says by itself is left as it is."""
    said = dict(form.says)
    if isinstance(rule, EstimatedIsGiven):
        return without(replaced(pairs, rule.field, "HGT"), "HGT")
    if isinstance(rule, KindNeeds):
        return without(replaced(pairs, rule.kind, said.get(rule.kind, "TRO")), "HRD", "RQO")
    if isinstance(rule, CourtOfKind):
        return replaced(pairs, rule.court, "CA0990100")
    if isinstance(rule, TermOfKind):
        final = replaced(pairs, rule.kind, said.get(rule.kind, "OAH"))
        return replaced(final, rule.term, "F" if rule.kind in said else "T")
    assert isinstance(rule, LawfulLife)
    return replaced(pairs, rule.ends, "19990101")


@pytest.mark.parametrize("field", FIELDS)
def test_every_kind_keeps_its_promises_in_every_field(field: Field) -> None:
    dice = Random(field.code)
    assert field.title.strip() == field.title != ""
    assert field.kind.words
    assert field.kind.read(field.kind.example, TODAY) == field.kind.example, "the manual's example is good"
    for _ in range(50):
        value = field.kind.invent(dice, TODAY)
        assert field.kind.read(value, TODAY) == value, "what is invented is canonical"
        assert len(value) <= field.kind.length_max
        stored = json.loads(json.dumps(field.kind.store(value)))
        assert field.kind.load(stored) == value, "what is stored is loaded as it was"
        assert field.kind.show(value)
        assert field.kind.say(value)
        if not isinstance(field.kind, Prose):
            assert "." not in value, "a period ends a field"
            assert field.kind.read(f" {value.lower()} ", TODAY) == value, (
                "blanks and small letters do not matter"
            )
    assert isinstance(field.kind.read("", TODAY), Bad)
    assert isinstance(field.kind.read(" \t\n", TODAY), Bad)


@pytest.mark.parametrize("file", CATALOGUE.files.values(), ids=lambda file: file.code)
def test_a_file_says_what_the_reader_of_a_hit_must_do(file: File) -> None:
    assert file.title
    assert bool(file.hit) == bool(file.confirm), "a hit is confirmed before anybody acts on it"
    assert file.hit == file.hit.upper()
    assert file.headline
    for one in file.called:
        assert one.hit == one.hit.upper()
        assert one.confirm == one.confirm.upper()


def test_the_invented_values_obey_the_rules() -> None:
    for form in CATALOGUE.forms.values():
        assert broken(form, full(form, Random(11))) == []
