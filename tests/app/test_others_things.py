"""Threat 30: whoever names another's things in every field of every route gets nothing and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import msgspec
import pytest
from starlette.routing import Route

from tests.app.offices import NEED, office
from tests.app.test_explaining import explaining
from tests.app.test_house_doors import World, world
from tests.app.test_key_controls import nothing_due
from tests.policy.conftest import PASSWORD, SECRET
from tests.switch.stage import car, soon, take
from tests.web.test_controls import OPEN
from wireroom.app.house import AppHouse
from wireroom.app.populate import make_fit
from wireroom.message.envelope import Arrival
from wireroom.policy.directory import Terminal, add_terminal
from wireroom.policy.people import Person
from wireroom.policy.role import Role
from wireroom.policy.secret import code_at
from wireroom.web import house as doors
from wireroom.web.site import site

__all__ = ["world"]  # the fixture
pytestmark = pytest.mark.anyio
POLICE, SHERIFF = "CA0990100", "CA0980100"
MARK = "7QQQ001"  # what p.vale asked about, and nobody else knows
ENDLESS = {"/live", "/api/v1/deliveries"}  # they name nothing: the terminal is the session's
OWN_END = {"/sign-out", "/api/v1/sessions/current"}  # they end the session that asks, and name nothing
# All that may be of somebody: by what stands in each table a change of it would be seen.
KEPT = {
    "delivery": "SELECT * FROM delivery WHERE terminal = 'Z001' ORDER BY number",
    "record": "SELECT * FROM record ORDER BY id",
    "record_version": "SELECT * FROM record_version ORDER BY 1, 2, 3",
    "reason": "SELECT * FROM reason WHERE person = 'p.vale' ORDER BY transaction",
    "fact": "SELECT * FROM fact WHERE person = 'p.vale' ORDER BY 1, 2",
    "account": "SELECT id, role, ori, enabled, password_hash, otp_sealed FROM account WHERE id = 'p.vale'",
    "authenticator": "SELECT * FROM authenticator WHERE person = 'p.vale' ORDER BY id",
    "terminal": "SELECT * FROM terminal WHERE mnemonic = 'Z001'",
    "agency": f"SELECT agreed_files, agreed_until FROM agency WHERE ori = '{POLICE}'",
    "session": "SELECT token_hash, ended_at FROM session WHERE person = 'p.vale' ORDER BY 1",
}


class Things(msgspec.Struct, frozen=True):
    """What is p.vale's, by the identifiers that somebody else may have seen or guessed."""

    transaction: int
    delivery: int
    record: str
    key: str


class Street:
    """A house with everything in it, and the things of p.vale."""

    def __init__(self, world: World) -> None:
        self.world, self.clock = world, world.stage.clock
        self.house = AppHouse(
            switch=world.switch, people=world.people, book=world.book, partners=(), demo=False, clock=self.clock,
            board=nothing_due, office=office(world), explaining=explaining(world),
        )  # fmt: skip
        self.app = site(self.house)

    async def arrives(self, person: str, ori: str, terminal: str, role: str) -> None:
        await add_terminal(self.world.pool, Terminal(mnemonic=terminal, ori=ori), self.clock())
        one = Person(id=person, name="O Ther", ori=ori, role=role)
        await self.world.people.add(one, password=PASSWORD, otp_secret=SECRET, now=self.clock())
        await make_fit(self.world.pool, self.clock())
        await self.world.refresh()

    async def session(self, person: str, terminal: str) -> doors.Session:
        self.clock.tick(30)
        code = code_at(SECRET, self.clock())
        found = await self.house.sign_in(
            person=person, password=PASSWORD, code=code, terminal=terminal, peer=person
        )
        assert isinstance(found, doors.Session), found
        return found

    async def things(self, session: doors.Session) -> Things:
        """A record, an inquiry that nothing explains, and its answer, which waits."""
        numbers = []
        for text in (car("7QQQ002"), f"QV.LIC/{MARK}.LIS/CA"):
            arrival = Arrival(text=text, seat=session.seat, key=text[:40], at=self.clock(), purpose="C")
            receipt = await soon(self.house.transact(arrival))
            assert receipt.state == "accepted", receipt
            numbers.append(receipt.number)
        [record] = await self.world.stage.rows("SELECT number FROM record")
        waiting = await take(self.world.switch, "Z001", 2)
        [waits] = [one for one in waiting if one.transaction == numbers[1]]
        [key] = await self.world.stage.rows("SELECT id FROM authenticator WHERE person = 'p.vale'")
        return Things(numbers[1], waits.number, record["number"], key["id"])

    async def kept(self) -> dict[str, list[tuple[object, ...]]]:
        return {name: [tuple(row) for row in await self.world.stage.rows(sql)] for name, sql in KEPT.items()}

    def routes(self) -> Iterator[tuple[str, str]]:
        for route in self.app.routes:
            assert isinstance(route, Route), "a mount or a socket would need a rule of its own here"
            for method in sorted((route.methods or set()) - {"HEAD"}):
                if route.path not in ENDLESS | OWN_END and (route.path, method) not in OPEN:
                    yield route.path, method

    async def walk(self, session: doors.Session, things: Things, text: str) -> list[str]:
        """What every route answers whoever names these things in each of its fields."""
        said, named = [], named_by(things, text)
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            client.cookies.set("session", session.token)
            last = sorted(
                self.routes(), key=lambda one: one[0].startswith("/sign-in")
            )  # a loss ends the session
            for place, (path, method) in enumerate(last):
                answer = await asked(client, path, method, named, session=session, key=f"w{place}")
                said.append(answer.text)
                client.cookies.set("session", session.token)
        return said


