"""Controls of mobile devices that are measured: refused at the door, ended at the next look, no proof of a person."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.app.test_house_doors import GUESS, World, world
from tests.app.test_incidents import POLICE, SHERIFF
from wireroom.app.devices import TURNED_AWAY, Devices
from wireroom.app.postures import AppPostures
from wireroom.app.settings_devices import Mode
from wireroom.journal.tags import Tag
from wireroom.policy import Unfit, Unknown
from wireroom.policy.devices import Register
from wireroom.policy.directory import Terminal, TerminalKind, add_terminal, enable_terminal
from wireroom.policy.posture import BadClaims, Claim, Management, Postures, Taken
from wireroom.web import house as doors
from wireroom.web.house import Refusal

__all__ = ["world"]
pytestmark = pytest.mark.anyio
CAR, THEIRS, DESK = "c" * 64, "d" * 64, "e" * 64
MDM = "ZM01"


class Measured:
    """A car's device, one of another agency, one at a desk; and a device management that may speak."""

    def __init__(self, world: World) -> None:
        self.world, self.clock = world, world.stage.clock
        self.postures = Postures(world.pool)
        world.house.devices = Devices(Register(world.pool), Mode.REQUIRED, self.clock)
        self.door = AppPostures(world.switch, self.postures, world.book, world.keys, self.clock)

    async def set_up(self) -> None:
        now, world = self.clock(), self.world
        for terminal, ori in ((MDM, POLICE), ("ZM02", POLICE)):
            kind = TerminalKind.INTERFACE
            await add_terminal(world.pool, Terminal(mnemonic=terminal, ori=ori, kind=kind), now)
        await enable_terminal(world.pool, "Z003", True)
        await world.refresh()
        for ori in (POLICE, SHERIFF):
            await world.stage.execute(
                "insert into device_authority values ($1, $1, 's', 'p', true, $2, 'x', $3)",
                ori,
                now,
                now + timedelta(900),
            )
        for print_, terminal, ori in (
            (CAR, "Z003", POLICE),
            (THEIRS, "Y001", SHERIFF),
            (DESK, "Z001", POLICE),
        ):
            await world.stage.execute(
                "insert into device_certificate (fingerprint, serial, authority, terminal, ori, encrypted, managed, "
                "located, issued_at, issued_by, ends_at) values ($1, $2, $4, $3, $4, true, true, true, $5, 'x', $6)",
                print_, print_[:8], terminal, ori, now, now + timedelta(days=400),
            )  # fmt: skip

    def management(self, **changes: object) -> Management:
        facts = {
            "ori": POLICE,
            "terminal": MDM,
            "minutes": 60,
            "patch_days": 30,
            "since": self.clock(),
            "declared_by": "x",
        }
        return Management(**(facts | changes))  # type: ignore[arg-type]

    def claim(self, **changes: object) -> Claim:
        now = self.clock()
        facts = {"device": CAR[:8], "at": now, "encrypted": True, "managed": True, "located": True, "rooted": False,
                 "patched": date(2026, 2, 28)} | changes  # fmt: skip
        return Claim(**facts)  # type: ignore[arg-type]

    async def say(self, *claims: Claim, terminal: str = MDM, secret: str = "") -> Taken | Refusal:
        secret = secret or self.world.keys.interface_secret(terminal)
        return await self.door.take(terminal, secret, "peer", claims)

    async def come(self, device: str = CAR, terminal: str = "z003", **more: str) -> doors.Session | Refusal:
        self.clock.tick(70)  # past what the throttle of refusals asks for
        self.world.house.devices = Devices(Register(self.world.pool), Mode.REQUIRED, self.clock)
        return await self.world.sign_in(device=device, terminal=terminal, **more)

    async def cause(self) -> object:
        entry = (await self.world.stage.journal())[-1]
        assert entry.tag == Tag.SESSION_REFUSED
        return entry.detail["cause"]


@pytest.fixture
async def measured(world: World) -> Measured:
    found = Measured(world)
    await found.set_up()
    return found


