"""Commands about what people sign in with: the whole list, and a loss, which is in the journal before it is felt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.app.test_commands import cli, config
from tests.app.test_people_commands import said, staffed
from wireroom.app import SettingsError
from wireroom.app.accounts import place_of
from wireroom.app.settings import Web, read
from wireroom.policy.passkeys import Place

__all__ = ["config", "staffed"]  # fixtures


def keys(config: Path, person: str = "p.vale") -> list[dict[str, object]]:
    return list(json.loads(said("keys", person, "--json", config=config)))


def test_IA_5_n_every_authenticator_is_listed_with_who_bound_and_who_ended_it(staffed: Path) -> None:
    [first] = keys(staffed)
    assert (first["kind"], first["bound_by"], first["ended_at"]) == ("code", "a.dean", None)
    said("authenticator", "p.vale", config=staffed)
    former, newer = keys(staffed)
    assert (former["id"], former["ended_for"], former["ended_by"]) == (first["id"], "replaced", "console")
    assert newer["ended_at"] is None
    table = said("keys", "p.vale", config=staffed)
    assert "by console: replaced" in table
    assert str(newer["id"]) in table


def test_IA_5_l_a_loss_is_reported_by_an_administrator_and_written_down(staffed: Path) -> None:
    [code] = keys(staffed)
    for by in ("p.vale", "nobody"):
        assert "name an administrator" in said("lost", "p.vale", "--by", by, config=staffed)
    assert "no authenticator x" in said("lost", "p.vale", "--key", "x", config=staffed)
    assert "no person n.obody" in said("lost", "n.obody", config=staffed)
    assert keys(staffed) == [code]
    one = ("--key", str(code["id"]))
    assert "authenticators ended: 1; sessions ended: 0" in said(
        "lost", "p.vale", "--by", "a.dean", *one, config=staffed
    )
    [ended] = keys(staffed)
    assert (ended["ended_for"], ended["ended_by"]) == ("lost", "a.dean")
    found = json.loads(cli("journal", "find", "--tag", "person:changed", "--json", config=staffed).stdout)
    told = [one["entry"]["detail"] for one in found if one["entry"]["detail"]["act"] == "lost"]
    assert {"act": "lost", "person": "p.vale", "by": "a.dean", "authenticators": [code["id"]]} in told
    assert "authenticators ended: 1" in said("lost", "a.dean", config=staffed)  # all, where none is named


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('passkey_origin = "http://switch.example"', "write https://"),
        ('passkey_origin = "https://switch.example/"', "with no path"),
        ('passkey_origin = "https://Switch.example"', "in small letters"),
        ('passkey_origin = "https://192.0.2.1"', "name of the pages' machine"),
        ('passkey_origin = "https://[::1]"', "name of the pages' machine"),
        ('passkey_origin = "https://[:"', "write https://"),
        ('passkey_origin = "https://me@switch.example"', "write https://"),
        ('passkey_domain = "switch.example"', "without passkey_origin"),
        ('passkey_origin = "https://switch.example"\npasskey_domain = "witch.example"', "does not belong to"),
    ],
)
def test_an_address_at_which_no_browser_gives_a_passkey_is_refused(settings: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        read(f"[web]\n{settings}\n", Path("wireroom.toml"))


@pytest.mark.parametrize(
    ("web", "place"),
    [
        (Web(), Place(origin="http://localhost:8700", domain="localhost")),
        (Web(port=0), None),
        (Web(host="0.0.0.0"), None),
        (Web(host="0.0.0.0", passkey_origin="https://desk.switch.example"),
         Place(origin="https://desk.switch.example", domain="desk.switch.example")),
        (Web(passkey_origin="https://desk.switch.example:8443", passkey_domain="switch.example", passkeys_copied=True),
         Place(origin="https://desk.switch.example:8443", domain="switch.example", copied=True)),
    ],
)  # fmt: skip
def test_passkeys_count_at_one_address_which_is_this_machine_unless_another_is_named(
    web: Web, place: Place | None
) -> None:
    assert place_of(web) == place
