"""What stands round every page: the headers that browsers obey, and a limit on what may be sent."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES_MAX = (
    256 * 1024
)  # the longest text, 16,384 characters, each written as a percent escape of four bytes

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
        "require-trusted-types-for 'script'; trusted-types wireroom"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """Adds the headers to every response, refuses what another site sent, and bodies over the limit."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["path"].startswith("/api/"):  # has limits and words of its own, and no cookies to be stolen
            await self.app(scope, receive, with_headers)
            return
        headers = Headers(scope=scope)
        if scope["method"] not in SAFE_METHODS and not _from_here(headers):
            refusal = PlainTextResponse(
                "This was sent by another site. Open Wireroom itself and send it there.", 403
            )
            await refusal(scope, receive, with_headers)
            return
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            await TOO_LONG(scope, receive, with_headers)
            return
        await self._counted(scope, receive, with_headers)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A body without a stated length is counted as it comes."""
        taken = 0

        async def counting() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > BODY_BYTES_MAX:
                raise BodyTooLong
            return message

        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, counting, noting)
        except BodyTooLong:
            if not started:
                await TOO_LONG(scope, receive, send)


def _from_here(headers: Headers) -> bool:
    """Whether our own page sent this, by all that the browser tells; one that tells nothing has the form's token."""
    origin = urlsplit(headers.get("origin", "")).netloc
    if origin and origin != headers.get("host", ""):
        return False
    return headers.get("sec-fetch-site", "none") in {"same-origin", "none"}


class BodyTooLong(Exception):
    """More came than any message of ours can hold."""


TOO_LONG = PlainTextResponse(
    f"This is longer than {BODY_BYTES_MAX // 1024} KB, more than any message can be. Send less.", 413
)
