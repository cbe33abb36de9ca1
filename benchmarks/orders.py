"""From the court to the car: an order is submitted over HTTP, and a car asks until it is told of it, under load."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import asyncpg
import msgspec

from benchmarks.orders_doors import HOST, Car, Court, Order, number_of, orders
from benchmarks.place import SEED, filled, program, settings
from benchmarks.result import Result
from benchmarks.search_speed import quantile
from benchmarks.system import NATION_A_SECOND, drive
from wireroom.app.assemble import now
from wireroom.app.database import open_as
from wireroom.app.keys import keys_of
from wireroom.app.populate import make_fit
from wireroom.app.roles import WEB
from wireroom.app.settings import Loaded
from wireroom.catalog.file import Source
from wireroom.lab.population import State
from wireroom.message.envelope import Way
from wireroom.message.local import day_of
from wireroom.policy import Taken
from wireroom.policy.approvals import Approval, approve
from wireroom.policy.people import People, Person
from wireroom.policy.ruling import Role
from wireroom.policy.secret import code_at, new_otp_secret
from wireroom.wire.client import Client
from wireroom.wire.payload import Logon

COURT, POLICE = "CA099023J", "CA0990200"  # of the invented state; the load's stations are of a third agency
LINKED_S = 120.0  # for every link to be up, and for the load to begin
NAME = "orders, from the court to a hit in the car"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much is measured."""

    partners: tuple[Source, ...] = (Source.NCIC, Source.DMV, Source.NLETS)
    people: int = 100_000
    known: int = 20  # orders on file before the load begins: the baseline asks about these
    orders: int = 120
    a_second: float = 1.0  # orders, and as many of the baseline's questions
    load_a_second: float = NATION_A_SECOND
    stations: int = 64
    within_s: float = 10.0  # an order that is not found by then counts as long as this
    after_s: float = 12.0  # how long the load goes on after the last order


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One order, in seconds from the first byte of its submission."""

    begun: float
    answered_s: float
    found_s: float
    questions: int
    tries: int
    in_time: bool
    told: bool  # whether the court got the order's number in time


class Seen(msgspec.Struct):
    """All that was seen of one run."""

    found: list[Found] = []
    known_s: list[float] = []  # of the car's questions about somebody on file
    loaded_until: float = 0.0


async def run(folder: Path, plan: Plan) -> dict[str, Result]:
    """Milliseconds from the first byte of an order to the hit in the car, beside a question about a known order."""
    quiet = os.getloadavg()[0]
    wire, web, *others = _free_ports(2 + len(plan.partners))
    partners = dict(zip((source.value for source in plan.partners), others, strict=True))
    loaded = settings(folder, links=True, wire=wire, partners=partners, web=web)
    sources = (Source.STATE, *plan.partners)
    async with filled(loaded, plan.people, sources) as (state, dsns), AsyncExitStack() as programs:
        court, car = await _seated(loaded, state, dsns[Source.STATE])
        for name, port in partners.items():
            await programs.enter_async_context(program(loaded, "partner", name.lower(), ready=port))
        await programs.enter_async_context(program(loaded, "serve", ready=web))
        bench = Bench(loaded, plan, state, dsns[Source.STATE])
        async with bench.connected(court, car):
            report = await bench.measure()
        return bench.results(report, quiet)


def _free_ports(many: int) -> list[int]:
    """Ports that nobody listens on at this moment."""
    held = [socket.socket() for _ in range(many)]
    try:
        for one in held:
            one.bind((HOST, 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()


class Seat(msgspec.Struct, frozen=True):
    """Somebody at a terminal, with both factors."""

    person: str
    terminal: str
    password: str
    otp_secret: str

    def __repr__(self) -> str:
        return "Seat(…)"

    def code(self) -> str:
        """The one-time code of this moment."""
        return code_at(self.otp_secret, now())


async def _seated(loaded: Loaded, state: State, dsn: str) -> tuple[Seat, Seat]:
    """A clerk of a court that is approved for JSON, and an officer in a car of another agency."""
    pool = await open_as(dsn, WEB, 2)
    try:
        people = People(pool, keys_of(loaded).seal())

        async def seat(name: str, ori: str, role: Role, *, mobile: bool) -> Seat:
            terminal = next(
                one.mnemonic for one in state.terminals if one.ori == ori and one.mobile is mobile
            )
            made = Seat(
                f"{name}.{secrets.token_hex(4)}", terminal, secrets.token_urlsafe(18), new_otp_secret()
            )
            person = Person(id=made.person, name="Invented Person", ori=ori, role=role.value)
            await people.add(person, password=made.password, otp_secret=made.otp_secret, now=now())
            return made

        with suppress(Taken):  # in a folder that was kept
            await approve(pool, Approval(ori=COURT, way=Way.JSON.value, since=now(), by="benchmark"))
        seated = (
            await seat("cora.court", COURT, Role.COURT, mobile=False),
            await seat("pat.patrol", POLICE, Role.OPERATOR, mobile=True),
        )
        await make_fit(pool, now())
        return seated
    finally:
        await pool.close()


class Bench:
    """One run against a switch that runs."""

    def __init__(self, loaded: Loaded, plan: Plan, state: State, dsn: str) -> None:
        self._loaded, self._plan, self._dsn, self._seen = loaded, plan, dsn, Seen()
        self._court = Court(loaded.settings.web.port, within_s=2 * plan.within_s)
        self._seed = secrets.token_hex(4).upper()  # others each time, in a folder that is kept too
        made = orders(
            state, plan.known + plan.orders, court=COURT, run=f"FB{self._seed}",
            today=day_of(now()), dice=Random(self._seed),
        )  # fmt: skip
        self._known, self._new = made[: plan.known], made[plan.known :]

    @asynccontextmanager
    async def connected(self, court: Seat, car: Seat) -> AsyncIterator[None]:
        """Both ends signed in, and every link of the switch up."""
        await self._court.until_well(LINKED_S)
        await self._court.sign_in(
            person=court.person, password=court.password, code=court.code(), terminal=court.terminal
        )
        logon = Logon(
            terminal=car.terminal, person=car.person, secret=car.password, code=car.code(), purpose="C"
        )
        wire = self._loaded.settings.wire
        async with Client(wire.host, wire.port, logon, dice=Random()) as client:
            self._car = Car(client, within_s=self._plan.within_s)
            listening = [asyncio.create_task(end.listen()) for end in (self._car, self._court)]
            try:
                yield
            finally:
                for task in listening:
                    task.cancel()
                await asyncio.wait(listening)

    async def measure(self) -> dict[str, Any]:  # a report's fields differ in kind
        """Orders and the baseline's questions, each at its instants, while the load goes on; the load's report."""
        for order in self._known:
            await self._submit(order)
        if not all(one.in_time for one in self._seen.found):
            raise RuntimeError("an order was not found while nothing else was asked; see the switch's log")
        self._seen.found.clear()
        self._car.notices = 0
        instants, others = self._instants("orders"), self._instants("baseline")
        seconds = max(*instants, *others) + self._plan.after_s
        async with asyncio.TaskGroup() as tasks:
            load = tasks.create_task(self._load(seconds))
            await self._load_begins(load)
            begun = perf_counter()
            for due, order in zip(instants, self._new, strict=True):
                tasks.create_task(_at(begun + due, partial(self._submit, order)))
            for place, due in enumerate(others):
                known = self._known[place % len(self._known)]
                tasks.create_task(_at(begun + due, partial(self._ask, known)))
        return load.result()

    def _instants(self, what: str) -> list[float]:
        """When each is due, in seconds from the beginning: drawn beforehand, so that nothing waits for an answer."""
        dice, due, found = Random(f"{SEED}/{what}"), 0.0, []
        for _ in range(self._plan.orders):
            due += dice.expovariate(self._plan.a_second)
            found.append(due)
        return found

    async def _load(self, seconds: float) -> dict[str, Any]:  # see `measure`
        plan = self._plan
        report = await drive(self._loaded, "field", plan.stations, plan.load_a_second, seconds, plan.people)
        self._seen.loaded_until = perf_counter()
        return report

    async def _load_begins(self, load: asyncio.Task[dict[str, Any]]) -> None:
        """Waits until a second's inquiries of the load have come."""
        connection = await asyncpg.connect(self._dsn, timeout=10, command_timeout=30)
        try:
            before = await connection.fetchval("select count(*) from past_inquiry")
            async with asyncio.timeout(LINKED_S):
                while not load.done():
                    asked = await connection.fetchval("select count(*) from past_inquiry") - before
                    if asked >= self._plan.load_a_second:
                        return
                    await asyncio.sleep(0.2)
        finally:
            await connection.close()
        raise RuntimeError("the load ended before an order was submitted")

    async def _submit(self, order: Order) -> None:
        """One order: sent, and asked for from that moment on until it is found."""
        begun, answering = await self._court.submit(order)
        asking = asyncio.create_task(self._car.until_found(order))
        try:
            done, _ = await asyncio.wait((asking,), timeout=self._plan.within_s)
            answered = await answering
            at, number, questions = asking.result() if done else (begun + self._plan.within_s, "", 0)
        finally:
            for task in (asking, answering):
                task.cancel()
            await asyncio.wait((asking, answering))
        if number and answered.number:
            assert number == answered.number, "the hit shows the order that the court was told of"
        self._seen.found.append(
            Found(
                begun=begun,
                answered_s=answered.at - begun,
                found_s=at - begun,
                questions=questions,
                tries=answered.tries,
                in_time=bool(done),
                told=bool(answered.number),
            )
        )

    async def _ask(self, order: Order) -> None:
        """The baseline: the same question, once, about somebody whose order is on file."""
        begun = perf_counter()
        answer = await self._car.ask(order.question)
        at, delivery = answer or (begun + self._plan.within_s, None)
        if delivery is not None and number_of(order, delivery) is None:
            raise RuntimeError(f"an order that is on file was not found: {delivery.state}, {delivery.title}")
        self._seen.known_s.append(at - begun)

    def results(self, report: dict[str, Any], quiet: float) -> dict[str, Result]:
        """What was seen, in milliseconds."""
        seen, plan = self._seen, self._plan
        found = [one.found_s * 1000 for one in seen.found]
        answered = [one.answered_s * 1000 for one in seen.found]
        known = [one * 1000 for one in seen.known_s]
        unloaded = sum(one.begun + one.found_s > seen.loaded_until for one in seen.found)
        more = _quantiles(found) | {
            "baseline_p50_ms": round(quantile(known, 0.5), 2),
            "not_found_in_time": sum(not one.in_time for one in seen.found),
            "not_answered_in_time": sum(not one.told for one in seen.found),
            "submitted_again": sum(one.tries - 1 for one in seen.found),
            "after_the_load": unloaded,
            "questions_an_order": round(sum(one.questions for one in seen.found) / len(found), 2),
            "delayed_hits_told_the_car": self._car.notices,
            "told_the_court": self._court.told,
            "load_a_second": round(report["answered_per_s"], 1),
            "load_p99_ms": round(report["last"]["p99"], 2),
            "load_lost": report["lost"] + report["refused"] + report["unsent"],
            "people": plan.people,
            "load_average_before": round(quiet, 2),
            "seed": self._seed,
        }
        return {
            f"{NAME}, {title}": Result(
                value=round(quantile(found, share), 2),
                unit=f"ms {title}",
                baseline=round(quantile(known, share), 2),
                baseline_name="the same car's question about an order on file",
                ratio=round(quantile(found, share) / quantile(known, share), 2),
                target="under 1000 ms p99" if title == "p99" else "",
                runs=len(found),
                more=more if title == "p99" else {},
            )
            for title, share in (("p50", 0.5), ("p99", 0.99))
        } | {
            "orders, the answer to the court": Result(
                value=round(quantile(answered, 0.99), 2),
                unit="ms p99",
                runs=len(found),
                more=_quantiles(answered),
            )
        }


async def _at(due: float, act: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(max(0.0, due - perf_counter()))
    await act()


def _quantiles(times: list[float]) -> dict[str, object]:
    shown: dict[str, object] = {
        f"{title}_ms": round(quantile(times, share), 2)
        for title, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    }
    return shown | {"max_ms": round(max(times), 2)}
