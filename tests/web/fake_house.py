"""A house without rooms: it signs invented people in and answers as a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import msgspec

from tests.web.fake_elsewhere import FakeElsewhere
from tests.web.fake_keyring import FakeKeyring
from tests.web.fake_office import FakeOffice
from wireroom.app.order_words import words_of
from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Delivery, Hit, Receipt, State
from wireroom.message.command import command
from wireroom.message.deadlines import Board
from wireroom.message.envelope import Arrival, Reading, Seat
from wireroom.message.local import day_of
from wireroom.message.passing import Passing
from wireroom.message.reason import Reason
from wireroom.policy.cad import BadWords, Word, faults
from wireroom.policy.cad import Kept as Taken
from wireroom.policy.facts import Fact
from wireroom.policy.posture import BadClaims, Claim, whole
from wireroom.policy.posture import Taken as Measured
from wireroom.policy.posture import faults as claim_faults
from wireroom.policy.staff import Member
from wireroom.switch.reasons import Kept
from wireroom.web.house import LinkState, Locked, OrderWords, Persona, Refusal, Session
from wireroom.web.office_house import Office
from wireroom.web.office_shapes import Call

ORI = "CA0990100"
NOW = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
TOKEN = "token-of-the-dispatcher"
IDLE_TOKEN = "token-of-a-locked-session"
SESSION = Session(
    seat=Seat(terminal="ZD01", ori=ORI, person="dispatcher", role="operator"),
    name="Dana Example",
    agency="Example City PD",
    csrf="csrf-of-the-dispatcher",
    since="2026-11-23T13:00:00+00:00",
    idle_until="2026-11-23T15:00:00+00:00",
)
PERSONAS = (
    Persona(person="dispatcher", name="Dana Example", role="Dispatcher", agency="Example City PD", terminal="ZD01",
            password="invented-1", code="123456"),
    Persona(person="officer", name="Olu Sample", role="Officer in a car", agency="Example City PD", terminal="Z1A2",
            password="invented-2", code="654321"),
    Persona(person="clerk", name="Kim Specimen", role="Records clerk", agency="Example County Sheriff", terminal="ZC01",
            password="invented-3", code="111222"),
)  # fmt: skip

Answers = Callable[[Arrival, int], list[Delivery]]


class FakeExplaining:
    """Remembers what it was told of reasons and of incidents."""

    def __init__(self) -> None:
        self.own: tuple[tuple[str, str], ...] = ()
        self.told: list[tuple[int, Reason]] = []
        self.refuse = ""
        self.kept: tuple[Kept, ...] | Refusal = ()
        self.words: list[Word] = []

    async def own_incidents(self, seat: Seat) -> tuple[tuple[str, str], ...]:
        return self.own

    async def explain(self, seat: Seat, transaction: int, reason: Reason) -> Refusal | None:
        if self.refuse:
            return Refusal(reason=self.refuse, code="unfit")
        self.told.append((transaction, reason))
        return None

    async def unexplained(self, seat: Seat) -> tuple[Kept, ...] | Refusal:
        return self.kept

    async def runs(self, seat: Seat) -> tuple[Kept, ...]:
        return self.kept if isinstance(self.kept, tuple) else ()

    async def cad(self, terminal: str, secret: str, peer: str, words: Sequence[Word]) -> Taken | Refusal:
        if (terminal, secret) != ("ZC99", "invented"):
            return Refusal(reason="The terminal is no interface in use.", code="interface")
        if wrong := faults(words, NOW):
            raise BadWords(wrong)
        self.words += words
        return Taken(taken=len(words))


async def measured(claims: Sequence[Claim], terminal: str, secret: str) -> Measured | Refusal:
    """What a device management is told that knows one device."""
    if (terminal, secret) != ("ZC99", "invented"):
        return Refusal(reason="No device management speaks here.", code="interface")
    if wrong := claim_faults(claims, {"ab12": ("ab12", "ab12")}, NOW):
        raise BadClaims(wrong)
    return Measured(taken=len(claims), bad=tuple(one.device for one in claims if not whole(one)))


class FakeHouse:
    """Follows the House protocol. Times stand still unless a test moves `clock`."""

    def __init__(self, *, demo: bool = True, answers: Answers | None = None) -> None:
        self.catalogue = Catalogue()
        self.demo = demo
        self.personas = PERSONAS if demo else ()
        self.keyring = FakeKeyring(msgspec.structs.replace(SESSION, token=TOKEN))
        self.elsewhere = FakeElsewhere(msgspec.structs.replace(SESSION, token=TOKEN))
        self.answers = answers or (lambda arrival, number: [])
        self.clock: Callable[[], datetime] = lambda: NOW
        self.arrivals: list[Arrival] = []
        self.acknowledged: list[int] = []
        self.seen_numbers: list[int] = []
        self.well = True
        self.alarms = 0
        self.waiting: dict[str, dict[int, Delivery]] = {}
        self.readers: dict[str, set[asyncio.Queue[Delivery]]] = {}
        self.sessions = {TOKEN: SESSION}
        self.idle_s = 3600
        self.idle: dict[str, Session] = {IDLE_TOKEN: SESSION}  # sessions that are locked
        self.uses: list[bool] = []  # of each look at a session, whether it was a use
        self.notices: list[tuple[str, str]] = []  # of each sign-in its door, and the notice acknowledged
        self.trouble: Exception | None = None
        self.staff: tuple[Member, ...] | Refusal = ()
        self.facts: list[Fact] = []
        self.administers = True  # whether administration is beside the pages
        self.calls: list[tuple[str, Call, object]] = []  # of the office: what, by whom, with what
        self.refuse = ""
        self.board: Board | Refusal = Board(at=NOW, groups=())
        self.boards_of: list[Seat] = []  # who looked at the board of deadlines
        self.unexplained = False  # whether nothing explains any question
        self.explaining = FakeExplaining()
        self.down: tuple[LinkState, ...] | None = None
        self.secure = (("ZP01", "Records room"),)  # printers in secure places
        self.serves: tuple[tuple[str, str], ...] = ()  # agencies for which the seat's asks
        self.passed: list[tuple[Passing, str, tuple[str, ...]]] = []  # what went on to whom
        self._numbers: dict[str, int] = {}
        self._next = 900_000_000_000_000_000

    async def posture(
        self, terminal: str, secret: str, peer: str, claims: Sequence[Claim]
    ) -> Measured | Refusal:
        return await measured(claims, terminal, secret)

    def order_words(self, hit: Hit) -> OrderWords:
        return words_of(hit, self.clock())

    def asks_for(self, seat: Seat) -> tuple[tuple[str, str], ...]:
        return self.serves

    def printers(self, seat: Seat) -> tuple[tuple[str, str], ...]:
        return self.secure

    async def pass_on(self, seat: Seat, passing: Passing, what: str, hits: Sequence[Hit]) -> int:
        if self.trouble is not None:
            raise self.trouble
        self.passed.append((passing, what, tuple(hit.number for hit in hits)))
        return 900_000_000_000_000_001

    def number(self) -> int:
        self._next += 4096
        return self._next

    async def sign_in(
        self,
        *,
        person: str,
        password: str,
        code: str,
        terminal: str,
        peer: str,
        kind: str = "page",
        notice: str = "",
        device: str = "",
    ) -> Session | Refusal:
        self.notices.append((kind, notice))
        if (person, password, code, terminal) != ("dispatcher", "invented-1", "123456", "ZD01"):
            return Refusal(reason="That did not work. Check all four and try again.")
        return msgspec.structs.replace(SESSION, token=TOKEN)

    async def sign_in_as(self, persona: str, peer: str) -> Session | Refusal:
        found = next((p for p in self.personas if p.person == persona), None)
        if found is None:
            return Refusal(reason="There is no such person here.")
        seat = Seat(terminal=found.terminal, ori=ORI, person=found.person, role="operator")
        token = f"token-of-{persona}"
        self.sessions[token] = msgspec.structs.replace(
            SESSION, seat=seat, name=found.name, agency=found.agency
        )
        return msgspec.structs.replace(self.sessions[token], token=token)

    async def session(self, token: str, *, used: bool = True, device: str = "") -> Session | None:
        found = self.sessions.get(token)
        self.uses.append(used)
        return found and msgspec.structs.replace(
            found, idle_until=(self.clock() + timedelta(seconds=self.idle_s)).isoformat()
        )

    @property
    def office(self) -> Office | None:
        return FakeOffice(self) if self.administers else None

    async def confirm(self, token: str, *, password: str, code: str, peer: str) -> Session | Refusal:
        if (password, code) != ("invented-1", "123456"):
            return Refusal(reason="That did not work. Check both and try again.")
        self.sessions["token-proven-anew"] = held = self.sessions.pop(token)
        return msgspec.structs.replace(held, token="token-proven-anew")

    def lock(self, token: str = TOKEN) -> None:
        """Nobody used it for half an hour."""
        self.idle[token] = self.sessions.pop(token)

    async def locked(self, token: str, *, device: str = "") -> Locked | None:
        held = self.idle.get(token)
        if held is None:
            return None
        seat = held.seat
        return Locked(person=seat.person, name=held.name, terminal=seat.terminal, ori=seat.ori)

    async def unlock(
        self, token: str, *, password: str, code: str, peer: str, device: str = ""
    ) -> Session | Refusal:
        if token not in self.idle or (password, code) != ("invented-1", "123456"):
            return Refusal(reason="That did not work. Check both and try again.")
        self.sessions["token-after-the-lock"] = held = self.idle.pop(token)
        return msgspec.structs.replace(held, token="token-after-the-lock")

    async def sign_out(self, token: str) -> None:
        self.sessions.pop(token, None)

    def understand(self, text: str, seat: Seat) -> Reading:
        return command(text, self.catalogue, ori=seat.ori, today=day_of(self.clock()))

    async def transact(self, arrival: Arrival) -> Receipt:
        if self.trouble is not None:
            raise self.trouble
        if arrival.key in self._numbers:
            return Receipt(
                number=self._numbers[arrival.key], state="repeat", sources=("STATE", "DMV", "NCIC")
            )
        number = self._numbers[arrival.key] = self.number()
        self.arrivals.append(arrival)
        if self.refuse:
            return Receipt(number=number, state="refused", rule="purpose-needs-case", reason=self.refuse)
        came = self.answers(arrival, number)
        for delivery in came:
            self.deliver(delivery)
        return Receipt(
            number=number,
            state="accepted",
            sources=tuple(d.source for d in came) or ("STATE", "DMV", "NCIC"),
            unexplained=self.unexplained and not arrival.case,
        )

    def deliver(self, delivery: Delivery) -> None:
        """Put one delivery into its terminal's mailbox. Call it in the loop's own thread."""
        self.waiting.setdefault(delivery.terminal, {})[delivery.number] = delivery
        for queue in self.readers.get(delivery.terminal, set()):
            queue.put_nowait(delivery)

    @asynccontextmanager
    async def mailbox(self, terminal: str) -> AsyncIterator[AsyncIterator[Delivery]]:
        queue: asyncio.Queue[Delivery] = asyncio.Queue()
        for _, delivery in sorted(self.waiting.get(terminal, {}).items()):
            queue.put_nowait(delivery)
        self.readers.setdefault(terminal, set()).add(queue)

        async def read() -> AsyncIterator[Delivery]:
            while True:
                yield await queue.get()

        try:
            yield read()
        finally:
            self.readers[terminal].discard(queue)

    async def deadlines(self, seat: Seat) -> Board | Refusal:
        if self.trouble is not None:
            raise self.trouble
        self.boards_of.append(seat)
        return self.board

    async def seen(self, seat: Seat, number: int) -> None:
        self.seen_numbers.append(number)

    async def acknowledge(self, seat: Seat, numbers: Sequence[int]) -> None:
        self.acknowledged += numbers
        for number in numbers:
            self.waiting.get(seat.terminal, {}).pop(number, None)

    def links(self) -> tuple[LinkState, ...]:
        return self.down or (
            LinkState(name="STATE", up=True, since="2026-11-23T06:00:00+00:00"),
            LinkState(name="DMV", up=True, since="2026-11-23T06:00:00+00:00"),
            LinkState(name="NCIC", up=False, since="2026-11-23T10:40:00+00:00", waiting=3),
        )

    def now(self) -> datetime:
        return self.clock()


def part(
    number: int,
    transaction: int,
    source: str,
    state: State,
    *,
    place: tuple[int, int] = (1, 1),
    title: str = "",
    hits: tuple[Hit, ...] = (),
    asked: str = "QV.LIC/9QZZ123.LIS/CA",
    terminal: str = "ZD01",
) -> Delivery:
    """One answer of a source as the switch would deliver it."""
    fields = "\n".join(f"{code}/{value}" for hit in hits for code, value in hit.fields)
    return Delivery(
        number=number,
        terminal=terminal,
        transaction=transaction,
        kind="answer",
        source=source,
        state=state.value,
        title=title or state.value.upper(),
        text=f"{title or state.value.upper()}\n{fields}".strip(),
        hits=hits,
        part=place[0],
        parts=place[1],
        at="2026-11-23T14:02:11+00:00",
        asked=asked,
    )


def message(
    number: int, title: str, text: str, *, source: str = "CA0990200", terminal: str = "ZD01"
) -> Delivery:
    """A message that nobody asked for."""
    return Delivery(number=number, terminal=terminal, transaction=0, kind="mail", source=source, state="", title=title,
                    text=text, at="2026-11-23T14:01:00+00:00")  # fmt: skip


STOLEN = Hit(
    file="vehicle",
    number="9012632700001",
    owner="CA0990200",
    status="active",
    fields=(
        ("LIC", "9QZZ123"), ("LIS", "CA"), ("LIY", "2027"),
        ("VYR", "2003"), ("VMA", "HOND"), ("VMO", "ACC"), ("VCO", "SIL"),
        ("CMC", "00"), ("DOT", "20261102"), ("OCA", "26-004417"), ("MIS", "TAKEN FROM A CAR PARK"),
    ),
)  # fmt: skip
REGISTERED = Hit(
    file="registration",
    number="9QZZ123",
    owner="",
    status="",
    fields=(
        ("LIC", "9QZZ123"), ("VIN", "0WRABCDE80AW00001"), ("VYR", "2003"), ("VMA", "HOND"), ("VCO", "SIL"),
        ("OWN", "TESTCASE, JANE M"), ("ADR", "999 OAK AVE"), ("CTY", "EXAMPLE CITY"), ("EXP", "20270331"),
    ),
)  # fmt: skip


def stolen(arrival: Arrival, number: int) -> list[Delivery]:
    """A hit at the state, a registration at the DMV, and NCIC out of service."""
    told = (
        ("DMV", 2, State.RECORD, "VEHICLE REGISTRATION", (REGISTERED,)),
        ("STATE", 1, State.HIT, "STOLEN VEHICLE - CONFIRM FIRST", (STOLEN,)),
        ("NCIC", 3, State.OUT_OF_SERVICE, "NCIC IS OUT OF SERVICE", ()),
    )
    return [
        part(number + after, number, source, state, place=(place, 3), title=title, hits=hits,
             asked=arrival.text, terminal=arrival.seat.terminal)
        for after, (source, place, state, title, hits) in enumerate(told, 1)
    ]  # fmt: skip


def nothing(arrival: Arrival, number: int) -> list[Delivery]:
    """Everybody says that there is no record."""
    return [
        part(number + place, number, source, State.NO_RECORD, place=(place, 3), asked=arrival.text,
             terminal=arrival.seat.terminal)
        for place, source in enumerate(("STATE", "DMV", "NCIC"), 1)
    ]  # fmt: skip
