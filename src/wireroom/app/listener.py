"""The listener of the pages: uvicorn's own protocol, the device's certificate in each request, and an end to patience.

The certificate comes to the application as the ASGI extension "tls" says. It is read from the socket itself: no header
names it, so nobody who only sends text can.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

WITHIN_S = 30.0  # from the connection, or the first byte of a later request, to the end of that request
UNFINISHED_MAX = 512  # connections with no whole request yet; over it the one that waited longest must go


class Patience:
    """Who has not sent a whole request yet, oldest first, at one listener."""

    def __init__(self, within_s: float = WITHIN_S, unfinished_max: int = UNFINISHED_MAX) -> None:
        self.within_s, self._max = within_s, unfinished_max
        self._waiting: dict[asyncio.Transport, None] = {}

    def begin(self, transport: asyncio.Transport) -> None:
        """One more waits. Over the limit, who has waited longest is cut off, not the newcomer."""
        self._waiting[transport] = None
        if len(self._waiting) > self._max:
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]
            oldest.abort()

    def end(self, transport: asyncio.Transport) -> None:
        """It sent a whole request, or is gone."""
        self._waiting.pop(transport, None)


def protocol(patience: Patience) -> type[HttpToolsProtocol]:
    """The protocol of one listener, for `uvicorn.Config(http=...)`."""

    class Guarded(HttpToolsProtocol):
        _due: asyncio.TimerHandle | None = None
        _chain: tuple[str, ...] = ()

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._chain = _chain_of(transport)
            self._await_request()

        def connection_lost(self, exc: Exception | None) -> None:
            self._request_came()
            super().connection_lost(exc)

        def on_message_begin(self) -> None:
            super().on_message_begin()
            extensions: dict[str, Any] = self.scope.setdefault("extensions", {})  # Any: as ASGI declares it
            extensions["tls"] = {"client_cert_chain": self._chain}
            self._await_request()

        def on_message_complete(self) -> None:
            self._request_came()
            super().on_message_complete()

        def _await_request(self) -> None:
            if self._due is None:
                patience.begin(self.transport)
                self._due = self.loop.call_later(patience.within_s, self.transport.abort)

        def _request_came(self) -> None:
            if self._due is not None:
                self._due.cancel()
                self._due = None
                patience.end(self.transport)

    return Guarded


def _chain_of(transport: asyncio.Transport) -> tuple[str, ...]:
    """The certificate of whoever connected, in PEM; empty in clear, or where none was shown."""
    tls = transport.get_extra_info("ssl_object")
    shown = tls.getpeercert(binary_form=True) if tls is not None else None
    return (ssl.DER_cert_to_PEM_cert(shown),) if shown else ()


def config(
    application: Any,  # an ASGI application, which uvicorn's own annotation leaves open as well
    *,
    context: ssl.SSLContext | None,
    proxies: tuple[str, ...],
    patience: Patience,
) -> uvicorn.Config:
    """How uvicorn listens for us. A header of a proxy counts only from an address in `proxies`."""
    return uvicorn.Config(
        application,
        http=protocol(patience),
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=3,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        ssl_context_factory=None if context is None else lambda config, default: context,
    )
