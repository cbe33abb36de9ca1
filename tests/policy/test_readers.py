"""Claims about what is told to law enforcement alone: whoever else asks is refused, in words that tell nothing."""

from __future__ import annotations

import pytest

from tests.policy.test_ruling import CATALOGUE, arrival
from wireroom.message.envelope import Message
from wireroom.policy.ruling import Role, Rulebook

rule = Rulebook().rule

POLICE, COURT = "CA0990100", "CA099023J"
READERS = {"operator", "supervisor", "inquiry", "clerk", "doj"}
LATER = ("QOC", "MOC", "XOC")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("ori", [POLICE, COURT])
def test_law_enforcement_asks_and_courts_facilities_auditors_and_administrators_do_not(
    role: Role, ori: str
) -> None:
    ruling = rule(Message("QOC"), CATALOGUE.forms["QOC"], arrival(role, "C", ori=ori))
    assert ruling.allowed is (role in READERS and ori == POLICE)
    if not ruling.allowed:
        assert ruling.rule in {"role-may", "file-reader"}
        assert "confidential" not in ruling.reason.lower(), "neutral: it tells nothing of what there is"


@pytest.mark.parametrize("key", LATER)
def test_who_may_not_read_it_may_not_change_it_either(key: str) -> None:
    ruling = rule(Message(key), CATALOGUE.forms[key], arrival("clerk", "C", ori=COURT))
    assert (ruling.allowed, ruling.rule) == (False, "file-reader")


@pytest.mark.parametrize("key", ["QPO", "QVC", "WL", "VFY"])
def test_other_files_and_the_keys_of_all_files_are_as_they_were(key: str) -> None:
    assert rule(Message(key), CATALOGUE.forms[key], arrival("clerk", "C", ori=COURT)).rule != "file-reader"


def test_a_file_that_names_no_readers_is_read_by_all() -> None:
    assert CATALOGUE.files["order"].read_of("", COURT)
    assert not CATALOGUE.files["confidential"].read_of("", POLICE)
