"""The whole of the browser doors and the HTTP API as one application over one house."""

from __future__ import annotations

import logging

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from wireroom.switch import Busy, JournalDown, KeyTaken
from wireroom.web import api
from wireroom.web.asking import Asking
from wireroom.web.deadlines import Deadlines
from wireroom.web.desk import Desk
from wireroom.web.device import device_of
from wireroom.web.door import COOKIE, Answered, Door, NotOurForm, SignedOut, by_script
from wireroom.web.elsewhere import Elsewhere
from wireroom.web.forms import Forms
from wireroom.web.guard import HEADERS, Guard
from wireroom.web.house import House, HouseBusy
from wireroom.web.own_keys import OwnSignIn
from wireroom.web.pages import Pages
from wireroom.web.printing import Printing
from wireroom.web.runs import Runs
from wireroom.web.sign_in import SignIn
from wireroom.web.trouble import sentence
from wireroom.web.waiting import Waiting

log = logging.getLogger(__name__)

# What a status says to a person: what is wrong, and what to do next.
WORDS = {
    400: ("This could not be read", "Go back, reload the page and send it again."),
    404: ("There is no such page", "Begin again at the desk."),
    405: ("This page is not used in that way", "Begin again at the desk."),
}


def site(house: House) -> Starlette:
    """The application. It holds nothing but what was shown lately; all else is asked of the house."""
    door = Door(house)
    asking = Asking(door)
    sign_in = SignIn(door)
    routes = [
        *sign_in.routes(),
        *OwnSignIn(door, sign_in).routes(),
        *Elsewhere(door, sign_in).routes(),
        *Desk(door, asking).routes(),
        *asking.whys.routes(),
        *Forms(door, asking).routes(),
        *Printing(door).routes(),
        *Waiting(door).routes(),
        *Deadlines(door).routes(),
        *Runs(door).routes(),
        *Pages(door).routes(),
        *api.routes(house),
    ]
    troubles = Troubles(door)
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard), Middleware(GZipMiddleware, minimum_size=600)],
        exception_handlers={
            SignedOut: troubles.signed_out,
            NotOurForm: troubles.not_our_form,
            Busy: troubles.busy,
            KeyTaken: troubles.key_taken,
            JournalDown: troubles.journal_down,
            HTTPException: troubles.status,
            Exception: troubles.ours,
        },
    )


class Troubles:
    """Turns every trouble into words for the person who meets it."""

    def __init__(self, door: Door) -> None:
        self.door = door

    async def signed_out(self, request: Request, trouble: Exception) -> Response:
        if by_script(request) or request.url.path in {"/live", "/still"}:
            return Answered(401, "The session is over. Sign in again.")
        held = await self.door.house.locked(request.cookies.get(COOKIE, ""), device=device_of(request))
        if held is None:
            return RedirectResponse("/sign-in", 303)
        return RedirectResponse("/locked?place=car" if request.url.path == "/car" else "/locked", 303)

    async def not_our_form(self, request: Request, trouble: Exception) -> Response:
        return self.door.words(
            request,
            403,
            "This form is from an earlier session",
            "Nothing was sent. Reload the page and send it again.",
        )

    async def busy(self, request: Request, trouble: Exception) -> Response:
        why = sentence(trouble.why) if isinstance(trouble, HouseBusy) else ""
        words = " ".join(filter(None, (why, "Send the same again in a moment.")))
        response = self.door.words(request, 503, "The switch is busy and took nothing", words)
        response.headers["Retry-After"] = "1"
        return response

    async def key_taken(self, request: Request, trouble: Exception) -> Response:
        return self.door.words(
            request, 409, "Another question was sent from this page", "Reload the page and ask again."
        )

    async def journal_down(self, request: Request, trouble: Exception) -> Response:
        return self.door.words(
            request,
            503,
            "The journal cannot be written, so nothing may be sent",
            "Tell the operator of the switch.",
        )

    async def status(self, request: Request, trouble: Exception) -> Response:
        status = trouble.status_code if isinstance(trouble, HTTPException) else 500
        what, next_step = WORDS.get(status, (f"This failed with status {status}", "Begin again at the desk."))
        return self.door.words(request, status, what, next_step)

    async def ours(self, request: Request, trouble: Exception) -> Response:
        log.error("a page failed", exc_info=trouble)
        response = self.door.words(
            request,
            500,
            "Something of ours failed",
            "Send it again; if it stays, tell the operator.",
        )
        response.headers.update(HEADERS)  # this handler stands outside the guard
        return response