async def test_Policy_5_13_a_device_is_let_in_while_a_fresh_whole_measurement_stands(
    measured: Measured,
) -> None:
    house = measured.world.house
    before = await measured.come()
    assert isinstance(before, doors.Session), "nothing is measured until a device management is declared"
    await measured.postures.declare(measured.management())
    assert await house.session(before.token, device=CAR) is None, "open pages end with the next look"
    refused = await measured.come()
    assert isinstance(refused, Refusal)
    assert refused.reason == TURNED_AWAY
    assert "measured" in TURNED_AWAY
    assert await measured.cause() == "posture of the device was never measured"
    assert isinstance(await measured.come(DESK, "z001"), doors.Session), "a desk is not mobile"
    assert await measured.say(measured.claim()) == Taken(taken=1)
    session = await measured.come()
    assert isinstance(session, doors.Session)
    for wrong, cause in (({"rooted": True}, "rooted"), ({"encrypted": False}, "not encrypted"),
                         ({"managed": False}, "not managed"), ({"located": False}, "not located"),
                         ({"patched": date(2026, 1, 30)}, "system not patched")):  # fmt: skip
        measured.clock.tick(1)
        said = await measured.say(measured.claim(**wrong))
        assert isinstance(said, Taken)
        assert said.bad == ((CAR[:8],) if "patched" not in wrong else ())
        assert await house.session(session.token, device=CAR) is None, wrong
        assert isinstance(await measured.come(), Refusal), wrong
        assert await measured.cause() == f"posture of the device: {cause}"
    old = measured.claim(at=measured.clock() - timedelta(hours=2))
    assert await measured.say(old) == Taken(overtaken=1), "the newest counts, whenever it comes"
    await measured.say(measured.claim())
    session = await measured.come()
    assert isinstance(session, doors.Session)
    measured.clock.tick(3600)
    assert await house.session(session.token, device=CAR) is None
    assert isinstance(await measured.come(), Refusal)
    assert await measured.cause() == "posture of the device was measured too long ago"
    await measured.postures.end(POLICE, measured.clock())
    assert isinstance(await measured.come(), doors.Session)


async def test_AC_19_5_only_the_agencys_own_management_measures_and_only_its_own_devices(
    measured: Measured,
) -> None:
    assert isinstance(await measured.say(measured.claim()), Refusal), "none is declared"
    await measured.postures.declare(measured.management())
    assert isinstance(await measured.say(measured.claim(), secret="guess"), Refusal)
    assert isinstance(await measured.say(measured.claim(), terminal="ZM02"), Refusal)
    assert isinstance(await measured.say(measured.claim(), terminal="Y001"), Refusal)
    assert isinstance(await measured.say(measured.claim(), terminal="Z001"), Refusal)
    for wrong in ({"device": THEIRS}, {"device": "ff"}, {"at": measured.clock() + timedelta(minutes=11)}):
        with pytest.raises(BadClaims):
            await measured.say(measured.claim(), measured.claim(**wrong))
    assert await measured.world.stage.value("select count(*) from posture") == 0, "all or nothing"
    told = [entry for entry in await measured.world.stage.journal() if entry.tag == Tag.POSTURE_TAKEN]
    assert len([entry for entry in told if "refused" in entry.detail]) == 3
    for bad, trouble in (({"terminal": "Y001"}, Unfit), ({"terminal": "Z001"}, Unfit), ({"terminal": "NONE"}, Unknown),
                         ({"wipe_url": "http://mdm.example/wipe"}, Unfit)):  # fmt: skip
        with pytest.raises(trouble):
            await measured.postures.declare(measured.management(**bad))


async def test_Policy_5_13_a_whole_measurement_proves_nobody(measured: Measured) -> None:
    await measured.postures.declare(measured.management())
    await measured.say(measured.claim())
    assert isinstance(await measured.come(password=GUESS), Refusal)
    assert "posture" not in str(await measured.cause())
    assert isinstance(await measured.come(code="000000"), Refusal)
    assert isinstance(await measured.come(person="", password="", code=""), Refusal)
    assert isinstance(await measured.come(), doors.Session)
