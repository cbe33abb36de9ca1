"""Finding people: how many are found and how many wrongly, how fast, and how that grows, each beside its baseline."""

from __future__ import annotations

import os
import platform
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from math import log2
from pathlib import Path
from random import Random

import asyncpg
import msgspec

from benchmarks import families, search_ask, search_baselines, search_page, search_speed
from benchmarks.result import Result
from benchmarks.search_file import SEED, Held, absent_of_each_group, held, queries
from benchmarks.search_page import percent, table, verbatim
from benchmarks.search_worker import Work
from wireroom.app.console import bar
from wireroom.app.engine import Embedded
from wireroom.lab.labelled import Labelled, Subject
from wireroom.lab.origins import GROUPS, SHARES
from wireroom.lab.scores import Answered, Apart, Band, Fairness, ScoreReport, render, report
from wireroom.lab.search_set import LabelledSet
from wireroom.records.matching.evidence import WIDE
from wireroom.records.matching.keeping import Kept, keep

PARTS = ("load", "stress", "field", "fairness", "speed", "throughput", "growth", "families")
PROCESSES = 2
ABSENT_DRAWN_MAX = 2_000_000  # queries looked through for absent people of every group
NUMBERED_FROM = 1_000_000_000  # record numbers of the families, after everybody of the background
BUFFERS_MB = 1024
_RECALL_TARGETS = {"stress": "at least 0.99", "field": "at least 0.997"}

Note = Callable[[dict[str, Result]], None]
Measured = tuple[dict[str, Result], list[str]]


class Plan(msgspec.Struct, frozen=True):
    """How much to measure."""

    people: int = 5_000_000
    sizes: tuple[int, ...] = (500_000, 1_000_000, 5_000_000, 10_000_000)
    queries: int = 8_000  # of each mix, and of both processes together
    queries_seed: int = 20_262
    absent_each: int = 1_000  # people of each group who are not in the file
    timed: int = 3_000
    warming: int = 500
    background: int = 1_000_000  # people among whom the families are
    parts: tuple[str, ...] = PARTS

    def command(self, part: str) -> str:
        """What to type to measure a part again."""
        size = f"--search-sizes {','.join(map(str, self.sizes))}" if part == "growth" else (
            f"--search-background {self.background}" if part == "families" else f"--search-people {self.people}"
        )  # fmt: skip
        return (
            f"python -m benchmarks --only search --search-part {part} {size} "
            f"--search-queries {self.queries} --search-seed {self.queries_seed}"
        )


async def run(folder: Path, plan: Plan, note: Note, page: Path = search_page.PAGE) -> dict[str, Result]:
    """The parts of a plan, one after another; each is written down as soon as it is measured."""
    if unknown := set(plan.parts) - set(PARTS):
        raise ValueError(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    results: dict[str, Result] = {}
    with Embedded(folder, shared_buffers_mb=BUFFERS_MB) as server:
        bench = Bench(server, plan)
        for part in plan.parts:
            found, lines = await bench.measure(part)
            search_page.note(
                folder / "report", part, [*lines[:1], "", _where(plan.command(part)), "", *lines[1:]]
            )
            search_page.write(folder / "report", PARTS, page)
            note(found)
            results |= found
    return results


def _where(command: str) -> str:
    return (
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}, PostgreSQL on the same cores."
    )


