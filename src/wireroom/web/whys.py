"""Asks what an inquiry was for where nothing explains it: after its answers, beside the work, one press where known."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from wireroom.catalog.tables import table
from wireroom.message.answer import Receipt
from wireroom.message.reason import REFERENCE_MAX, WORDS_MAX, Reason, ReasonKind
from wireroom.web.cards import short
from wireroom.web.door import Answered, Door, by_script, place_of, text
from wireroom.web.house import Session
from wireroom.web.recent import Shelf, Why

OFFERS_MAX = 3


class Whys:
    """The questions that wait for a word. They never come before an answer, and never over one."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def routes(self) -> list[Route]:
        return [Route("/reason", self.told, methods=["POST"])]

    async def note(self, session: Session, receipt: Receipt, asked: str, at: str) -> None:
        """Remembers a question whose receipt says that nothing explains it; a case that was given, to be offered."""
        if not receipt.unexplained:
            return
        shelf = self.door.recent.of(session.seat.terminal)
        found = await self.door.house.explaining.own_incidents(session.seat)
        given = [(one, "") for one in shelf.cases(session.seat.person) if one not in dict(found)]
        what = short(asked, self.door.house.catalogue)
        shelf.wonder(
            session.seat.person,
            Why(transaction=receipt.number, what=what, at=at, offers=(*found, *given)[:OFFERS_MAX]),
        )

    def due(self, session: Session, transaction: int) -> bool:
        """Whether with this answer a question's answers are all there, so that it may be asked about."""
        shelf = self.door.recent.of(session.seat.terminal)
        return any(why.transaction == transaction for why in ready(shelf, session.seat.person))

    def drawn(self, session: Session, place: str, fault: str = "", *, done: bool = False) -> str:
        """The piece of the page that asks, as it stands now."""
        return self.door.fragment(
            "whys.html", csrf=session.csrf, place=place, **self.values(session, fault, done)
        )

    def values(self, session: Session, fault: str = "", done: bool = False) -> dict[str, object]:
        """With what the template draws it."""
        shelf = self.door.recent.of(session.seat.terminal)
        kinds = [(row.code, row.meaning) for row in table("reason").values()]
        return {
            "whys": ready(shelf, session.seat.person), "turn": shelf.turn(), "why_fault": fault, "why_done": done,
            "kinds": kinds, "reference_max": REFERENCE_MAX, "words_max": WORDS_MAX,
        }  # fmt: skip

    async def told(self, request: Request) -> Response:
        """What the person says; with script the piece is drawn anew, without it the page."""
        session = await self.door.session(request)
        form = await self.door.form(request, session)
        place, number = place_of(text(form, "place")), text(form, "transaction")
        reference = (text(form, "offer") or text(form, "reference")).strip().upper()[:REFERENCE_MAX]
        kind = text(form, "kind")
        reason = Reason(
            kind=ReasonKind(kind) if kind in set(ReasonKind) else ReasonKind.UNSAID,
            reference=reference,
            words=text(form, "words").strip()[:WORDS_MAX],
        )
        transaction = int(number) if number.isdecimal() and len(number) < 20 else 0
        refusal = await self.door.house.explaining.explain(session.seat, transaction, reason)
        if refusal is None:
            shelf = self.door.recent.of(session.seat.terminal)
            shelf.learn(session.seat.person, transaction, reference)
        if by_script(request):
            fault = refusal.reason if refusal else ""
            return Answered(
                200 if refusal is None else 422, fault, html=self.drawn(session, place, fault, done=True)
            )
        if refusal is not None:
            return self.door.words(request, 422, refusal.reason.rstrip("."), "Go back and say it again.")
        return RedirectResponse(f"/{place}", 303)


def ready(shelf: Shelf, person: str) -> list[Why]:
    """What may be asked about: questions whose answers have all come."""
    return [why for why in shelf.whys(person) if _answered(shelf, why.transaction)]


def _answered(shelf: Shelf, transaction: int) -> bool:
    came = shelf.answers(transaction)
    return bool(came) and len({one.part for one in came}) >= max(one.parts for one in came)
