"""The way out to where a person proves who they are, and the way back in.

A browser that comes back from another site carries none of our cookies, which go with our own pages alone. So what it
brings is first put on a page of ours, which sends it on; nothing is looked at before that.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wireroom.policy.elsewhere import CODE_CHARACTERS_MAX, Answer
from wireroom.web.device import device_of
from wireroom.web.door import COOKIE, FIELDS_MAX, Door, NotOurForm, place_of, text
from wireroom.web.house import Refusal
from wireroom.web.notice import VERSION
from wireroom.web.sign_in import DOOR_COOKIE, SignIn, peer

BROUGHT = ("state", "code", "iss", "error")
UNLOCKS = "unlock."  # a state begins with the purpose for which it was asked


class Elsewhere:
    """Sign in with what is not ours."""

    def __init__(self, door: Door, sign_in: SignIn) -> None:
        self.door, self.sign_in = door, sign_in

    def routes(self) -> list[Route]:
        return [
            Route("/sign-in/elsewhere", self.leave, methods=["POST"]),
            Route("/unlock/elsewhere", self.leave_locked, methods=["POST"]),
            Route("/sign-in/back", self.back),
            Route("/sign-in/answer", self.enter, methods=["POST"]),
            Route("/unlock/answer", self.unlock, methods=["POST"]),
        ]

    async def leave(self, request: Request) -> Response:
        form, given = await self.sign_in.asked(request)
        if turned_away := self.sign_in.before(request, form, given):
            return turned_away
        asked = await self.door.house.elsewhere.ask(
            text(form, "way"),
            door=text(form, "door"),
            terminal=given["terminal"],
            place=place_of(given["place"]),
            peer=peer(request),
            notice=VERSION,
            device=device_of(request),
        )
        if isinstance(asked, Refusal):
            return self.sign_in.let_in(request, asked, given)
        return self._away(request, text(form, "way"), asked)

    async def leave_locked(self, request: Request) -> Response:
        form = await request.form(max_fields=FIELDS_MAX, max_files=0)
        self.sign_in.check(request, text(form, "door"))
        place = place_of(text(form, "place"))
        asked = await self.door.house.elsewhere.ask_again(
            text(form, "way"),
            request.cookies.get(COOKIE, ""),
            place=place,
            peer=peer(request),
            device=device_of(request),
        )
        if isinstance(asked, Refusal):
            return await self.sign_in.unlocked(request, asked, place)
        return self._away(request, text(form, "way"), asked)

    def _away(self, request: Request, way: str, address: str) -> Response:
        """A page that sends the browser on: our forms may lead to no other site, and so to no redirection either."""
        return self.door.render(request, "away.html", values={"way": way, "address": address})

    async def back(self, request: Request) -> Response:
        """What a browser brought from elsewhere, on a page of ours that sends it on with our cookies."""
        brought = {name: request.query_params.get(name, "")[:CODE_CHARACTERS_MAX] for name in BROUGHT}
        action = "/unlock/answer" if brought["state"].startswith(UNLOCKS) else "/sign-in/answer"
        return self.door.render(request, "back.html", values={"brought": brought, "action": action})

    async def enter(self, request: Request) -> Response:
        answer, place = await self._answer(request)
        door = request.cookies.get(DOOR_COOKIE, "")
        if not door:
            raise NotOurForm
        result = await self.door.house.elsewhere.sign_in(
            answer, door=door, peer=peer(request), device=device_of(request)
        )
        return self.sign_in.let_in(request, result, {"place": place})

    async def unlock(self, request: Request) -> Response:
        answer, place = await self._answer(request)
        token = request.cookies.get(COOKIE, "")
        result = await self.door.house.elsewhere.unlock(
            answer, token, peer=peer(request), device=device_of(request)
        )
        return await self.sign_in.unlocked(request, result, place)

    async def _answer(self, request: Request) -> tuple[Answer, str]:
        """What was brought, and the page that was wanted. The state is bound to our cookie: no other form has it."""
        form = await request.form(max_fields=FIELDS_MAX, max_files=0)
        state, code, issuer, error = (text(form, name)[:CODE_CHARACTERS_MAX] for name in BROUGHT)
        place = place_of("car" if ".car." in state else "desk")
        return Answer(state=state, code=code, issuer=issuer, error=error), place
