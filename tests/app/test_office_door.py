"""Administration's own door: who comes in, for how long, how each session ends, and the listener over real TLS."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.app.offices import NEED, account, office
from tests.app.pki import Issued, Pki
from tests.app.test_device_pages import Pages
from tests.app.test_house_doors import World, world
from tests.policy.conftest import PASSWORD, SECRET
from wireroom.app import AppError, authority
from wireroom.app.assemble import now
from wireroom.app.doors import administration
from wireroom.app.office import OfficeDoor
from wireroom.app.populate import make_fit
from wireroom.app.settings import Loaded, Settings
from wireroom.app.settings_administration import Administration, administration_contradictions, place_of
from wireroom.app.settings_devices import Devices
from wireroom.app.tls import office_guard
from wireroom.journal.tags import Tag
from wireroom.policy.devices import Register
from wireroom.policy.secret import code_at
from wireroom.web import house as doors

__all__ = ["world"]  # the fixture
pytestmark = pytest.mark.anyio
CERTIFICATE = "ab" * 32


@pytest.fixture
async def door(world: World) -> OfficeDoor:
    """With an administrator, who is fit."""
    await account(world, "a.dean", "Ann Dean", "administrator")
    await make_fit(world.pool, world.stage.clock())
    return world.house.office_door(office(world))


async def enters(world: World, door: OfficeDoor, **changes: str) -> doors.Session | doors.Refusal:
    world.stage.clock.tick(30)
    facts = {
        "person": "a.dean", "password": PASSWORD, "code": code_at(SECRET, world.stage.clock()), "terminal": "z001",
        "peer": "192.0.2.9", "device": CERTIFICATE,
    }  # fmt: skip
    return await door.sign_in(**(facts | changes))


async def entered(world: World, door: OfficeDoor, **changes: str) -> doors.Session:
    found = await enters(world, door, **changes)
    assert isinstance(found, doors.Session), found
    return found


# --------------------------------------------------------------------------- sessions


async def test_MA_4_a_session_of_administration_is_recorded_from_its_start_to_its_end(
    world: World, door: OfficeDoor
) -> None:
    assert isinstance(await enters(world, door, password="a guess"), doors.Refusal)
    session = await entered(world, door)
    await door.sign_out(session.token)
    assert await door.session(session.token, device=CERTIFICATE) is None
    refused, opened, closed = await world.stage.journal()
    assert [one.tag for one in (refused, opened, closed)] == [
        Tag.SESSION_REFUSED, Tag.SESSION_OPENED, Tag.SESSION_CLOSED
    ]  # fmt: skip
    assert {one.detail["door"] for one in (refused, opened, closed)} == {"administration"}
    assert opened.detail["device"] == CERTIFICATE
    assert closed.detail["why"] == "signed out"


@pytest.mark.parametrize(("idle", "why"), [(True, "idle"), (False, "over")])
async def test_MA_4_it_ends_by_itself_idle_or_busy_and_that_is_an_entry(
    world: World, door: OfficeDoor, idle: bool, why: str
) -> None:
    await world.stage.rows(
        "UPDATE terminal SET device = 'dispatch' RETURNING mnemonic"
    )  # exempt elsewhere, not here
    session = await entered(world, door)
    for _ in range(0 if idle else 7):
        world.stage.clock.tick(8 * 60)
        assert await door.session(session.token, device=CERTIFICATE) is not None
        await door.end_over()
    world.stage.clock.tick(10 * 60 if idle else 4 * 60)
    assert await door.session(session.token, device=CERTIFICATE) is None
    await door.end_over()
    await door.end_over()
    assert [(one.tag, one.detail.get("why")) for one in (await world.stage.journal())[1:]] == [
        (Tag.SESSION_CLOSED, why)
    ]
    assert await world.house.locked(session.token, device=CERTIFICATE) is None, "it is over, and not locked"


async def test_SC_2_the_session_of_one_door_is_worth_nothing_at_the_other(
    world: World, door: OfficeDoor
) -> None:
    here = await entered(world, door)
    there = await world.sign_in()
    assert isinstance(there, doors.Session)
    assert await world.house.session(here.token, device=CERTIFICATE) is None
    assert await world.house.session(here.token) is None
    assert await door.session(there.token, device=CERTIFICATE) is None
    assert await door.session(there.token) is None
    keys = await world.house.keyring.own(here.token)
    assert isinstance(keys, doors.Refusal), "nor does it show or bind authenticators"
    assert isinstance(
        await world.house.confirm(here.token, password=PASSWORD, code="", peer="p"), doors.Refusal
    )


async def test_AC_17_without_an_administrators_certificate_nobody_comes_in_and_another_one_finds_no_session(
    world: World, door: OfficeDoor
) -> None:
    refused = await enters(world, door, device="")
    assert isinstance(refused, doors.Refusal)
    [entry] = await world.stage.journal()
    assert entry.detail["cause"] == "no certificate at the door of administration"
    session = await entered(world, door)
    assert await door.session(session.token, device="cd" * 32) is None
    assert await door.session(session.token) is None
    assert await door.session(session.token, device=CERTIFICATE) is not None


async def test_IA_11_both_factors_again_make_a_new_session_of_the_same_door_and_end_the_old_one(
    world: World, door: OfficeDoor
) -> None:
    session = await entered(world, door)
    world.stage.clock.tick(9 * 60)
    wrong = await door.confirm(session.token, password=PASSWORD, code="000000", peer="p")
    assert isinstance(wrong, doors.Refusal)
    assert await door.session(session.token, device=CERTIFICATE) is not None
    code = code_at(SECRET, world.stage.clock())
    newer = await door.confirm(session.token, password=PASSWORD, code=code, peer="p")
    assert isinstance(newer, doors.Session)
    assert newer.proven > session.proven
    assert await door.session(session.token, device=CERTIFICATE) is None
    held = await door.session(newer.token, device=CERTIFICATE)
    assert held is not None
    assert held.proven == newer.proven


# --------------------------------------------------------------------------- the listener


class Administrators:
    """An authority of its own for administrators' certificates, and the listener's settings."""

    def __init__(self, pki: Pki, folder: Path) -> None:
        self.pki, self.own = pki, Pki(folder)
        self.file = folder / "administrators.pem"
        self.file.write_text(self.own.authority.pem)
        self.ann = self.own.device("Z001")

    def loaded(self, **changes: Any) -> Loaded:  # Any: a test may say anything
        section = Administration(
            door="apart", port=0, certificate_file=str(self.pki.folder / "switch.pem"),
            key_file=str(self.pki.folder / "switch.key"), authorities_file=str(self.file),
        )  # fmt: skip
        settings = self.pki.loaded().settings
        changed = msgspec.structs.replace(
            settings, administration=msgspec.structs.replace(section, **changes)
        )
        return Loaded(settings=changed, file=None)


@pytest.fixture
def administrators(tmp_path: Path) -> Administrators:
    return Administrators(Pki(tmp_path / "pki"), tmp_path / "administrators")


@pytest.fixture
async def open_door(world: World, door: OfficeDoor, administrators: Administrators) -> AsyncIterator[Pages]:
    """Both listeners, each with its own authority; `pages.port` is administration's."""
    pages = Pages(world, administrators.pki)
    await pages.register.add_authority(administrators.pki.authority, now())
    async with AsyncExitStack() as stack:
        loaded = administrators.loaded()
        port, made = await administration(loaded, world.house, door.office, pages.register, stack)
        assert made is not None
        await pages.open(stack, loaded)
        assert world.house.office is None
        pages.ordinary, pages.port = pages.port, port  # type: ignore[attr-defined]
        yield pages


