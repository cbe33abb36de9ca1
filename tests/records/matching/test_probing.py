"""Claims about probing: what a search reads from the index is all that weighing everybody on file would find."""

from __future__ import annotations

from random import Random

import pytest

from tests.records.matching.conftest import CROWD
from tests.records.matching.index import Index, invented
from tests.records.matching.test_vocabulary import slipped
from wireroom.records.matching.evidence import POSSIBLE, Recorded, asked_for, size_bits, weigh
from wireroom.records.matching.keeping import Called, called

pytestmark = pytest.mark.anyio


async def everybody(index: Index) -> list[Recorded]:
    rows = await index.line.fetch("select * from person")
    return [
        Recorded(row["book"], row["record"], row["place"], tuple(row["last"]), tuple(row["given"]), row["suffix"],
                 row["dob"], row["sex"])
        for row in rows
    ]  # fmt: skip


def weighing_all(index: Index, asked: Called, people: list[Recorded]) -> set[int]:
    """The records that are possible at least, found the slow way."""
    known = index.people
    apart = asked_for(asked.name, known.almanac.dates(asked.dob), asked.sex, known.likenesses)
    text_of = dict(zip(known.vocabulary.ids.tolist(), known.vocabulary.tokens, strict=True))
    found = set()
    for one in people:
        weighed = weigh(apart, one, text_of, known.circles)
        bits = weighed.bits + size_bits(known.books.people(one.book))
        if min(bits, weighed.ceiling.bits if weighed.ceiling else bits) >= POSSIBLE:
            found.add(one.record)
    return found


def mistaken(person: Called, dice: Random) -> Called:
    """A person as somebody may ask for him: a slip in a name or both, in the date, names turned round."""
    last, given = " ".join(person.name.last), " ".join(person.name.given)
    kind = dice.randrange(6)
    if kind in (0, 2):
        last = slipped(last, dice)
    if kind in (1, 2):
        given = slipped(given, dice)
    if kind == 3:
        last, given = given, last
    if kind == 4:
        given = given[0]
    dob = person.dob + dice.choice([0, 0, 0, 1, 10_000, 100_000, -100_000])
    return called(last, given, dob=dob, sex=person.sex)


@pytest.mark.parametrize("dated", [True, False])
async def test_a_search_finds_what_weighing_everybody_would(crowd: Index, dated: bool) -> None:
    """But for one in a hundred: a slip in a name so common that the likeness speaks against it is not looked for."""
    dice, people, missed = Random(6), await everybody(crowd), 0
    for person in dice.sample(invented(CROWD), 50):
        asked = mistaken(person, dice)
        asked = asked if dated else Called(asked.name, 0, asked.sex)
        found = await crowd.found(asked, from_bits=POSSIBLE)
        all_there_are = weighing_all(crowd, asked, people)
        assert {record for record, match in found.items() if not match.exact} <= all_there_are, asked
        missed += len(all_there_are - set(found))
    assert missed <= 1
