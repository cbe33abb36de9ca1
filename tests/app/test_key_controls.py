"""Controls about passkeys over a whole switch: what is written down, what asks again, and no way round."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

import httpx2 as httpx
import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.routing import Route

from tests.app.offices import office
from tests.app.test_explaining import explaining
from tests.app.test_house_doors import QV, World, world
from tests.policy.conftest import CHEAP, PASSWORD, SEAL, SECRET
from tests.policy.device import PLACE, PRESENT, Device
from wireroom.app.house import AppHouse
from wireroom.journal import NotWritten
from wireroom.journal.tags import Tag
from wireroom.message.deadlines import Board
from wireroom.message.envelope import Seat
from wireroom.policy import passkeys
from wireroom.policy.authenticators import STALE
from wireroom.policy.people import Opened, People, Person, Terms
from wireroom.policy.secret import Passwords, code_at
from wireroom.web import house as doors
from wireroom.web.site import site

__all__ = ["world"]  # the fixture
pytestmark = pytest.mark.anyio
COOKIE, PEER = "cookie of the door", "192.0.2.1"
PAGE = "/sign-in/keys"


async def nothing_due(seat: Seat, at: datetime) -> Board:
    return Board(at=at, groups=())


class Desk:
    """A person at the doors of a switch where passkeys count."""

    def __init__(self, world: World, hasher: PasswordHasher = CHEAP) -> None:
        self.world, self.clock = world, world.stage.clock
        self.people = People(world.pool, SEAL, passwords=Passwords(hasher), terms=Terms(place=PLACE))
        self.house = AppHouse(
            switch=world.switch, people=self.people, book=world.book, partners=(), demo=True, clock=self.clock,
            board=nothing_due, office=office(world), explaining=explaining(world),
        )  # fmt: skip
        self.ring = self.house.keyring
        self.device = Device()

    async def signed_in(self, **changes: str) -> doors.Session:
        """With password and a new code."""
        self.clock.tick(30)
        facts = {
            "person": "p.vale", "password": PASSWORD, "code": code_at(SECRET, self.clock()), "terminal": "Z001",
            "peer": PEER, "notice": "v1",
        }  # fmt: skip
        session = await self.house.sign_in(**(facts | changes))
        assert isinstance(session, doors.Session)
        return session

    async def question(self, purpose: str, holder: str) -> str:
        question = await self.ring.question(purpose, holder, PEER)
        assert isinstance(question, str), question
        return question

    async def bound(self, session: doors.Session, name: str = "black key") -> None:
        question = await self.question("bind", session.token)
        assert await self.ring.bind(session.token, name=name, answer=self.device.made(question)) is None

    async def entered(self, terminal: str = "z001", peer: str = PEER) -> doors.Session | doors.Refusal:
        answer = self.device.shown(await self.question("sign-in", COOKIE))
        return await self.ring.sign_in(answer=answer, door=COOKIE, terminal=terminal, peer=peer, notice="v1")

    async def keys(self, session: doors.Session) -> tuple[doors.OwnKey, ...]:
        own = await self.ring.own(session.token)
        assert isinstance(own, doors.OwnKeys)
        return own.keys

    async def told(self, tag: Tag = Tag.PERSON_CHANGED) -> list[dict[str, object]]:
        return [dict(entry.detail) for entry in await self.world.stage.journal() if entry.tag == tag]


@pytest.fixture
async def desk(world: World) -> Desk:
    return Desk(world)


# ------------------------------------------------------------------ what is written down


async def test_IA_5_n_a_passkey_is_bound_used_and_ended_on_the_record(desk: Desk) -> None:
    session = await desk.signed_in()
    await desk.bound(session)
    came = await desk.entered()
    assert isinstance(came, doors.Session)
    [code, key] = sorted(await desk.keys(came), key=lambda one: one.kind)
    assert (key.name, key.bound_by, key.used) == ("black key", "p.vale", desk.clock().isoformat())
    assert await desk.ring.end(came.token, code.id) is None
    assert await desk.house.session(session.token) is not None  # an end ends no session
    assert await desk.told() == [
        {"act": "bind", "person": "p.vale", "by": "p.vale", "name": "black key"},
        {"act": "bound", "person": "p.vale", "by": "p.vale", "authenticator": key.id},
        {"act": "end", "person": "p.vale", "by": "p.vale", "authenticator": code.id},
    ]
    assert [one["authenticator"] for one in await desk.told(Tag.SESSION_OPENED)] == [code.id, key.id]


async def test_IA_5_1_e_a_counter_that_went_back_is_refused_and_written_down(desk: Desk) -> None:
    await desk.bound(await desk.signed_in())
    desk.device.counter = 7
    assert isinstance(await desk.entered(), doors.Session)
    desk.device.counter = 3
    assert isinstance(await desk.entered(), doors.Refusal)
    [told] = await desk.told(Tag.SESSION_REFUSED)
    assert told["cause"] == passkeys.WENT_BACK
    [entry] = [entry for entry in await desk.world.stage.journal() if entry.tag == Tag.SESSION_REFUSED]
    assert (entry.person, entry.terminal) == ("p.vale", "Z001")


async def test_IA_5_n_nothing_is_bound_or_ended_while_the_journal_takes_nothing(desk: Desk) -> None:
    session = await desk.signed_in()
    [code] = await desk.keys(session)
    question = await desk.question("bind", session.token)
    desk.world.stage.writer.trouble = NotWritten("the disk is full")
    with pytest.raises(doors.JournalDown):
        await desk.ring.bind(session.token, name="k", answer=desk.device.made(question))
    with pytest.raises(doors.JournalDown):
        await desk.ring.lost(session.token, code.id)
    desk.world.stage.writer.trouble = None
    assert await desk.keys(session) == (code,)


# ------------------------------------------------------------------ both factors again


async def test_IA_5_n_after_30_minutes_adding_and_ending_ask_for_both_factors_again(desk: Desk) -> None:
    session = await desk.signed_in()
    await desk.bound(session)
    question = await desk.question("bind", session.token)
    other, desk.device = desk.device, Device("two")
    desk.clock.tick(29 * 60 + 59)
    assert await desk.house.session(session.token)  # it was used meanwhile, so it does not lock
    await desk.question("bind", session.token)
    desk.clock.tick(1)
    refused = await desk.ring.question("bind", session.token, PEER)
    assert isinstance(refused, doors.Refusal)
    assert refused.code == "confirm"
    [_, key] = await desk.keys(session)
    for came in (
        await desk.ring.bind(session.token, name="k", answer=desk.device.made(question)),
        await desk.ring.end(session.token, key.id),
    ):
        assert isinstance(came, doors.Refusal)
        assert came.code == "confirm"
    assert [one.get("refused") for one in (await desk.told())[2:]] == [
        "both factors were not shown of late"
    ] * 2
    answer = other.shown(await desk.question("confirm", session.token))
    fresh = await desk.ring.confirm(session.token, password="", code="", answer=answer, peer=PEER)
    assert isinstance(fresh, doors.Session)
    assert fresh.token != session.token
    assert await desk.house.session(session.token) is None
    await desk.bound(fresh, "second")
    assert await desk.ring.end(fresh.token, key.id) is None


async def test_IA_11_the_step_is_a_whole_sign_in_with_its_count_and_its_lock(desk: Desk) -> None:
    session = await desk.signed_in()
    await desk.bound(session)
    desk.clock.tick(29 * 60)
    await desk.house.session(session.token)
    desk.clock.tick(60)
    for password, code in ((PASSWORD, ""), ("", code_at(SECRET, desk.clock())), ("", "")):
        came = await desk.ring.confirm(session.token, password=password, code=code, answer="", peer=PEER)
        assert isinstance(came, doors.Refusal)
    own = await desk.ring.own(session.token)
    assert isinstance(own, doors.OwnKeys)
    assert not own.proven
    desk.device.flags = PRESENT
    for _ in range(2):
        answer = desk.device.shown(await desk.question("confirm", session.token))
        await desk.ring.confirm(session.token, password="", code="", answer=answer, peer=PEER)
    [vale] = await desk.people.people()
    assert vale.locked
    assert await desk.house.session(session.token) is not None


async def test_IA_11_the_demos_one_press_shows_no_factors_and_adds_nothing(world: World) -> None:
    people = People(world.pool, SEAL, passwords=Passwords(CHEAP), demo=True, terms=Terms(place=PLACE))
    desk = Desk(world)
    opened = await people.admit("p.vale", "Z001", PEER, desk.clock(), "v1")
    assert isinstance(opened, Opened)
    refused = await desk.ring.question("bind", opened.token, PEER)
    assert isinstance(refused, doors.Refusal)
    assert refused.code == "confirm"


async def test_AC_11_a_passkey_unlocks_under_a_new_token_and_is_written_down(desk: Desk) -> None:
    session = await desk.signed_in()
    await desk.bound(session)
    assert isinstance(await desk.ring.question("unlock", session.token, PEER), doors.Refusal)
    desk.clock.tick(30 * 60)
    answer = desk.device.shown(await desk.question("unlock", session.token))
    opened = await desk.ring.unlock(session.token, answer=answer, peer=PEER)
    assert isinstance(opened, doors.Session)
    assert opened.token != session.token
    again = await desk.ring.unlock(session.token, answer=answer, peer=PEER)
    assert isinstance(again, doors.Refusal)
    assert again.code == "session"
    assert (await desk.told(Tag.SESSION_OPENED))[-1]["notice"] == "v1"


async def test_who_has_no_session_is_told_so(desk: Desk) -> None:
    came: list[Any] = [
        await desk.ring.question("bind", "none", PEER), await desk.ring.own("none"),
        await desk.ring.bind("none", name="k", answer="x"), await desk.ring.end("none", "k"),
        await desk.ring.lost("none", "k"),
        await desk.ring.confirm("none", password="", code="", answer="x", peer=PEER),
        await desk.ring.unlock("none", answer="x", peer=PEER),
    ]  # fmt: skip
    assert {one.code for one in came} == {"session"}


async def test_what_cannot_be_done_is_told_in_words_and_written_down(desk: Desk) -> None:
    session = await desk.signed_in()
    [code] = await desk.keys(session)
    last = await desk.ring.end(session.token, code.id)
    assert last is not None
    assert "your only one" in last.reason
    assert await desk.ring.lost(session.token, "x") is not None
    too_long = await desk.ring.bind(session.token, name="x" * 61, answer="x")
    assert too_long is not None
    assert "at most 60" in too_long.reason
    question = await desk.question("bind", session.token)
    desk.device.origin = "https://evil.example"
    elsewhere = await desk.ring.bind(session.token, name="k", answer=desk.device.made(question))
    assert elsewhere is not None
    assert "another address" in elsewhere.reason
    refused = [str(one["refused"]) for one in await desk.told() if "refused" in one]
    assert len(refused) == 4
    assert refused[-1] == passkeys.ELSEWHERE


# ------------------------------------------------------------------ a lost device


async def test_IA_5_l_a_lost_device_is_felt_at_every_page_and_line_at_once(desk: Desk) -> None:
    session = await desk.signed_in()
    await desk.bound(session)
    other = await desk.entered()
    assert isinstance(other, doors.Session)
    desk.world.people = desk.people
    seat = await desk.world.seated(desk.world.logon())
    assert (await desk.world.door.send(seat, "one", QV, 1)).state == "accepted"
    [_, key] = await desk.keys(other)
    desk.clock.tick(3600 * 2 - 60 - 30)
    await desk.house.session(other.token)
    assert (
        await desk.ring.lost(session.token, key.id) is not None
    )  # that one is locked: it asks for factors first
    again = await desk.entered()
    assert isinstance(again, doors.Session)
    assert await desk.ring.lost(again.token, key.id) is None
    for one in (session, other, again):
        assert await desk.house.session(one.token) is None
    desk.clock.tick(2)
    assert (await desk.world.door.send(seat, "two", QV, 2)).state == "refused"
    assert isinstance(await desk.entered(), doors.Refusal)
    assert (await desk.told())[-1] == {
        "act": "lost",
        "person": "p.vale",
        "by": "p.vale",
        "authenticator": key.id,
    }


# ------------------------------------------------------------------ two places (threat 2)


async def test_IA_2_a_sign_in_elsewhere_ends_the_older_and_both_places_are_written_down(desk: Desk) -> None:
    here = await desk.signed_in()
    there = await desk.signed_in(peer="198.51.100.7")
    assert await desk.house.session(here.token) is None
    assert await desk.house.session(there.token) is not None
    told = await desk.told(Tag.SESSION_OPENED)
    assert [one.get("displaced") for one in told] == [None, [["Z001", PEER]]]
    assert told[-1]["peer"] == "198.51.100.7"


# ------------------------------------------------------------------ no way with fewer factors (threats 4, 29)


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=site(desk.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


def routes(desk: Desk) -> Iterator[tuple[str, str]]:
    app: Starlette = site(desk.house)
    for route in app.routes:
        assert isinstance(route, Route)
        for method in sorted((route.methods or set()) - {"HEAD"}):
            if route.path not in {"/live", "/api/v1/deliveries"}:  # they never end
                yield method, re.sub(r"\{[^}]*\}", "p.vale", route.path)


@pytest.mark.parametrize("fewer", ["nothing", "the password", "the code", "a passkey that checked nobody",
                                   "a session that showed both long ago"])  # fmt: skip
async def test_IA_5_n_no_route_gives_a_factor_or_a_session_for_fewer_than_both(
    desk: Desk, browser: httpx.AsyncClient, fewer: str
) -> None:
    session = await desk.signed_in()
    await desk.bound(session)
    before = await desk.world.pool.fetch("SELECT id, ended_at FROM authenticator ORDER BY id")
    secrets_before = await desk.world.pool.fetch("SELECT password_hash, otp_sealed FROM account")
    csrf = session.csrf
    desk.clock.tick(29 * 60)
    await desk.house.session(session.token)
    desk.clock.tick(60)
    if fewer != "a session that showed both long ago":
        await desk.house.sign_out(session.token)
        csrf = ""
    sessions = await desk.world.pool.fetchval("SELECT count(*) FROM session")
    tried = 0
    for method, path in routes(desk):
        if path == "/sign-out" or path.endswith("/lost") or path.endswith("/current"):
            continue  # they take away, and give nothing
        browser.cookies.clear()
        browser.cookies.set("door", COOKIE)
        browser.cookies.set("session", session.token)
        desk.device.flags = PRESENT
        answer = desk.device.shown(await desk.question("sign-in", COOKIE))
        given = {
            "door": COOKIE, "csrf": csrf, "person": "p.vale", "id": "p.vale", "email": "p.vale@city.example",
            "mail": "p.vale@city.example", "terminal": "Z001", "read": "yes", "acknowledged": "true", "name": "new",
            "password": PASSWORD if fewer == "the password" else "", "new_password": "another long one",
            "code": code_at(SECRET, desk.clock()) if fewer == "the code" else "", "token": session.token,
            "answer": answer if fewer == "a passkey that checked nobody" else "", "key": before[0]["id"],
            "recovery": "1", "reset": "1", "phone": "555-0100", "persona": "p.vale", "purpose": "bind",
        }  # fmt: skip
        headers = {"authorization": f"Bearer {session.token}"}
        if path.startswith("/api/"):
            await browser.request(method, path, json=given | {"acknowledged": True}, headers=headers)
        else:
            await browser.request(method, path, data=given if method == "POST" else None)
        await desk.people.release("p.vale")  # so that no refusal comes from the lock alone
        tried += 1
    assert tried > 30
    after = await desk.world.pool.fetch("SELECT id, ended_at FROM authenticator ORDER BY id")
    assert after == before
    assert await desk.world.pool.fetch("SELECT password_hash, otp_sealed FROM account") == secrets_before
    assert await desk.world.pool.fetchval("SELECT count(*) FROM session") == sessions


async def test_IA_5_n_both_factors_at_the_same_doors_do_give_a_session(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    """So that the walk above is not passed by forms that nothing would take."""
    session = await desk.signed_in()
    await desk.bound(session)
    desk.clock.tick(30)
    browser.cookies.set("door", COOKIE)
    form = {"door": COOKIE, "person": "p.vale", "terminal": "Z001", "read": "yes", "password": PASSWORD}
    code = code_at(SECRET, desk.clock())
    assert (await browser.post("/sign-in", data=form | {"code": code})).headers["location"] == "/desk"
    browser.cookies.clear()
    browser.cookies.set("door", COOKIE)
    answer = desk.device.shown(await desk.question("sign-in", COOKIE))
    assert (await browser.post("/sign-in/passkey", data=form | {"answer": answer})).status_code == 303


async def test_IA_2_8_a_session_that_somebody_planted_is_not_the_one_that_a_sign_in_opens(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    await desk.bound(await desk.signed_in())
    planted = "f" * 64
    browser.cookies.set("door", COOKIE)
    browser.cookies.set("session", planted)
    form = {"door": COOKIE, "terminal": "Z001", "read": "yes"}
    answer = desk.device.shown(await desk.question("sign-in", COOKIE))
    opened = await browser.post("/sign-in/passkey", data=form | {"answer": answer})
    [cookie] = [one for one in opened.headers.get_list("set-cookie") if one.startswith("session=")]
    assert planted not in cookie
    assert await desk.house.session(planted) is None
    # what the browser of another was asked is no answer here
    stolen = desk.device.shown(await desk.question("sign-in", "the door of another browser"))
    refused = await browser.post("/sign-in/passkey", data=form | {"answer": stolen})
    assert refused.status_code == 403
    assert (await desk.told(Tag.SESSION_REFUSED))[-1]["cause"] == STALE


# ------------------------------------------------------------------ a flood of sign-ins (threat 25)


class Counting(PasswordHasher):
    """Counts the hashes that are being worked out, and how many ever were at once."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.done = self.now = self.most = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:
        self.now += 1
        self.done += 1
        self.most = max(self.most, self.now)
        try:
            return super().verify(hash, password)
        finally:
            self.now -= 1


