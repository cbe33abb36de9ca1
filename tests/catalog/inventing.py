"""Valid messages of any form, invented from dice: what the contract tests, the reader's tests and the fuzzer send."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from random import Random

from wireroom.catalog.file import Field, File, Verb
from wireroom.catalog.fills import filled
from wireroom.catalog.index import Catalogue, Form
from wireroom.catalog.local import decode
from wireroom.catalog.rules import Values
from wireroom.message.envelope import Message
from wireroom.message.write import write

TODAY = date(2026, 11, 23)
ORI = "CA0990100"
BICYCLES = Path(__file__).resolve().parents[2] / "examples" / "bicycles.toml"
TRIES_MAX = 2_000  # of dice that break a rule, a warrant before a birth for instance

Pairs = list[tuple[str, str]]


def with_bicycles() -> Catalogue:
    """Everything that is shipped, and the local file of the examples."""
    return Catalogue().with_files([decode(BICYCLES.read_text("utf-8"), BICYCLES.name)])


def full(form: Form, dice: Random) -> Pairs:
    """A value for every field of a form, two where a field may repeat, that together obey its rules."""
    for _ in range(TRIES_MAX):
        values: Values = {
            field.code: tuple(sorted({field.kind.invent(dice, TODAY) for _ in range(min(field.many, 2))}))
            for field in form.fields
        }
        values = _mended(form, values, dice)
        pairs = worked_out(form, [(code, value) for code, several in values.items() for value in several])
        if not broken(form, pairs):
            return pairs
    raise AssertionError(f"no values were invented that obey the rules of {form.key}")


def _mended(form: Form, values: Values, dice: Random) -> Values:
    """The values with others where a rule knows better ones, and the field takes them under this key."""
    for rule in form.rules:
        if rule.check(values):
            better = rule.mended(values, dice, TODAY)
            kinds = {code: form.by_code[code].kind for code in better if code in form.by_code}
            taken = {
                code: better[code]
                for code, kind in kinds.items()
                if kind.read(better[code][0], TODAY) == better[code][0]
            }
            values = {**values, **taken}
    return values


def worked_out(form: Form, pairs: Pairs) -> Pairs:
    """With what the state works out of an entry; of a change, without what nobody may say."""
    always = {code for fill in form.fills for code in fill.always}
    said = valued(pair for pair in pairs if pair[0] not in always)
    if form.fills and form.verb is Verb.ENTER:
        said |= filled(form.fills, said, TODAY)
    return [(code, value) for code in sorted(said, key=form.places.__getitem__) for value in said[code]]


def valued(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Values by their fields."""
    values: dict[str, tuple[str, ...]] = {}
    for code, value in pairs:
        values[code] = (*values.get(code, ()), value)
    return values


def broken(form: Form, pairs: Pairs) -> list[tuple[str, str]]:
    """What the form's rules say of values."""
    values = valued(pairs)
    return [fault for rule in form.rules for fault in rule.check(values)]


def text_of(form: Form, pairs: Pairs) -> str:
    """The dotted text of values."""
    return write(Message(form.key, tuple(pairs)))


def without(pairs: Pairs, *codes: str) -> Pairs:
    """The values of all other fields."""
    return [pair for pair in pairs if pair[0] not in codes]


def replaced(pairs: Pairs, code: str, value: str) -> Pairs:
    """With another value in a field."""
    return [(name, value if name == code else old) for name, old in pairs]


def fields_of(catalogue: Catalogue) -> list[tuple[str, Field]]:
    """Every field of every form, with a name for the test's report."""
    return [(f"{key}-{field.code}", field) for key, form in catalogue.forms.items() for field in form.fields]


def forms_of(catalogue: Catalogue) -> list[tuple[File, Form]]:
    """Every form of every file."""
    return [
        (file, form)
        for file in catalogue.files.values()
        for form in catalogue.forms.values()
        if file in form.files
    ]
