"""An agency with terminals and a person to sign in, in a fresh database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher

from wireroom.policy.directory import Agency, Pool, Terminal, add_agency, add_terminal
from wireroom.policy.people import Claim, Opened, People, Person, Refused
from wireroom.policy.secret import Passwords, Seal, code_at, new_otp_secret

PASSWORD = "correct horse battery"
SECRET = new_otp_secret(lambda size: bytes(range(size)))
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
SEAL = Seal(b"k" * 32)

AGENCIES = (
    Agency(ori="CA0990100", name="Example City Police", county="99", phone="555-0100"),
    Agency(ori="CA0980100", name="Sample County Sheriff"),
    Agency(ori="CA0970100", name="Training School", test=True),
)
TERMINALS = (
    Terminal(mnemonic="Z001", ori="CA0990100", title="Front desk"),
    Terminal(mnemonic="Z002", ori="CA0990100", kind="printer"),
    Terminal(mnemonic="Z003", ori="CA0990100", kind="mobile", enabled=False),
    Terminal(mnemonic="Z004", ori="CA0990100", test=True),
    Terminal(mnemonic="Y001", ori="CA0980100", kind="interface"),
    Terminal(mnemonic="T001", ori="CA0970100"),
)


class World:
    """People in a database, and a person who signs in with right or wrong factors."""

    def __init__(self, pool: Pool, now: datetime) -> None:
        self.pool, self.now = pool, now
        self.people = People(pool, SEAL, passwords=Passwords(CHEAP))

    def tick(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def claim(self, **changes: str) -> Claim:
        facts = {
            "person": "p.vale",
            "password": PASSWORD,
            "code": code_at(SECRET, self.now),
            "terminal": "Z001",
            "peer": "192.0.2.1",
        }
        return Claim(**(facts | changes))  # type: ignore[arg-type]

    async def sign_in(self, **changes: str) -> Opened | Refused:
        return await self.people.sign_in(self.claim(**changes), self.now)

    async def signed_in(self, **changes: str) -> Opened:
        opened = await self.sign_in(**changes)
        assert isinstance(opened, Opened)
        return opened

    async def refused(self, **changes: str) -> Refused:
        refused = await self.sign_in(**changes)
        assert isinstance(refused, Refused)
        return refused

    async def add(self, **changes: object) -> None:
        by = str(changes.pop("by", ""))
        facts = {"id": "p.vale", "name": "Pat Vale", "ori": "CA0990100", "role": "operator"} | changes
        await self.people.add(Person(**facts), password=PASSWORD, otp_secret=SECRET, now=self.now, by=by)  # type: ignore[arg-type]

    async def stands(self, token: str) -> bool:
        return await self.people.session(token, self.now, used=False) is not None


@pytest.fixture
async def empty_world(pool: Pool, clock: Callable[[], datetime]) -> World:
    return World(pool, clock())


@pytest.fixture
async def world(empty_world: World) -> World:
    for agency in AGENCIES:
        await add_agency(empty_world.pool, agency, empty_world.now)
    for terminal in TERMINALS:
        await add_terminal(empty_world.pool, terminal, empty_world.now)
    await empty_world.add()
    return empty_world
