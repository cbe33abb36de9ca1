"""Claims about broadcast groups: written by people or by commands, never half, and in force while everything runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.app import AppError
from wireroom.app.groups import LivingGroups, faults, read_groups, write_groups
from wireroom.policy.directory import Group

SIERRA = Group(title='Agencies "along" the Sierra\\', members=("CA0990100", "Z951"))

titles = st.text(min_size=1, max_size=80).filter(str.isprintable)
members = st.lists(st.sampled_from(("CA0990100", "CA099048N", "Z001", "Z951")), min_size=1, max_size=9)
several = st.dictionaries(
    st.from_regex(r"[A-Z][A-Z0-9]{1,11}", fullmatch=True),
    st.builds(Group, title=titles, members=members.map(tuple)),
    max_size=5,
)


@given(groups=several)
def test_what_is_written_is_read_again(
    groups: dict[str, Group], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("groups") / "groups.toml"
    write_groups(file, groups)
    assert read_groups(file) == groups


def test_without_a_file_there_are_no_groups(tmp_path: Path) -> None:
    assert read_groups(tmp_path / "groups.toml") == {}


@pytest.mark.parametrize(
    ("name", "group", "word"),
    [
        ("A", SIERRA, "not a name"),
        ("NORTH-1", SIERRA, "not a name"),
        ("SIERRA", Group(title="", members=("Z951",)), "give a title"),
        ("SIERRA", Group(title="a\nb", members=("Z951",)), "give a title"),
        ("SIERRA", Group(title="a"), "from 1 to 500"),
        ("SIERRA", Group(title="a", members=("GRP-OTHER",)), "neither an ORI nor a mnemonic: GRP-OTHER"),
        ("SIERRA", Group(title="a", members=("STATEWIDE",)), "STATEWIDE"),
        ("SIERRA", Group(title="a", members=("z951",)), "z951"),
    ],
)
def test_a_group_that_cannot_be_is_told(name: str, group: Group, word: str) -> None:
    assert word in "; ".join(faults({name: group}))


@pytest.mark.parametrize(
    ("text", "word"),
    [("no toml", "holds no groups"), ("[SIERRA]\ntitle = 1", "holds no groups"),
     ('[SIERRA]\ntitle = "a"\nmembers = ["X"]', "neither an ORI")],
)  # fmt: skip
def test_a_file_that_holds_no_groups_is_told_by_its_name(tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "groups.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(AppError, match=word) as told:
        read_groups(file)
    assert str(file) in str(told.value)


def test_groups_are_in_force_when_they_are_adopted_and_not_before(tmp_path: Path) -> None:
    file = tmp_path / "groups.toml"
    living = LivingGroups(file)
    assert living.newer() is None
    write_groups(file, {"SIERRA": SIERRA})
    newer = living.newer()
    assert newer == {"SIERRA": SIERRA}
    assert living.groups == {}
    living.adopt(newer)
    assert living.newer() is None


def test_a_file_that_cannot_be_used_changes_nothing_and_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "groups.toml"
    write_groups(file, {"SIERRA": SIERRA})
    living = LivingGroups(file)
    file.write_text("[", "utf-8")
    assert [living.newer(), living.newer()] == [None, None]
    assert len(caplog.records) == 1
    assert living.groups == {"SIERRA": SIERRA}
