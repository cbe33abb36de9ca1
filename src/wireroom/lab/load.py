"""Load over the real socket: simulated stations that ask at given instants, whether or not answers keep up.

A time is counted from the instant a text was due, not from when it could be sent: a switch that stalls cannot
hide the texts that it kept waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random
from time import perf_counter

import msgspec

from wireroom.lab.histogram import Histogram
from wireroom.lab.population import State
from wireroom.lab.questions import MIXES, Questions
from wireroom.lab.report import LoadReport
from wireroom.message.answer import Delivery, Receipt
from wireroom.message.answer import State as Said
from wireroom.wire import FrameError, NoReceipt, NotLinked, QueueFull, SendRefused
from wireroom.wire.client import Client, Terms
from wireroom.wire.payload import Logon

SignOn = Logon | Callable[[], Logon]

_SIGNING_ON_MAX = 8  # at once: a sign-on costs the switch a password check
_IN_A_ROW_MAX = 32  # texts sent without letting answers in
_PAUSE_S = 0.01  # of a closed-loop station that was refused
_TAKEN = frozenset({"accepted", "repeat"})
_SILENT = frozenset({Said.NO_ANSWER.value, Said.OUT_OF_SERVICE.value})


class LoadPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What to do. `stations` has a sign-on for each station; a callable is asked anew for each sign-on."""

    host: str
    port: int
    stations: tuple[SignOn, ...]
    rate: float  # texts a second in all; 0: each station always has one text on its way
    seconds: float
    mix: str = "numbers"
    absent: float = 0.1  # share of keys that are in no file
    purpose: str = ""  # written on every inquiry, where the sessions bring none
    seed: int = 1
    run: str = "load"  # begins every key, so choose a new one for each run of a day
    late_s: float = 2.0
    drain_s: float = 10.0  # how long to wait for the last answers
    terms: Terms = Terms()

    def __post_init__(self) -> None:
        if not self.stations:
            raise ValueError("a load needs at least one station")
        if self.rate < 0 or not 0 < self.seconds <= 86_400:
            raise ValueError("a load has a rate of 0 or more, and lasts up to a day")
        if self.mix not in MIXES:
            raise ValueError(f"there is no mix {self.mix!r}; choose one of {', '.join(MIXES)}")
        if not 1 <= len(self.run) <= 32:
            raise ValueError("a run's name has 1 to 32 characters")


class Progress(msgspec.Struct, frozen=True):
    """How far a load is."""

    seconds: float
    sent: int
    answered: int
    waiting: int


class _Asked:
    """One text on its way."""

    __slots__ = ("due", "expected", "kind", "parts", "receipted", "station")

    def __init__(self, station: int, kind: str, due: float) -> None:
        self.station, self.kind, self.due = station, kind, due
        self.receipted = False
        self.expected = 0  # answers, as the receipt and the answers say
        self.parts: set[int] = set()  # that came


