"""Claims about the watchman: an alarm is an entry, is kept and is told once, whatever comes and goes meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import msgspec
import pytest

from tests.app.test_house_doors import GUESS, QV, World, world
from tests.app.watching.facts import AT, WELL
from tests.conftest import Clock
from tests.gateways.post_office import MailServer, WebServer
from tests.switch.stage import DESK, car, send
from wireroom.app import database as db
from wireroom.app.settings import Loaded, read
from wireroom.app.watching import alarms
from wireroom.app.watching.keeping import WATCH_LOCK, Lead, Teller, Watchman
from wireroom.app.watching.looking import Around, Looking, reserve_refuses
from wireroom.app.watching.running import teller_of
from wireroom.app.watching.seen import Limits, LinkSeen, Seen
from wireroom.gateways.link import LinkState
from wireroom.journal.tags import Tag
from wireroom.message.acting import UPKEEP
from wireroom.policy.fitness import Demands
from wireroom.switch import JournalDown
from wireroom.switch.work import Note

__all__ = ["world"]  # a fixture
pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)
DOWN = msgspec.structs.replace(WELL, links=(LinkSeen("NCIC", up=False, since=AT - DAY),))


class Told(Teller):
    """Notes what would be told, and takes it or not."""

    def __init__(self) -> None:
        super().__init__({}, (), where="x", again=DAY)
        self.takes = True
        self.said: list[tuple[str, bool]] = []

    async def tell(self, told: object, now: datetime) -> int | None:
        if not self.takes:
            return None
        self.said += [(one.watch, one.ended_at is not None) for one in told]  # type: ignore[attr-defined]
        return 1


class Post:
    """A watchman on a database, with what it sees and whether entries are taken in a test's hands."""

    def __init__(
        self, connect: Callable[[], Awaitable[asyncpg.Connection]], clock: Clock, told: Told
    ) -> None:
        self.seen: Seen = WELL
        self.notes: list[Note] = []
        self.writes, self.reachable = True, True
        self._connect = connect
        self.lead = Lead(self.connect, WATCH_LOCK)
        self.man = Watchman(
            lead=self.lead, look=self.look, note=self.note, teller=told, limits=Limits(), clock=clock
        )

    async def connect(self) -> asyncpg.Connection:
        if not self.reachable:
            raise ConnectionRefusedError("gone")
        return await self._connect()

    async def look(self) -> Seen:
        return self.seen

    async def note(self, note: Note) -> None:
        if not self.writes:
            raise JournalDown("the disk is full")
        self.notes.append(note)

    @property
    def tags(self) -> list[str]:
        return [one.tag for one in self.notes]


async def test_SI_4_an_alarm_is_an_entry_is_kept_and_told_once_and_one_process_does_it(
    database: str, clock: Clock, pool: db.Pool
) -> None:
    async def connect() -> asyncpg.Connection:
        connection = await asyncpg.connect(database, server_settings=UPKEEP.of_connection)
        await connection.execute("set role wireroom_switch")
        return connection

    told = Told()
    one, other = Post(connect, clock, told), Post(connect, clock, told)
    await one.man.round()
    assert one.man.open == ()
    one.seen = other.seen = DOWN
    told.takes = False
    await one.man.round()
    await other.man.round()  # stands by
    assert (one.tags, other.tags) == ([Tag.ALARM_BEGUN], [])
    assert one.notes[0].detail["alarm"] == "link-down"
    told.takes = True  # nobody took it: it is told when somebody does
    await one.man.round()
    await one.man.round()
    assert told.said == [("link-down", False)]
    assert [row.watch for row in await alarms.listed(pool)] == ["link-down"]
    await one.man.leave()
    await other.man.round()  # the next one leads, and does not tell again
    assert told.said == [("link-down", False)]
    clock.tick(24 * 3600)
    await other.man.round()
    other.seen = WELL
    await other.man.round()
    assert told.said == [("link-down", False), ("link-down", False), ("link-down", True)]
    assert other.tags == [Tag.ALARM_TOLD, Tag.ALARM_ENDED, Tag.ALARM_TOLD]
    assert await alarms.listed(pool) == ()
    await other.man.leave()


async def test_AU_5_while_the_database_is_gone_it_is_told_from_memory_and_once(
    database: str, clock: Clock, pool: db.Pool
) -> None:
    told = Told()
    post = Post(lambda: asyncpg.connect(database), clock, told)
    post.reachable = False
    await post.man.round()
    assert not told.said  # whoever never led does not speak for all
    post.reachable = True
    await post.man.round()
    await post.man.leave()
    post.reachable = False
    for _ in range(3):
        await post.man.round()
    assert told.said == [("journal-stopped", False)]
    assert (
        post.man.open[0].words == "Nothing is taken: the database cannot be reached (ConnectionRefusedError)."
    )
    # It is there again and its disk is full: one alarm still, and no other change is made that has no entry.
    post.reachable, post.writes = True, False
    post.seen = msgspec.structs.replace(DOWN, not_writing="the disk is full")
    await post.man.round()
    await post.man.round()
    assert told.said == [("journal-stopped", False)]
    assert [row.watch for row in await alarms.listed(pool)] == ["journal-stopped"]
    post.writes, post.seen = True, WELL
    await post.man.round()
    assert told.said[1:] == [("journal-stopped", True)]
    assert post.tags == [Tag.ALARM_ENDED, Tag.ALARM_TOLD]
    post.writes, post.seen = False, DOWN  # it stops between the look and the entry
    await post.man.round()
    assert [one.watch for one in post.man.open] == ["journal-stopped"]
    assert await alarms.listed(pool) == ()
    await post.man.leave()