class Bench:
    """The parts, on one server."""

    def __init__(self, server: Embedded, plan: Plan) -> None:
        self.server, self.plan = server, plan

    def measure(self, part: str) -> Awaitable[Measured]:
        """One part: its results, and its lines for the page, the title first."""
        if part in _RECALL_TARGETS:
            return self.quality(part)
        measures: dict[str, Callable[[], Awaitable[Measured]]] = {
            "load": self.load, "fairness": self.fairness, "speed": self.speed,
            "throughput": self.throughput, "growth": self.growth, "families": self.families,
        }  # fmt: skip
        return measures[part]()

    # ----------------------------------------------------------------------- the file

    async def load(self) -> Measured:
        """What it cost to make the file."""
        _, one = await held(self.server, self.plan.people)
        bytes_each = sum(one.bytes_a_person.values())
        rate = one.people / one.loading_s
        results = {
            "search, loading": Result(
                value=round(rate, 0), unit="people/s",
                more={"people": one.people, "seconds": one.loading_s, "counting_s": one.counting_s},
            ),
            "search, index": Result(
                value=round(bytes_each, 1), unit="bytes a person", more={**one.bytes_a_person, "tokens": one.tokens}
            ),
        }  # fmt: skip
        parts = ", ".join(f"{name} {size:,.0f}" for name, size in one.bytes_a_person.items())
        return results, [
            f"## The file: {one.people:,} people",
            f"- Loaded at {rate:,.0f} people a second in transactions of 20,000, in {one.loading_s:,.0f} seconds; "
            f"counted and vacuumed in another {one.counting_s:,.0f}.",
            f"- Index: {bytes_each:,.0f} bytes a person ({parts}).",
            f"- Vocabulary: {one.tokens:,} tokens.",
        ]

    # ----------------------------------------------------------------------- who is found

    async def quality(self, mix: str) -> Measured:
        """Our search and the baselines on the same queries and the same file."""
        plan = self.plan
        asked = queries(plan.people, plan.queries, mix, plan.queries_seed)
        dsn, one = await held(self.server, plan.people)
        async with search_ask.opened(dsn) as connection:
            await search_baselines.prepare(connection, _numbered(plan.people))
            reports = await self._reports(connection, asked)
        ours, *others = reports
        by_tier = {seen.tier: seen for seen in ours.thresholds}
        keys, ncic = others[-1], others[0]
        results = {f"search, {mix}, recall at 10": _recall(ours, others, _RECALL_TARGETS[mix])}
        for tier, target in (("strong", 0.03), ("possible", 0.15)):
            seen = by_tier[tier]
            results[f"search, {mix}, false hits an absent person, {tier}"] = _beside(
                seen.false_per_absent.value, ncic.thresholds[-1].false_per_absent.value, "NCIC-style, all lines",
                unit="lines", target=f"at most {target}",
                more={"recall": _round(seen.recall.value), "absent": ours.absent,
                      "phonetic keys": _round(keys.thresholds[-1].false_per_absent.value)},
            )  # fmt: skip
        results[f"search, {mix}, calibration, worst band"] = _calibration(ours)
        lines = [f"## {mix.capitalize()} mix, {one.people:,} people", *search_page.systems(ours, others)]
        lines += ["Ours were asked in batches of 16, those of the baselines one at a time.", ""]
        return results, [*lines, *verbatim(render(ours))]

    async def _reports(
        self, connection: asyncpg.Connection, asked: Sequence[Labelled], *, only: Iterable[str] = ()
    ) -> list[ScoreReport]:
        """Ours first, then the baselines."""
        people, _ = await search_ask.ready(connection)
        with bar("Asking our search") as progress:
            answers: dict[str, Sequence[Answered]] = {
                "ours": await search_ask.answered(connection, people, asked, progress)
            }
        for name, find in (await search_baselines.Baselines(connection).systems()).items():
            if not only or name in only:
                with bar(f"Asking {name}") as progress:
                    answers[name] = await search_baselines.answered(find, asked, progress)
        return [report(found, dice=Random(1), name=name) for name, found in answers.items()]

    async def fairness(self) -> Measured:
        """False hits by name group: so many absent people of each, by stress queries."""
        plan = self.plan
        asked = absent_of_each_group(plan.people, plan.absent_each, plan.queries_seed + 2, ABSENT_DRAWN_MAX)
        dsn, one = await held(self.server, plan.people)
        async with search_ask.opened(dsn) as connection:
            await search_baselines.prepare(connection, _numbered(plan.people))
            ours, ncic = await self._reports(connection, asked, only=("NCIC-style",))
        assert ours.fairness is not None
        assert ncic.fairness is not None
        lines = [
            f"## Fairness, {one.people:,} people",
            f"Stress queries about {len(asked):,} people who are not in the file, alike many of each group.",
            "",
            *search_page.groups(ours.fairness),
            "The same for the NCIC-style baseline:",
            "",
            *search_page.groups(ncic.fairness),
        ]
        results: dict[str, Result] = {}
        for mine, theirs in zip(ours.fairness.apart, ncic.fairness.apart, strict=True):
            if mine.tier in ("strong", "possible"):
                results[f"search, worst to best name group, {mine.tier}"] = _apart(mine, theirs)
                lines.append(
                    f"- {mine.tier}: {mine.worst} has {mine.ratio:.2f} times as many as {mine.best}; chance alone "
                    f"makes it {mine.by_chance:.2f}, seldom over {mine.by_chance_high:.2f}. "
                    f"NCIC-style: {theirs.ratio:.2f} times, {theirs.worst} against {theirs.best}."
                )
        for tier in ("strong", "possible"):
            rates, others = _by_census(ours.fairness, tier), _by_census(ncic.fairness, tier)
            ratio, other = (
                max(rates.values()) / min(rates.values()),
                max(others.values()) / min(others.values()),
            )
            results[f"search, worst to best census group, {tier}"] = Result(
                value=round(ratio, 3), unit="times", baseline=round(other, 3), baseline_name="NCIC-style",
                ratio=round(ratio / other, 3), target="at most 1.6", more={k: round(v, 4) for k, v in rates.items()},
            )  # fmt: skip
            told = ", ".join(f"{name} {rate:.3f}" for name, rate in rates.items())
            lines.append(
                f"- {tier}, by the groups of the census: {told}; worst to best {ratio:.2f}, NCIC-style {other:.2f}."
            )
        return results, lines

    # ----------------------------------------------------------------------- how fast

    async def _timed(
        self, people: int, from_bits: float = search_ask.FROM_BITS
    ) -> tuple[search_speed.Timed, Held]:
        dsn, one = await held(self.server, people)
        asked = self._subjects(people, self.plan.timed, 1)
        warming = self._subjects(people, self.plan.warming, 3)
        return await search_speed.timed(dsn, warming, asked, from_bits), one

    def _subjects(self, people: int, count: int, add: int) -> list[Subject]:
        return [one.query for one in queries(people, count, "stress", self.plan.queries_seed + add)]

    async def speed(self) -> Measured:
        """One inquiry at a time, beside the bare SELECT of the rows it found."""
        deep, one = await self._timed(self.plan.people)
        wide, _ = await self._timed(self.plan.people, WIDE)
        results, rows = {}, []
        for words, seen in (("all that is measured above", deep), ("lines of the tiers only", wide)):
            ours, bare = _quantiles(seen.ours), _quantiles(seen.bare)
            ratios = [f"{ours[name] / bare[name]:.1f}" for name in ours]
            rows.append((words, *(f"{value:.2f}" for value in ours.values()), f"{seen.lines:.1f}",
                         *(f"{value:.3f}" for value in bare.values()), " / ".join(ratios)))  # fmt: skip
        for name, target in (("p50", "under 8 ms"), ("p99", "under 25 ms"), ("mean", "")):
            results[f"search, one inquiry, {name}"] = _beside(
                _quantiles(deep.ours)[name], _quantiles(deep.bare)[name], "a bare indexed SELECT of the same rows",
                unit="ms", target=target,
                more={"people": one.people, "tiers only": round(_quantiles(wide.ours)[name], 3)},
            )  # fmt: skip
        head = ("looked for", "p50 ms", "p99 ms", "mean ms", "lines found", "bare p50", "bare p99", "bare mean",
                "ratios")  # fmt: skip
        return results, [
            f"## One inquiry at a time, {one.people:,} people",
            f"{self.plan.timed:,} stress queries after {self.plan.warming} others, each with its transaction and its "
            "look at new words. Bare: a prepared SELECT of the found persons' rows by key, in turns with ours.",
            "",
            *table(head, rows),
        ]

    async def throughput(self) -> Measured:
        """Two processes at once, in batches, with the memory and the start of each."""
        dsn, one = await held(self.server, self.plan.people)
        each = self.plan.queries // PROCESSES
        asked = self._subjects(one.people, each * PROCESSES, 4)
        warming = self._subjects(one.people, self.plan.warming, 3)
        works = [Work(dsn, warming, asked[place::PROCESSES]) for place in range(PROCESSES)]
        readies, dones = await search_speed.together(works)
        rate = sum(done.asked for done in dones) / (max(d.ended for d in dones) - min(d.begun for d in dones))
        vocabulary = max(ready.with_vocabulary_mb - ready.bare_mb for ready in readies)
        memory, start = max(done.mb for done in dones), max(ready.seconds for ready in readies)
        results = {
            "search, two processes in batches of 16": Result(
                value=round(rate, 1), unit="inquiries/s", target="at least 200",
                more={"people": one.people, "inquiries": each * PROCESSES},
            ),
            "search, memory of a process": Result(
                value=round(memory, 0), unit="MB", more={"vocabulary_MB": round(vocabulary, 0), "tokens": one.tokens}
            ),
            "search, start of the vocabulary": Result(value=round(start, 2), unit="s", more={"tokens": one.tokens}),
        }  # fmt: skip
        return results, [
            f"## Two processes at once, {one.people:,} people",
            f"- {rate:,.0f} inquiries a second of both together, in batches of {search_ask.BATCH}: "
            f"{each * PROCESSES:,} stress queries after {self.plan.warming} others in each, the database on the "
            "same cores.",
            f"- Each process has {memory:,.0f} MB at the end, of which {vocabulary:,.0f} MB are the vocabulary; "
            f"it takes {start:.1f} seconds to read (both at once).",
        ]

    async def growth(self) -> Measured:
        """Lines of the tiers at every size, as the product asks; the power of the size that the times grow with."""
        times: dict[str, dict[int, float]] = {"p50": {}, "p99": {}, "mean": {}}
        rows = []
        for people in sorted(self.plan.sizes):
            seen, one = await self._timed(people, WIDE)
            found = _quantiles(seen.ours)
            for name, by_size in times.items():
                by_size[people] = found[name]
            rows.append((f"{people:,}", *(f"{found[name]:.2f}" for name in times), f"{one.tokens:,}",
                         f"{one.people / one.loading_s:,.0f}", f"{sum(one.bytes_a_person.values()):,.0f}"))  # fmt: skip
        lines = ["## As the file grows", "One inquiry at a time, lines of the tiers only.", "", *table(
            ("people", "p50 ms", "p99 ms", "mean ms", "tokens", "loaded, people/s", "bytes a person"), rows
        )]  # fmt: skip
        if len(times["mean"]) < 2:
            return {}, lines
        powers = {name: search_speed.exponent(by_size) for name, by_size in times.items()}
        more: dict[str, object] = {f"mean ms at {size:,}": round(ms, 2) for size, ms in times["mean"].items()}
        result = Result(
            value=round(powers["mean"], 3), unit="power of the size", target="at most 0.3",
            more=more | {"p50": round(powers["p50"], 3), "p99": round(powers["p99"], 3)},
        )  # fmt: skip
        words = ", ".join(f"{name} {power:.2f}" for name, power in powers.items())
        return {"search, growth": result}, [
            *lines,
            f"Power of the size, by least squares of the logarithms: {words}.",
        ]

    # ----------------------------------------------------------------------- families made by hand

    async def families(self) -> Measured:
        """The families of benchmarks/families.csv among a background; the database is left as it was."""
        people, asked = _renumbered(*families.labelled())
        dsn, one = await held(self.server, self.plan.background)
        async with search_ask.opened(dsn) as connection:
            await search_baselines.prepare(connection, _numbered(one.people))
            whole = connection.transaction()
            await whole.start()
            try:
                index, _ = await search_ask.ready(connection)
                kept = [Kept(search_ask.FILE, False, int(p.id), (search_ask.called_of(p),)) for p in people]
                await keep(connection, index.vocabulary, index.books, kept)
                await search_baselines.add(connection, people)
                ours, *others = await self._reports(connection, asked)
            finally:
                await whole.rollback()
        lines = [
            f"## Families of names made by hand, among {one.people:,} others",
            f"{len(people)} people of {len(ours.classes['group'])} cultures; by class the kinds of variant, by group "
            "the cultures.",
            "",
            *search_page.systems(ours, others),
            *verbatim(render(ours)),
        ]
        return {"search, name families, recall at 10": _recall(ours, others, "")}, lines


