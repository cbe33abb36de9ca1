"""What every way of the HTTP API needs, whatever it does: who calls, bodies within limits, and one shape of trouble."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wireroom.web.device import device_of
from wireroom.web.notice import NOTICE, TITLE, VERSION
from wireroom.web.session import Admitting, Refusal, Session
from wireroom.web.shapes import Factors, SignIn, signed_in
from wireroom.web.stream import Beat
from wireroom.web.trouble import JSON, NO_STORE, Refuse, answering, as_json
from wireroom.web.way import At, Way
from wireroom.web.ways import METHODS

Taken = TypeVar("Taken")
Endpoint = Callable[[Request], Awaitable[Response]]

UNREAD = "Show this to the person, and send `acknowledged`: true once they have acknowledged it."
_BEARER = re.compile(r"[Bb]earer +([\x21-\x7e]{1,200})")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much one request may send, how long it may take, and how many streams stay open."""

    body_bytes_max: int = 64 * 1024
    request_within_s: float = 15.0
    answers_within_s: float = 12.0  # of one transaction's stream: a little more than the switch waits
    streams_max: int = 4_000
    streams_per_terminal_max: int = 16
    beat: Beat = Beat()


class ApiDoor:
    """Signing in and out, and what the ways share. Only sign-in and health answer without a session."""

    def __init__(self, house: Admitting, limits: Limits) -> None:
        self._admitting, self._limits = house, limits

    def door(self, endpoint: Endpoint) -> Endpoint:
        """An endpoint that turns every trouble into the one shape of error."""

        async def guarded(request: Request) -> Response:
            return await answering(lambda: endpoint(request), self._limits.request_within_s)

        return guarded

    def routes(self, ways: Iterable[Way]) -> list[Route]:
        """A route for each of these ways, which this door does."""
        return [Route(way.path, self.door(getattr(self, way.does)), methods=[way.method]) for way in ways]

    # ------------------------------------------------------------------ who

    async def sign_in(self, request: Request) -> Response:
        """Both factors for a session."""
        asked = await self._body(request, SignIn)
        if not asked.acknowledged:
            raise Refuse(403, "notice", " ".join((f"{TITLE}.", *NOTICE, UNREAD)))
        answer = await self._admitting.sign_in(
            person=asked.person, password=asked.password, code=asked.code, terminal=asked.terminal,
            peer=peer_of(request), kind="api", notice=VERSION, device=device_of(request),
        )  # fmt: skip
        return as_json(signed_in(opened(answer)), 201)

    async def confirm(self, request: Request) -> Response:
        """Both factors again, for a session in place of this one."""
        await self._who(request)
        asked = await self._body(request, Factors)
        answer = await self._admitting.confirm(
            token_of(request), password=asked.password, code=asked.code, peer=peer_of(request)
        )
        return as_json(signed_in(opened(answer)), 201)

    async def sign_out(self, request: Request) -> Response:
        """The end of the session of this request."""
        await self._who(request, used=False)
        await self._admitting.sign_out(token_of(request))
        return Response(status_code=204, headers=NO_STORE)

    async def _who(self, request: Request, *, used: bool = True) -> Session:
        """The session of the request's token. Cookies are not looked at, so no other site can send for it."""
        token = token_of(request)
        device = device_of(request)
        session = await self._admitting.session(token, used=used, device=device) if token else None
        if session is None:
            raise Refuse(
                401, "session", "No session stands for this token: sign in, and send it as a bearer token."
            )
        return session

    # ------------------------------------------------------------------ bodies

    async def _body(self, request: Request, shape: type[Taken]) -> Taken:
        """The body of a request, within the limit and of the right shape."""
        if media_of(request) != JSON:
            raise Refuse(415, "media-type", "Send the body as application/json.")
        raw = await self._read(request)
        try:
            return msgspec.json.decode(raw, type=shape)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Refuse(400, "body", f"The body cannot be read: {error}") from error

    async def _read(self, request: Request) -> bytes:
        """The body of a request, within the limit."""
        raw = bytearray()
        async for piece in request.stream():
            raw += piece
            if len(raw) > self._limits.body_bytes_max:
                raise Refuse(413, "too-long", f"The body is longer than {self._limits.body_bytes_max} bytes.")
        return bytes(raw)


class NoSuchWay:
    """What answers where no way is, with what there is at this door."""

    def __init__(self, door: ApiDoor, ways: tuple[Way, ...]) -> None:
        self._door, self._ways = door, ways

    def route(self) -> Route:
        """Everything else under /api/."""
        return Route("/api/{rest:path}", self._door.door(self._answer), methods=list(METHODS))

    async def _answer(self, request: Request) -> Response:
        if may := [way.method for way in self._ways if way.path == request.url.path]:
            raise Refuse(405, "method", f"This address takes {', '.join(may)}.")
        raise Refuse(404, "address", "There is no such address: /api/v1/openapi.json names them all.")


def at_door(ways: Iterable[Way], *doors: At) -> tuple[Way, ...]:
    """The ways that are at one of these doors."""
    return tuple(way for way in ways if way.at in doors)


def opened(answer: Session | Refusal) -> Session:
    """The session. Raises Refuse where there is none."""
    if isinstance(answer, Refusal):
        status = 429 if answer.wait_seconds else 401
        raise Refuse(status, answer.code, answer.reason, wait_seconds=answer.wait_seconds)
    return answer


def peer_of(request: Request) -> str:
    """The network address that a request came from."""
    return request.client.host if request.client else ""


def media_of(request: Request) -> str:
    """The media type of a request's body."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def token_of(request: Request) -> str:
    """The bearer token of a request; empty where there is none."""
    found = _BEARER.fullmatch(request.headers.get("authorization", ""))
    return found[1] if found else ""
