"""A pretended partner: a whole program that answers like NCIC or the DMV over a real socket, from its own database."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Answer, Delivery, Question, Receipt, State
from wireroom.message.envelope import Seat
from wireroom.message.read import read
from wireroom.message.reply import write_faults, write_reply
from wireroom.wire.payload import Logon, Refusal

log = logging.getLogger(__name__)

BATCH_MAX = 128
QUEUE_MAX = 4_096
MAILBOX_MAX = 10_000

AskFiles = Callable[[Sequence[Question]], Awaitable[list[Answer]]]


class PretendedPartner:
    """The door of a pretended partner. `ask` answers questions from its files, a batch at a time.

    It keeps no journal and its answers only in memory: what is lost with it is asked again or told as missing.
    """

    def __init__(
        self,
        source: Source,
        catalogue: Catalogue,
        ask: AskFiles,
        *,
        secret: str,
        clock: Callable[[], datetime],
    ) -> None:
        self.source = source
        self._catalogue = catalogue
        self._ask = ask
        self._secret = secret
        self._clock = clock
        self._count = 0
        self._queue: asyncio.Queue[tuple[Question, str]] = asyncio.Queue(QUEUE_MAX)
        self._mail: dict[str, asyncio.Queue[Delivery]] = defaultdict(lambda: asyncio.Queue(MAILBOX_MAX))

    async def logon(self, logon: Logon, peer: str) -> Seat | Refusal:
        """A switch signs on with the secret that both hold."""
        if not hmac.compare_digest(logon.secret.encode(), self._secret.encode()):
            return Refusal("The secret is not the one that was agreed.")
        return Seat(terminal=logon.terminal, ori="CA0990000", person=logon.person, role="interface")

    async def send(self, seat: Seat, key: str, text: str, sequence: int) -> Receipt:
        """Takes a question; its answer follows in the mailbox under the same key."""
        self._count += 1
        now = self._clock()
        reading = read(text, self._catalogue, ori=seat.ori, today=now.date())
        if reading.message is None:
            faults = tuple((fault.field, fault.reason) for fault in reading.faults)
            return Receipt(
                number=self._count, state="faulty", faults=faults, reason=write_faults(reading.faults)
            )
        question = Question(
            transaction=self._count,
            leg=0,
            source=self.source.value,
            message=reading.message,
            seat=seat,
            at=now,
            key=key,
        )
        try:
            self._queue.put_nowait((question, key))
        except asyncio.QueueFull:
            return Receipt(number=self._count, state="busy", reason=f"{self.source} has too much to do")
        return Receipt(number=self._count, state="accepted", sources=(self.source.value,))

    @asynccontextmanager
    async def mailbox(self, seat: Seat) -> AsyncIterator[AsyncIterator[Delivery]]:
        """The answers for one switch."""
        yield self._read(self._mail[seat.terminal])

    async def _read(self, mail: asyncio.Queue[Delivery]) -> AsyncIterator[Delivery]:
        while True:
            yield await mail.get()

    async def acknowledge(self, seat: Seat, numbers: Sequence[int]) -> None:
        """Nothing is kept, so nothing is let go."""

    async def closed(self, seat: Seat) -> None:
        """The answers that were not sent go with the line."""
        self._mail.pop(seat.terminal, None)

    async def run(self) -> None:
        """Answers whatever has queued, a batch at a time, until cancelled."""
        while True:
            batch = [await self._queue.get()]
            while len(batch) < BATCH_MAX and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                answers = await self._ask([question for question, _ in batch])
            except Exception:
                log.exception("%s could not look into its files", self.source)
                answers = [Answer(source=self.source.value, state=State.OUT_OF_SERVICE) for _ in batch]
            for (question, key), answer in zip(batch, answers, strict=True):
                self._put(question, key, answer)

    def _put(self, question: Question, control: str, answer: Answer) -> None:
        text = write_reply(answer, question.message, self._catalogue, control=control, ori=question.seat.ori)
        delivery = Delivery(
            number=question.transaction,
            terminal=question.seat.terminal,
            transaction=question.transaction,
            kind="answer",
            source=answer.source,
            state=answer.state.value,
            title="",
            text=text,
            part=1,
            parts=1,
            key=control,
        )
        try:
            self._mail[question.seat.terminal].put_nowait(delivery)
        except asyncio.QueueFull:
            log.error(
                "%s: %d answers wait for %s, one is dropped", self.source, MAILBOX_MAX, question.seat.terminal
            )
