"""Controls of devices over the real wire: whom the handshake and the register refuse, how soon an end is felt."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from tests.app.pki import SHERIFF, WHOLE, Issued, Pki
from tests.app.test_house_doors import QV, World, world
from tests.policy.conftest import PASSWORD, SECRET
from tests.wire.desk import Raw
from wireroom.app.assemble import now
from wireroom.app.devices import OVER, TURNED_AWAY, Devices, end_fallen
from wireroom.app.doors import Guards, guards_of, open_wire
from wireroom.app.line_door import LOOKED_AT_EVERY, WireDoor
from wireroom.app.settings_devices import Mode
from wireroom.journal.tags import Tag
from wireroom.policy.devices import Posture, Register
from wireroom.policy.directory import enable_terminal
from wireroom.policy.people import Refused
from wireroom.policy.secret import code_at
from wireroom.web import house as doors
from wireroom.wire import NotLinked, SignOnRefused
from wireroom.wire.client import Client, Terms
from wireroom.wire.payload import Kind, Logon, write
from wireroom.wire.server import Server
from wireroom.wire.session import bye

__all__ = ["world"]  # the fixture
pytestmark = pytest.mark.anyio


class Guarded:
    """The wire over TLS, and the pages' house, both of which ask for devices."""

    def __init__(self, world: World, pki: Pki, register: Register, guards: Guards) -> None:
        self.world, self.pki, self.register, self.guards = world, pki, register, guards
        clock = world.stage.clock
        world.house.devices = Devices(register, guards.web.mode, clock)
        self.door = WireDoor(
            switch=world.switch, people=world.people, book=world.book, keys=world.keys, clock=clock
        )
        self.door.devices = Devices(register, guards.wire.mode, clock)
        self.server: Server

    async def known(self, terminal: str = "Z001", posture: Posture = WHOLE) -> Issued:
        return await self.pki.known(self.register, self.pki.device(terminal), posture)

    def client(self, device: Issued, logon: Logon | None = None) -> Client:
        terms = Terms(tls=device.context(self.pki.trust), tls_name="localhost", connect_within_s=5.0)
        return Client("127.0.0.1", self.server.port, logon or self.world.logon(), dice=Random(1), terms=terms)

    async def refusal(self, device: Issued, logon: Logon | None = None) -> str:
        """What a device hears that may not sign on."""
        with pytest.raises(SignOnRefused) as refused:
            async with self.client(device, logon):
                raise AssertionError("it was let in")
        return str(refused.value)

    async def cause(self) -> object:
        """Of the newest entry that refuses a session; the end of an earlier line may be written down after it."""
        refused = [one for one in await self.world.stage.journal() if one.tag == Tag.SESSION_REFUSED]
        return refused[-1].detail["cause"]


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    return Pki(tmp_path / "pki")


@pytest.fixture
async def guarded(world: World, pki: Pki) -> AsyncIterator[Guarded]:
    register = Register(world.pool)
    await register.add_authority(pki.authority, now())
    loaded = pki.loaded()
    async with AsyncExitStack() as stack:
        found = Guarded(world, pki, register, await guards_of(loaded, register, doors=True))
        found.server = await open_wire(loaded, found.door, found.guards.wire, stack)
        yield found


# ------------------------------------------------------------------ the handshake


def plain(pki: Pki) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(pki.trust))


def stranger(pki: Pki) -> ssl.SSLContext:
    return Pki(pki.folder / "stranger").device().context(pki.trust)


def expired(pki: Pki) -> ssl.SSLContext:
    return pki.device(ago=timedelta(days=31), days=30).context(pki.trust)


def for_servers(pki: Pki) -> ssl.SSLContext:
    return pki.for_servers().context(pki.trust)


def old_protocol(pki: Pki) -> ssl.SSLContext:
    context = pki.device().context(pki.trust)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


async def heard(guarded: Guarded, context: ssl.SSLContext) -> int:
    """The kind of the first frame that a stranger hears after signing on. Raises where the line is cut off."""
    raw = await Raw.connect(guarded.server.port, context)
    try:
        raw.say(write(Kind.HELLO, guarded.world.logon()))
        return (await raw.hear()).kind
    finally:
        await raw.close()


