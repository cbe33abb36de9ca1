"""Rules, emergencies, agreements and one's own from the command line; each act stands in the journal first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.app.test_commands import cli, config
from tests.policy.test_engine import NARROWS
from tests.policy.test_rulesets import WIDER
from wireroom.policy.engine import Policies
from wireroom.policy.ruling import usual

__all__ = ["config"]  # a fixture
POLICE = "CA0990100"


def said(*words: str, config: Path) -> str:
    """What a command printed, or why it failed."""
    result = cli(*words, config=config)
    return result.stdout if result.exit_code == 0 else str(result.exception or result.output)


@pytest.fixture
def staffed(config: Path) -> Path:
    cli("agency", "add", POLICE, "Example City Police", config=config)
    for person, name, role in (
        ("d.one", "Dora One", "doj"), ("d.two", "Dan Two", "doj"), ("a.dean", "Ann Dean", "administrator"),
        ("p.vale", "Pat Vale", "operator"),
    ):  # fmt: skip
        words = ("person", "add", person, name, POLICE, "--role", role, "--password", "correct horse battery")
        assert "is added" in said(*words, config=config)
    return config


def tagged(tag: str, config: Path) -> list[dict[str, object]]:
    return list(json.loads(cli("journal", "find", "--tag", tag, "--json", config=config).stdout))


def test_rules_are_read_changed_shown_and_approved_by_another(staffed: Path, tmp_path: Path) -> None:
    assert usual().digest in said("rules", "list", config=staffed)
    assert "own-record" in said("rules", "show", config=staffed)
    assert len(json.loads(said("rules", "show", "--json", config=staffed))["rules"]) == len(usual().rules)
    mine, digest = tmp_path / "mine.cedar", Policies(WIDER).digest
    mine.write_text(WIDER, "utf-8")
    assert digest in said("rules", "check", str(mine), config=staffed)
    assert json.loads(said("rules", "replay", str(mine), "--json", config=staffed))["decisions"] == 0
    put = ("rules", "propose", str(mine), "--why", "They validate, too.")
    assert "changes no rules" in said(*put, "--by", "p.vale", config=staffed)
    assert "is put forward" in said(*put, "--by", "d.one", config=staffed)
    approve = ("rules", "approve", digest, "--by")
    assert "Nothing is in force yet" in said(*approve, "d.two", config=staffed)
    assert "somebody else approves" in said(*approve, "d.one", "--seen", config=staffed)
    assert "is approved" in said(*approve, "d.two", "--seen", config=staffed)
    assert json.loads(said("rules", "list", "--json", config=staffed))["in_force"] == digest
    assert said("rules", "show", "--text", config=staffed) == WIDER
    assert len(tagged("rules:changed", staffed)) == 4, "those too that were refused"


def test_an_agencys_own_rules(staffed: Path, tmp_path: Path) -> None:
    own, bad = tmp_path / "own.cedar", tmp_path / "bad.cedar"
    own.write_text(NARROWS, "utf-8")
    bad.write_text('@id("more") permit(principal, action, resource);', "utf-8")
    assert "may only forbid" in said("rules", "check", str(bad), "--agency", POLICE, config=staffed)
    assert "may be put forward" in said("rules", "check", str(own), "--agency", POLICE, config=staffed)
    bad.write_bytes(b"\xff")
    assert "UTF-8" in said("rules", "check", str(bad), config=staffed)


def test_what_is_ones_own_is_recorded_as_marks_and_ended(staffed: Path) -> None:
    words = (
        "person",
        "own",
        "p.vale",
        "--name",
        "VALE, PAT",
        "--born",
        "19850412",
        "--number",
        "OLN/D9901234",
    )
    assert "--kind" in said(*words, config=staffed)
    assert "2 recorded" in said(*words, "--kind", "self", "--by", "a.dean", config=staffed)
    assert "names nobody" in said(
        "person", "own", "p.vale", "--kind", "self", "--number", "MIS/X", config=staffed
    )
    assert "date of birth" in said(
        "person", "own", "p.vale", "--kind", "self", "--name", "VALE, PAT", config=staffed
    )
    found = json.loads(said("person", "own", "p.vale", "--json", config=staffed))
    assert [one["kind"] for one in found] == ["self", "self"]
    assert "self" in said("person", "own", "p.vale", config=staffed)
    assert "2 ended" in said(*words, "--end", config=staffed)
    written = json.dumps(tagged("person:changed", staffed))
    assert "VALE, PAT" not in written
    assert "D9901234" not in written


def test_agreements_and_emergencies(staffed: Path) -> None:
    agree = ("agency", "agree", POLICE)
    assert "no file boots" in said(*agree, "--files", "boots", config=staffed)
    assert "boat, vehicle until 2027-12-31" in said(
        *agree, "--files", "vehicle,boat", "--until", "2027-12-31", config=staffed
    )
    assert "boat, vehicle" in said("agency", "list", config=staffed)
    assert "has ended" in said(*agree, "--end", config=staffed)
    assert "no agency" in said("agency", "agree", "CA0980100", config=staffed)
    assert "not a day" in said(*agree, "--until", "soon", config=staffed)
    assert json.loads(said("emergency", "list", "--json", config=staffed)) == []
    assert "no emergency 7" in said(
        "emergency", "explain", "7", "--by", "a.dean", "--words", "It was one.", config=staffed
    )
    assert len(tagged("emergency:explained", staffed)) == 1