def named_by(things: Things, text: str) -> dict[str, str]:
    """The fields of a request: every one that any page or way of the API reads an identifier from."""
    inquiry, answer = str(things.transaction), str(things.delivery)
    return {
        "number": answer, "numbers": f"{answer},{inquiry}", "transaction": inquiry, "show": inquiry, "wait": inquiry,
        "key": things.key, "person": "p.vale", "terminal": "Z001", "ori": POLICE, "text": text, "FCN": things.record,
        "OCA": "99-000001", "offer": "MINE", "words": "MINE", "purpose": "C", "name": "mine", "record": things.record,
        "requester": "P.VALE", "answer": "x", "token": "p.vale",
        "since": "2026-03-01T00:00:00Z", "until": "2026-03-03T00:00:00Z",
    }  # fmt: skip


def body_of(path: str, named: dict[str, str]) -> dict[str, object]:
    """What one way of the API takes that names anything."""
    if path.endswith("/facts"):
        return {"person": named["person"], "kind": "fingerprint", "day": "2026-03-02", "good": False}
    if path.endswith("/acknowledgements"):
        return {"numbers": named["numbers"].split(",")}
    if path.endswith("/transactions"):
        return {"text": named["text"], "purpose": "C"}
    office_body = OFFICE_BODIES.get(path.removeprefix("/api/v1/"))
    return office_body or {"transaction": named["transaction"], "words": "MINE"}


# What the acts of administration take, about p.vale and their terminal.
OFFICE_BODIES: dict[str, dict[str, object]] = {
    "accounts": {"person": "p.vale", "act": "suspend"}, "accounts/roles": {"person": "p.vale", "role": "clerk"},
    "accounts/requests": {"person": "q.new", "name": "Q New", "role": "operator", "words": "MINE"},
    "accounts/decisions": {"request": "r1", "approve": True}, "accounts/first-passwords": {"request": "r1"},
    "reviews": {"person": "p.vale"}, "devices/losses": {"name": "Z001", "words": "MINE"},
    "devices/postures": {"serial": "0a", "encrypted": True, "managed": True, "located": True},
    "devices/revocations": {"name": "Z001", "why": "MINE"}, "terminals": {"terminal": "Z001", "enabled": False},
    "agreements": {"ori": POLICE, "ended": True},
}  # fmt: skip


async def asked(
    client: httpx.AsyncClient,
    path: str,
    method: str,
    named: dict[str, str],
    *,
    session: doors.Session,
    key: str,
) -> Any:
    """One request of a route as its own page or program sends it. Any: the client's own response."""
    by = {"{number:str}": named["FCN"], "{key:str}": "XV", "{name:str}": "p.vale"}
    address = re.sub(r"\{[^}]*\}", lambda found: by.get(found[0], "p.vale"), path)
    if path.startswith("/api/"):
        headers = {"authorization": f"Bearer {session.token}", "idempotency-key": key, "need": NEED}
        return await client.request(
            method,
            address,
            json=body_of(path, named),
            headers=headers,
            params=named if method == "GET" else None,
        )
    if method == "GET":
        return await client.request(method, address, params=named)
    return await client.request(method, address, data=named | {"csrf": session.csrf})


@pytest.fixture
async def street(world: World) -> Street:
    return Street(world)


# What DOJ may do with the accounts and agreements of every agency, and nobody else of another one.
OF_ANY_AGENCY = {Role.DOJ: {"account", "session", "agency"}}


@pytest.mark.parametrize("role", Role)
async def test_threat_30_nobody_of_another_agency_reads_or_changes_a_thing_by_its_identifier(
    street: Street, role: Role
) -> None:
    await street.arrives("o.ther", SHERIFF, "Y005", role)
    things = await street.things(await street.session("p.vale", "Z001"))
    session = await street.session("o.ther", "Y005")
    before = await street.kept()
    said = await street.walk(session, things, f"XV.FCN/{things.record}.OCA/99-000001")
    assert len(said) > 30
    assert await street.house.session(session.token) is not None, (
        "otherwise most was refused for another reason"
    )
    after = await street.kept()
    assert {name for name in before if after[name] != before[name]} == OF_ANY_AGENCY.get(role, set())
    for answer in said:
        assert MARK not in answer
        assert "Pat Vale" not in answer or role in OF_ANY_AGENCY


