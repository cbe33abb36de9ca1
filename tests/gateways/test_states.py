"""Claims about the pretended Nlets: one state is asked and answers for itself, and whoever cannot be asked is named."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import asyncpg
import pytest

from tests.conftest import Clock
from tests.switch.stage import CATALOGUE, DESK, VAULT, Stage, soon
from wireroom.catalog.file import Source
from wireroom.gateways.link import Link, LinkTerms
from wireroom.gateways.partner import Partner
from wireroom.gateways.pretend import PretendedPartner
from wireroom.gateways.states import States
from wireroom.message.answer import Answer, Question, State
from wireroom.message.envelope import Message
from wireroom.records.answerer import RecordFiles
from wireroom.records.bulk import BulkLoader
from wireroom.wire.client import Terms
from wireroom.wire.payload import Logon
from wireroom.wire.server import Server

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUICK = Terms(backoff_first_s=0.005, backoff_max_s=0.01, tick_s=0.005)
NORA = "SPECIMEN, NORA K"
VIN = "0WRABCDE1SW900811"


def question(key: str, *fields: tuple[str, str]) -> Question:
    message = Message(key, fields)
    return Question(transaction=4096, leg=0, source="NLETS", message=message, seat=DESK, at=NOON)


class Files:
    """Answers that there is no record, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Message] = []

    async def __call__(self, questions: Sequence[Question]) -> list[Answer]:
        self.asked += [one.message for one in questions]
        return [Answer(source="NLETS", state=State.NO_RECORD) for _ in questions]


@pytest.mark.parametrize(
    ("key", "fields", "state", "words"),
    [
        ("DQ", [("OLN", "ZZ1"), ("OLS", "NV")], State.NO_RECORD, ""),
        ("KQ", [("OLN", "ZZ1"), ("OLS", "PR")], State.NO_RECORD, ""),
        ("RQ", [("VIN", VIN), ("LIS", "NV")], State.NO_RECORD, ""),
        (
            "RQ",
            [("LIC", "7QQQ001"), ("LIS", "AZ")],
            State.OUT_OF_SERVICE,
            "AZ IS OUT OF SERVICE FOR MESSAGE TYPE RQ: NLETS WILL NOT FORWARD",
        ),
        (
            "QV",
            [("LIC", "7QQQ001"), ("LIS", "NV")],
            State.REFUSED,
            "NO STATE RESPONDS TO MESSAGE TYPE QV: NLETS WILL NOT FORWARD",
        ),
        ("DQ", [("OLN", "ZZ1")], State.REFUSED, "INVALID DESTINATION: NAME ONE STATE IN OLS"),
        ("DQ", [("OLN", "ZZ1"), ("OLS", "CA")], State.REFUSED, "INVALID DESTINATION: NAME ONE STATE IN OLS"),
        ("DQ", [("OLN", "ZZ1"), ("OLS", "ON")], State.REFUSED, "INVALID DESTINATION: NAME ONE STATE IN OLS"),
        (
            "DQ",
            [("OLN", "ZZ1"), ("OLS", "NV"), ("OLS", "OR")],
            State.REFUSED,
            "INVALID DESTINATION: NAME ONE STATE IN OLS",
        ),
        (
            "DQ",
            [("NAM", NORA), ("OLS", "NV"), ("DOB", "19870704")],
            State.REFUSED,
            "SEX IS MISSING: NV IS ASKED BY OLN OR NAM, DOB AND SEX",
        ),
    ],
)
async def test_a_state_is_asked_where_it_can_be(
    key: str, fields: list[tuple[str, str]], state: State, words: str
) -> None:
    files = Files()
    states = States(CATALOGUE, files, {"AZ"})
    [answer] = await states.ask([question(key, *fields)])
    assert (answer.source, answer.state, answer.text) == ("NLETS", state, words)
    assert len(files.asked) == (state is State.NO_RECORD), "who is not asked looks into nothing"


async def test_each_question_of_a_batch_gets_its_own_answer() -> None:
    files = Files()
    states = States(CATALOGUE, files, ["NV"])
    several = [question("DQ", ("OLN", f"ZZ{n}"), ("OLS", "NV" if n % 2 else "AZ")) for n in range(6)]
    answers = await states.ask(several)
    assert [one.state for one in answers] == [State.NO_RECORD, State.OUT_OF_SERVICE] * 3
    assert [one.get("OLN") for one in files.asked] == ["ZZ0", "ZZ2", "ZZ4"]
    states.down.clear()
    assert {one.state for one in await states.ask(several)} == {State.NO_RECORD}


