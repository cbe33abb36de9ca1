"""Records that may be of the same person though nobody knows it: the missing and the unidentified."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import asyncpg

from wireroom.catalog.consequences import Resembles
from wireroom.catalog.file import File
from wireroom.catalog.index import Catalogue
from wireroom.catalog.kinds_of_person import Height
from wireroom.catalog.rules import Values
from wireroom.message.answer import Notification
from wireroom.records.hold import Hand, Held
from wireroom.records.life import valued
from wireroom.records.shape import plain

LOOKED_AT_MAX = 20_000  # records of the other file, the newest
TOLD_MAX = 10  # of one change
TURN = 100  # records compared without a pause

OTHERS = """
select id, fields::text as fields from record
 where file = $1 and test = $2 and status in ('active', 'located') order by id desc limit $3
"""


class Resembling:
    """Finds what may belong together, and tells both owners. Holds no connection."""

    def __init__(self, catalogue: Catalogue, hand: Hand) -> None:
        self._catalogue = catalogue
        self._hand = hand

    async def changed(
        self, connection: asyncpg.Connection, file: File, held: Held, former: Values
    ) -> list[Notification]:
        """What a new or changed record may belong to; not what its former version already did."""
        told: list[Notification] = []
        values = valued(held.fields)
        for here, rule, other in self._rules(file):
            heights = frozenset(
                f.code for f in (file if here else other).fields if isinstance(f.kind, Height)
            )
            weighed = _weighed(rule, here=here)
            if former and all(values.get(code) == former.get(code) for code in weighed):
                continue  # verified, validated, reported on: nothing that counts here was changed
            rows = await connection.fetch(OTHERS, other.code, held.test, LOOKED_AT_MAX)
            for place, row in enumerate(rows):
                if place % TURN == TURN - 1:
                    await asyncio.sleep(0)  # inquiries go on while thousands are compared
                theirs = valued(plain(row["fields"]))
                pair, before = (values, theirs), (former, theirs)
                if not here:
                    pair, before = pair[::-1], before[::-1]
                if alike(rule, *pair, heights) and not (former and alike(rule, *before, heights)):
                    one = await self._hand.seen(connection, other, row["id"])
                    told += _both((file, held), (other, one)) if one is not None else []
                if len(told) >= 2 * TOLD_MAX:
                    break
        return told

    def _rules(self, file: File) -> Iterable[tuple[bool, Resembles, File]]:
        """Whether the rule is this file's own, the rule, and the file on its other side."""
        if file.resembles is not None:
            yield True, file.resembles, self._catalogue.files[file.resembles.file]
        for other in self._catalogue.files.values():
            if other.resembles is not None and other.resembles.file == file.code:
                yield False, other.resembles, other


def _weighed(rule: Resembles, *, here: bool) -> set[str]:
    """The fields of one side on which it depends whether two records are alike."""
    pairs = (*rule.same, *((one[0], one[1]) for one in rule.near), *((rule.order,) if rule.order else ()))
    if here:
        return {rule.born, *(mine for mine, _ in pairs)}
    return {*rule.years, *(theirs for _, theirs in pairs)}


def alike(rule: Resembles, here: Values, there: Values, heights: frozenset[str]) -> bool:
    """Whether two records may be of one person: so much agrees, and nothing that both say disagrees."""
    agree = 0
    for mine, theirs in rule.same:
        a, b = set(here.get(mine, ())) - {"XXX", "U"}, set(there.get(theirs, ())) - {"XXX", "U"}
        if a and b and not a & b:
            return False
        agree += bool(a and b)
    for mine, theirs, within in rule.near:
        height = mine in heights
        first, second = _measure(here.get(mine), height=height), _measure(there.get(theirs), height=height)
        if first and second and abs(first - second) > within:
            return False
        agree += bool(first and second)
    if rule.order:
        lost, found = here.get(rule.order[0], ("",))[0], there.get(rule.order[1], ("",))[0]
        if lost and found and lost > found:
            return False
    born = here.get(rule.born, ("",))[0][:4]
    if rule.years and born:
        low, high = (there.get(code, ("",))[0] for code in rule.years)
        if (low and born < low) or (high and born > high):
            return False
        agree += bool(low or high)
    return agree >= rule.least


def _measure(values: tuple[str, ...] | None, *, height: bool) -> int:
    """Pounds, or inches of a height, which is feet and two digits of inches; 0 where it is not known."""
    if not values or not values[0].isdigit():
        return 0
    number = int(values[0])
    return 12 * (number // 100) + number % 100 if height else number


def _both(here: tuple[File, Held], there: tuple[File, Held]) -> list[Notification]:
    text = "BY DESCRIPTION THESE TWO MAY BE ONE PERSON: COMPARE DENTAL, DNA AND FINGERPRINTS"
    hits = tuple(held.hit(file) for file, held in (here, there))
    owners = dict.fromkeys((here[1].owner, there[1].owner))
    held = here[1]
    return [
        Notification(code="$.M.", to=owner, text=text, number=held.number, hits=hits, test=held.test)
        for owner in owners
    ]