# What is an administrator's duty towards the people of the own agency.
DUTIES = {Role.ADMINISTRATOR: {"fact", "account", "session", "terminal"}} | OF_ANY_AGENCY


@pytest.mark.parametrize("role", Role)
async def test_threat_30_nobody_beside_reads_or_changes_a_persons_thing_by_its_identifier(
    street: Street, role: Role
) -> None:
    await street.arrives("o.ther", POLICE, "Z005", role)
    things = await street.things(await street.session("p.vale", "Z001"))
    session = await street.session("o.ther", "Z005")
    before = await street.kept()
    said = await street.walk(session, things, "QV.LIC/9QZZ999.LIS/CA")
    after = await street.kept()
    changed = {name for name in before if after[name] != before[name]}
    assert changed - {"record", "record_version"} == DUTIES.get(role, set())
    if role in {Role.ADMINISTRATOR, Role.AUDITOR, Role.FACILITY, Role.COURT, Role.INQUIRY}:
        assert "record" not in changed, "their agency's record, but not their duty"
    assert not any(MARK in answer for answer in said)


async def test_threat_30_whose_things_they_are_does_all_of_it(street: Street) -> None:
    """So that the walks above are not passed by requests that nothing would take."""
    session = await street.session("p.vale", "Z001")
    things = await street.things(session)
    before = await street.kept()
    await street.walk(session, things, f"XV.FCN/{things.record}.OCA/99-000001")
    after = await street.kept()
    assert {name for name in before if after[name] != before[name]} >= {
        "delivery", "record", "record_version", "reason", "session",
    }  # fmt: skip


async def test_threat_15_over_http_an_administrator_gets_no_right_with_or_without_a_second_account(
    street: Street,
) -> None:
    """Role, facts, review, a lock, an account more: on their own account, and on a second one of their name."""
    await street.arrives("o.ther", POLICE, "Z005", Role.ADMINISTRATOR)
    await street.arrives("o.two", POLICE, "Z006", Role.SUPERVISOR)
    rights = "SELECT id, role, ori, enabled, (SELECT count(*) FROM fact WHERE person = id) FROM account ORDER BY id"
    session = await street.session("o.ther", "Z005")
    second = await street.session("o.two", "Z006")
    before = [tuple(row) for row in await street.world.stage.rows(rights)]
    own_account: dict[str, object] = {
        "person": "o.new",
        "name": "O Ther",
        "role": "operator",
        "words": "a second duty",
    }
    of_a_person: list[tuple[str, dict[str, object]]] = [
        ("accounts", {"act": "enable"}), ("accounts", {"act": "unlock"}), ("accounts/roles", {"role": "doj"}),
        ("accounts/roles", {"role": "clerk"}), ("reviews", {}), ("people/facts", {"kind": "fingerprint"}),
        ("people/facts", {"kind": "authorisation", "word": "Chief Example"}),
    ]  # fmt: skip
    tries = [(path, body | {"person": own}, 422) for own in ("o.ther", "o.two") for path, body in of_a_person]
    tries += [
        ("accounts/requests", own_account | {"role": "auditor"}, 422),
        ("agreements", {"ori": POLICE, "files": []}, 403),
    ]
    transport = httpx.ASGITransport(app=street.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:

        async def post(
            path: str, body: dict[str, object], who: doors.Session
        ) -> Any:  # Any: the client's response
            headers = {"authorization": f"Bearer {who.token}", "need": NEED}
            return await client.post(f"/api/v1/{path}", json=body, headers=headers)

        for path, body, status in tries:
            assert (await post(path, body, session)).status_code == status, (path, body)
        asked_for = (await post("accounts/requests", own_account, second)).json()["request"]
        wish: dict[str, object] = {"request": asked_for, "approve": True}
        assert (await post("accounts/decisions", wish, session)).status_code == 422
        assert (await post("accounts/decisions", wish, second)).status_code == 403
    assert [tuple(row) for row in await street.world.stage.rows(rights)] == before


@pytest.mark.parametrize("table", ["session", "authenticator"])
async def test_threat_30_what_opens_something_is_not_to_be_guessed(street: Street, table: str) -> None:
    """Numbers of the journal are no secrets, and are checked; these two are."""
    tokens = [(await street.session("p.vale", "Z001")).token for _ in range(3)]
    assert {len(token) for token in tokens} == {64}
    assert len({token[:8] for token in tokens}) == 3
    [first] = await street.world.stage.rows(
        f"SELECT {'token_hash' if table == 'session' else 'id'} FROM {table} LIMIT 1"
    )
    assert len(first[0]) >= 16
