"""A whole Wireroom over real sockets, with the pretended partners and a few terminals: for conversations."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

from wireroom.app import assemble, roles
from wireroom.app import database as db
from wireroom.app.engine import Embedded
from wireroom.app.groups import write_groups
from wireroom.app.keys import Keys
from wireroom.app.settings import Loaded, load
from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue
from wireroom.gateways.link import LinkTerms
from wireroom.gateways.pretend import PretendedPartner
from wireroom.gateways.states import States
from wireroom.journal.numbers import first_number
from wireroom.message.acting import As
from wireroom.message.answer import Answer, Delivery, Question, Receipt
from wireroom.message.envelope import Way
from wireroom.policy.approvals import Approval, approve
from wireroom.policy.directory import Agency, Group, Terminal, TerminalKind, add_agency, add_terminal
from wireroom.policy.people import People, Person
from wireroom.records.answerer import RecordFiles
from wireroom.records.bulk import BulkLoader
from wireroom.records.matching.published import Rule
from wireroom.records.shape import Fields
from wireroom.wire.client import Client, Terms
from wireroom.wire.payload import Logon
from wireroom.wire.server import Server

NEW_COURT = "CA099024J"  # nobody has approved it yet
PATIENCE_S = 20.0  # for what must happen at once; reached only when a test fails
CITY, COUNTY, DOJ, FACILITY, COURT = "CA0990100", "CA0990200", "CA0990000", "CA099048N", "CA099023J"
AGENCIES = {
    CITY: "Example City Police Department",
    COUNTY: "Sample County Sheriff",
    DOJ: "Department of Invented Justice",
    FACILITY: "Sample Medical Facility",
    COURT: "Invented Superior Court",
    NEW_COURT: "Another Invented Court",
}
# Each terminal with its agency, who sits there, and the purpose that stands on the session.
TERMINALS = {
    "Z901": (CITY, "ada.dispatch", "C"),
    "Z902": (CITY, "cleo.clerk", "C"),
    "Z951": (COUNTY, "sam.sheriff", "C"),
    "Z952": (COUNTY, "nina.nopurpose", ""),
    "Z903": (CITY, "ivan.inquiry", "C"),
    "Z991": (DOJ, "dora.doj", "C"),
    "Z904": (CITY, "sara.supervisor", "C"),
    "Z905": (CITY, "stan.supervisor", "C"),
    "Z941": (FACILITY, "fay.facility", "C"),
    "Z971": (COURT, "cora.court", "C"),
    "Z972": (COURT, "cara.keeper", "C"),
    "Z973": (NEW_COURT, "cody.keeper", "C"),
}
# Of those who are no operators: what they are.
ROLES = {
    "ivan.inquiry": "inquiry",
    "sara.supervisor": "supervisor",
    "stan.supervisor": "supervisor",
    "dora.doj": "doj",
    "fay.facility": "facility",
    "cora.court": "clerk",
    "cara.keeper": "court",
    "cody.keeper": "court",
}
APPROVED = {COURT: (Way.WIRE,)}  # to enter orders
# Twenty-five agencies of another county, each with one terminal at which nobody sits.
FAR = {f"CA060{n:02}00": f"Y6{n:02}" for n in range(1, 26)}
GROUPS = {"SAMPLE": Group(title="Sheriff and clerk", members=(COUNTY, "Z902", "Z951"))}
PHONES = {CITY: "555-0100", COUNTY: "555-0102"}  # of those that must be called
OTP = "JBSWY3DPEHPK3PXP"
_names, _keys = itertools.count(1), itertools.count(1)
HOLDERS = (Source.NCIC, Source.DMV, Source.NLETS)  # beside the state
# A partner that comes back is met at once: stories turn them off and on, one after another.
QUICK = Terms(backoff_first_s=0.02, backoff_max_s=0.05)
# What earlier stories left neither ends nor waits for anybody while this one is told, wherever its clock stands.
IN_USE = "update account set enabled = true, disabled_for = '', active_at = now() + interval '50 years'"
LEFT = """
update record set due_at = null, validate_on = null, checked_by = 'an earlier story', fields = fields - 'LATE',
                  entered_at = least(entered_at, now() - interval '400 days');
update record set fields = fields || '{"DOD": "20260101"}' where status = 'located';
update forward set due_at = now() where due_at > now();
delete from past_inquiry; delete from confirmation; update calendar set done = now()::date where done > now()::date
"""
BUSY = """
select exists (select from followup)
    or exists (select from forward where due_at is not null and source = any($1::text[]))
"""


class Clock:
    """The real time and what a story has added to it."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self._real = assemble.now

    def __call__(self) -> datetime:
        return self._real() + self.ahead


