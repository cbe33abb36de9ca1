"""What every page needs: the session behind its cookie, checked forms, templates and static files."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Mapping
from datetime import datetime
from importlib import resources

import jinja2
import msgspec
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from wireroom.web.device import device_of
from wireroom.web.house import House, Session
from wireroom.web.recent import Recent

COOKIE = "session"
LIGHTS = ("auto", "day", "dusk", "night")
FIELDS_MAX = 300
_MEDIA = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


class SignedOut(Exception):
    """The request carries no session that stands."""


class NotOurForm(Exception):
    """A form came back without this session's token: an old page, or a page that is not ours."""


class Door:
    """The house as the pages see it, with their memory and their templates."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.recent = Recent()
        self.assets = _assets()
        self._env = jinja2.Environment(
            loader=jinja2.PackageLoader("wireroom.web"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._env.globals.update(asset=self.asset, demo=house.demo)
        self._env.filters.update(clock=self.clock)

    # ------------------------------------------------------------------ who

    async def session(self, request: Request, *, used: bool = True) -> Session:
        """The session of the request's cookie. Raises SignedOut where there is none.

        `used=False` where a script asks and nobody need be there: that puts off no idle limit.
        """
        token = request.cookies.get(COOKIE, "")
        device = device_of(request)
        session = await self.house.session(token, used=used, device=device) if token else None
        if session is None:
            raise SignedOut
        return session

    def seconds_left(self, session: Session) -> int:
        """After how many seconds without a use the session locks or ends; a second late, never early."""
        left = datetime.fromisoformat(session.idle_until) - self.house.now()
        return max(1, math.ceil(left.total_seconds()))

    async def stands(self, request: Request) -> bool:
        """Whether the session still stands; looking does not put off its idle limit."""
        token = request.cookies.get(COOKIE, "")
        return await self.house.session(token, used=False, device=device_of(request)) is not None

    async def form(self, request: Request, session: Session) -> FormData:
        """The form of a request, once its token is checked. Raises NotOurForm."""
        form = await request.form(max_fields=FIELDS_MAX, max_files=0)
        token = request.headers.get("x-csrf") or text(form, "csrf")
        if not hmac.compare_digest(token.encode(), session.csrf.encode()):
            raise NotOurForm
        return form

    # ------------------------------------------------------------------ what is shown

    def render(
        self,
        request: Request,
        template: str,
        session: Session | None = None,
        *,
        status: int = 200,
        values: Mapping[str, object] | None = None,
    ) -> HTMLResponse:
        """A whole page."""
        light = request.cookies.get("light", "auto")
        return HTMLResponse(
            self.fragment(
                template,
                session=session,
                path=request.url.path,
                light=light if light in LIGHTS else "auto",
                **({"seconds_left": self.seconds_left(session)} if session else {}),
                **(values or {}),
            ),
            status_code=status,
        )

    def fragment(self, template: str, **values: object) -> str:
        """A piece of a page."""
        return self._env.get_template(template).render(**values)

    def clock(self, at: str) -> str:
        """The hour and minute of a time, where the house stands; the script shows the reader's own."""
        try:
            return datetime.fromisoformat(at).astimezone(self.house.now().tzinfo).strftime("%H:%M")
        except ValueError:
            return at

    def asset(self, name: str) -> str:
        """The address of a static file, which changes with its contents."""
        return f"/static/{name}?v={hashlib.sha256(self.assets[name]).hexdigest()[:10]}"

    def static(self, request: Request) -> Response:
        """One static file; with its hash in the address it may be kept for ever."""
        name = request.path_params["name"]
        body = self.assets.get(name)
        if body is None:
            return self.words(request, 404, "There is no such file", "")
        current = request.query_params.get("v", "") == hashlib.sha256(body).hexdigest()[:10]
        keep = "public, max-age=31536000, immutable" if current else "no-cache"
        return Response(body, media_type=_MEDIA[name.rpartition(".")[2]], headers={"Cache-Control": keep})

    def words(self, request: Request, status: int, what: str, next_step: str) -> Response:
        """A page that says what is wrong and what to do next; for a script, the same as JSON."""
        if by_script(request):
            return Answered(status, f"{what}. {next_step}".strip())
        return self.render(
            request, "words.html", status=status, values={"what": what, "next_step": next_step}
        )


class Answered(Response):
    """A short JSON answer to our own script."""

    media_type = "application/json"

    def __init__(self, status: int, words: str, **more: object) -> None:
        super().__init__(msgspec.json.encode({"words": words, **more}), status_code=status)


def by_script(request: Request) -> bool:
    """Whether our own script asks, which then wants words and pieces, not pages."""
    return "x-csrf" in request.headers


def place_of(given: str) -> str:
    """The page that somebody works on: the desk, unless it is the car."""
    return "car" if given.strip("/") == "car" else "desk"


def text(form: FormData, name: str) -> str:
    """One text of a form; an uploaded file counts as nothing."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def texts(form: FormData, name: str) -> list[str]:
    """All texts of a form under one name."""
    return [value for value in form.getlist(name) if isinstance(value, str)]


def _assets() -> dict[str, bytes]:
    """The static files, and the style sheets of a page put together so that a car fetches one and not three."""
    folder = resources.files("wireroom.web").joinpath("static")
    found = {
        entry.name: entry.read_bytes()
        for entry in folder.iterdir()
        if entry.name.rpartition(".")[2] in _MEDIA
    }
    found["plain.css"] = found["tokens.css"] + found["page.css"]
    found["place.css"] = found["plain.css"] + found["desk.css"]
    return found
