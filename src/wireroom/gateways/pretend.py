"""A pretended partner: a whole program that answers like NCIC, the DMV or Nlets, from its own database."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec

from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Answer, Delivery, Question, Receipt, State
from wireroom.message.envelope import Seat
from wireroom.message.local import day_of
from wireroom.message.read import read, said_for
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
        first: int = 0,
    ) -> None:
        """`first`: from where its own numbers are counted, beyond all that an earlier process gave to records."""
        self.source = source
        self._catalogue = catalogue.of(source)
        self._ask = ask
        self._secret = secret
        self._clock = clock
        self._count = first
        self._queue: asyncio.Queue[tuple[Question, str]] = asyncio.Queue(QUEUE_MAX)
        self._mail: dict[str, asyncio.Queue[Delivery]] = {}

    async def logon(self, logon: Logon, peer: str) -> Seat | Refusal:
        """A switch signs on with the secret that both hold."""
        if not hmac.compare_digest(logon.secret.encode(), self._secret.encode()):
            return Refusal("The secret is not the one that was agreed.")
        self._mail[logon.terminal] = asyncio.Queue(MAILBOX_MAX)  # an older line's goes with that line
        return Seat(terminal=logon.terminal, ori="CA0990000", person=logon.person, role="interface")

    async def send(self, seat: Seat, key: str, text: str, sequence: int) -> Receipt:
        """Takes a question; its answer follows in the mailbox under the same key."""
        self._count += 1
        now = self._clock()
        # The link speaks for every agency of its state, and names the one for which it does.
        seat = msgspec.structs.replace(seat, ori=said_for(text) or seat.ori)
        reading = read(text, self._catalogue, ori=seat.ori, today=day_of(now))
        if reading.message is None:
            faults = tuple((fault.field, fault.reason) for fault in reading.faults)
            return Receipt(
                number=self._count, state="faulty", faults=faults, reason=write_faults(reading.faults)
            )
        if self._catalogue.forms[reading.message.key].notice is not None:
            return Receipt(
                number=self._count,
                state="refused",
                rule="records-only",
                reason=f"{self.source} takes inquiries and changes of its records",
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
        """The answers for one switch, as long as this line stands: what was not sent goes with it."""
        mail = self._mail.setdefault(seat.terminal, asyncio.Queue(MAILBOX_MAX))
        try:
            yield self._read(mail)
        finally:
            if self._mail.get(seat.terminal) is mail:  # else a newer line has its own
                del self._mail[seat.terminal]

    async def _read(self, mail: asyncio.Queue[Delivery]) -> AsyncIterator[Delivery]:
        while True:
            yield await mail.get()

    async def acknowledge(self, seat: Seat, numbers: Sequence[int]) -> None:
        """Nothing is kept, so nothing is let go."""

    async def closed(self, seat: Seat) -> None:
        """The line's mailbox went with it."""

    async def run(self) -> None:
        """Answers whatever has queued, a batch at a time, until cancelled."""
        while True:
            batch = [await self._queue.get()]
            while len(batch) < BATCH_MAX and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            for (question, key), answer in zip(batch, await self._answers(batch), strict=True):
                try:
                    self._put(question, key, answer)
                except Exception:
                    log.exception("%s could not put an answer into words", self.source)

    async def _answers(self, batch: list[tuple[Question, str]]) -> list[Answer]:
        """One answer to each; a question that fails its batch is asked by itself, and fails alone."""
        try:
            return await self._ask([question for question, _ in batch])
        except Exception:
            if len(batch) > 1:
                return [answer for one in batch for answer in await self._answers([one])]
            log.exception("%s could not look into its files", self.source)
            return [Answer(source=self.source.value, state=State.OUT_OF_SERVICE)]

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
        mail = self._mail.get(question.seat.terminal)
        if mail is None:
            return  # the line ended; the switch asks again on its next one
        try:
            mail.put_nowait(delivery)
        except asyncio.QueueFull:
            log.error(
                "%s: %d answers wait for %s, one is dropped", self.source, MAILBOX_MAX, question.seat.terminal
            )
