"""Seals texts before the database has them: AES-256-GCM under a day's data key, wrapped by a master key elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wireroom.journal import JournalError

if TYPE_CHECKING:
    from wireroom.journal import Connection

KEY_BYTES = 32
NONCE_BYTES = 12
ID_BYTES = 8
MARK = b"\x01"  # the first byte of what is sealed; no JSON and no text begins with it
OVERHEAD_BYTES = len(MARK) + ID_BYTES + NONCE_BYTES + 16
SEALS_MAX = 1 << 30  # under one key by one process: with random nonces 2^32 in all is the most that is safe
NEWER_SOUGHT_S = 60.0  # how soon a process follows a rotation
_START = ID_BYTES + len(MARK)

_KEYS = "SELECT id, version, wrapped FROM data_key WHERE id = ANY ($1::bigint[])"
_TODAY = "SELECT id, version, wrapped FROM data_key WHERE day = $1 AND version = $2 ORDER BY id LIMIT 1"
_ADD = "INSERT INTO data_key (id, day, version, wrapped) VALUES ($1, $2, $3, $4)"


class SealedShut(JournalError):
    """A text does not open: it was altered or moved, or its key is not there."""


class Master(Protocol):
    """Who holds the master keys and never gives them out. May wait for another process; raises JournalError."""

    def newest(self) -> int:
        """The version under which new data keys are wrapped, from 1."""
        ...

    def wrap(self, name: str, key: bytes) -> tuple[int, bytes]:
        """A data key wrapped under the newest version, bound to its name; the version, and what may be stored."""
        ...

    def unwrap(self, name: str, version: int, wrapped: bytes) -> bytes:
        """The data key again."""
        ...


class Place(msgspec.Struct, frozen=True):
    """A column that holds sealed texts. What is sealed for one opens in no other, and in no other row."""

    table: str
    column: str

    def bound(self, row: object, key: int) -> bytes:
        """What is authenticated beside the text: table|row|column|key."""
        return f"{self.table}|{row}|{self.column}|{key}".encode("utf-8", "surrogatepass")


JOURNAL = Place("journal", "body")


class Texts:
    """Seals and opens texts for one process. A day's data key is fetched or made once, and unwrapped once.

    `connection` opens a connection outside of whatever transaction is under way: a key that is made is committed
    before anything is sealed under it, so that no rollback can take it away from what was sealed.
    `random` gives so many unguessable bytes. Opened keys stay in memory while the process lives.
    """

    def __init__(
        self,
        master: Master,
        connection: Callable[[], AbstractAsyncContextManager[Connection]],
        *,
        random: Callable[[int], bytes],
        clock: Callable[[], datetime],
    ) -> None:
        self._master, self._connection = master, connection
        self._random, self._clock = random, clock
        self._keys: dict[int, AESGCM] = {}
        self._current = 0
        self._day = ""
        self._version = 0
        self._looked: datetime | None = None
        self._sealed = 0
        self._lock = asyncio.Lock()

    def __repr__(self) -> str:
        return "Texts(…)"

    async def ready(self) -> None:
        """Makes sure that there is a key of today. Raises JournalError: then nothing may be written."""
        now = self._clock()
        if self._is_ready(now):
            return
        async with self._lock:
            if not self._is_ready(now):
                await self._follow(now)

    def _is_ready(self, now: datetime) -> bool:
        return (
            self._day == f"{now:%F}"
            and self._sealed < SEALS_MAX
            and self._looked is not None
            and (now - self._looked).total_seconds() < NEWER_SOUGHT_S
        )

    async def _follow(self, now: datetime) -> None:
        """A key of this day and the newest version."""
        newest = await asyncio.to_thread(self._master.newest)
        if self._day != f"{now:%F}" or newest != self._version or self._sealed >= SEALS_MAX:
            async with self._connection() as connection:
                row = None
                if self._sealed < SEALS_MAX:  # else a key of our own
                    row = await connection.fetchrow(_TODAY, now.date(), newest)
                if row is not None:
                    await self._take(row["id"], row["version"], row["wrapped"])
                    self._current = row["id"]
                else:
                    newest, self._current = await self._make(connection, now)
            self._sealed, self._day, self._version = 0, f"{now:%F}", newest
        self._looked = now

    async def _make(self, connection: Connection, now: datetime) -> tuple[int, int]:
        made = int.from_bytes(self._random(ID_BYTES)) >> 1  # a bigint has a sign
        key = self._random(KEY_BYTES)
        version, wrapped = await asyncio.to_thread(self._master.wrap, str(made), key)
        await connection.execute(_ADD, made, now.date(), version, wrapped)
        self._keys[made] = AESGCM(key)
        return version, made

    async def _take(self, id: int, version: int, wrapped: bytes) -> None:
        if id not in self._keys:
            key = await asyncio.to_thread(self._master.unwrap, str(id), version, wrapped)
            self._keys[id] = AESGCM(key)

    def seal(self, place: Place, rows: Sequence[tuple[object, bytes]]) -> list[bytes]:
        """Texts of a batch, each with what names its row; sealed, in their order. After `ready`."""
        assert self._current, "`ready` comes before sealing"
        aead, current = self._keys[self._current], self._current
        head = MARK + current.to_bytes(ID_BYTES)
        nonces = self._random(NONCE_BYTES * len(rows))
        sealed = []
        for at, (row, text) in enumerate(rows):
            nonce = nonces[at * NONCE_BYTES : (at + 1) * NONCE_BYTES]
            sealed.append(head + nonce + aead.encrypt(nonce, text, place.bound(row, current)))
        self._sealed += len(rows)
        return sealed

    async def sealed(self, place: Place, rows: Sequence[tuple[object, bytes]]) -> list[bytes]:
        """As `seal`, with the key seen to. Raises JournalError where there is none."""
        await self.ready()
        return self.seal(place, rows)

    async def learn(self, connection: Connection, sealed: Iterable[bytes]) -> None:
        """Fetches and unwraps the keys of what is to be opened. Those that are not there are told when it is."""
        ids = {_id(one) for one in sealed if one[:1] == MARK} - self._keys.keys()
        if ids:
            for row in await connection.fetch(_KEYS, sorted(ids)):
                await self._take(row["id"], row["version"], row["wrapped"])

    def open(self, place: Place, row: object, sealed: bytes) -> bytes:
        """One text again, after `learn`. Raises SealedShut, saying why."""
        key = _id(sealed) if sealed[:1] == MARK else 0
        aead = self._keys.get(key)
        if len(sealed) < OVERHEAD_BYTES or not key:
            raise SealedShut(f"{place.table} {row}: what stands there was not sealed by Wireroom")
        if aead is None:
            raise SealedShut(
                f"{place.table} {row}: its data key {key} is not there; see wireroom keys status"
            )
        nonce, text = sealed[_START : _START + NONCE_BYTES], sealed[_START + NONCE_BYTES :]
        try:
            return aead.decrypt(nonce, text, place.bound(row, key))
        except InvalidTag:
            raise SealedShut(
                f"{place.table} {row}: it does not open: it was altered, or sealed for another row"
            ) from None

    async def opened(
        self,
        connection: Connection,
        place: Place,
        rows: Mapping[object, bytes] | Sequence[tuple[object, bytes]],
    ) -> list[bytes]:
        """The texts of many rows, in their order. Raises SealedShut for the first that does not open."""
        pairs = list(rows.items()) if isinstance(rows, Mapping) else rows
        await self.learn(connection, (sealed for _, sealed in pairs))
        return [self.open(place, row, sealed) for row, sealed in pairs]


def _id(sealed: bytes) -> int:
    return int.from_bytes(sealed[len(MARK) : _START])
