"""Makes a whole record of what is known of it: what lacks is invented by its kind, and the file's rules are obeyed.

It knows no file by name, so a file declared tomorrow, or by an agency in TOML, gets records as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from wireroom.catalog.file import Field, File
from wireroom.catalog.fills import filled as worked_out
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.rules import Excludes, NotBefore, OneOf, OnlyWith, Rule, Together
from wireroom.lab.invented import Fields

Given = Mapping[str, str | tuple[str, ...]]
Values = dict[str, tuple[str, ...]]
TRIES_MAX = 50  # of dice that break a rule


@lru_cache(maxsize=512)
def _known(file: File) -> Mapping[str, Field]:
    return {field.code: field for field in file.fields}


@lru_cache(maxsize=512)
def _required(file: File) -> tuple[Field, ...]:
    return tuple(field for field in file.fields if field.required)


@lru_cache(maxsize=512)
def _places(file: File) -> Mapping[str, int]:
    return {field.code: place for place, field in enumerate(file.fields)}


def filled(file: File, given: Given, dice: Random, today: date) -> Fields:
    """The canonical fields of a record that says what is given. What is given and no field of the file is left out.

    Raises AssertionError where the rules cannot be obeyed: what is given contradicts them.
    """
    fields = _known(file)
    values: Values = {
        code: (value,) if isinstance(value, str) else value
        for code, value in given.items()
        if value and code in fields
    }
    _say(file, values, dice, today)
    for field in _required(file):
        if field.code not in values:
            values[field.code] = (invent(field, dice, today),)
    _mend(file, values, frozenset(given), dice, today)
    values.update(worked_out(file.fills, values, today))
    order = _places(file)
    return tuple((code, value) for code in sorted(values, key=order.__getitem__) for value in values[code])


def invent(field: Field, dice: Random, today: date) -> str:
    """A value for a field. A day that may lie ahead does: what ends has not ended yet."""
    if isinstance(field.kind, Day) and field.kind.future:
        return f"{today + timedelta(days=dice.randint(60, 1_800)):%Y%m%d}"
    return field.kind.invent(dice, today)


def _say(file: File, values: Values, dice: Random, today: date) -> None:
    """What the key says by which such a record is entered, where the file has no plain one."""
    if file.enter or not file.entries:
        return
    fitting = [one for one in file.entries if all(values.get(code) == (said,) for code, said in one.says)]
    entry = fitting[0] if fitting else file.entries[0]
    values.update((code, (said,)) for code, said in entry.says)
    for code in entry.needs:
        if code not in values:
            values[code] = (invent(_known(file)[code], dice, today),)


def _mend(file: File, values: Values, given: frozenset[str], dice: Random, today: date) -> None:
    for _ in range(TRIES_MAX):
        broken = [rule for rule in file.rules if rule.check(values)]
        if not broken:
            return
        for rule in broken:
            _obey(file, rule, values, given, dice, today)
    raise AssertionError(f"the rules of {file.code} cannot be obeyed with {sorted(values)}")


def _obey(file: File, rule: Rule, values: Values, given: frozenset[str], dice: Random, today: date) -> None:
    """Changes what was not given until a rule holds, or does so after another try."""
    if isinstance(rule, OneOf):
        lacking = max(rule.sets, key=lambda group: sum(code in values for code in group))
    elif isinstance(rule, Together):
        lacking = rule.fields
    elif isinstance(rule, OnlyWith):
        values.pop(rule.field)
        return
    elif isinstance(rule, NotBefore | Excludes):
        codes = [code for code in rule.codes if code not in given] or list(rule.codes)
        again = dice.choice(codes)
        values[again] = (invent(_known(file)[again], dice, today),)
        return
    else:
        lacking = tuple(code for code, _ in rule.check(values))
    for code in lacking:
        if code not in values:
            values[code] = (invent(_known(file)[code], dice, today),)
