"""Keeps the index of people true: writes names in the record's own transaction, counts them, forgets unused words.

Two locks keep every process's vocabulary true. Whoever adds a word holds VOCABULARY until its commit, so words become
visible in the order of their numbers. Whoever writes a name holds KEEPING, shared; the sweep that removes words nobody
has takes it alone for two short statements, so no word is removed while somebody begins to use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import asyncpg
import msgspec

from wireroom.records.matching.spelling import Name, name_of
from wireroom.records.matching.vocabulary import Vocabulary
from wireroom.records.pouring import pour

SPELLED = 1  # the rules by which names become tokens; a change makes the index anew
GIVEN_BITS = 31
SUFFIXES = ("", "JR", "SR", "II", "III", "IV", "V")
_SEXES = {"": 0, "M": 1, "F": 2}
COPY_FROM = 500  # rows: fewer are inserted, more are copied

VOCABULARY_LOCK, KEEPING_LOCK = 7_301_001, 7_301_002

LOCK_KEEPING = "select pg_advisory_xact_lock_shared($1)"
LOCK_ALONE = "select pg_advisory_xact_lock($1)"
ADD_TOKENS = "insert into name_token (token) select unnest($1::text[]) on conflict (token) do nothing"
TOKENS_BY_TEXT = "select id, token, last, given from name_token where token = any($1::text[]) order by id"
TOKENS_HELD = "select id, idle from name_token where id = any($1::int[])"
WAKE_TOKENS = """
update name_token t set idle = false
  from (select id from name_token where id = any($1::int[]) and idle order by id for update) as w where t.id = w.id
"""
ADD_BOOKS = """
insert into name_book (file, test)
select file, test
  from unnest($1::text[], $2::bool[]) as q(file, test)
 where not exists (select from name_book b where b.file = q.file and b.test = q.test)
"""
BOOKS = "select id, file, test, people from name_book"
PERSONS_OF = """
select p.book, p.record, p.place, p.last, p.given, p.dob
  from unnest($1::smallint[], $2::bigint[]) as q(book, record)
  join person p on p.book = q.book and p.record = q.record
"""
FORGET_PAIRS = """
delete from name_pair p using unnest($1::bigint[], $2::int[], $3::smallint[], $4::bigint[], $5::smallint[])
    as q(pair, dob, book, record, place)
 where p.pair = q.pair and p.dob = q.dob and p.book = q.book and p.record = q.record and p.place = q.place
"""
FORGET_PERSONS = """
delete from person p using unnest($1::smallint[], $2::bigint[]) as q(book, record)
 where p.book = q.book and p.record = q.record
"""
PERSON_COLUMNS = ("book", "record", "place", "last", "given", "suffix", "dob", "sex")
PAIR_COLUMNS = ("pair", "dob", "book", "record", "place", "traits")
INSERT_PERSON = """
insert into person (book, record, place, last, given, suffix, dob, sex) values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
INSERT_PAIRS = """
insert into name_pair (pair, dob, book, record, place, traits)
select pair, dob, book, record, place, traits
  from unnest($1::bigint[], $2::int[], $3::smallint[], $4::bigint[], $5::smallint[], $6::smallint[])
       as q(pair, dob, book, record, place, traits)
"""


class Called(msgspec.Struct, frozen=True):
    """One name of a record with one birth date, in tokens."""

    name: Name
    dob: int = 0  # CCYYMMDD, 0 where unknown
    sex: str = ""  # M, F, or empty


class Kept(msgspec.Struct, frozen=True):
    """A record and all that its person is called by. No name at all: it shall be found no more."""

    file: str
    test: bool
    record: int
    called: tuple[Called, ...]


def called(
    last: str, first: str, middle: str = "", suffix: str = "", *, dob: int = 0, sex: str = ""
) -> Called:
    """A name in any writing with a birth date and a sex, ready to be kept or sought."""
    return Called(name_of(last, first, middle, suffix), dob, sex if sex in ("M", "F") else "")


def pair_of(last: int, given: int) -> int:
    """The number under which a last and a given name stand together."""
    return last << GIVEN_BITS | given


def pairs_of(last: Sequence[int], given: Sequence[int]) -> list[int]:
    """All pairs of a name's tokens; what is missing on a side stands as 0."""
    return list(dict.fromkeys(pair_of(one, other) for one in last or (0,) for other in given or (0,)))


def traits_of(person: Called, given: str) -> int:
    """What an index row tells of a person beside the pair of names, in eleven bits.

    From the lowest: the sex (two bits), the initial of another given name (five), the suffix (three), and whether the
    pair's given name is the first.
    """
    name = person.name
    other = next((token for token in name.given if token != given), "")
    initial = ord(other[0]) - 64 if other else 0
    first = not name.given or name.given[0] == given
    return _SEXES[person.sex] | initial << 2 | SUFFIXES.index(name.suffix) << 7 | first << 10


def paired(person: Called, numbers: dict[str, int]) -> list[tuple[int, int]]:
    """The pairs of a name with their traits: every last name with every given one, initials where there is no other."""
    name = person.name
    whole = [token for token in name.given if len(token) > 1] or list(name.given[:1])
    lasts = [numbers[token] for token in name.last] or [0]
    return [
        (pair_of(last, numbers[given] if given else 0), traits_of(person, given))
        for given in whole or [""]
        for last in lasts
    ]


