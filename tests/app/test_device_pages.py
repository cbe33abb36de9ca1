"""Controls of devices at the pages and the API over real TLS, and the patience of their listener with slow senders."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest

from tests.app.pki import Issued, Pki
from tests.app.test_house_doors import World, world
from tests.policy.conftest import PASSWORD, SECRET
from tests.wire.sockets import connected, is_gone, many_sockets
from wireroom.app.assemble import now
from wireroom.app.devices import TURNED_AWAY, Devices
from wireroom.app.doors import guards_of, open_web
from wireroom.app.listener import UNFINISHED_MAX, Patience
from wireroom.app.settings import Loaded, Settings
from wireroom.policy.devices import Register
from wireroom.policy.directory import enable_terminal
from wireroom.policy.secret import code_at

__all__ = ["world"]  # the fixture
pytestmark = pytest.mark.anyio
PATIENCE_S = 20.0  # for what must happen at once; reached only when a test fails
SLOW = 2_000


class Pages:
    """The listener of the pages, and devices that ask it."""

    def __init__(self, world: World, pki: Pki) -> None:
        self.world, self.pki, self.register = world, pki, Register(world.pool)
        self.port = 0

    async def open(self, stack: AsyncExitStack, loaded: Loaded, patience: Patience | None = None) -> None:
        guards = await guards_of(loaded, self.register, doors=True)
        self.world.house.devices = Devices(self.register, guards.web.mode, self.world.stage.clock)
        self.port = await open_web(loaded, self.world.house, guards.web, stack, patience)

    async def known(self, terminal: str = "Z001") -> Issued:
        return await self.pki.known(self.register, self.pki.device(terminal))

    async def connect(
        self, context: ssl.SSLContext | None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        name = "localhost" if context else None
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=context, server_hostname=name)

    async def ask(
        self, context: ssl.SSLContext | None, head: str, body: bytes = b"", *, headers: str = ""
    ) -> tuple[int, bytes]:
        """One request over a line of its own: the status and what follows the head."""
        reader, writer = await self.connect(context)
        try:
            told = (
                f"{head} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
            )
            writer.write(f"{told}{headers}\r\n".encode() + body)
            async with asyncio.timeout(PATIENCE_S):
                answer = await reader.read()
            if not answer:
                raise EOFError("cut off")
            first, _, rest = answer.partition(b"\r\n\r\n")
            return int(first.split()[1]), rest
        finally:
            writer.transport.abort()

    async def sign_in(
        self, context: ssl.SSLContext | None, terminal: str = "Z001", headers: str = ""
    ) -> tuple[int, dict[str, object]]:
        self.world.stage.clock.tick(30)
        asked = {
            "person": "p.vale", "password": PASSWORD, "code": code_at(SECRET, self.world.stage.clock()),
            "terminal": terminal, "acknowledged": True,
        }  # fmt: skip
        more = f"Content-Type: application/json\r\n{headers}"
        status, body = await self.ask(
            context, "POST /api/v1/sessions", json.dumps(asked).encode(), headers=more
        )
        return status, json.loads(body)


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    return Pki(tmp_path / "pki")


@pytest.fixture
async def pages(world: World, pki: Pki) -> AsyncIterator[Pages]:
    found = Pages(world, pki)
    await found.register.add_authority(pki.authority, now())
    async with AsyncExitStack() as stack:
        await found.open(stack, pki.loaded())
        yield found


async def test_IA_3_a_browser_without_a_certificate_gets_no_page(pages: Pages) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
        await pages.ask(ssl.create_default_context(cafile=str(pages.pki.trust)), "GET /sign-in")
    status, body = await pages.ask((await pages.known()).context(pages.pki.trust), "GET /sign-in")
    assert status == 200
    assert b"Sign in" in body


async def test_AC_20_the_session_of_a_device_is_worth_nothing_at_another(pages: Pages) -> None:
    device, other = await pages.known(), await pages.known()
    status, answer = await pages.sign_in(device.context(pages.pki.trust))
    assert status == 201
    bearer = f"Authorization: Bearer {answer['token']}\r\n"
    end = "DELETE /api/v1/sessions/current"
    assert (await pages.ask(other.context(pages.pki.trust), end, headers=bearer))[0] == 401
    assert (await pages.ask(device.context(pages.pki.trust), end, headers=bearer))[0] == 204


async def test_AC_20_an_unknown_device_is_refused_in_words_before_any_factor(pages: Pages) -> None:
    status, answer = await pages.sign_in(pages.pki.device().context(pages.pki.trust))
    assert status == 401
    assert TURNED_AWAY in json.dumps(answer)
    assert (await pages.world.stage.journal())[-1].detail["cause"] == "unknown device"


async def test_AC_20_no_header_makes_a_device_or_another_address(world: World, pki: Pki) -> None:
    """Nobody's word counts for the line but the line's own, unless a setting names the proxy."""
    pages = Pages(world, pki)
    device = await pages.known("Z003")
    await enable_terminal(world.pool, "Z003", True)
    fine = device.fingerprint
    forged = (
        f"X-Client-Cert: {fine}\r\nX-SSL-Client-Fingerprint: {fine}\r\nX-Forwarded-Client-Cert: Hash={fine}\r\n"
        f"X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n"
    )
    loaded = pki.loaded("asked")
    context = ssl.create_default_context(cafile=str(pki.trust))
    async with AsyncExitStack() as stack:
        await pages.open(stack, loaded)
        assert (await pages.sign_in(context, "Z003", forged))[0] == 401
        refused = (await world.stage.journal())[-1].detail
        assert (refused["cause"], refused["peer"]) == ("mobile device without a certificate", "127.0.0.1")
    named = msgspec.structs.replace(loaded.settings.devices, proxies=("127.0.0.1",))
    proxied = Loaded(settings=msgspec.structs.replace(loaded.settings, devices=named), file=None)
    async with AsyncExitStack() as stack:
        await pages.open(stack, proxied)
        assert (await pages.sign_in(context, "Z003", forged))[0] == 401
        refused = (await world.stage.journal())[-1].detail
        assert (refused["cause"], refused["peer"]) == ("mobile device without a certificate", "203.0.113.9")


async def test_SC_5_two_thousand_half_requests_are_cut_off_and_whole_ones_are_answered(
    world: World, pki: Pki
) -> None:
    """Threat 24: over the limit the one that waited longest goes."""
    pages = Pages(world, pki)
    async with AsyncExitStack() as stack:
        slow = stack.enter_context(many_sockets())
        await pages.open(stack, Loaded(settings=_in_clear(pki), file=None), Patience())
        for number in range(SLOW):
            slow.append(await connected(pages.port, b"GET /sign-in HTTP/1.1\r\nHost: loc"))
            if number % 250 == 249:
                assert (await pages.ask(None, "GET /sign-in"))[0] == 200
        waiting = UNFINISHED_MAX - 1  # the last one that asked, while it did, was one more
        gone = [is_gone(one) for one in slow]
        assert gone.count(False) == waiting
        assert not any(gone[-waiting:]), "the youngest, for the oldest had their time"


async def test_a_request_that_does_not_end_is_cut_off_and_one_that_waits_for_answers_is_not(
    world: World, pki: Pki
) -> None:
    pages = Pages(world, pki)
    async with AsyncExitStack() as stack:
        await pages.open(stack, Loaded(settings=_in_clear(pki), file=None), Patience(within_s=3))
        status, answer = await pages.sign_in(None)
        assert status == 201
        bearer = f"Authorization: Bearer {answer['token']}\r\n\r\n"
        events, listening = await pages.connect(None)
        listening.write(f"GET /api/v1/deliveries HTTP/1.1\r\nHost: localhost\r\n{bearer}".encode())
        slow = []
        for text in (
            b"",
            b"GET /sign-in HTTP/1.1\r\n",
            b"POST /sign-in HTTP/1.1\r\nContent-Length: 9\r\n\r\nab",
        ):
            reader, writer = await pages.connect(None)
            writer.write(text)
            slow.append((reader, writer))
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(_cut_off(reader) for reader, _ in slow))
        for _, writer in slow:
            writer.transport.abort()
        async with asyncio.timeout(PATIENCE_S):
            assert b"200 OK" in await events.readuntil(b"\r\n\r\n")
            assert b"retry:" in await events.readuntil(b"\n\n")
        assert not events.at_eof()
        listening.transport.abort()


def _in_clear(pki: Pki) -> Settings:
    settings = pki.loaded("off").settings
    plain = msgspec.structs.replace(settings.devices, certificate_file="", key_file="")
    return msgspec.structs.replace(settings, devices=plain)


async def _cut_off(reader: asyncio.StreamReader) -> None:
    """Waits until the listener closes the line; whatever it says before is not looked at."""
    try:
        while await reader.read(4096):
            pass
    except ConnectionError:
        return