# --------------------------------------------------------------------------- figures


def _recall(ours: ScoreReport, others: Sequence[ScoreReport], target: str) -> Result:
    """Recall at 10 beside the best baseline's."""
    best = max(others, key=lambda one: one.recall_at_10.value or 0.0)
    return _beside(
        ours.recall_at_10.value, best.recall_at_10.value, best.name, unit="of those in the file", target=target,
        more={"95 in 100": percent(ours.recall_at_10), "first line right": _round(ours.recall_at_1.value),
              "in the file": ours.present} | {one.name: _round(one.recall_at_10.value) for one in others},
    )  # fmt: skip


def _beside(
    value: float | None, baseline: float | None, name: str, *, unit: str, target: str, more: dict[str, object]
) -> Result:
    value, baseline = value or 0.0, baseline or 0.0
    return Result(
        value=_round(value), unit=unit, baseline=_round(baseline), baseline_name=name,
        ratio=round(value / baseline, 4) if baseline else None, target=target, more=more,
    )  # fmt: skip


def _calibration(ours: ScoreReport) -> Result:
    """The band whose bits are farthest from what was seen, of those that are shown and have enough lines."""
    known = [
        (abs(band.difference), band)
        for band in ours.calibration
        if band.difference is not None and band.low is not None and band.low >= WIDE
    ]
    if not known:
        return Result(value=0.0, unit="bits", target="at most 1", more={"bands": 0})
    worst, band = max(known, key=lambda pair: pair[0])
    high = "more" if band.high is None else f"{band.high:g}"
    return Result(
        value=round(worst, 2), unit="bits", target="at most 1",
        more={"band": f"{band.low:g} to {high}", "difference": round(band.difference or 0.0, 2), "lines": band.lines,
              "beyond chance": round(_beyond_chance(band), 2), "bands": len(known)},
    )  # fmt: skip


