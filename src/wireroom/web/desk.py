"""The desk and the car: one page in two sizes, and what its script and its plain forms ask of it."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from wireroom.catalog.tables import table
from wireroom.message.answer import Delivery
from wireroom.message.envelope import Fault
from wireroom.web import acts, cards
from wireroom.web.acts import View
from wireroom.web.asking import PURPOSE, Asking, Wish, words
from wireroom.web.cards import Card
from wireroom.web.door import Answered, Door, by_script, place_of, text
from wireroom.web.house import Session
from wireroom.web.recent import Shelf, Standing, is_mail
from wireroom.web.stream import PREAMBLE, Ended, EventStream, event, feed

CARDS_DRAWN_MAX = 60  # in a page as it loads; the stream may add more
NUMBERS_MAX = 500  # acknowledged by one request
STREAMS_MAX = 16  # windows of one terminal
CONCERNED_MAX = 8  # cards that are drawn anew because something was done with their record
BEAT_S = 4.0  # a page calls itself linked only if it heard something within ten seconds
KEYS = (
    ("F2", "Plate", "QV"),
    ("F3", "Person", "QW"),
    ("F4", "Licence", "DQ"),
    ("F5", "Gun", "QG"),
    ("F6", "Boat", "QB"),
)


class Desk:
    """The pages of one who asks."""

    def __init__(self, door: Door, asking: Asking) -> None:
        self.door = door
        self.asking = asking
        self._streams: Counter[str] = Counter()  # open pages, by terminal

    def routes(self) -> list[Route]:
        return [
            Route("/desk", self.page),
            Route("/car", self.page),
            Route("/live", self.live),
            Route("/understand", self.understand, methods=["POST"]),
            Route("/send", self.send, methods=["POST"]),
            Route("/ack", self.ack, methods=["POST"]),
            Route("/seen", self.seen, methods=["POST"]),
        ]

    # ------------------------------------------------------------------ pages

    async def page(self, request: Request) -> Response:
        session = await self.door.session(request)
        show = request.query_params.get("show", "")
        if "wait" in request.query_params:
            sent = request.query_params["wait"]  # what was sent from the card that is shown
            number = sent if sent.isdecimal() and int(sent) > 1 else show
            await self.asking.collect(session.seat.terminal, _number(number))
        return self._draw(
            request, session, place_of(request.url.path), show=show, typed=request.query_params.get("ask", "")
        )

    def _draw(
        self,
        request: Request,
        session: Session,
        place: str,
        *,
        show: str = "",
        typed: str = "",
        faults: tuple[Fault, ...] = (),
        given: Standing | None = None,
    ) -> Response:
        shelf = self.door.recent.of(session.seat.terminal)
        view = self._view(session, place)
        questions = self._questions(shelf, view)
        mails = [cards.mail(d, view, seen=d.number in shelf.seen) for d in shelf.mails()[:CARDS_DRAWN_MAX]]
        known = {card.id for card in (*questions, *mails)}
        unseen = next((card.id for card in (*questions, *mails) if card.tone == "hit"), "")
        newest = questions[0].id if questions else ""
        stands = given or self.asking.standing(session)
        values = {
            "place": place,
            "questions": questions,
            "mails": mails,
            "log": [self._logged(d) for d in shelf.latest()] if place == "desk" else [],
            "shown": show if show in known else unseen or newest,
            "typed": typed[:2000],
            "faults": [words(fault) for fault in faults],
            "purpose": stands.purpose,
            "case": stands.case,
            "agency": stands.agency,
            "agencies": self.door.house.asks_for(session.seat),
            "purposes": list(table(PURPOSE.kind.table).values()),  # type: ignore[union-attr]
            "key": secrets.token_hex(12),
            "keys": [key for key in KEYS if key[2] in self.door.house.catalogue.forms],
            "links": self.door.house.links(),
            "csrf": session.csrf,
            **self.asking.whys.values(session),
            **self._offers(),
        }  # fmt: skip
        return self.door.render(request, "desk.html", session, status=422 if faults else 200, values=values)

    def _view(self, session: Session, place: str) -> View:
        """With what the cards of one reader are drawn."""
        came = self.door.recent.of(session.seat.terminal).deliveries
        return View(catalogue=self.door.house.catalogue, seat=session.seat, place=place, came=came)

    def _questions(self, shelf: Shelf, view: View) -> list[Card]:
        newest = sorted(shelf.transactions(), reverse=True)[:CARDS_DRAWN_MAX]
        return [self._card(shelf, transaction, view) for transaction in newest]

    def _card(self, shelf: Shelf, transaction: int, view: View) -> Card:
        asked, came = shelf.asked.get(transaction), shelf.answers(transaction)
        return cards.card(transaction, asked, came, view, seen=transaction in shelf.seen)

    def _offers(self) -> dict[str, object]:
        """Which further acts the catalogue allows on a card: answering a message."""
        return {"reply": "AM" in self.door.house.catalogue.forms}

    # ------------------------------------------------------------------ what the page sends

    async def understand(self, request: Request) -> Response:
        session = await self.door.session(request)
        form = await self.door.form(request, session)
        reading = self.asking.understand(session, text(form, "text"))
        if reading.message is None:
            return Answered(200, "; ".join(map(words, reading.faults)), ok=False)
        sources = self.asking.sources(reading)
        return Answered(
            200, reading.understood + (f" — asks {', '.join(sources)}" if sources else ""), ok=True
        )

    async def send(self, request: Request) -> Response:
        session = await self.door.session(request)
        form = await self.door.form(request, session)
        place = place_of(text(form, "place"))
        standing = self.asking.standing(session)
        wish = Wish(  # a button on a card has no purpose and no key of its own
            text=text(form, "text"),
            purpose=text(form, "purpose") if "purpose" in form else standing.purpose,
            case=text(form, "case") if "case" in form else standing.case,
            requester=text(form, "requester"),
            agency=text(form, "agency") if "agency" in form else standing.agency,
            key=text(form, "key") or secrets.token_hex(12),
        )
        sent = await self.asking.send(session, wish)
        if sent.receipt is None:
            if by_script(request):
                return Answered(
                    422, "; ".join(map(words, sent.faults)), fields=[fault.field for fault in sent.faults]
                )
            given = Standing(wish.purpose, wish.case, wish.agency)
            return self._draw(request, session, place, typed=wish.text, faults=sent.faults, given=given)
        number = sent.receipt.number
        if by_script(request):
            return self._piece(session, place, number)
        show = _number(text(form, "show")) or number
        return RedirectResponse(f"/{place}?show={show}&wait={number}", 303)

    def _piece(self, session: Session, place: str, transaction: int) -> Response:
        card = self._card(self.door.recent.of(session.seat.terminal), transaction, self._view(session, place))
        return Answered(200, "", html=self._drawn(card, session, place), number=str(transaction))

    async def ack(self, request: Request) -> Response:
        """The page has drawn these: the switch need not keep them for it any longer. Nobody need be there."""
        session = await self.door.session(request, used=False)
        form = await self.door.form(request, session)
        numbers = [
            int(n) for n in text(form, "numbers").split(",")[:NUMBERS_MAX] if n.isdecimal() and len(n) < 20
        ]
        if numbers:
            await self.door.house.acknowledge(session.seat, numbers)
        return Answered(200, "")

    async def seen(self, request: Request) -> Response:
        """The person has seen a hit or a message, which a machine's receipt does not say."""
        session = await self.door.session(request)
        form = await self.door.form(request, session)
        shelf = self.door.recent.of(session.seat.terminal)
        given, place = text(form, "number"), place_of(text(form, "place"))
        number = _number(given)
        shelf.see(number)
        came = [d.number for d in shelf.answers(number)] or [n for n in shelf.deliveries if n == number]
        if came:
            await self.door.house.acknowledge(session.seat, came[:NUMBERS_MAX])
            await self.door.house.seen(session.seat, number)
        if not by_script(request):
            return RedirectResponse(f"/{place}?show={number}", 303)
        if number in shelf.deliveries and is_mail(shelf.deliveries[number]):
            view = self._view(session, place)
            card = cards.mail(shelf.deliveries[number], view, seen=number in shelf.seen)
            return Answered(200, "", html=self._drawn(card, session, place), number=given)
        if number in shelf.transactions():
            return self._piece(session, place, number)
        return Answered(200, "", html="", number=given)

    # ------------------------------------------------------------------ what the page is sent

    async def live(self, request: Request) -> Response:
        session = await self.door.session(request, used=False)  # a script comes back by itself
        if self._streams[session.seat.terminal] >= STREAMS_MAX:
            return self.door.words(request, 429, "This terminal is open in too many windows", "Close one.")
        return EventStream(self._counted(request, session))

    async def _counted(self, request: Request, session: Session) -> AsyncGenerator[bytes, None]:
        self._streams[session.seat.terminal] += 1
        try:
            async with aclosing(self.pieces(request, session)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            self._streams[session.seat.terminal] -= 1
            if not self._streams[session.seat.terminal]:
                del self._streams[session.seat.terminal]

    async def pieces(self, request: Request, session: Session) -> AsyncGenerator[bytes, None]:
        """Each delivery as drawn pieces of the page, and a beat that tells an honest page that it is linked."""
        loop = asyncio.get_running_loop()
        terminal, place = session.seat.terminal, place_of(request.query_params.get("place", ""))
        yield PREAMBLE
        told = ""
        due = loop.time()
        async with feed(self.door.house, terminal) as ahead:
            while True:
                if loop.time() >= due:
                    if not await self.door.stands(request):
                        yield event("ended", "The session is over. Sign in again.")
                        return
                    links = self.door.fragment("links.html", links=self.door.house.links()).strip()
                    yield event("beat", links if links != told else "")
                    told, due = links, loop.time() + BEAT_S
                try:
                    delivery = await ahead.next(max(0.0, due - loop.time()))
                except Ended:
                    return
                except TimeoutError:
                    continue
                if not await self.door.stands(request):  # not shown to whoever lost the right to it meanwhile
                    yield event("ended", "The session is over. Sign in again.")
                    return
                shelf = self.door.recent.of(terminal)
                shelf.add(delivery)
                yield event("card", self._delivered(session, place, delivery), delivery.number)

    def _delivered(self, session: Session, place: str, delivery: Delivery) -> str:
        """A delivery as pieces of the page: its own card, its line, and the cards that it tells more about."""
        shelf, view = self.door.recent.of(session.seat.terminal), self._view(session, place)
        if is_mail(delivery):
            card = cards.mail(delivery, view, seen=delivery.number in shelf.seen)
        else:
            card = self._card(shelf, delivery.transaction, view)
        others = self._concerned(shelf, view, delivery)
        wonder = self.asking.whys.due(session, delivery.transaction)
        why = self.asking.whys.drawn(session, place) if wonder else ""
        return why + "".join(
            (*(self._drawn(one, session, place) for one in others if one.id != card.id),
             self._drawn(card, session, place, delivery))
        )  # fmt: skip

    def _concerned(self, shelf: Shelf, view: View, delivery: Delivery) -> list[Card]:
        """The cards that show a record or a request with which this says that something was done."""
        numbers = set(acts.concerned(delivery, view.catalogue))
        if not numbers:
            return []
        found: list[Card] = []
        for one in shelf.latest():
            shown = {acts.numbered(hit)[1] for hit in one.hits} | {acts.request_of(one, view.catalogue)}
            if one.number == delivery.number or not numbers & shown or len(found) == CONCERNED_MAX:
                continue
            if is_mail(one):
                found.append(cards.mail(one, view, seen=one.number in shelf.seen))
            else:
                found.append(self._card(shelf, one.transaction, view))
        return found

    def _logged(self, delivery: Delivery) -> tuple[Delivery, cards.Look, str]:
        """A line of the log; what came unasked is told by its title alone."""
        what = "" if is_mail(delivery) else cards.short(delivery.asked, self.door.house.catalogue)
        return delivery, cards.line(delivery), what

    def _drawn(self, card: Card, session: Session, place: str, delivery: Delivery | None = None) -> str:
        logged = self._logged(delivery) if delivery is not None else None
        return self.door.fragment(
            "live.html", card=card, logged=logged, place=place, csrf=session.csrf, **self._offers()
        )


def _number(given: str) -> int:
    return int(given) if given.isdecimal() and len(given) < 20 else 0
