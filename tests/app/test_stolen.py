"""A stolen dump, stolen files of the server and a stolen backup hold none of a thousand markers in clear."""

from __future__ import annotations

import asyncio
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from pathlib import Path

import asyncpg
import pytest

from tests.examples.conftest import AGENCY, PASSWORD, Place, _seated
from wireroom.app import backing
from wireroom.app.archive import read_archive
from wireroom.app.assemble import now, running
from wireroom.app.bulk import ImportPlan, import_file
from wireroom.app.console import bar
from wireroom.app.engine import Embedded
from wireroom.app.keys import keys_of
from wireroom.app.schema import upgrade
from wireroom.app.sending import Sender
from wireroom.app.settings import Loaded, load
from wireroom.message.answer import Answer, State
from wireroom.message.letter import Told
from wireroom.policy.secret import new_otp_secret
from wireroom.records.importing.lines import Format
from wireroom.records.outbox import Draft, Outbox

pytestmark = pytest.mark.anyio
# A text, or a social security number that nobody can have. In clear they are found by what all begin with; a number
# within a longer one is part of a journal number, and by chance.
SOUGHT = re.compile(rb"ZQM\d{4}Q|(?<!\d)987650[0-3]\d\d(?!\d)")
HEXADECIMAL = re.compile(rb"\\\\x((?:[0-9a-f]{2})+)")
KNOWN = "ZQM9999Q"  # stands in clear, so that the search is seen to find


class Markers:
    """A thousand, each planted once."""

    def __init__(self) -> None:
        self.texts = [f"ZQM{n:04d}Q" for n in range(610)]
        self.numbers = [f"98765{n:04d}" for n in range(1, 391)]
        self.planted: list[str] = []

    def text(self) -> str:
        self.planted.append(self.texts.pop())
        return self.planted[-1]

    def number(self) -> str:
        self.planted.append(self.numbers.pop())
        return self.planted[-1]


def wanted(number: str, name: str) -> str:
    return f"EW.NAM/{name}, TEST.SEX/F.RAC/W.DOB/19900101.SOC/{number}.OFF/0101.DOW/20260301.EXL/01.OCA/99-000002"


@pytest.fixture
async def loaded(database: str, tmp_path: Path) -> Loaded:
    file = tmp_path / "wireroom.toml"
    file.write_text(
        f'[database]\nurl = "{database}"\ndata_folder = "data"\n[wire]\nport = 0\n[web]\nport = 0\n'
    )
    return load(file)


@pytest.fixture
async def place(database: str, loaded: Loaded) -> AsyncIterator[Place]:
    await upgrade(database)
    secret = new_otp_secret()
    await _seated(database, keys_of(loaded).seal(), secret)
    async with running(loaded) as ready:
        yield Place(ready, secret)


async def by_wire(place: Place, markers: Markers, many: int) -> None:
    """Messages, inquiries by number, entries, faulty texts and broadcasts that wait, as a station sends them."""
    sender = Sender(
        host="127.0.0.1", port=place.ready.wire_port, terminal="ZZ01", person="ada.dispatch", purpose="C", case="",
        keys=place.ready.keys, answer_seconds_max=8,
    )  # fmt: skip
    ways = (
        lambda: f"AM.TO/Z001.TXT/HELLO {markers.text()}",
        lambda: f"QW.SOC/{markers.number()}",
        lambda: f"{markers.text()} IS NO KEY",
        lambda: wanted(markers.number(), "WIRE"),
        lambda: f"AM.TO/STATEWIDE.SUB/BOLO.TXT/LOOK OUT FOR {markers.text()}",
    )
    async with sender.client() as client:
        for n in range(many):
            await client.send(ways[n % len(ways)](), key=f"w{n}")


async def by_web(place: Place, markers: Markers, many: int) -> None:
    """Messages from the page, and messages, entries and an order of a court over the API."""
    house = place.ready.house
    session = await house.sign_in(
        person="ada.dispatch", password=PASSWORD, code=place.code, terminal="Z001", peer="test"
    )
    assert not hasattr(session, "again"), session
    token, csrf = session.token, session.csrf  # type: ignore[union-attr]
    base = f"http://127.0.0.1:{place.ready.web_port}"
    for n in range(many):
        form = {"csrf": csrf, "text": f"AM.TO/ZZ01.TXT/PAGE {markers.text()}", "purpose": "C", "key": f"p{n}"}
        assert await posted(f"{base}/send", form, {"cookie": f"session={token}"}) == 200
        text = f"AM.TO/ZZ01.TXT/API {markers.text()}" if n % 2 else wanted(markers.number(), "API")
        head = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        body = {"text": text, "purpose": "C"}
        assert await posted(f"{base}/api/v1/transactions", body, head | {"idempotency-key": f"a{n}"}) == 202
        order = {"key": "ERO", "remarks": markers.text(), "restrained": {"ssn": markers.number()}}
        assert await posted(f"{base}/api/v1/orders", order, head | {"idempotency-key": f"o{n}"}) == 422


async def posted(url: str, body: Mapping[str, object], headers: dict[str, str]) -> int:
    """The status of what a form or a program sends."""
    is_json = "content-type" in headers
    data = json.dumps(body) if is_json else urllib.parse.urlencode(body)
    request = urllib.request.Request(url, data.encode(), headers)

    def post() -> int:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    return await asyncio.to_thread(post)