async def test_IA_3_a_device_with_a_certificate_on_record_gets_a_line_and_a_person_signs_on(
    guarded: Guarded,
) -> None:
    device = await guarded.known()
    async with guarded.client(device) as client:
        assert (await client.send(QV, key="one")).state == "accepted"
    opened = (await guarded.world.stage.journal())[0]
    assert opened.tag == Tag.SESSION_OPENED
    assert str(opened.detail["peer"]).endswith(f" sha256:{device.fingerprint}")
    assert await guarded.world.stage.value("select device from session") == device.fingerprint


@pytest.mark.parametrize(
    "context", [plain, stranger, expired, for_servers], ids=["missing", "wrong CA", "expired", "wrong EKU"]
)
async def test_IA_5_2_the_handshake_refuses_and_the_switch_hears_nothing(
    guarded: Guarded, context: Callable[[Pki], ssl.SSLContext]
) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
        await heard(guarded, context(guarded.pki))
    assert await guarded.world.stage.journal() == []
    assert guarded.server.stations() == ()


async def test_IA_3_no_certificate_no_line_and_no_older_tls_than_1_2(guarded: Guarded) -> None:
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context = old_protocol(guarded.pki)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await heard(guarded, context)
    assert await guarded.world.stage.journal() == []


async def test_IA_5_2_no_ticket_is_given_with_which_a_line_skips_the_check_of_its_certificate(
    guarded: Guarded,
) -> None:
    """As it would with TLS 1.3, which both ends speak here."""
    context = (await guarded.known()).context(guarded.pki.trust)
    raw = await Raw.connect(guarded.server.port, context)
    raw.say(write(Kind.HELLO, guarded.world.logon()))
    assert (await raw.hear()).kind == Kind.WELCOME
    tls = raw.writer.get_extra_info("ssl_object")
    assert tls.version() == "TLSv1.3"
    assert not tls.session_reused
    assert tls.session is None or not tls.session.has_ticket
    await raw.close()


# ------------------------------------------------------------------ the register


async def test_AC_20_a_device_that_is_not_on_record_is_refused_although_its_authority_is_known(
    guarded: Guarded,
) -> None:
    assert await guarded.refusal(guarded.pki.device()) == TURNED_AWAY
    assert await guarded.cause() == "unknown device"


async def test_IA_5_2_a_revoked_certificate_is_refused_and_so_is_one_of_an_ended_authority(
    guarded: Guarded,
) -> None:
    device, at = await guarded.known(), guarded.world.stage.clock()
    async with guarded.client(device):
        pass
    await guarded.register.revoke("Z001", why="lost", by="console", now=at)
    assert await guarded.refusal(device) == TURNED_AWAY
    assert await guarded.cause() == "revoked device"
    other = await guarded.known()
    await guarded.register.end_authority(
        guarded.pki.authority.fingerprint[:12], why="its key is out", by="console", now=at
    )
    assert await guarded.refusal(other) == TURNED_AWAY
    assert await guarded.cause() == "authority of the device ended"


async def test_IA_3_the_terminal_is_the_certificates_and_what_is_said_is_only_compared(
    guarded: Guarded, caplog: pytest.LogCaptureFixture
) -> None:
    """Threat 6: every mismatch is refused before any factor, written down, and told to the operator."""
    device = await guarded.known("Z001")
    with caplog.at_level(logging.WARNING):
        for said in ("Z004", "Y001", "Z002", "T001", "NONE"):
            assert await guarded.refusal(device, guarded.world.logon(said)) == TURNED_AWAY
            assert await guarded.cause() == "device of terminal Z001"
            assert f"said that it was {said}" in caplog.text
    interface = guarded.world.interface()
    assert await guarded.refusal(device, interface) == TURNED_AWAY
    async with guarded.client(device) as client:  # nothing was counted against the person
        assert client.welcome is not None
        assert client.welcome.terminal == "Z001"