@pytest.fixture
async def stage(database: str, clock: Clock, anyio_backend: object) -> AsyncIterator[Stage]:
    async with Stage(database, clock) as stage:
        yield stage


@pytest.fixture
async def line(stage: Stage) -> asyncpg.Connection:
    """A database in which two states know of one person, one plate and one VIN."""
    line = await stage.connect()
    loader = BulkLoader(CATALOGUE, Source.NLETS, VAULT, first_id=1 << 30)
    rows = []
    for state, number in (("NV", "ZZ1"), ("AZ", "ZZ2")):
        person = (("OLN", number), ("OLS", state), ("NAM", NORA), ("DOB", "19870704"), ("SEX", "F"))
        car = (("LIC", "7QQQ001"), ("LIS", state), ("VIN", VIN), ("VYR", "2020"))
        rows += [
            ("licence", f"{state}NLETS99", number, person),
            ("registration", f"{state}NLETS99", "7QQQ001", car),
        ]
    await loader.load(line, rows, stage.clock())
    return line


@pytest.mark.parametrize("state", ["NV", "AZ"])
@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("DQ", [("NAM", NORA), ("DOB", "19870704"), ("SEX", "F")]),
        ("RQ", [("LIC", "7QQQ001")]),
        ("RQ", [("VIN", VIN)]),
        ("RQ", [("LIC", "7QQ*")]),
    ],
)
async def test_a_state_answers_of_its_own_records_alone(
    line: asyncpg.Connection, key: str, fields: list[tuple[str, str]], state: str
) -> None:
    files = RecordFiles(CATALOGUE.of(Source.NLETS), Source.NLETS, VAULT)
    asked = question(key, *fields, ("OLS" if key == "DQ" else "LIS", state))
    async with line.transaction():
        [answer] = await files.ask(line, [asked])
    assert answer.state is State.RECORD
    assert [hit.owner for hit in answer.hits] == [f"{state}NLETS99"]
    assert answer.text == "", "nothing is told of what other states have"


async def test_a_state_that_has_nothing_says_so(line: asyncpg.Connection) -> None:
    files = RecordFiles(CATALOGUE.of(Source.NLETS), Source.NLETS, VAULT)
    asked = [
        question("DQ", ("NAM", NORA), ("OLS", "OR"), ("DOB", "19870704"), ("SEX", "F")),
        question("DQ", ("OLN", "ZZ1"), ("OLS", "AZ")),
        question("RQ", ("LIS", "OR"), ("VIN", VIN)),
    ]
    async with line.transaction():
        answers = await files.ask(line, asked)
    assert [(one.state, one.text) for one in answers] == [(State.NO_RECORD, "")] * 3


async def test_over_a_real_socket_a_state_answers_and_another_is_out_of_service(
    line: asyncpg.Connection,
) -> None:
    files = RecordFiles(CATALOGUE.of(Source.NLETS), Source.NLETS, VAULT)

    async def ask(questions: Sequence[Question]) -> list[Answer]:
        async with line.transaction():
            return await files.ask(line, questions)

    states = States(CATALOGUE, ask, {"AZ"})
    door = PretendedPartner(Source.NLETS, CATALOGUE, states.ask, secret="agreed", clock=lambda: NOON)
    answering = asyncio.create_task(door.run())
    server = Server(door)
    await server.start("127.0.0.1", 0)
    partner = Partner(CATALOGUE, "NLETS", worker=0, deadline_s=10)
    link = Link(
        "NLETS",
        "127.0.0.1",
        server.port,
        Logon(terminal="W000", secret="agreed"),
        clock=lambda: NOON,
        dice=random.Random(1),
        on_late=partner.late,
        terms=LinkTerms(wire=QUICK),
    )

    async def nobody(asked: Question, answer: Answer) -> None:
        raise AssertionError("nothing is late")

    partner.attach(link, nobody)
    link.start()
    try:
        await link.linked_within(10)
        found = await soon(partner.ask(question("DQ", ("OLN", "ZZ1"), ("OLS", "NV"))))
        down = await soon(partner.ask(question("DQ", ("OLN", "ZZ2"), ("OLS", "AZ"))))
    finally:
        await link.close()
        await server.close()
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
    assert [hit.number for hit in found.hits] == ["ZZ1"]
    assert (down.source, down.state) == ("NLETS", State.OUT_OF_SERVICE)
    assert down.text.startswith("AZ IS OUT OF SERVICE")
    gone = await soon(partner.ask(question("DQ", ("OLN", "ZZ1"), ("OLS", "NV"))))
    assert gone.state is State.OUT_OF_SERVICE
