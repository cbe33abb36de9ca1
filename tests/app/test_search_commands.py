"""Claims about `wireroom search`: who is found, what is written down, and that measuring leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result

from tests.sealed import entries
from wireroom.app import AppError, measuring
from wireroom.app.assemble import now
from wireroom.app.cli import wireroom
from wireroom.app.keys import Keys
from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue
from wireroom.records.answerer import RecordFiles
from wireroom.records.bulk import BulkLoader
from wireroom.records.matching.counting import count

PEOPLE = """id,last,first,middle,suffix,dob,sex,ssn
p1,Hildebrand,Michelle,,,19690208,F,912-34-5678
p2,Quartermain,Odile,Anne,,1975-11-30,F,
p3,Núñez de la Rosa,José,,JR,19851332,M,
p4,OKAF0R,,,,,,
p5,"O'Brien, Bob",Seán,,,19500101,M,900111111
p6,黒澤,明,,,19100323,M,
"""
QUERIES = """query_id,last,first,middle,suffix,dob,sex,ssn,true_id,in_file,class
q1,HILDEBRANT,MICHELLE,,,19690208,F,,p1,1,typo
q2,QUARTERMAIN,ODILE,,,19753011,F,,p2,1,date
q3,NUNEZ,JOSE,,JR,,M,,p3,1,blank
q4,NOBODY,HERE,,,19660606,F,,,0,absent
q5,OBRIEN,SEAN,,,19500101,M,900111112,p5,1,number
"""
PATIENCE_S = 60


@pytest.fixture
def config(database: str, tmp_path: Path) -> Path:
    path = tmp_path / "wireroom.toml"
    path.write_text(f'[database]\nurl = "{database}"\n[secrets]\nfolder = "secrets"\n')
    return path


@pytest.fixture
def labelled(tmp_path: Path) -> tuple[str, ...]:
    """What `evaluate` is given: a small set with all that is odd in names."""
    (tmp_path / "people.csv").write_text(PEOPLE)
    (tmp_path / "queries.csv").write_text(QUERIES)
    return str(tmp_path / "queries.csv"), "--people", str(tmp_path / "people.csv")


@pytest.fixture
def filled(database: str, config: Path) -> Path:
    """Two wanted persons."""

    async def fill() -> None:
        connection = await asyncpg.connect(database)
        vault = Keys(config.parent / "secrets").vault()
        loader = BulkLoader(Catalogue(), Source.STATE, vault, first_id=1)
        rows = [
            (("NAM", "HILDEBRAND, MICHELLE"), ("SEX", "F"), ("DOB", "19690208"), ("SOC", "912345678")),
            (("NAM", "QUARTERMAIN, ODILE"), ("SEX", "F"), ("DOB", "19751130")),
        ]
        numbered = [("wanted", "CA0990100", f"99{n:011}", row) for n, row in enumerate(rows, 1)]
        await loader.load(connection, numbered, now())
        await count(connection)
        await connection.close()

    asyncio.run(fill())
    return config


def search(*words: str, config: Path) -> Result:
    result = CliRunner().invoke(wireroom, ["search", *words, "--config", str(config)])
    if isinstance(result.exception, AppError):
        raise result.exception
    return result


def value(database: str, statement: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(database)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


def left(database: str) -> dict[str, object]:
    """What every table holds that an evaluation touches."""
    tables = ("record", "record_version", "identifier", "person", "name_pair", "name_token", "name_book")
    return {table: value(database, f"select count(*) from {table}") for table in tables}


# ------------------------------------------------------------------ one person


def test_a_person_is_found_with_bits_odds_and_number(filled: Path) -> None:
    found = search("HILDEBRANT, MICHELLE", "--dob", "1969-02-08", "--sex", "f", config=filled)
    assert found.exit_code == 0, found.output
    titles, row = found.stdout.splitlines()
    assert titles.split() == ["Bits", "Odds", "File", "Number", "Name", "Born"]
    assert "HILDEBRAND, MICHELLE" in row
    assert "9900000000001" in row
    assert row.strip().startswith("+")


def test_each_piece_of_evidence_is_told_on_a_line_of_its_own(filled: Path) -> None:
    found = search("HILDEBRANT, MICHELLE", "--dob", "19690208", "--explain", config=filled)
    evidence = [line for line in found.stdout.splitlines() if line.startswith("      ")]
    assert any(line.split("  ")[3].startswith("last name one letter off") for line in evidence)
    total = float(found.stdout.splitlines()[1].split()[0])
    assert sum(float(line.split()[-1]) for line in evidence) == pytest.approx(total, abs=0.5)


def test_the_same_as_json_names_the_tier_and_the_owner(filled: Path) -> None:
    found = search("person", "HILDEBRAND, MICHELLE", "--dob", "19690208", "--json", config=filled)
    [one] = json.loads(found.stdout)["found"]
    assert one["tier"] == "strong"
    assert one["owner"] == "CA0990100"
    assert {"text", "bits"} == set(one["evidence"][0])


def test_AU_3_3_a_number_finds_and_is_not_written_down_whole(filled: Path, database: str) -> None:
    found = search("OTHER, NAME", "--ssn", "912-34-5678", config=filled)
    assert found.exit_code == 0
    [entry] = [one for one in entries(database, filled.parent / "secrets") if one.tag == "records:searched"]
    assert "912345678" not in str(entry)
    assert "ending 5678" in str(entry)
    assert entry.person == "console"


def test_nobody_found_is_exit_code_1_and_is_written_down_too(filled: Path, database: str) -> None:
    found = search("ZZYZX, QUENTIN", config=filled)
    assert found.exit_code == 1
    assert "Nobody found" in found.stdout
    assert value(database, "select count(*) from journal where tag = 'records:searched'") == 1


def test_who_looks_is_written_down_before_anything_is_read(
    filled: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise OSError("the power goes")

    monkeypatch.setattr(RecordFiles, "persons", fail)
    assert "the power goes" in str(search("HILDEBRAND, MICHELLE", config=filled).exception)
    assert value(database, "select count(*) from journal where tag = 'records:searched'") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("JOHN DOE",), "LAST, FIRST MIDDLE"),
        (("..., -",), "no letter"),
        (("DOE, JOHN", "--dob", "yesterday"), "CCYYMMDD"),
        (("--dob", "19800101"), "Missing argument 'NAME'"),
    ],
)
def test_what_cannot_be_meant_is_told(filled: Path, words: Sequence[str], told: str) -> None:
    refused = search(*words, config=filled)
    assert refused.exit_code == 2
    assert told in refused.output


@pytest.mark.parametrize(
    ("words", "told"),
    [(("--file", "vehicle"), "these are: .*wanted"), (("--ssn", "12"), "--ssn is not nine digits")],
)
def test_a_file_or_number_that_cannot_be_is_told(filled: Path, words: Sequence[str], told: str) -> None:
    with pytest.raises(AppError, match=told):
        search("DOE, JOHN", *words, config=filled)


def test_a_published_rule_has_no_bits(filled: Path) -> None:
    found = search("HILDEBRAND, M", "--dob", "19690208", "--rule", "ncic", "--explain", config=filled)
    assert found.exit_code == 0
    assert "surname by sound" in found.stdout
    assert found.stdout.splitlines()[1].split()[:2] == ["-", "-"]


def test_the_group_alone_tells_of_its_commands(filled: Path) -> None:
    told = CliRunner().invoke(wireroom, ["search"])
    assert "evaluate" in told.output
    assert "rebuild" in told.output


def test_names_are_counted_and_the_index_made_anew_by_hand(filled: Path, database: str) -> None:
    before = value(database, "select generation from name_census")
    assert search("count", config=filled).exit_code == 0
    assert value(database, "select generation from name_census") != before
    value(database, "delete from name_pair")
    assert "2 records" in search("rebuild", config=filled).stdout
    assert search("QUARTERMAIN, ODILE", "--dob", "19751130", config=filled).exit_code == 0


# ------------------------------------------------------------------ measuring


def test_a_labelled_set_is_measured_and_nothing_stays(
    config: Path, labelled: tuple[str, ...], database: str
) -> None:
    done = search("evaluate", *labelled, "--json", config=config)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["queries"], told["present"], told["absent"], told["people"]) == (5, 4, 1, 6)
    assert told["recall_at_10"]["value"] == 1.0
    assert set(told["classes"]["class"]) == {"typo", "date", "blank", "absent", "number"}
    assert told["latency"]["count"] == 5
    assert {"server", "words", "index_bytes", "database_bytes"} == set(told["engine"])
    assert told["load_seconds"] > 0
    assert set(left(database).values()) == {0}
    assert "The people are removed again" in done.stderr


def test_the_report_for_a_person_tells_what_was_found_and_how_long_it_took(
    config: Path, labelled: tuple[str, ...]
) -> None:
    done = search("evaluate", *labelled, "--batch", "3", "--limit-queries", "4", config=config)
    assert "4 queries: 3 of people in the file, 1 of people who are not in it" in done.stdout
    assert "Milliseconds a search" in done.stdout
    assert "6 people loaded in" in done.stdout


def test_records_that_are_there_stay_and_are_not_asked(
    filled: Path, labelled: tuple[str, ...], database: str
) -> None:
    before = left(database)
    told = json.loads(search("evaluate", *labelled, "--json", config=filled).stdout)
    assert told["classes"]["class"]["typo"]["thresholds"][2]["others_per_present"]["value"] == 0
    assert left(database) == before
    assert search("HILDEBRAND, MICHELLE", "--dob", "19690208", config=filled).exit_code == 0


def test_people_in_a_scratch_file_answer_no_inquiry(filled: Path, labelled: tuple[str, ...]) -> None:
    search("evaluate", *labelled, "--keep", config=filled)
    assert search("O'BRIEN, SEAN", "--dob", "19500101", "--ssn", "900111111", config=filled).exit_code == 1


def test_what_was_kept_is_in_the_way_until_it_is_cleared(
    config: Path, labelled: tuple[str, ...], database: str
) -> None:
    kept = search("evaluate", *labelled, "--keep", config=config)
    assert "--clear removes them" in kept.stderr
    assert value(database, "select count(*) from record where file = 'scratch_scratch'") == 6
    with pytest.raises(AppError, match="--clear"):
        search("evaluate", *labelled, config=config)
    assert search("evaluate", *labelled, "--name", "other", config=config).exit_code == 0
    assert value(database, "select count(*) from record") == 6
    assert search("evaluate", *labelled, "--clear", config=config).exit_code == 0
    assert set(left(database).values()) == {0}


def test_after_an_error_nothing_stays(
    config: Path, labelled: tuple[str, ...], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the report fails")

    monkeypatch.setattr(measuring, "report", fail)
    failed = search("evaluate", *labelled, config=config)
    assert "the report fails" in str(failed.exception)
    assert set(left(database).values()) == {0}


@pytest.mark.parametrize(
    ("people", "queries", "told"),
    [
        (PEOPLE, QUERIES.replace(",p2,", ",p9,"), r"queries.csv, line 3, column true_id: p9"),
        (PEOPLE + "p2,AGAIN,A,,,,,\n", QUERIES, r"people.csv, line 8, column id: p2 was there before"),
        (PEOPLE.replace("1975-11-30", "soon"), QUERIES, r"people.csv, line 3, column dob"),
    ],
)
def test_a_set_that_cannot_be_used_is_told_by_its_line_before_anything_is_loaded(
    config: Path, tmp_path: Path, database: str, people: str, queries: str, told: str
) -> None:
    (tmp_path / "people.csv").write_text(people)
    (tmp_path / "queries.csv").write_text(queries)
    words = ("evaluate", str(tmp_path / "queries.csv"), "--people", str(tmp_path / "people.csv"))
    with pytest.raises(AppError, match=told):
        search(*words, config=config)
    assert value(database, "select count(*) from journal") == 0


def test_a_name_that_is_no_file_name_is_refused(config: Path, labelled: tuple[str, ...]) -> None:
    assert search("evaluate", *labelled, "--name", "x;y", config=config).exit_code == 2


def test_ctrl_c_removes_the_people_as_well(config: Path, tmp_path: Path, database: str) -> None:
    rows = [f"p{n},PERSON{'ABCDEFGHIJ'[n % 10]},GIVEN,,,19800101,F," for n in range(3_000)]
    (tmp_path / "people.csv").write_text("\n".join([PEOPLE.splitlines()[0], *rows]))
    asked = [f"q{n},PERSONA,GIVEN,,,19800101,F,,,0" for n in range(50_000)]
    (tmp_path / "queries.csv").write_text("\n".join([QUERIES.splitlines()[0].removesuffix(",class"), *asked]))
    words = [sys.executable, "-m", "wireroom", "search", "evaluate", str(tmp_path / "queries.csv")]
    with subprocess.Popen(
        [*words, "--people", str(tmp_path / "people.csv"), "--config", str(config)],
        stderr=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        assert program.stderr is not None
        while "Searching: " not in program.stderr.readline():
            assert program.poll() is None
        program.send_signal(signal.SIGINT)
        assert "The people are removed again" in program.stderr.read()
        assert program.wait(PATIENCE_S) == 130
    assert set(left(database).values()) == {0}
