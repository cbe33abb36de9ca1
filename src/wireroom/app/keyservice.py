"""The keys in a process apart: it holds the master keys, and does with them what it is asked, a line of its log each.

One JSON object on a line each way, over a Unix socket that only its owner may open. A master key never leaves.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import struct
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from wireroom.app.keyring import Keyring, KeysDown, KeysStatus

log = logging.getLogger(__name__)

LINE_BYTES_MAX = 1 << 20
VALUES_MAX = 4_096  # hashed for one request
ANSWER_S = 10.0  # longer than anybody is made to wait
WAIT_S_MAX = 5.0  # for one's turn; who would wait longer is refused
CLIENTS_MAX = 256


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked. Which parts count depends on the act."""

    act: str  # newest, wrap, unwrap, field, blind, status
    name: str = ""  # of a data key; the kind of an index
    version: int = 0
    key: str = ""  # base64
    values: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Request({self.act}, …)"


class Reply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is answered."""

    trouble: str = ""
    version: int = 0
    key: str = ""
    values: tuple[str, ...] = ()
    versions: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return "Reply(…)"


_encode = msgspec.json.Encoder().encode
_request = msgspec.json.Decoder(Request).decode
_reply = msgspec.json.Decoder(Reply).decode


class Turns:
    """So many a period, evenly: who comes too fast waits, and who would wait too long is refused."""

    def __init__(self, many: int, period_s: float, monotonic: Callable[[], float]) -> None:
        self._many, self._period_s, self._monotonic = many, period_s, monotonic
        self._free_at = monotonic() - period_s  # a whole period's turns may be taken at once

    def take(self, count: int) -> float | None:
        """The seconds to wait for so many turns; None where that is too long, and then none are taken."""
        now = self._monotonic()
        begins = max(self._free_at, now - self._period_s)
        free_at = begins + count * self._period_s / self._many
        wait = free_at - now
        if wait > WAIT_S_MAX:
            return None
        self._free_at = free_at
        return max(0.0, wait)


class KeyServer:
    """Answers on the socket until closed."""

    def __init__(
        self,
        keyring: Keyring,
        path: Path,
        *,
        blinds_a_second_max: int,
        keys_a_minute_max: int,
        monotonic: Callable[[], float],
        rest: Callable[[float], object] = asyncio.sleep,
    ) -> None:
        self._keyring, self._path, self._rest = keyring, path, rest
        self._blinds = Turns(blinds_a_second_max, 1.0, monotonic)
        self._keys = Turns(keys_a_minute_max, 60.0, monotonic)
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Opens the socket, mode 0600. Raises KeysDown where another answers there, or it cannot be opened."""
        self._keyring.newest()  # a folder that cannot be read is told now, not at midnight
        if await self._answers():
            raise KeysDown(f"another process answers on {self._path}: stop it, or name another keys.service")
        try:
            self._path.unlink(missing_ok=True)
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            before = os.umask(0o177)  # there is no moment at which others may open it
            try:
                self._server = await asyncio.start_unix_server(self._serve, self._path, limit=LINE_BYTES_MAX)
            finally:
                os.umask(before)
        except OSError as error:
            raise KeysDown(f"the socket {self._path} cannot be opened: {error.strerror or error}") from error

    async def close(self) -> None:
        """Ends, and takes the socket away."""
        if self._server is not None:
            self._server.close()
            for client in self._clients:
                client.close()
            await self._server.wait_closed()
            self._path.unlink(missing_ok=True)

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_unix_connection(self._path)
        except OSError:
            return False
        writer.close()
        return True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        who = _peer(writer)
        if len(self._clients) >= CLIENTS_MAX:
            log.warning("turned away %s: %d others are linked", who, CLIENTS_MAX)
            writer.close()
            return
        self._clients.add(writer)
        try:
            while line := await reader.readline():
                writer.write(_encode(await self._answer(line, who)) + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):  # gone, or a line without end
            log.warning("the line of %s broke off", who)
        finally:
            self._clients.discard(writer)
            with contextlib.suppress(ConnectionError):
                writer.close()

    async def _answer(self, line: bytes, who: str) -> Reply:
        try:
            asked = _request(line)
        except msgspec.MsgspecError:
            log.warning("%s asked what is no request", who)
            return Reply(trouble="this is no request to a key service")
        turns = {"blind": self._blinds, "wrap": self._keys, "unwrap": self._keys, "field": self._keys}.get(
            asked.act
        )
        wait = turns.take(max(1, len(asked.values))) if turns is not None else 0.0
        # What was done, by whom and how often: never a key, and never a value.
        told = f"{asked.act} {asked.name or '-'} version {asked.version or '-'} values {len(asked.values)} for {who}"
        if wait is None:
            log.warning("refused, too many: %s", told)
            return Reply(
                trouble="the key service is asked too much: see keys.blinds_a_second_max and keys.keys_a_minute_max"
            )
        if wait:
            await self._rest(wait)  # type: ignore[misc]
        try:
            reply = self._do(asked)
        except KeysDown as trouble:
            log.warning("refused: %s: %s", told, trouble)
            return Reply(trouble=str(trouble))
        log.info("did: %s", told)
        return reply

    def _do(self, asked: Request) -> Reply:
        ring = self._keyring
        match asked.act:
            case "newest":
                return Reply(version=ring.newest())
            case "status":
                return Reply(versions=ring.versions())
            case "wrap":
                version, wrapped = ring.wrap(asked.name, _bytes(asked.key))
                return Reply(version=version, key=b64encode(wrapped).decode())
            case "unwrap":
                return Reply(
                    key=b64encode(ring.unwrap(asked.name, asked.version, _bytes(asked.key))).decode()
                )
            case "field":
                return Reply(key=b64encode(ring.field_key(asked.version)).decode())
            case "blind" if len(asked.values) <= VALUES_MAX:
                return Reply(values=tuple(ring.blind(asked.name, asked.values)))
        raise KeysDown(f"{asked.act} is nothing that a key service does")


