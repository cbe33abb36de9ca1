"""Signing in, behind the notice that the system is restricted; the lock of an idle session; signing out."""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit

import msgspec
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from wireroom.web.device import device_of
from wireroom.web.door import COOKIE, FIELDS_MAX, Answered, Door, NotOurForm, SignedOut, place_of, text
from wireroom.web.house import Refusal, Session, Way
from wireroom.web.notice import NOTICE, TITLE, VERSION

DOOR_COOKIE = "door"  # binds the sign-in form to the browser that got it, before there is a session
HERE = frozenset({"127.0.0.1", "::1", "localhost", "testserver"})  # no network between the browser and us
NOT_ENCRYPTED = (
    "This address is not encrypted, so nobody can sign in over it. Open Wireroom at its https address, or ask its "
    "operator for it."
)
NO_ANSWER = "none"  # of a passkey: what is no answer proves nothing, and is refused as such
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
            Route("/locked", self.locked),
            Route("/unlock", self.unlock, methods=["POST"]),
            Route("/sign-in/question", self.question, methods=["POST"]),
            Route("/sign-in/passkey", self.enter_with_passkey, methods=["POST"]),
            Route("/unlock/passkey", self.unlock_with_passkey, methods=["POST"]),
            Route("/still", self.still),
            Route("/sign-out", self.leave, methods=["POST"]),
        ]

    async def root(self, request: Request) -> Response:
        try:
            await self.door.session(request)
        except SignedOut:
            held = await self.door.house.locked(request.cookies.get(COOKIE, ""), device=device_of(request))
            return RedirectResponse("/sign-in" if held is None else "/locked", 303)
        return RedirectResponse("/desk", 303)

    async def page(self, request: Request) -> Response:
        return self.draw(request)

    def draw(self, request: Request, trouble: str = "", status: int = 200, **given: str) -> Response:
        token = request.cookies.get(DOOR_COOKIE) or secrets.token_urlsafe(24)
        if not self._safe(request):
            trouble, status = NOT_ENCRYPTED, 403
        values = {
            "trouble": trouble,
            "notice": NOTICE,
            "notice_title": TITLE,
            "personas": self.door.house.personas if self.door.house.demo else (),
            "door": token,
            "person": given.get("person", ""),
            "terminal": given.get("terminal", ""),
            "place": given.get("place", "desk"),
            "passkeys": passkeys_at(self.door, request),
            "ways": ways_at(self.door, request),
        }
        response = self.door.render(request, "sign_in.html", status=status, values=values)
        self._cookie(request, response, DOOR_COOKIE, token)
        return response

    async def asked(self, request: Request) -> tuple[FormData, dict[str, str]]:
        """The form of a sign-in by whatever factors, and what of it is shown again; sent by our own page."""
        form = await request.form(max_fields=FIELDS_MAX, max_files=0)
        self.check(request, text(form, "door"))
        return form, {name: text(form, name).strip()[:200] for name in ("person", "terminal", "place")}

    def before(self, request: Request, form: FormData, given: dict[str, str]) -> Response | None:
        """What comes before any factor, whichever they are: no network in clear, and the notice acknowledged."""
        if not self._safe(request):
            return self.draw(request)
        if text(form, "read") != "yes":
            return self.draw(request, NOT_ACKNOWLEDGED, 422, **given)
        return None

    async def enter(self, request: Request) -> Response:
        form, given = await self.asked(request)
        if turned_away := self.before(request, form, given):
            return turned_away
        result = await self.door.house.sign_in(
            person=given["person"],
            password=text(form, "password"),
            code=text(form, "code").replace(" ", ""),
            terminal=given["terminal"].upper(),
            peer=peer(request),
            notice=VERSION,
            device=device_of(request),
        )
        return self.let_in(request, result, given)

    async def enter_as(self, request: Request) -> Response:
        form = await request.form(max_fields=FIELDS_MAX, max_files=0)
        self.check(request, text(form, "door"))
        persona = text(form, "persona")
        result = await self.door.house.sign_in_as(persona, peer(request))
        role = next((p.role.lower() for p in self.door.house.personas if p.person == persona), "")
        place = "car" if "officer" in role or "car" in role.split() else "desk"
        return self.let_in(request, result, {"place": place})

    def let_in(self, request: Request, result: Session | Refusal, given: dict[str, str]) -> Response:
        if isinstance(result, Refusal):
            status = 429 if result.wait_seconds else 403
            response = self.draw(request, result.reason, status, **given)
            if result.wait_seconds:
                response.headers["Retry-After"] = str(result.wait_seconds)
            return response
        response = RedirectResponse("/car" if given.get("place") == "car" else "/desk", 303)
        self.carry(request, response, result.token)
        response.delete_cookie(DOOR_COOKIE)
        return response

    # ------------------------------------------------------------------ the lock

    async def still(self, request: Request) -> Response:
        """For how many seconds the page may still be shown; asking puts nothing off."""
        session = await self.door.session(request, used=False)
        return Answered(200, "", seconds=self.door.seconds_left(session))

    async def locked(self, request: Request) -> Response:
        """The page of a session that is locked; whoever is not locked goes on, or signs in."""
        place = "car" if request.query_params.get("place") == "car" else "desk"
        return await self.draw_locked(request, place)

    async def draw_locked(
        self, request: Request, place: str, trouble: str = "", status: int = 200
    ) -> Response:
        held = await self.door.house.locked(request.cookies.get(COOKIE, ""), device=device_of(request))
        if held is None:
            return RedirectResponse("/", 303)
        token = request.cookies.get(DOOR_COOKIE) or secrets.token_urlsafe(24)
        values = {"held": held, "door": token, "trouble": trouble, "place": place,
                  "passkeys": passkeys_at(self.door, request),
                  "ways": ways_at(self.door, request, held.ori)}  # fmt: skip
        response = self.door.render(request, "locked.html", status=status, values=values)
        self._cookie(request, response, DOOR_COOKIE, token)
        return response

    async def unlock(self, request: Request) -> Response:
        form = await request.form(max_fields=FIELDS_MAX, max_files=0)
        self.check(request, text(form, "door"))
        place = place_of(text(form, "place"))
        result = await self.door.house.unlock(
            request.cookies.get(COOKIE, ""),
            password=text(form, "password"),
            code=text(form, "code").replace(" ", ""),
            peer=peer(request),
            device=device_of(request),
        )
        return await self.unlocked(request, result, place)

    async def unlocked(self, request: Request, result: Session | Refusal, place: str) -> Response:
        if isinstance(result, Refusal):
            response = await self.draw_locked(
                request, place, result.reason, 429 if result.wait_seconds else 403
            )
            if result.wait_seconds:
                response.headers["Retry-After"] = str(result.wait_seconds)
            return response
        return self.let_in(request, result, {"place": place})

    # ------------------------------------------------------------------ with a passkey

    async def question(self, request: Request) -> Response:
        """What our script asks the browser's devices for, before there is a session or while it is locked."""
        form = await request.form(max_fields=FIELDS_MAX, max_files=0)
        self.check(request, text(form, "door"))
        unlocks = text(form, "purpose") == "unlock"
        holder = request.cookies.get(COOKIE if unlocks else DOOR_COOKIE, "")
        asked = await self.door.house.keyring.question(
            "unlock" if unlocks else "sign-in", holder, peer(request)
        )
        return asked_of(asked)

    async def enter_with_passkey(self, request: Request) -> Response:
        form, given = await self.asked(request)
        if turned_away := self.before(request, form, given):
            return turned_away
        result = await self.door.house.keyring.sign_in(
            answer=text(form, "answer") or NO_ANSWER,
            door=text(form, "door"),
            terminal=given["terminal"].upper(),
            peer=peer(request),
            notice=VERSION,
            device=device_of(request),
        )
        return self.let_in(request, result, given)

    async def unlock_with_passkey(self, request: Request) -> Response:
        form = await request.form(max_fields=FIELDS_MAX, max_files=0)
        self.check(request, text(form, "door"))
        token = request.cookies.get(COOKIE, "")
        result = await self.door.house.keyring.unlock(
            token, answer=text(form, "answer") or NO_ANSWER, peer=peer(request), device=device_of(request)
        )
        return await self.unlocked(request, result, place_of(text(form, "place")))

    async def leave(self, request: Request) -> Response:
        session = await self.door.session(request)
        await self.door.form(request, session)
        await self.door.house.sign_out(request.cookies.get(COOKIE, ""))
        self.door.recent.of(session.seat.terminal).standing.pop(session.seat.person, None)
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(COOKIE)
        return response

    def check(self, request: Request, given: str) -> None:
        held = request.cookies.get(DOOR_COOKIE, "")
        if not held or not hmac.compare_digest(held.encode(), given.encode()):
            raise NotOurForm

    def carry(self, request: Request, response: Response, token: str) -> None:
        """Let the browser carry a session's token from now on."""
        self._cookie(request, response, COOKIE, token)

    def _cookie(self, request: Request, response: Response, name: str, value: str) -> None:
        """No expiry: it ends with the browser, and the session ends in the database whatever the cookie says."""
        secure = request.url.scheme == "https" or not self._safe(request)
        response.set_cookie(name, value, httponly=True, samesite="strict", secure=secure, path="/")

    def _safe(self, request: Request) -> bool:
        """Whether what is sent here goes over no network in clear. The demo has nothing to lose."""
        return request.url.scheme == "https" or request.url.hostname in HERE or self.door.house.demo


def peer(request: Request) -> str:
    """The network address of whoever asks, as far as we can see."""
    return request.client.host if request.client else ""


def passkeys_at(door: Door, request: Request) -> str:
    """ "here" where this address is the one at which passkeys count, else that address; empty where there are none."""
    origin = door.house.keyring.origin
    return "here" if origin and urlsplit(origin).netloc == request.url.netloc else origin


def ways_at(door: Door, request: Request, ori: str = "") -> tuple[Way, ...]:
    """Where else one may prove at this address who one is; of one agency only, if it is named."""
    if (
        passkeys_at(door, request) != "here"
    ):  # a browser would come back to another address, without our cookies
        return ()
    return tuple(way for way in door.house.elsewhere.ways if not ori or way.ori in ("", ori))


def asked_of(asked: str | Refusal) -> Response:
    """What a browser is to ask its devices for, or why not, for our script."""
    if isinstance(asked, Refusal):
        return Answered(401 if asked.code == "session" else 403, asked.reason)
    return Answered(200, "", question=msgspec.Raw(asked.encode()))
