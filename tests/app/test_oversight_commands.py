"""The commands of reviews, incidents and reports to subjects: what they print, and how they end."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from tests.app.test_commands import POLICE, cli, config
from tests.app.test_device_commands import said
from tests.policy.conftest import PASSWORD

__all__ = ["config"]  # a fixture


def test_AU_6_a_review_is_prepared_shown_signed_and_listed(config: Path) -> None:
    said("agency", "add", POLICE, "Example City Police", config=config)
    said(
        "person",
        "add",
        "a.udit",
        "Ann Udit",
        POLICE,
        "--role",
        "auditor",
        "--password",
        PASSWORD,
        config=config,
    )
    made = json.loads(
        said("journal", "review", "prepare", POLICE.lower(), "--by", "a.udit", "--json", config=config)
    )
    number = str(made["number"])
    shown = cli("journal", "review", "show", number, "--json", config=config)
    assert sha256(shown.stdout_bytes).hexdigest() == made["digest"], "the very bytes"
    signed = said(
        "journal", "review", "sign", number, "--by", "a.udit", "--words", "NOTHING TO SEE", config=config
    )
    assert "is signed by a.udit" in signed
    [row] = json.loads(said("journal", "review", "list", "--ori", POLICE, "--json", config=config))
    assert (row["signed_by"], row["digest"]) == ("a.udit", made["digest"])
    assert json.loads(said("journal", "review", "overdue", "--json", config=config)) == [], (
        "an agency of today"
    )


def test_AC_3_14_a_report_is_written_once_for_its_owner(config: Path, tmp_path: Path) -> None:
    out = tmp_path / "jane.txt"
    words = ("journal", "about", "--name", "Testcase, Jane", "--dob", "1990-01-01", "--ssn", "900-12-3456", "--oln",
             "X9999999", "--for", "HERSELF, LICENCE SHOWN", "--out", str(out))  # fmt: skip
    assert "0 inquiries, 0 held back" in said(*words, config=config)
    assert out.stat().st_mode & 0o777 == 0o600
    assert "WHO LOOKED YOU UP" in out.read_text()
    assert "is there already" in str(cli(*words, config=config).exception)
    assert "--dob" in str(
        cli(*words[:4], "--dob", "x", *words[6:10], "--for", "HERSELF", config=config).exception
    )


def test_IR_6_an_incident_goes_its_way_and_what_is_overdue_is_told(config: Path) -> None:
    said("agency", "add", POLICE, "Example City Police", config=config)
    opened = json.loads(
        said("incident", "open", "disclosure", POLICE, "--known", "A PRINTOUT IN THE LOBBY", "--discovered",
             "2026-01-01T08:00:00", "--json", config=config)
    )  # fmt: skip
    number = str(opened["number"])
    late = cli("incident", "list", config=config)
    assert late.exit_code == 1
    assert "OVERDUE since 2026-01-01 09:00 UTC" in late.stdout
    said("incident", "report", number, "--to", "officer", "--words", "X", config=config)
    said("incident", "confirm", number, "--words", "X", config=config)
    said("incident", "report", number, "--to", "cso", "--words", "X", config=config)
    told = said("incident", "assess", number, "--terminal", "Z001", "--since", "2026-01-01", config=config)
    assert "0 records in 0 answers" in told
    assert "to be told: nobody" in told
    assert "is closed" in said("incident", "close", number, "--words", "SHREDDED", config=config)