async def keep(
    connection: asyncpg.Connection, vocabulary: Vocabulary, books: Books, kept: Sequence[Kept]
) -> None:
    """Makes the index say of these records what is given here, and nothing else. In the caller's transaction."""
    if not kept:
        return
    kept = list({(one.file, one.test, one.record): one for one in kept}.values())  # the last word on each
    await connection.execute(LOCK_KEEPING, KEEPING_LOCK)
    await books.know(connection, {(one.file, one.test) for one in kept})
    numbers = await _numbers(connection, vocabulary, kept)
    await _forget(connection, [(books.number(one.file, one.test), one.record) for one in kept])
    persons: list[tuple[object, ...]] = []
    pairs: list[tuple[int, int, int, int, int, int]] = []
    for one in kept:
        book = books.number(one.file, one.test)
        for place, person in enumerate(one.called):
            name = person.name
            last, given = [numbers[t] for t in name.last], [numbers[t] for t in name.given]
            persons.append((book, one.record, place, last, given, name.suffix, person.dob, person.sex))
            pairs.extend(
                (pair, person.dob, book, one.record, place, traits)
                for pair, traits in paired(person, numbers)
            )
    if len(pairs) >= COPY_FROM:
        await pour(connection, "person", PERSON_COLUMNS, persons)
        await pour(connection, "name_pair", PAIR_COLUMNS, pairs)
    elif pairs:
        await connection.executemany(INSERT_PERSON, persons)
        await connection.execute(INSERT_PAIRS, *map(list, zip(*pairs, strict=True)))


async def _numbers(
    connection: asyncpg.Connection, vocabulary: Vocabulary, kept: Iterable[Kept]
) -> dict[str, int]:
    """The number of each token of these names. New ones are added; a used one is marked as no longer idle."""
    wanted = {
        token for one in kept for person in one.called for token in (*person.name.last, *person.name.given)
    }
    if not wanted:
        return {}
    slots, ids = vocabulary.slots, vocabulary.ids
    numbers = {token: int(ids[slots[token]]) for token in wanted if token in slots}
    held = {row["id"]: row["idle"] for row in await connection.fetch(TOKENS_HELD, list(numbers.values()))}
    unknown = sorted(token for token in wanted if numbers.get(token) not in held)
    idle = {number for number, is_idle in held.items() if is_idle}
    if unknown:
        await connection.execute(LOCK_ALONE, VOCABULARY_LOCK)
        await connection.execute(ADD_TOKENS, unknown)
        rows = await connection.fetch(TOKENS_BY_TEXT, unknown)
        numbers.update((row["token"], row["id"]) for row in rows)
        idle.update(row["id"] for row in rows)
    if idle:  # after all locks, in one order: nobody then waits for whom he keeps waiting
        await connection.execute(WAKE_TOKENS, sorted(idle))
    return numbers


async def _forget(connection: asyncpg.Connection, places: Sequence[tuple[int, int]]) -> None:
    """Removes all that the index holds of records, by book and record."""
    columns = [list(column) for column in zip(*places, strict=True)]
    rows = await connection.fetch(PERSONS_OF, *columns)
    if not rows:
        return
    pairs = [
        (pair_of(last, given), row["dob"], row["book"], row["record"], row["place"])
        for row in rows
        for last in row["last"] or (0,)
        for given in row["given"] or (0,)
    ]
    await connection.execute(FORGET_PAIRS, *map(list, zip(*pairs, strict=True)))
    await connection.execute(FORGET_PERSONS, *columns)


class Books:
    """The numbers of files in the index, and how many names each has, as this process knows them."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, bool], int] = {}
        self._names: dict[int, tuple[str, bool]] = {}
        self._people: dict[int, int] = {}

    def learn(self, rows: Iterable[tuple[int, str, bool, int]]) -> None:
        """Takes in all rows of `name_book`, in place of what was known: a number may have been rolled back."""
        self._numbers, self._names, self._people = {}, {}, {}
        for number, file, test, people in rows:
            self._numbers[file, test], self._names[number] = number, (file, test)
            self._people[number] = people

    def number(self, file: str, test: bool) -> int:
        """A file's number; 0, which no file has, where nothing was ever kept of it."""
        return self._numbers.get((file, test), 0)

    def file(self, book: int) -> tuple[str, bool]:
        """The file of a number, and whether its records are for training."""
        return self._names[book]

    def people(self, book: int) -> int:
        """How many names a file has, as last counted."""
        return self._people.get(book, 0)

    async def know(self, connection: asyncpg.Connection, wanted: Iterable[tuple[str, bool]]) -> None:
        """Sees to it that these files have numbers."""
        await self._read(connection)
        missing = sorted(set(wanted) - set(self._numbers))
        if not missing:
            return
        await connection.execute(LOCK_ALONE, VOCABULARY_LOCK)
        await connection.execute(ADD_BOOKS, *map(list, zip(*missing, strict=True)))
        await self._read(connection)

    async def _read(self, connection: asyncpg.Connection) -> None:
        self.learn(
            [(row["id"], row["file"], row["test"], row["people"]) for row in await connection.fetch(BOOKS)]
        )
