"""The two ends of the benchmark of orders: a court that submits them over HTTP, and a car that asks over TCP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncGenerator, Mapping
from datetime import date, timedelta
from http import HTTPStatus
from itertools import count
from random import Random
from time import perf_counter
from types import MappingProxyType

import msgspec

from wireroom.lab.people import Person
from wireroom.lab.population import State
from wireroom.message.answer import Delivery
from wireroom.message.answer import State as Said
from wireroom.wire import NoReceipt
from wireroom.wire.client import Client

HOST = "127.0.0.1"
SOURCE, FILE = "STATE", "order"
BLOCKS_MAX = 16  # of the state, from which people are drawn
HEARING_DAYS = 20  # after the day of issue; the law allows 25
AGAIN_S = 0.1
TOGETHER = 16  # deliveries in one acknowledgement of the court
TAKEN = frozenset({HTTPStatus.CREATED, HTTPStatus.OK, HTTPStatus.ACCEPTED})
BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})


class Order(msgspec.Struct, frozen=True):
    """One temporary order against an invented person, as a document; and how the car asks for that person."""

    case: str
    question: str
    document: bytes


class Answered(msgspec.Struct, frozen=True):
    """What the court was told, and when."""

    at: float
    number: str  # the file control number; empty where it was not told in time
    tries: int  # more than one where the switch was busy


def orders(state: State, many: int, *, court: str, run: str, today: date, dice: Random) -> list[Order]:
    """So many lawful orders after a request, each against another adult of the state; `run` begins each case."""
    blocks = dice.sample(range(state.blocks), min(state.blocks, BLOCKS_MAX))
    adults: dict[tuple[str, str], Person] = {}
    for index in blocks:
        block = state.block(index)
        for place in block.adults:
            one = block.people[place]
            adults[one.name, one.born] = one
    if len(adults) < 2 * many:
        raise ValueError(
            f"{many} orders need {2 * many} adults, and {len(adults)} are there: invent more people"
        )
    drawn = dice.sample(list(adults.values()), 2 * many)
    pairs = zip(drawn[:many], drawn[many:], strict=True)
    return [
        _order(restrained, protected, case=f"{run}{place:04d}", court=court, today=today)
        for place, (restrained, protected) in enumerate(pairs)
    ]


def _order(restrained: Person, protected: Person, *, case: str, court: str, today: date) -> Order:
    document = {
        "court": {"court": court, "department_of_the_court": "DEPT 99", "judge": "SPECIMEN, J"},
        "case": {"court_case_number": case, "agency_case_number": case},
        "order": {"type_of_order": "TRO", "date_issued": today.isoformat()},
        "hearing": {"date_of_the_hearing": (today + timedelta(days=HEARING_DAYS)).isoformat()},
        "restrained": {
            "name": restrained.name,
            "sex": restrained.sex[1],
            "race": "U",
            "birth_date": date.fromisoformat(restrained.born).isoformat(),
        },
        "protected": [
            {
                "name": protected.name,
                "sex": protected.sex[1],
                "born": date.fromisoformat(protected.born).isoformat(),
                "relation": "FS",
                "household": False,
            }
        ],
        "terms": {
            "conditions": ["01", "04", "05"],
            "stays_away_from": [{"place": "HOME", "yards": 100}, {"place": "WORK", "yards": 100}],
        },
    }
    question = f"QW.NAM/{restrained.name}.DOB/{restrained.born}"
    return Order(case, question, json.dumps(document).encode())


class Court:
    """A court's case-management system: signed in once, then one connection for each order."""

    def __init__(self, port: int, *, within_s: float) -> None:
        self._port, self._within_s = port, within_s
        self._token = ""
        self.told = 0  # deliveries to the court's terminal

    async def until_well(self, within_s: float) -> None:
        """Waits until the switch says that it runs and that every link is up."""
        async with asyncio.timeout(within_s):
            while True:
                request = await self._open()
                request.write("GET", "/health")
                status, body = await request.answer()
                if status == HTTPStatus.OK and json.loads(body)["state"] == "ok":
                    return
                await asyncio.sleep(AGAIN_S)

    async def sign_in(self, *, person: str, password: str, code: str, terminal: str) -> None:
        """Both factors for a token."""
        claim: dict[str, object] = {
            "person": person,
            "password": password,
            "code": code,
            "terminal": terminal,
        }
        claim["acknowledged"] = True
        async with asyncio.timeout(self._within_s):
            request = await self._open()
            request.write("POST", "/api/v1/sessions", json.dumps(claim).encode())
            status, body = await request.answer()
        if status != HTTPStatus.CREATED:
            raise RuntimeError(f"the court could not sign in: {status} {body[:300]!r}")
        self._token = json.loads(body)["token"]

    async def submit(self, order: Order) -> tuple[float, asyncio.Task[Answered]]:
        """Sends an order: the moment of its first byte, and the answer to come."""
        async with asyncio.timeout(self._within_s):
            request = await self._open()
        begun = perf_counter()
        self._write(request, order)
        return begun, asyncio.create_task(self._answered(request, order))

    async def _answered(self, request: _Request, order: Order) -> Answered:
        """The answer; a busy switch is sent the same order under the same key again, until the time is up."""
        tries = 1
        try:
            async with asyncio.timeout(self._within_s):
                status, body = await request.answer()
                while status in BUSY:
                    await asyncio.sleep(AGAIN_S)
                    request = await self._open()
                    self._write(request, order)
                    tries += 1
                    status, body = await request.answer()
        except TimeoutError:
            return Answered(perf_counter(), "", tries)
        if status not in TAKEN:
            raise RuntimeError(f"an order was not taken: {status} {body[:500]!r}")
        return Answered(perf_counter(), json.loads(body).get("file_control_number", ""), tries)

    async def listen(self) -> None:
        """Takes and acknowledges whatever else comes for the court's terminal, until cancelled.

        Whoever asked for a person before the order was there has a delayed hit, of which its owner is told.
        """
        request = await self._open()
        request.write("GET", "/api/v1/deliveries", headers=self._headers())
        number = kind = ""
        shown: list[str] = []
        async with contextlib.aclosing(request.lines()) as lines:
            async for line in lines:
                name, _, value = line.decode().partition(": ")
                if name == "id":
                    number = value
                elif name == "event":
                    kind = value
                elif not line and number and kind:  # the end of an event
                    if kind != "answer":  # those are acknowledged as they are answered
                        shown.append(number)
                        self.told += 1
                    number = kind = ""
                if len(shown) >= TOGETHER:
                    await self._acknowledge(shown)
                    shown.clear()

    async def _acknowledge(self, numbers: list[str]) -> None:
        async with asyncio.timeout(self._within_s):
            request = await self._open()
            body = json.dumps({"numbers": numbers}).encode()
            request.write("POST", "/api/v1/acknowledgements", body, self._headers())
            await request.answer()

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def _write(self, request: _Request, order: Order) -> None:
        headers = self._headers() | {"Idempotency-Key": order.case}
        request.write("POST", "/api/v1/orders?acknowledge=true", order.document, headers)

    async def _open(self) -> _Request:
        return _Request(*await asyncio.open_connection(HOST, self._port))


