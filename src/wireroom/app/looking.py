"""Searches our own files for a person from the command line; that it is done stands in the journal first."""

from __future__ import annotations

from datetime import date

import msgspec

from wireroom.app import AppError
from wireroom.app.assemble import connect, database_name, engine, now
from wireroom.app.console import FROM_OUTSIDE
from wireroom.app.keys import keys_of
from wireroom.app.living import catalogue_of
from wireroom.app.noting import note_down
from wireroom.app.settings import Loaded
from wireroom.catalog.file import File, Source
from wireroom.catalog.index import Catalogue, name_fields
from wireroom.catalog.kinds import Bad
from wireroom.catalog.kinds_of_number import Ssn
from wireroom.catalog.kinds_of_time import BirthDay
from wireroom.journal.tags import Tag
from wireroom.message.acting import COMMAND
from wireroom.message.local import day_of
from wireroom.records.answerer import RecordFiles
from wireroom.records.matching.evidence import Line, odds
from wireroom.records.matching.keeping import called
from wireroom.records.matching.published import Rule
from wireroom.records.persons import PersonAsked, PersonFound
from wireroom.records.shape import from_json
from wireroom.records.vault import Vault

SHOWN = ("strong", "possible")


class Look(msgspec.Struct, frozen=True):
    """Whom to look for, where, and how much to show."""

    last: str
    first: str = ""
    middle: str = ""
    suffix: str = ""
    dob: int = 0
    sex: str = ""
    ssn: str = ""
    files: tuple[str, ...] = ()
    wide: bool = False
    rule: Rule = Rule.BITS
    limit: int = 20


class Seen(msgspec.Struct, frozen=True):
    """A record as it is shown."""

    bits: float
    odds: str
    tier: str
    file: str
    number: str
    owner: str
    name: str
    born: str
    evidence: tuple[Line, ...]


class Looked(msgspec.Struct, frozen=True):
    """What a search found."""

    found: tuple[Seen, ...]
    not_shown: int  # of like name, for want of certainty or of space
    wide: bool


async def look(loaded: Loaded, wanted: Look) -> Looked:
    """The records that may be the person's, the strongest first. Raises AppError at a file or number that cannot be."""
    catalogue = catalogue_of(loaded)
    files = _files(catalogue, wanted.files)
    ssn = _ssn(wanted.ssn, day_of(now()))
    vault = keys_of(loaded).vault()
    async with engine(loaded, database_name(loaded)) as dsn:
        await note_down(loaded, dsn, Tag.RECORDS_SEARCHED, FROM_OUTSIDE, _detail(wanted, files, ssn))
        asked = PersonAsked(
            called(wanted.last, wanted.first, wanted.middle, wanted.suffix, dob=wanted.dob, sex=wanted.sex),
            ((Ssn().identifies, ssn, True),) if ssn else (),
            tuple(files),
        )
        connection = await connect(dsn, acts=COMMAND)
        try:
            async with connection.transaction():
                [found] = await RecordFiles(catalogue, Source.STATE, vault, wanted.rule).persons(
                    connection, [asked]
                )
        finally:
            await connection.close()
    tiers = (*SHOWN, "wide") if wanted.wide else SHOWN
    # What has no number read is beyond what is shown of any search.
    shown = [one for one in found if one.tier in tiers and one.stored][: wanted.limit]
    hidden = sum(one.tier in (*SHOWN, "wide") for one in found) - len(shown)
    return Looked(tuple(_seen(files[one.file], one, vault) for one in shown), hidden, wanted.wide)


def _files(catalogue: Catalogue, codes: tuple[str, ...]) -> dict[str, File]:
    """The files of ours to search, by code: all that have names, or those named."""
    ours = {
        file.code: file
        for file in catalogue.files.values()
        if Source.STATE in file.held_by and name_fields(file)
    }
    if strange := [code for code in codes if code.lower() not in ours]:
        raise AppError(
            f"{strange[0]} is no record file of ours that has names; these are: {', '.join(sorted(ours))}"
        )
    return {code.lower(): ours[code.lower()] for code in codes} or ours


def _ssn(text: str, today: date) -> str:
    if not text.strip():
        return ""
    read = Ssn().read(text, today)
    if isinstance(read, Bad):
        raise AppError(f"--ssn {read.reason}")
    return read


def _detail(wanted: Look, files: dict[str, File], ssn: str) -> dict[str, object]:
    """What the journal is told. Of a secret number, only its end."""
    told = {**msgspec.to_builtins(wanted), "files": [*files], "ssn": Ssn().say(ssn) if ssn else ""}
    return {key: value for key, value in told.items() if value}


def _seen(file: File, one: PersonFound, vault: Vault) -> Seen:
    fields = from_json(file, one.stored, vault)
    names = name_fields(file)
    days = [field.code for field in file.fields if isinstance(field.kind, BirthDay)]
    return Seen(
        bits=round(one.bits, 2),
        odds=odds(one.bits),
        tier=one.tier,
        file=one.file,
        number=one.number,
        owner=one.owner,
        name=next((file.field(code).kind.show(value) for code, value in fields if code in names), ""),
        born=next((file.field(code).kind.show(value) for code, value in fields if code in days), ""),
        evidence=tuple(Line(line.text, round(line.bits, 2)) for line in one.lines),
    )
