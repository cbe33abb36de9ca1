"""What was asked in the last days, and which of it a new record would have answered: delayed hits.

A number is kept as it stands in the index of numbers, secrets as keyed hashes; a name by the sound of each last name
with the birth date, and whole. Of those near a new record by sound and date, each is asked again of that record's file
alone, so a delayed hit goes by the same evidence as an inquiry of today.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import asyncpg
import jellyfish
import msgspec

from wireroom.catalog.file import File
from wireroom.catalog.kinds_of_number import is_partly_known
from wireroom.catalog.kinds_of_person import parts
from wireroom.message.answer import Question
from wireroom.records.matching.dates import valid
from wireroom.records.matching.evidence import POSSIBLE
from wireroom.records.matching.keeping import Called, called
from wireroom.records.matching.people import People
from wireroom.records.matching.probing import Sought
from wireroom.records.shape import Fields, identifiers, persons
from wireroom.records.vault import Vault
from wireroom.records.ways import Ways, parting

KEPT_FOR = timedelta(days=5)  # "about five days" (sourced, weak: Q1, Q2)
NAME = "NAM"
NAMES_MAX = 64  # past inquiries by name, the newest, that are asked again for one record
FOUND_MAX = 200  # past inquiries by one number, the newest, that are told
FORGOTTEN_MAX = 20_000
CHARACTERS_MAX = 100
PARTING = frozenset({"LIS", "LIT", "OLS", "RES"})  # whose plate, licence or boat a number is

REMEMBER = """
insert into past_inquiry (kind, value, dob, number, test, terminal, ori, person, key, name, at, tx)
select q.*, pg_current_xact_id()::text::bigint
  from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::bool[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::timestamptz[]) as q
on conflict do nothing
"""
_COLUMNS = "p.number, p.terminal, p.ori, p.person, p.key, p.name, p.dob, p.at, p.tx"
BY_NUMBER = f"""
select {_COLUMNS}, q.kind as how from unnest($1::text[], $2::text[]) as q(kind, value)
 cross join lateral (
        select {_COLUMNS} from past_inquiry p
         where p.kind = q.kind and p.value = q.value and p.dob = 0 and p.test = $3 and p.at >= $4 and p.key = any($5)
         order by p.number desc limit {FOUND_MAX}) as p
"""  # noqa: S608 - columns of ours, no value
BY_NAME = f"""
select {_COLUMNS} from unnest($1::text[], $2::int[], $6::text[]) as q(value, dob, name)
 cross join lateral (
        select {_COLUMNS} from past_inquiry p
         where p.kind = '{NAME}' and p.value = q.value and p.dob = q.dob and p.test = $3 and p.at >= $4
           and p.key = any($5) and p.name like q.name
         order by p.number desc limit {NAMES_MAX}) as p
"""  # noqa: S608
FORGET = """
delete from past_inquiry where ctid = any(array(
       select ctid from past_inquiry where at < $1 order by at limit $2))
