"""Short questions over HTTP to servers of others, by blocking calls in threads: each with a deadline and a size."""

from __future__ import annotations

import asyncio
import http.client
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import msgspec

from wireroom.gateways.couriers import Line, reason

AT_ONCE = 8  # calls of one caller under way
WAITING_MAX = 64  # and those that wait for one of them
ANSWER_BYTES_MAX = 256 * 1024
PIECE_BYTES = 16 * 1024


class NoAnswer(Exception):
    """The other side gave nothing that can be used, and why, without what it said."""


class CallerTerms(msgspec.Struct, frozen=True, kw_only=True):
    """Whom we believe, and how long we wait."""

    ca_file: str = ""  # who vouches for the server; empty: whom this machine trusts
    deadline_s: float = 5.0


class Caller:
    """Calls one other side. It follows no redirection, keeps no cookie and uses no proxy."""

    def __init__(self, name: str, terms: CallerTerms) -> None:
        self._terms = terms
        self._trust: ssl.SSLContext | None = None
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"caller {name}")
        self._calls = 0

    async def call(
        self, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """What stands there, or what is answered to a body, in whole. Raises NoAnswer."""
        if self._calls >= AT_ONCE + WAITING_MAX:
            raise NoAnswer("too many questions wait for it already")
        line = Line()
        self._calls += 1
        work = asyncio.get_running_loop().run_in_executor(
            self._threads, self._called, url, body, dict(headers or {}), line
        )
        work.add_done_callback(self._over)
        try:
            async with asyncio.timeout(self._terms.deadline_s):
                return await asyncio.shield(work)
        except TimeoutError:
            raise self._late() from None
        finally:
            line.cut()

    def _late(self) -> NoAnswer:
        return NoAnswer(f"no answer within {self._terms.deadline_s:g} seconds")

    def _over(self, work: asyncio.Future[bytes]) -> None:
        self._calls -= 1
        if not work.cancelled():
            work.exception()  # looked at, where nobody waited for it any more

    def _called(self, url: str, body: bytes | None, headers: dict[str, str], line: Line) -> bytes:
        try:
            return self._answer(url, body, headers, line)
        except NoAnswer:
            raise
        except TimeoutError:
            raise self._late() from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoAnswer(reason(error)) from None

    def _answer(self, url: str, body: bytes | None, headers: dict[str, str], line: Line) -> bytes:
        parts = urlsplit(url)
        if line.is_cut:
            raise NoAnswer("its turn came too late")
        connection = self._connection(parts.scheme, parts.hostname or "", parts.port)
        try:
            connection.connect()
            line.holds(connection.sock)
            way = parts._replace(scheme="", netloc="").geturl() or "/"
            connection.request("GET" if body is None else "POST", way, body, headers)
            with connection.getresponse() as answer:
                if answer.status != http.client.OK:
                    raise NoAnswer(f"it answered {answer.status}")
                return _read(answer)
        finally:
            connection.close()

    def _connection(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        wait_s = self._terms.deadline_s  # for each step; the whole is cut off from outside
        if scheme != "https":
            return http.client.HTTPConnection(host, port, timeout=wait_s)
        if self._trust is None:
            self._trust = ssl.create_default_context(cafile=self._terms.ca_file or None)
        return http.client.HTTPSConnection(host, port, timeout=wait_s, context=self._trust)

    def close(self) -> None:
        """No more calls are taken; one under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _read(answer: http.client.HTTPResponse) -> bytes:
    """The whole answer, unless it is too long: half a document is none."""
    found = bytearray()
    while piece := answer.read(PIECE_BYTES):
        found += piece
        if len(found) > ANSWER_BYTES_MAX:
            raise NoAnswer(f"its answer is longer than {ANSWER_BYTES_MAX // 1024} KB")
    if answer.length:
        raise NoAnswer("its answer was cut off")
    return bytes(found)