class KeyClient:
    """Asks the key service, over one connection that is opened when it is needed. For any thread; each waits its turn.

    Raises KeysDown where the service does not answer within ten seconds, or refuses: nothing is sealed or opened then.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._line: socket.socket | None = None

    def __repr__(self) -> str:
        return f"KeyClient({self._path})"

    def __del__(self) -> None:
        self.close()

    def newest(self) -> int:
        """The version under which new data keys are wrapped."""
        return self._ask(Request(act="newest")).version

    def wrap(self, name: str, key: bytes) -> tuple[int, bytes]:
        """A data key wrapped under the newest version, bound to its name."""
        reply = self._ask(Request(act="wrap", name=name, key=b64encode(key).decode()))
        return reply.version, b64decode(reply.key)

    def unwrap(self, name: str, version: int, wrapped: bytes) -> bytes:
        """The data key again."""
        asked = Request(act="unwrap", name=name, version=version, key=b64encode(wrapped).decode())
        return b64decode(self._ask(asked).key)

    def field_key(self, version: int) -> bytes:
        """The key that seals secret fields under a version."""
        return b64decode(self._ask(Request(act="field", version=version)).key)

    def blind(self, kind: str, values: Sequence[str]) -> list[str]:
        """What stands in the index instead of secret values."""
        found: list[str] = []
        for at in range(0, len(values), VALUES_MAX):
            some = tuple(values[at : at + VALUES_MAX])
            found += self._ask(Request(act="blind", name=kind, values=some)).values
        return found

    def status(self) -> KeysStatus:
        """What there is."""
        versions = self._ask(Request(act="status")).versions
        return KeysStatus(service=str(self._path), newest=versions[-1], versions=versions)

    def _ask(self, asked: Request) -> Reply:
        with self._lock:
            try:
                reply = _reply(self._exchange(_encode(asked) + b"\n"))
            except (OSError, msgspec.MsgspecError) as error:
                self.close()
                why = getattr(error, "strerror", None) or str(error) or type(error).__name__
                raise KeysDown(
                    f"the key service on {self._path} does not answer: {why}; start it with `wireroom keys serve`"
                ) from error
        if reply.trouble:
            raise KeysDown(f"the key service refuses: {reply.trouble}")
        return reply

    def _exchange(self, line: bytes) -> bytes:
        fresh = self._line is None
        try:
            return self._once(line)
        except (ConnectionError, EOFError) as error:
            self.close()
            if fresh:
                raise ConnectionError(str(error)) from error
            return self._once(line)  # the service was started anew since the last time

    def _once(self, line: bytes) -> bytes:
        if self._line is None:
            self._line = socket.socket(socket.AF_UNIX)
            self._line.settimeout(ANSWER_S)
            self._line.connect(str(self._path))
        self._line.sendall(line)
        parts: list[bytes] = []
        while not parts or not parts[-1].endswith(b"\n"):
            part = self._line.recv(65536)
            if not part:
                raise ConnectionError("it closed the line")
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        """Ends the connection; the next question opens another."""
        if self._line is not None:
            self._line.close()
            self._line = None


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise KeysDown("a key is given in base64") from None


def _peer(writer: asyncio.StreamWriter) -> str:
    """Which process asks, as the kernel says."""
    made = writer.get_extra_info("socket").getsockopt(
        socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")
    )
    pid, uid, _ = struct.unpack("3i", made)
    return f"pid {pid} uid {uid}"