async def test_AC_7_a_thousand_guesses_at_once_cost_few_hashes_and_others_sign_in(world: World) -> None:
    hasher = Counting()
    desk = Desk(world, hasher)
    for number in range(40):
        one = Person(id=f"v.{number:02}", name=f"V {number}", ori="CA0990100", role="operator")
        await desk.people.add(one, password=PASSWORD, otp_secret=SECRET, now=desk.clock())
    hasher.done = 0

    async def guess(number: int) -> doors.Session | doors.Refusal:
        return await desk.house.sign_in(
            person=f"v.{number % 40:02}",
            password="a guess",
            code="000000",
            terminal="Z001",
            peer="203.0.113.66",
        )

    flood = asyncio.gather(*(guess(number) for number in range(1000)))
    await asyncio.sleep(0)
    came = [one for one in await flood if isinstance(one, doors.Refusal)]
    assert len(came) == 1000
    assert hasher.most <= 2
    assert hasher.done <= Terms().at_once_max
    later = [await guess(number) for number in range(100)]
    assert all(isinstance(one, doors.Refusal) and one.wait_seconds for one in later)
    assert hasher.done <= Terms().at_once_max
    before = hasher.done
    session = await desk.signed_in()
    assert hasher.done == before + 1
    await desk.bound(session)
    assert isinstance(await desk.entered(), doors.Session)
    assert hasher.done == before + 1  # a passkey costs none
