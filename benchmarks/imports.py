"""An import of a mixed file of stolen vehicles, beside a plain COPY of the same bytes into a bare table."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import asyncpg

from benchmarks.place import SEED
from benchmarks.result import Result
from wireroom.app.assemble import engine
from wireroom.app.settings import Loaded
from wireroom.catalog.kinds_of_number import vin_check_digit

OWNER = "CA0990100"
LINES = 1_000_000
TARGET = 8.0
MAKES = ("TOYT", "HOND", "FORD", "CHEV", "NISS")
MODELS = ("CAM", "CIV", "F15", "MAL", "ALT")
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
HEADER = "CAT,LIC,LIS,LIY,LIT,VIN,VYR,VMA,VMO,VST,VCO,DOT,OCA,MIS"


async def run(loaded: Loaded, lines: int = LINES) -> dict[str, Result]:
    """Seconds for an import of so many lines, faulty ones and duplicates among them; and how much memory it took."""
    path = loaded.data_folder / f"mixed-{lines}.csv"
    await asyncio.to_thread(write_mixed, path, lines)
    async with engine(loaded, f"wireroom_imports_{os.getpid()}") as dsn:
        first = await _copied(dsn, path)
        began = time.perf_counter()
        told = await asyncio.to_thread(_imported, loaded, dsn, path)
        seconds = time.perf_counter() - began
        copies = [first, *[await _copied(dsn, path) for _ in range(2)]]
        await _dropped(loaded, dsn)
    copy = statistics.median(copies)
    title = f"import, {lines / 1e6:g} million mixed lines"
    more: dict[str, object] = {
        "lines_per_s": round(lines / seconds), "copy_lines_per_s": round(lines / copy), "entered": told["entered"],
        "refused": told["refused"],
        **{name: told[name] for name in ("storing_rss_mb", "reading_rss_mb", "storing_cpu_s", "reading_cpu_s")},
        "megabytes": round(path.stat().st_size / 1e6), "copy_range": [min(copies), max(copies)],
    }  # fmt: skip
    return {
        title: Result(
            value=round(seconds, 2), unit="s", baseline=round(copy, 2),
            baseline_name="COPY of the same bytes into a bare table", ratio=round(seconds / copy, 3),
            target=f"at most {TARGET:g} times", runs=1, more=more,
        )
    }  # fmt: skip


def write_mixed(path: Path, lines: int) -> None:
    """Invented vehicles: of a hundred lines one is faulty, in one field or several, or is there twice."""
    dice = Random(SEED)
    with path.open("w", encoding="ascii") as handle:
        handle.write(HEADER + "\n")
        last = ""
        for place in range(lines):
            kind = dice.random()
            line = _vehicle(dice, place)
            if kind < 0.004:
                cells = line.split(",")
                cells[7] = "NOMAKE"
                line = ",".join(cells)
            elif kind < 0.0075:
                cells = line.split(",")
                cells[6], cells[7], cells[11], cells[12] = "19", "NOMAKE", "20991231", ""
                line = ",".join(cells)
            elif kind < 0.01 and last:
                line = last
            last = line
            handle.write(line + "\n")


def _vehicle(dice: Random, place: int) -> str:
    letters = dice.choices(LETTERS, k=2)
    plate = f"{dice.randint(1, 9)}{letters[0]}{letters[1]}Q{place % 1_000_000:06d}"[:10]
    vin = f"0WR{''.join(dice.choices(LETTERS, k=5))}0{dice.choice(LETTERS[:10])}W{place % 1_000_000:06d}"
    vin = vin[:8] + vin_check_digit(vin) + vin[9:]
    which = dice.randrange(len(MAKES))
    day = f"2026{dice.randint(1, 9):02d}{dice.randint(1, 28):02d}"
    return (
        f"S,{plate},CA,2027,PC,{vin},{dice.randint(1990, 2026)},{MAKES[which]},{MODELS[which]},4D,SIL,{day},"
        f"26-{place:07d},TAKEN FROM A CAR PARK AT NIGHT"
    )


async def _copied(dsn: str, path: Path) -> float:
    """Seconds for the baseline: every line as it is into a table of one column without an index."""
    connection = await asyncpg.connect(dsn, command_timeout=3600)
    try:
        await connection.execute("drop table if exists bench_line")
        await connection.execute("create table bench_line (line text)")
        began = time.perf_counter()
        await connection.copy_to_table("bench_line", source=path)
        seconds = time.perf_counter() - began
        await connection.execute("drop table bench_line")
        return seconds
    finally:
        await connection.close()


def _imported(loaded: Loaded, dsn: str, path: Path) -> dict[str, int]:
    """What the command itself said, run as anybody runs it, and the most memory that it and its reader had."""
    settings = loaded.data_folder / "imports.toml"
    settings.write_text(f'[database]\nurl = "{dsn}"\n[secrets]\nfolder = "secrets"\n', encoding="utf-8")
    words = ["-m", "benchmarks.imports", str(path), "--file", "vehicle", "--ori", OWNER, "--json", "--config"]
    done = subprocess.run(
        [sys.executable, *words, str(settings)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"the import ended with {done.returncode}: {done.stderr[-2000:]}")
    return {**json.loads(done.stdout), **json.loads(done.stderr.strip().splitlines()[-1])}


async def _dropped(loaded: Loaded, dsn: str) -> None:
    connection = await asyncpg.connect(dsn, database="postgres")
    try:
        await connection.execute(f"drop database wireroom_imports_{os.getpid()} with (force)")
    finally:
        await connection.close()


if __name__ == "__main__":
    import resource

    from wireroom.app.cli import wireroom

    try:
        wireroom.main(["records", "import", *sys.argv[1:]], standalone_mode=False)
    finally:
        used = {
            name: resource.getrusage(who)
            for name, who in (("storing", resource.RUSAGE_SELF), ("reading", resource.RUSAGE_CHILDREN))
        }
        figures = {f"{name}_rss_mb": one.ru_maxrss // 1024 for name, one in used.items()}
        figures |= {f"{name}_cpu_s": round(one.ru_utime + one.ru_stime) for name, one in used.items()}
        print(json.dumps(figures), file=sys.stderr)