class _Load:
    """The state of one run."""

    def __init__(
        self,
        plan: LoadPlan,
        clients: Sequence[Client],
        questions: Questions,
        now: Callable[[], float],
    ) -> None:
        self.now = now
        self.plan, self.clients, self.questions = plan, clients, questions
        self.loop = asyncio.get_running_loop()
        self.open: dict[str, _Asked] = {}
        self.receipt, self.first, self.last, self.behind = (Histogram() for _ in range(4))
        self.by_kind = {kind: Histogram() for kind in MIXES[plan.mix]}
        self.numbered = 0
        self.sent = self.unsent = self.answered = self.late = 0
        self.refused = self.lost = self.stray = self.silent = self.mail = 0
        self.begun = self.now()
        self.until = self.begun + plan.seconds
        self.empty = asyncio.Event()

    def ask(self, station: int, due: float) -> None:
        """Sends the next text."""
        kind, text = self.questions.draw()
        self.numbered += 1
        key = f"{self.plan.run}-{self.numbered}"
        now = self.now()
        due = min(due, now)  # a loop with a coarse clock wakes up to a millisecond early
        asked = _Asked(station, kind, due)
        self.behind.record(now - due)
        try:
            future = self.clients[station].send_nowait(text, key)
        except (QueueFull, NotLinked):
            self.unsent += 1
            self._next(station, pause=True)
            return
        self.sent += 1
        self.open[key] = asked
        future.add_done_callback(lambda done: self._on_receipt(key, asked, done))

    def _on_receipt(self, key: str, asked: _Asked, done: asyncio.Future[Receipt]) -> None:
        if done.cancelled():
            return  # the run was given up
        trouble = done.exception()
        if trouble is not None:
            if not isinstance(trouble, (NoReceipt, NotLinked, SendRefused, FrameError)):
                raise trouble
            self._give_up(key, refused=isinstance(trouble, (SendRefused, FrameError)))
            return
        receipt = done.result()
        self.receipt.record(self.now() - asked.due)
        if receipt.state not in _TAKEN:
            self._give_up(key, refused=True)
            return
        asked.receipted = True
        asked.expected = max(asked.expected, len(receipt.sources))
        self._look(key, asked)

    def on_delivery(self, delivery: Delivery) -> None:
        """Something came for a station: an answer to one of its texts, or mail."""
        if delivery.kind == "mail":
            self.mail += 1
            return
        if delivery.state in _SILENT:
            self.silent += 1
        asked = self.open.get(delivery.key)
        if asked is None or delivery.part in asked.parts:
            if delivery.key.startswith(f"{self.plan.run}-"):
                self.stray += 1
            return
        if not asked.parts:
            self.first.record(self.now() - asked.due)
        asked.parts.add(delivery.part)
        asked.expected = max(asked.expected, delivery.parts)
        self._look(delivery.key, asked)

    def _look(self, key: str, asked: _Asked) -> None:
        """Closes a text whose receipt and answers have all come."""
        if not asked.receipted or len(asked.parts) < asked.expected or key not in self.open:
            return
        del self.open[key]
        self.answered += 1
        if asked.parts:
            took = self.now() - asked.due
            self.last.record(took)
            self.by_kind[asked.kind].record(took)
            self.late += took > self.plan.late_s
        self._next(asked.station)

    def _give_up(self, key: str, *, refused: bool) -> None:
        asked = self.open.pop(key, None)
        if asked is None:
            return
        if refused:
            self.refused += 1
        else:
            self.lost += 1
        self._next(asked.station, pause=True)

    def _next(self, station: int, *, pause: bool = False) -> None:
        """In a closed loop the station asks again."""
        if not self.open:
            self.empty.set()
        if self.plan.rate or self.now() >= self.until:
            return
        self.loop.call_later(_PAUSE_S if pause else 0, self._again, station)

    def _again(self, station: int) -> None:
        if (now := self.now()) < self.until:
            self.ask(station, now)

    async def send_all(self, dice: Random) -> None:
        """Sends until the time is over: at instants drawn beforehand, or as fast as answers come."""
        if not self.plan.rate:
            for station in range(len(self.clients)):
                self.ask(station, self.now())
            await asyncio.sleep(self.until - self.now())
            return
        due, in_a_row = self.begun, 0
        while (due := due + dice.expovariate(self.plan.rate)) < self.until:
            wait = due - self.now()
            in_a_row = 0 if wait > 0 else in_a_row + 1
            if wait > 0 or in_a_row % _IN_A_ROW_MAX == 0:
                await asyncio.sleep(max(0.0, wait))
            self.ask(dice.randrange(len(self.clients)), due)

    async def drain(self) -> None:
        """Waits for the last answers; what has none by then is lost."""
        try:
            async with asyncio.timeout(self.plan.drain_s):
                while self.open:
                    self.empty.clear()
                    await self.empty.wait()
        except TimeoutError:
            self.lost += len(self.open)
            self.open.clear()

    async def listen(self, client: Client) -> None:
        """Takes and acknowledges what a station is sent."""
        try:
            async for delivery in client.deliveries():
                self.on_delivery(delivery)
                await client.acknowledge((delivery.number,))
        except NotLinked:
            return  # its texts fail one by one, and are counted there

    async def tell(self, progress: Callable[[Progress], None]) -> None:
        """Reports each second until cancelled."""
        while True:
            await asyncio.sleep(1.0)
            progress(self.progress())

    def progress(self) -> Progress:
        """How far it is."""
        return Progress(self.now() - self.begun, self.sent, self.answered, len(self.open))

    def report(self, seconds: float) -> LoadReport:
        """What came of it."""
        plan = self.plan
        return LoadReport(
            mix=plan.mix, seed=plan.seed, stations=len(self.clients), rate=plan.rate, seconds=seconds,
            sent=self.sent, unsent=self.unsent, answered=self.answered, late=self.late, refused=self.refused,
            lost=self.lost, stray=self.stray, silent=self.silent, mail=self.mail, late_s=plan.late_s,
            answered_per_s=self.answered / seconds, receipt=self.receipt.summary(),
            first=self.first.summary(), last=self.last.summary(), behind=self.behind.summary(),
            by_kind={kind: times.summary() for kind, times in self.by_kind.items() if times.count},
        )  # fmt: skip


async def load(
    plan: LoadPlan,
    state: State,
    *,
    progress: Callable[[Progress], None] | None = None,
    now: Callable[[], float] = perf_counter,
) -> LoadReport:
    """Signs the stations on, sends for the time of the plan, waits for the last answers, and reports.

    `state` is what the switch was populated with. Raises NotLinked, or SignOnRefused which is one, where a
    station cannot sign on. `now` is not the loop's own clock, for that one may stand still within a turn.
    """
    clients = [
        Client(plan.host, plan.port, sign_on, dice=Random(f"{plan.seed}/station/{n}"), terms=plan.terms)
        for n, sign_on in enumerate(plan.stations)
    ]
    tasks: list[asyncio.Task[None]] = []
    try:
        await _sign_on(clients)
        addresses = [client.welcome.terminal for client in clients if client.welcome is not None]
        questions = Questions(
            state, plan.mix, Random(f"{plan.seed}/questions"), absent=plan.absent, addresses=addresses,
            purpose=plan.purpose,
        )  # fmt: skip
        run = _Load(plan, clients, questions, now)
        tasks.extend(asyncio.create_task(run.listen(client)) for client in clients)
        if progress is not None:
            tasks.append(asyncio.create_task(run.tell(progress)))
        await run.send_all(Random(f"{plan.seed}/arrivals"))
        seconds = now() - run.begun
        await run.drain()
        if progress is not None:
            progress(run.progress())
        return run.report(seconds)
    finally:
        await asyncio.gather(*(client.close() for client in clients))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _sign_on(clients: Sequence[Client]) -> None:
    room = asyncio.Semaphore(_SIGNING_ON_MAX)

    async def one(client: Client) -> None:
        async with room:
            client.start()
            await client.linked_within(client.terms.connect_within_s)

    tasks = [asyncio.create_task(one(client)) for client in clients]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
