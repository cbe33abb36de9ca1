"""Opens and moves incidents, each step with its entry in one transaction; and looks now and then for what is one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime

import asyncpg
import msgspec

from wireroom.app.trouble import TROUBLES
from wireroom.app.written import Beside, write_with
from wireroom.catalog.file import File
from wireroom.catalog.index import Catalogue
from wireroom.journal.entry import Entry
from wireroom.journal.sealing import Texts
from wireroom.journal.tags import Tag
from wireroom.oversight import IllegalMove, Missing, NotTheirs, OversightError
from wireroom.oversight import incidents_kept as kept
from wireroom.oversight.incidents import (
    Act,
    Duty,
    Incident,
    Kind,
    Late,
    Minder,
    Step,
    may_act,
    may_look,
    overdue,
    step,
)
from wireroom.oversight.reached import Reached, owed, reached, shown
from wireroom.oversight.walking import Stretch, of_transaction, walk
from wireroom.policy.role import Role

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
WORDS_MAX = 2_000
CONSOLE = kept.CONSOLE
ITSELF = "switch"  # who opened what the switch saw by itself
ASSESSED_MAX = 500_000  # entries that one assessment opens
ENTRIES_MAX = 1_000  # of an incident


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """Whose doings are looked at: an account's, a device's, in a time."""

    person: str = ""
    terminal: str = ""
    since: datetime
    until: datetime


class Incidents:
    """What may be done with incidents, over one connection of the switch's role. The clock is passed in."""

    def __init__(self, connection: asyncpg.Connection, texts: Texts, clock: Callable[[], datetime]) -> None:
        self._connection, self._texts, self._clock = connection, texts, clock

    async def open(self, made: Incident, known: str, by: str) -> Incident:
        """Open an incident. `known` says what is known. Raises OversightError."""
        who = await self._minder(by)
        try:
            words = _said(known)
            await self._there(made)
        except OversightError as error:
            await self._refused(None, by, "open", error)
            raise
        await self._may(made, who, by, "open")
        return await self._open(made, words, by or CONSOLE)

    async def _there(self, made: Incident) -> None:
        """Raises OversightError where its agency or account is not there, or its time cannot be."""
        if made.ori and not await kept.agency(self._connection, made.ori):
            raise Missing(f"there is no agency {made.ori}")
        if made.person and await kept.account(self._connection, made.person) is None:
            raise Missing(f"there is no account {made.person}")
        if made.discovered_at > made.opened_at:
            raise IllegalMove("it was discovered in the future: say when with --discovered, in UTC")

    async def _open(self, made: Incident, words: str, by: str) -> Incident:
        made = msgspec.structs.replace(made, opened_by=by)
        detail: dict[str, object] = {
            "kind": made.kind.value, "known": words, "discovered": made.discovered_at.isoformat(),
            **({"about": made.person} if made.person else {}), **({"origin": made.origin} if made.origin else {}),
        }  # fmt: skip

        async def beside(connection: asyncpg.Connection, number: int) -> None:
            await kept.open_one(connection, msgspec.structs.replace(made, number=number))

        entry = Entry(0, Tag.INCIDENT_OPENED, self._clock(), -1, made.ori, made.terminal, by, detail)
        return msgspec.structs.replace(made, number=await self._write(entry, beside))

    async def seen(self, made: Incident, known: str) -> Incident:
        """Open what the switch saw by itself. Raises IllegalMove where its origin has an incident already."""
        return await self._open(made, known, ITSELF)

    async def show(self, number: int, by: str) -> tuple[Incident, tuple[Entry, ...]]:
        """An incident with what its entries say. That somebody looks is an entry first."""
        found = await kept.one(self._connection, number)
        await self._may(found, await self._minder(by), by, "show")
        await self._write(self._entry(found, Tag.INCIDENT_SHOWN, by, {}))
        told = await of_transaction(self._connection, number, self._texts, ENTRIES_MAX)
        return found, tuple(entry for entry in told if entry.tag in _TAGS)

    async def listed(
        self, ori: str, *, every: bool, by: str
    ) -> tuple[tuple[Incident, ...], tuple[Late, ...]]:
        """Incidents, and what of them is overdue. Whoever looks sees those of their agency, and none about themself."""
        who = await self._minder(by)
        scope = ori or ("" if not who.person or who.role == Role.DOJ else who.ori)
        try:
            may_look(scope, who)
        except NotTheirs as error:
            await self._refused(None, by, "list", error)
            raise
        await self._write(Entry(0, Tag.INCIDENT_SHOWN, self._clock(), ori=scope, person=by or CONSOLE,
                                detail={"list": True}))  # fmt: skip
        found = []
        for one in await kept.listed(self._connection, scope, every=every):
            try:
                may_act(one, who, await self._name(one.person))
            except NotTheirs:
                continue
            found.append(one)
        return tuple(found), overdue(found, self._clock())

    async def act(
        self,
        number: int,
        act: Act,
        *,
        by: str,
        words: str,
        about: Sequence[str] = (),
        more: dict[str, object] | None = None,
    ) -> Incident:
        """Make one step. Raises OversightError; what is refused is an entry as well."""
        found = await kept.one(self._connection, number)
        await self._may(found, await self._minder(by), by, act.value)
        try:
            said = _said(words)
            made = step(found, act, about=about, by=by or CONSOLE, now=self._clock())
            if act is Act.CONTAIN:
                await self._contained(found)
        except OversightError as error:
            await self._refused(found, by, act.value, error)
            raise
        return await self._step(
            found, made, {"act": act.value, "words": said, "to": list(about), **(more or {})}
        )

    async def _step(self, found: Incident, made: Step, detail: dict[str, object]) -> Incident:
        tag = Tag.INCIDENT_OVERDUE if made.act is Act.OVERDUE else Tag.INCIDENT_CHANGED

        async def beside(connection: asyncpg.Connection, entry: int) -> None:
            await kept.add_step(connection, found.number, msgspec.structs.replace(made, entry=entry))

        number = await self._write(self._entry(found, tag, made.by, detail), beside)
        made = msgspec.structs.replace(made, entry=number)
        return msgspec.structs.replace(found, steps=(*found.steps, made))

    async def _contained(self, found: Incident) -> None:
        """Raises IllegalMove while the account that an incident is about may still sign in."""
        account = await kept.account(self._connection, found.person) if found.person else None
        if account is not None and account[1]:
            raise IllegalMove(
                f"{found.person} may still sign in: run `wireroom person stop {found.person}` first"
            )

    async def assess(
        self, number: int, period: Period, catalogue: Catalogue, *, by: str
    ) -> tuple[Incident, Reached]:
        """Work out whose data were shown to an account or at a device, and keep it with the incident.

        The read is the very entry that holds what was found. Raises OversightError.
        """
        found = await kept.one(self._connection, number)
        await self._may(found, await self._minder(by), by, Act.ASSESS.value)
        if not (period.person or period.terminal):
            period = msgspec.structs.replace(period, person=found.person, terminal=found.terminal)
        try:
            if not (period.person or period.terminal):
                raise IllegalMove("say whose doings are assessed: --person, or --terminal of the device")
            if period.since >= period.until:
                raise IllegalMove("the period ends before it begins")
            step(found, Act.ASSESS, by=by, now=self._clock())  # whether it may be, before anything is read
            people = frozenset(file.code for file in catalogue.files.values() if _of_people(file))
            reach = self._reach(period, found.ori)
            seen = [entry async for entry in reach if any(shown(entry, period.terminal))]
            result = reached(seen, people, period.terminal)
        except OversightError as error:
            await self._refused(found, by, Act.ASSESS.value, error)
            raise
        made = step(found, Act.ASSESS, about=owed(result, found.ori), by=by or CONSOLE, now=self._clock())
        detail: dict[str, object] = {
            "act": Act.ASSESS.value, "person": period.person, "terminal": period.terminal,
            "since": period.since.isoformat(), "until": period.until.isoformat(), "owed": list(made.about),
            "reached": result.builtin(),
        }  # fmt: skip
        return await self._step(found, made, detail), result

    async def _reach(self, period: Period, ori: str) -> AsyncIterator[Entry]:
        # A terminal alone has no index, but its agency has.
        own = None if period.person else ori or None
        stretch = Stretch(
            since=period.since, until=period.until, ori=own, person=period.person, terminal=period.terminal
        )
        async for entry in walk(self._connection, stretch, self._texts, ASSESSED_MAX):
            yield entry
        if period.terminal and not period.person:  # what came unasked has no terminal in its columns
            unasked = Stretch(since=period.since, until=period.until, ori="", tags=(Tag.NOTICE_GIVEN,))
            async for entry in walk(self._connection, unasked, self._texts, ASSESSED_MAX):
                yield entry

    async def look(self) -> int:
        """Open what the switch itself takes for an incident, and write down once what is overdue; how many of both."""
        done = 0
        for sign in await kept.signs(self._connection, self._texts, self._clock()):
            made = Incident(
                number=0, kind=sign.kind, ori=sign.ori, person=sign.person, terminal=sign.terminal, origin=sign.origin,
                discovered_at=sign.discovered_at, opened_at=self._clock(), opened_by=ITSELF,
            )  # fmt: skip
            try:
                found = await self.seen(made, sign.known)
                if sign.contained:
                    contained = step(found, Act.CONTAIN, by=ITSELF, now=sign.discovered_at)
                    await self._step(found, contained, {"act": Act.CONTAIN.value, "words": sign.known})
            except IllegalMove:  # another process was first
                continue
            done += 1
        incidents = await kept.listed(self._connection)
        for late in overdue(incidents, self._clock()):
            if not late.told:
                done += await self._overdue(
                    next(one for one in incidents if one.number == late.number), late.duty, late
                )
        return done

    async def _overdue(self, found: Incident, duty: Duty, late: Late) -> int:
        current = await kept.one(self._connection, found.number)  # it may have got a step a moment ago
        try:
            made = step(current, Act.OVERDUE, about=(duty.value,), by=ITSELF, now=self._clock())
            await self._step(current, made, {"duty": duty.value, "due": late.due_at.isoformat()})
        except IllegalMove:
            return 0
        log.warning("incident %d: %s is overdue since %s", found.number, duty.value, f"{late.due_at:%F %T}")
        return 1

    # ------------------------------------------------------------------ who

    async def _minder(self, by: str) -> Minder:
        try:
            return await kept.minder(self._connection, by)
        except NotTheirs as error:
            await self._refused(None, by, "", error)
            raise

    async def _name(self, person: str) -> str:
        found = await kept.account(self._connection, person) if person else None
        return "" if found is None else found[0]

    async def _may(self, found: Incident, who: Minder, by: str, act: str) -> None:
        try:
            may_act(found, who, await self._name(found.person))
        except NotTheirs as error:
            await self._refused(found, by, act, error)
            raise

    async def _refused(self, found: Incident | None, by: str, act: str, error: OversightError) -> None:
        detail: dict[str, object] = {"act": act, "refused": str(error)[:WORDS_MAX]}
        if found is None or not found.number:
            await self._write(
                Entry(0, Tag.INCIDENT_REFUSED, self._clock(), person=by or CONSOLE, detail=detail)
            )
        else:
            await self._write(self._entry(found, Tag.INCIDENT_REFUSED, by, detail))

    def _entry(self, found: Incident, tag: Tag, by: str, detail: dict[str, object]) -> Entry:
        return Entry(0, tag, self._clock(), found.number, found.ori, found.terminal, by or CONSOLE,
                     {"incident": found.number, **detail})  # fmt: skip

    async def _write(self, entry: Entry, beside: Beside | None = None) -> int:
        return await write_with(self._connection, self._texts, self._clock, entry, beside)


