"""Claims about commands against a system that runs: what they print, and what their exit codes say."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.switch.stage import car
from wireroom.app.assemble import Running, now, running
from wireroom.app.cli import wireroom
from wireroom.app.database import open_as, open_database
from wireroom.app.keys import Keys
from wireroom.app.populate import seat_interfaces
from wireroom.app.roles import WEB
from wireroom.app.settings import load
from wireroom.journal.sequencer import Sequencer
from wireroom.policy.directory import Agency, Terminal, add_agency, add_terminal

ROOT = Path(__file__).parents[2]
POLICE = "CA0990100"
QV = "QV.LIC/7QQQ001.LIS/CA"
DEMO_S = 100
ORIGIN = "wireroom.example/journal"


@pytest.fixture
def config(database: str, tmp_path: Path) -> Path:
    """Settings on the test's database; ports are free ones until a system runs."""
    path = tmp_path / "wireroom.toml"
    path.write_text(_settings(database, 0))
    return path


def _settings(dsn: str, port: int) -> str:
    return (
        f'[database]\nurl = "{dsn}"\n[secrets]\nfolder = "secrets"\n[wire]\nport = {port}\n[web]\nport = 0\n'
        "[switch]\nanswer_seconds_max = 2\n[journal]\ncheckpoint_seconds = 0.05\n"
    )


def _write(config: Path, text: str) -> None:
    config.write_text(text)


def _move(config: Path, section: str, port: int) -> None:
    """Gives a door another port."""
    _write(config, config.read_text().replace(f"[{section}]\nport = 0", f"[{section}]\nport = {port}"))


def cli(*words: str, config: Path | None = None, **how: object) -> Result:
    """A command in this process."""
    arguments = [*words, *(("--config", str(config)) if config else ())]
    return CliRunner().invoke(wireroom, arguments, **how)  # type: ignore[arg-type]


async def program(*words: str, config: Path, cwd: Path | None = None) -> tuple[int, str, str]:
    """A command as a program of its own: exit code, output, errors."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wireroom", *words, "--config", str(config),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    said, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, said.decode(), errors.decode()


@asynccontextmanager
async def system(config: Path) -> AsyncIterator[Running]:
    """A whole Wireroom behind real sockets in this process; the settings then name its port."""
    loaded = load(config)
    dsn = loaded.database_url()
    pool = await open_as(dsn, WEB, 2)
    await add_agency(pool, Agency(ori=POLICE, name="Example City Police"), now())
    await add_terminal(pool, Terminal(mnemonic="Z001", ori=POLICE), now())
    await pool.close()
    await seat_interfaces(dsn, POLICE, ["ZZ01", "ZZ02", "ZZ03", "ZZ04", "ZZ05"], now())
    async with running(loaded) as ready:
        _write(config, _settings(dsn, ready.wire_port))
        yield ready


# ------------------------------------------------------------------ the catalogue and the settings


def test_the_catalogue_is_listed_shown_and_written_out(tmp_path: Path) -> None:
    listed = json.loads(cli("catalog", "list", "--json").stdout)
    assert {"key", "verb", "title", "files", "fields"} == set(listed["keys"][0])
    assert {"QV", "QW", "EV", "AM"} <= {one["key"] for one in listed["keys"]}
    files = {one["file"]: one for one in listed["files"]}
    assert files["vehicle"]["keys"]["enter"] == ["EV", "EF"]
    assert files["vehicle"]["known_as"] == "SVS"
    assert "QV" in cli("catalog", "list").stdout
    assert "LIC" in cli("catalog", "list", "--keys").stdout
    shown = json.loads(cli("catalog", "show", "QV", "--json").stdout)
    assert shown["code"] == json.loads(cli("catalog", "show", shown["code"], "--json").stdout)["code"]
    assert cli("catalog", "show", "vehicle").exit_code == 0
    assert cli("catalog", "manual", str(tmp_path / "manual")).exit_code == 0
    assert (tmp_path / "manual" / "vehicle.md").read_text().startswith("#")


def test_every_file_of_the_state_and_of_ncic_is_listed_with_its_keys() -> None:
    """The files that are ours to hold by what California calls them, and NCIC's by their letters."""
    files = json.loads(cli("catalog", "list", "--json").stdout)["files"]
    known = {"SVS", "ABS", "APS", "AFS", "WPS", "CARPOS", "SRF", "MUPS", "CSAR", "APPS", "MHFPS"}
    assert known <= {one["known_as"] for one in files}
    letters = {one["letter"] for one in files if "NCIC" in one["held_by"]}
    assert letters == set("ABCGHJKLMNOPQRSTUVWXZ")  # Q is ours, for criminal histories
    assert all(one["keys"]["inquire"] for one in files)