class Neighbour:
    """One pretended partner: its own database, its own socket, and a switch to turn it off."""

    def __init__(self, source: Source, dsn: str, catalogue: Catalogue, keys: Keys) -> None:
        self.source, self.dsn, self.port = source, dsn, 0
        rule = Rule.NCIC if source is Source.NCIC else Rule.BITS  # as the pretended partners of the program
        self._files = RecordFiles(catalogue.of(source), source, keys.vault(), rule)
        self.states = States(catalogue, self._ask)
        self._door = PretendedPartner(
            source,
            catalogue,
            self.states.ask if source is Source.NLETS else self._ask,
            secret=keys.partner_secret(source.value),
            clock=assemble.now,
            first=assemble.clock_ms() << 20,
        )
        self._server: Server | None = None
        self._answering: asyncio.Task[None] | None = None
        self._pool: As | None = None

    async def _ask(self, questions: Sequence[Question]) -> list[Answer]:
        assert self._pool is not None, "a partner answers while it runs"
        async with self._pool.acquire() as connection:
            return await self._files.ask(connection, questions)

    async def start(self) -> None:
        """Listens, on the same port as before where there was one."""
        self._pool = await db.open_as(self.dsn, roles.SWITCH, 2)
        self._answering = asyncio.create_task(self._door.run())
        self._server = Server(self._door)
        await self._server.start("127.0.0.1", self.port)
        self.port = self._server.port

    async def stop(self) -> None:
        """Gone, with its line."""
        if self._server is None or self._answering is None or self._pool is None:
            return
        await self._server.close()
        self._answering.cancel()
        await asyncio.gather(self._answering, return_exceptions=True)
        await self._pool.close()
        self._server = None


class Station:
    """One terminal on its line: sends a text, and holds what came for nobody's question."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._deliveries = client.deliveries()
        self._mail: list[Delivery] = []

    async def ask(self, text: str, key: str = "") -> tuple[Receipt, list[Delivery]]:
        """A text, its receipt, and the answer of every source in the catalogue's order."""
        receipt = await self.client.send(text, key=key or f"auto-{next(_keys)}")
        answers: list[Delivery] = []
        expected = len(receipt.sources) if receipt.state == "accepted" else 0
        async with asyncio.timeout(PATIENCE_S):
            while len(answers) < expected:
                delivery = await self.next()
                (answers if delivery.transaction == receipt.number else self._mail).append(delivery)
        return receipt, sorted(answers, key=lambda answer: answer.part)

    async def mail(self) -> Delivery:
        """The oldest thing that came unasked."""
        async with asyncio.timeout(PATIENCE_S):
            while not self._mail:
                self._mail.append(await self.next())
        return self._mail.pop(0)

    async def drain(self, terminal: str) -> None:
        """Takes all that came before now: a message to itself comes last."""
        mark = f"MARK {next(_keys)}"
        await self.ask(f"AM.TO/{terminal}.TXT/{mark}")
        while not (await self.mail()).text.endswith(mark):
            pass

    async def next(self) -> Delivery:
        """What comes next, acknowledged."""
        delivery = await anext(self._deliveries)
        await self.client.acknowledge([delivery.number])
        return delivery


class Stage:
    """Where conversations are held."""

    def __init__(
        self,
        running: assemble.Running,
        neighbours: Mapping[str, Neighbour],
        catalogue: Catalogue,
        clock: Clock,
    ) -> None:
        self.running, self.catalogue, self.clock = running, catalogue, clock
        self._neighbours = neighbours
        self._stations: dict[str, Station] = {}
        self._loaders = {
            source: BulkLoader(catalogue, source, running.keys.vault(), first_id=first_number(assemble.now()))
            for source in HOLDERS
        }
        self._stack = AsyncExitStack()

    async def close(self) -> None:
        """Hangs up; who speaks again signs on again."""
        self._stations.clear()
        await self._stack.aclose()

    async def station(self, terminal: str) -> Station:
        """The terminal, signed on once."""
        if terminal not in self._stations:
            _, person, purpose = TERMINALS[terminal]
            secret = self.running.keys.interface_secret(terminal)
            logon = Logon(terminal=terminal, person=person, secret=secret, purpose=purpose)
            client = Client("127.0.0.1", self.running.wire_port, logon, dice=random.Random(1))
            self._stations[terminal] = Station(await self._stack.enter_async_context(client))
        return self._stations[terminal]

    def dsn_of(self, source: str) -> str:
        """The address of a partner's own database."""
        return self._neighbours[source].dsn

    async def put(self, source: str, rows: Sequence[tuple[str, str, str, Fields]]) -> None:
        """Records into a partner's files: file, owner, number, fields."""
        async with db.connect(self._neighbours[source].dsn) as connection:
            await self._loaders[Source(source)].load(connection, rows, assemble.now())

    async def fresh(self) -> None:
        """Nothing waits at any terminal: what an earlier story left is taken away."""
        async with db.connect(self.running.dsn) as connection:
            await connection.execute(LEFT)
            await connection.execute(IN_USE)  # a story in which years go by ends accounts that nobody uses
        await self.calm()
        for terminal, station in self._stations.items():
            await station.drain(terminal)
        async with db.connect(self.running.dsn) as connection:
            held = list(self._stations)
            await connection.execute("delete from delivery where terminal <> all($1::text[])", held)

    async def calm(self) -> None:
        """Returns when all that follows from what was sent is done: nothing to follow up, every holder in step."""
        up = [partner.name for partner in self.running.partners if partner.link.up]
        async with asyncio.timeout(PATIENCE_S), db.connect(self.running.dsn) as connection:
            while await connection.fetchval(BUSY, up):  # noqa: ASYNC110 - not a wait: it only lets the switch go on
                await asyncio.sleep(0)

    async def stop(self, source: str) -> None:
        """A partner, or a state behind Nlets, goes down; returns when the switch has seen it."""
        if source not in self._neighbours:
            self._neighbours[Source.NLETS.value].states.down.add(source)
            return
        await self._neighbours[source].stop()
        link = next(partner for partner in self.running.partners if partner.name == source)
        async with asyncio.timeout(PATIENCE_S):
            while link.up:  # noqa: ASYNC110 - not a wait: it only lets the line's end be seen
                await asyncio.sleep(0)

    async def start(self, source: str) -> None:
        """A partner comes back, or a state behind Nlets; returns when the line to the partner stands."""
        if source not in self._neighbours:
            self._neighbours[Source.NLETS.value].states.down.discard(source)
            return
        await self._neighbours[source].start()
        partner = next(partner for partner in self.running.partners if partner.name == source)
        await partner.link.linked_within(PATIENCE_S)


