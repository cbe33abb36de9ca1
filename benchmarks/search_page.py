"""Writes docs/search-report.md: each part of the search's benchmark as it was last measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wireroom.lab.estimate import Estimate
from wireroom.lab.scores import TIERS, Fairness, ScoreReport

PAGE = Path(__file__).parent.parent / "docs" / "search-report.md"
HEAD = """# How well people are found

Written by `python -m benchmarks --only search`; under each title stand the command, the machine and the day. Everybody
is invented: people and mistakes are made by our own generator, and no query was used to tune the search. Numbers in
brackets are where 95 in 100 such samples would lie.

- **stress**: fifteen kinds of name, one clean and fourteen wrong, each as often as another; two dates in five wrong or
  missing, in nine ways; a quarter of the queries about people who are not in the file. **field**: 80 % of names
  and 90 % of dates right.
- **strong**, **possible**, **wide**: lines of at least 0, -4 and -8 bits. Recall at 10 counts weaker lines too.
- The baselines are described in `benchmarks/search_baselines.py`. They give no odds: a reader sees all they return.

"""
_READERS = {"strong": "strong only", "possible": "strong and possible", "wide": "wide too"}


def note(folder: Path, part: str, lines: Sequence[str]) -> None:
    """Keeps a part's text and writes the page anew from all parts that there are."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{part}.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def write(folder: Path, parts: Sequence[str], page: Path = PAGE) -> None:
    """The page, of the parts that were measured, in their order."""
    texts = [
        (folder / f"{part}.md").read_text(encoding="utf-8")
        for part in parts
        if (folder / f"{part}.md").exists()
    ]
    page.write_text(HEAD + "\n".join(texts), encoding="utf-8")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table of the page."""
    return [_row(head), _row(["---"] * len(head)), *map(_row, rows), ""]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def verbatim(lines: Sequence[str]) -> list[str]:
    """Lines as they are."""
    return ["```text", *lines, "```", ""]


def percent(found: Estimate) -> str:
    """A share with its interval."""
    if found.value is None or found.low is None or found.high is None:
        return "-"
    return f"{found.value:.2%} ({100 * found.low:.2f} to {100 * found.high:.2f})"


def number(found: Estimate) -> str:
    """A mean with its interval."""
    if found.value is None or found.low is None or found.high is None:
        return "-"
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def systems(ours: ScoreReport, others: Sequence[ScoreReport]) -> list[str]:
    """Systems beside each other: ours by reader, the others by all that they return."""
    head = ("system", "first line right", "among the first ten", "a reader of", "finds",
            "wrong lines for an absent person", "others beside the right one", "ms a query")  # fmt: skip
    rows = []
    for one in (ours, *others):
        seen = zip(TIERS, one.thresholds, strict=True) if one is ours else [("all", one.thresholds[-1])]
        for place, (tier, threshold) in enumerate(seen):
            first = (
                (one.name, percent(one.recall_at_1), percent(one.recall_at_10)) if not place else ("",) * 3
            )
            rows.append(
                (
                    *first,
                    _READERS.get(tier, "all lines"),
                    percent(threshold.recall),
                    number(threshold.false_per_absent),
                    number(threshold.others_per_present),
                    f"{one.latency.mean:.2f}" if not place else "",
                )
            )
    return table(head, rows)


def groups(fairness: Fairness) -> list[str]:
    """Wrong lines for absent people, by group and tier."""
    head = ("group", "absent people", *(f"wrong lines each, {_READERS[tier]}" for tier in TIERS))
    rows = [
        (name, f"{one.absent:,}", *(f"{one.false[tier] / one.absent:.4f}" for tier in TIERS))
        for name, one in fairness.groups.items()
    ]
    return table(head, rows)
