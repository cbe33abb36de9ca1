"""A small world to be killed: a database, a switch as a program of its own, its supervisor, and a partner."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import asyncpg

from tests.failures.observed import Held
from tests.sealed import bodies
from wireroom.app import EngineError
from wireroom.app.assemble import now
from wireroom.app.engine import Embedded
from wireroom.app.keys import Keys
from wireroom.app.populate import fill, seat_agencies, seat_interfaces, state_of
from wireroom.app.schema import upgrade
from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue
from wireroom.gateways.pretend import PretendedPartner
from wireroom.journal.checkpoint import Signer
from wireroom.journal.entry import parse
from wireroom.message.answer import Answer, Question, State
from wireroom.oversight.reading import newest_checkpoint
from wireroom.oversight.verifying import Verdict, verify
from wireroom.wire.server import Server

PEOPLE = 500
SEED = 7
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
AGENCY = "CA0990100"
STATIONS = tuple(f"ZX{number:02d}" for number in range(16))
PARTNER_LATE_SHARE, PARTNER_LATE_S, PARTNER_DEADLINE_S = 0.02, 0.6, 0.4
ANSWER_S = 2.0  # when an open leg is settled as unanswered
STOP_S, GONE_S = 20.0, 5.0
TROUBLE_MAX = 3  # then the supervisor leaves it
DATABASE_GONE = 70  # exit code of `wireroom serve`


class World:
    """One installation in a new folder. `served`: the database is somebody else's, and not the switch's own.

    With `sabotage` the switch is made to break a promise (see launcher.py), to see whether that is found.
    """

    def __init__(self, folder: Path, dice: Random, *, served: bool, sabotage: str = "") -> None:
        self.folder, self.served, self._sabotage = folder, served, sabotage
        self.server = Embedded(folder / "data", shared_buffers_mb=16, connections_max=40)
        self.port, self.partner_port = free_port(), free_port()
        self.exits: Counter[int] = Counter()
        self.trouble: list[str] = []  # what the supervisor did not expect
        self.kept = ""  # the newest checkpoint that we saw, as a witness keeps it
        self._dice = dice
        self._expected: Counter[int] = Counter()  # exit codes that a kill explains
        self._launcher: asyncio.subprocess.Process | None = None
        self._switch: int | None = None
        self._stopping = self._database_down = False
        self._changed = asyncio.Event()
        self._pool: asyncpg.Pool | None = None

    # --------------------------------------------------------------------------------- making and ending

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[World]:
        """Fills the database, starts partner and switch, and ends everything, whatever happened."""
        async with contextlib.AsyncExitStack() as stack:
            self.folder.mkdir(mode=0o711)  # root's PostgreSQL runs as another account
            stack.push_async_callback(asyncio.to_thread, self._end_database)
            await asyncio.to_thread(self.server.start)
            await self._populate()
            self._write_settings()
            if not self.served:
                await asyncio.to_thread(self.server.stop)
            await stack.enter_async_context(self._partner())
            await stack.enter_async_context(self._supervised())
            yield self
            await self._close_pool()

    @property
    def dsn(self) -> str:
        return self.server.dsn("wireroom")

    @property
    def keys(self) -> Keys:
        return Keys(self.folder / "secrets")

    async def _populate(self) -> None:
        state = state_of(PEOPLE, SEED, FIRST_DAY.date())
        await upgrade(self.dsn)
        await fill(state, Catalogue(), self.keys, {Source.STATE: self.dsn}, FIRST_DAY, None)
        await seat_agencies(state, self.dsn, FIRST_DAY)
        await seat_interfaces(self.dsn, AGENCY, list(STATIONS), FIRST_DAY)

    def _write_settings(self) -> None:
        url = f'url = "{self.dsn}"\n' if self.served else ""
        (self.folder / "wireroom.toml").write_text(
            f'[database]\n{url}data_folder = "data"\nshared_buffers_mb = 16\n'
            f'[secrets]\nfolder = "secrets"\n[wire]\nport = {self.port}\n[web]\nport = 0\n'
            f"[switch]\nanswer_seconds_max = {ANSWER_S}\n[journal]\ncheckpoint_seconds = 0.2\n"
            "[reasons]\nunexplained_an_hour = 0\nall_an_hour = 0\n"
            f'[[links]]\nname = "DMV"\nport = {self.partner_port}\ndeadline_seconds = {PARTNER_DEADLINE_S}\n'
        )

    def _end_database(self) -> None:
        """Stops the server, whoever started it."""
        with contextlib.suppress(EngineError):
            self.server.stop()
            if self.server.pid is not None:
                self.server.start()
                self.server.stop()

    @contextlib.asynccontextmanager
    async def _partner(self) -> AsyncIterator[None]:
        """A DMV that knows nobody, now and then too late."""

        async def ask(questions: Sequence[Question]) -> list[Answer]:
            if self._dice.random() < PARTNER_LATE_SHARE:
                await asyncio.sleep(PARTNER_LATE_S)
            return [Answer(source="DMV", state=State.NO_RECORD) for _ in questions]

        secret = self.keys.partner_secret("DMV")
        door = PretendedPartner(Source.DMV, Catalogue(), ask, secret=secret, clock=lambda: datetime.now(UTC))
        server = Server(door)
        await server.start("127.0.0.1", self.partner_port)
        answering = asyncio.create_task(door.run())
        try:
            yield
        finally:
            await server.close(0.5)
            answering.cancel()
            await asyncio.wait({answering})

    # --------------------------------------------------------------------------------- the supervisor

    @contextlib.asynccontextmanager
    async def _supervised(self) -> AsyncIterator[None]:
        """Starts the switch, and starts it again whenever it has ended."""
        config, log = str(self.folder / "wireroom.toml"), str(self.folder / "switch.log")
        command = (sys.executable, "-m", "tests.failures.launcher", config, log, self._sabotage)
        launcher = self._launcher = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        supervisor = asyncio.create_task(self._supervise())
        self._start()
        try:
            yield
        finally:
            self._stopping = True
            self._signal_switch(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    while self._switch is not None:
                        self._changed.clear()
                        await self._changed.wait()
            assert launcher.stdin is not None
            launcher.stdin.close()
            await launcher.wait()
            await supervisor

    def _start(self) -> None:
        assert self._launcher is not None
        assert self._launcher.stdin is not None
        self._launcher.stdin.write(b"start\n")

    async def _supervise(self) -> None:
        assert self._launcher is not None
        assert self._launcher.stdout is not None
        while line := (await self._launcher.stdout.readline()).decode().split():
            if line[0] == "started":
                self._switch = int(line[1])
            elif int(line[1]) == self._switch:
                self._switch = None
                self._ended(int(line[2]))
            self._changed.set()

    def _ended(self, status: int) -> None:
        self.exits[status] += 1
        if self._stopping:
            return
        if self._expected[status] > 0:
            self._expected[status] -= 1
        elif status != DATABASE_GONE or not self._database_down:
            self.trouble.append(f"the switch ended by itself with {status}; {self.last_words()}")
        if len(self.trouble) < TROUBLE_MAX:
            self._start()

    def last_words(self) -> str:
        """The end of what the switch printed."""
        log = self.folder / "switch.log"
        return " | ".join(log.read_text("utf-8", "replace").splitlines()[-4:]) if log.exists() else "no log"

    # --------------------------------------------------------------------------------- killing

    @property
    def switch_pid(self) -> int | None:
        return self._switch

    @property
    def database_pid(self) -> int | None:
        return self.server.pid

    def _signal_switch(self, sign: signal.Signals) -> None:
        if self._switch is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._switch, sign)

    def kill_switch(self) -> None:
        """kill -9 of the switch."""
        self._expected[-signal.SIGKILL] += self._switch is not None
        self._signal_switch(signal.SIGKILL)

    async def kill_database(self, *, children: bool) -> None:
        """kill -9 of the server; with its children at the same time, or leaving those to find out."""
        pid = self.database_pid
        assert pid is not None, "there is no server to kill"
        own = not self.served and self._switch is not None and not self._expected[-signal.SIGKILL]
        self._expected[DATABASE_GONE] += own
        self._database_down = True
        for each in (pid, *(children_of(pid) if children else ())):
            _kill(each)
        if self.served:
            await asyncio.to_thread(self.server.stop)
            await asyncio.to_thread(self.server.start)
        elif own:
            await self._gone()

    async def _gone(self) -> None:
        """The switch must see that its server is gone, and end."""
        try:
            async with asyncio.timeout(GONE_S):
                while self._expected[DATABASE_GONE]:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            self.trouble.append(
                f"the switch did not end within {GONE_S:g} s of its server; {self.last_words()}"
            )

    def kill_child(self) -> None:
        """kill -9 of one process of the server, which then throws out everybody and recovers by itself."""
        pid = self.database_pid
        children = children_of(pid) if pid is not None else []
        if children:
            self._database_down = True
            _kill(self._dice.choice(children))

    # --------------------------------------------------------------------------------- looking

    async def pool(self) -> asyncpg.Pool:
        """Connections of our own, each made when it is wanted."""
        if self._pool is None:
            self._pool = await asyncpg.create_pool(self.dsn, min_size=0, max_size=2, command_timeout=30)
        return self._pool

    async def _close_pool(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()

    async def database_back(self) -> None:
        """Waits until the database answers."""
        while True:
            try:
                await (await self.pool()).fetchval("select 1")
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                await self._close_pool()
                await asyncio.sleep(0.02)
            else:
                self._database_down = False
                return

    async def held(self) -> Held:
        """What the database holds at one moment."""
        async with (
            (await self.pool()).acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            texts = self.keys.texts(self.dsn, now)
            told = [parse(body) for body in await bodies(connection, texts)]
            claims = await connection.fetch("select terminal, key, transaction from claim")
            waiting = await connection.fetch("select terminal, number from delivery")
            legs = await connection.fetch("select transaction, leg from leg")
            records = await connection.fetch(
                "select id, fields->>'OCA' as oca from record where fields->>'OCA' like 'K%'"
            )
        return Held(
            entries={entry.number: entry for entry in told},
            claims={(row["terminal"], row["key"]): row["transaction"] for row in claims},
            waiting=frozenset((row["terminal"], row["number"]) for row in waiting),
            open_legs=frozenset((row["transaction"], row["leg"]) for row in legs),
            records=tuple((row["id"], row["oca"]) for row in records),
        )

    async def unfolded(self) -> int:
        """How many batches wait for their place in the journal's tree."""
        found: int = await (await self.pool()).fetchval("select count(*) from journal_pending")
        return found

    async def open_legs(self) -> int:
        """How many questions to other systems have neither an answer nor word that there is none."""
        found: int = await (await self.pool()).fetchval("select count(*) from leg")
        return found

    async def verdict(self) -> Verdict:
        """Whether the journal is whole, and holds all that it once signed."""
        pool = await self.pool()
        key = Signer.load(self.folder / "secrets" / "journal.key").key.vkey
        kept = [self.kept] if self.kept else []
        verdict = await verify(pool, [key], texts=self.keys.texts(self.dsn, now), now=now(), kept=kept)
        self.kept = await newest_checkpoint(pool) or self.kept
        return verdict

    async def let_time_pass(self) -> None:
        """Puts the leases of killed switches and the deadlines of open questions into the past, without waiting."""
        pool, alive = await self.pool(), f"%/{self._switch}/%"
        await pool.execute("update worker set until = now() where holder not like $1", alive)
        await pool.execute("update leg set deadline = deadline - interval '1 minute'")


def children_of(pid: int) -> list[int]:
    """The processes that a process started."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdecimal():
            with contextlib.suppress(OSError, IndexError):
                after_name = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
                if int(after_name[1]) == pid and after_name[0] != "Z":
                    found.append(int(name))
    return found


def free_port() -> int:
    """A port that nobody uses, below those that the system hands out by itself."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
    return port


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
