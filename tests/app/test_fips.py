"""Claims about the setting that asks for FIPS: it starts where every module is in that mode, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from wireroom.app import SettingsError
from wireroom.app import keys as keyring
from wireroom.app.fips import Module, modules, refuse_unless_fips
from wireroom.app.settings import load

GOOD = (
    Module(name="the cryptography package", version="OpenSSL 3.1.2", fips=True),
    Module(name="Python", version="OpenSSL 3.1.2", fips=True),
)


def test_SC_13_it_starts_where_every_module_is_in_fips_mode() -> None:
    refuse_unless_fips(lambda: GOOD)


@pytest.mark.parametrize("place", [0, 1])
def test_SC_13_one_module_that_is_not_is_named_with_what_to_do(place: int) -> None:
    bad = list(GOOD)
    bad[place] = Module(name=GOOD[place].name, version="OpenSSL 9", fips=False)
    with pytest.raises(
        SettingsError, match=f"OpenSSL of {GOOD[place].name} .OpenSSL 9. does not run in FIPS"
    ):
        refuse_unless_fips(lambda: tuple(bad))


def test_a_module_that_offers_more_than_it_may_is_refused() -> None:
    bad = Module(name="Python", version="OpenSSL 9", fips=True, beyond=("TLS_CHACHA20_POLY1305_SHA256",))
    with pytest.raises(SettingsError, match="offers TLS_CHACHA20"):
        refuse_unless_fips(lambda: (GOOD[0], bad))


def test_the_modules_of_this_machine_say_what_they_are() -> None:
    found = modules()
    assert [one.name for one in found] == [one.name for one in GOOD]
    assert all(one.version.startswith("OpenSSL") for one in found)
    assert all(one.fips or one.beyond for one in found), "outside FIPS mode more is on offer"


def test_the_setting_is_asked_before_a_key_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "wireroom.toml"
    config.write_text("[security]\nfips = true\n")

    def no() -> None:
        raise SettingsError("no FIPS here")

    monkeypatch.setattr(keyring, "refuse_unless_fips", no)
    with pytest.raises(SettingsError, match="no FIPS here"):
        keyring.keys_of(load(config))
    config.write_text("")
    keyring.keys_of(load(config))
