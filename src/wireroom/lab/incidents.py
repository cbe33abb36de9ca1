"""A day of invented incidents as a CAD would tell of them: opened, with a unit on each, some late, and closed again."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from wireroom.policy.cad import Unit, Word

KINDS = ("TRAFFIC STOP", "NOISE", "THEFT REPORT", "WELFARE CHECK", "COLLISION", "SUSPICIOUS VEHICLE")
STREETS = ("OAK AVE", "ELM ST", "SPECIMEN RD", "EXAMPLE BLVD")
LATE_SHARE = 0.2  # of those that the CAD tells of minutes after they opened
LATE_MINUTES = (5, 50)
MINUTES = (6, 45)  # that one lasts


def incidents(
    number: int, people: Sequence[str], since: datetime, seed: int, *, first: int = 1
) -> Iterator[Word]:
    """So many incidents from `since` on, one every few minutes, in the order in which the CAD tells of them.

    Each is told when it opens, by a dispatcher, with one of the people on it, and again when it closes.
    """
    dice = random.Random(seed)
    told: list[Word] = []
    opened = since
    for one in range(first, first + number):
        opened += timedelta(minutes=dice.randint(1, 9))
        closed = opened + timedelta(minutes=dice.randint(*MINUTES))
        late = timedelta(minutes=dice.randint(*LATE_MINUTES) if dice.random() < LATE_SHARE else 0)
        reference = f"{opened:%y}-{seed % 1000:03}{one:06}"
        unit = Unit(unit=f"{dice.randint(1, 40)}{dice.choice('AB')}", people=(dice.choice(people),))
        kind, place = dice.choice(KINDS), f"{dice.randint(900, 999)} {dice.choice(STREETS)}"
        ends = ((1, opened + late, None), (2, max(closed, opened + late), closed))
        told += [
            Word(key=f"{reference}/{turn}", reference=reference, at=at, opened=opened, closed=end, by="cad.dispatch",
                 kind=kind, place=place, units=(unit,))
            for turn, at, end in ends
        ]  # fmt: skip
    yield from sorted(told, key=lambda word: (word.at, word.key))
