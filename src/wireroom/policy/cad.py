"""What an agency's CAD says of its incidents: kept as it was said, with who said it and when we were told.

Nobody at a terminal writes here. A word that comes twice counts once, by the CAD's own key; one that is older than what
stands is kept and changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import asyncpg
import msgspec

from wireroom.message.acting import transaction
from wireroom.policy import PolicyError
from wireroom.policy.facts import Connection, Pool

WORDS_MAX = 500  # in one request
AHEAD = timedelta(minutes=10)  # that a CAD's clock may be before ours
NO_CHANGE = ["nothing"]  # of a word that says what stands already

Mark = Callable[[str, str], str]  # the keyed hash of a value of a kind: the values themselves are not kept
Reference = Annotated[
    str, msgspec.Meta(min_length=1, max_length=20, pattern="^[A-Z0-9-]+$", examples=["26-000123"])
]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, examples=["ada.dispatch"])]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Unit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A unit on an incident, and through whom it asks."""

    unit: Annotated[str, msgspec.Meta(min_length=1, max_length=20, examples=["12A"])]
    people: Annotated[
        tuple[Name, ...],
        msgspec.Meta(max_length=10, description="their accounts, or badges as they stand in ATN"),
    ] = ()
    terminals: Annotated[tuple[str, ...], msgspec.Meta(max_length=10, description="mnemonics")] = ()
    since: Annotated[Moment | None, msgspec.Meta(description="left out: since the incident opened")] = None
    until: Annotated[Moment | None, msgspec.Meta(description="when it left")] = None


