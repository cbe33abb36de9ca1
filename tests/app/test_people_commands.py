"""Facts of people from the command line: recorded, listed, due; each act stands in the journal first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.app.test_commands import cli, config

__all__ = ["config"]  # a fixture
POLICE, SHERIFF = "CA0990100", "CA0980100"


def said(*words: str, config: Path) -> str:
    """What a command printed, or why it failed."""
    result = cli("person", *words, config=config)
    return result.stdout if result.exit_code == 0 else str(result.exception or result.output)


def add(config: Path, person: str, name: str, role: str, *more: str) -> str:
    secret = ("--password", "correct horse battery")
    return said("add", person, name, POLICE, "--role", role, *secret, *more, config=config)


def whats(config: Path, *more: str) -> list[str]:
    return [one["what"] for one in json.loads(said("due", "--json", *more, config=config))]


@pytest.fixture
def staffed(config: Path) -> Path:
    cli("agency", "add", POLICE, "Example City Police", config=config)
    cli("agency", "add", SHERIFF, "Sample County Sheriff", config=config)
    assert "is added" in add(config, "a.dean", "Ann Dean", "administrator")
    assert "is added" in add(config, "p.vale", "Pat Vale", "operator", "--by", "a.dean")
    return config


def test_somebody_joins_moves_and_leaves(staffed: Path) -> None:
    by = ("--by", "a.dean")
    assert "fingerprint, background of p.vale recorded" in said("clear", "p.vale", *by, config=staffed)
    assert "statement of p.vale" in said("sign", "p.vale", *by, config=staffed)
    assert "training, examination of" in said("train", "p.vale", "--score", "92", *by, config=staffed)
    head = ("--head", "Chief Example", "--until", "2099-12-31")
    assert "authorisation of" in said("authorise", "p.vale", *head, *by, config=staffed)
    assert "review of" in said("review", "p.vale", "--on", "2026-01-02", *by, config=staffed)
    due = json.loads(said("due", "--ori", POLICE, "--json", config=staffed))
    assert {one["person"] for one in due} - {"p.vale"} == {"a.dean"}
    assert "a.dean" in said("due", config=staffed)
    facts = json.loads(said("facts", "p.vale", "--json", config=staffed))
    assert len(facts) == 7
    assert {one["recorded_by"] for one in facts} == {"a.dean"}
    assert "Chief Example" in said("facts", "p.vale", config=staffed)
    assert "may send nothing until" in said("move", "p.vale", SHERIFF, config=staffed)
    assert whats(staffed, "--ori", SHERIFF)[:2] == ["moved", "disable"]
    assert "left" in said("leave", "p.vale", config=staffed)
    assert whats(staffed, "--ori", SHERIFF)[0] == "left"
    found = cli("journal", "find", "--tag", "person:changed", "--json", config=staffed)
    assert len(json.loads(found.stdout)) == 2 + 5 + 2


def test_what_cannot_be_recorded_is_told_with_what_to_do(staffed: Path) -> None:
    for words, told in (
        (("clear", "a.dean", "--by", "a.dean"), "own facts"),
        (("review", "nobody"), "no person nobody"),
        (("review", "p.vale", "--by", "p.vale"), "records no facts"),
        (("train", "p.vale"), "--class"),
        (("train", "p.vale", "--class", "--score", "80"), "--class"),
        (("sign", "p.vale", "--on", "soon"), "is not a day"),
        (("authorise", "p.vale"), "names who gave it"),
        (("move", "p.vale", POLICE), "already"),
        (("move", "p.vale", SHERIFF, "--by", "p.vale"), "minds no accounts"),
        (("leave", "a.dean", "--by", "a.dean"), "own facts"),
    ):
        assert told in said(*words, config=staffed), words
    assert "their own account" in add(staffed, "n.new", "New One", "clerk", "--by", "n.new")
    assert "never administrator and auditor" in add(staffed, "n.new", "Ann Dean", "auditor")


def test_one_thing_alone_and_what_takes_back(staffed: Path) -> None:
    said("clear", "p.vale", "--fingerprint", "--against", config=staffed)
    said("train", "p.vale", "--class", config=staffed)
    said("authorise", "p.vale", "--withdraw", config=staffed)
    facts = json.loads(said("facts", "p.vale", "--json", config=staffed))
    assert [(one["kind"], one["good"]) for one in facts] == [
        ("fingerprint", False), ("training", True), ("authorisation", False),
    ]  # fmt: skip
    assert {one["recorded_by"] for one in facts} == {"console"}
