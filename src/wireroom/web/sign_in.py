"""Signing in, behind the notice that the system is restricted; and signing out."""

from __future__ import annotations

import hmac
import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from wireroom.web.door import COOKIE, FIELDS_MAX, Door, NotOurForm, SignedOut, text
from wireroom.web.house import Refusal, Session

DOOR_COOKIE = "door"  # binds the sign-in form to the browser that got it, before there is a session
NOT_ACKNOWLEDGED = "Tick that you have read the notice, then sign in."


class SignIn:
    """The page at the door."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def routes(self) -> list[Route]:
        return [
            Route("/", self.root),
            Route("/sign-in", self.page),
            Route("/sign-in", self.enter, methods=["POST"]),
            Route("/sign-in/as", self.enter_as, methods=["POST"]),
            Route("/sign-out", self.leave, methods=["POST"]),
        ]

    async def root(self, request: Request) -> Response:
        try:
            await self.door.session(request)
        except SignedOut:
            return RedirectResponse("/sign-in", 303)
        return RedirectResponse("/desk", 303)

    async def page(self, request: Request) -> Response:
        return self._draw(request)

    def _draw(self, request: Request, trouble: str = "", status: int = 200, **given: str) -> Response:
        token = request.cookies.get(DOOR_COOKIE) or secrets.token_urlsafe(24)
        values = {
            "trouble": trouble,
            "personas": self.door.house.personas if self.door.house.demo else (),
            "door": token,
            "person": given.get("person", ""),
            "terminal": given.get("terminal", ""),
            "place": given.get("place", "desk"),
        }
        response = self.door.render(request, "sign_in.html", status=status, values=values)
        self._cookie(request, response, DOOR_COOKIE, token)
        return response

    async def enter(self, request: Request) -> Response:
        form = await request.form(max_fields=FIELDS_MAX, max_files=0)
        self._check(request, text(form, "door"))
        given = {name: text(form, name).strip()[:200] for name in ("person", "terminal", "place")}
        if text(form, "read") != "yes":
            return self._draw(request, NOT_ACKNOWLEDGED, 422, **given)
        result = await self.door.house.sign_in(
            person=given["person"],
            password=text(form, "password"),
            code=text(form, "code").replace(" ", ""),
            terminal=given["terminal"].upper(),
            peer=_peer(request),
        )
        return self._open(request, result, given)

    async def enter_as(self, request: Request) -> Response:
        form = await request.form(max_fields=FIELDS_MAX, max_files=0)
        self._check(request, text(form, "door"))
        persona = text(form, "persona")
        result = await self.door.house.sign_in_as(persona, _peer(request))
        role = next((p.role.lower() for p in self.door.house.personas if p.person == persona), "")
        place = "car" if "officer" in role or "car" in role.split() else "desk"
        return self._open(request, result, {"place": place})

    def _open(self, request: Request, result: Session | Refusal, given: dict[str, str]) -> Response:
        if isinstance(result, Refusal):
            status = 429 if result.wait_seconds else 403
            response = self._draw(request, result.reason, status, **given)
            if result.wait_seconds:
                response.headers["Retry-After"] = str(result.wait_seconds)
            return response
        response = RedirectResponse("/car" if given.get("place") == "car" else "/desk", 303)
        self._cookie(request, response, COOKIE, result.token)
        response.delete_cookie(DOOR_COOKIE)
        return response

    async def leave(self, request: Request) -> Response:
        session = await self.door.session(request)
        await self.door.form(request, session)
        await self.door.house.sign_out(request.cookies.get(COOKIE, ""))
        self.door.recent.of(session.seat.terminal).standing.pop(session.seat.person, None)
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(COOKIE)
        return response

    def _check(self, request: Request, given: str) -> None:
        held = request.cookies.get(DOOR_COOKIE, "")
        if not held or not hmac.compare_digest(held.encode(), given.encode()):
            raise NotOurForm

    def _cookie(self, request: Request, response: Response, name: str, value: str) -> None:
        secure = request.url.scheme == "https"
        response.set_cookie(name, value, httponly=True, samesite="strict", secure=secure, path="/")


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""
