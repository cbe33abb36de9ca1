"""Random histories of an order: what is on file is what its papers say, after every step, to the minute.

Five hundred run with all tests, ten thousand with WIREROOM_HISTORIES=10000: three minutes more.

The model is a pile of papers: each is what somebody wrote, with its moment. A reader of them, written here without the
code that is judged, says whether the order stands, who was told of it, what its terms are and what an answer must show.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

import msgspec
import pytest

from tests.conftest import Clock
from tests.records.desk import LivingDesk
from tests.switch.stage import DESK, OTHER, Stage
from wireroom.message.answer import Answer, Hit
from wireroom.message.envelope import Message, Seat
from wireroom.message.read import read

HERE = ZoneInfo("America/Los_Angeles")
HISTORIES, AT_ONCE, STEPS = int(os.environ.get("WIREROOM_HISTORIES", "500")), 250, 6
ALWAYS = {"NAM": "MODELBY, {}", "SEX": "M", "RAC": "W", "DOB": "19800101", "CTI": "CA099013J", "OCA": "26-1"}
NAMES = ("ADAM", "BORIS", "CARL", "DAVID", "ERIK", "FRANK", "GEORGE", "HENRY", "IVAN", "JAMES")
THIRD = Seat(terminal="T003", ori="CA0990300", person="t.third", role="inquiry")


@lru_cache(maxsize=4096)
def over_at(day: str, hour: str) -> datetime:
    """Minute by minute: the first after which no clock on the wall shows an earlier time of that day any more."""
    first = datetime(int(day[:4]), int(day[4:6]), int(day[6:]), tzinfo=HERE).astimezone(UTC)
    last = first
    for minutes in range(26 * 60):
        here = (first + timedelta(minutes=minutes)).astimezone(HERE)
        if (f"{here:%Y%m%d}", f"{here:%H%M}") < (day, hour):
            last = first + timedelta(minutes=minutes + 1)
    return last


class Paper(msgspec.Struct):
    """One thing that was written down."""

    what: str
    at: datetime
    said: dict[str, list[str]] = {}


class Papers(msgspec.Struct):
    """All papers of one order."""

    number: str = ""
    name: str = ""
    pile: list[Paper] = []

    # ------------------------------------------------------------------- as a reader reads them

    @property
    def terms(self) -> dict[str, list[str]]:
        """The fields as the last paper that speaks of each has them."""
        found: dict[str, list[str]] = {}
        for paper in self.pile:
            if paper.what in ("entry", "change", "served", "tried"):
                found |= paper.said
            if paper.what == "change" and self._stricter(paper):
                for code in ("SVD", "SVT", "SVM", "SVN", "SVA", "PRS"):
                    found.pop(code, None)
                found["SVC"] = ["2"]
            if paper.what == "change" and paper.said.get("PRS") == ["Y"] and found["SVC"] == ["2"]:
                found |= {"SVC": ["1"], "SVD": [told(paper.at)[0]], "SVM": ["C"]}
        return found

    def _stricter(self, change: Paper) -> bool:
        """Whether a change of what somebody was told must be told again."""
        before: dict[str, list[str]] = {}
        for paper in self.pile:
            if paper is change:
                break
            if paper.what in ("entry", "change", "served", "tried"):
                before |= paper.said
        if change.said.get("PRS") == ["Y"]:
            return False
        more = set(change.said.get("PCO", [])) - set(before.get("PCO", [])) - {"06", "08"}
        later = (
            change.said.get("EXP", [""])[0] > before.get("EXP", [""])[0] if "EXP" in change.said else False
        )
        farther = any(
            int(yards)
            > max([int(y) for p, y in map(str.split, before.get("STY", [])) if p == place], default=0)
            for place, yards in map(str.split, change.said.get("STY", []))
        )
        lifted = "PCO" in change.said and "06" in before.get("PCO", []) and "06" not in change.said["PCO"]
        return bool(more) or later or farther or lifted

    @property
    def ends(self) -> datetime:
        """The minute at which the order is over by its own words."""
        terms = self.terms
        return over_at(terms["EXP"][0], terms.get("EXT", ["2400"])[0])

    def stands(self, at: datetime) -> str:
        """What it is at a moment: active, or what ended it."""
        for paper in self.pile:
            if paper.what in ("cleared", "cancelled", "superseded"):
                return paper.what
        return "expired" if self.ends.astimezone(UTC) <= at else "active"

    @property
    def served(self) -> bool:
        return self.terms["SVC"] == ["1"]

    @property
    def reports(self) -> int:
        return min(10, sum(paper.what in ("served", "tried", "violated") for paper in self.pile))


@pytest.fixture
async def desk(stage: Stage) -> LivingDesk:
    return LivingDesk(stage, await stage.connect())


def told(day: datetime) -> tuple[str, str]:
    here = day.astimezone(HERE)
    return f"{here:%Y%m%d}", f"{here:%H%M}"


class Writer:
    """Writes what may come next, by the dice, and says what the files must answer."""

    def __init__(self, desk: LivingDesk, dice: Random, clock: Clock) -> None:
        self._desk, self._dice, self._clock = desk, dice, clock

    def entry(self, place: int) -> tuple[str, Papers]:
        dice, at = self._dice, self._clock()
        day, hour = told(at)
        name = f"MODELBY, {dice.choice(NAMES)}"
        kind = dice.choice(("OAH", "CHO", "TRO", "CPO"))
        last = at.astimezone(HERE).date() + timedelta(days=dice.choice((0, 1, 2, 3, 20)))
        said = {
            "TYO": [kind], "PNO": [f"HM{place:06d}"], "ISD": [day], "IST": [hour],
            "PCO": sorted(dice.sample(("01", "04", "05", "06"), dice.randint(1, 3))),
            "STY": [f"HOME {dice.choice((50, 100))}"], "PPN": ["MODELBY, MARTHA;F;19820202;SP;Y"],
            "SVC": ["2"], "EXP": [f"{last:%Y%m%d}"],
        }  # fmt: skip
        if kind != "TRO" and dice.random() < 0.5:
            minute = dice.randrange(24 * 60)
            ends = f"{minute // 60:02d}{minute % 60:02d}"
            if said["EXP"] != said["ISD"] or ends > hour:  # no order ends before it begins
                said["EXT"] = [ends]
        if kind == "TRO":
            said["HRD"] = said["EXP"]
        if kind == "CPO":
            said["SBA"] = ["136"]
        papers = Papers(name=name, pile=[Paper("entry", at, said)])
        head = {code: value.format(name.split()[1]) for code, value in ALWAYS.items()}
        return text("EPO", {**{code: [value] for code, value in head.items()}, **said}), papers

    def next(self, papers: Papers) -> tuple[str, Seat, Paper | None, bool]:
        """A text, from whom, the paper that it becomes, and whether it is taken."""
        at, dice = self._clock(), self._dice
        day, hour = told(at)
        number = {"FCN": [papers.number]}
        standing = papers.stands(at) == "active"
        what = dice.choice(
            ("served", "tried", "violated", "change", "change", "cleared", "cancelled", "stolen")
        )
        if what == "served":
            wrong = dice.random() < 0.2
            manner = dice.choice("PVC")
            said = {"SVD": [day], "SVT": [hour], "SVM": [manner], "SVN": ["DEPUTY TEST"]}
            named = {"NAM": ["MODELBY, NOBODY" if wrong else papers.name]}
            who = dice.choice((DESK, OTHER, THIRD))
            paper = Paper(what, at, {**said, "SVC": ["1"], "SVA": [who.ori]})
            return (
                text("SPO", number | named | said),
                who,
                paper,
                standing and not wrong and not papers.served,
            )
        if what == "tried":
            tries = int(papers.terms.get("SAN", ["0"])[0]) + 1
            said = {"SAD": [day], "SVN": ["DEPUTY TEST"]}
            paper = Paper(what, at, {**said, "SAN": [str(tries)]})
            return text("APO", number | said), OTHER, paper, standing and not papers.served
        if what == "violated":
            said = {"VDT": [day], "VTM": [hour], "VPL": ["999 OAK AVE"], "VSC": ["273"], "VAR": ["N"],
                    "VOF": ["OFFICER TEST"], "VNA": ["AT THE DOOR"]}  # fmt: skip
            return text("VPO", number | said), THIRD, Paper(what, at), standing
        if what == "change":
            said = dice.choice((
                {"PCO": sorted(dice.sample(("01", "04", "05", "06"), dice.randint(1, 4)))},
                {"STY": [f"HOME {dice.choice((50, 100, 150))}"]},
                {"STY": [f"WORK {dice.choice((50, 100))}"], "PRS": ["Y"]},
            ))  # fmt: skip
            return text("MPO", number | said), DESK, Paper(what, at, said), standing
        if what == "stolen":  # by an agency that does not own it
            said = {"DCL": [day], "CLR": ["T"]}
            return text("CPO", number | said), OTHER, None, False
        said = {"DCL": [day], "CLR": ["T"]} if what == "cleared" else {}
        if dice.random() < 0.6:  # an order that ends tells no more: most are left to live
            return text("APO", number), OTHER, None, False
        return text("CPO" if what == "cleared" else "XPO", number | said), DESK, Paper(what, at), standing


def text(key: str, said: Mapping[str, list[str]]) -> str:
    return ".".join([key, *(f"{code}/{value}" for code, values in said.items() for value in values)])


def shown(answer: Answer, number: str) -> Hit | None:
    return next((hit for hit in answer.hits if hit.number == number), None)


async def asked(
    desk: LivingDesk, several: list[Papers], extra: tuple[tuple[str, str], ...] = ()
) -> list[Answer]:
    """Each order asked for by its number, in one batch."""
    questions = [
        desk.question(Message("QPO", (("FCN", one.number), ("PUR", "C"), *extra)), THIRD) for one in several
    ]
    async with desk.line.transaction():
        return await desk.files.ask(desk.line, questions)


def judged(papers: Papers, answer: Answer, history: Answer, at: datetime) -> None:
    """The answers show exactly what a reader of the papers would say."""
    status, hit, past = papers.stands(at), shown(answer, papers.number), shown(history, papers.number)
    if status != "active":
        assert hit is None, (papers, answer)
        assert past is not None, (papers, history)
        assert past.status == status, (papers, history)
        assert dict(past.fields)["STD"] == "OVER"
        assert dict(past.fields)["ENF"] == "NOTHING: THE ORDER IS OVER"
        return
    assert hit is not None, (papers, answer)
    assert hit.status == "active", (papers, answer)
    fields: dict[str, list[str]] = {}
    for code, value in hit.fields:
        fields.setdefault(code, []).append(value)
    terms = papers.terms
    for code, values in terms.items():
        assert sorted(fields[code]) == sorted(values), (code, papers, fields)
    for code in ("SVD", "SVT", "SVM", "SAN", "PRS"):
        assert (code in fields) == (code in terms), (code, papers, fields)
    assert len(fields.get("RPT", [""])[0].splitlines()) == papers.reports, (papers, fields)
    assert fields["STD"] == ["SERVED" if papers.served else "UNSERVED"], (papers, fields)
    enforced = fields["ENF"][0]
    assert ("NO CONTACT OF ANY KIND" in enforced) == ("05" in terms["PCO"]), (papers, enforced)
    far = dict(map(str.split, terms["STY"]))
    assert all(f"{yards} YARDS FROM {place}" in enforced for place, yards in far.items()), (papers, enforced)


@pytest.mark.parametrize("chunk", range(HISTORIES // AT_ONCE))
async def test_an_order_is_what_its_papers_say(chunk: int, desk: LivingDesk) -> None:
    dice, clock = Random(20261128 + chunk), desk.stage.clock
    # Over the year: both changes of the clock are met, some nights an hour comes twice or not at all.
    clock.now = datetime(2026, 1, 1, 8, tzinfo=UTC) + timedelta(minutes=dice.randrange(525_600))
    if chunk % 4 == 0:
        clock.now = datetime(2026, 11, 1, 7, 30, tzinfo=UTC)
    elif chunk % 4 == 1:
        clock.now = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
    writer = Writer(desk, dice, clock)
    several: list[Papers] = []
    for place in range(AT_ONCE):
        words, papers = writer.entry(place)
        papers.number = await desk.entered(words)
        several.append(papers)
    for _ in range(STEPS):
        clock.now += timedelta(minutes=dice.choice((1, 29, 31, 90, 600, 1_441)))
        if dice.random() < 0.5:
            await desk.age()  # else nobody has noted yet what is over
        steps = [writer.next(papers) for papers in several]
        questions = [
            None if (message := _read(desk, words, who)) is None else desk.question(message, who)
            for words, who, _, _ in steps
        ]
        async with desk.line.transaction():
            answers = await desk.files.ask(desk.line, [one for one in questions if one is not None])
        came = iter(answers)
        for papers, (words, _, paper, taken), question in zip(several, steps, questions, strict=True):
            if question is None:
                assert not taken, (papers, words)
                continue
            answer = next(came)
            assert (answer.state == "accepted") == taken, (papers, words, answer.text)
            if taken and paper is not None:
                papers.pile.append(paper)
        at = clock()
        found, history = await asked(desk, several), await asked(desk, several, (("HST", "Y"),))
        for papers, answer, past in zip(several, found, history, strict=True):
            judged(papers, answer, past, at)


def _read(desk: LivingDesk, words: str, who: Seat) -> Message | None:
    reading = read(words, desk.catalogue, ori=who.ori, today=desk.stage.clock().astimezone(HERE).date())
    return reading.message
