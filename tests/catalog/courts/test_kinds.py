"""Claims about the table of kinds: it is whole, and says of each kind what was written out by hand."""

from __future__ import annotations

import pytest

from tests.catalog.courts.expected import EXPECTED, FINAL
from wireroom.catalog.courts.kinds import Court, Kind, Rank, Stage, kind_of, kinds
from wireroom.catalog.files.order import ORDER
from wireroom.catalog.tables import table

MARKS = ("sourced", "general knowledge", "ours")
# Which final order follows a temporary one, and of which forms each is.
FOLLOWS = {
    "TRO": "OAH", "TCH": "CHO", "TEA": "EAR", "TEF": "EAF", "TWH": "WHO", "TSV": "SVO", "TGV": "OGV", "TJV": "JUV",
    "TRT": "RTO",
}  # fmt: skip
FORMS = {
    "EPO": "EPO-001", "EGV": "EPO-002 GV-009", "TRO": "DV-110", "OAH": "DV-130", "TCH": "CH-110", "CHO": "CH-130",
    "TEA": "EA-110", "TEF": "EA-110", "EAR": "EA-130", "EAF": "EA-130", "TWH": "WV-110", "WHO": "WV-130",
    "TSV": "SV-110", "SVO": "SV-130", "TGV": "GV-110", "OGV": "GV-130", "TJV": "JV-250", "JUV": "JV-255",
    "TRT": "RT-120", "RTO": "RT-130", "CPO": "CR-160 CR-161", "FOR": "DV-600",
}  # fmt: skip
ALL = [pytest.param(one, id=one.code) for one in kinds().values()]


def test_every_type_that_can_be_sent_is_a_kind_and_every_kind_can_be_sent() -> None:
    assert set(kinds()) == set(table("order_type")) == set(EXPECTED)


@pytest.mark.parametrize("kind", ALL)
def test_a_kind_is_as_it_was_written_out(kind: Kind) -> None:
    one = EXPECTED[kind.code]
    assert kind.words == one.words
    assert kind.title == table("order_type")[kind.code].meaning
    assert kind.term == one.term
    assert set(kind.needs) == set(one.needs)
    assert kind.firearms is (one.firearms == "Y")
    assert " ".join(kind.forms) == FORMS[kind.code]


@pytest.mark.parametrize("kind", ALL)
def test_a_kind_needs_only_what_the_file_has(kind: Kind) -> None:
    assert set(kind.needs) <= {field.code for field in ORDER.fields}


@pytest.mark.parametrize("kind", ALL)
def test_a_temporary_order_is_followed_by_a_final_one_of_its_family(kind: Kind) -> None:
    assert kind.final == FOLLOWS.get(kind.code, "")
    if kind.final:
        after = kinds()[kind.final]
        assert (after.family, after.stage, kind.stage) == (kind.family, Stage.FINAL, Stage.TEMPORARY)
        assert after.firearms is kind.firearms


@pytest.mark.parametrize("kind", ALL)
def test_a_kind_says_where_what_it_says_comes_from(kind: Kind) -> None:
    assert any(mark in kind.mark for mark in MARKS)
    assert kind.life.unit in ("epo", "days", "hearing", "years", "order")
    assert kind.unnamed in ("", "latest") or kind.unnamed.startswith("years:")
    assert kind.endless in ("no", "yes", "renewed") or kind.endless.partition(":")[2] in table("order_basis")


def test_stages_ranks_and_courts_are_those_of_the_text() -> None:
    of = {stage: {one.code for one in kinds().values() if one.stage is stage} for stage in Stage}
    assert of[Stage.EMERGENCY] == {"EPO", "EGV"}
    assert of[Stage.TEMPORARY] == set(FOLLOWS)
    assert of[Stage.FINAL] == set(FINAL)
    assert of[Stage.EITHER] == {"FOR"}
    assert [one.code for one in kinds().values() if one.rank is Rank.EMERGENCY] == ["EPO"]
    assert [one.code for one in kinds().values() if one.rank is Rank.CRIMINAL] == ["CPO"]
    assert [one.code for one in kinds().values() if one.court is Court.ELSEWHERE] == ["FOR"]


def test_what_names_no_kind_is_of_none() -> None:
    assert kind_of({}, "TYO") is None
    assert kind_of({"TYO": ("",)}, "TYO") is None
    assert kind_of({"TYO": ("EPO",)}, "TYO") is kinds()["EPO"]
