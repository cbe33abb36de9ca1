"""The HTTP API for programs: sign in, send, receive as events, acknowledge, and read what may be said."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, aclosing

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from wireroom.message.answer import Receipt
from wireroom.message.envelope import Arrival, Seat
from wireroom.message.reason import Reason
from wireroom.message.write import write
from wireroom.policy.cad import BadWords
from wireroom.policy.posture import BadClaims
from wireroom.web import explaining, openapi, orders, people, posture
from wireroom.web.api_door import ApiDoor, NoSuchWay, at_door, media_of, peer_of, token_of
from wireroom.web.api_door import Limits as Limits
from wireroom.web.catalogue_shown import CatalogueShown, catalogue_shown
from wireroom.web.device import device_of
from wireroom.web.house import House, HouseBusy, Refusal
from wireroom.web.office_api import OfficeApi
from wireroom.web.shapes import (
    Acknowledgement,
    End,
    Health,
    Link,
    Links,
    Transaction,
    delivered,
    received,
)
from wireroom.web.stream import Ended, EventStream, Feed, event, events, feed
from wireroom.web.trouble import JSON, NO_STORE, Refuse, answering, as_json, faulty, of_receipt
from wireroom.web.way import At, Way
from wireroom.web.ways import WAYS

NUMBER_MAX = 2**63 - 1
_KEY = re.compile(r"[\x21-\x7e]{1,64}")
_EVENTS = "text/event-stream"


def routes(house: House, *, limits: Limits = Limits()) -> list[Route]:  # noqa: B008 - frozen
    """All routes of the API over a house, administration among them where that is beside the messages.

    The app that holds them may run many requests at once.
    """
    ways = at_door(WAYS, At.MESSAGES, At.BOTH)
    office = at_door(WAYS, At.ADMINISTRATION) if house.office is not None else ()
    api = Api(house, limits, (*ways, *office))
    made = api.routes(ways)
    if house.office is not None:
        made += OfficeApi(house, house.office, limits).routes(office)
    return [*made, NoSuchWay(api, (*ways, *office)).route()]


class Api(ApiDoor):
    """What the routes of messages do."""

    def __init__(self, house: House, limits: Limits, ways: tuple[Way, ...]) -> None:
        super().__init__(house, limits)
        self._house, self._ways = house, ways
        self._streams: Counter[str] = Counter()
        self._described: tuple[object, bytes, CatalogueShown] | None = None

    # ------------------------------------------------------------------ sending

    async def transact(self, request: Request) -> Response:
        """One text on its way; its answers too, where the reader accepts events."""
        session, key = await self._who(request), key_of(request)
        asked = await self._body(request, Transaction)
        text = asked.text
        if asked.box:
            reading = self._house.understand(text, session.seat)
            if reading.message is None:
                return faulty(reading.faults)
            text = write(reading.message)
        arrival = Arrival(
            text=text, seat=session.seat, key=key, at=self._house.now(),
            purpose=asked.purpose.strip().upper(), case=asked.case.strip().upper(),
            reason=Reason(kind=asked.kind, requester=asked.requester.strip().upper(), words=asked.words.strip(),
                          for_agency=asked.agency.strip().upper()),
        )  # fmt: skip
        if _EVENTS in request.headers.get("accept", ""):
            self._room_for_a_stream(session.seat)
            return AnswerStream(self, arrival, acknowledge=request.query_params.get("acknowledge") == "true")
        return of_receipt(await self._house.transact(arrival))

    async def order(self, request: Request) -> Response:
        """One order of a court as a document, and the record that it made."""
        session, key = await self._who(request), key_of(request)
        way = orders.MEDIA.get(media_of(request))
        if way is None:
            raise Refuse(415, "media-type", f"Send the body as {' or '.join(orders.MEDIA)}.")
        try:
            text = (await self._read(request)).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Refuse(400, "body", "The body is not UTF-8.") from error
        house, seat = self._house, session.seat
        arrival = Arrival(text=text, seat=seat, key=key, at=house.now(), way=way)
        async with feed(house, seat.terminal) as ahead:
            receipt = await house.transact(arrival)
            taken = receipt.state in {"accepted", "repeat"}
            delivery = (
                await orders.answer_to(receipt, ahead, self._limits.answers_within_s) if taken else None
            )
        if delivery is not None and request.query_params.get("acknowledge") == "true":
            await house.acknowledge(seat, [delivery.number])
        if receipt.state == "busy":
            raise HouseBusy(1, receipt.reason)
        return orders.response_to(arrival, receipt, delivery, house.catalogue)

    async def acknowledge(self, request: Request) -> Response:
        """These were shown. A program says so, so it puts off no idle limit."""
        session = await self._who(request, used=False)
        asked = await self._body(request, Acknowledgement)
        numbers = [int(number) for number in asked.numbers]
        if not all(0 < number <= NUMBER_MAX for number in numbers):
            raise Refuse(422, "numbers", "A delivery's number is from 1 to 9223372036854775807.")
        await self._house.acknowledge(session.seat, numbers)
        return Response(status_code=204, headers=NO_STORE)

    # ------------------------------------------------------------------ receiving

    async def deliveries(self, request: Request) -> Response:
        """All that comes for the terminal, without end; it puts off no idle limit: nobody need watch."""
        session = await self._who(request, used=False)
        token, seat, device = token_of(request), session.seat, device_of(request)
        self._room_for_a_stream(seat)

        async def alive() -> bool:
            return await self._house.session(token, used=False, device=device) is not None

        pieces = events(self._house, seat, alive=alive, beat=self._limits.beat)
        return EventStream(self._counted(pieces, seat))

    def _room_for_a_stream(self, seat: Seat) -> None:
        limits = self._limits
        if self._streams[seat.terminal] >= limits.streams_per_terminal_max:
            raise Refuse(
                429, "streams", "This terminal has too many streams open: close one.", wait_seconds=5
            )
        if self._streams.total() >= limits.streams_max:
            raise Refuse(429, "streams", "Too many streams are open: try again later.", wait_seconds=30)

    async def _counted(self, pieces: AsyncGenerator[bytes, None], seat: Seat) -> AsyncGenerator[bytes, None]:
        self._streams[seat.terminal] += 1
        try:
            async with aclosing(pieces):
                async for piece in pieces:
                    yield piece
        finally:
            self._streams[seat.terminal] -= 1
            if not self._streams[seat.terminal]:
                del self._streams[seat.terminal]

    async def begin(self, arrival: Arrival, ahead: Feed, *, acknowledge: bool) -> Response:
        """The response to a transaction whose answers come in the same response: a receipt and its events."""

        async def carry() -> Response:
            receipt = await self._house.transact(arrival)
            if receipt.state not in {"accepted", "repeat"}:
                return of_receipt(receipt)
            pieces = self._answers(receipt, ahead, arrival.seat if acknowledge else None)
            return EventStream(self._counted(pieces, arrival.seat))

        return await answering(carry, self._limits.request_within_s)

    def feed_of(self, arrival: Arrival) -> AbstractAsyncContextManager[Feed]:
        """The mailbox to read the answers from, to be opened before the message is sent."""
        return feed(self._house, arrival.seat.terminal)

    async def _answers(self, receipt: Receipt, ahead: Feed, seat: Seat | None) -> AsyncGenerator[bytes, None]:
        """The receipt, each answer as it comes, and the end. With a seat, what was sent is acknowledged."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self._limits.answers_within_s
        yield event("receipt", _text(received(receipt)))
        parts, sent, reason = set[int](), list[int](), "complete"
        expected = len(receipt.sources)
        while len(parts) < expected:
            try:
                delivery = await ahead.next(due - loop.time())
            except TimeoutError:
                reason = "deadline"
                break
            except Ended:
                reason = "closing"
                break
            if delivery.transaction != receipt.number:
                if loop.time() < due:
                    continue
                reason = "deadline"  # however much else comes, this response has an end
                break
            yield event("answer", _text(delivered(delivery)), delivery.number)
            parts.add(delivery.part or -delivery.number)
            sent.append(delivery.number)
            expected = delivery.parts or expected
        if seat is not None and sent:
            await self._house.acknowledge(seat, sent)
        yield event("end", _text(End(reason=reason, answers=len(parts))))

    # ------------------------------------------------------------------ what may be said

    async def catalogue(self, request: Request) -> Response:
        """Every message key with its fields, in words."""
        await self._who(request)
        return as_json(self._description()[1])

    async def document(self, request: Request) -> Response:
        """This API, described for programs."""
        await self._who(request)
        return Response(self._description()[0], headers=NO_STORE, media_type=JSON)

    def _description(self) -> tuple[bytes, CatalogueShown]:
        """Made once for each catalogue: a change of local files makes another one."""
        catalogue = self._house.catalogue
        if self._described is None or self._described[0] is not catalogue:
            text = msgspec.json.encode(openapi.describe(catalogue, self._ways))
            self._described = (catalogue, text, catalogue_shown(catalogue))
        return self._described[1:]

    async def links(self, request: Request) -> Response:
        """Every source, and whether it can be asked."""
        await self._who(request)
        return as_json(
            Links(tuple(Link(name=link.name, up=link.up, since=link.since, waiting=link.waiting)
                        for link in self._house.links()))
        )  # fmt: skip

    # ------------------------------------------------------------------ why things are asked

    async def cad(self, request: Request) -> Response:
        """What an agency's CAD says of its incidents."""
        terminal, secret = explaining.interface_of(request.headers.get("authorization", ""))
        given = await self._body(request, explaining.CadGiven)
        peer = peer_of(request)
        try:
            kept = await self._house.explaining.cad(terminal, secret, peer, given.incidents)
        except BadWords as bad:
            return faulty([(f"incidents[{one.place}].{one.field}", one.reason) for one in bad.faults])
        if isinstance(kept, Refusal):
            raise Refuse(401, kept.code, kept.reason)
        return as_json(explaining.taken(kept))

    async def posture(self, request: Request) -> Response:
        """What an agency's device management measured of its devices."""
        terminal, secret = explaining.interface_of(request.headers.get("authorization", ""))
        given = await self._body(request, posture.MeasuredGiven)
        peer = request.client.host if request.client else ""
        try:
            kept = await self._house.posture(terminal, secret, peer, given.devices)
        except BadClaims as bad:
            return faulty([(f"devices[{one.place}].{one.field}", one.reason) for one in bad.faults])
        if isinstance(kept, Refusal):
            raise Refuse(401, kept.code, kept.reason)
        return as_json(posture.taken(kept))

    async def explain(self, request: Request) -> Response:
        """What an inquiry was for, said afterwards."""
        seat = (await self._who(request)).seat
        number, reason = explaining.reason_given(await self._body(request, explaining.ReasonGiven))
        people.or_refuse(await self._house.explaining.explain(seat, number, reason))
        return Response(status_code=204, headers=NO_STORE)

    async def unexplained(self, request: Request) -> Response:
        """What of the agency's inquiries nothing explains."""
        seat = (await self._who(request)).seat
        found = people.or_refuse(await self._house.explaining.unexplained(seat))
        return as_json(explaining.reasons_shown(found))

    async def runs(self, request: Request) -> Response:
        """What others asked in the person's name."""
        seat = (await self._who(request)).seat
        return as_json(explaining.reasons_shown(await self._house.explaining.runs(seat)))

    async def health(self, request: Request) -> Response:
        """Ok, degraded or down, for whoever asks, and nothing more."""
        if not self._house.well:
            return as_json(Health("down", self._house.alarms), 503)
        state = "ok" if all(link.up for link in self._house.links()) else "degraded"
        return as_json(Health(state, self._house.alarms))


class AnswerStream(Response):
    """The response to one transaction with its answers: the mailbox is open before the message is sent."""

    def __init__(self, api: Api, arrival: Arrival, *, acknowledge: bool) -> None:
        super().__init__()
        self._api, self._arrival, self._acknowledge = api, arrival, acknowledge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._api.feed_of(self._arrival) as ahead:
            response = await self._api.begin(self._arrival, ahead, acknowledge=self._acknowledge)
            await response(scope, receive, send)


def key_of(request: Request) -> str:
    """The sender's own key of a request, by which a repeat is known. Raises Refuse where it is none."""
    key = request.headers.get("idempotency-key", "")
    if not _KEY.fullmatch(key):
        raise Refuse(
            400, "key", "Send an Idempotency-Key of 1 to 64 visible characters, new for each message."
        )
    return key


def _text(body: object) -> str:
    return msgspec.json.encode(body).decode()
