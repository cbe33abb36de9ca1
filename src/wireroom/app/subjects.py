"""Tells a person who looked them up, and keeps what they are not told yet; each with its entry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import asyncpg
import msgspec

from wireroom.app.written import Beside, write_with
from wireroom.catalog.index import Catalogue
from wireroom.catalog.tables import spoken
from wireroom.journal.entry import Entry
from wireroom.journal.sealing import Texts
from wireroom.journal.tags import Tag
from wireroom.message.reason import OPEN_VERDICTS
from wireroom.oversight import IllegalMove, Missing, OversightError, TooMuch
from wireroom.oversight import about_kept as kept
from wireroom.oversight import incidents_kept as people
from wireroom.oversight.about import (
    REPORTS_A_DAY,
    Hold,
    LookUp,
    Seen,
    Subject,
    may_hold,
    may_tell,
    sound,
    withheld,
)

CONSOLE = people.CONSOLE
WORDS_MAX = 500
OPEN = frozenset(verdict.value for verdict in OPEN_VERDICTS)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is handed who asked who looked them up."""

    number: int  # of the entry that says that it was given
    at: datetime
    since: datetime
    until: datetime
    look_ups: tuple[LookUp, ...]
    withheld: int  # held back for a time, with two people's word
    records: int  # records of theirs by which was looked, too
    places: tuple[kept.Place, ...]  # of the entries, in the tree
    checkpoint: str

    def text(self) -> str:
        """As it is handed over."""
        lines = [
            "WHO LOOKED YOU UP", "",
            f"Report {self.number}, {self.at:%Y-%m-%d %H:%M} UTC, for {self.since:%Y-%m-%d} to {self.until:%Y-%m-%d}.",
            f"{len(self.look_ups)} inquiries asked for you, or showed a record that is kept under your name or number.",
            "", f"{'Date and time (UTC)':20} {'Agency':32} {'Asked':34} {'Purpose':18} {'Explained':10} Entry",
        ]  # fmt: skip
        for one in self.look_ups:
            name = f"{one.agency or one.ori}{f', {one.officer}' if one.officer else ''}"
            lines.append(
                f"{one.at:%Y-%m-%d %H:%M}     {name:32} {one.asked:34} {one.purpose:18} {one.explained:10} {one.number}"
            )
        lines += ["", f"Held back for now: {self.withheld}. A hold has an end; ask again later."]
        lines += [
            "", "What this cannot show: inquiries by a plate or by another spelling that showed nothing of yours,",
            "records of other systems that have no number here, and what was refused.", "",
            "Proof. Each entry above has this place in the journal's tree; an export of the journal proves it against",
            "the signed checkpoint below (python verify.py EXPORT --checkpoint FILE).", "",
            *(f"{place.number} leaf {'-' if place.leaf is None else place.leaf}" for place in self.places), "",
            self.checkpoint or "No checkpoint was signed yet.",
        ]  # fmt: skip
        return "\n".join(lines) + "\n"


