"""Measures how well a search answers a labelled set: who was found, who was shown wrongly, what the bits are worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import exp2, floor, isfinite, log2
from random import Random

import msgspec

from wireroom.lab.estimate import ROUNDS_MAX, Estimate, drawn, mean, share, sum_of, upper
from wireroom.lab.histogram import Histogram, Quantiles
from wireroom.lab.labelled import Labelled

BEYOND = "beyond"  # what is never shown to a reader, and counts only for the place of the right person
TIERS = ("strong", "possible", "wide")  # bits of at least 0, -4, -8; each threshold shows all tiers before it
GROUP = "group"
ABSENT_LEAST = 200  # queries of absent people, for a group to be compared with others
SMOOTHING = 0.5  # added to a group's false hits, so that a group without any is not infinitely better
LINES_LEAST = 20  # in a band, for its bits to be compared
_BAND = 2
_EDGE = 8


class Shown(msgspec.Struct, frozen=True):
    """A line that a search showed."""

    id: str
    bits: float | None  # nothing where a system gives no odds; then its lines are not in the calibration
    tier: str


class Answered(msgspec.Struct, frozen=True):
    """A query and what a search showed, the best first. An id that is shown again is counted once."""

    labelled: Labelled
    shown: tuple[Shown, ...]
    seconds: float


class Threshold(msgspec.Struct, frozen=True):
    """What a reader gets who is shown the lines down to a tier."""

    tier: str
    recall: Estimate  # share of the people in the file who were shown
    false_per_absent: Estimate  # lines shown, in the mean, for a person who is not in the file
    others_per_present: Estimate  # lines of other people, in the mean, for one who is


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a set of queries, or of a class of them."""

    queries: int
    present: int
    absent: int
    recall_at_1: Estimate
    recall_at_10: Estimate
    reciprocal_rank: Estimate  # mean of 1/rank over the people in the file, 0 for one not shown
    thresholds: tuple[Threshold, ...]  # by TIERS, each with those before it


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """Lines whose bits lie from `low` up to `high`, without it: what they promised, and what they were."""

    low: float | None
    high: float | None
    lines: int
    true: int
    observed: Estimate  # share of the lines that were the person meant
    predicted: float | None  # mean of 1/(1 + 2^-bits)
    bits: float | None  # mean
    observed_bits: (
        float | None
    )  # log2(true/false), as if as many of those asked for were absent as are in the file
    difference: float | None  # observed bits minus mean bits


class GroupFalse(msgspec.Struct, frozen=True):
    """False hits of one group, by tier with those before it; rates are (false + SMOOTHING) / absent."""

    absent: int
    false: dict[str, int]
    rates: dict[str, float]


class Apart(msgspec.Struct, frozen=True, kw_only=True):
    """How far the groups lie apart at a threshold."""

    tier: str
    worst: str
    best: str
    ratio: float  # of the worst's rate to the best's
    by_chance: float  # the ratio that half of such samples would show were all groups alike
    by_chance_high: float  # and that one in forty would exceed


class Fairness(msgspec.Struct, frozen=True, kw_only=True):
    """False hits of absent people by group. Groups of fewer than `absent_least` such queries are not compared."""

    absent_least: int = ABSENT_LEAST
    smoothing: float = SMOOTHING
    groups: dict[str, GroupFalse]
    compared: tuple[str, ...]
    apart: tuple[Apart, ...]  # none where fewer than two groups can be compared


class ScoreReport(Measures, frozen=True, kw_only=True):
    """All that was measured of one system on one labelled set."""

    name: str = ""
    classes: dict[str, dict[str, Measures]]  # by column and value
    calibration: tuple[Band, ...]
    fairness: Fairness | None
    latency: Quantiles  # milliseconds

    def as_json(self) -> bytes:
        """For programs."""
        return msgspec.json.encode(self)


