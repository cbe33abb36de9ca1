"""Claims about the commands that an administrator has against a person, and for one; each is in the journal."""

from __future__ import annotations

import json
from pathlib import Path

from tests.app.test_commands import POLICE, cli, config

__all__ = ["config"]  # the fixture
GOOD = "another horse battery"


def state(config: Path) -> dict[str, object]:
    [one] = json.loads(cli("person", "list", "--json", config=config).stdout)
    assert isinstance(one, dict)
    return one


def test_AC_2_4_every_act_on_an_account_or_a_device_is_in_the_journal(config: Path) -> None:
    cli("agency", "add", POLICE, "Example City Police", config=config)
    cli("terminal", "add", "zz01", POLICE, "--device", "dispatch", config=config)
    added = cli(
        "person", "add", "p.vale", "Pat", POLICE, "--emergency", "72", "--password", GOOD, config=config
    )
    assert "an emergency account: it ends by itself at" in added.stdout
    assert "ends 20" in cli("person", "list", config=config).stdout
    weak = cli("person", "password", "p.vale", "--password", "Sheriff2026!", config=config)
    assert "is a word that everybody tries" in str(weak.exception)
    for act, words in (
        (("unlock",), "may sign in again"), (("stop",), "sessions ended: 0"), (("enable",), "may sign in again"),
    ):  # fmt: skip
        assert words in cli("person", *act, "p.vale", config=config).stdout
    assert "otpauth://" in cli("person", "authenticator", "p.vale", config=config).stdout
    assert "new password" in cli("person", "password", "p.vale", "--password", GOOD, config=config).stdout
    cli("person", "suspend", "p.vale", config=config)
    assert (state(config)["role"], state(config)["disabled_for"]) == ("inquiry", "suspended")
    assert "suspended" in cli("person", "list", config=config).stdout
    assert "is vehicle" in cli("terminal", "device", "zz01", "vehicle", config=config).stdout
    assert "vehicle" in cli("terminal", "list", config=config).stdout
    told = [one["entry"] for one in json.loads(cli("journal", "find", "--json", config=config).stdout)]
    acts = [one["detail"]["act"] for one in told if one["tag"] in {"person:changed", "terminal:changed"}]
    assert sorted(acts) == sorted(
        ["add"] * 2 + ["password"] * 2 + ["release", "stop", "enable", "authenticator", "suspend", "device"]
    )  # fmt: skip
    assert GOOD not in json.dumps(told)


def test_AC_2_2_no_emergency_account_is_asked_for_longer(config: Path) -> None:
    refused = cli(
        "person", "add", "p.vale", "Pat", POLICE, "--emergency", "73", "--password", GOOD, config=config
    )
    assert refused.exit_code == 2
