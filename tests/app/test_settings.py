"""The settings file: working defaults, faults in words, and a meaning for every key."""

from __future__ import annotations

from pathlib import Path

import pytest

from wireroom.app import SettingsError
from wireroom.app.settings import Settings, declared, explain, load, read

FILE = Path("wireroom.toml")


def test_without_a_file_everything_is_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = load(None)
    assert loaded.settings == Settings()
    assert {origin for _, _, origin, _ in explain(loaded)} == {"default"}
    assert loaded.data_folder == tmp_path / ".wireroom"
    assert loaded.secrets_folder == tmp_path / ".wireroom" / "secrets"


def test_an_empty_file_is_a_working_system() -> None:
    loaded = read("", FILE)
    assert loaded.settings == Settings()
    assert loaded.settings.database.url == ""
    assert loaded.settings.links == ()
    assert loaded.database_url() == ""


def test_a_file_in_the_current_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wireroom.toml").write_text("[wire]\nport = 7711\n")
    monkeypatch.chdir(tmp_path)
    assert load(None).settings.wire.port == 7711


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"county\.toml: no such file"):
        load(tmp_path / "county.toml")


def test_what_the_file_sets_is_said_to_come_from_it() -> None:
    loaded = read('[wire]\nport = 7701\n[[links]]\n[[links]]\nname = "DMV"\n', FILE)
    assert loaded.origin("wire.port") == "wireroom.toml"
    assert loaded.origin("wire.host") == "default"
    assert loaded.origin("links[0].name") == "default"
    assert loaded.origin("links[1].name") == "wireroom.toml"
    rows = {key: (value, origin) for key, value, origin, _ in explain(loaded)}
    assert rows["wire.port"] == ("7701", "wireroom.toml")
    assert rows["links"] == ("2", "wireroom.toml")
    assert rows["links[1].name"] == ('"DMV"', "wireroom.toml")
    assert rows["links[1].port"] == ("7801", "default")


def test_every_key_has_a_meaning_of_one_sentence() -> None:
    found = declared()
    assert len(found) > 25
    for key in found:
        assert key.meaning.endswith("."), key
        assert "\n" not in key.meaning, key
        assert len(key.meaning) <= 90, key
    assert "links[].secret_file" in {key.key for key in found}


def test_every_default_can_be_written_into_a_file() -> None:
    lines = []
    for key, default, _ in declared():
        section, _, name = key.rpartition(".")
        if section and "[]" not in section:
            lines.append(f"[{section}]\n{name} = {default}" if f"[{section}]" not in lines else "")
    for line in lines:
        assert read(line, FILE).settings == Settings(), line


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[wire]\nprot = 1", "wireroom.toml: [wire] prot: no such key; did you mean port?"),
        ("[wrie]\nport = 1", "wireroom.toml: [wrie]: no such section; did you mean wire?"),
        ("[demo]\nxyzzy = 1", "wireroom.toml: [demo] xyzzy: no such key; known are enabled"),
        ("[wire]\nport = 70000", "wireroom.toml: [wire] port = 70000: expected int <= 65535"),
        ('[wire]\nport = "7700"', 'wireroom.toml: [wire] port = "7700": expected int, got str'),
        ("[switch]\nbatch_max = 0", "wireroom.toml: [switch] batch_max = 0: expected int >= 1"),
        ("wire = 3", "wireroom.toml: [wire] = 3: expected a section, got int"),
        ("links = 3", "wireroom.toml: [links] = 3: expected a list, got int"),
        ("[[links]]\nprt = 1", "wireroom.toml: [[links]] number 1, prt: no such key; did you mean port?"),
        ("[[links]]\n[[links]]", "wireroom.toml: [[links]] name: NCIC stands 2 times"),
        ("[[links]]\n" * 33, "wireroom.toml: [[links]] stands 33 times; at most 32"),
        ("[wire", "wireroom.toml: not valid TOML"),
        ('[database]\nurl = "mysql://a@b/c"', "[database] url: must begin with postgresql://"),
        ('[database]\nurl = "postgresql://a@[b/c"', "[database] url: Invalid IPv6 URL"),
        ('[database]\npassword_file = "x"', "[database] password_file: is set without url"),
        (
            '[database]\nurl = "postgresql://host/name"\npassword_file = "x"',
            "[database] url: names no user",
        ),
    ],
)
def test_a_fault_names_the_file_the_place_and_the_way_out(text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(text, FILE)
    assert words in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read("[wire]\nprot = 1\nport = -1\n[web]\nport = 70000\n", FILE)
    assert len(str(caught.value).splitlines()) == 3


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wireroom.toml").write_bytes(b"[wire]\n\xff")
    with pytest.raises(SettingsError, match=r"wireroom\.toml: not text in UTF-8, at byte 7"):
        load(tmp_path / "wireroom.toml")


def test_a_password_in_the_url_is_refused_without_being_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        read('[database]\nurl = "postgresql://desk:hunter2@host/wireroom"', FILE)
    assert "password_file" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_password_comes_from_its_file_and_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "wireroom.toml").write_text(
        '[database]\nurl = "postgresql://desk@host:5433/wireroom"\npassword_file = "pass"\n'
    )
    (tmp_path / "pass").write_text("p@ss/word\n")
    loaded = load(tmp_path / "wireroom.toml")
    assert loaded.database_url() == "postgresql://desk:p%40ss%2Fword@host:5433/wireroom"
    assert "word" not in " ".join(value for key, value, _, _ in explain(loaded) if key == "database.url")[30:]


def test_a_secret_that_is_missing_or_empty_is_named(tmp_path: Path) -> None:
    loaded = read("", tmp_path / "wireroom.toml")
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        loaded.secret("ncic")
    (tmp_path / "ncic").write_text("\n")
    with pytest.raises(SettingsError, match="is empty"):
        loaded.secret("ncic")


def test_relative_paths_count_from_the_folder_of_the_file(tmp_path: Path) -> None:
    loaded = read('[secrets]\nfolder = "keys"', tmp_path / "etc" / "wireroom.toml")
    assert loaded.data_folder == tmp_path / "etc" / ".wireroom"
    assert loaded.secrets_folder == tmp_path / "etc" / "keys"
    assert loaded.path("/var/lib/wireroom") == Path("/var/lib/wireroom")
