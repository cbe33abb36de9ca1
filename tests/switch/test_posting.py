"""Claims about letters on their way: sent once, tried again, lost in no crash, given up with word to the owner."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import asyncpg
import pytest

from tests.gateways.post_office import MailServer, WebServer
from tests.switch.stage import POLICE, VAULT, Stage, soon, state_files
from wireroom.gateways.mail import Guard, MailTerms, mail_courier
from wireroom.gateways.webhook import WebhookTerms, webhook_courier
from wireroom.journal.tags import Tag
from wireroom.message.letter import Letter, Post, Posted, Told
from wireroom.records.outbox import AGAIN_S, IN_FLIGHT_S, KEPT_DAYS, TRIES_MAX, Draft, Outbox
from wireroom.switch import ledger
from wireroom.switch.posting import AT_ONCE, Courier
from wireroom.switch.upkeep import Upkeep

pytestmark = pytest.mark.anyio
ADDRESS, FCN = "jane.doe@example.org", "9992606100001"


class Hand:
    """A courier in a test's hands."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.says: Callable[[Letter], Posted] = lambda _: Posted(Post.TAKEN)
        self.hold: Awaitable[object] | None = None

    async def post(self, letter: Letter) -> Posted:
        self.letters.append(letter)
        if self.hold is not None:
            await self.hold
        return self.says(letter)


class House:
    """A switch that sends letters when it is told to."""

    def __init__(
        self, stage: Stage, line: asyncpg.Connection, couriers: dict[str, Courier], worker: int = 0
    ) -> None:
        self.stage, self.line, self.outbox = stage, line, Outbox(VAULT)
        switch = stage.make(worker=worker)
        switch.look_after(state_files(), POLICE)
        assert switch.upkeep is not None, "it was given something to look after"
        self.upkeep: Upkeep = switch.upkeep
        self.upkeep.carried_by(couriers)

    async def put(self, many: int = 1, channel: str = "email", number: int = 77) -> None:
        told = Told(to=ADDRESS, owner=POLICE, number=FCN, about="ZZ1", words="It is so.", spanish="Es así.")
        drafts = [Draft(channel=channel, event="SERVED", file="order", record=5, told=told)] * many
        async with self.line.transaction():
            await self.outbox.put(self.line, drafts, number, self.stage.clock())

    async def post(self) -> None:
        while await self.upkeep.post(self.line):
            pass

    async def tags(self) -> list[str]:
        return [entry.tag for entry in await self.stage.journal() if entry.tag.startswith("letter:")]

    async def row(self) -> asyncpg.Record:
        return (await self.stage.rows("select * from outbox"))[0]


@pytest.fixture
def carrier() -> Hand:
    return Hand()


@pytest.fixture
async def house(stage: Stage, carrier: Hand) -> House:
    return House(stage, await stage.connect(), {"email": carrier})


async def test_a_letter_is_sent_once_and_written_down_before_and_after(house: House, carrier: Hand) -> None:
    await house.put()
    await house.post()
    await house.post()
    [letter] = carrier.letters
    assert (letter.key, letter.to) == ("77-0", ADDRESS)
    assert "It is so." in letter.text
    assert "Questions: ask Example City Police." in letter.text
    row = await house.row()
    assert (row["due_at"], row["done_at"], row["tries"]) == (None, house.stage.clock(), 1)
    assert await house.tags() == [Tag.LETTER_SENT, Tag.LETTER_TAKEN]
    assert all(ADDRESS not in str(entry.detail) for entry in await house.stage.journal()), "not to whom"
    assert ADDRESS not in str(row)


async def test_with_nobody_to_carry_it_a_letter_stays(stage: Stage) -> None:
    house = House(stage, await stage.connect(), {})
    await house.put()
    await house.post()
    assert (await house.row())["tries"] == 0
    assert not house.upkeep._posting.any


