"""Commands about what people sign in with: the whole list, and a loss, which is in the journal before it is felt."""

from __future__ import annotations

import json
import re
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.app.card_pki import CardPki
from tests.app.pki import Pki
from tests.app.test_commands import cli, config
from tests.app.test_people_commands import said, staffed
from wireroom.app import SettingsError, cards
from wireroom.app.accounts import place_of
from wireroom.app.assemble import now
from wireroom.app.directories import providers_of
from wireroom.app.settings import Web, explain, read
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


DIRECTORY = """
[[directories]]
name = "Example City"
ori = "CA0990100"
issuer = "https://login.city.example"
client_id = "wireroom"
client_secret_file = "city.secret"
two_factor_amr = ["mfa", "pwd+otp"]
"""


def test_IA_5_n_a_person_is_bound_to_their_agencys_directory_by_an_administrator_on_the_record(
    staffed: Path,
) -> None:
    settings = staffed.read_text().replace("[web]\n", '[web]\npasskey_origin = "https://switch.example"\n')
    staffed.write_text(settings + DIRECTORY)
    right = ("bind", "p.vale", "--directory", "Example City", "--subject", "emp-0042")
    assert "name an administrator" in said(*right, "--by", "p.vale", config=staffed)
    assert "there is: Example City" in said(*right[:3], "Other", *right[4:], config=staffed)
    assert len(keys(staffed)) == 1
    assert "p.vale signs in with Example City from now on" in said(*right, "--by", "a.dean", config=staffed)
    assert "is bound already" in said(*right, config=staffed)
    _, bound = keys(staffed)
    assert (bound["kind"], bound["name"], bound["bound_by"]) == ("directory", "Example City", "a.dean")
    found = json.loads(cli("journal", "find", "--tag", "person:changed", "--json", config=staffed).stdout)
    told = [one["entry"]["detail"] for one in found if one["entry"]["detail"]["act"] == "bind"]
    assert {"act": "bind", "person": "p.vale", "by": "a.dean", "directory": "Example City",
            "subject": "emp-0042"} in told  # fmt: skip


def test_IA_2_12_a_card_is_bound_by_its_certificate_and_only_where_it_would_sign_in(
    staffed: Path, tmp_path: Path
) -> None:
    pki, switch = CardPki(tmp_path / "cards"), Pki(tmp_path / "switch")
    good, wrong = pki.card(), pki.card(policy="")
    right = ("bind", "p.vale", "--card", str(good.file))
    assert "set [cards] in wireroom.toml first" in said(*right, config=staffed)
    text = staffed.read_text().replace("[web]\n", '[web]\npasskey_origin = "https://switch.example"\n')
    lists = ", ".join(f'"{file}"' for file in pki.lists)
    staffed.write_text(
        f'{text}[devices]\ncertificate_file = "{switch.folder}/switch.pem"\nkey_file = "{switch.folder}/switch.key"\n'
        f'[cards]\nport = 8701\nauthorities = ["{pki.authorities}"]\nrevocation_lists = [{lists}]\n'
    )
    assert cards.NO_POLICY in said("bind", "p.vale", "--card", str(wrong.file), config=staffed)
    assert "or else --card" in said(*right, "--subject", "x", config=staffed)
    assert "p.vale signs in with PIV card from now on" in said(*right, "--by", "a.dean", config=staffed)
    assert (keys(staffed)[1]["kind"], keys(staffed)[1]["bound_by"]) == ("card", "a.dean")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[cards]\nport = 8701", "authorities: is empty"),
        ("[cards]\nport = 8701", "revocation_lists: is empty"),
        ("[cards]\nport = 8701", "set certificate_file and key_file under [devices]"),
        ('[cards]\nport = 8701\n[web]\nhost = "0.0.0.0"', "passkey_origin: is missing"),
        ('[cards]\npolicies = ["piv"]', "policies"),
        ("[cards]\npolicies = []\nport = 1", "policies: is empty"),
    ],
)
def test_IA_2_12_a_door_for_cards_that_could_judge_none_does_not_open(text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(told)):
        read(text, Path("wireroom.toml"))


def test_IA_2_a_directory_is_as_its_settings_have_it(tmp_path: Path) -> None:
    loaded = read(DIRECTORY + 'two_factor_acr = ["urn:two"]\n', tmp_path / "wireroom.toml")
    with pytest.raises(SettingsError, match=r"city\.secret cannot be read"):
        providers_of(loaded, now, AsyncExitStack())
    (tmp_path / "city.secret").write_text("a secret\n")
    [one] = providers_of(loaded, now, AsyncExitStack())
    known = one.directory
    assert (known.name, known.ori, known.issuer) == (
        "Example City",
        "CA0990100",
        "https://login.city.example",
    )
    assert (known.client_id, known.secret, known.claim) == ("wireroom", "a secret", "sub")
    assert (known.acr, known.amr) == (("urn:two",), (frozenset({"mfa"}), frozenset({"pwd", "otp"})))
    one.close()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('issuer = "https:', 'issuer = "http:'), "number 1, issuer: must begin with https://"),
        (("login.city.example", "login.city.example/?x=1"), "issuer: must begin with https://"),
        (('"Example City"', '" "'), "number 1, name: is missing"),
        (('ori = "CA0990100"', ""), "ori: is missing"),
        (('client_id = "wireroom"', ""), "client_id: is missing"),
        (('client_secret_file = "city.secret"', ""), "client_secret_file: is missing"),
        (('two_factor_amr = ["mfa", "pwd+otp"]', ""), "say which values prove two factors"),
        (('"pwd+otp"', '"pwd +otp"'), "two_factor_amr"),
        (('"CA0990100"', '"Example"'), "ori"),
        (("[[directories]]", DIRECTORY + "[[directories]]"), "name: Example City stands 2 times"),
        (("[[directories]]", '[web]\nhost = "0.0.0.0"\n[[directories]]'), "passkey_origin: is missing"),
        (("client_id", "client"), "did you mean client_id?"),
    ],
)
def test_IA_2_a_directory_is_refused_that_is_not_told_in_whole(change: tuple[str, str], told: str) -> None:
    loaded = read(DIRECTORY, Path("wireroom.toml"))
    assert ("directories[0].claim", '"sub"', "default") in [row[:3] for row in explain(loaded)]
    with pytest.raises(SettingsError, match=re.escape(told)):
        read(DIRECTORY.replace(*change), Path("wireroom.toml"))


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