async def says(pages: Pages, device: Issued, token: str, way: str, body: object = None) -> tuple[int, Any]:
    """Any: JSON."""
    told = json.dumps(body).encode() if body is not None else b""
    headers = f"Content-Type: application/json\r\nAuthorization: Bearer {token}\r\n"
    headers += f"Need: {NEED}\r\n"
    status, answer = await pages.ask(device.context(pages.pki.trust), way, told, headers=headers)
    return status, json.loads(answer) if answer.strip() else None


async def test_SC_2_administration_is_a_listener_of_its_own_with_another_authority_and_other_ways(
    world: World, open_door: Pages, administrators: Administrators
) -> None:
    pages, ann = open_door, administrators.ann
    desk = await pages.known("Z001")
    bare = ssl.create_default_context(cafile=str(pages.pki.trust))
    for stranger in (bare, desk.context(pages.pki.trust)):
        with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
            await pages.ask(stranger, "GET /health")
    assert (await says(pages, ann, "", "GET /health"))[0] == 200
    world.stage.clock.tick(30)
    asked = {"person": "a.dean", "password": PASSWORD, "code": code_at(SECRET, world.stage.clock()), "terminal": "Z001",
             "acknowledged": True}  # fmt: skip
    status, session = await says(pages, ann, "", "POST /api/v1/sessions", asked)
    assert status == 201
    token = session["token"]
    status, found = await says(pages, ann, token, "GET /api/v1/terminals")
    assert (status, {one["ori"] for one in found["terminals"]}) == (200, {"CA0990100"})
    stop = {"person": "p.vale", "act": "suspend"}
    assert (await says(pages, ann, token, "POST /api/v1/accounts", stop))[0] == 200
    assert (await world.stage.journal())[-1].detail["need"] == NEED
    world.stage.clock.tick(15 * 60)
    assert (await says(pages, ann, token, "POST /api/v1/accounts", stop))[0] == 401, (
        "idle for longer than ten minutes"
    )
    for way in ("POST /api/v1/transactions", "GET /api/v1/deliveries", "GET /desk", "GET /sign-in"):
        reader_status, _ = await pages.ask(ann.context(pages.pki.trust), way)
        assert reader_status == 404
    own, pages.port = pages.port, pages.ordinary  # type: ignore[attr-defined]
    with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
        await pages.ask(ann.context(pages.pki.trust), "GET /sign-in")  # and the other way round
    assert (await pages.ask(desk.context(pages.pki.trust), "GET /api/v1/terminals"))[0] == 404
    assert own != pages.port