_TAGS = (Tag.INCIDENT_OPENED, Tag.INCIDENT_CHANGED, Tag.INCIDENT_OVERDUE)


def _of_people(file: File) -> bool:
    """Whether the records of a file are about somebody by name."""
    return any(field.code == "NAM" for field in file.fields)


def _said(words: str) -> str:
    """Words that say something. Raises IllegalMove."""
    said = words.strip()
    if not 0 < len(said) <= WORDS_MAX or not said.isprintable():
        raise IllegalMove(f"say it in 1 to {WORDS_MAX:,} characters that can be printed")
    return said


def new(
    kind: Kind,
    ori: str,
    *,
    person: str = "",
    terminal: str = "",
    discovered_at: datetime,
    now: datetime,
    origin: str = "",
) -> Incident:
    """An incident that is not kept yet."""
    return Incident(number=0, kind=kind, ori=ori, person=person, terminal=terminal, discovered_at=discovered_at,
                    opened_at=now, opened_by="", origin=origin)  # fmt: skip


async def keep_looking(
    connect: Callable[[], Awaitable[asyncpg.Connection]],
    texts: Texts,
    clock: Callable[[], datetime],
    rest: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(LOOK_EVERY_S),
) -> None:
    """Looks for incidents and what is overdue until cancelled. Every process may; each is opened and written once."""
    while True:
        await rest()
        try:
            connection = await connect()
            try:
                await Incidents(connection, texts, clock).look()
            finally:
                await connection.close()
        except TROUBLES as error:
            log.warning("incidents could not be looked for, and will be again: %s", error)
        except Exception:  # told, and looked again: nobody would notice that the look had ended
            log.exception("incidents could not be looked for, which is our fault")
