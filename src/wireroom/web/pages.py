"""The small pages: help, the light, code tables."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from wireroom.catalog.tables import UnknownTable, table
from wireroom.web.door import LIGHTS, Door, text

ROWS_MAX = 200
LIT = frozenset(
    {"/desk", "/car", "/help", "/forms", "/work", "/deadlines", "/runs", "/reasons", "/sign-in/keys"}
)
YEAR_S = 365 * 24 * 3600


class Pages:
    """Pages that ask nothing of the switch."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def routes(self) -> list[Route]:
        return [
            Route("/help", self.help),
            Route("/light", self.light, methods=["POST"]),
            Route("/codes/{name:str}", self.codes),
            Route("/static/{name:str}", self.static),
        ]

    async def static(self, request: Request) -> Response:
        return self.door.static(request)

    async def help(self, request: Request) -> Response:
        session = await self.door.session(request)
        return self.door.render(
            request, "help.html", session, values={"forms": self.door.house.catalogue.forms}
        )

    async def light(self, request: Request) -> Response:
        """The next of day, dusk, night and by itself, for a browser without script."""
        session = await self.door.session(request)
        form = await self.door.form(request, session)
        now = request.cookies.get("light", "auto")
        chosen = LIGHTS[(LIGHTS.index(now) + 1) % len(LIGHTS)] if now in LIGHTS else "auto"
        back = text(form, "back")
        response = RedirectResponse(back if back in LIT else "/desk", 303)
        response.set_cookie("light", chosen, max_age=YEAR_S, samesite="strict", path="/")
        return response

    async def codes(self, request: Request) -> Response:
        """A code table, searched by code or meaning; never cut without saying so."""
        session = await self.door.session(request)
        name = request.path_params["name"]
        wanted = request.query_params.get("q", "").strip().upper()[:60]
        try:
            rows = table(name) if name.replace("_", "").isalpha() else {}
        except UnknownTable:
            rows = {}
        if not rows:
            return self.door.words(
                request, 404, "There is no such code table", "See the forms for those there are."
            )
        found = [row for row in rows.values() if wanted in row.code or wanted in row.meaning.upper()]
        found.sort(key=lambda row: row.code != wanted)
        values = {
            "name": name,
            "wanted": wanted,
            "rows": found[:ROWS_MAX],
            "found": len(found),
            "all": len(rows),
        }
        return self.door.render(request, "codes.html", session, values=values)