async def test_a_letter_of_another_channel_stays_and_holds_up_none(house: House, carrier: Hand) -> None:
    await house.put(AT_ONCE + 1, channel="service", number=70)
    await house.put()
    await house.post()
    assert [letter.key for letter in carrier.letters] == ["77-0"]


async def test_many_letters_go_so_many_a_turn(house: House, carrier: Hand) -> None:
    await house.put(AT_ONCE + 3)
    assert await house.upkeep.post(house.line)
    assert len(carrier.letters) == AT_ONCE
    assert not await house.upkeep.post(house.line)
    assert len({letter.key for letter in carrier.letters}) == AT_ONCE + 3


async def test_what_fails_is_tried_again_later_and_later_and_its_owner_told_at_last(
    house: House, carrier: Hand
) -> None:
    carrier.says = lambda _: Posted(Post.DELAYED, "the mail server answered 451")
    await house.put()
    for again in AGAIN_S:
        await house.post()
        before = len(carrier.letters)
        house.stage.clock.tick(again - 1)
        await house.post()
        assert len(carrier.letters) == before, "not a second early"
        house.stage.clock.tick(1)
    await house.post()
    house.stage.clock.tick(10 * AGAIN_S[-1])
    await house.post()
    assert len(carrier.letters) == TRIES_MAX
    assert {letter.key for letter in carrier.letters} == {"77-0"}
    row = await house.row()
    assert (row["due_at"], row["done_at"], row["trouble"]) == (None, None, "the mail server answered 451")
    assert (await house.tags())[-2:] == [Tag.LETTER_SENT, Tag.LETTER_GIVEN_UP]
    [notice] = await ledger.waiting(house.line, house.stage.texts, "Z001", 0, 10)
    assert notice.title == f"WORD DID NOT REACH A PROTECTED PERSON: {FCN}"
    assert f"SERVED BY EMAIL, TRIED {TRIES_MAX} TIMES: THE MAIL SERVER ANSWERED 451. CALL THEM" in notice.text
    assert ADDRESS.upper() not in notice.text.upper()


async def test_who_refuses_for_good_is_not_asked_again(house: House, carrier: Hand) -> None:
    carrier.says = lambda _: Posted(Post.REFUSED, "the mail server answered 550")
    await house.put()
    await house.post()
    house.stage.clock.tick(10 * AGAIN_S[-1])
    await house.post()
    assert len(carrier.letters) == 1
    [notice] = await ledger.waiting(house.line, house.stage.texts, "Z001", 0, 10)
    assert "TRIED ONCE" in notice.text


async def test_a_fault_of_ours_in_one_letter_holds_up_no_other(house: House, carrier: Hand) -> None:
    def says(letter: Letter) -> Posted:
        if letter.key == "77-0":
            raise ZeroDivisionError
        return Posted(Post.TAKEN)

    carrier.says = says
    await house.put(2)
    await house.post()
    assert sorted(await house.tags()) == [
        Tag.LETTER_DELAYED,
        Tag.LETTER_SENT,
        Tag.LETTER_SENT,
        Tag.LETTER_TAKEN,
    ]


async def test_two_processes_send_no_letter_twice(stage: Stage, carrier: Hand) -> None:
    houses = [House(stage, await stage.connect(), {"email": carrier}, worker) for worker in (1, 2)]
    await houses[0].put(3 * AT_ONCE)
    await asyncio.gather(*(house.post() for house in houses))
    keys = [letter.key for letter in carrier.letters]
    assert len(keys) == len(set(keys)) == 3 * AT_ONCE


