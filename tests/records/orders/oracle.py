"""Which order prevails, worked out a second time from california.md 3.8 alone, in another way than the program's.

An order is seen as the set of deeds that it leaves free. Another is more restrictive where it leaves free only some of
those. Nothing of wireroom is imported here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple


class Paper(NamedTuple):
    """An order, as the four steps see it."""

    number: int
    kind: str  # emergency, criminal or civil
    no_contact: bool
    yards: int  # to be kept from the home; 0 where nothing is said
    exchange: bool  # peaceful contact to exchange children is allowed
    visits: bool
    guns: bool  # whether firearms are barred
    day: int  # when it was issued


STEPS = ("a step from the home", "at the home's corner", "down the street", "in the next town")
YARDS_OF = (1, 49, 99, 5_000)


@cache
def free(paper: Paper) -> frozenset[str]:
    """What the restrained person may do under an order."""
    deeds = {where for where, yards in zip(STEPS, YARDS_OF, strict=True) if yards >= paper.yards}
    if not paper.no_contact:
        deeds.add("telephone")
    if not paper.yards:
        deeds.add("go to the protected person's work")
    if paper.exchange:
        deeds.add("meet to exchange children because the order says so")
    if paper.visits:
        deeds.add("have the children because the order says so")
    if not paper.guns:
        deeds.add("own a pistol")
    return frozenset(deeds)


def ranking(papers: Sequence[Paper]) -> Iterator[tuple[Paper, list[str]]]:
    """The papers as they are to be enforced, each with the steps that put it there; the last needs none."""
    left = list(papers)
    while len(left) > 1:
        paper, steps = _head(left)
        yield paper, steps
        left.remove(paper)
    yield left[0], []


def _head(papers: list[Paper]) -> tuple[Paper, list[str]]:
    emergencies = [one for one in papers if one.kind == "emergency"]
    if ruling := _emergencies_that_rule(papers, emergencies):
        return _sifted(papers, ruling, "1")
    silent = [one for one in papers if one.no_contact]
    if silent and len(silent) < len(papers):
        return _sifted(papers, silent, "2")
    # From here on all are no-contact orders, or none is.
    criminal = [one for one in papers if one.kind == "criminal"]
    if criminal and len(criminal) < len(papers):
        return _sifted(papers, criminal, "3")
    newest = max(one.day for one in papers)
    return _sifted(papers, [one for one in papers if one.day == newest], "4")


def _emergencies_that_rule(papers: list[Paper], emergencies: list[Paper]) -> list[Paper]:
    """Those of step 1, if they are not all that there are."""
    others = [one for one in papers if one.kind != "emergency"]
    tighter = [e for e in emergencies if not [o for o in others if not free(e) < free(o)]]
    tightest = [e for e in tighter if not [t for t in tighter if free(t) < free(e)]]
    return tightest if len(tightest) < len(papers) else []


def _sifted(papers: list[Paper], kept: list[Paper], step: str) -> tuple[Paper, list[str]]:
    """One of those kept; where a step keeps all of them, only their numbers tell them apart."""
    if len(kept) == len(papers):
        return min(kept, key=lambda one: one.number), ["number"]
    if len(kept) == 1:
        return kept[0], [step]
    paper, further = _head(kept)
    return paper, [step, *further]
