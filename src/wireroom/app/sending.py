"""Sends one message over the wire and gathers its answers, for the command line and the demo's own check."""

from __future__ import annotations

import asyncio
import random
import secrets
import ssl

import msgspec

from wireroom.app.keys import Keys
from wireroom.message.answer import Delivery, Receipt, State
from wireroom.wire.client import Client, Terms
from wireroom.wire.payload import Logon

EXIT_HIT, EXIT_NO_HIT, EXIT_REFUSED, EXIT_NOT_SENT = 0, 1, 3, 4
GRACE_S = 2.0


class Sent(msgspec.Struct, frozen=True):
    """What came of one message."""

    receipt: Receipt
    answers: tuple[Delivery, ...]
    others: tuple[Delivery, ...] = ()  # what else came to the terminal: acknowledged, so they are shown too

    @property
    def exit_code(self) -> int:
        """0 a hit, 1 answered without a hit, 3 refused, 4 not sent or nobody answered."""
        if self.receipt.state in ("refused", "faulty"):
            return EXIT_REFUSED
        states = {answer.state for answer in self.answers}
        if State.HIT in states:
            return EXIT_HIT
        silent = {State.NO_ANSWER, State.OUT_OF_SERVICE}
        if self.receipt.state == "busy" or not states - silent:
            return EXIT_NOT_SENT
        return EXIT_REFUSED if states == {State.REFUSED} else EXIT_NO_HIT


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Where to send, and as whom."""

    host: str
    port: int
    terminal: str
    person: str
    purpose: str
    case: str
    keys: Keys
    answer_seconds_max: float
    tls: ssl.SSLContext | None = None

    def client(self) -> Client:
        """A client that signs on as an interface."""
        logon = Logon(
            terminal=self.terminal,
            person=self.person,
            secret=self.keys.interface_secret(self.terminal),
            purpose=self.purpose,
            case=self.case,
        )
        return Client(
            self.host, self.port, logon, dice=random.Random(), terms=Terms(connect_within_s=5.0, tls=self.tls)
        )


async def send(sender: Sender, text: str) -> Sent:
    """Send a text and wait for the answer of every source, or its silence. Raises the wire's errors."""
    async with sender.client() as client:
        return await ask(client, text, sender.answer_seconds_max)


async def ask(client: Client, text: str, answer_seconds_max: float) -> Sent:
    """One message over a line that stands."""
    receipt = await client.send(text, key=f"cli-{secrets.token_hex(8)}")
    answers: list[Delivery] = []
    others: list[Delivery] = []
    if receipt.state == "accepted":
        deadline = answer_seconds_max + GRACE_S
        try:
            async with asyncio.timeout(deadline):
                async for delivery in client.deliveries():
                    await client.acknowledge([delivery.number])
                    (answers if delivery.transaction == receipt.number else others).append(delivery)
                    if len(answers) >= max(1, len(receipt.sources)):
                        break
        except TimeoutError:
            pass  # what is missing shows in the answers
    return Sent(receipt, tuple(sorted(answers, key=lambda answer: answer.part)), tuple(others))


def lines(sent: Sent) -> list[str]:
    """What a person reads of it."""
    receipt = sent.receipt
    shown = [f"Journal {receipt.number}  {receipt.state}  {receipt.understood}".rstrip()]
    if receipt.reason:
        shown.append(receipt.reason)
    for answer in sent.answers:
        shown.append(f"── {answer.source}: {answer.title}")
        shown.append(answer.text)
    missing = len(receipt.sources) - len(sent.answers) if receipt.state == "accepted" else 0
    if missing > 0:
        shown.append(f"{missing} of {len(receipt.sources)} sources have not answered")
    for other in sent.others:
        shown.append(f"── ALSO CAME, {other.kind} of {other.source}: {other.title}")
        shown.append(other.text)
    return shown


def as_json(sent: Sent) -> bytes:
    """The same as JSON."""
    return msgspec.json.format(
        msgspec.json.encode(
            {
                "journal": sent.receipt.number,
                "receipt": sent.receipt,
                "answers": sent.answers,
                "others": sent.others,
                "exit": sent.exit_code,
            }
        )
    )
