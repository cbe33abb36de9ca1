"""People at a place where passkeys count, and a device that holds one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.policy.conftest import AGENCIES, CHEAP, SEAL, TERMINALS, World
from tests.policy.device import PLACE, Device
from wireroom.policy.authenticators import (
    Authenticator,
    Purpose,
)
from wireroom.policy.directory import Pool, add_agency, add_terminal
from wireroom.policy.passkeys import Unproven
from wireroom.policy.people import Claim, Opened, People, Refused, Terms
from wireroom.policy.secret import Passwords

COOKIE, PEER = "cookie of the door", "192.0.2.1"


class KeyWorld(World):
    """People at a place where passkeys count."""

    def __init__(self, pool: Pool, now: datetime) -> None:
        super().__init__(pool, now)
        self.people = People(pool, SEAL, passwords=Passwords(CHEAP), terms=Terms(place=PLACE))
        self.keys = self.people.keys

    async def question(self, purpose: Purpose, holder: str = COOKIE, person: str = "") -> str:
        return await self.keys.question(purpose, holder, PEER, self.now, person=person, name="Pat Vale")

    async def bound(self, device: Device, person: str = "p.vale", name: str = "a key") -> str:
        question = await self.question(Purpose.BIND, "session", person)
        made = await self.keys.bind(person, name, device.made(question), "session", self.now)
        assert isinstance(made, str), made
        return made

    async def unbound(self, device: Device) -> str:
        """Why a passkey was not bound."""
        question = await self.question(Purpose.BIND, "session", "p.vale")
        made = await self.keys.bind("p.vale", "a key", device.made(question), "session", self.now)
        assert isinstance(made, Unproven)
        return made.cause

    def key_claim(self, answer: str, **changes: str) -> Claim:
        facts = {"person": "", "password": "", "code": "", "terminal": "Z001", "peer": PEER, "holder": COOKIE}
        return Claim(answer=answer, **(facts | changes))  # type: ignore[arg-type]

    async def enter(self, device: Device, **changes: str) -> Opened | Refused:
        answer = device.shown(await self.question(Purpose.SIGN_IN))
        return await self.people.sign_in(self.key_claim(answer, **changes), self.now)

    async def entered(self, device: Device, **changes: str) -> Opened:
        opened = await self.enter(device, **changes)
        assert isinstance(opened, Opened), opened
        return opened

    async def turned_away(self, device: Device, **changes: str) -> str:
        """Why a passkey did not open a session; to the outside it is one sentence, whatever the cause."""
        refused = await self.enter(device, **changes)
        assert isinstance(refused, Refused)
        assert refused.reason.startswith("Sign-in refused: this passkey and this terminal")
        return refused.cause

    async def one(self, identifier: str) -> Authenticator:
        return next(one for one in await self.keys.of("p.vale") if one.id == identifier)


@pytest.fixture
async def world(pool: Pool, clock: Callable[[], datetime]) -> KeyWorld:
    world = KeyWorld(pool, clock())
    for agency in AGENCIES:
        await add_agency(pool, agency, world.now)
    for terminal in TERMINALS:
        await add_terminal(pool, terminal, world.now)
    await world.add()
    return world


@pytest.fixture
async def device(world: KeyWorld) -> Device:
    """A device with a passkey of p.vale."""
    device = Device()
    await world.bound(device)
    return device
