"""What a change sets back: who was told an order must be told again where it became stricter."""

from __future__ import annotations

from collections.abc import Iterator

from wireroom.catalog.consequences import Resets
from wireroom.catalog.file import File
from wireroom.catalog.kinds_of_order import StayAway, stay
from wireroom.catalog.rules import Values
from wireroom.records.life import valued
from wireroom.records.shape import Fields, merged


def reset(file: File, before: Fields, after: Fields, said: Values) -> tuple[Fields, str]:
    """The fields after what a change sets back, and what whoever made it is told; empty where it sets nothing back.

    `said` is what the change itself says.
    """
    rule = file.resets
    if rule is None or any(when.holds(said) for when in rule.unless):
        return after, ""
    old, new = valued(before), valued(after)
    told = new.get(rule.field, ()) != (rule.to,) or any(code in old for code in rule.drops)
    if rule.field in said or not told:
        return after, ""
    stricter = list(_stricter(file, rule, old, new))
    if not stricter:
        return after, ""
    left = tuple(pair for pair in after if pair[0] not in rule.drops)
    return merged(file, left, ((rule.field, rule.to),)), f"{' '.join(stricter)} {rule.words}"


def _stricter(file: File, rule: Resets, old: Values, new: Values) -> Iterator[str]:
    """The fields by which a record became stricter."""
    for code in rule.grown:
        if isinstance(file.field(code).kind, StayAway):
            held = dict(map(stay, old.get(code, ())))
            if any(yards > held.get(place, 0) for place, yards in map(stay, new.get(code, ()))):
                yield code
        elif set(new.get(code, ())) - set(old.get(code, ())) - set(rule.milder):
            yield code
    for code in rule.raised:  # as text a day that never comes is after all days
        if new.get(code, ("",))[0] > old.get(code, ("",))[0]:
            yield code
    for code, value in rule.became:
        if value in new.get(code, ()) and value not in old.get(code, ()):
            yield code