def test_what_is_not_in_the_catalogue_is_told_with_what_to_do() -> None:
    failed = cli("catalog", "show", "submarine")
    assert "wireroom catalog list" in str(failed.exception)


def test_every_setting_is_shown_with_where_it_came_from(config: Path) -> None:
    rows = json.loads(cli("settings", "--json", config=config).stdout)
    assert {"key", "value", "origin", "meaning"} == set(rows[0])
    found = {row["key"]: row["origin"] for row in rows}
    assert found["wire.port"] == "wireroom.toml"
    assert found["switch.batch_max"] == "default"
    assert "switch.batch_max" in cli("settings", config=config).stdout


# ------------------------------------------------------------------ administration


def test_agencies_terminals_and_people_are_added_and_listed(config: Path) -> None:
    assert (
        cli(
            "agency", "add", "ca0990100", "Example City Police", "--phone", "555-0100", config=config
        ).exit_code
        == 0
    )
    assert cli("agency", "add", "CA0970100", "Training School", "--test", config=config).exit_code == 0
    agencies = {one["ori"]: one for one in json.loads(cli("agency", "list", "--json", config=config).stdout)}
    assert agencies[POLICE]["phone"] == "555-0100"
    assert [one for one, agency in agencies.items() if agency["test"]] == ["CA0970100"]

    added = cli("terminal", "add", "zz01", POLICE, "--kind", "interface", config=config)
    secret = Keys(config.parent / "secrets").interface_secret("ZZ01")
    assert f"its secret: {secret}" in added.stdout
    assert cli("terminal", "secret", "ZZ01", config=config).stdout.strip() == secret
    [terminal] = json.loads(cli("terminal", "list", "--json", config=config).stdout)
    assert (terminal["mnemonic"], terminal["kind"], terminal["enabled"]) == ("ZZ01", "interface", True)

    password = "correct horse battery"
    person = cli(
        "person",
        "add",
        "p.vale",
        "Pat Vale",
        POLICE,
        "--role",
        "operator",
        "--password",
        password,
        config=config,
    )
    assert person.exit_code == 0, person.output
    assert "otpauth://" in person.stdout
    assert password not in person.stdout
    [listed] = json.loads(cli("person", "list", "--json", config=config).stdout)
    assert (listed["id"], listed["role"], listed["enabled"], listed["locked"]) == (
        "p.vale",
        "operator",
        True,
        False,
    )
    assert cli("person", "suspend", "p.vale", config=config).exit_code == 0
    assert not json.loads(cli("person", "list", "--json", config=config).stdout)[0]["enabled"]


def test_groups_are_set_listed_and_removed_and_their_members_are_somebody(config: Path) -> None:
    cli("agency", "add", POLICE, "Example City Police", config=config)
    cli("terminal", "add", "Z001", POLICE, config=config)
    made = ("group", "set", "sierra", POLICE, "z001", "Z001", "--title", "Along the Sierra")
    assert "SIERRA has 2 members" in cli(*made, config=config).stdout
    assert json.loads(cli("group", "list", "--json", config=config).stdout) == [
        {"name": "SIERRA", "title": "Along the Sierra", "members": [POLICE, "Z001"]}
    ]
    refused = cli("group", "set", "SIERRA", "Z001", "X999", config=config)
    assert "no agency and no terminal: X999" in str(refused.exception)
    assert cli("group", "set", "SIERRA", "Z001", config=config).exit_code == 0
    assert "GRP-SIERRA" in cli("group", "list", "SIERRA", config=config).stdout
    [one] = json.loads(cli("group", "list", "--json", config=config).stdout)
    assert (one["title"], one["members"]) == ("Along the Sierra", ["Z001"])
    assert "there is no group NORTH" in str(cli("group", "remove", "NORTH", config=config).exception)
    assert cli("group", "remove", "SIERRA", config=config).exit_code == 0
    assert json.loads(cli("group", "list", "--json", config=config).stdout) == []
    noted = json.loads(cli("journal", "find", "--tag", "groups:changed", "--json", config=config).stdout)
    assert len(noted) == 3