async def test_who_dies_between_sending_and_writing_it_down_sends_it_again_under_the_same_name(
    stage: Stage,
) -> None:
    """Over a real socket: the server has the letter, and the process that sent it knows nothing of that."""
    async with MailServer() as server:
        terms = MailTerms(host="127.0.0.1", port=server.port, sender="w@state.example", guard=Guard.NONE)
        dying = House(stage, await stage.connect(), {"email": mail_courier(terms)})
        await dying.put()
        line = dying.line
        sent = dying.upkeep._posting.sent

        async def killed(letters: object) -> list[Posted]:
            await sent(letters)  # type: ignore[arg-type]
            line.terminate()  # as kill -9 leaves it
            raise ConnectionError

        dying.upkeep._posting.sent = killed  # type: ignore[method-assign]
        with pytest.raises(ConnectionError):
            await dying.post()
        assert len(server.mail) == 1
        next_one = House(stage, await stage.connect(), {"email": mail_courier(terms)})
        await next_one.post()
        assert len(server.mail) == 1, "it may be on its way still"
        stage.clock.tick(IN_FLIGHT_S)
        await next_one.post()
        first, again = server.mail
        assert first["Message-ID"] == again["Message-ID"]
        assert (await next_one.row())["done_at"] is not None
        assert await next_one.tags() == [Tag.LETTER_SENT, Tag.LETTER_SENT, Tag.LETTER_TAKEN]


async def test_a_service_that_was_down_gets_it_once_it_is_back(stage: Stage) -> None:
    async with WebServer(503, 200) as server:
        terms = WebhookTerms(url=f"http://127.0.0.1:{server.port}/", secret="s")
        house = House(stage, await stage.connect(), {"service": webhook_courier(terms, stage.clock)})
        await house.put(channel="service")
        await house.post()
        stage.clock.tick(AGAIN_S[0])
        await house.post()
        stage.clock.tick(AGAIN_S[-1])
        await house.post()
        assert [headers["idempotency-key"] for _, headers, _ in server.requests] == ["77-0", "77-0"]
        assert (await house.row())["done_at"] is not None


async def test_who_was_slow_does_not_undo_what_another_has_written(house: House) -> None:
    await house.put()
    now = house.stage.clock()
    [one] = await house.outbox.waiting(house.line, ["email"], now, 5)
    await house.outbox.taken(house.line, one, now)
    assert not await house.outbox.missed(house.line, one, now, "late", for_good=True)
    assert (await house.row())["done_at"] == now


async def test_what_is_over_is_dropped_after_its_days(house: House, carrier: Hand) -> None:
    await house.put()
    await house.post()
    house.stage.clock.tick(KEPT_DAYS * 86_400 - 1)
    await house.post()
    assert await house.stage.value("select count(*) from outbox") == 1
    house.stage.clock.tick(3_601)
    await house.post()
    assert await house.stage.value("select count(*) from outbox") == 0


async def test_a_switch_that_runs_sends_what_lies_there(stage: Stage, carrier: Hand) -> None:
    reached = asyncio.Event()

    def says(_: Letter) -> Posted:
        reached.set()
        return Posted(Post.TAKEN)

    carrier.says = says
    house = House(stage, await stage.connect(), {"email": carrier})
    await house.put()
    tasks = house.upkeep.start()
    try:
        await soon(reached.wait())
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_any_order_of_trouble_and_crashes_loses_no_letter(stage: Stage) -> None:
    """Ten letters, and dice that fail, delay and kill: each is taken in the end, under its one name."""
    dice = Random(11)
    carrier = Hand()
    carrier.says = lambda _: Posted(dice.choice([Post.TAKEN, Post.DELAYED, Post.DELAYED]), "dice")
    house = House(stage, await stage.connect(), {"email": carrier})
    await house.put(10)
    for _ in range(TRIES_MAX):
        if dice.random() < 0.5:
            async with house.line.transaction():
                await house.outbox.waiting(house.line, ["email"], stage.clock(), 3)  # and dies
        await house.post()
        stage.clock.tick(AGAIN_S[-1])
    rows = await stage.rows("select done_at, due_at, tries from outbox")
    assert all(row["done_at"] or row["due_at"] or row["tries"] >= TRIES_MAX for row in rows)
    assert {letter.key for letter in carrier.letters} == {f"77-{place}" for place in range(10)}
