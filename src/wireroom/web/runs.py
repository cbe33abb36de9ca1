"""Two lists for people: what others asked in one's own name, and what of an agency's inquiries nothing explains."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wireroom.catalog.tables import table
from wireroom.switch.reasons import Kept
from wireroom.web.door import Door
from wireroom.web.house import Refusal, Session

VERDICTS = {
    "confirmed": "an open incident explains it",
    "known": "the incident is known, with nobody of yours on it then",
    "stated": "stated; no CAD can tell",
    "unknown": "the CAD has not told of this incident yet",
    "none": "nothing explains it yet",
    "own-later": "only the person's own later entry in the CAD explains it",
    "unexplained": "nothing explains it",
    "refused": "refused: too much in an hour",
    "told": "told afterwards, in words",
}


class Runs:
    """The pages. Neither shows what was asked about: the journal has that, for who may read it."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def routes(self) -> list[Route]:
        return [Route("/runs", self.runs), Route("/reasons", self.reasons)]

    async def runs(self, request: Request) -> Response:
        """What others asked in one's own name."""
        session = await self.door.session(request)
        found = await self.door.house.explaining.runs(session.seat)
        return self._draw(
            request, session, found, "Run in your name",
            "Inquiries that others made and said were for you. If you did not ask for one, tell your coordinator its "
            "number.",
        )  # fmt: skip

    async def reasons(self, request: Request) -> Response:
        """What nothing explains, for the coordinator and the auditor."""
        session = await self.door.session(request)
        found = await self.door.house.explaining.unexplained(session.seat)
        if isinstance(found, Refusal):
            return self.door.words(
                request, 403, found.reason.rstrip("."), "Your own stand under Run in your name."
            )
        return self._draw(
            request, session, found, "Inquiries without a reason",
            "Of your agency. Each is looked at again after 15 minutes, 4 hours and a day; what is unexplained then "
            "stays so until its person says what it was for.",
        )  # fmt: skip

    def _draw(
        self, request: Request, session: Session, found: Sequence[Kept], title: str, words: str
    ) -> Response:
        kinds = {row.code: row.meaning for row in table("reason").values()}
        values = {"title": title, "words": words, "rows": found, "verdicts": VERDICTS, "kinds": kinds}
        return self.door.render(request, "runs.html", session, values=values)