def _beyond_chance(band: Band) -> float:
    """By how much the bits said lie outside of where 95 in 100 such samples would put those seen."""
    low, high = band.observed.low or 0.0, band.observed.high or 0.0
    said = band.bits or 0.0
    under = log2(low / (1 - low)) - said if 0 < low < 1 else 0.0
    over = said - log2(high / (1 - high)) if 0 < high < 1 else 0.0
    return max(0.0, under, over)


CENSUS = {
    "white and others": ("anglo", "slavic", "mideast", "other"),
    "black": ("black",),
    "Asian": ("eastasian", "vietnamese", "southasian"),
    "Hispanic": ("hispanic",),
}


def _by_census(fairness: Fairness, tier: str) -> dict[str, float]:
    """False hits for an absent person by the census's groups: each origin counts by its share of the people."""
    shares = {
        group: sum(SHARES[one] for one, of in GROUPS.items() if of == group) for group in GROUPS.values()
    }
    return {
        name: sum(shares[one] * fairness.groups[one].rates[tier] for one in origins)
        / sum(shares[one] for one in origins)
        for name, origins in CENSUS.items()
        if all(one in fairness.groups for one in origins)
    }


def _apart(ours: Apart, ncic: Apart) -> Result:
    """How far the groups lie apart, ours and the baseline's."""
    return _beside(
        ours.ratio, ncic.ratio, "NCIC-style", unit="times", target="at most 1.6",
        more={"worst": ours.worst, "best": ours.best, "by chance": _round(ours.by_chance),
              "by chance, seldom over": _round(ours.by_chance_high)},
    )  # fmt: skip


def _quantiles(times: Sequence[float]) -> dict[str, float]:
    return {
        "p50": search_speed.quantile(times, 0.5),
        "p99": search_speed.quantile(times, 0.99),
        "mean": sum(times) / len(times),
    }


def _round(value: float | None) -> float:
    return round(value or 0.0, 4)


def _numbered(people: int) -> Iterable[Subject]:
    """The people of a file as the baselines take them, one by one."""
    for one in LabelledSet(people, SEED).people_rows():
        yield Subject(str(one.id), one.last, one.first, dob=int(one.dob or 0), sex=one.sex)


def _renumbered(people: Sequence[Subject], asked: Sequence[Labelled]) -> tuple[list[Subject], list[Labelled]]:
    """The families under numbers, as records have them."""
    numbers = {one.id: str(NUMBERED_FROM + place) for place, one in enumerate(people)}
    return (
        [msgspec.structs.replace(one, id=numbers[one.id]) for one in people],
        [
            msgspec.structs.replace(one, true_ids=frozenset(map(numbers.__getitem__, one.true_ids)))
            for one in asked
        ],
    )
