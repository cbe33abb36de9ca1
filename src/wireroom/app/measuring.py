"""Measures the search with anybody's labelled set: loads its people live, asks, and removes the people again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from random import Random

import asyncpg
import click
import msgspec

from wireroom.app import AppError
from wireroom.app.assemble import connect, database_name, engine, now
from wireroom.app.console import FROM_OUTSIDE
from wireroom.app.keys import keys_of
from wireroom.app.living import catalogue_of
from wireroom.app.noting import note_down
from wireroom.app.settings import Loaded
from wireroom.app.upkeep import owner
from wireroom.catalog.file import Source
from wireroom.catalog.kinds_of_number import Ssn
from wireroom.journal.tags import Tag
from wireroom.lab.labelled import BadSet, Labelled, Subject, read_people, read_queries
from wireroom.lab.scores import Answered, ScoreReport, Shown, report
from wireroom.message.acting import COMMAND
from wireroom.records.answerer import RecordFiles
from wireroom.records.matching.dates import valid
from wireroom.records.matching.keeping import called
from wireroom.records.matching.published import Rule
from wireroom.records.persons import PersonAsked
from wireroom.records.rebuilding import count_in_turn
from wireroom.records.scratch import Row, Scratch, chunks, spelled_out

DICE = 1  # the same answers give the same report
NUMBER_MAX = 30  # characters of a number that are looked for
INDEX_TABLES = "record, identifier, person, name_pair, name_token"
SEARCH_INDEX_BYTES = """
select sum(pg_total_relation_size(name::regclass))::bigint from unnest($1::text[]) as name
"""
Bar = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]


class Terms(msgspec.Struct, frozen=True):
    """What is measured, and how."""

    queries: Path
    people: Path
    name: str = "scratch"
    queries_max: int | None = None
    batch: int = 1
    keep: bool = False
    clear: bool = False
    rule: Rule = Rule.BITS


class EngineFigures(msgspec.Struct, frozen=True):
    """The database that was searched, with the people in it."""

    server: str
    words: int  # of names
    index_bytes: int  # of people, with the vocabulary
    database_bytes: int


class Evaluation(msgspec.Struct):
    """What came of it. Times in seconds."""

    people: int = 0
    load_seconds: float = 0.0  # until every person can be found
    count_seconds: float = 0.0  # how common names are, and the tables' statistics
    remove_seconds: float | None = None
    engine: EngineFigures | None = None
    score: ScoreReport | None = None

    def as_json(self) -> bytes:
        """The report with the rest beside it."""
        assert self.score is not None, "there is a report once all was asked"
        told = msgspec.to_builtins(self)
        score = msgspec.json.decode(self.score.as_json())
        return msgspec.json.encode(score | {key: value for key, value in told.items() if key != "score"})


async def evaluate(loaded: Loaded, terms: Terms, bar: Bar) -> Evaluation:
    """Loads, asks, reports, and removes what was loaded, whatever happens in between."""
    done = Evaluation(people=_checked(terms))
    vault = keys_of(loaded).vault()
    scratch = Scratch(terms.name, vault)
    async with engine(loaded, database_name(loaded)) as dsn:
        detail: dict[str, object] = {
            "evaluated": terms.queries.name, "people": done.people, "file": scratch.file.code
        }  # fmt: skip
        await note_down(loaded, dsn, Tag.RECORDS_SEARCHED, FROM_OUTSIDE, detail)
        async with owner(dsn) as connection:
            await _begun(scratch, connection, terms, bar)
            try:
                await _load(scratch, connection, terms, done, bar)
                files = RecordFiles(
                    catalogue_of(loaded).with_files([scratch.file]), Source.STATE, vault, terms.rule
                )
                done.score = await _ask(dsn, files, scratch.file.code, terms, bar)
                done.engine = await _figures(connection)
            finally:
                if not terms.keep:
                    # On a connection of its own: what was interrupted may have spoilt the other.
                    async with owner(dsn) as fresh:
                        done.remove_seconds = await _remove(scratch, fresh, bar)
    return done


def _checked(terms: Terms) -> int:
    """How many people there are. All lines are read before anything is loaded; raises BadSet at a bad one."""
    ids: set[str] = set()
    for one in read_people(terms.people, ids):
        if "\0" in one.id:
            raise BadSet(f"{terms.people}: the id {one.id!r} holds a NUL, which no database keeps")
    for _ in _queries(terms, ids):
        pass
    return len(ids)


def _queries(terms: Terms, known: set[str] | None = None) -> Iterator[Labelled]:
    for place, labelled in enumerate(read_queries(terms.queries, known)):
        if terms.queries_max is not None and place >= terms.queries_max:
            return
        yield labelled


async def _begun(scratch: Scratch, connection: asyncpg.Connection, terms: Terms, bar: Bar) -> None:
    """The file is ours, and empty."""
    if not await scratch.lock(connection):
        raise AppError(
            f"somebody measures with the scratch file {terms.name} at this moment: wait, or choose another --name"
        )
    if not await scratch.is_there(connection):
        return
    if not terms.clear:
        raise AppError(
            f"the scratch file {terms.name} is there already, from --keep or from a run that was interrupted: "
            "--clear removes it first, --name takes another"
        )
    await _remove(scratch, connection, bar)


async def _load(
    scratch: Scratch, connection: asyncpg.Connection, terms: Terms, done: Evaluation, bar: Bar
) -> None:
    began, at = time.perf_counter(), now()
    people = read_people(terms.people)
    loaded = 0
    with bar("Loading people") as progress:
        for chunk in chunks(map(_row, people)):
            await scratch.load(connection, chunk, at)
            loaded += len(chunk)
            progress(loaded, done.people)
    done.load_seconds = time.perf_counter() - began
    began = time.perf_counter()
    click.echo("Counting names", err=True)
    await count_in_turn(connection)
    await connection.execute(f"vacuum analyze {INDEX_TABLES}")
    done.count_seconds = time.perf_counter() - began


def _row(one: Subject) -> Row:
    """A person as a record: a birth date that is no day is unknown."""
    dob = one.dob if valid(one.dob) else 0
    name = called(one.last, one.first, one.middle, one.suffix, dob=dob, sex=one.sex)
    return Row(one.id, spelled_out(one.last, one.first, one.middle, one.suffix), name, one.ssn[:NUMBER_MAX])


async def _ask(dsn: str, files: RecordFiles, code: str, terms: Terms, bar: Bar) -> ScoreReport:
    """Asks under the switch's own role, each batch in a transaction of its own, as the switch does."""
    queries = list(_queries(terms))
    answers: list[Answered] = []
    connection = await connect(dsn, acts=COMMAND)
    try:
        await files.warm(connection)
        with bar("Searching") as progress:
            for low in range(0, len(queries), terms.batch):
                batch = queries[low : low + terms.batch]
                answers += await _asked(connection, files, code, batch, terms.rule)
                progress(len(answers), len(queries))
    finally:
        await connection.close()
    return report(answers, dice=Random(DICE), name=terms.queries.name)


