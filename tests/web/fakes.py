"""The fake house as programs meet it: with faults, refusals, slow answers, and a session that can end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import msgspec
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.web.fake_house import TOKEN, FakeHouse, nothing
from wireroom.message.answer import Delivery, Receipt
from wireroom.message.envelope import Arrival
from wireroom.web import api
from wireroom.web.house import Refusal, Session
from wireroom.web.shapes import Error

SIGN_IN: dict[str, object] = {
    "person": "dispatcher",
    "password": "invented-1",
    "code": "123456",
    "terminal": "ZD01",
    "acknowledged": True,
}
QUERY = {"text": "QV.LIC/9ZZZ001.LIS/CA", "purpose": "C", "case": "99-000001"}
BEARER = {"Authorization": f"Bearer {TOKEN}"}
PATIENT = api.Limits()
# The whole list of what works without a session (AC-14).
OPEN = {("POST", "/api/v1/sessions"), ("GET", "/health")}


class ProgramsHouse(FakeHouse):
    """Answers each message with three sources that know nothing, unless told otherwise."""

    def __init__(self) -> None:
        super().__init__(demo=False, answers=nothing)
        self.wait_seconds = 0
        self.slow = False  # a transaction that never ends
        self.silent = 0  # so many of the answers never come
        self.late: list[Delivery] = []
        self.looked: list[bool] = []  # whether each look at a session was a use of it
        self.broken_mailbox = False

    async def sign_in(self, **claim: Any) -> Session | Refusal:
        if self.wait_seconds:
            return Refusal(reason="Too many sign-ins from here were refused.", wait_seconds=self.wait_seconds)
        return await super().sign_in(**claim)

    async def session(self, token: str, *, used: bool = True, device: str = "") -> Session | None:
        self.looked.append(used)
        return await super().session(token, used=used)

    async def transact(self, arrival: Arrival) -> Receipt:
        if self.slow:
            await asyncio.Event().wait()
        reading = self.understand(arrival.text, arrival.seat)
        if reading.message is None:
            faults = tuple((fault.field, fault.reason) for fault in reading.faults)
            return Receipt(number=self.number(), state="faulty", faults=faults)
        return await super().transact(arrival)

    def deliver(self, delivery: Delivery) -> None:
        if delivery.parts and delivery.part > delivery.parts - self.silent:
            self.late.append(delivery)
            return
        super().deliver(delivery)

    @asynccontextmanager
    async def mailbox(self, terminal: str) -> AsyncIterator[AsyncIterator[Delivery]]:
        if self.broken_mailbox:
            raise ConnectionError("the database is gone")
        async with super().mailbox(terminal) as deliveries:
            yield deliveries


class Event(msgspec.Struct, frozen=True):
    """One server-sent event, as a reader takes it apart."""

    name: str
    data: str
    id: str = ""


def parsed(text: str) -> list[Event]:
    """The events of a stream, by the standard: comments and `retry` make none."""
    found = []
    for block in text.split("\n\n"):
        fields: dict[str, list[str]] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
        if "data" in fields:
            found.append(Event(fields["event"][0], "\n".join(fields["data"]), fields.get("id", [""])[0]))
    return found


def client_of(house: ProgramsHouse, limits: api.Limits = PATIENT) -> TestClient:
    return TestClient(Starlette(routes=api.routes(house, limits=limits)), headers=BEARER)


def send(client: TestClient, body: object = QUERY, *, key: str = "k1", **more: Any) -> httpx2.Response:
    headers = {"Idempotency-Key": key} | more.pop("headers", {})
    response: httpx2.Response = client.post("/api/v1/transactions", json=body, headers=headers, **more)
    return response


def trouble(response: httpx2.Response) -> dict[str, Any]:
    """The one shape of every error, and nothing else."""
    msgspec.json.decode(response.content, type=Error)
    body: dict[str, Any] = response.json()["error"]
    assert set(response.json()) == {"error"}
    assert set(body) == {"code", "reason", "fields", "transaction"}
    assert body["reason"]
    return body
