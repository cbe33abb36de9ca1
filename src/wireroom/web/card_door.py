"""The door for cards: one page that takes the certificate of its connection and sends the browser back with a proof."""

from __future__ import annotations

import ssl

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from wireroom.web.guard import Guard
from wireroom.web.house import House, Refusal

STATE_CHARACTERS_MAX = 200


def card_door(house: House) -> Starlette:
    """The application. It keeps nothing and sets no cookie."""

    async def show(request: Request) -> Response:
        chain = request.scope.get("extensions", {}).get("tls", {}).get("client_cert_chain", ())
        shown = ssl.PEM_cert_to_DER_cert(next(iter(chain))) if chain else b""
        state = request.query_params.get("state", "")[:STATE_CHARACTERS_MAX]
        told = await house.elsewhere.card(state, shown)
        response: Response = (
            PlainTextResponse(told.reason, 403) if isinstance(told, Refusal) else RedirectResponse(told, 303)
        )
        response.headers["Connection"] = "close"  # or who comes next at this browser would show the same card
        return response

    return Starlette(routes=[Route("/", show)], middleware=[Middleware(Guard)])
