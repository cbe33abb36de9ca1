"""Finds the records that a batch of inquiries asks for, in two statements whatever the number of files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

import asyncpg
import msgspec

from wireroom.catalog.file import Field, File, Source
from wireroom.catalog.index import NUMBERED_BY, Catalogue
from wireroom.catalog.kinds import Code
from wireroom.catalog.kinds_of_number import LicenceNumber, Plate
from wireroom.catalog.kinds_of_person import PersonName, parts
from wireroom.catalog.kinds_of_time import BirthDay
from wireroom.catalog.rules import Together
from wireroom.message.answer import Answer, Hit, Question, State
from wireroom.message.envelope import Message
from wireroom.records.shape import from_json, sound
from wireroom.records.vault import Vault

HITS_MAX = 25  # more candidates than this: the reader is asked to narrow, nothing is cut in silence
PROBES_MAX = 20
REMEMBERED_MAX = 4096  # combinations of key and fields

# place, sound, birth date, last, first, sex, whether training, files
NameProbe = tuple[int, str, int, str, str, str, bool, str]

BY_IDENTIFIER = """
select q.n, r.file, r.id, r.number, r.owner, r.status, r.fields::text as fields, q.kind as how
  from unnest($1::int[], $2::text[], $3::text[], $4::bool[]) as q(n, kind, value, test)
  join identifier i on i.kind = q.kind and i.value = q.value
  join record r on r.file = i.file and r.id = i.record and r.test = q.test
