"""A switch on a fresh database with everything about it in a test's hands: time, partners, trouble, who sits where."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from itertools import count
from random import Random
from typing import TypeVar

import asyncpg

from tests.conftest import Clock
from tests.sealed import Masters, bodies, texts
from wireroom.app.database import Line
from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue
from wireroom.journal.entry import Entry, parse
from wireroom.journal.numbers import NumberMaker
from wireroom.journal.writer import Writer
from wireroom.lab.fit import facts
from wireroom.message.acting import BATCH
from wireroom.message.answer import Answer, Delivery, Question, Receipt, State
from wireroom.message.envelope import Arrival, Seat
from wireroom.policy.directory import Agency, Directory, Terminal
from wireroom.records.answerer import RecordFiles
from wireroom.records.vault import Vault
from wireroom.switch.plan import LocalFiles, Remote
from wireroom.switch.transaction import Limits, Switch

PATIENCE_S = 10.0  # for what must happen at once; reached only when a test fails
CATALOGUE = Catalogue()
VAULT = Vault(b"v" * 32, Random(3).randbytes)
Result = TypeVar("Result")

POLICE, SHERIFF, SCHOOL = "CA0990100", "CA0980100", "CA0970100"
DIRECTORY = Directory(
    (
        Agency(ori=POLICE, name="Example City Police"),
        Agency(ori=SHERIFF, name="Sample County Sheriff"),
        Agency(ori=SCHOOL, name="Training School", test=True),
    ),
    (
        *(Terminal(mnemonic=f"Z{n:03}", ori=POLICE) for n in range(1, 5)),
        Terminal(mnemonic="Z009", ori=POLICE, enabled=False),
        Terminal(mnemonic="Y001", ori=SHERIFF),
        Terminal(mnemonic="Y002", ori=SHERIFF),
        Terminal(mnemonic="T001", ori=SCHOOL),
        Terminal(mnemonic="T002", ori=SCHOOL),
    ),
)
_DAY = date(2026, 3, 2)  # on which the clock of a stage begins
DESK = Seat(terminal="Z001", ori=POLICE, person="p.vale", role="operator", facts=facts(POLICE, _DAY))
NEXT_DESK = Seat(terminal="Z002", ori=POLICE, person="p.next", role="operator", facts=facts(POLICE, _DAY))
OTHER = Seat(terminal="Y001", ori=SHERIFF, person="s.other", role="operator", facts=facts(SHERIFF, _DAY))
PUPIL = Seat(
    terminal="T001", ori=SCHOOL, person="t.pupil", role="operator", test=True, facts=facts(SCHOOL, _DAY)
)


BROAD = "QV.LIC/7QQQ001.LIS/CA"  # asks the state, the DMV and NCIC
NO_ROWS = {
    "claim": 0, "leg": 0, "delivery": 0, "record": 0, "record_version": 0, "identifier": 0, "person": 0,
    "fcn_counter": 0,
}  # fmt: skip


def car(plate: str = "7QQQ001", state: str = "CA", case: str = "99-000001", more: str = "") -> str:
    """An entry of a stolen car."""
    more = more if "VYR/" in more else f".VYR/2019.VMA/TOYT{more}"
    return f"EV.LIC/{plate}.LIS/{state}{more}.DOT/20260301.OCA/{case}"


def wanted(
    name: str = "TESTCASE, JANE", born: str = "19900101", case: str = "99-000002", more: str = ""
) -> str:
    """An entry of a wanted person."""
    return f"EW.NAM/{name}.SEX/F.RAC/W.DOB/{born}{more}.OFF/0101.DOW/20260301.EXL/01.OCA/{case}"


def state_files() -> RecordFiles:
    """The state's files of one database: they hold its vocabulary."""
    return RecordFiles(CATALOGUE, Source.STATE, VAULT)


class Pretended:
    """A source in another house that answers as the test says."""

    def __init__(self, name: str, *, deadline_s: float = 1.0) -> None:
        self.name, self.deadline_s = name, deadline_s
        self.up = True
        self.asked: list[Question] = []
        self.said: Callable[[Question], Answer] = lambda q: Answer(source=name, state=State.NO_RECORD)
        self.hold = asyncio.Event()
        self.hold.set()
        self.reached = asyncio.Event()

    async def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        self.reached.set()
        await self.hold.wait()
        return self.said(question)


class TroubledWriter(Writer):
    """A journal that takes nothing while it is told so."""

    trouble: Exception | None = None
    refuse: Callable[[Entry], bool] = staticmethod(lambda entry: True)

    async def write(self, conn: asyncpg.Connection, entries: Sequence[Entry]) -> None:  # type: ignore[override]
        if self.trouble is not None and any(self.refuse(entry) for entry in entries):
            raise self.trouble
        await super().write(conn, entries)


