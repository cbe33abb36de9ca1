"""A person's page about their own sign-in: what they sign in with, one more passkey, an end, a loss."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from wireroom.web.door import COOKIE, Door, SignedOut, text
from wireroom.web.house import OwnKeys, Refusal
from wireroom.web.sign_in import NO_ANSWER, SignIn, asked_of, passkeys_at, peer

PAGE = "/sign-in/keys"
PASSKEYS_ADVISED = 2  # one on each of two devices: who loses one still comes in
# What was done, as the address after it says, so that a reload does nothing twice.
DONE = {
    "added": "The passkey is added. It signs you in from now on, alone.",
    "ended": "It is ended, and signs nobody in any more.",
    "confirmed": "You may add and end for the next 30 minutes.",
}
LOST = "It signs nobody in any more, and every session of yours has ended"
AFTER_LOSS = (
    "Sign in again with another passkey, or with password and code if they are not what was lost. Where nothing is "
    "left, go to an administrator of your agency in person: nobody can give you another by telephone or e-mail."
)


class OwnSignIn:
    """The page "Your sign-in"."""

    def __init__(self, door: Door, sign_in: SignIn) -> None:
        self.door, self.sign_in = door, sign_in

    def routes(self) -> list[Route]:
        return [
            Route(PAGE, self.page),
            Route(f"{PAGE}/question", self.question, methods=["POST"]),
            Route(f"{PAGE}/confirm", self.confirm, methods=["POST"]),
            Route(f"{PAGE}/add", self.add, methods=["POST"]),
            Route(f"{PAGE}/end", self.end, methods=["POST"]),
            Route(f"{PAGE}/lost", self.lost, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        return await self._draw(request)

    async def _draw(self, request: Request, trouble: str = "", status: int = 200) -> Response:
        session = await self.door.session(request)
        own = await self.door.house.keyring.own(request.cookies.get(COOKIE, ""))
        if isinstance(own, Refusal):
            raise SignedOut
        done = DONE.get(request.query_params.get("done", ""), "") if not trouble else ""
        values = {"trouble": trouble, "done": done, "own": own, "passkeys": passkeys_at(self.door, request)}
        return self.door.render(
            request, "own_keys.html", session, status=status, values=values | _counted(own)
        )

    async def question(self, request: Request) -> Response:
        """What our script asks the browser's devices for: to show a passkey, or to make one."""
        session = await self.door.session(request)
        form = await self.door.form(request, session)
        purpose = "bind" if text(form, "purpose") == "bind" else "confirm"
        token = request.cookies.get(COOKIE, "")
        return asked_of(await self.door.house.keyring.question(purpose, token, peer(request)))

    async def confirm(self, request: Request) -> Response:
        """Both factors again, which give a new session in place of this one."""
        session = await self.door.session(request)
        form = await self.door.form(request, session)
        by_passkey = request.query_params.get("with") == "passkey"
        result = await self.door.house.keyring.confirm(
            request.cookies.get(COOKIE, ""),
            password="" if by_passkey else text(form, "password"),
            code="" if by_passkey else text(form, "code").replace(" ", ""),
            answer=(text(form, "answer") or NO_ANSWER) if by_passkey else "",
            peer=peer(request),
        )
        if isinstance(result, Refusal):
            response = await self._draw(request, result.reason, 429 if result.wait_seconds else 403)
            if result.wait_seconds:
                response.headers["Retry-After"] = str(result.wait_seconds)
            return response
        response = RedirectResponse(f"{PAGE}?done=confirmed", 303)
        self.sign_in.carry(request, response, result.token)
        return response

    async def add(self, request: Request) -> Response:
        session = await self.door.session(request)
        form = await self.door.form(request, session)
        name, answer = " ".join(text(form, "name").split()), text(form, "answer") or NO_ANSWER
        refusal = await self.door.house.keyring.bind(
            request.cookies.get(COOKIE, ""), name=name, answer=answer
        )
        return await self._after(request, refusal, "added")

    async def end(self, request: Request) -> Response:
        session = await self.door.session(request)
        form = await self.door.form(request, session)
        refusal = await self.door.house.keyring.end(request.cookies.get(COOKIE, ""), text(form, "key"))
        return await self._after(request, refusal, "ended")

    async def _after(self, request: Request, refusal: Refusal | None, done: str) -> Response:
        if refusal is not None:
            return await self._draw(request, refusal.reason, 403)
        return RedirectResponse(f"{PAGE}?done={done}", 303)

    async def lost(self, request: Request) -> Response:
        session = await self.door.session(request)
        form = await self.door.form(request, session)
        refusal = await self.door.house.keyring.lost(request.cookies.get(COOKIE, ""), text(form, "key"))
        if refusal is not None:
            return await self._draw(request, refusal.reason, 403)
        response = self.door.words(request, 200, LOST, AFTER_LOSS)
        response.delete_cookie(COOKIE)
        return response


def _counted(own: OwnKeys) -> dict[str, object]:
    """Those that stand and those that ended, and whether another passkey is advised."""
    standing = [one for one in own.keys if not one.ended]
    passkeys = sum(one.kind == "passkey" for one in standing)
    return {
        "standing": standing,
        "ended": [one for one in own.keys if one.ended],
        "more": max(0, PASSKEYS_ADVISED - passkeys),
        "kinds": {
            "code": "beside the password",
            "passkey": "Passkey",
            "directory": "Directory",
            "card": "Card",
        },
        "whys": {
            "ended": "no longer used",
            "lost": "reported lost",
            "replaced": "replaced by an administrator",
        },
    }