"""

# The published rule of the national hot files: surname by sound, birth date exact, first name by its initial; without
# a birth date the whole last and first name. One row more than the limit tells that there are too many; a record has
# at most 50 names, so 1,300 names are 26 records. Training is told from live before anything is counted or cut.
BY_NAME = """
select q.n, r.file, r.id, r.number, r.owner, r.status, r.fields::text as fields, 'NAM' as how
  from unnest($1::int[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::bool[], $8::text[])
       as q(n, sound, dob, last, first, sex, test, files)
 cross join lateral (
        select distinct named.file, named.record from (
            select p.file, p.record from person p
              join record r on r.file = p.file and r.id = p.record and r.test = q.test
             where q.dob <> 0 and p.sound = q.sound and p.dob = q.dob and left(p.first, 1) = left(q.first, 1)
               and p.file = any(string_to_array(q.files, ','))
               and (p.sex = q.sex or p.sex in ('', 'U') or q.sex in ('', 'U'))
            union all
            select p.file, p.record from person p
              join record r on r.file = p.file and r.id = p.record and r.test = q.test
             where q.dob = 0 and p.last = q.last and p.first = q.first
               and p.file = any(string_to_array(q.files, ','))
               and (p.sex = q.sex or p.sex in ('', 'U') or q.sex in ('', 'U'))
             limit 1300) as named
         limit 26) as found
  join record r on r.file = found.file and r.id = found.record
"""


class Found(msgspec.Struct, frozen=True):
    """One record that a probe reached."""

    file: File
    id: int
    number: str
    owner: str
    status: str
    fields: tuple[tuple[str, str], ...]
    how: str


class Ways(msgspec.Struct, frozen=True):
    """How a holder's files are asked by a message of certain fields."""

    files: dict[str, File]  # that answer, by code
    indexes: dict[str, tuple[str, bool]]  # by field: the index, and whether it holds keyed hashes
    names: str  # codes of the files to search by name, with commas


class Finder:
    """Answers inquiries for one holder of files from one database."""

    def __init__(self, catalogue: Catalogue, source: Source, vault: Vault) -> None:
        self.catalogue = catalogue
        self.source = source
        self._vault = vault
        self._remembered = lru_cache(maxsize=REMEMBERED_MAX)(self._ways_of)

    async def find(self, connection: asyncpg.Connection, questions: Sequence[Question]) -> list[Answer]:
        """One answer to each question, in their order."""
        numbers: list[tuple[int, str, str, bool]] = []
        names: list[NameProbe] = []
        for place, question in enumerate(questions):
            numbers.extend(
                (place, kind, value, question.seat.test) for kind, value in self._probes(question.message)
            )
            if files := self._ways(question.message).names:
                names.append(self._name(place, question, files))
        rows: dict[int, list[asyncpg.Record]] = defaultdict(list)
        for statement, probes in ((BY_IDENTIFIER, numbers), (BY_NAME, names)):
            if probes:
                for row in await connection.fetch(statement, *zip(*probes, strict=True)):
                    rows[row["n"]].append(row)
        return [self._answer(question, rows[place]) for place, question in enumerate(questions)]

    def _ways(self, message: Message) -> Ways:
        """How this holder's files are asked by a message; the same for every message of the same fields."""
        return self._remembered(message.key, frozenset([code for code, _ in message.fields]))

    def _ways_of(self, key: str, given: frozenset[str]) -> Ways:
        number = NUMBERED_BY.get(self.source, "")
        asked: dict[str, File] = {}
        indexes: dict[str, tuple[str, bool]] = {}
        names: list[str] = []
        for file in self.catalogue.forms[key].files:
            ways = [way for way in file.ways(key) if set(way) <= given]
            if self.source not in file.held_by or not (ways or number in given):
                continue
            asked[file.code] = file
            for field in (file.field(code) for way in ways for code in way):
                if index := field.kind.identifies:
                    indexes[field.code] = (index, field.secret)
                elif isinstance(field.kind, PersonName):
                    names.append(file.code)
        if number in given:
            indexes[number] = (number, False)
        return Ways(asked, indexes, ",".join(names))

    def _probes(self, message: Message) -> list[tuple[str, str]]:
        """Index and value of every identifier that the message may be answered by."""
        indexes = self._ways(message).indexes
        return [
            (index, self._vault.blind(index, value) if secret else value)
            for code, value in message.fields[:PROBES_MAX]
            if code in indexes
            for index, secret in (indexes[code],)
        ]

    def _name(self, place: int, question: Question, files: str) -> NameProbe:
        message = question.message
        last, first, _, _ = parts(message.get("NAM"))
        dob, sex, test = int(message.get("DOB") or 0), message.get("SEX"), question.seat.test
        return (place, sound(last), dob, last, first, sex, test, files)

    def _answer(self, question: Question, rows: Iterable[asyncpg.Record]) -> Answer:
        reached: dict[tuple[str, int], Found] = {}  # a record may be reached in several ways, and counts once
        asked = self._ways(question.message).files
        for row in rows:
            file = asked.get(row["file"])
            place = (row["file"], row["id"])
            if file is None or place in reached or row["status"] not in ("active", "located"):
                continue
            fields = from_json(file, row["fields"], self._vault)
            if agrees(file, row["how"], question.message, dict(fields)):
                reached[place] = Found(
                    file, row["id"], row["number"], row["owner"], row["status"], fields, row["how"]
                )
        found = list(reached.values())
        source = self.source.value
        if not found:
            return Answer(source=source, state=State.NO_RECORD)
        if len(found) > HITS_MAX:
            return Answer(
                source=source,
                state=State.REFUSED,
                text=f"MORE THAN {HITS_MAX} RECORDS MATCH: ADD A BIRTH DATE OR A NUMBER",
            )
        found.sort(key=lambda one: (not one.file.hit, one.file.code, one.id))
        state = State.HIT if found[0].file.hit else State.RECORD
        hits = tuple(_hit(one, question.message) for one in found)
        return Answer(source=source, state=state, hits=hits)


def _hit(found: Found, message: Message) -> Hit:
    return Hit(
        file=found.file.code,
        number=found.number,
        owner=found.owner,
        status=found.status,
        fields=found.fields,
        why=_why(found, message),
    )


def _why(found: Found, message: Message) -> str:
    """Why a record stands in the answer, in a few words."""
    if found.how != "NAM":
        return f"{found.how} exact"
    asked = message.get("NAM")
    names = [value for code, value in found.fields if isinstance(_kind(found.file, code), PersonName)]
    if not message.get("DOB"):
        return f"{'name exact' if asked in names else 'last and first name exact'}; no birth date asked"
    return f"{'name exact' if asked in names else 'surname by sound, first initial'}; birth date exact"


def _kind(file: File, code: str) -> object:
    return next((field.kind for field in file.fields if field.code == code), None)


def agrees(file: File, how: str, message: Message, fields: dict[str, str]) -> bool:
    """Whether a record that a number of the index `how` reached is the one that a message means."""
    return all(
        not asked or not held or asked == held
        for asked, held in ((message.get(code), fields.get(code, "")) for code in _parting(file, how))
    )


@lru_cache(maxsize=512)
def _parting(file: File, how: str) -> tuple[str, ...]:
    """The fields that part two records of one number: the plate's state and type, or the licence's state.

    Plates and licence numbers are given out by every state anew. All other numbers name one thing alone, so nothing
    hides what they reach: a stolen car is found by its VIN whatever plate it bears. Nor does what describes a person.
    """
    reached = {field.code for field in file.fields if field.kind.identifies == how}
    if not any(isinstance(file.field(code).kind, Plate | LicenceNumber) for code in reached):
        return ()
    numbers = {field.code for field in file.fields if field.kind.identifies}
    groups = [set(rule.codes) for rule in file.rules if isinstance(rule, Together)]
    of_others = {code for group in groups if group & numbers and not group & reached for code in group}
    return tuple(
        code for code in file.narrow if code not in of_others and not _describes_a_person(file.field(code))
    )


def _describes_a_person(field: Field) -> bool:
    return isinstance(field.kind, BirthDay) or (
        isinstance(field.kind, Code) and field.kind.table in ("sex", "race")
    )
