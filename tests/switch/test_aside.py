"""Claims about what is not on the hot path: agencies in turn, and none fills it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from tests.switch.stage import soon
from wireroom.app.database import Line as OurLine
from wireroom.message.acting import BATCH, Actor, acting, mailbox_of
from wireroom.message.answer import Delivery
from wireroom.message.turns import HOUSE, Whose
from wireroom.switch import Busy, TooMany, aside
from wireroom.switch.aside import Acknowledgements, Aside
from wireroom.switch.delivery import Mailboxes

pytestmark = pytest.mark.anyio
FLOOD, OTHER = "CA0990100", "CA0980100"


class Line:
    """A connection that only ends."""

    closed = False

    def is_closed(self) -> bool:
        return self.closed

    def terminate(self) -> None:
        self.closed = True


class Use:
    """An aside whose users are told in the order in which they had it."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.order: list[str] = []
        self.aside = Aside(self._connect)

    async def _connect(self) -> asyncpg.Connection:
        self.lines.append(Line())
        return self.lines[-1]  # type: ignore[return-value]

    async def use(self, name: str, whose: Whose, trouble: Exception | None = None) -> None:
        async with self.aside.connection(whose):
            self.order.append(name)
            await asyncio.sleep(0)
            if trouble is not None:
                raise trouble


async def test_SC_5_terminals_of_one_agency_that_all_sign_on_at_once_keep_no_other_from_its_mail() -> None:
    """Threat 26."""
    use = Use()
    users = [use.use(f"flood {n}", Whose(FLOOD, f"Z{n:03}")) for n in range(40)]
    users += [use.use("other", Whose(OTHER, "Y001")), use.use("house", HOUSE)]
    await soon(asyncio.gather(*users))
    assert use.order[:5] == ["flood 0", "flood 1", "other", "house", "flood 2"]
    assert len(use.order) == 42
    assert len(use.lines) == 1


@pytest.mark.parametrize("steps", range(1, 8))
async def test_who_is_cancelled_anywhere_in_a_transaction_leaves_none_to_the_next(
    database: str, steps: int
) -> None:
    """A page that is closed while its mailbox is read, say: what the next user does is a transaction of its own."""

    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(database, connection_class=OurLine)

    place = Aside(connect)

    async def use(actor: Actor, statement: str) -> None:
        async with place.connection() as connection, acting(connection, actor):
            await connection.execute(statement)

    await soon(use(BATCH, "CREATE TABLE written (by text)"))
    reader = asyncio.create_task(use(mailbox_of("Z001"), "SELECT pg_sleep(0.01)"))
    for _ in range(steps):
        await asyncio.sleep(0)
    reader.cancel()
    await soon(asyncio.wait({reader}))
    await soon(use(BATCH, "INSERT INTO written SELECT current_setting('wireroom.acting')"))
    place.end()
    after = await connect()
    assert await after.fetchval("SELECT array_agg(by) FROM written") == [BATCH.said], "it was kept"
    await after.close()


async def test_who_gives_up_or_fails_keeps_nobody_waiting() -> None:
    use = Use()
    first = asyncio.create_task(use.use("fails", HOUSE, ValueError("trouble")))
    gives_up = asyncio.create_task(use.use("gives up", Whose(FLOOD, "Z001")))
    handed_over = asyncio.create_task(use.use("handed over", Whose(FLOOD, "Z002")))
    last = asyncio.create_task(use.use("last", Whose(OTHER, "Y001")))
    await asyncio.sleep(0)
    gives_up.cancel()
    with pytest.raises(ValueError, match="trouble"):
        await soon(first)
    handed_over.cancel()  # at the moment at which it got the connection, or soon after
    await soon(last)
    assert use.order[-1] == "last"
    assert use.lines[0].closed, "after trouble there is a new one"
    await soon(asyncio.wait({gives_up, handed_over}))
    await soon(use.use("again", HOUSE))


async def test_SC_5_an_agency_that_signs_for_too_much_at_once_is_told_and_the_others_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Threat 26."""
    monkeypatch.setattr(aside, "ACKNOWLEDGED_MAX", 100)

    async def nothing(terminal: str, after: int, limit: int) -> list[Delivery]:
        return []

    mailboxes = Mailboxes(nothing, waiting_max=1_000)
    signed = Acknowledgements(mailboxes, 1.0)
    signed.put(FLOOD, "Z001", range(1, 61))
    with pytest.raises(TooMany, match="of your agency"):
        signed.put(FLOOD, "Z002", [1])
    signed.put(OTHER, "Y001", [1, 2, 3])
    for n in range(37):
        signed.put(f"CA0970{n:03}"[:9], f"T{n:03}", [1])
    with pytest.raises(Busy) as full:
        signed.put("CA0960100", "S001", [1])
    assert not isinstance(full.value, TooMany)
    pairs: Sequence[tuple[str, int]] = signed.waiting()
    assert len(pairs) == 100
    signed.written(len(pairs), pairs)
    assert signed.waiting() == []
    signed.put(FLOOD, "Z002", [1])
