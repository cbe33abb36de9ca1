"""Claims about how doors are guarded: what is asked where, and words where a guard cannot be made."""

from __future__ import annotations

import ssl
from pathlib import Path

import msgspec
import pytest

from tests.app.pki import Pki
from wireroom.app import AppError, SettingsError
from wireroom.app.settings import Loaded, read
from wireroom.app.settings_devices import Devices, Mode, mode_of
from wireroom.app.tls import calling, guard_of

FILE = Path("wireroom.toml")


@pytest.mark.parametrize(
    ("host", "demo", "mode"),
    [
        ("127.0.0.1", False, Mode.OFF), ("127.9.9.9", False, Mode.OFF), ("::1", False, Mode.OFF),
        ("localhost", False, Mode.OFF), ("0.0.0.0", False, Mode.REQUIRED), ("::", False, Mode.REQUIRED),
        ("192.0.2.7", False, Mode.REQUIRED), ("switch.example", False, Mode.REQUIRED), ("", False, Mode.REQUIRED),
        ("localhost.example", False, Mode.REQUIRED), ("0.0.0.0", True, Mode.OFF),
    ],
)  # fmt: skip
def test_IA_3_a_door_that_others_reach_asks_for_devices_unless_a_setting_says_otherwise(
    host: str, demo: bool, mode: Mode
) -> None:
    assert mode_of(Devices(), host, demo=demo) is mode
    for named in ("off", "asked", "required"):
        assert mode_of(Devices(devices=named), host, demo=demo) == named


def test_IA_3_a_door_on_a_network_without_a_certificate_does_not_open_and_says_what_to_do() -> None:
    loaded = read('[wire]\nhost = "0.0.0.0"', FILE)
    with pytest.raises(AppError, match=r"wire\.host is 0\.0\.0\.0.*set certificate_file.*\[devices\]"):
        guard_of(loaded, loaded.settings.wire.host, "wire.host", ())
    off = read('[wire]\nhost = "0.0.0.0"\n[devices]\ndevices = "off"', FILE)
    assert guard_of(off, off.settings.wire.host, "wire.host", ()).context is None
    here = read("", FILE)
    assert guard_of(here, here.settings.wire.host, "wire.host", ()).context is None


def test_contradictions_are_told_where_they_stand() -> None:
    with pytest.raises(SettingsError, match="certificate_file and key_file: set both"):
        read('[devices]\nkey_file = "k"', FILE)
    with pytest.raises(SettingsError, match="a line in clear carries no certificate"):
        read('[devices]\ndevices = "asked"', FILE)
    with pytest.raises(SettingsError, match="days"):
        read("[devices]\ndays = 399", FILE)


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    return Pki(tmp_path / "pki")


@pytest.mark.parametrize(
    ("devices", "verifies"),
    [("off", ssl.CERT_NONE), ("asked", ssl.CERT_OPTIONAL), ("required", ssl.CERT_REQUIRED)],
)
def test_IA_3_the_handshake_asks_as_the_setting_says(pki: Pki, devices: str, verifies: int) -> None:
    guard = guard_of(pki.loaded(devices), "127.0.0.1", "wire.host", [pki.authority])
    assert guard.context is not None
    assert guard.context.verify_mode == verifies
    assert guard.context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert guard.context.num_tickets == 0
    assert len(guard.context.get_ca_certs()) == (devices != "off")


def test_IA_5_2_an_authority_is_learned_once_and_an_ended_one_never(pki: Pki) -> None:
    guard = guard_of(pki.loaded(), "127.0.0.1", "wire.host", ())
    assert guard.context is not None
    guard.trust([msgspec.structs.replace(pki.authority, ended_at=pki.authority.ends_at)])
    assert guard.context.get_ca_certs() == []
    guard.trust([pki.authority])
    guard.trust([pki.authority])
    assert len(guard.context.get_ca_certs()) == 1


def test_files_that_cannot_be_used_are_named(pki: Pki, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate")
    with pytest.raises(AppError, match=r"authorities: .*bad\.pem holds no certificates"):
        guard_of(pki.loaded(authorities=[bad]), "127.0.0.1", "wire.host", ())
    with pytest.raises(AppError, match=r"none\.pem cannot be read"):
        guard_of(pki.loaded(authorities=[tmp_path / "none.pem"]), "127.0.0.1", "wire.host", ())
    settings = pki.loaded().settings
    for change in ({"certificate_file": str(bad)}, {"key_file": str(tmp_path / "none.key")}):
        wrong = msgspec.structs.replace(settings.devices, **change)
        loaded = Loaded(settings=msgspec.structs.replace(settings, devices=wrong), file=None)
        with pytest.raises(AppError, match="without a passphrase"):
            guard_of(loaded, "127.0.0.1", "wire.host", ())
    wrong = msgspec.structs.replace(settings.devices, console_file=str(bad))
    with pytest.raises(AppError, match="console_file"):
        calling(Loaded(settings=msgspec.structs.replace(settings, devices=wrong), file=None))
    assert calling(read("", FILE)) is None


def test_further_authorities_are_those_of_the_files(pki: Pki, tmp_path: Path) -> None:
    more = tmp_path / "more.pem"
    more.write_text(Pki(tmp_path / "other").authority.pem)
    guard = guard_of(pki.loaded(authorities=[more]), "127.0.0.1", "wire.host", [pki.authority])
    assert guard.context is not None
    assert len(guard.context.get_ca_certs()) == 2