async def test_SI_4_alarms_go_by_mail_and_to_a_service_signed(clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a key")
    async with MailServer() as mail, WebServer() as web:
        loaded = read(
            f'[notify]\nsmtp_host = "127.0.0.1"\nsmtp_port = {mail.port}\nsmtp_tls = "none"\n'
            f'smtp_from = "w@state.example"\n[alarms]\nmail_to = ["ops@state.example"]\n'
            f'webhook_url = "http://127.0.0.1:{web.port}/x"\nwebhook_key_file = "key"\n',
            tmp_path / "wireroom.toml",
        )
        one = alarms.Alarm(watch="clock", about="set", words="It was set back.", began_at=AT)
        teller = teller_of(loaded, clock)
        assert await teller.tell([one], AT) == 2
        mail.answers["DATA"], web.statuses = "450 later", [500]
        assert await teller.tell([one], AT) is None
        assert await teller.tell([one], AT) is None  # not at once again
        assert await teller.tell([one], AT + timedelta(minutes=1)) == 2 - 1
    assert mail.mail[0]["Subject"] == "Wireroom wireroom.example/journal: alarm: clock"
    assert mail.mail[0]["To"] == "ops@state.example"
    sent = msgspec.json.decode(web.requests[0][2])
    assert (sent["event"], sent["to"]) == ("alarm", "alarms")
    assert web.requests[0][1]["wireroom-signature"].startswith("t=")


def around(world: World, loaded: Loaded, links: tuple[LinkState, ...] = ()) -> Around:
    return Around(
        loaded=loaded, pool=world.pool, people_pool=world.pool, texts=world.stage.texts, switch=world.switch,
        links=lambda: links, demands=Demands, clock=world.stage.clock,
        monotonic=lambda: world.stage.clock().timestamp(),
    )  # fmt: skip


async def test_SI_4_what_a_switch_does_is_seen(world: World, tmp_path: Path) -> None:
    loaded = read(
        f'[database]\ndata_folder = "{tmp_path}"\n[reasons]\nunexplained_an_hour = 4\n', tmp_path / "x"
    )
    for _ in range(3):
        await world.sign_in(password=GUESS)
    await send(world.stage, world.switch, "QV.CA0980100.LIC/7QQQ001.LIS/CA")
    await send(world.stage, world.switch, car(), msgspec.structs.replace(DESK, role="auditor"))
    await send(world.stage, world.switch, QV)
    link = LinkState(name="NCIC", up=False, since=AT.isoformat(), waiting=0)
    looking = Looking(around(world, loaded, (link,)))
    seen = await looking.look()
    assert seen.lost == ()
    assert [one.tag for one in seen.refusals or ()] == [
        "text:refused",
        "text:faulty",
        *["session:refused"] * 3,
    ]
    assert (seen.refusals or ())[1].fields == ("ORI",)
    assert seen.not_writing == ""
    assert [one.name for one in seen.links or ()] == ["NCIC"]
    assert seen.disks
    assert seen.room is not None
    assert seen.key_since is not None
    assert seen.emergencies == ()
    assert seen.waiting_since is not None
    world.switch.numbers_lane.trouble = "the database cannot be reached"
    world.stage.writer.trouble = JournalDown("no")
    assert (await looking.look()).not_writing
    world.stage.writer.trouble = None
    assert (await looking.look()).not_writing == ""
    assert (await world.tags())[-1] == Tag.JOURNAL_RESUMED


async def test_AU_4_below_its_reserve_nothing_new_is_taken_and_what_was_taken_is_answered(
    world: World,
) -> None:
    """Refused in words before the disk is full, so that there is room for answers and for telling."""
    assert reserve_refuses(None, 256) == ""
    assert reserve_refuses(256 << 20, 256) == ""
    why = reserve_refuses((256 << 20) - 1, 256)
    assert why == (
        "the disk of the journal has 255 MB free and 256 MB are its reserve (journal.reserve_mb): free some space"
    )
    world.switch.numbers_lane.refuses = why
    before = len(await world.tags())
    with pytest.raises(JournalDown, match="255 MB free"):
        await send(world.stage, world.switch, QV)
    assert len(await world.tags()) == before
    await world.switch.note(Note(tag=Tag.LINK_DOWN))
    world.switch.numbers_lane.refuses = ""
    await send(world.stage, world.switch, QV)
