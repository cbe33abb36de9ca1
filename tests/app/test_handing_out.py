"""What leaves as a file: marked, for its owner alone, over no other file, and sealed on its way (MP-2 to MP-7)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.sealed import Masters
from wireroom.app import AppError, handing_out
from wireroom.app.archive import BadArchive, read_archive, write_archive
from wireroom.app.cli import wireroom
from wireroom.app.handing_out import handed_out, leaves, refuse_archive, scratch, seal, unseal
from wireroom.journal import JournalError
from wireroom.message.passing import MARKING, Passing, faults, mark

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)
MARKED = mark("ada", AT, 9)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text("correct horse invented staple\n")
    return path


def sealed(tmp_path: Path, key: Path, text: bytes = b"FCN,OWNER\n1,CA0990100\n") -> Path:
    out = handed_out(tmp_path / "out.sealed", key, "", home=tmp_path)
    with scratch(tmp_path) as handle:
        handle.write(text)
        seal(handle, out, at=AT, marking=MARKED)
    return out.path


def test_MP_5_what_is_sealed_opens_for_its_recipient_alone(tmp_path: Path, key: Path) -> None:
    path = sealed(tmp_path, key, b"7QQQ001 " * 300_000)
    assert b"7QQQ001" not in path.read_bytes()
    assert unseal(path, tmp_path / "opened", key) == (MARKED, 8 * 300_000)
    assert (tmp_path / "opened").read_bytes() == b"7QQQ001 " * 300_000
    other = tmp_path / "other"
    other.write_text("another invented passphrase")
    with pytest.raises(AppError, match="sealed for another"):
        unseal(path, tmp_path / "again", other)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["key", "opened", "other", "out.sealed"]


def test_MP_5_what_leaves_the_machine_is_sealed_or_somebody_says_why_not(
    tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, home = tmp_path / "stick" / "out.csv", tmp_path / "data"
    assert not leaves(path, home), "neither is there yet: what stands above them counts"
    assert handed_out(path, None, "", home=home).told == {"path": "out.csv", "sealed": False}
    monkeypatch.setattr(handing_out, "_device", lambda folder: 2 if "stick" in folder.parts else 1)
    with pytest.raises(AppError, match="seal it with --sealed KEYFILE"):
        handed_out(path, None, " ", home=home)
    told = handed_out(path, None, "read on a machine of the court's", home=home).told
    assert told["clear_because"] == "read on a machine of the court's"
    assert handed_out(path, key, "", home=home).told == {"path": "out.csv", "sealed": True}
    with pytest.raises(AppError, match="opposite"):
        handed_out(path, key, "why", home=home)
    (tmp_path / "short").write_text("hunter2")
    with pytest.raises(AppError, match="from 16 to 4,096"):
        handed_out(path, tmp_path / "short", "", home=home)


def test_MP_2_what_is_written_is_its_owners_alone(tmp_path: Path, key: Path) -> None:
    path = sealed(tmp_path, key)
    unseal(path, tmp_path / "opened", key)
    assert {one.stat().st_mode & 0o777 for one in (path, tmp_path / "opened")} == {0o600}
    with scratch(tmp_path) as handle:
        handle.write(b"7QQQ001")
        assert not any(b"7QQQ001" in one.read_bytes() for one in tmp_path.iterdir()), "no name to be found by"


def test_MP_4_nothing_is_written_over_another_file(tmp_path: Path, key: Path) -> None:
    path = sealed(tmp_path, key)
    unseal(path, tmp_path / "opened", key)
    was = path.read_bytes()
    for act in (lambda: sealed(tmp_path, key), lambda: unseal(path, tmp_path / "opened", key)):
        with pytest.raises(AppError, match="nothing is written over"):
            act()
    assert path.read_bytes() == was


def test_MP_3_a_sealed_file_says_in_clear_how_it_is_to_be_kept_who_made_it_and_when(
    tmp_path: Path, key: Path
) -> None:
    head = sealed(tmp_path, key).read_bytes()[:1_000]
    assert f"{MARKING} ada 2026-03-02 16:00:00Z EVENT 9" == MARKED
    assert MARKED.encode() in head


def test_MP_6_what_was_sealed_opens_nothing_once_its_key_is_destroyed(
    tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, backup = sealed(tmp_path, key), tmp_path / "backup"
    write_archive(backup, [b"7QQQ001"], Masters(), made_at="2026-03-02T16:00:00Z", schema=1, code="0.1.0")
    key.unlink()
    key.write_text("a new passphrase, as invented")  # which is not the old one
    with pytest.raises(AppError, match="does not open"):
        unseal(path, tmp_path / "opened", key)
    monkeypatch.setattr("tests.sealed.MASTERS", (b"x" * 32, b"y" * 32))  # a folder of keys that was made anew
    with pytest.raises(JournalError, match="does not open"):
        read_archive(backup, Masters())
    assert not (tmp_path / "opened").exists()


def test_MP_7_an_archive_of_another_is_refused_in_words(tmp_path: Path, key: Path) -> None:
    path, plain = sealed(tmp_path, key), tmp_path / "plain.csv"
    plain.write_text("LIC,LIS\n")
    refuse_archive(plain)
    with pytest.raises(AppError, match="open a sealed one with `wireroom unseal`"):
        refuse_archive(path)
    with pytest.raises(BadArchive, match="is no backup of Wireroom: it is a sealed file"):
        read_archive(path, Masters())
    with pytest.raises(BadArchive, match="is no backup of Wireroom"):
        read_archive(plain, Masters())
    with pytest.raises(BadArchive, match="is no sealed file of Wireroom"):
        unseal(plain, tmp_path / "opened", key)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes((whole[-1] ^ 1,)))
    with pytest.raises(BadArchive, match="altered or cut off"):
        unseal(path, tmp_path / "opened", key)
    assert not (tmp_path / "opened").exists()
    assert not (tmp_path / "opened.part").exists()


def test_a_recipient_opens_it_from_the_command_line(tmp_path: Path, key: Path) -> None:
    words = ["unseal", str(sealed(tmp_path, key)), str(tmp_path / "opened"), "--key", str(key)]
    done = CliRunner().invoke(wireroom, words)
    assert (done.exit_code, MARKED in done.output) == (0, True)
    assert "nothing is written over" in str(CliRunner().invoke(wireroom, words).exception)


def test_Policy_5_1_3_who_gets_it_is_a_name_an_agency_and_a_purpose() -> None:
    good = Passing(recipient="Kim Specimen", agency="Example County Sheriff", purpose="case 26-9")
    assert faults(good) == ()
    bad = Passing(recipient=" ", agency="x" * 61, purpose="A\nB C", printer="ZP01")
    assert [fault.field for fault in faults(bad)] == ["recipient", "agency", "purpose", "printer"]
    assert [fault.field for fault in faults(bad, ("ZP01",))] == ["recipient", "agency", "purpose"]
