"""The command line says what is wrong, ends with the code that the manual names, and begins nothing unasked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.table import Table

from wireroom.app import AppError, cli, console, demo
from wireroom.app.database import connect
from wireroom.app.engine import Embedded
from wireroom.app.settings import load

Told = tuple[int, str, str]


@pytest.fixture
def wireroom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Told]:
    """The program in an empty folder: its exit code, what it printed and what it complained of."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["wireroom", *arguments])
        code: int | str | None = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code
        told = capsys.readouterr()
        assert code is None or isinstance(code, int)
        return code or 0, told.out, told.err

    return run


LOOKING = (
    ("journal", "find"),
    ("journal", "verify"),
    ("journal", "export", "out.json"),
    ("agency", "list"),
    ("terminal", "list"),
    ("group", "list"),
    ("group", "set", "SIERRA", "Z001"),
    ("terminal", "secret", "ZZ01"),
    ("person", "list"),
    ("person", "code", "ada.dispatch"),
    ("database", "check"),
    ("lab", "load"),
)


@pytest.mark.parametrize("arguments", LOOKING, ids=" ".join)
def test_a_command_that_only_looks_begins_no_new_system(
    wireroom: Callable[..., Told], arguments: tuple[str, ...]
) -> None:
    code, _, complained = wireroom(*arguments)
    assert code == 2
    assert "no Wireroom was started" in complained
    assert not Path(".wireroom").exists()


@pytest.mark.parametrize("arguments", [("send", "7ABQ123"), ("watch",)], ids=" ".join)
def test_without_a_switch_nothing_is_sent(wireroom: Callable[..., Told], arguments: tuple[str, ...]) -> None:
    code, _, complained = wireroom(*arguments)
    assert code == 4
    assert complained.startswith("not sent: there is no Wireroom in ")
    assert not Path(".wireroom").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("send", " "),
        ("send",),
        ("journal", "find", "--tag", "inquiry:bogus"),
        ("journal", "find", "--limit", "0"),
        ("demo", "--people", "1"),
        ("catalog", "show", "nothing"),
        ("serve", "--config", "nowhere.toml"),
        ("bogus",),
    ],
    ids=" ".join,
)
def test_wrong_use_ends_with_two_and_a_word(
    wireroom: Callable[..., Told], arguments: tuple[str, ...]
) -> None:
    code, _, complained = wireroom(*arguments)
    assert code == 2
    assert complained.strip()
    assert "our fault" not in complained


def test_a_key_or_a_file_is_shown_by_its_code(wireroom: Callable[..., Told]) -> None:
    for code in ("vehicle", "EV", "AM"):
        status, said, _ = wireroom("catalog", "show", code)
        assert status == 0
        assert "| field | is |" in said


