"""Agencies and terminals: what may be added, and whom an address reaches."""

from __future__ import annotations

import pytest

from tests.policy.conftest import AGENCIES, TERMINALS, World
from wireroom.policy import Taken, Unfit, Unknown
from wireroom.policy.agreement import Agreement
from wireroom.policy.directory import (
    Agency,
    Book,
    Directory,
    Group,
    Terminal,
    add_agency,
    add_terminal,
    agencies,
    agree,
    enable_terminal,
    load,
    terminals,
)

DIRECTORY = Directory(AGENCIES, TERMINALS)


async def test_an_agency_serves_others_that_are_ours_and_not_itself(world: World) -> None:
    await agree(world.pool, "CA0990100", Agreement(serves=("CA0970100",)))
    book = await load(world.pool)
    assert [ori for ori, _ in book.asks_for("CA0990100")] == ["CA0990100", "CA0970100"]
    assert book.asks_for("CA0970100") == ()
    with pytest.raises(Unfit, match="asks for itself anyhow"):
        await agree(world.pool, "CA0990100", Agreement(serves=("CA0990100",)))
    with pytest.raises(Unknown, match="no agency CA0960100"):
        await agree(world.pool, "CA0990100", Agreement(serves=("CA0960100",)))
    assert (await load(world.pool)).agreement_of("CA0990100").serves == ("CA0970100",), "nothing was changed"
    await agree(world.pool, "CA0990100", Agreement())
    assert (await load(world.pool)).asks_for("CA0990100") == ()


# --------------------------------------------------------------------------- the directory


def test_an_ori_reaches_the_enabled_live_terminals_of_its_agency() -> None:
    assert DIRECTORY.reach("CA0990100", test=False) == ("Z001", "Z002")


def test_a_mnemonic_reaches_itself_unless_disabled() -> None:
    assert DIRECTORY.reach("Z001", test=False) == ("Z001",)
    assert DIRECTORY.reach("Z003", test=False) == ()


def test_training_and_live_do_not_reach_each_other() -> None:
    assert DIRECTORY.reach("CA0990100", test=True) == ("Z004",)
    assert DIRECTORY.reach("T001", test=False) == ()
    assert DIRECTORY.reach("CA0970100", test=True) == ("T001",)
    assert DIRECTORY.reach("Z001", test=True) == ()


def test_what_an_agency_must_do_comes_to_its_desks_and_to_a_car_only_where_there_is_no_desk() -> None:
    terminals_of = [
        Terminal(mnemonic="Z001", ori="CA0990100"),
        Terminal(mnemonic="Z002", ori="CA0990100", kind="mobile"),
        Terminal(mnemonic="Y001", ori="CA0980100", kind="mobile"),
    ]
    directory = Directory(AGENCIES, terminals_of)
    assert directory.desks("CA0990100", test=False) == ("Z001",)
    assert directory.desks("CA0980100", test=False) == ("Y001",)
    assert directory.desks("Z002", test=False) == ("Z002",), "who is named is reached"
    assert directory.desks("X999", test=False) == ()


def test_nobody_has_an_unknown_address() -> None:
    assert DIRECTORY.reach("X999", test=False) == DIRECTORY.reach("CA0590100", test=False) == ()


def test_a_terminal_whose_agency_is_unknown_counts_as_training() -> None:
    assert Directory((), [Terminal(mnemonic="Z001", ori="CA0990100")]).is_test("Z001")
    assert DIRECTORY.is_test("X999")


def test_it_knows_names_and_the_agency_of_a_terminal() -> None:
    assert DIRECTORY.name_of("CA0980100") == "Sample County Sheriff"
    assert DIRECTORY.name_of("NV0990100") == "NV0990100"
    assert (DIRECTORY.ori_of("Y001"), DIRECTORY.ori_of("X999")) == ("CA0980100", "")


def test_it_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        DIRECTORY.terminals["X999"] = TERMINALS[0]  # type: ignore[index]


# --------------------------------------------------------------------------- in the database


@pytest.mark.anyio
async def test_what_was_added_is_listed_in_order(world: World) -> None:
    assert await agencies(world.pool) == tuple(sorted(AGENCIES, key=lambda one: one.ori))
    assert await terminals(world.pool) == tuple(sorted(TERMINALS, key=lambda one: one.mnemonic))
    assert (await load(world.pool)).terminals == DIRECTORY.terminals


