"""Courts are approved, withdrawn and listed from the command line; each act stands in the journal first."""

from __future__ import annotations

import json
from pathlib import Path

from tests.app.test_commands import cli, config

__all__ = ["config"]  # a fixture
COURT = "CA099023J"


def said(*words: str, config: Path) -> str:
    """What a command printed, or why it failed."""
    result = cli("court", *words, config=config)
    return result.stdout if result.exit_code == 0 else str(result.exception)


def listed(config: Path, *more: str) -> list[tuple[str, str, str]]:
    rows = json.loads(said("list", "--json", *more, config=config))
    return [(row["ori"], row["way"], row["withdrawn_by"]) for row in rows]


def test_a_court_is_approved_for_a_way_until_that_is_withdrawn(config: Path) -> None:
    cli("agency", "add", COURT, "Invented Court", config=config)
    person = (
        "person",
        "add",
        "dora.doj",
        "Dora Doj",
        COURT,
        "--role",
        "doj",
        "--password",
        "correct horse battery",
    )
    assert cli(*person, config=config).exit_code == 0
    assert "is approved to enter orders by niem" in said("approve", COURT.lower(), "niem", config=config)
    assert "is approved" in said(
        "approve", COURT, "json", "--until", "2099-12-31", "--by", "dora.doj", config=config
    )
    assert listed(config) == [(COURT, "json", ""), (COURT, "niem", "")]
    assert "dora.doj" in said("list", config=config)
    assert "may enter no more orders by niem" in said("withdraw", COURT, "niem", config=config)
    assert listed(config) == [(COURT, "json", "")]
    assert listed(config, "--all") == [(COURT, "json", ""), (COURT, "niem", "console")]
    journal = json.loads(cli("journal", "find", "--tag", "approval:changed", "--json", config=config).stdout)
    assert len(journal) == 3


def test_what_cannot_be_approved_is_told_with_what_to_do(config: Path) -> None:
    cli("agency", "add", COURT, "Invented Court", config=config)
    assert "add it first" in said("approve", "CA099024J", "niem", config=config)
    assert "name an account of the role" in said("approve", COURT, "niem", "--by", "nobody", config=config)
    assert "name an account of the role" in said("withdraw", COURT, "niem", "--by", "nobody", config=config)
    assert "is not a day" in said("approve", COURT, "niem", "--until", "soon", config=config)
    assert "ends after it begins" in said("approve", COURT, "niem", "--until", "2020-01-01", config=config)
    assert "is not approved for niem" in said("withdraw", COURT, "niem", config=config)
    assert cli("court", "approve", COURT, "pigeon", config=config).exit_code == 2