def test_SC_2_an_authority_of_devices_opens_no_administration_and_a_revoked_certificate_neither(
    administrators: Administrators, tmp_path: Path
) -> None:
    loaded = administrators.loaded()
    with pytest.raises(AppError, match="authority of devices"):
        office_guard(loaded, [administrators.own.authority])
    assert office_guard(loaded, [administrators.pki.authority]).context is not None
    with pytest.raises(AppError, match="revoked_file"):
        office_guard(administrators.loaded(revoked_file=str(administrators.file)), [])
    lost = msgspec.structs.replace(
        administrators.own.kept(administrators.ann), revoked_at=now(), revoked_for="lost"
    )
    crl = tmp_path / "revoked.pem"
    crl.write_bytes(
        authority.revocation_list(administrators.own.authority, [lost], administrators.own.folder, now())
    )
    guard = office_guard(administrators.loaded(revoked_file=str(crl)), [])
    assert guard.context is not None
    ends = {}
    for name, issued in (("lost", administrators.ann), ("other", administrators.own.device("Z001"))):
        ends[name] = handshake(guard.context, issued.context(administrators.pki.trust))
    assert ends == {"lost": False, "other": True}


def handshake(server: ssl.SSLContext, client: ssl.SSLContext) -> bool:
    """Whether a server lets a client in, in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [server.wrap_bio(to_server, to_client, server_side=True),
             client.wrap_bio(to_client, to_server, server_hostname="localhost")]  # fmt: skip
    done = [False, False]
    try:
        for _ in range(6):
            for place in (1, 0):
                if not done[place]:
                    try:
                        sides[place].do_handshake()
                        done[place] = True
                    except ssl.SSLWantReadError:
                        continue
    except ssl.SSLError:
        return False
    return all(done)


@pytest.mark.parametrize(
    ("door_said", "host", "demo", "where"),
    [("auto", "127.0.0.1", False, "beside"), ("auto", "localhost", False, "beside"),
     ("auto", "0.0.0.0", False, "none"),
     ("auto", "192.0.2.1", True, "beside"), ("apart", "127.0.0.1", False, "apart"),
     ("beside", "0.0.0.0", False, "beside"),
     ("none", "127.0.0.1", True, "none")],
)  # fmt: skip
def test_SC_2_on_an_address_that_others_reach_administration_is_nowhere_by_itself(
    door_said: Any, host: str, demo: bool, where: str
) -> None:
    assert place_of(Administration(door=door_said), host, demo=demo) == where


async def test_SC_2_where_it_is_nowhere_that_is_said_with_what_to_set(
    world: World, door: OfficeDoor, caplog: pytest.LogCaptureFixture
) -> None:
    plain = Settings()
    for host, said, beside in (
        ("0.0.0.0", "auto", False),
        ("0.0.0.0", "beside", True),
        ("127.0.0.1", "auto", True),
    ):
        world.house.office = None
        settings = msgspec.structs.replace(
            plain,
            web=msgspec.structs.replace(plain.web, host=host),
            administration=Administration(door=said),  # type: ignore[arg-type]
        )
        caplog.clear()
        async with AsyncExitStack() as stack:
            port, own = await administration(
                Loaded(settings=settings, file=None), world.house, door.office, Register(world.pool), stack
            )
        assert (port, own, world.house.office is not None) == (0, None, beside)
        assert bool(caplog.records) is (host == "0.0.0.0"), host
    assert "apart" not in caplog.text


def test_AC_17_a_door_of_its_own_without_tls_or_an_authority_of_its_own_is_refused_with_what_to_set() -> None:
    def wrong(one: Administration, devices: Devices = Devices()) -> str:  # noqa: B008 - frozen
        return "; ".join(administration_contradictions(one, devices))

    assert "authorities_file" in wrong(Administration(door="apart"))
    assert "certificate_file" in wrong(Administration(door="apart", authorities_file="a.pem"))
    both = Devices(certificate_file="c", key_file="k", authorities=("a.pem",))
    assert "another authority" in wrong(Administration(door="apart", authorities_file="a.pem"), both)
    assert not wrong(Administration(door="apart", authorities_file="b.pem"), both)
    assert "both" in wrong(Administration(certificate_file="c"))
    assert not wrong(Administration())
