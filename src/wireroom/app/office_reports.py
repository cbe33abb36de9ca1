"""Reports of access for an agency's auditor: read from the journal, after it is written there who reads."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from wireroom.app.office_gate import Gate
from wireroom.catalog.index import Catalogue
from wireroom.journal.sealing import Texts
from wireroom.oversight import access as reading
from wireroom.oversight.access import Access, Asked, Span, TooMuch
from wireroom.policy import Unfit
from wireroom.policy.directory import Pool
from wireroom.policy.office import Act
from wireroom.web import office_shapes as shapes
from wireroom.web.office_shapes import Call, ReportWanted
from wireroom.web.session import Refusal


class ReportsOffice:
    """`journal` reads the journal and nothing else; `pool` the people."""

    def __init__(
        self, gate: Gate, pool: Pool, journal: Pool, texts: Texts, catalogue: Callable[[], Catalogue]
    ) -> None:
        self._gate, self._pool, self._journal, self._texts = gate, pool, journal, texts
        self._catalogue = catalogue

    async def access(self, call: Call, wanted: ReportWanted) -> shapes.AccessReport | Refusal:
        """Who of the agency asked how often."""
        span = Span(ori=call.seat.ori, since=wanted.since, until=wanted.until)

        async def check() -> None:
            if span.wrong:
                raise Unfit(span.wrong)

        async def do() -> shapes.AccessReport:
            try:
                found = await reading.access(
                    self._journal, span, texts=self._texts, files_of=reading.files_of(self._catalogue())
                )
            except TooMuch as error:
                raise Unfit(str(error)) from error
            return _report(span, found)

        return await self._gate.do(call, Act.ACCESS_REPORT, _told(span), do, check)

    async def asked_by(self, call: Call, wanted: ReportWanted) -> shapes.PersonReport | Refusal:
        """What one person of the agency asked; what was asked at another agency is that one's."""
        span = Span(ori=call.seat.ori, since=wanted.since, until=wanted.until)

        async def check() -> None:
            if span.wrong:
                raise Unfit(span.wrong)
            if not wanted.person:
                raise Unfit("name the person whose askings are to be shown")
            if wanted.after and not (wanted.after.isascii() and wanted.after.isdigit()):
                raise Unfit("after is what the list before gave, a number")

        async def do() -> shapes.PersonReport:
            before = int(wanted.after) if wanted.after else None
            most = min(wanted.limit, reading.LISTED_MAX)
            try:
                found = await reading.asked_by(
                    self._journal, span, wanted.person, texts=self._texts, files_of=reading.files_of(self._catalogue()),
                    before=before, limit=most,
                )  # fmt: skip
            except TooMuch as error:
                raise Unfit(str(error)) from error
            after = str(found[-1].number) if len(found) == most else ""
            return shapes.PersonReport(
                person=wanted.person, since=span.since, until=span.until, after=after,
                asked=tuple(_asked(one) for one in found),
            )  # fmt: skip

        return await self._gate.do(
            call, Act.PERSON_REPORT, _told(span) | {"person": wanted.person}, do, check
        )


def _told(span: Span) -> dict[str, object]:
    return {"of": span.ori, "since": span.since.isoformat(), "until": span.until.isoformat()}


def _report(span: Span, found: Access) -> shapes.AccessReport:
    return shapes.AccessReport(
        ori=span.ori, since=span.since, until=span.until, unread=found.unread,
        used=tuple(shapes.UseShown(**msgspec.structs.asdict(one)) for one in found.used),
        refused=tuple(shapes.RefusedShown(**msgspec.structs.asdict(one)) for one in found.refused),
        unexplained=tuple(shapes.UnexplainedShown(person=who, times=times) for who, times in found.unexplained),
    )  # fmt: skip


def _asked(one: Asked) -> shapes.AskedShown:
    return shapes.AskedShown(**(msgspec.structs.asdict(one) | {"number": str(one.number)}))