@asynccontextmanager
async def staged(server: Embedded, template: str, folder: Path, catalogue: Catalogue) -> AsyncIterator[Stage]:
    """A stage on databases of its own, which end with it."""
    async with AsyncExitStack() as stack:
        clock = Clock()
        stack.enter_context(patch.object(assemble, "now", clock))
        stack.enter_context(patch.object(assemble, "LinkTerms", partial(LinkTerms, wire=QUICK)))
        names = ("", *(f"_{source.value.lower()}" for source in HOLDERS))
        base = f"stage_{next(_names)}"
        dsns = [await _database(server, template, base + name, stack) for name in names]
        loaded, neighbours = await _neighbours(folder, dsns, catalogue, stack)
        await _seats(dsns[0], Keys(folder / "secrets"))
        write_groups(loaded.groups_file, GROUPS)
        stack.enter_context(patch.object(assemble, "catalogue_of", return_value=catalogue))
        running = await stack.enter_async_context(assemble.running(loaded))
        for partner in running.partners:
            await partner.link.linked_within(PATIENCE_S)
        stage = Stage(running, neighbours, catalogue, clock)
        stack.push_async_callback(stage.close)
        yield stage


async def _database(server: Embedded, template: str, name: str, stack: AsyncExitStack) -> str:
    async def run(statement: str) -> None:
        async with db.connect(server.dsn("postgres")) as connection:
            await connection.execute(statement)

    await run(f"CREATE DATABASE {name} TEMPLATE {template}")
    stack.push_async_callback(run, f"DROP DATABASE {name} WITH (FORCE)")
    return server.dsn(name)


async def _neighbours(
    folder: Path, dsns: list[str], catalogue: Catalogue, stack: AsyncExitStack
) -> tuple[Loaded, dict[str, Neighbour]]:
    """The partners, listening, and the settings of a switch that is linked to them."""
    keys = Keys(folder / "secrets")
    neighbours = {}
    links = ""
    for source, dsn in zip(HOLDERS, dsns[1:], strict=True):
        neighbour = neighbours[source.value] = Neighbour(source, dsn, catalogue, keys)
        await neighbour.start()
        stack.push_async_callback(neighbour.stop)
        links += f'\n[[links]]\nname = "{source.value}"\nport = {neighbour.port}\n'
    file = folder / "wireroom.toml"
    file.write_text(
        f'[database]\nurl = "{dsns[0]}"\ndata_folder = "."\n[wire]\nport = 0\n[web]\nport = 0\n'
        f"[reasons]\nunexplained_an_hour = 0\nall_an_hour = 0\n{links}",
        encoding="utf-8",
    )
    return load(file), neighbours


async def _seats(dsn: str, keys: Keys) -> None:
    pool = await db.open_as(dsn, roles.WEB, 1)
    try:
        for ori, name in AGENCIES.items():
            await add_agency(pool, Agency(ori=ori, name=name, phone=PHONES.get(ori, "")), assemble.now())
        for mnemonic, (ori, _, _) in TERMINALS.items():
            seat = Terminal(mnemonic=mnemonic, ori=ori, kind=TerminalKind.INTERFACE)
            await add_terminal(pool, seat, assemble.now())
        for ori, ways in APPROVED.items():
            for way in ways:
                since = assemble.now() - timedelta(days=1)
                await approve(pool, Approval(ori=ori, way=way, since=since, by="dora.doj"))
        for ori, mnemonic in FAR.items():
            await add_agency(pool, Agency(ori=ori, name=f"Far Agency {mnemonic}"), assemble.now())
            await add_terminal(pool, Terminal(mnemonic=mnemonic, ori=ori), assemble.now())
        people = People(pool, keys.seal())
        ori_of = {person: ori for ori, person, _ in TERMINALS.values()}
        for person, role in ROLES.items():
            one = Person(id=person, name=person.upper(), ori=ori_of[person], role=role)
            await people.add(
                one, password="not used: an interface speaks", otp_secret=OTP, now=assemble.now()
            )
    finally:
        await pool.close()
