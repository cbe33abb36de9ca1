"""A mail server and a web server on the loopback: they note what comes, and answer as a test tells them."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Self

import trustme

PATIENCE_S = 10.0


class Server:
    """What both have in common: a port, and silence while they are told to be silent."""

    def __init__(self) -> None:
        self.port = 0
        self.silent = False
        self.reached = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._met, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None, "it was opened"
        self._server.close()
        for line in self._lines:
            line.close()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.add(writer)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.speak(reader, writer)
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._lines.discard(writer)
            writer.close()

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One conversation."""
        raise NotImplementedError

    async def pause(self) -> None:
        """Where it may be silent."""
        self.reached.set()
        if self.silent:
            await asyncio.sleep(PATIENCE_S)


class MailServer(Server):
    """Speaks as much SMTP as a letter needs."""

    def __init__(self, trust: ssl.SSLContext | None = None, *, greets: bool = True) -> None:
        super().__init__()
        self.trust, self.greets = trust, greets
        self.answers = {"RCPT": "250 ok", "DATA": "250 taken"}  # to the recipient, and to the whole letter
        self.mail: list[EmailMessage] = []
        self.envelopes: list[tuple[str, str]] = []
        self.signed_in: list[str] = []
        self.guarded: list[bool] = []

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(text: str) -> None:
            writer.write(f"{text}\r\n".encode())
            await writer.drain()

        await self.pause()
        await say("220 post.example")
        guarded, sender, to = False, "", ""
        while line := (await reader.readline()).decode().strip():
            verb = line[:4].upper()
            if verb == "EHLO":
                more = ["250-AUTH PLAIN"] if guarded or self.trust is None else ["250-STARTTLS"]
                await say("\r\n".join(["250-post.example", *more, "250 8BITMIME"]))
            elif verb == "STAR" and self.trust is not None:
                await say("220 go on")
                await writer.start_tls(self.trust)
                guarded = True
            elif verb == "AUTH":
                self.signed_in.append(base64.b64decode(line.split()[2]).decode())
                await say("235 welcome")
            elif verb == "MAIL":
                sender = line
                await say("250 ok")
            elif verb == "RCPT":
                to = line
                await say(self.answers["RCPT"])
            elif verb == "DATA":
                await say("354 go on")
                raw = await reader.readuntil(b"\r\n.\r\n")
                parsed = message_from_bytes(raw[:-3].replace(b"\r\n..", b"\r\n."), policy=default)
                assert isinstance(parsed, EmailMessage)
                if self.answers["DATA"].startswith("250"):
                    self.mail.append(parsed)
                    self.envelopes.append((sender, to))
                    self.guarded.append(guarded)
                await say(self.answers["DATA"])
            else:
                await say("221 bye" if verb == "QUIT" else "250 ok")
                if verb == "QUIT":
                    return


class WebServer(Server):
    """Takes requests, and answers each with the status that is due."""

    def __init__(self, *statuses: int) -> None:
        super().__init__()
        self.statuses = list(statuses)
        self.requests: list[tuple[str, Mapping[str, str], bytes]] = []

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.pause()
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.requests.append((first, headers, body))
        status = self.statuses.pop(0) if self.statuses else 200
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".encode())
        await writer.drain()


@asynccontextmanager
async def guarded_mail(ca: trustme.CA) -> AsyncIterator[MailServer]:
    """A mail server that takes letters after STARTTLS."""
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("127.0.0.1").configure_cert(trust)
    server = MailServer(trust)
    async with server:
        yield server
