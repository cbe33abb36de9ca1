"""Parse, write, rule, journal: microseconds each, in one process, beside bare work of the same shape."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.result import Result, against
from wireroom.app.keyring import Keyring
from wireroom.catalog.index import Catalogue
from wireroom.journal.entry import Entry, canonical
from wireroom.journal.sealing import Texts
from wireroom.journal.tags import Tag
from wireroom.journal.writer import Writer
from wireroom.lab.fit import facts
from wireroom.message.command import command
from wireroom.message.envelope import Arrival, Seat
from wireroom.message.read import read
from wireroom.message.write import write
from wireroom.policy.ruling import Rulebook

TEXT = "QV.LIC/7ABQ123.LIS/CA.PUR/C"
ENTRY = "EV.LIC/7ABQ123.LIS/CA.LIY/2027.LIT/PC.VIN/1HGCM82633A004352.VYR/2003.VMA/HOND.VMO/ACC.VST/4D.VCO/SIL.DOT/20261101.OCA/26-004417"  # noqa: E501
LOOPS = 3_000
PASSES = 7
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
SEAT = Seat(
    terminal="Z001", ori="CA0990100", person="bench", role="operator", facts=facts("CA0990100", AT.date())
)


def _microseconds(act: Callable[[], object], loops: int = LOOPS) -> float:
    begun = time.process_time()
    for _ in range(loops):
        act()
    return (time.process_time() - begun) / loops * 1e6


def _paired(ours: Callable[[], object], bare: Callable[[], object], name: str, target: str = "") -> Result:
    ours_us, bare_us = [], []
    for _ in range(PASSES):
        ours_us.append(_microseconds(ours))
        bare_us.append(_microseconds(bare))
    return against(ours_us, bare_us, unit="us CPU", baseline_name=name, target=target)


class _Row:
    """A database in which there is no key yet."""

    async def fetchrow(self, *_: object) -> None:
        return None

    async def execute(self, *_: object) -> None:
        return None


@asynccontextmanager
async def _nowhere() -> AsyncIterator[Any]:  # Any: what it does of a connection is above
    yield _Row()


def _bare_parse() -> dict[str, str]:
    head, *fields = TEXT.split(".")
    return {"KEY": head, **dict(field.split("/", 1) for field in fields)}


def run() -> dict[str, Result]:
    """All of them."""
    catalogue = Catalogue()
    today = AT.date()
    message = read(TEXT, catalogue, ori=SEAT.ori, today=today).message
    assert message is not None, "the benchmark's text is right"
    form = catalogue.forms[message.key]
    arrival = Arrival(text=TEXT, seat=SEAT, key="k", at=AT)
    detail: dict[str, object] = {"key": "k", "text": TEXT, "sources": ["STATE", "DMV", "NCIC"], "rule": ""}
    entries = [
        Entry(n + 1, Tag.INQUIRY_ASKED, AT, n + 1, SEAT.ori, SEAT.terminal, SEAT.person, detail)
        for n in range(64)
    ]
    with TemporaryDirectory() as folder:
        texts = Texts(Keyring(Path(folder)), _nowhere, random=os.urandom, clock=lambda: AT)
        asyncio.run(texts.ready())
    writer = Writer(os.urandom, texts)
    body, book = canonical(entries[0]), Rulebook()
    return {
        "parse": _paired(
            lambda: read(TEXT, catalogue, ori=SEAT.ori, today=today), _bare_parse, "split into a dict"
        ),
        "parse the one box": _paired(
            lambda: command("7abq 123", catalogue, ori=SEAT.ori, today=today),
            _bare_parse,
            "split into a dict",
        ),
        "parse an entry of 12 fields": _paired(
            lambda: read(ENTRY, catalogue, ori=SEAT.ori, today=today), _bare_parse, "split into a dict of 3"
        ),
        "write": _paired(
            lambda: write(message), lambda: ".".join((TEXT, TEXT, TEXT)), "join of three strings"
        ),
        "rule": _paired(
            lambda: book.rule(message, form, arrival), lambda: {"a": 1}.get("b"), "one look into a dict"
        ),
        "journal canonical bytes": _paired(
            lambda: canonical(entries[0]),
            lambda: json.dumps(detail, sort_keys=True),
            "json.dumps of the detail",
        ),
        "journal rows of 64 entries, each": _rows(writer, entries, body),
    }


def _rows(writer: Writer, entries: list[Entry], body: bytes) -> Result:
    ours, bare = [], []
    for _ in range(PASSES):
        ours.append(_microseconds(lambda: writer.rows(entries), LOOPS // 30) / len(entries))
        bare.append(_microseconds(lambda: hashlib.sha256(body).digest()))
    return against(ours, bare, unit="us CPU", baseline_name="SHA-256 of one entry")