class _Tally:
    """Counts of a set of queries. Means are kept as how often each value was seen, so memory does not grow."""

    def __init__(self) -> None:
        self.present = self.absent = self.at_1 = self.at_10 = 0
        self.found = [0] * len(TIERS)
        self.reciprocal: Counter[float] = Counter()
        self.false: list[Counter[float]] = [Counter() for _ in TIERS]
        self.others: list[Counter[float]] = [Counter() for _ in TIERS]

    def add(self, present: bool, lines: list[tuple[int, bool]]) -> None:
        """One query, with each line's place in TIERS and whether it is the person meant."""
        wrong = [sum(not true and tier <= upto for tier, true in lines) for upto in range(len(TIERS))]
        for counter, count in zip(self.others if present else self.false, wrong, strict=True):
            counter[count] += 1
        if not present:
            self.absent += 1
            return
        self.present += 1
        rank = next((place for place, (_, true) in enumerate(lines, 1) if true), 0)
        self.reciprocal[1 / rank if rank else 0.0] += 1
        if rank:
            self.at_1 += rank == 1
            self.at_10 += rank <= 10
            for upto in range(min(tier for tier, true in lines if true), len(TIERS)):
                self.found[upto] += 1

    def measured(self, dice: Random, rounds: int) -> Measures:
        """What the counts say."""
        return Measures(
            queries=self.present + self.absent,
            present=self.present,
            absent=self.absent,
            recall_at_1=share(self.at_1, self.present),
            recall_at_10=share(self.at_10, self.present),
            reciprocal_rank=mean(self.reciprocal, dice, rounds),
            thresholds=tuple(
                Threshold(
                    tier,
                    share(self.found[place], self.present),
                    mean(self.false[place], dice, rounds),
                    mean(self.others[place], dice, rounds),
                )
                for place, tier in enumerate(TIERS)
            ),
        )


class _Lines:
    """Lines of one band."""

    def __init__(self) -> None:
        self.count = self.true = self.of_absent = 0
        self.bits = self.predicted = 0.0

    def add(self, bits: float, true: bool, present: bool) -> None:
        self.count += 1
        self.of_absent += not present
        self.true += true
        self.bits += bits
        self.predicted += 1 / (1 + exp2(-max(bits, -1_000.0)))