async def _asked(
    connection: asyncpg.Connection, files: RecordFiles, code: str, batch: list[Labelled], rule: Rule
) -> list[Answered]:
    began = time.perf_counter()
    asked = [_person(one.query, code) for one in batch]
    async with connection.transaction():
        found = await files.persons(connection, asked)
    seconds = (time.perf_counter() - began) / len(batch)
    return [
        Answered(
            labelled,
            tuple(
                Shown(hit.number or f"#{hit.record}", hit.bits if rule is Rule.BITS else None, hit.tier)
                for hit in several
            ),
            seconds,
        )
        for labelled, several in zip(batch, found, strict=True)
    ]


def _person(one: Subject, code: str) -> PersonAsked:
    number = one.ssn[:NUMBER_MAX]
    return PersonAsked(
        called(one.last, one.first, one.middle, one.suffix, dob=one.dob, sex=one.sex),
        ((Ssn().identifies, number, True),) if number else (),
        (code,),
    )


async def _figures(connection: asyncpg.Connection) -> EngineFigures:
    return EngineFigures(
        server=connection.get_settings().server_version,
        words=await connection.fetchval("select count(*) from name_token"),
        index_bytes=await connection.fetchval(SEARCH_INDEX_BYTES, ["person", "name_pair", "name_token"]),
        database_bytes=await connection.fetchval("select pg_database_size(current_database())"),
    )


async def _remove(scratch: Scratch, connection: asyncpg.Connection, bar: Bar) -> float:
    """Removes the people, then the words that only they had; how many seconds it took."""
    began = time.perf_counter()
    with bar("Removing people") as progress:
        await scratch.remove(connection, progress)
    await connection.execute(f"vacuum analyze {INDEX_TABLES}")
    for _ in range(2):  # a word is idle after the first count, and goes in the second
        await count_in_turn(connection)
    click.echo("The people are removed again", err=True)
    return time.perf_counter() - began