class Stage:
    """One database, and as many switches on it as a test starts."""

    def __init__(self, dsn: str, clock: Clock) -> None:
        self.dsn, self.clock = dsn, clock
        self.keys = count(1)
        self.masters = Masters()
        self.texts = texts(self.plain, clock, self.masters)
        self.writer = TroubledWriter(Random(5).randbytes, self.texts)
        self.statements: list[tuple[int, str]] = []  # connection and statement
        self.connections: list[asyncpg.Connection] = []

    async def __aenter__(self) -> Stage:
        return self

    async def __aexit__(self, *trouble: object) -> None:
        for connection in self.connections:
            await connection.close(timeout=PATIENCE_S)

    @asynccontextmanager
    async def plain(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection of the tables' owner, whose statements are not noted."""
        connection = await asyncpg.connect(self.dsn, timeout=5)
        try:
            yield connection
        finally:
            await connection.close()

    async def connect(self) -> asyncpg.Connection:
        """A connection of the switch's role that serves many, as in a batch; its statements are noted."""
        return await self.bare(BATCH.of_connection)

    async def bare(self, settings: dict[str, str] | None = None) -> asyncpg.Connection:
        """A connection as the switch has it: who acts it says with each transaction."""
        connection: asyncpg.Connection = await asyncpg.connect(
            self.dsn, timeout=5, command_timeout=20, connection_class=Line, server_settings=settings
        )
        try:
            await connection.execute("set role wireroom_switch")
        except BaseException:
            connection.terminate()
            raise
        connection.add_query_logger(lambda record: self.statements.append((id(connection), record.query)))
        self.connections.append(connection)
        return connection

    def make(
        self,
        *remotes: Remote,
        worker: int = 0,
        files: LocalFiles | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        connect: Callable[[], object] | None = None,
        after: int = 0,
    ) -> Switch:
        """A switch that was not started."""
        switch = Switch(
            catalogue=CATALOGUE,
            connect=connect or self.bare,  # type: ignore[arg-type]
            files=files or state_files(),
            remotes=remotes,
            numbers=NumberMaker(worker, lambda: int(self.clock().timestamp() * 1000), after=after),
            worker=worker,
            writer=self.writer,
            clock=self.clock,
            limits=limits,
        )
        switch.directory = DIRECTORY
        return switch

    @asynccontextmanager
    async def running(self, *remotes: Remote, **how: object) -> AsyncIterator[Switch]:
        """A switch that runs while this is open."""
        how.setdefault("after", await self.last())
        switch = self.make(*remotes, **how)  # type: ignore[arg-type]
        await switch.start()
        try:
            yield switch
        finally:
            await switch.stop()

    def arrival(self, text: str, seat: Seat = DESK, key: str = "") -> Arrival:
        return Arrival(text=text, seat=seat, key=key or f"k{next(self.keys)}", at=self.clock(), purpose="C")

    async def last(self) -> int:
        return int(str(await self.value("select coalesce(max(number), 0) from journal")))

    async def rows(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.dsn, timeout=5)
        try:
            return list(await connection.fetch(statement, *arguments))
        finally:
            await connection.close()

    async def value(self, statement: str, *arguments: object) -> object:
        return (await self.rows(statement, *arguments))[0][0]

    async def execute(self, statement: str, *arguments: object) -> None:
        await self.rows(statement, *arguments)

    async def journal(self, transaction: int | None = None) -> list[Entry]:
        """The entries in order, of one transaction or all but those of the switch itself."""
        async with self.plain() as connection:
            entries = [parse(body) for body in await bodies(connection, self.texts)]
        if transaction is None:
            return [entry for entry in entries if not entry.tag.startswith("switch:")]
        return [entry for entry in entries if entry.transaction == transaction]

    async def counts(self) -> dict[str, int]:
        """How many rows every table has that a message may touch."""
        tables = (
            "claim",
            "leg",
            "delivery",
            "record",
            "record_version",
            "identifier",
            "person",
            "fcn_counter",
        )
        return {table: int(str(await self.value(f"select count(*) from {table}"))) for table in tables}


async def soon(awaitable: Awaitable[Result]) -> Result:
    """What must happen at once."""
    return await asyncio.wait_for(awaitable, PATIENCE_S)


async def take(switch: Switch, terminal: str, number: int) -> list[Delivery]:
    """The first deliveries of a mailbox that is opened anew."""
    found: list[Delivery] = []
    if not number:
        return found
    async with asyncio.timeout(PATIENCE_S), switch.mailbox(terminal) as mail:
        async for delivery in mail:
            found.append(delivery)
            if len(found) == number:
                break
    return found


async def answers(stage: Stage, switch: Switch, text: str, seat: Seat = DESK) -> list[Delivery]:
    """All answers to a message, acknowledged, in the order of their parts."""
    receipt = await send(stage, switch, text, seat)
    assert receipt.state == "accepted", receipt
    found: list[Delivery] = []
    async with asyncio.timeout(PATIENCE_S), switch.mailbox(seat.terminal) as mail:
        async for delivery in mail:
            if delivery.transaction == receipt.number:
                found.append(delivery)
                await switch.acknowledge(seat.terminal, [delivery.number])
            if len(found) == len(receipt.sources):
                break
    return sorted(found, key=lambda delivery: delivery.part)


async def send(stage: Stage, switch: Switch, text: str, seat: Seat = DESK, key: str = "") -> Receipt:
    """One message's receipt."""
    async with asyncio.timeout(PATIENCE_S):
        return await switch.transact(stage.arrival(text, seat, key))