class _Request:
    """One HTTP request on a connection of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def write(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Sends the whole request at once."""
        told = {
            "Host": HOST,
            "Connection": "close",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        self._writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)

    async def answer(self) -> tuple[int, bytes]:
        """The status and the body. The caller has the deadline."""
        try:
            head, _, body = (await self._reader.read()).partition(b"\r\n\r\n")
            return int(head.split(b" ", 2)[1]), body
        finally:
            self._writer.close()

    async def lines(self) -> AsyncGenerator[bytes, None]:
        """The lines of an answer without end, those of its head and of its chunks among them."""
        try:
            while line := await self._reader.readline():
                yield line.rstrip()
        finally:
            self._writer.close()


class Car:
    """A terminal in a car, which asks the same question as often as it must."""

    def __init__(self, client: Client, *, within_s: float) -> None:
        self._client, self._within_s = client, within_s
        self._waiting: dict[str, asyncio.Future[tuple[float, Delivery]]] = {}
        self._run, self._asked = secrets.token_hex(4), 0
        self.notices = 0  # of hits that came late: the car had asked before the order was there

    async def listen(self) -> None:
        """Takes and acknowledges what comes, until cancelled."""
        async for delivery in self._client.deliveries():
            at = perf_counter()
            self.notices += delivery.kind == "notice"
            waiting = self._waiting.get(delivery.key) if delivery.source == SOURCE else None
            if waiting is not None and not waiting.done():
                waiting.set_result((at, delivery))
            await self._client.acknowledge((delivery.number,))

    async def ask(self, question: str) -> tuple[float, Delivery] | None:
        """One question: the answer of the state's files, and the moment at which it came. None for silence."""
        self._asked += 1
        key = f"car-{self._run}-{self._asked}"
        waiting: asyncio.Future[tuple[float, Delivery]] = asyncio.get_running_loop().create_future()
        self._waiting[key] = waiting
        try:
            async with asyncio.timeout(self._within_s):
                receipt = await self._client.send(question, key=key, deadline_s=self._within_s)
                if receipt.state not in {"accepted", "busy"}:
                    raise RuntimeError(
                        f"the car's question was {receipt.state}: {receipt.reason or receipt.faults}"
                    )
                return await waiting if receipt.state == "accepted" else None
        except (TimeoutError, NoReceipt):
            return None
        finally:
            del self._waiting[key]

    async def until_found(self, order: Order) -> tuple[float, str, int]:
        """When a hit with this order was there, the order's number, and how many questions that took.

        The caller has the deadline.
        """
        for asked in count(1):
            answer = await self.ask(order.question)
            if answer is None:
                await asyncio.sleep(AGAIN_S)
            elif (number := number_of(order, answer[1])) is not None:
                return answer[0], number, asked
        raise AssertionError("nobody counts so far")


def number_of(order: Order, delivery: Delivery) -> str | None:
    """The number of the order in a hit that shows it; None where it does not."""
    if delivery.state != Said.HIT:
        return None
    shown = (one.number for one in delivery.hits if one.file == FILE and ("PNO", order.case) in one.fields)
    return next(shown, None)
