"""Claims about `wireroom records`: what is entered, what is refused and why, and that no line is entered twice."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner, Result

from tests.sealed import entries
from wireroom.app import AppError
from wireroom.app.cli import wireroom
from wireroom.app.handing_out import unseal
from wireroom.records.importing import CannotImport, running, storing

PATIENCE_S = 90
OWNER = "CA0990100"
HEADER = "LIC,LIS,VYR,VMA,DOT,OCA\n"


def car(number: int, *, make: str = "TOYT", state: str = "CA") -> str:
    return f"7QQ{number:05d},{state},2019,{make},20260301,99-{number}\n"


@pytest.fixture
def config(database: str, tmp_path: Path) -> Path:
    path = tmp_path / "wireroom.toml"
    path.write_text(f'[database]\nurl = "{database}"\n[secrets]\nfolder = "secrets"\n')
    return path


def call(config: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(wireroom, ["records", *map(str, words), "--config", str(config)])


def bring(config: Path, path: Path, *words: str, file: str = "vehicle") -> dict[str, Any]:
    done = call(
        config, "import", path, "--file", file, "--ori", OWNER, "--person", "p.vale", "--json", *words
    )
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code in (0, 3), done.output
    return dict(json.loads(done.stdout))


def rows(database: str, statement: str, *values: object) -> list[asyncpg.Record]:
    async def ask() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(database)
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    return asyncio.run(ask())


def value(database: str, statement: str) -> Any:  # whatever the statement gives
    return rows(database, statement)[0][0]


def refused(path: Path) -> list[tuple[int, list[list[str]]]]:
    listed = path.with_name(f"{path.name}.rejects.jsonl")
    return [(one["line"], one["faults"]) for one in map(json.loads, listed.read_text().splitlines())]


def written(folder: Path, *lines: str, header: str = HEADER, name: str = "cars.csv") -> Path:
    path = folder / name
    path.write_text(header + "".join(lines))
    return path


# --------------------------------------------------------------------------- what is entered


def test_a_line_becomes_a_record_like_any_that_a_person_entered(
    config: Path, tmp_path: Path, database: str
) -> None:
    done = bring(config, written(tmp_path, car(1)))
    assert (done["lines"], done["entered"], done["refused"], done["done"]) == (1, 1, 0, True)
    [record] = rows(database, "select * from record")
    assert (record["owner"], record["entered_by"], record["entered_ori"]) == (OWNER, "p.vale", OWNER)
    assert (record["status"], record["version"], record["test"], record["checked_by"]) == (
        "active",
        1,
        False,
        "",
    )
    assert record["validate_on"] is not None
    assert record["due_at"] is not None
    assert record["number"][:3] == "500"
    assert len(record["number"]) == 13
    found = {(row["kind"], row["value"]) for row in rows(database, "select kind, value from identifier")}
    assert found == {("FCN", record["number"]), ("LIC", "7QQ00001"), ("OCA", "99-1")}
    [follow] = rows(database, "select f.*, j.tag from followup f join journal j on j.number = f.number")
    assert (follow["record"], follow["tag"]) == (record["id"], "records:imported")


def test_people_are_found_by_name(config: Path, tmp_path: Path, database: str) -> None:
    line = {"NAM": "TESTCASE, JANE", "AKA": ["SAMPLE, JO"], "SEX": "F", "RAC": "W", "DOB": "19900101",
            "SOC": "900112222", "OFF": "0101", "DOW": "20260301", "EXL": "01", "OCA": "99-2"}  # fmt: skip
    path = written(tmp_path, json.dumps(line), header="", name="people.jsonl")
    assert bring(config, path, file="wanted")["entered"] == 1
    found = CliRunner().invoke(
        wireroom, ["search", "SAMPLE, JO", "--dob", "19900101", "--config", str(config)]
    )
    assert found.exit_code == 0, found.output
    assert "900112222" not in str(rows(database, "select fields::text from record"))


def test_the_journal_knows_the_file_before_a_line_of_it_is_entered(
    config: Path, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise OSError("the power goes")

    path = written(tmp_path, car(1))
    monkeypatch.setattr(storing.Store, "records", fail)
    with pytest.raises(AppError, match="the power goes"):
        bring(config, path)
    assert value(database, "select count(*) from record") == 0
    [entry] = entries(database, config.parent / "secrets")
    assert "'path': 'cars.csv'" in str(entry.detail)
    assert entry.person == "p.vale"


def test_the_journal_says_what_came_of_it_and_of_each_chunk(
    config: Path, tmp_path: Path, database: str
) -> None:
    done = bring(config, written(tmp_path, car(1), "x\n", car(2)))
    bodies: list[Any] = [entry.detail for entry in entries(database, config.parent / "secrets")]
    assert [next(iter(set(body) & {"began", "import", "ended"})) in body for body in bodies] == [True] * 3
    numbers = [row["number"] for row in rows(database, "select number from record order by number")]
    assert bodies[1]["numbers"] == numbers
    assert bodies[1]["lines"] == [2, 4]
    assert bodies[2]["ended"]["sha256"] == done["sha256"]
    assert (bodies[2]["ended"]["entered"], bodies[2]["ended"]["refused"]) == (2, 1)


def test_records_for_training_never_meet_live_ones(config: Path, tmp_path: Path, database: str) -> None:
    path = written(tmp_path, car(1))
    assert bring(config, path, "--test")["entered"] == 1
    assert bring(config, path)["entered"] == 1
    assert value(database, "select count(*) from record where test") == 1
    rows(
        database,
        "insert into agency (ori, name, county, phone, test, added_at) "
        "values ('CA0990100', 'x', '099', '', true, now())",
    )
    with pytest.raises(AppError, match="is for training"):
        bring(config, path, "--again")


def test_who_verified_is_not_who_enters(config: Path, tmp_path: Path, database: str) -> None:
    path = written(tmp_path, car(1))
    words = ("import", path, "--file", "vehicle", "--ori", OWNER, "--person", "p.vale", "--verified-by")
    assert call(config, *words, "P.VALE").exit_code == 2
    assert call(config, *words, "s.other").exit_code == 0
    assert value(database, "select checked_by from record") == "s.other"


# --------------------------------------------------------------------------- what is refused


def test_every_refused_line_is_listed_with_every_fault_and_as_it_was(config: Path, tmp_path: Path) -> None:
    path = written(tmp_path, car(1), "7QQ9,,19,TOYOTA,20991231,\n", car(2))
    done = bring(config, path)
    assert (done["entered"], done["refused"]) == (2, 1)
    [(line, faults)] = refused(path)
    assert line == 3
    assert [field for field, _ in faults] == ["VYR", "VMA", "DOT", "OCA", "LIC", "LIS"]
    listed = json.loads((tmp_path / "cars.csv.rejects.jsonl").read_text())
    assert listed["raw"] == "7QQ9,,19,TOYOTA,20991231,"


def test_what_is_on_file_or_twice_in_the_file_is_refused_with_its_number(
    config: Path, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK", 2)
    bring(config, written(tmp_path, car(1)))
    number = value(database, "select number from record")
    again = [car(1), car(2), car(2), car(3), car(1, state="NV"), car(2), car(4), car(5), car(6), car(2)]
    path = written(tmp_path, *again, name="more.csv")
    done = bring(config, path)
    assert (done["entered"], done["refused"]) == (6, 4)
    second = value(database, "select r.number from record r where fields->>'LIC' = '7QQ00002'")
    assert refused(path) == [
        (2, [["FCN", f"is on file already as {number}"]]),
        *((line, [["FCN", f"is on file already as {second}"]]) for line in (4, 7, 11)),
    ]


def test_another_agency_may_have_the_same_thing_on_file(config: Path, tmp_path: Path) -> None:
    path = written(tmp_path, car(1))
    bring(config, path)
    other = call(config, "import", path, "--file", "vehicle", "--ori", "CA0980100", "--json")
    assert json.loads(other.stdout)["entered"] == 1


def test_all_or_nothing_enters_nothing_where_a_line_is_faulty(
    config: Path, tmp_path: Path, database: str
) -> None:
    path = written(tmp_path, car(1), car(2, make="TOYOTA"))
    words = ("import", path, "--file", "vehicle", "--ori", OWNER, "--all-or-nothing")
    assert call(config, *words).exit_code == 3
    assert value(database, "select count(*) from record") == 0
    assert [line for line, _ in refused(path)] == [3]
    path.write_text(HEADER + car(1) + car(2))
    assert call(config, *words).exit_code == 0
    assert value(database, "select count(*) from record") == 2
    assert not refused(path)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--file", "spaceship", "--ori", OWNER), "no record file into which we enter"),
        (("--file", "licence", "--ori", OWNER), "no record file into which we enter"),
        (("--file", "vehicle", "--ori", "X"), "--ori X is not an ORI"),
        (("--file", "vehicle", "--ori", OWNER, "--key", "EW"), "EW enters nothing into vehicle"),
    ],
)
def test_what_cannot_be_meant_is_told(
    config: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    refused = call(config, "import", written(tmp_path, car(1)), *words)
    assert told in str(refused.exception)


def test_a_column_that_is_no_field_is_named_and_nothing_is_begun(
    config: Path, tmp_path: Path, database: str
) -> None:
    path = written(tmp_path, car(1), header=HEADER.replace("VMA", "MAKE"))
    with pytest.raises(AppError, match="column 4 of the header, MAKE, is no field of EV"):
        bring(config, path)
    assert value(database, "select count(*) from journal") == 0


# --------------------------------------------------------------------------- going on


Act = Callable[..., Awaitable[None]]


def breaking(act: Act, after: int) -> Act:
    """The same act, which fails at its call number `after`, counted from 0."""
    calls = 0

    async def broken(*args: Any) -> None:
        nonlocal calls
        calls += 1
        if calls > after:
            raise CannotImport("the power goes")
        await act(*args)

    return broken


@pytest.mark.parametrize("at", range(5))
@pytest.mark.parametrize("step", ["go_on", "records"])
def test_after_an_end_at_any_chunk_the_rest_is_entered_and_nothing_twice(
    config: Path, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch, at: int, step: str
) -> None:
    lines = [car(n) if n % 3 else car(n, make="TOYOTA") for n in range(10)]
    path = written(tmp_path, *lines, car(1))
    monkeypatch.setattr(running, "CHUNK", 2)
    with monkeypatch.context() as patch:
        if step == "go_on":
            patch.setattr("wireroom.records.importing.running.go_on", breaking(storing.go_on, at))
        else:
            patch.setattr(storing.Store, "records", breaking(storing.Store.records, at))
        with pytest.raises(AppError, match="the power goes"):
            bring(config, path)
    entered = value(database, "select count(*) from record")
    [run] = rows(database, "select * from import_run")
    begins = 2 + 2 * at if at else 1
    assert (run["entered"], run["line"]) == (entered, begins)
    assert value(database, "select count(*) from journal where transaction <> 0") == at
    with (tmp_path / "cars.csv.rejects.jsonl").open("a") as listed:
        listed.write("half a li")  # as a power cut may leave it
    done = bring(config, path)
    assert (done["entered"], done["refused"], done["went_on_from_line"]) == (6, 5, begins)
    plates = [row["lic"] for row in rows(database, "select fields->>'LIC' as lic from record order by 1")]
    assert plates == [f"7QQ{n:05d}" for n in range(10) if n % 3]
    assert [line for line, _ in refused(path)] == [2, 5, 8, 11, 12]
    assert value(database, "select count(distinct number) from record") == 6
    assert bring(config, path)["was_done"]
    assert value(database, "select count(*) from record") == 6


def test_kill_9_in_the_middle_loses_nothing_and_leaves_no_reader_behind(
    config: Path, tmp_path: Path, database: str
) -> None:
    path = written(tmp_path, *(car(n) for n in range(62_000)))
    words = [
        sys.executable,
        "-m",
        "wireroom",
        "records",
        "import",
        str(path),
        "--file",
        "vehicle",
        "--ori",
        OWNER,
    ]
    with subprocess.Popen([*words, "--config", str(config)], stderr=subprocess.DEVNULL) as program:
        until = time.monotonic() + PATIENCE_S
        readers: list[str] = []
        while not (value(database, "select coalesce(max(position), 0) from import_run")):
            assert time.monotonic() < until
            assert program.poll() is None
            children = Path(f"/proc/{program.pid}/task/{program.pid}/children")
            readers = children.read_text().split() if children.exists() else []
        program.send_signal(signal.SIGKILL)
    part = value(database, "select count(*) from record")
    assert 0 < part < 62_000
    while any(alive(int(reader)) for reader in readers):
        assert time.monotonic() < until
    done = bring(config, path)
    assert done["went_on_from_line"] == part + 2
    assert value(database, "select count(distinct fields->>'LIC') from record") == 62_000
    assert value(database, "select count(*) from record") == 62_000


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def test_a_list_of_refused_lines_that_is_gone_is_missed(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "x\n", "x\n", car(1))
    monkeypatch.setattr(running, "CHUNK", 1)
    with monkeypatch.context() as patch:
        patch.setattr("wireroom.records.importing.running.go_on", breaking(storing.go_on, 1))
        with pytest.raises(AppError, match="the power goes"):
            bring(config, path)
    (tmp_path / "cars.csv.rejects.jsonl").unlink()
    with pytest.raises(AppError, match="--rejects"):
        bring(config, path)


def test_when_a_series_is_used_up_the_next_is_taken(
    config: Path, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "SERIALS_MAX", 3)
    bring(config, written(tmp_path, *(car(n) for n in range(8))))
    numbers = [row["number"] for row in rows(database, "select number from record order by id")]
    assert [(one[:3], one[8:]) for one in numbers] == [
        *(("500", f"{n:05d}") for n in (1, 2, 3)), *(("501", f"{n:05d}") for n in (1, 2, 3)),
        *(("502", f"{n:05d}") for n in (1, 2)),
    ]  # fmt: skip
    monkeypatch.setattr(storing, "SERIES", range(500, 503))
    path = written(tmp_path, car(8), car(9), name="more.csv")
    with pytest.raises(AppError, match="tomorrow the same command goes on"):
        bring(config, path)
    assert value(database, "select count(*) from record") == 8


# --------------------------------------------------------------------------- exporting

TO = (
    "--recipient",
    "Kim Specimen",
    "--agency",
    "Example County Sheriff",
    "--purpose",
    "case 26-9, discovery",
)


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_what_was_exported_can_be_imported_again(
    config: Path, tmp_path: Path, database: str, ending: str
) -> None:
    line = {"NAM": "TESTCASE, JANE", "AKA": ["SAMPLE, JO", "SAMPLE, ANN"], "SEX": "F", "RAC": "W", "DOB": "19900101",
            "SOC": "900112222", "HGT": "509", "OFF": "0101", "DOW": "20260301", "EXL": "01", "OCA": "99-2",
            "MIS": 'SAYS "NO", A|B \\ C'}  # fmt: skip
    bring(config, written(tmp_path, json.dumps(line), header="", name="people.jsonl"), file="wanted")
    out, back = tmp_path / f"out.{ending}", tmp_path / f"back.{ending}"
    assert call(config, "export", out, "--file", "wanted", "--secrets", *TO).exit_code == 0
    before = value(database, "select number from record")
    assert before in out.read_text()
    rows(database, "truncate record, identifier, person, name_pair")
    assert bring(config, out, file="wanted")["entered"] == 1, refused(out)
    assert call(config, "export", back, "--file", "wanted", "--secrets", *TO).exit_code == 0
    after = value(database, "select number from record")
    times = [
        row["t"]
        for row in rows(database, "select to_char(entered_at, 'YYYY-MM-DD\"T\"HH24:MI:SS') as t from record")
    ]
    assert after != before

    def plain(path: Path) -> str:
        text = path.read_text().replace(before, "N").replace(after, "N")
        text = re.sub(r"CUI//LEI \S+ \S+ \S+ EVENT [0-9]+", "MARK", text)
        where = text.index("2026-") if "2026-" in text else text.index(times[0][:5])
        return text[:where] + text[where + 25 :]

    assert plain(out) == plain(back)
    assert "900112222" in out.read_text()


def test_secrets_and_what_has_ended_are_exported_only_when_asked_for(
    config: Path, tmp_path: Path, database: str
) -> None:
    line = {"NAM": "TESTCASE, JANE", "SEX": "F", "RAC": "W", "DOB": "19900101", "SOC": "900112222", "OFF": "0101",
            "DOW": "20260301", "EXL": "01", "OCA": "99-2"}  # fmt: skip
    bring(config, written(tmp_path, json.dumps(line), header="", name="people.jsonl"), file="wanted")
    out, ended = tmp_path / "out.csv", tmp_path / "ended.csv"
    told = json.loads(call(config, "export", out, "--file", "wanted", "--json", *TO).stdout)
    assert (told["records"], told["secrets"]) == (1, False)
    assert "900112222" not in out.read_text()
    assert "SOC" not in out.read_text().splitlines()[0].split(",")
    rows(database, "update record set status = 'cleared'")
    assert (
        json.loads(call(config, "export", tmp_path / "b.csv", "--file", "wanted", "--json", *TO).stdout)[
            "records"
        ]
        == 0
    )
    assert (
        json.loads(call(config, "export", ended, "--file", "wanted", "--all", "--json", *TO).stdout)[
            "records"
        ]
        == 1
    )
    assert ",cleared," in ended.read_text()
    assert value(database, "select count(*) from journal where tag = 'records:exported'") == 6
    assert out.stat().st_mode & 0o077 == 0
    assert not out.with_name("out.csv.part").exists()


def test_an_export_of_no_file_of_ours_is_refused(config: Path, tmp_path: Path) -> None:
    refused = call(config, "export", tmp_path / "out.csv", "--file", "licence", *TO)
    assert "no record file of ours" in str(refused.exception)
    assert "--format" in str(call(config, "export", tmp_path / "out.txt", "--file", "vehicle", *TO).exception)


def test_Policy_5_1_3_an_export_names_who_gets_it_and_marks_each_record(
    config: Path, tmp_path: Path, database: str
) -> None:
    bring(config, written(tmp_path, car(1)))
    out, key = tmp_path / "out.jsonl", tmp_path / "key"
    key.write_text("an invented passphrase of many words")
    assert call(config, "export", out, "--file", "vehicle").exit_code == 2, "nobody is named"
    nobody = call(config, "export", out, "--file", "vehicle", *TO[:-1], " ")
    assert "--purpose is missing" in str(nobody.exception)
    assert not out.exists()
    assert value(database, "select count(*) from journal where tag = 'records:passed'") == 0
    assert call(config, "export", out, "--file", "vehicle", *TO).exit_code == 0
    event = value(database, "select number from journal where tag = 'records:passed'")
    marked = json.loads(out.read_text())["MARKED"]
    assert re.fullmatch(rf"CUI//LEI \S+ [0-9-]{{10}} [0-9:]{{8}}Z EVENT {event}", marked)
    assert "nothing is written over" in str(call(config, "export", out, "--file", "vehicle", *TO).exception)
    sealed, opened = tmp_path / "sealed", tmp_path / "opened.jsonl"
    done = call(config, "export", sealed, "--file", "vehicle", "--format", "jsonl", "--sealed", key, *TO)
    assert done.exit_code == 0, done.output
    assert b"OWNER" not in sealed.read_bytes()
    assert "is an archive and not a file of records" in str(
        call(
            config, "import", sealed, "--file", "vehicle", "--format", "jsonl", "--ori", "CA0990100"
        ).exception
    )
    unseal(sealed, opened, key)
    assert json.loads(opened.read_text())["FCN"] == json.loads(out.read_text())["FCN"]