def report(
    answers: Iterable[Answered], *, dice: Random, name: str = "", rounds: int = ROUNDS_MAX
) -> ScoreReport:
    """Measures answers as they come; only counts are kept. Raises ValueError at a tier or bits that cannot be."""
    whole = _Tally()
    classes: dict[str, dict[str, _Tally]] = {}
    bands = [_Lines() for _ in range(2 * _EDGE // _BAND + 2)]
    latency = Histogram()
    for answered in answers:
        labelled = answered.labelled
        lines = _lines(answered, bands)
        whole.add(labelled.present, lines)
        for column, value in labelled.classes.items():
            classes.setdefault(column, {}).setdefault(value, _Tally()).add(labelled.present, lines)
        latency.record(answered.seconds)
    rounds = max(1, min(rounds, ROUNDS_MAX))
    return ScoreReport(
        name=name,
        classes={
            column: {value: tally.measured(dice, rounds) for value, tally in sorted(found.items())}
            for column, found in sorted(classes.items())
        },
        calibration=tuple(_banded(place, band, whole) for place, band in enumerate(bands)),
        fairness=_fairness(classes[GROUP], dice, rounds) if GROUP in classes else None,
        latency=latency.summary(),
        **msgspec.structs.asdict(whole.measured(dice, rounds)),
    )


def _lines(answered: Answered, bands: list[_Lines]) -> list[tuple[int, bool]]:
    """Each line's place in TIERS and whether it is the person meant; counts it in its band as well."""
    truth = answered.labelled.true_ids if answered.labelled.present else frozenset()
    once: dict[str, Shown] = {}
    for shown in answered.shown:
        once.setdefault(shown.id, shown)
    lines = []
    for shown in once.values():
        if shown.tier not in (*TIERS, BEYOND):
            raise ValueError(f"a line of tier {shown.tier!r}; the tiers are {', '.join((*TIERS, BEYOND))}")
        lines.append(((*TIERS, BEYOND).index(shown.tier), shown.id in truth))
        if shown.bits is not None:
            if not isfinite(shown.bits):
                raise ValueError(f"a line of {shown.bits} bits; bits are a finite number")
            place = floor((shown.bits + _EDGE) / _BAND) + 1
            bands[max(0, min(place, len(bands) - 1))].add(
                shown.bits, shown.id in truth, answered.labelled.present
            )
    return lines


def _banded(place: int, band: _Lines, whole: _Tally) -> Band:
    """A band. Bits promise even odds that a person is in the file at all, so queries are weighed until it is so."""
    weight = whole.absent / whole.present if whole.absent and whole.present else 1.0
    false = weight * (band.count - band.true - band.of_absent) + band.of_absent
    low = place * _BAND - _EDGE - _BAND
    mixed = 0 < band.true < band.count
    bits = band.bits / band.count if band.count else None
    observed = log2(weight * band.true / false) if mixed else None
    known = observed is not None and bits is not None and band.count >= LINES_LEAST
    return Band(
        low=low if place else None,
        high=low + _BAND if low < _EDGE else None,
        lines=band.count,
        true=band.true,
        observed=share(band.true, band.count),
        predicted=band.predicted / band.count if band.count else None,
        bits=bits,
        observed_bits=observed,
        difference=observed - bits if known and observed is not None and bits is not None else None,
    )


def _fairness(tallies: dict[str, _Tally], dice: Random, rounds: int) -> Fairness:
    groups = {}
    for name, tally in sorted(tallies.items()):
        if tally.absent:
            false = {tier: round(sum_of(tally.false[place])) for place, tier in enumerate(TIERS)}
            rates = {tier: (count + SMOOTHING) / tally.absent for tier, count in false.items()}
            groups[name] = GroupFalse(tally.absent, false, rates)
    compared = tuple(name for name, group in groups.items() if group.absent >= ABSENT_LEAST)
    apart = []
    for place, tier in enumerate(TIERS if len(compared) > 1 else ()):
        by_rate = sorted((groups[name].rates[tier], name) for name in compared)
        (least, best), (most, worst) = by_rate[0], by_rate[-1]
        chance = _chance_ratios([tallies[name].false[place] for name in compared], dice, rounds)
        apart.append(
            Apart(
                tier=tier,
                worst=worst,
                best=best,
                ratio=most / least,
                by_chance=chance[len(chance) // 2],
                by_chance_high=chance[upper(len(chance))],
            )
        )
    return Fairness(groups=groups, compared=compared, apart=tuple(apart))


def _chance_ratios(groups: list[Counter[float]], dice: Random, rounds: int) -> list[float]:
    """In rising order, the ratios of worst to best when every group draws from all groups together."""
    pooled = sum(groups, Counter[float]())
    sizes = [group.total() for group in groups]
    ratios = []
    for _ in range(rounds):
        rates = [(drawn(pooled, size, dice) + SMOOTHING) / size for size in sizes]
        ratios.append(max(rates) / min(rates))
    return sorted(ratios)


# --------------------------------------------------------------------------- for a person

_READERS = ("strong lines only", "strong and possible", "all lines, wide too")


def render(report: ScoreReport) -> list[str]:
    """The report as lines of text; behind each number, in brackets, where 95 in 100 such samples would put it."""
    head = [report.name] if report.name else []
    head.append(
        f"{report.queries:,} queries: {report.present:,} of people in the file, "
        f"{report.absent:,} of people who are not in it"
    )
    rows = [
        (
            "A reader who looks at",
            "finds",
            "wrong lines per absent person",
            "other people beside the right one",
        )
    ]
    for reader, seen in zip(_READERS, report.thresholds, strict=True):
        rows.append(
            (reader, _percent(seen.recall), _plain(seen.false_per_absent), _plain(seen.others_per_present))
        )
    places = [
        ("The right person is", "of those in the file"),
        ("the first line", _percent(report.recall_at_1)),
        ("among the first ten", _percent(report.recall_at_10)),
        ("1/place, in the mean", _plain(report.reciprocal_rank)),
    ]
    return [
        *head,
        *("", *_table(rows), "", *_table(places)),
        *(line for column, found in report.classes.items() for line in _by_class(column, found)),
        *_calibration(report.calibration),
        *(_groups(report.fairness) if report.fairness else ()),
        "",
        f"Milliseconds a search: half within {report.latency.p50:.1f}, 95 in 100 within {report.latency.p95:.1f}, "
        f"99 in 100 within {report.latency.p99:.1f}; mean {report.latency.mean:.1f}",
    ]


def compare(reports: Sequence[ScoreReport]) -> list[str]:
    """Systems beside each other on one set, a line for each system and each way of reading its answers."""
    rows = [
        (
            "System",
            "a reader of",
            "finds",
            "wrong lines per absent person",
            "first line right",
            "ms, 99 in 100",
        )
    ]
    for one in reports:
        for place, (reader, seen) in enumerate(zip(_READERS, one.thresholds, strict=True)):
            end = ("", "") if place else (_percent(one.recall_at_1), f"{one.latency.p99:.1f}")
            rows.append(
                (
                    "" if place else one.name,
                    reader,
                    _percent(seen.recall),
                    _plain(seen.false_per_absent),
                    *end,
                )
            )
    return _table(rows)


def _by_class(column: str, found: dict[str, Measures]) -> list[str]:
    title = f"By {column.replace('_', ' ')}"
    rows: list[tuple[str, ...]] = [
        (
            title,
            "in file",
            "first line",
            "first ten",
            "strong",
            "possible",
            "wide",
            "absent",
            "wrong lines per absent",
        )
    ]
    for value, seen in found.items():
        wrong = " / ".join(_number(tier.false_per_absent.value, ".3f") for tier in seen.thresholds)
        rows.append(
            (
                value,
                f"{seen.present:,}",
                _percent(seen.recall_at_1),
                _number(seen.recall_at_10.value, ".1%"),
                *(_number(tier.recall.value, ".1%") for tier in seen.thresholds),
                f"{seen.absent:,}",
                wrong if seen.absent else "-",
            )
        )
    return ["", *_table(rows)]


def _calibration(bands: Sequence[Band]) -> list[str]:
    rows: list[tuple[str, ...]] = [
        ("Bits shown", "lines", "said to be right", "were right", "bits said", "bits seen", "difference")
    ]
    for band in bands:
        if band.lines:
            low, high = band.low, band.high
            name = (
                f"under {high:g}"
                if low is None
                else f"{low:g} and more"
                if high is None
                else f"{low:g} to {high:g}"
            )
            rows.append(
                (
                    name,
                    f"{band.lines:,}",
                    _number(band.predicted, ".1%"),
                    _percent(band.observed),
                    *(_number(bits, "+.1f") for bits in (band.bits, band.observed_bits, band.difference)),
                )
            )
    return ["", *_table(rows)] if len(rows) > 1 else []


def _groups(fairness: Fairness) -> list[str]:
    few = len(fairness.groups) - len(fairness.compared)
    words = [
        "",
        f"Wrong lines by group: {len(fairness.compared)} groups with at least {fairness.absent_least} absent people "
        f"are compared, {few} have fewer; {fairness.smoothing:g} is added to each group's count",
    ]
    for one in fairness.apart:
        worst, best = fairness.groups[one.worst], fairness.groups[one.best]
        words.append(
            f"  {_READERS[TIERS.index(one.tier)]}: {one.worst} ({worst.false[one.tier]:,} for {worst.absent:,} people) "
            f"has {one.ratio:.1f} times as many as {one.best} ({best.false[one.tier]:,} for {best.absent:,}); "
            f"chance alone makes it {one.by_chance:.1f}, seldom over {one.by_chance_high:.1f}"
        )
    return words


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _percent(found: Estimate) -> str:
    if found.value is None or found.low is None or found.high is None:
        return "-"
    return f"{found.value:.1%} ({100 * found.low:.1f}-{100 * found.high:.1f})"


def _plain(found: Estimate) -> str:
    if found.value is None or found.low is None or found.high is None:
        return "-"
    return f"{found.value:.3f} ({found.low:.3f}-{found.high:.3f})"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows under the first, in columns; the first column to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        rest = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        lines.append("  ".join((row[0].ljust(widths[0]), *rest)).rstrip())
    return lines