def test_lists_for_people_to_read_have_the_same_in_them(config: Path) -> None:
    cli("agency", "add", POLICE, "Example City Police", config=config)
    cli("terminal", "add", "Z001", POLICE, config=config)
    assert "Example City Police" in cli("agency", "list", config=config).stdout
    assert "Z001" in cli("terminal", "list", config=config).stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("agency", "add", "nowhere", "X"), "is not an ORI"),
        (("terminal", "add", "Z001", "CA0590000"), "there is no agency CA0590000"),
        (("person", "suspend", "nobody"), "there is no person nobody"),
        (("person", "code", "nobody"), "demo only"),
        (("catalog", "show", "submarine"), "wireroom catalog list"),
        (("journal", "export", "journal.export"), "no checkpoint was signed yet"),
    ],
)
@pytest.mark.anyio
async def test_trouble_is_told_in_words_with_exit_code_2(
    config: Path, words: tuple[str, ...], told: str
) -> None:
    code, said, errors = await program(*words, config=config, cwd=config.parent)
    assert (code, said) == (2, "")
    assert told in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "words",
    [("partner", "fbi"), ("send",), ("nonsense",), ("send", "X", "--nonsense"), ("demo", "--people", "5")],
)
def test_wrong_use_is_exit_code_2(words: tuple[str, ...]) -> None:
    result = cli(*words)
    assert result.exit_code == 2
    assert "Usage" in result.output


def test_the_partners_there_are_are_named(config: Path) -> None:
    said = cli("partner", "fbi", config=config).output
    assert "ncic" in said
    assert "dmv" in said
    assert "nlets" in said


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("partner", "dmv", "--down", "NV"), "only nlets has states"),
        (("partner", "nlets", "--down", "CA", "--down", "XX"), "CA, XX: not a state behind Nlets"),
    ],
)
async def test_only_a_state_behind_nlets_can_be_down(config: Path, words: tuple[str, ...], told: str) -> None:
    code, _, errors = await program(*words, config=config)
    assert code == 2
    assert told in errors


@pytest.mark.anyio
async def test_a_partner_without_a_link_is_told_so(config: Path) -> None:
    code, _, errors = await program("partner", "ncic", config=config)
    assert code == 2
    assert "[[links]]" in errors