async def test_IA_3_a_certificate_of_another_agency_opens_nothing_although_it_names_the_terminal(
    guarded: Guarded,
) -> None:
    sheriff = Pki(guarded.pki.folder / "sheriff", SHERIFF)
    await guarded.register.add_authority(sheriff.authority, now())
    guarded.guards.wire.trust(await guarded.register.authorities())  # as the running switch does
    forged = sheriff.device("Z001", ori="CA0990100")
    assert await guarded.refusal(forged) == TURNED_AWAY
    assert await guarded.cause() == "unknown device"
    wrongly_kept = await sheriff.known(guarded.register, sheriff.device("Z001"))
    assert await guarded.refusal(wrongly_kept) == TURNED_AWAY
    assert await guarded.cause() == "terminal of the device disabled or of another agency"


@pytest.mark.parametrize("missing", ["encrypted", "managed", "located"])
async def test_AC_19_5_a_mobile_device_without_its_whole_posture_is_refused(
    guarded: Guarded, missing: str
) -> None:
    await enable_terminal(guarded.world.pool, "Z003", True)
    await guarded.world.refresh()
    posture = Posture(**{name: name != missing for name in ("encrypted", "managed", "located")})
    assert not posture.whole
    device = await guarded.known("Z003", posture)
    assert await guarded.refusal(device, guarded.world.logon("Z003")) == TURNED_AWAY
    assert await guarded.cause() == "mobile device without encryption, management or location"
    async with guarded.client(await guarded.known("Z003"), guarded.world.logon("Z003")) as client:
        assert client.linked
    async with guarded.client(await guarded.known("Z001", Posture()), guarded.world.logon()) as fixed:
        assert fixed.linked  # a desk stands in a secure room


# ------------------------------------------------------------------ an end is felt


async def test_AC_2_13_a_lost_device_is_felt_on_an_idle_line_with_a_last_word(guarded: Guarded) -> None:
    device, at = await guarded.known(), guarded.world.stage.clock
    raw = await Raw.connect(guarded.server.port, device.context(guarded.pki.trust))
    raw.say(write(Kind.HELLO, guarded.world.logon()))
    assert (await raw.hear()).kind == Kind.WELCOME
    assert await end_fallen(guarded.register, guarded.door, guarded.server.dismiss, at()) == 0
    await guarded.register.revoke("Z001", why="lost", by="console", now=at())
    assert await end_fallen(guarded.register, guarded.door, guarded.server.dismiss, at()) == 1
    [last] = await raw.hear_all()
    assert (bye(last).code, bye(last).reason) == ("revoked", OVER)
    await raw.close()


@pytest.mark.parametrize("who", ["person", "interface"])
async def test_AC_2_13_the_next_message_after_a_revocation_is_refused_within_two_seconds(
    guarded: Guarded, who: str
) -> None:
    pki = guarded.pki if who == "person" else Pki(guarded.pki.folder / "sheriff", SHERIFF)
    logon = guarded.world.logon() if who == "person" else guarded.world.interface()
    device = await pki.known(guarded.register, pki.device(logon.terminal))
    seat = await guarded.door.logon(logon, f"192.0.2.1:50000 sha256:{device.fingerprint}")
    assert not isinstance(seat, doors.Refusal)
    assert (await guarded.door.send(seat, "one", QV, 1)).state == "accepted"  # type: ignore[arg-type]
    await guarded.register.revoke(logon.terminal, why="lost", by="console", now=guarded.world.stage.clock())
    assert timedelta(seconds=5) > LOOKED_AT_EVERY
    guarded.world.stage.clock.tick(LOOKED_AT_EVERY.total_seconds())
    assert (await guarded.door.send(seat, "two", QV, 2)).state == "refused"  # type: ignore[arg-type]


async def sign_in(guarded: Guarded, device: str, terminal: str = "Z001") -> doors.Session | doors.Refusal:
    guarded.world.stage.clock.tick(30)
    return await guarded.world.house.sign_in(
        person="p.vale", password=PASSWORD, code=code_at(SECRET, guarded.world.stage.clock()),
        terminal=terminal, peer="192.0.2.1", device=device,
    )  # fmt: skip


