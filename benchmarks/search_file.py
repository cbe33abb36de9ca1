"""A file of invented people to be searched: made once in a database of its own, kept, and used again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice

import asyncpg
import msgspec

from benchmarks.search_ask import FILE, opened
from wireroom.app import schema
from wireroom.app.console import bar
from wireroom.app.engine import Embedded
from wireroom.app.migrations import SCHEMA
from wireroom.lab.crowd import Person
from wireroom.lab.labelled import Labelled, Subject
from wireroom.lab.origins import GROUPS
from wireroom.lab.search_set import LabelledSet, Query
from wireroom.records.matching.counting import count
from wireroom.records.matching.keeping import SPELLED, Kept, called, keep
from wireroom.records.matching.people import People

SEED = 1  # of the people; the search was tuned with the queries of this seed, so no benchmark asks them
CHUNK = 20_000  # people of one transaction
SIZES = """
select pg_total_relation_size('name_pair') as pairs, pg_total_relation_size('person') as persons,
       pg_total_relation_size('name_token') as vocabulary, (select count(*) from name_token) as tokens
"""


class Held(msgspec.Struct, frozen=True):
    """What a file cost when it was made."""

    people: int
    loading_s: float
    counting_s: float
    bytes_a_person: dict[str, float]
    tokens: int


async def held(server: Embedded, people: int) -> tuple[str, Held]:
    """The address of a database with so many people, and what it cost to make; half-made ones are made anew."""
    dsn = server.dsn(f"search_{people}")
    await schema.upgrade(dsn)
    made = f"{people} people of seed {SEED}, schema {SCHEMA}, spelling {SPELLED}"
    async with opened(dsn) as connection:
        await connection.execute("create schema if not exists bench")
        await connection.execute("create table if not exists bench.held (made text, facts text)")
        facts = await connection.fetchval("select facts from bench.held where made = $1", made)
        if facts is None:
            found = await _make(connection, people)
            facts = msgspec.json.encode(found).decode()
            await connection.execute("insert into bench.held (made, facts) values ($1, $2)", made, facts)
    return dsn, msgspec.json.decode(facts, type=Held)


async def _make(connection: asyncpg.Connection, people: int) -> Held:
    await connection.execute("drop schema if exists baseline cascade")
    await connection.execute("truncate bench.held, person, name_pair, name_token, name_book, name_census")
    index, begun = People(), time.perf_counter()
    with bar(f"Loading {people:,} people") as progress:
        done = 0
        for chunk in _chunks(iter(LabelledSet(people, SEED).people_rows())):
            async with connection.transaction():
                await index.refresh(connection)
                await keep(connection, index.vocabulary, index.books, chunk)
            done += len(chunk)
            progress(done, people)
    loaded = time.perf_counter()
    await count(connection)
    await connection.execute("vacuum analyze person, name_pair, name_token")
    counted = time.perf_counter()
    await connection.execute("checkpoint")  # or it would come while something is measured
    sizes = dict(await connection.fetchrow(SIZES) or {})
    tokens = sizes.pop("tokens")
    each = {name: round(size / people, 1) for name, size in sizes.items()}
    return Held(people, round(loaded - begun, 1), round(counted - loaded, 1), each, tokens)


def _chunks(people: Iterator[Person]) -> Iterator[list[Kept]]:
    while chunk := [_kept(one) for one in islice(people, CHUNK)]:
        yield chunk


def _kept(one: Person) -> Kept:
    name = called(one.last, one.first, one.middle, one.suffix, dob=int(one.dob or 0), sex=one.sex)
    return Kept(FILE, False, one.id, (name,))


# --------------------------------------------------------------------------- queries about it


def queries(people: int, count: int, mix: str, seed: int) -> list[Labelled]:
    """So many queries about the people of a file."""
    return [as_labelled(one) for one in _set(people, mix, seed).queries(count)]


def absent_of_each_group(people: int, each: int, seed: int, most: int) -> list[Labelled]:
    """Stress queries about people who are not in the file, so many of each group, out of at most so many."""
    found: dict[str, list[Labelled]] = {group: [] for group in GROUPS.values()}
    wanting = set(found)
    for one in _set(people, "stress", seed).queries(most):
        if not one.in_file and one.group in wanting:
            found[one.group].append(as_labelled(one))
            if len(found[one.group]) == each:
                wanting.discard(one.group)
        if not wanting:
            break
    return [one for group in found.values() for one in group]


def as_labelled(one: Query) -> Labelled:
    """A query of the generator as any labelled query."""
    subject = Subject(
        str(one.query_id), one.last, one.first, one.middle, one.suffix, int(one.dob or 0), one.sex, one.ssn
    )
    return Labelled(
        subject,
        frozenset({str(one.true_id)} if one.in_file else ()),
        bool(one.in_file),
        {"class": one.name_class, "dob_class": one.dob_class, "group": one.group},
    )


def _set(people: int, mix: str, seed: int) -> LabelledSet:
    if seed == SEED:
        raise ValueError(f"queries of seed {seed} were used to tune the search; choose another seed")
    return LabelledSet(people, SEED, mix, queries_seed=seed)