"""


class Past(msgspec.Struct, frozen=True):
    """An inquiry of the last days."""

    number: int  # of its journal entry
    terminal: str
    ori: str
    person: str
    key: str
    name: str  # of a person; for a number, what was asked beside it that parts two things of one number
    dob: int
    at: datetime
    tx: int


async def remember(
    connection: asyncpg.Connection, asked: Sequence[tuple[Question, Ways]], vault: Vault
) -> None:
    """Keeps what a batch of inquiries asked for, in one round."""
    rows = [row for question, ways in asked for row in _rows(question, ways, vault)]
    if rows:
        await connection.execute(REMEMBER, *map(list, zip(*rows, strict=True)))


def _rows(question: Question, ways: Ways, vault: Vault) -> Iterable[tuple[object, ...]]:
    message, seat = question.message, question.seat
    about = (question.transaction, seat.test, seat.terminal, seat.ori, seat.person, message.key)
    for code, value in message.fields:
        if code in ways.indexes and not is_partly_known(value):
            index, secret = ways.indexes[code]
            told = ".".join(f"{one}/{said}" for one, said in message.fields if one in PARTING)[
                :CHARACTERS_MAX
            ]
            yield index, vault.blind(index, value) if secret else value, 0, *about, told, question.at
    name = message.get(ways.name_code)
    if ways.names and name:
        for sound in sounds(called(*parts(name))):
            yield NAME, sound, int(message.get("DOB") or 0), *about, name[:CHARACTERS_MAX], question.at


def sounds(person: Called) -> tuple[str, ...]:
    """How each last name of a person sounds."""
    return tuple(dict.fromkeys(sound for token in person.name.last if (sound := jellyfish.soundex(token))))


async def missed(  # noqa: PLR0913 - a record and its former version, each part by name
    connection: asyncpg.Connection,
    people: People,
    vault: Vault,
    file: File,
    record: int,
    fields: Fields,
    former: Fields,
    *,
    test: bool,
    since: datetime,
) -> list[Past]:
    """The past inquiries that a record would have answered, the newest first; not those that its former version did."""
    keys = list(file.inquiries)
    old = set(identifiers(file, former, vault))
    numbers = [pair for pair in dict.fromkeys(identifiers(file, fields, vault)) if pair not in old]
    found: dict[int, Past] = {}
    if numbers:
        for row in await connection.fetch(
            BY_NUMBER, *map(list, zip(*numbers, strict=True)), test, since, keys
        ):
            past = Past(*row[:-1])
            if _agrees(file, row["how"], past, fields):
                found.setdefault(past.number, past)
    names = [one for one in persons(file, fields) if one not in persons(file, former)]
    if names:
        near = _near(names)
        rows = await connection.fetch(
            BY_NAME, [n[0] for n in near], [n[1] for n in near], test, since, keys, [n[2] for n in near]
        )
        likely = {row["number"]: Past(*row) for row in rows if row["number"] not in found}
        newest = sorted(likely.values(), key=lambda past: -past.number)[:NAMES_MAX]
        for past in await _asked_again(connection, people, file, record, newest, test=test):
            found.setdefault(past.number, past)
    return sorted(found.values(), key=lambda past: -past.number)


def _agrees(file: File, how: str, past: Past, fields: Fields) -> bool:
    """Whether a number was asked for as the record has it: a plate of the same state."""
    held = dict(fields)
    asked: dict[str, list[str]] = {}
    for code, slash, value in (part.partition("/") for part in past.name.split(".")):
        if slash:
            asked.setdefault(code, []).append(value)
    return all(
        not asked.get(code) or not held.get(code) or held[code] in asked[code] for code in parting(file, how)
    )


def _near(names: Iterable[Called]) -> list[tuple[str, int, str]]:
    """Sound, birth date and a pattern of the name: of those asked without a date, only these very names."""
    near: dict[tuple[str, int, str], None] = {}
    for one in names:
        for sound in sounds(one):
            for day in _days(one.dob):
                near[sound, day, "%"] = None
            for last in one.name.last:
                near[sound, 0, f"{last}, {one.name.given[0][:1] if one.name.given else ''}%"] = None
    return list(near)


def _days(dob: int) -> list[int]:
    """A birth date, and the slips that are commonest: a year off, day and month turned."""
    if not dob:
        return []
    year, month, day = dob // 10_000, dob // 100 % 100, dob % 100
    turned = year * 10_000 + day * 100 + month
    return list(dict.fromkeys(one for one in (dob, dob + 10_000, dob - 10_000, turned) if valid(one)))


async def _asked_again(
    connection: asyncpg.Connection,
    people: People,
    file: File,
    record: int,
    asked: Sequence[Past],
    *,
    test: bool,
) -> list[Past]:
    """Those of these inquiries by name that find the record today."""
    if not asked:
        return []
    await people.refresh(connection)
    book = people.books.number(file.code, test)
    if not book:
        return []
    sought = [Sought(called(*parts(past.name), dob=past.dob), (book,), (), POSSIBLE) for past in asked]
    found = await people.search(connection, sought)
    return [
        past
        for past, matches in zip(asked, found, strict=True)
        if any(match.record == record and (match.bits >= POSSIBLE or match.exact) for match in matches.found)
    ]


async def forget(connection: asyncpg.Connection, now: datetime) -> int:
    """Drops inquiries that are too old to be answered late; how many went."""
    done: str = await connection.execute(FORGET, now - KEPT_FOR, FORGOTTEN_MAX)
    return int(done.rpartition(" ")[2])
