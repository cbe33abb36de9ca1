"""The published rules of the national files, for partners that go by them and for comparison with our own.

Hot files [S]: surname by sound, birth date exact (a year either way when the search is expanded), first name by its
initial [G]. Criminal histories [S]: surname by sound, the same day and month within three years, the same sex.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

import asyncpg
import jellyfish

from wireroom.records.matching.dates import UNKNOWN, valid
from wireroom.records.matching.evidence import Line, Recorded
from wireroom.records.matching.keeping import pairs_of
from wireroom.records.matching.people import Match, Matches, People
from wireroom.records.matching.probing import Sought, array

YEARS_III = 3
FOUND_MAX = 4_000  # names of one inquiry that are looked at


class Rule(StrEnum):
    """By which rule people are found."""

    BITS = ""  # our own: all evidence weighed
    NCIC = "N"
    III = "I"


BY_DATES = """
select q.n, p.book, p.record, p.place, p.last, p.given, p.suffix, p.dob, p.sex
  from unnest($1::int[], $2::text[], $3::text[], $4::text[]) as q(n, dobs, pairs, books)
 cross join lateral (
        select q.dobs::int[] as dobs, q.pairs::bigint[] as pairs, q.books::smallint[] as books offset 0) as a
 cross join lateral (
        select distinct book, record, place from (
            (select i.book, i.record, i.place from name_pair i
              where i.dob = any(a.dobs) and i.book = any(a.books) limit 4000)
            union all
            (select i.book, i.record, i.place from name_pair i
              where i.pair = any(a.pairs) and i.book = any(a.books) limit 4000)) as either) as i
  join person p on p.book = i.book and p.record = i.record and p.place = i.place
"""


async def search_published(
    connection: asyncpg.Connection, people: People, rule: Rule, sought: Sequence[Sought]
) -> list[Matches]:
    """Who is found by a published rule; no evidence is weighed, so all matches are as strong as one another."""
    rows = await connection.fetch(
        BY_DATES,
        list(range(len(sought))),
        [array(_days(rule, one.called.dob)) for one in sought],
        [array(_pairs(people, one) if one.called.dob == UNKNOWN else ()) for one in sought],
        [array(one.books) for one in sought],
    )
    found: list[dict[tuple[int, int], Match]] = [{} for _ in sought]
    for row in rows:
        recorded = Recorded(
            row["book"], row["record"], row["place"], tuple(row["last"]), tuple(row["given"]),
            row["suffix"], row["dob"], row["sex"],
        )  # fmt: skip
        if _agrees(people, rule, sought[row["n"]], recorded):
            place = (recorded.book, recorded.record)
            found[row["n"]][place] = Match(*place, 0.0, (Line(_words(rule, sought[row["n"]]), 0.0),))
    return [Matches(tuple(found_one[place] for place in sorted(found_one))) for found_one in found]


def _days(rule: Rule, dob: int) -> Iterator[int]:
    if dob == UNKNOWN:
        return
    years = range(-YEARS_III, YEARS_III + 1) if rule is Rule.III else (0,)
    yield from (dob + years_off * 10_000 for years_off in years if valid(dob + years_off * 10_000))


def _pairs(people: People, sought: Sought) -> list[int]:
    """The whole last and first name: what is looked for where no birth date is given."""
    slots, ids = people.vocabulary.slots, people.vocabulary.ids
    name = sought.called.name
    last = [int(ids[slots[token]]) for token in name.last if token in slots]
    first = [int(ids[slots[token]]) for token in name.given[:1] if token in slots]
    return pairs_of(last, first) if last and first else []


def _agrees(people: People, rule: Rule, sought: Sought, recorded: Recorded) -> bool:
    called = sought.called
    if rule is Rule.III and called.sex and recorded.sex and called.sex != recorded.sex:
        return False
    if called.dob == UNKNOWN:
        return True
    texts = people.texts((*recorded.last, *recorded.given[:1]))
    sounds = {jellyfish.soundex(token) for token in called.name.last}
    if not sounds & {jellyfish.soundex(texts[number]) for number in recorded.last if number in texts}:
        return False
    first = texts.get(recorded.given[0], "") if recorded.given else ""
    asked = called.name.given[0] if called.name.given else ""
    return not first or not asked or first[0] == asked[0]


def _words(rule: Rule, sought: Sought) -> str:
    if sought.called.dob == UNKNOWN:
        return "last and first name exact; no birth date asked"
    if rule is Rule.III:
        return f"surname by sound, first initial; birth date within {YEARS_III} years, same day and month"
    return "surname by sound, first initial; birth date exact"
