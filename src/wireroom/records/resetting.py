"""What a change sets back: who was told an order must be told again where it became stricter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from wireroom.catalog.consequences import Resets
from wireroom.catalog.file import File
from wireroom.catalog.kinds_of_order import Protected, StayAway, person, stay
from wireroom.catalog.rules import Values
from wireroom.records.life import named_at, valued
from wireroom.records.shape import Fields, merged


def reset(file: File, before: Fields, after: Fields, said: Values) -> tuple[Fields, str]:
    """The fields after what a change sets back, and what whoever made it is told; empty where it sets nothing back.

    `said` is what the change itself says. Who sends the whole record again says nothing anew of how it was told.
    """
    rule = file.resets
    if rule is None:
        return after, ""
    old, new = valued(before), valued(after)
    anew = rule.field in said or any(when.holds(said) for when in rule.unless)
    if anew and not _repeats(rule, said, old):
        return after, ""
    told = new.get(rule.field, ()) != (rule.to,) or any(code in old for code in rule.drops)
    stricter = stricter_in(file, rule, old, new) if told else ()
    if not stricter:
        return after, ""
    left = tuple(pair for pair in after if pair[0] not in rule.drops)
    return merged(file, left, ((rule.field, rule.to),)), f"{' '.join(stricter)} {rule.words}"


def _repeats(rule: Resets, said: Values, old: Values) -> bool:
    """Whether all that is said of how the person was told is on file already."""
    told = (rule.field, *rule.drops)
    return rule.field in said and all(said[code] == old.get(code) for code in told if code in said)


def told_on(file: File, said: Values) -> datetime | None:
    """The end of the minute at which a report says that the person was told; None where it says no such thing."""
    rule = file.resets
    if rule is None or not rule.told_on:
        return None
    at = named_at(said, rule.told_on, rule.told_at)
    return None if at is None else at + timedelta(minutes=1)


def told_of_former(file: File, told: Values, then: Fields, now: Fields) -> str:
    """Why nobody was told of a record as it is who was told of it as it was then; empty where they were."""
    rule = file.resets
    if rule is None or told.get(rule.field, (rule.to,)) == (rule.to,):
        return ""
    stricter = stricter_in(file, rule, valued(then), valued(now))
    return (
        f"{' '.join(stricter)} STRICTER SINCE THEN: TELL IT AS IT IS NOW, OR ITS OWNER ENTERS THE SERVICE"
        if stricter
        else ""
    )


def stricter_in(file: File, rule: Resets, old: Values, new: Values) -> tuple[str, ...]:
    """The fields by which a record became stricter, each once."""
    return tuple(dict.fromkeys((*_grown(file, rule, old, new), *_turned(rule, old, new))))


def _grown(file: File, rule: Resets, old: Values, new: Values) -> Iterator[str]:
    """The fields with a value more, or with a distance that is greater."""
    for code in rule.grown:
        kind, held, holds = file.field(code).kind, old.get(code, ()), new.get(code, ())
        if isinstance(kind, StayAway):
            far = dict(map(stay, held))
            if any(yards > far.get(place, 0) for place, yards in map(stay, holds)):
                yield code
        elif isinstance(kind, Protected):  # by name: what else is said of somebody may be put right
            if Counter(person(one).name for one in holds) - Counter(person(one).name for one in held):
                yield code
        elif set(holds) - set(held) - set(rule.milder):
            yield code


def _turned(rule: Resets, old: Values, new: Values) -> Iterator[str]:
    """The fields whose value bars more than before, or allows less."""
    for code in rule.raised:  # as text a day that never comes is after all days
        if new.get(code, ("",))[0] > old.get(code, ("",))[0]:
            yield code
    for code, value in rule.became:
        if value in new.get(code, ()) and value not in old.get(code, ()):
            yield code
    for code, value in rule.lifted:
        if value in old.get(code, ()) and value not in new.get(code, ()):
            yield code