async def test_AC_2_13_a_page_is_over_with_the_certificate_it_was_opened_with(guarded: Guarded) -> None:
    device, house = (await guarded.known()).fingerprint, guarded.world.house
    session = await sign_in(guarded, device)
    assert isinstance(session, doors.Session)
    assert await house.session(session.token, device=device) is not None
    await guarded.register.revoke("z001", why="stolen", by="console", now=guarded.world.stage.clock())
    assert await house.session(session.token, device=device) is None
    assert isinstance(await sign_in(guarded, device), doors.Refusal)
    assert await guarded.cause() == "revoked device"


async def test_AC_2_13_who_is_stopped_takes_the_device_of_the_session_along(guarded: Guarded) -> None:
    """Threat 1: a stolen terminal that is still logged in."""
    device, at = (await guarded.known()).fingerprint, guarded.world.stage.clock
    session = await sign_in(guarded, device)
    assert isinstance(session, doors.Session)
    assert len(await guarded.register.of("p.vale")) == 1
    [revoked] = await guarded.register.revoke_of("p.vale", why="stopped", by="console", now=at())
    assert (revoked.terminal, revoked.revoked_for) == ("Z001", "stopped")
    assert await guarded.register.of("p.vale") == ()
    assert await guarded.world.house.session(session.token, device=device) is None


async def test_a_token_is_worth_nothing_at_another_device_or_without_one(guarded: Guarded) -> None:
    device, other = (await guarded.known()).fingerprint, (await guarded.known()).fingerprint
    house = guarded.world.house
    session = await sign_in(guarded, device, terminal="")  # the terminal is the certificate's
    assert isinstance(session, doors.Session)
    assert session.seat.terminal == "Z001"
    assert await house.session(session.token, device=other) is None
    assert await house.session(session.token) is None
    guarded.world.stage.clock.tick(31 * 60)
    assert await house.locked(session.token, device=other) is None
    assert await house.locked(session.token, device=device) is not None
    gone = await house.unlock(session.token, password=PASSWORD, code="000000", peer="", device=other)
    assert isinstance(gone, doors.Refusal)
    assert gone.code == "session"


async def test_AC_20_where_devices_are_asked_only_a_mobile_one_needs_a_certificate(
    guarded: Guarded,
) -> None:
    world = guarded.world
    await enable_terminal(world.pool, "Z003", True)
    world.house.devices = Devices(guarded.register, Mode.ASKED, world.stage.clock)
    assert isinstance(await sign_in(guarded, ""), doors.Session)
    assert isinstance(await sign_in(guarded, "", "Z003"), doors.Refusal)
    assert await guarded.cause() == "mobile device without a certificate"
    assert isinstance(await sign_in(guarded, "ab" * 32), doors.Refusal)
    assert await guarded.cause() == "unknown device"
    world.house.devices = Devices(guarded.register, Mode.REQUIRED, world.stage.clock)
    assert isinstance(await sign_in(guarded, ""), doors.Refusal)
    assert await guarded.cause() == "no device certificate"


async def test_one_bad_device_waits_and_shuts_out_nobody_else_behind_its_address(guarded: Guarded) -> None:
    devices = guarded.world.house.devices
    assert devices is not None
    for _ in range(30):
        refused = await devices.admit("cd" * 32, "Z001", "192.0.2.1")
        assert isinstance(refused, Refused)
        assert refused.wait_seconds == 0
    refused = await devices.admit("cd" * 32, "Z001", "192.0.2.1")
    assert isinstance(refused, Refused)
    assert refused.wait_seconds > 0
    device = await guarded.known()
    assert isinstance(await sign_in(guarded, device.fingerprint), doors.Session)
    with pytest.raises(NotLinked):
        async with guarded.client(guarded.pki.device()):
            raise AssertionError("it was let in")


async def test_hundreds_of_sockets_that_never_begin_tls_keep_nobody_out(guarded: Guarded) -> None:
    """Threat 24, before the handshake: they are no strangers yet, and their ten seconds pass by themselves."""
    silent = [await asyncio.open_connection("127.0.0.1", guarded.server.port) for _ in range(300)]
    device = await guarded.known()
    async with guarded.client(device) as client:
        assert (await client.send(QV, key="one")).state == "accepted"
    assert guarded.server.stations() == ()
    for _, writer in silent:
        writer.transport.abort()