class Word(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An incident as it stands in the CAD after one change there."""

    key: Annotated[
        str, msgspec.Meta(min_length=1, max_length=64, description="the CAD's own, new for each change")
    ]
    reference: Reference
    at: Annotated[Moment, msgspec.Meta(description="when it was changed in the CAD")]
    opened: Moment
    closed: Annotated[Moment | None, msgspec.Meta(description="left out: it is open")] = None
    by: Annotated[str, msgspec.Meta(max_length=64, description="who changed it there: an account")] = ""
    kind: Annotated[str, msgspec.Meta(max_length=40, examples=["TRAFFIC STOP"])] = ""
    place: Annotated[str, msgspec.Meta(max_length=100, examples=["999 OAK AVE"])] = ""
    units: Annotated[
        tuple[Unit, ...], msgspec.Meta(max_length=50, description="all that are or were on it")
    ] = ()
    plates: Annotated[tuple[str, ...], msgspec.Meta(max_length=50, description="kept as keyed hashes")] = ()
    names: Annotated[tuple[str, ...], msgspec.Meta(max_length=50, description="kept as keyed hashes")] = ()

    def __repr__(self) -> str:
        return f"Word({self.key!r}, {self.reference!r}, …)"


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one word of several."""

    place: int  # of the word, from 0
    field: str
    reason: str


class BadWords(PolicyError):
    """Words that cannot be kept; none of those that came with them was."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        super().__init__(f"word {first.place + 1}: {first.field} {first.reason}")
        self.faults = tuple(faults)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What became of words."""

    taken: int = 0
    repeated: int = 0  # came before under the same key
    overtaken: int = 0  # older than what stands: kept, and changes nothing
    afterwards: tuple[str, ...] = ()  # references of incidents that were changed after they had closed


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as it stands."""

    reference: str
    kind: str
    place: str
    opened_at: datetime
    closed_at: datetime | None
    made_by: str
    made_at: datetime
    units: tuple[str, ...]
    changes: int  # words that changed something
    afterwards: int  # of these, after it had closed


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One word of a CAD about an incident, and what it changed."""

    key: str
    said_at: datetime  # by the CAD's clock
    said_by: str  # as the CAD says
    came_at: datetime
    came_from: str  # the interface terminal, or the command line
    changed: tuple[str, ...]  # empty: it was overtaken by a later word
    afterwards: bool  # the incident had closed by then
    before: dict[str, Any]  # what stood there, by what was changed; whatever JSON can say


_LOCK = "select pg_advisory_xact_lock(hashtextextended('cad ' || $1, 0))"
_HEARD = "select key, digest from cad_word where ori = $1 and key = any($2::text[])"
_STANDING = """
select i.reference, i.kind, i.place, i.opened_at, i.closed_at, i.said_at, i.made_by, i.made_at,
       array(select a.who || ' ' || a.unit from cad_assigned a where a.ori = i.ori and a.reference = i.reference
              order by 1) as assigned,
       array(select s.mark from cad_subject s where s.ori = i.ori and s.reference = i.reference) as marks
  from cad_incident i where i.ori = $1 and i.reference = $2
"""
_INCIDENT = """
insert into cad_incident (ori, reference, kind, place, opened_at, closed_at, said_at, made_by, made_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (ori, reference) do update
   set kind = excluded.kind, place = excluded.place, opened_at = excluded.opened_at, closed_at = excluded.closed_at,
       said_at = excluded.said_at, made_by = excluded.made_by, made_at = excluded.made_at
"""
# Who makes a stay longer answers for it; who ends it changes nothing about how it came.
_ASSIGNED = """
insert into cad_assigned as a (ori, who, reference, unit, since_at, until_at, made_by, made_at)
select $1, q.who, $2, q.unit, q.since_at, q.until_at, $7, $8
  from unnest($3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[]) as q(who, unit, since_at, until_at)
on conflict (ori, who, reference, unit) do update
   set since_at = excluded.since_at, until_at = excluded.until_at,
       (made_by, made_at) = (
           select excluded.made_by, excluded.made_at
            where excluded.since_at < a.since_at
               or coalesce(excluded.until_at, 'infinity') > coalesce(a.until_at, 'infinity')
           union all select a.made_by, a.made_at limit 1)
"""
_LEFT = """
update cad_assigned set until_at = $4
 where ori = $1 and reference = $2 and until_at is null and not (who || ' ' || unit = any($3::text[]))
"""
_SUBJECTS = """
insert into cad_subject (ori, reference, mark, made_by, made_at) select $1, $2, unnest($3::text[]), $4, $5
on conflict do nothing
"""
_WORD = """
insert into cad_word (ori, key, digest, reference, said_at, said_by, came_at, came_from, changed, afterwards, before)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb)
"""
_LIST = """
select i.reference, i.kind, i.place, i.opened_at, i.closed_at, i.made_by, i.made_at,
       array(select distinct a.unit from cad_assigned a
              where a.ori = i.ori and a.reference = i.reference order by 1) as units,
       (select count(*) from cad_word w where w.ori = i.ori and w.reference = i.reference
           and w.changed <> '{}') as changes,
       (select count(*) from cad_word w where w.ori = i.ori and w.reference = i.reference
           and w.changed <> '{}' and w.afterwards) as afterwards
  from cad_incident i where i.ori = $1 and ($2 = '' or i.reference = $2)
 order by i.opened_at desc limit $3
"""
_WORDS = """
select key, said_at, said_by, came_at, came_from, changed, afterwards, before
  from cad_word where ori = $1 and reference = $2 order by came_at, said_at, key
"""
_OWN = """
select i.reference, i.kind from cad_assigned a join cad_incident i using (ori, reference)
 where a.ori = $1 and a.who = any($2::text[]) and coalesce(i.closed_at, $3) >= $3
 group by i.reference, i.kind, i.opened_at, i.closed_at
 order by i.closed_at is null desc, i.opened_at desc limit $4
"""


def faults(words: Sequence[Word], now: datetime) -> list[Fault]:
    """What is wrong with words by themselves."""
    found = []
    for place, word in enumerate(words):
        if word.closed is not None and word.closed < word.opened:
            found.append(Fault(place, "closed", "is before it opened"))
        for field, at in (("at", word.at), ("opened", word.opened)):
            if at > now + AHEAD:
                found.append(
                    Fault(place, field, f"lies ahead of our clock, which says {now:%Y-%m-%dT%H:%M:%SZ}")
                )
    return found


async def take(
    pool: Pool, ori: str, words: Sequence[Word], *, source: str, now: datetime, mark: Mark
) -> Kept:
    """Keep what a CAD says, all of it or nothing. `source` is its terminal. Raises BadWords.

    A key that came before with the same content is a repeat; with another content it is a fault.
    """
    if wrong := faults(words, now):
        raise BadWords(wrong)
    taken = overtaken = 0
    late: list[str] = []
    async with transaction(pool) as connection:
        await connection.execute(_LOCK, ori)
        new = await _unheard(connection, ori, words)
        for word, digest in new:
            changed, before, afterwards = await _apply(connection, ori, word, now, mark)
            await connection.execute(
                _WORD, ori, word.key, digest, word.reference, word.at, word.by, now, source, changed, afterwards,
                msgspec.json.encode(before).decode(),
            )  # fmt: skip
            taken += bool(changed)
            overtaken += not changed
            if afterwards and changed not in ([], NO_CHANGE):
                late.append(word.reference)
    return Kept(
        taken=taken,
        repeated=len(words) - len(new),
        overtaken=overtaken,
        afterwards=tuple(dict.fromkeys(late)),
    )


async def _unheard(connection: Connection, ori: str, words: Sequence[Word]) -> list[tuple[Word, bytes]]:
    """The words that did not come before, each with what tells its content from another. Raises BadWords."""
    rows = await connection.fetch(_HEARD, ori, [word.key for word in words])
    heard = {row["key"]: bytes(row["digest"]) for row in rows}
    new, wrong = [], []
    for place, word in enumerate(words):
        digest = hashlib.sha256(msgspec.json.encode(word, order="sorted")).digest()[:16]
        if word.key not in heard:
            new.append((word, digest))
            heard[word.key] = digest
        elif heard[word.key] != digest:
            wrong.append(Fault(place, "key", "came before with another content; give each change its own"))
    if wrong:
        raise BadWords(wrong)
    return new


async def _apply(
    connection: Connection, ori: str, word: Word, now: datetime, mark: Mark
) -> tuple[list[str], dict[str, object], bool]:
    """Makes an incident what a word says: what that changed, what stood there before, and whether it had closed."""
    row = await connection.fetchrow(_STANDING, ori, word.reference)
    closed = row is not None and row["closed_at"] is not None and row["closed_at"] < word.at
    if row is not None and word.at < row["said_at"]:
        return [], {}, closed
    marks = [
        *(mark("plate", one.upper()) for one in word.plates),
        *(mark("name", one.upper()) for one in word.names),
    ]
    assigned = list(_assigned(word))
    changed, before = _differences(row, word, [f"{who} {unit}" for who, unit, _, _ in assigned], marks)
    wider = row is None or word.opened < row["opened_at"] or (
        row["closed_at"] is not None and (word.closed is None or word.closed > row["closed_at"])
    )  # fmt: skip
    by = word.by.lower()  # accounts are in small letters, and interfaces write people as they like
    made = (by, now) if wider or row is None else (row["made_by"], row["made_at"])
    await connection.execute(
        _INCIDENT, ori, word.reference, word.kind, word.place, word.opened, word.closed, word.at, *made
    )
    await connection.execute(
        _LEFT, ori, word.reference, [f"{who} {unit}" for who, unit, _, _ in assigned], word.at
    )
    if assigned:
        columns = [list(column) for column in zip(*assigned, strict=True)]
        await connection.execute(_ASSIGNED, ori, word.reference, *columns, by, now)
    if marks:
        await connection.execute(_SUBJECTS, ori, word.reference, marks, by, now)
    return changed or NO_CHANGE, before, closed


def _assigned(word: Word) -> Iterator[tuple[str, str, datetime, datetime | None]]:
    """Who is on an incident: the unit, its people and its terminals, each once."""
    seen = set()
    for one in word.units:
        people, terminals = (f"P/{p.lower()}" for p in one.people), (f"T/{t.upper()}" for t in one.terminals)
        who = (f"U/{one.unit.upper()}", *people, *terminals)
        for name in who:
            if (name, one.unit) not in seen:
                seen.add((name, one.unit))
                yield name, one.unit, one.since or word.opened, one.until


def _differences(
    row: asyncpg.Record | None, word: Word, assigned: Sequence[str], marks: Sequence[str]
) -> tuple[list[str], dict[str, object]]:
    """What a word changes of an incident, and what stood there."""
    if row is None:
        return ["opened"], {}
    told: dict[str, tuple[Any, Any]] = {
        "kind": (row["kind"], word.kind),
        "place": (row["place"], word.place),
        "opened": (row["opened_at"], word.opened),
        "closed": (row["closed_at"], word.closed),
        "units": (sorted(row["assigned"]), sorted(assigned)),
        "subjects": (len(row["marks"]), len({*row["marks"], *marks})),
    }
    changed = [name for name, (was, will) in told.items() if was != will]
    return changed, {name: told[name][0] for name in changed}


async def incidents(pool: Pool, ori: str, reference: str = "", limit: int = 100) -> tuple[Incident, ...]:
    """An agency's incidents, the newest first; or one of them."""
    rows = await pool.fetch(_LIST, ori, reference, limit)
    return tuple(Incident(**{**row, "units": tuple(row["units"])}) for row in rows)


async def history(pool: Pool, ori: str, reference: str) -> tuple[Said, ...]:
    """Every word that changed an incident or came too late to, in the order in which they came."""
    rows = await pool.fetch(_WORDS, ori, reference)
    return tuple(
        Said(**{**row, "changed": tuple(row["changed"]), "before": msgspec.json.decode(row["before"])})
        for row in rows
    )


async def own(
    pool: Pool, ori: str, person: str, terminal: str, *, since: datetime, limit: int
) -> tuple[tuple[str, str], ...]:
    """The incidents that a person or their terminal is on, with their kinds: open, or closed not before `since`."""
    rows = await pool.fetch(_OWN, ori, [f"P/{person.lower()}", f"T/{terminal}"], since, limit)
    return tuple((row["reference"], row["kind"]) for row in rows)