async def by_import(loaded: Loaded, folder: Path, markers: Markers, many: int) -> None:
    lines = [
        {"NAM": f"IMPORT, T{chr(65 + n // 26)}{chr(65 + n % 26)}", "SEX": "F", "RAC": "W", "DOB": "19900101",
         "SOC": markers.number(),
         "OFF": "0101", "DOW": "20260301", "EXL": "01", "OCA": f"99-{n}"} for n in range(many)
    ]  # fmt: skip
    path = folder / "people.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    plan = ImportPlan(path=path, written=Format.JSONL, code="wanted", ori=AGENCY, person="p.vale")
    assert (await import_file(loaded, plan, bar)).entered == many


async def by_letter(database: str, loaded: Loaded, markers: Markers, many: int) -> None:
    """Letters to people outside, with what they say and where they go."""
    drafts = [
        Draft(
            channel="email", event="SERVED", file="order", record=5,
            told=Told(to=f"{markers.text()}@example.org", owner=AGENCY, number="1", about="ZZ1",
                      words=markers.text(), spanish="Es así."),
        )
        for _ in range(many // 2)
    ]  # fmt: skip
    connection = await asyncpg.connect(database)
    try:
        await Outbox(keys_of(loaded).vault()).put(connection, drafts, 77, now())
    finally:
        await connection.close()


async def by_answer(place: Place, markers: Markers, many: int) -> None:
    """What other systems answer, late, when nobody waits."""
    from tests.switch.test_ledger import question

    class At:
        clock = staticmethod(now)

    for n in range(many):
        answer = Answer(source="NCIC", state=State.HIT, text=f"THEIRS {markers.text()}", late=True)
        await place.ready.switch.settle(question(At(), 4096 * (n + 1)), answer)  # type: ignore[arg-type]


def found(pieces: Iterable[bytes]) -> set[str]:
    """The markers that stand in clear, also where a piece ends in the middle of one."""
    markers, before = set[str](), b""
    for piece in pieces:
        markers |= {one.decode() for one in SOUGHT.findall(before + piece)}
        before = piece[-16:]
    return markers


async def dumped(database: str) -> AsyncIterator[bytes]:
    """Every table, as COPY writes it: text, with bytes in hexadecimal, which are turned back."""
    connection = await asyncpg.connect(database)
    try:
        names = await connection.fetch(
            "select tablename from pg_tables where schemaname = 'public' order by 1"
        )
        for name in (row[0] for row in names):
            pieces: list[bytes] = []

            async def keep(data: bytes, into: list[bytes] = pieces) -> None:
                into.append(data)

            await connection.copy_from_query(f'select * from "{name}"', output=keep)
            text = b"".join(pieces)
            yield HEXADECIMAL.sub(b" ", text)  # among so many digits nine would look like a number by chance
            yield b" ".join(bytes.fromhex(one.decode()) for one in HEXADECIMAL.findall(text))
    finally:
        await connection.close()


async def files_of(database: str, server: Embedded) -> list[Path]:
    """The server's files of this database, and its write-ahead log, once all is on the disk."""
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("checkpoint")
        oid = await connection.fetchval("select oid from pg_database where datname = current_database()")
        wal: str = await connection.fetchval("select pg_walfile_name(pg_current_wal_lsn())")
    finally:
        await connection.close()
    assert wal
    return [one for one in (server.data / "base" / str(oid)).iterdir() if one.is_file()] + [
        server.data / "pg_wal" / wal
    ]


async def stolen(database: str, server: Embedded) -> tuple[set[str], set[str]]:
    """What stands in clear in a dump, and in the server's files."""
    dump = set[str]()
    async with aclosing(dumped(database)) as pieces:  # type: ignore[type-var]
        async for piece in pieces:
            dump |= found([piece])
    files = await files_of(database, server)
    return dump, await asyncio.to_thread(lambda: found(one.read_bytes() for one in files))


@pytest.mark.timeout(600)  # a thousand messages on a busy machine
async def test_SC_28_none_of_a_thousand_markers_is_in_a_dump_the_files_or_a_backup(
    place: Place,
    database: str,
    loaded: Loaded,
    server: Embedded,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    markers = Markers()
    caplog.set_level("INFO", "wireroom")
    await by_web(place, markers, 100)  # first: each page reads all that waits
    await by_wire(place, markers, 350)
    await by_import(loaded, tmp_path, markers, 100)
    await by_letter(database, loaded, markers, 100)
    await by_answer(place, markers, 50)
    assert len(set(markers.planted)) == 1000
    assert await stolen(database, server) == (set(), set())

    path, master = tmp_path / "backup", keys_of(loaded).master()
    await backing.backup(database, path, master, at=now(), progress=lambda done, total: None)
    assert found([path.read_bytes()]) == set()
    assert found([caplog.text.encode(), server.log.read_bytes()]) == set(), "nor in a log"
    assert len(b"".join(read_archive(path, master)[1])) > 100_000, "and everything is in it"

    # The search can find: what is put there in clear is found at each place.
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("update agency set name = $1", f"Example {KNOWN} Police")
        await connection.execute("insert into leg values (1, 1, 1, now(), $1)", b"987650007 in bytes")
    finally:
        await connection.close()
    assert await stolen(database, server) == ({KNOWN, "987650007"}, {KNOWN, "987650007"})
