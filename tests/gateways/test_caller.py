"""Claims about short questions over HTTP: a deadline that is kept, a size, no redirection, nobody unknown over TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from wireroom.gateways import caller
from wireroom.gateways.caller import ANSWER_BYTES_MAX, Caller, CallerTerms, NoAnswer

pytestmark = pytest.mark.anyio
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@asynccontextmanager
async def answering(
    *pieces: bytes, stays: bool = False, trust: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """A server that sends these to whoever connects, and then, where it stays, nothing for ever."""
    over = asyncio.Event()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
        if stays:
            await over.wait()
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0, ssl=trust)
    scheme = "http" if trust is None else "https"
    try:
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
    finally:
        over.set()
        server.close()


async def trouble(url: str, deadline_s: float = 5.0, ca_file: str = "") -> str:
    one = Caller("city", CallerTerms(deadline_s=deadline_s, ca_file=ca_file))
    try:
        with pytest.raises(NoAnswer) as told:
            await one.call(url)
    finally:
        one.close()
    return str(told.value)


async def test_silence_and_a_drip_end_at_the_deadline() -> None:
    async with answering(stays=True) as url:
        assert await trouble(url, 0.2) == "no answer within 0.2 seconds"
    async with answering(OK[:-1], stays=True) as url:  # it began, and never ends
        assert await trouble(url, 0.2) == "no answer within 0.2 seconds"


async def test_what_is_too_long_cut_off_elsewhere_or_no_HTTP_is_no_answer() -> None:
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    async with answering(head, b"x" * (ANSWER_BYTES_MAX + 1)) as url:
        assert "longer than 256 KB" in await trouble(url)
    async with answering(OK[:-1]) as url:
        assert await trouble(url) == "its answer was cut off"
    async with answering(
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    ) as url:
        assert await trouble(url) == "it answered 302"
    async with answering(b"SSH-2.0-x\r\n\r\n") as url:
        assert "BadStatusLine" in await trouble(url)
    async with answering() as url:
        assert await trouble(url)
    assert await trouble(url)  # nobody listens there any more


async def test_SC_8_1_a_server_that_nobody_we_trust_vouches_for_is_told_nothing(tmp_path: Path) -> None:
    ours, theirs = trustme.CA(), trustme.CA()
    ours.cert_pem.write_to_path(str(tmp_path / "ours.pem"))
    trust, wrong = (ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) for _ in range(2))
    ours.issue_cert("127.0.0.1").configure_cert(trust)
    theirs.issue_cert("127.0.0.1").configure_cert(wrong)
    one = Caller("city", CallerTerms(ca_file=str(tmp_path / "ours.pem")))
    async with answering(OK, trust=trust) as url:
        assert await one.call(url, b"code=x", {"X-Y": "z"}) == b"{}"
    one.close()
    async with answering(OK, trust=wrong) as url:
        assert "SSLCertVerificationError" in await trouble(url, 5.0, str(tmp_path / "ours.pem"))


async def test_a_crowd_does_not_queue_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "WAITING_MAX", -7)  # one under way
    one = Caller("city", CallerTerms(deadline_s=5.0))
    async with answering(stays=True) as url:
        first = asyncio.create_task(one.call(url))
        await asyncio.sleep(0)
        with pytest.raises(NoAnswer, match="too many"):
            await one.call(url)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    one.close()
