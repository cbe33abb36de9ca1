"""Which orders are between the same two people: the same restrained, and a protected person in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations_with_replacement

import msgspec

from wireroom.catalog.kinds_of_order import Person
from wireroom.catalog.kinds_of_person import parts
from wireroom.records.orders import nature
from wireroom.records.orders.order import Order

Of = Callable[[Order], Sequence[Person]]


class Pair(msgspec.Struct, frozen=True):
    """The orders between one restrained person and one or more protected ones, at least two."""

    orders: tuple[Order, ...]
    protected: tuple[str, ...]  # names, of those for whom just these orders count
    alone: bool  # whether there is no other such set of orders of the same restrained person


def same(one: Person, other: Person) -> bool:
    """Whether two orders mean one person: by name, and by birth date where both have one.

    A middle name may be missing or an initial, and a suffix may be missing.
    """
    last, first, middle, suffix = parts(one.name)
    other_last, other_first, other_middle, other_suffix = parts(other.name)
    return (
        bool(last)
        and (last, first) == (other_last, other_first)
        and _agree(one.born, other.born)
        and _agree(suffix, other_suffix)
        and (middle.startswith(other_middle) or other_middle.startswith(middle))
    )


def _agree(one: str, other: str) -> bool:
    return not one or not other or one == other


def pairs(orders: Iterable[Order]) -> tuple[Pair, ...]:
    """The sets of at least two orders that meet, in the order of their numbers.

    Orders that protect nobody by name meet no other, and those against gun violence protect everybody: they stand
    beside the others.
    """
    weighing = [one for one in orders if not nature.gun_violence(one.kind)]
    found: list[Pair] = []
    for _, against in _gathered(weighing, lambda one: (one.restrained,)):
        meeting: dict[tuple[Order, ...], list[str]] = {}
        for people, among in _gathered(against, lambda one: one.protected):
            if len(among) > 1:
                names = meeting.setdefault(tuple(sorted(among, key=lambda one: one.number)), [])
                names.append(max((one.name for one in people), key=lambda name: (len(name), name)))
        found += [
            Pair(among, tuple(sorted(set(names))), len(meeting) == 1) for among, names in meeting.items()
        ]
    return tuple(sorted(found, key=lambda one: ([order.number for order in one.orders], one.protected)))


def _gathered(orders: Sequence[Order], of: Of) -> list[tuple[frozenset[Person], list[Order]]]:
    """Orders by the people whom they mean. Two births make two people, and whoever has none on file may be either."""
    named: dict[tuple[str, ...], set[Person]] = {}
    for one in {one for order in orders for one in of(order)}:
        named.setdefault(parts(one.name)[:2], set()).add(one)
    groups = {group for people in named.values() for group in _cliques(people)}
    return [
        (group, [order for order in orders if not group.isdisjoint(of(order))])
        for group in sorted(groups, key=lambda group: sorted(map(_key, group)))
    ]


def _cliques(people: Iterable[Person]) -> set[frozenset[Person]]:
    """Sets of people all of whom may be one; every two who may be one are together in a set."""
    listed = sorted(people, key=_key)
    if len(listed) == 1:  # as it nearly always is
        return {frozenset(listed)} if parts(listed[0].name)[0] else set()
    found: set[frozenset[Person]] = set()
    for one, other in combinations_with_replacement(listed, 2):
        if not same(one, other) or any(one in group and other in group for group in found):
            continue
        group = {one, other}
        for further in listed:
            if all(same(further, member) for member in group):
                group.add(further)
        found.add(frozenset(group))
    return {group for group in found if not any(group < larger for larger in found)}


def _key(one: Person) -> tuple[str, ...]:
    return one.name, one.born, one.sex, one.age, one.relation, one.household