@pytest.mark.anyio
async def test_a_refresh_replaces_the_directory_as_a_whole(world: World) -> None:
    book = Book(world.pool)
    before = book.directory
    assert await book.refresh() is book.directory
    await enable_terminal(world.pool, "Z003", True)
    held = book.directory
    await book.refresh()
    assert before.terminals == {}
    assert held.reach("Z003", test=False) == ()
    assert book.directory.reach("Z003", test=False) == ("Z003",)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("agency", "trouble", "words"),
    [
        (Agency(ori="099", name="Short"), Unfit, "not an ORI"),
        (Agency(ori="CA0950100", name=""), Unfit, "give a name"),
        (Agency(ori="CA0990100", name="Twin"), Taken, "already"),
    ],
)
async def test_an_agency_that_does_not_fit_is_not_added(
    world: World, agency: Agency, trouble: type[Exception], words: str
) -> None:
    with pytest.raises(trouble, match=words):
        await add_agency(world.pool, agency, world.now)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("terminal", "trouble", "words"),
    [
        (Terminal(mnemonic="z1", ori="CA0990100"), Unfit, "not a mnemonic"),
        (
            Terminal(mnemonic="Z009", ori="CA0990100", kind="toaster"),
            Unfit,
            "fixed, mobile, printer, interface",
        ),
        (Terminal(mnemonic="Z001", ori="CA0980100"), Taken, "already"),
        (Terminal(mnemonic="Z009", ori="CA0590100"), Unknown, "no agency CA0590100"),
    ],
)
async def test_a_terminal_that_does_not_fit_is_not_added(
    world: World, terminal: Terminal, trouble: type[Exception], words: str
) -> None:
    with pytest.raises(trouble, match=words):
        await add_terminal(world.pool, terminal, world.now)


@pytest.mark.anyio
async def test_a_terminal_that_does_not_exist_cannot_be_enabled(world: World) -> None:
    with pytest.raises(Unknown, match="X999"):
        await enable_terminal(world.pool, "X999", True)


# --------------------------------------------------------------------------- addresses of many

MANY = Directory(
    (
        *AGENCIES,
        Agency(ori="CA0600100", name="Far Police"),
        Agency(ori="CA098048N", name="Sample Hospital"),
    ),
    (
        *TERMINALS,
        Terminal(mnemonic="Z005", ori="CA0990100", kind="mobile"),
        Terminal(mnemonic="X001", ori="CA0600100"),
        Terminal(mnemonic="N001", ori="CA098048N"),
    ),
    groups={"SAMPLE": Group(title="Some", members=("CA0980100", "Z005", "Z001", "CA0600100", "NONE"))},
)


@pytest.mark.parametrize(
    ("address", "live", "training"),
    [
        ("CO-099", ("Z001", "Z002"), ("Z004",)),
        ("CO-098", ("Y001",), ()),
        ("CO-060", ("X001",), ()),
        ("CO-061", (), ()),
        ("REG-6", ("Z001", "Z002", "Y001"), ("Z004", "T001")),
        ("REG-1", ("X001",), ()),
        ("REG-4", (), ()),
        ("STATEWIDE", ("Z001", "Z002", "Y001", "X001"), ("Z004", "T001")),
        ("GRP-SAMPLE", ("Y001", "Z005", "Z001", "X001"), ()),
        ("GRP-NOBODY", (), ()),
    ],
)
def test_an_address_of_many_reaches_desks_once_and_training_apart(
    address: str, live: tuple[str, ...], training: tuple[str, ...]
) -> None:
    assert MANY.reach(address, test=False) == live
    assert MANY.reach(address, test=True) == training


def test_who_is_no_law_enforcement_is_reached_by_its_own_address_and_not_as_one_of_many() -> None:
    assert MANY.reach("CA098048N", test=False) == ("N001",)
    assert "N001" not in MANY.reach("STATEWIDE", test=False)


def test_a_narrow_address_has_no_members() -> None:
    assert MANY.members("CA0990100") == MANY.members("Z001") == ()


@pytest.mark.anyio
async def test_the_directory_holds_the_groups_that_it_is_given(world: World) -> None:
    groups = {"SAMPLE": Group(title="Some", members=("Z001",))}
    book = Book(world.pool, groups=lambda: groups)
    assert (await book.refresh()).reach("GRP-SAMPLE", test=False) == ("Z001",)


@pytest.mark.anyio
async def test_no_agency_is_called_like_the_whole_state(world: World) -> None:
    with pytest.raises(Unfit, match="not an ORI"):
        await add_agency(world.pool, Agency(ori="STATEWIDE", name="X"), world.now)