def test_a_table_in_a_pipe_has_one_line_for_each_row(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    long = "a word " * 100
    console.print_table(("Number", "Detail"), [(1, long), (2, "short")])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert long.strip() in lines[1]
    assert lines[2] == "2       short"


def test_what_a_table_for_people_holds_is_kept_whole(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("Number", title="a title")
    table.add_row("1")
    console.show(table)
    assert "a title" in capsys.readouterr().out


def test_work_that_is_soon_done_shows_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    with console.bar("Inventing") as progress:
        for done in range(1_000):
            progress(done, 1_000)
    assert capsys.readouterr().err == ""


# --------------------------------------------------------------------------- the demo's folder


def test_one_demo_runs_in_a_folder(tmp_path: Path) -> None:
    with demo.alone(tmp_path) as first, demo.alone(tmp_path) as second:
        assert first == ""
        assert "a demo runs in this folder already, as process" in second
    with demo.alone(tmp_path) as again:
        assert again == ""


def test_a_second_demo_is_told_so_and_touches_nothing(wireroom: Callable[..., Told]) -> None:
    with demo.alone(demo.FOLDER):
        for arguments in ((), ("--fresh",), ("--fresh", "--check")):
            code, _, complained = wireroom("demo", *arguments)
            assert code == 2
            assert "a demo runs in this folder already" in complained
    assert sorted(path.name for path in demo.FOLDER.iterdir()) == ["demo.lock"]


def test_the_number_of_invented_people_is_remembered(tmp_path: Path) -> None:
    loaded = demo.settings(tmp_path)
    assert demo.invented(loaded) is None
    assert not demo.unfinished(loaded)
    demo.note_invented(loaded, demo.Invented(people=2_000, whole=False))
    assert demo.unfinished(loaded)
    demo.note_invented(loaded, demo.Invented(people=2_000))
    assert demo.invented(loaded) == demo.Invented(people=2_000)
    assert not demo.unfinished(loaded)


async def _names(server: Embedded) -> set[str]:
    async with connect(server.dsn("postgres")) as connection:
        found = await connection.fetch("select datname from pg_database where datname like 'wireroom%'")
    return {row["datname"] for row in found}


@pytest.mark.anyio
async def test_throwing_the_demo_away_leaves_a_system_in_earnest_alone(tmp_path: Path) -> None:
    loaded = demo.settings(tmp_path)
    with Embedded(loaded.data_folder, shared_buffers_mb=16) as server:
        async with connect(server.dsn("postgres")) as connection:
            for name in ("wireroom", "wireroom_demo", "wireroom_demo_ncic", "wireroom_demo_dmv"):
                await connection.execute(f"create database {name}")
        await demo.forget(loaded)
        assert await _names(server) == {"wireroom"}


# --------------------------------------------------------------------------- administration


def test_who_may_do_what_is_written_down_before_it_is_changed(
    wireroom: Callable[..., Told], database: str
) -> None:
    Path("wireroom.toml").write_text(f'[database]\nurl = "{database}"\ndata_folder = "data"\n')
    agency = ("CA0990100", "Example City Police Department")
    assert wireroom("agency", "add", *agency)[0] == 0
    status, said, _ = wireroom("terminal", "add", "zz01", "CA0990100", "--kind", "interface")
    assert (status, "its secret: " in said) == (0, True)
    secret = said.split("its secret: ")[1].strip()
    assert wireroom("terminal", "secret", "ZZ01")[1].strip() == secret
    password = ("--password", "an invented password 9")
    assert wireroom("person", "add", "jo.doe", "Jo Doe", "CA0990100", *password)[0] == 0
    assert wireroom("person", "suspend", "jo.doe")[0] == 0
    _, said, _ = wireroom("journal", "find")
    for tag in ("agency:changed", "terminal:changed", "person:changed"):
        assert tag in said
    assert password[1] not in said
    assert secret not in said


def test_a_served_database_is_checked_without_a_folder_of_ours(
    wireroom: Callable[..., Told], database: str
) -> None:
    Path("wireroom.toml").write_text(f'[database]\nurl = "{database}"\n')
    code, said, _ = wireroom("database", "check")
    assert code == 0
    assert "all tables are as declared" in said


def test_a_code_is_told_in_the_demo_only(wireroom: Callable[..., Told], database: str) -> None:
    Path("wireroom.toml").write_text(f'[database]\nurl = "{database}"\ndata_folder = "data"\n')
    code, _, complained = wireroom("person", "code", "jo.doe")
    assert code == 2
    assert "in the demo only" in complained


def test_a_change_that_cannot_be_made_says_why(wireroom: Callable[..., Told], database: str) -> None:
    Path("wireroom.toml").write_text(f'[database]\nurl = "{database}"\ndata_folder = "data"\n')
    code, _, complained = wireroom("terminal", "add", "ZZ01", "CA0990100")
    assert code == 2
    assert "CA0990100" in complained


def test_settings_of_a_folder_without_a_system_are_refused_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "wireroom.toml"
    file.write_text("")
    with pytest.raises(AppError, match=r"wireroom\.toml"):
        console.loaded_from(file, made=True)
    assert console.loaded_from(file) == load(file)
