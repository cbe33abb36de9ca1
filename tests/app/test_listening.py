"""Controls CM-7, SC-8(1) and SC-17: what listens is what the settings say, and nothing crosses a network unguarded."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.app.pki import Pki
from tests.app.test_commands import config, system
from wireroom.app import AppError, SettingsError
from wireroom.app.engine import Embedded
from wireroom.app.settings import Loaded, Settings, load, read
from wireroom.app.settings_links import Link
from wireroom.app.tls import guard_of, link_context

__all__ = ["config"]  # a fixture
FILE = Path("wireroom.toml")
LISTENS = "0A"


# --------------------------------------------------------------------------- CM-7: what listens


def sockets_of(pid: int) -> set[str]:
    """The sockets that a process has open, by their inodes."""
    found = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(handle)
        except FileNotFoundError:
            continue  # closed meanwhile
        if target.startswith("socket:["):
            found.add(target.removeprefix("socket:[").removesuffix("]"))
    return found


def listening(pid: int) -> set[tuple[str, str, int]]:
    """What a process listens on: protocol, address in hex as the kernel has it, port. Of UDP every bound socket."""
    own, found = sockets_of(pid), set()
    for protocol in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{protocol}").read_text().splitlines()[1:]:
            fields = line.split()
            address, _, port = fields[1].partition(":")
            if fields[9] in own and (fields[3] == LISTENS or protocol.startswith("udp")):
                found.add((protocol, address, int(port, 16)))
    return found


@pytest.mark.anyio
async def test_CM_7_a_whole_switch_listens_where_its_settings_say_and_nowhere_else(
    config: Path, server: Embedded
) -> None:
    before = listening(os.getpid())
    async with system(config) as ready:
        loopback = "0100007F"
        assert load(config).settings.wire.host == load(config).settings.web.host == "127.0.0.1"
        opened = listening(os.getpid()) - before
        assert opened == {("tcp", loopback, ready.wire_port), ("tcp", loopback, ready.web_port)}
    assert listening(os.getpid()) == before
    assert server.pid is not None
    assert listening(server.pid) == set()  # our own database has no network address


# --------------------------------------------------------------------------- SC-8(1): nothing in clear


@pytest.mark.parametrize("section", ["wire", "web"])
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "switch.example"])
def test_SC_8_1_no_door_that_others_reach_opens_in_clear(section: str, host: str) -> None:
    loaded = read(f'[{section}]\nhost = "{host}"', FILE)
    with pytest.raises(AppError, match="set certificate_file"):
        guard_of(loaded, host, f"{section}.host", ())


@pytest.mark.parametrize("host", ["192.0.2.7", "ncic.example", "0.0.0.0", "localhost.example"])
def test_SC_8_1_no_link_over_a_network_goes_in_clear_unless_something_else_guards_it(host: str) -> None:
    link = f'[[links]]\nhost = "{host}"\n'
    with pytest.raises(SettingsError, match=r"NCIC host: .* is on a network; set authority_file"):
        read(link, FILE)
    assert read(link + "guarded_elsewhere = true", FILE).settings.links
    assert read(link + 'authority_file = "a.pem"', FILE).settings.links
    assert read('[[links]]\nhost = "127.0.0.1"', FILE).settings.links


def test_SC_8_1_a_link_that_shows_a_certificate_asks_for_one() -> None:
    with pytest.raises(SettingsError, match="authority_file: is missing"):
        read('[[links]]\ncertificate_file = "c"\nkey_file = "k"', FILE)
    with pytest.raises(SettingsError, match="set both, or neither"):
        read('[[links]]\nauthority_file = "a"\nkey_file = "k"', FILE)


# --------------------------------------------------------------------------- SC-17: by whom certificates are


def shake(client: ssl.SSLContext, server: ssl.SSLContext, name: str = "localhost") -> str:
    """A whole handshake in memory, and a byte each way; the version that was agreed. Raises ssl.SSLError."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    acts: tuple[tuple[Callable[[ssl.SSLObject], object], ...], ...] = (
        (ssl.SSLObject.do_handshake,) * 2,
        (lambda end: end.write(b"x"),) * 2,
        (lambda end: end.read(1),) * 2,  # what a server refuses of a TLS 1.3 client shows here
    )
    for act in acts:
        waiting = list(zip(ends, act, strict=True))
        for _ in range(10):
            waiting = [pair for pair in waiting if not _done(*pair)]
        assert not waiting, "a handshake has few steps"
    return ends[0].version() or ""


def _done(end: ssl.SSLObject, act: Callable[[ssl.SSLObject], object]) -> bool:
    try:
        act(end)
    except ssl.SSLWantReadError:
        return False
    return True


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    return Pki(tmp_path / "pki")


@pytest.mark.parametrize("devices", ["asked", "required"])
def test_SC_17_no_door_takes_a_certificate_of_an_authority_that_nobody_approved(
    pki: Pki, tmp_path: Path, devices: str
) -> None:
    guard = guard_of(pki.loaded(devices), "127.0.0.1", "wire.host", [pki.authority])
    assert guard.context is not None
    assert shake(pki.device().context(pki.trust), guard.context) == "TLSv1.3"
    stranger = Pki(tmp_path / "other")
    with pytest.raises(ssl.SSLError):
        shake(stranger.device().context(pki.trust), guard.context)


def test_SC_17_a_link_takes_its_own_authority_the_right_name_and_nothing_else(
    pki: Pki, tmp_path: Path
) -> None:
    stranger = Pki(tmp_path / "other")
    partner, theirs = (
        guard_of(one.loaded("off"), "127.0.0.1", "wire.host", ()).context for one in (pki, stranger)
    )
    assert partner is not None
    assert theirs is not None
    link = Link(host="ncic.example", authority_file=str(pki.trust))
    loaded = Loaded(settings=Settings(links=(link,)), file=None)
    ours = link_context(loaded, link)
    assert ours is not None
    assert shake(ours, partner) == "TLSv1.3"
    for wrong, name in ((theirs, "localhost"), (partner, "ncic.example")):
        with pytest.raises(ssl.SSLCertVerificationError):
            shake(link_context(loaded, link) or ours, wrong, name)
    assert link_context(loaded, msgspec.structs.replace(link, authority_file="")) is None


def test_SC_17_a_link_shows_its_certificate_where_the_partner_asks_for_one(pki: Pki) -> None:
    partner = guard_of(pki.loaded("required"), "127.0.0.1", "wire.host", [pki.authority]).context
    assert partner is not None
    device = pki.device()
    file = str(device.file)
    shown = Link(authority_file=str(pki.trust), certificate_file=file, key_file=file)
    loaded = Loaded(settings=Settings(links=(shown,)), file=None)
    assert shake(link_context(loaded, shown) or partner, partner) == "TLSv1.3"
    bare = msgspec.structs.replace(shown, certificate_file="", key_file="")
    with pytest.raises(ssl.SSLError):
        shake(link_context(loaded, bare) or partner, partner)
    wrong = msgspec.structs.replace(shown, authority_file=str(pki.folder / "switch.key"))
    with pytest.raises(AppError, match=r"authority_file: .* holds no certificates"):
        link_context(loaded, wrong)