class Subjects:
    """What may be told to subjects, over one connection of the switch's role. The clock is passed in."""

    def __init__(self, connection: asyncpg.Connection, texts: Texts, clock: Callable[[], datetime]) -> None:
        self._connection, self._texts, self._clock = connection, texts, clock

    async def check(self, proved: str, by: str) -> None:
        """Whether a report may be given out now, before anything is looked for. Raises OversightError."""
        try:
            may_tell(await people.minder(self._connection, by))
            if not 8 <= len(proved.strip()) <= WORDS_MAX or not proved.isprintable():
                raise IllegalMove(
                    f"say in 8 to {WORDS_MAX} characters who asked, and how they proved who they are"
                )
            if await kept.told_lately(self._connection, self._texts, self._clock()) >= REPORTS_A_DAY:
                raise TooMuch(f"{REPORTS_A_DAY} reports were given out in the last day: no more today")
        except OversightError as error:
            await self._refused(proved, by, error)
            raise

    async def _refused(self, proved: str, by: str, error: OversightError) -> None:
        detail: dict[str, object] = {"by": by, "refused": str(error)[:WORDS_MAX], "for": proved[:WORDS_MAX]}
        await self._write(Tag.SUBJECT_REFUSED, "", detail)

    async def tell(
        self, subject: Subject, period: tuple[datetime, datetime], catalogue: Catalogue,
        *, proved: str, by: str, officers: bool,
    ) -> Report:  # fmt: skip
        """The report for a person whose identity was proved. Raises OversightError; what is refused is an entry too."""
        await self.check(proved, by)
        try:
            if period[0] >= period[1]:
                raise IllegalMove("the period ends before it begins")
            found = await kept.look_ups(self._connection, self._texts, subject, period, catalogue)
            told, held = withheld(found, await kept.holds(self._connection, self._clock()), self._clock())
        except OversightError as error:
            await self._refused(proved, by, error)
            raise
        detail: dict[str, object] = {
            "by": by, "for": proved.strip(), "since": period[0].isoformat(), "until": period[1].isoformat(),
            "told": [one.asked.number for one in told], "withheld": held, "officers": officers,
        }  # fmt: skip
        number = await self._write(Tag.SUBJECT_TOLD, "", detail)
        numbers = [one.asked.number for one in told]
        places, checkpoint = await kept.proof(self._connection, numbers)
        return Report(
            number=number, at=self._clock(), since=period[0], until=period[1], withheld=held, places=places,
            look_ups=await self._shown(told, catalogue, officers=officers), checkpoint=checkpoint,
            records=len(subject.records),
        )  # fmt: skip

    async def _shown(self, told: list[Seen], catalogue: Catalogue, *, officers: bool) -> tuple[LookUp, ...]:
        verdicts = await kept.verdicts(self._connection, [one.asked.number for one in told])
        names = await kept.agencies(self._connection, sorted({one.asked.ori for one in told}))
        shown = []
        for one in told:
            asked = one.asked
            key = str(asked.detail.get("text", "")).partition(".")[0]
            form = catalogue.forms.get(key)
            verdict = verdicts.get(asked.number, "")
            explained = "not known" if not verdict else "no" if verdict in OPEN else "yes"
            shown.append(
                LookUp(number=asked.number, at=asked.at, ori=asked.ori, agency=names.get(asked.ori, ""), by=one.by,
                       asked=form.title if form else key, showed=one.showed, explained=explained,
                       purpose=spoken("purpose", str(asked.detail.get("purpose", ""))) or "not said",
                       officer=asked.person if officers else "")
            )  # fmt: skip
        return tuple(shown)

    # ------------------------------------------------------------------ holds

    async def hold(self, hold: Hold, why: str) -> Hold:
        """Ask that inquiries are not told of for a time. It holds nothing before somebody else approves it."""
        try:
            who = await people.minder(self._connection, hold.asked_by)
            may_hold(who, msgspec.structs.replace(hold, asked_by=""))
            sound(hold, why)
        except OversightError as error:
            await self._hold_refused(hold, hold.asked_by, error)
            raise

        async def beside(connection: asyncpg.Connection, number: int) -> None:
            await kept.ask(connection, msgspec.structs.replace(hold, number=number))

        detail: dict[str, object] = {
            "act": "ask", "person": hold.person, "since": hold.since.isoformat(), "until": hold.until.isoformat(),
            "why": why,
        }  # fmt: skip
        return msgspec.structs.replace(
            hold, number=await self._write(Tag.HOLD_CHANGED, hold.ori, detail, beside, by=hold.asked_by)
        )

    async def approve(self, number: int, by: str) -> Hold:
        """The second person's word. Raises OversightError."""
        found = await kept.holds(self._connection, self._clock(), number=number)
        if not found:
            raise Missing(f"no hold {number} was asked for: see `wireroom journal hold list`")
        hold, now = found[0], self._clock()
        try:
            who = await people.minder(self._connection, by)
            asker = await people.account(self._connection, hold.asked_by)
            may_hold(who, hold, asker[0] if asker else "")
            if hold.approved_at is not None or now >= hold.until:
                raise IllegalMove(f"the hold {number} was approved already, or is over")
        except OversightError as error:
            await self._hold_refused(hold, by, error)
            raise

        async def beside(connection: asyncpg.Connection, entry: int) -> None:
            await kept.approve(connection, number, now, by, entry)

        await self._write(Tag.HOLD_CHANGED, hold.ori, {"act": "approve", "hold": number}, beside, by=by)
        return msgspec.structs.replace(hold, approved_at=now, approved_by=by)

    async def holds(self, *, every: bool) -> tuple[Hold, ...]:
        """Holds that stand or wait; or every one. That somebody looks is an entry."""
        await self._write(Tag.HOLD_SHOWN, "", {})
        return await kept.holds(self._connection, self._clock(), every=every)

    async def _hold_refused(self, hold: Hold, by: str, error: OversightError) -> None:
        detail: dict[str, object] = {"act": "refused", "refused": str(error)[:WORDS_MAX], "hold": hold.number}
        await self._write(Tag.HOLD_CHANGED, hold.ori, detail, by=by)

    async def _write(
        self, tag: Tag, ori: str, detail: dict[str, object], beside: Beside | None = None, by: str = ""
    ) -> int:  # fmt: skip
        entry = Entry(0, tag, self._clock(), ori=ori, person=by or CONSOLE, detail=detail)
        return await write_with(self._connection, self._texts, self._clock, entry, beside)
