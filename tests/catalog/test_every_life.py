"""The contract of a record's whole life: what keys say, how long it stays, what it is called, who else is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import pytest

from tests.catalog.inventing import ORI, TODAY, broken, full, text_of, with_bicycles, without
from wireroom.catalog import files
from wireroom.catalog.file import TOLD, File, Forward, Keep, Source, Verb
from wireroom.catalog.index import NUMBERED_BY, Catalogue, Form
from wireroom.catalog.kinds import Code
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.catalog.kinds_of_time import Day, Hour, Year
from wireroom.catalog.tables import table
from wireroom.catalog.when import When
from wireroom.message.read import read

LINES_MAX = 80
MARKS = ("sourced", "general knowledge", "ours", "our choice")
TRIES = 40

CATALOGUE = with_bicycles()
HELD: dict[Source, Catalogue] = {source: CATALOGUE.of(source) for source in Source}
FILES = [pytest.param(file, id=file.code) for file in CATALOGUE.files.values()]
ENTERED = [pytest.param(file, id=file.code) for file in CATALOGUE.files.values() if file.enters]
OF_OTHERS = [
    pytest.param(source, form, id=f"{source}-{key}")
    for source, catalogue in HELD.items()
    if source is not Source.STATE
    for key, form in catalogue.forms.items()
    if form.verb not in (Verb.INQUIRE, Verb.MESSAGE)
]
SAID = [
    pytest.param(source, form, id=f"{source}-{key}")
    for source, catalogue in HELD.items()
    for key, form in catalogue.forms.items()
    if form.says
]
FORWARDS = [
    pytest.param(file, one, id=f"{file.code}-{one.to}")
    for file in CATALOGUE.files.values()
    for one in file.forwards
]
MODULES = [
    path
    for path in sorted(Path(files.__file__).parent.glob("*.py"))
    if path.stem not in ("__init__", "shared")
]


def conditions(file: File) -> Iterator[When]:
    """Everything that a file makes depend on a value."""
    yield from (one.when for one in file.called)
    groups: list[Iterable[When]] = [one.when for one in (file.keep, *file.keep_if)]
    groups += [late.when for late in file.late]
    groups += [told.when for told in file.forwards]
    groups += [barred.when for barred in file.prohibits]
    for group in (*groups, file.arms or ()):
        yield from group


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_file_is_read_at_a_glance(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) < LINES_MAX


def test_every_module_of_the_folder_is_a_file_of_the_catalogue() -> None:
    assert {files.declared(path.stem).code for path in MODULES} == set(Catalogue().files)


@pytest.mark.parametrize("file", FILES)
def test_a_condition_names_codes_that_its_field_can_have(file: File) -> None:
    for when in conditions(file):
        if when.field in TOLD:  # what an answer says beside the fields
            continue
        kind = file.field(when.field).kind
        if isinstance(kind, Code):
            assert set(when.values) <= set(table(kind.table)), when
        else:
            assert all(kind.read(value, TODAY) == value for value in when.values), when


@pytest.mark.parametrize("file", FILES)
def test_no_name_of_a_match_hides_another(file: File) -> None:
    """Each one is reached by some value, for the first that fits counts."""
    for place, one in enumerate(file.called):
        values = one.when.values or ("",)
        if one.when.lacks:
            continue
        assert any(
            file.named({one.when.field: (value,)}) == (one.hit, one.confirm)
            and not any(before.when.holds({one.when.field: (value,)}) for before in file.called[:place])
            for value in values
        ), one


@pytest.mark.parametrize(("source", "form"), OF_OTHERS)
def test_every_key_of_another_holder_reads_what_is_invented(source: Source, form: Form) -> None:
    dice = Random(form.key)
    for _ in range(10):
        reading = read(text_of(form, full(form, dice)), HELD[source], ori=ORI, today=TODAY)
        assert reading.faults == ()


@pytest.mark.parametrize(("source", "form"), SAID)
def test_a_key_says_it_by_itself_and_takes_no_denial(source: Source, form: Form) -> None:
    (file,) = form.files
    codes = [code for code, _ in form.says]
    pairs = without(full(form, Random(1)), *codes)
    reading = read(text_of(form, pairs), HELD[source], ori=ORI, today=TODAY)
    assert reading.message is not None, reading.faults
    assert [(code, reading.message.get(code)) for code in codes] == list(form.says)
    for code, said in form.says:
        kind = file.field(code).kind
        assert isinstance(kind, Code)
        other = next(one for one in table(kind.table) if one != said)
        text = text_of(form, [(code, other), *pairs])
        assert code in {fault.field for fault in read(text, HELD[source], ori=ORI, today=TODAY).faults}


@pytest.mark.parametrize("file", ENTERED)
def test_a_further_key_asks_for_what_it_needs(file: File) -> None:
    for source in file.held_by:
        for one in file.enters:
            if one.ours and source is not Source.STATE:
                assert one.key not in HELD[source].forms
                continue
            form = HELD[source].forms[one.key]
            assert set(one.needs) <= {field.code for field in form.required}
            assert form.files == (file,)
            assert form.title


@pytest.mark.parametrize("file", ENTERED)
def test_every_period_says_where_it_comes_from(file: File) -> None:
    for one in (file.keep, *file.keep_if):
        assert one.mark.startswith(MARKS), one
        assert one.when or one is file.keep, "a period without a condition hides those behind it"
        _counts_from_what_can_be_counted(file, one)


def _counts_from_what_can_be_counted(file: File, one: Keep) -> None:
    for code in filter(None, (one.since, one.until)):
        assert isinstance(file.field(code).kind, Day)
    if one.year_of:
        kind = file.field(one.year_of).kind
        assert isinstance(kind, Year)
        endless = {one.year_of: ("NX",)}
        assert not kind.endless or file.kept(endless) is not one, (
            "a year that never ends has a period of its own"
        )
    assert not (one.year_of and (one.since or one.until))


@pytest.mark.parametrize("file", FILES)
def test_lateness_is_counted_from_a_day(file: File) -> None:
    for one in file.late:
        assert isinstance(file.field(one.field).kind, Day)
        assert not one.time or isinstance(file.field(one.time).kind, Hour)
        assert one.within_days or one.within_hours or one.within_court_days
        assert one.mark.startswith(MARKS)


@pytest.mark.parametrize("file", FILES)
def test_what_is_concealed_is_told_by_no_other_way(file: File) -> None:
    """Not in the line that describes a record; and who conceals it is shown."""
    for one in file.conceals:
        assert one.hides
        assert one.when not in one.hides
        assert not set(one.hides) & set(file.headline)


@pytest.mark.parametrize("file", ENTERED)
def test_two_entries_of_one_thing_can_be_told(file: File) -> None:
    """By fields of which at least one is an index, for otherwise the other is never looked at."""
    for group in file.same:
        kinds = [file.field(code).kind for code in group]
        assert any(kind.identifies or isinstance(kind, PersonName) for kind in kinds), group


@pytest.mark.parametrize(("file", "forward"), FORWARDS)
def test_who_else_is_told_can_take_it(file: File, forward: Forward) -> None:
    assert forward.to in Source
    assert forward.to is not Source.STATE
    assert Source.STATE in file.held_by, "the state tells what it holds"
    there = CATALOGUE.files[forward.file or file.code]
    assert forward.to in there.held_by
    assert there.enters
    assert there.clear or there.cancel, "what is told can be taken back"
    assert set(forward.fields) <= {field.code for field in there.fields}
    if there is file:
        assert {one.key for one in file.enters if not one.ours} <= set(HELD[forward.to].forms)


@pytest.mark.parametrize(("file", "forward"), FORWARDS)
def test_what_is_told_is_a_valid_record_there(file: File, forward: Forward) -> None:
    """Whenever its conditions hold and one of its sets is there, with nothing else that may be left out."""
    there = CATALOGUE.files[forward.file or file.code]
    told = {field.code for field in there.fields} & set(
        forward.fields or [field.code for field in there.fields]
    )
    form = HELD[forward.to].forms[there.enters[0].key]
    tried = 0
    for seed in range(TRIES):
        for group in forward.needs or ((),):
            pairs = _least(CATALOGUE.forms[file.enters[0].key], group, Random(seed))
            if pairs is None or not all(when.holds(_values(pairs)) for when in forward.when):
                continue
            tried += 1
            sent = [pair for pair in pairs if pair[0] in told]
            reading = read(text_of(form, sent), HELD[forward.to], ori=ORI, today=TODAY)
            assert reading.message is not None, (group, reading.faults)
    assert tried, "its conditions are never met"


def _least(form: Form, group: tuple[str, ...], dice: Random) -> list[tuple[str, str]] | None:
    """A message with a set of fields, and of the others only those without which it is refused."""
    pairs = full(form, dice)
    kept = {*group, *(field.code for field in form.required), *(code for code, _ in form.says)}
    for code in dict.fromkeys(code for code, _ in pairs):
        fewer = without(pairs, code)
        if code not in kept and dice.random() < 0.8 and not broken(form, fewer):
            pairs = fewer
    return None if broken(form, pairs) else pairs


def _values(pairs: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    for code, value in pairs:
        values[code] = (*values.get(code, ()), value)
    return values


@pytest.mark.parametrize("file", ENTERED)
def test_a_record_of_the_state_is_named_by_its_number_at_any_holder(file: File) -> None:
    number = NUMBERED_BY[Source.STATE]
    for source in file.held_by:
        for key in filter(None, (file.modify, file.clear, file.cancel)):
            assert HELD[source].forms[key].field(number) is not None