@pytest.mark.anyio
@pytest.mark.parametrize("key", ["wire.port", "web.port"])
async def test_a_taken_port_is_told_with_what_to_do(config: Path, key: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        section = key.split(".")[0]
        _move(config, section, port)
        code, said, errors = await program("serve", config=config)
    assert (code, said) == (2, "")
    assert f"port {port}" in errors
    assert f"set {key}" in errors
    assert "Traceback" not in errors


# ------------------------------------------------------------------ send


@pytest.mark.anyio
async def test_the_exit_code_of_send_says_what_came_of_it(config: Path) -> None:
    async with system(config):
        entered = await program("send", car(), config=config)
        assert entered[0] == 1, entered  # answered without a hit
        texts = {QV: 0, "QV.LIC/7QQQ009.LIS/CA": 1, QV + ".PUR/I": 3, "QV.LIC/*": 3, "RQ.LIC/7QQQ001": 4}
        terminals = ("ZZ01", "ZZ02", "ZZ03", "ZZ04", "ZZ05")
        done = await asyncio.gather(
            *(
                program("send", text, "--terminal", terminal, "--json", config=config)
                for text, terminal in zip(texts, terminals, strict=True)
            )
        )
    for (text, expected), (code, said, errors) in zip(texts.items(), done, strict=True):
        found = json.loads(said)
        assert code == expected == found["exit"], (text, said, errors)
        assert set(found) == {"journal", "receipt", "answers", "others", "exit"}
        assert found["receipt"]["number"] == found["journal"] > 0
    hit = json.loads(done[0][1])["answers"][0]
    assert (hit["source"], hit["state"], hit["hits"][0]["file"]) == ("STATE", "hit", "vehicle")
    assert json.loads(done[2][1])["receipt"]["rule"] == "purpose-immigration"


@pytest.mark.anyio
async def test_nobody_there_is_exit_code_4(config: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        _move(config, "wire", free.getsockname()[1])
    code, said, errors = await program("send", QV, config=config)
    assert (code, said) == (4, "")
    assert "not sent" in errors
    assert "Traceback" not in errors


@pytest.mark.anyio
async def test_a_terminal_that_is_none_is_exit_code_4(config: Path) -> None:
    async with system(config):
        code, _, errors = await program("send", QV, "--terminal", "NONE", config=config)
    assert code == 4
    assert "refused" in errors


@pytest.mark.anyio
async def test_mail_that_waited_is_shown_before_it_is_acknowledged_away(config: Path) -> None:
    async with system(config):
        mailed = await program("send", "AM.TO/ZZ02.TXT/LOST CHILD. CALL US.", config=config)
        assert mailed[0] == 1
        _, said, _ = await program("send", QV, "--terminal", "ZZ02", config=config)
        assert "LOST CHILD. CALL US." in said
        assert "ALSO CAME" in said
        again = json.loads((await program("send", QV, "--terminal", "ZZ02", "--json", config=config))[1])
    assert again["others"] == []


# ------------------------------------------------------------------ the journal


@pytest.mark.anyio
async def test_the_journal_is_found_verified_and_proved_to_a_stranger(config: Path, tmp_path: Path) -> None:
    export = tmp_path / "journal.export"
    async with system(config) as ready:
        await program("send", car(), "--person", "p.vale", config=config)
        await program("send", QV, "--person", "p.vale", config=config)
        code, said, _ = await program("journal", "find", "--person", "p.vale", "--json", config=config)
        assert code == 0
        tags = [one["entry"]["tag"] for one in json.loads(said)]
        assert {"inquiry:asked", "entry:asked", "answer:given", "session:opened"} <= set(tags)
        assert "7QQQ001" in (await program("journal", "find", "--text", "7QQQ001", config=config))[1]
        searched = await program("journal", "find", "--tag", "journal:searched", "--json", config=config)
        assert len(json.loads(searched[1])) >= 2, "looking is written down"
        await _folded(ready)
        code, said, errors = await program("journal", "verify", "--json", config=config)
        assert code == 0, (said, errors)
        assert json.loads(said)["entries"] > 6
        code, said, errors = await program("journal", "export", str(export), "--json", config=config)
        assert code == 0, errors
    written = json.loads(said)
    assert {"path", "leaves", "checkpoints", "bytes", "key", "newest"} == set(written)
    proved = await _verify(export, written["key"])
    assert proved[0] == 0, proved
    altered = export.read_bytes().replace(b"7QQQ001", b"7QQQ002", 1)
    if altered != export.read_bytes():
        export.write_bytes(altered)
        assert (await _verify(export, written["key"]))[0] != 0


async def _folded(ready: Running) -> None:
    """Gives everything that is written its place in the signed tree, as the sequencer does in a moment."""
    pool = await open_database(ready.dsn, size=1)
    try:
        signer = ready.keys.signer(ORIGIN)
        while await Sequencer(pool, signer, now, ORIGIN).fold_all():
            pass
    finally:
        await pool.close()


async def _verify(export: Path, key: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "verify.py"), str(export), "--key", key,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={},
    )  # fmt: skip
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, said.decode()


# ------------------------------------------------------------------ watch and demo


@pytest.mark.anyio
async def test_watch_takes_lines_and_shows_what_comes(config: Path) -> None:
    async with system(config):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-u", "-m", "wireroom", "watch", "--config", str(config),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{QV}\n".encode())
        lines: list[str] = []
        async with asyncio.timeout(30):
            while not any("1/1" in line for line in lines):
                lines.append((await process.stdout.readline()).decode())
            process.stdin.close()
            assert await process.wait() == 0
            assert await process.stderr.read() == b""  # type: ignore[union-attr]
            await process.stdout.read()
    assert any(line.startswith("journal ") and "accepted" in line for line in lines)


@pytest.mark.timeout(DEMO_S + 20)
def test_the_demo_checks_itself_and_leaves_nothing_running(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wireroom", "demo", "--people", "1000", "--check", "--fresh"],
        cwd=tmp_path, capture_output=True, text=True, timeout=DEMO_S, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hit  (journal" in done.stdout
    left = [pid for pid in os.listdir("/proc") if pid.isdigit() and str(tmp_path) in _about(pid)]
    assert left == []


def _about(pid: str) -> str:
    """Where a process runs and what it was started with; nothing where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace") + os.readlink(
            f"/proc/{pid}/cwd"
        )
    except OSError:
        return ""
