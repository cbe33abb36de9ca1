"""An invented directory that answers over loopback, and a browser that goes there and comes back."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx
import msgspec

from tests.policy.own_directory import CITY, claims, document, key, shown, signed
from wireroom.app.directories import Provider
from wireroom.gateways.caller import Caller, CallerTerms
from wireroom.policy.elsewhere import Directory

LONGEST = b" " * 300_000


class Login:
    """One directory: what it was asked, and what its next tokens say. A test may make any of it wrong."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.issuer = ""
        self.keys = [key()]
        self.signs_with = key()
        self.says: dict[str, object] = {}  # changes to the claims
        self.codes: dict[str, dict[str, str]] = {}  # what each was given for
        self.asked: list[str] = []
        self.instead: dict[str, bytes] = {}  # other answers, by their path
        self.is_silent = False
        self._over = asyncio.Event()

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"(?i)content-length: (\d+)", head)
        body = await reader.readexactly(int(length[1])) if length else b""
        path = head.split(" ")[1]
        self.asked.append(path)
        if self.is_silent:
            await self._over.wait()
        status, told = self.answer(path, body)
        told = self.instead.get(path, told)
        writer.write(
            b"HTTP/1.1 %d x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(told)) + told
        )
        writer.close()

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        if path == "/.well-known/openid-configuration":
            return 200, document(self.issuer)
        if path == "/keys":
            return 200, shown(*self.keys)
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        given = self.codes.pop(form.get("code", ""), None)
        if given is None or given["code_challenge"] != challenge(form["code_verifier"]):
            return 400, b'{"error": "invalid_grant"}'
        told = claims(given["nonce"], self.clock(), **{"iss": self.issuer, **self.says})
        return 200, json.dumps({"access_token": "x", "id_token": signed(told, self.signs_with)}).encode()

    def code(self, address: str) -> dict[str, str]:
        """What the directory sends a browser back with, once its person has shown who they are."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"c{len(self.codes)}{len(self.asked)}"
        self.codes[code] = asked
        return {"state": asked["state"], "code": code}

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Login]:
        server = await asyncio.start_server(self.speak, "127.0.0.1", 0)
        self.issuer = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            self._over.set()
            server.close()

    def provider(self, deadline_s: float = 5.0, **changes: object) -> Provider:
        directory: Directory = msgspec.structs.replace(CITY, issuer=self.issuer, **changes)
        return Provider(directory, Caller("city", CallerTerms(deadline_s=deadline_s)), self.clock)


def challenge(verifier: str) -> str:
    """As a directory computes it, by itself."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


class Browser:
    """One browser at the doors."""

    def __init__(self, client: httpx.AsyncClient, bare: httpx.AsyncClient) -> None:
        self.client = client
        self.bare = bare  # the same browser on its way from another site, when it sends none of our cookies

    async def door(self, page: str = "/sign-in") -> str:
        found = re.search(r'name="door" value="([^"]+)"', (await self.client.get(page)).text)
        assert found
        return found[1]

    async def leaves(self, **changes: str) -> str:
        """Where the page sends it."""
        form = {"door": await self.door(), "terminal": "z001", "read": "yes", "way": CITY.name} | changes
        return there(await self.client.post("/sign-in/elsewhere", data=form))

    async def leaves_locked(self, way: str = CITY.name) -> str:
        form = {"door": await self.door("/locked"), "way": way, "place": "car"}
        return there(await self.client.post("/unlock/elsewhere", data=form))

    async def comes_back(self, brought: dict[str, str]) -> httpx.Response:
        """Without our cookies, which a browser sends from our own pages alone; then from our page, with them."""
        page = await self.bare.get("/sign-in/back", params=brought)
        assert "set-cookie" not in page.headers
        action = re.search(r'action="([^"]+)" data-goes-on', page.text)
        fields = re.findall(r'name="(\w+)" value="([^"]*)"', page.text)
        assert action
        return await self.client.post(action[1], data={name: unescape(value) for name, value in fields})


def there(page: httpx.Response) -> str:
    """The address to which a page sends its reader on."""
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page.text)
    assert found, page.text
    assert f'href="{found[1]}"' in page.text
    return unescape(found[1])
