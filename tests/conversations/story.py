"""Golden transcripts: a text that people read, and that is played on a stage and compared line by line.

    # what the story is about
    + DMV registration 7ABQ101 LIC/7ABQ101.VMA/TOYT     a record that a partner has
    @ Z901                                              who speaks from here on
    > QV 7ABQ101                                        what the terminal sent; [K1] before it is its key
    | a second line of it
    < what the terminal got
    ! NCIC stops                                        and "NCIC starts"
    ! clock +11m                                        time goes on: m minutes, h hours; the story's end takes it back

Where lines with "<" follow "@" at once, the terminal got them unasked. What differs each time is written by name:
{number} is a journal number, {fcn1} the first file control number of the story, {nic1} the first number that NCIC gave,
{req1} the first request to confirm a hit or to approve a broadcast, {today} the day, {today-9} nine days before it,
{year-1} last year, {month} a month and its year, {epo} the last day of an emergency order of today, {time} a time of
day, {late} a span of time. A record's {01-26} stands for so many records. How strong the evidence of a name is depends
on who else is on file: its bits are {bits}, and what they mean together is {odds}.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

import msgspec

from tests.conversations.stage import Stage
from wireroom.catalog.courts.calendar import court_days_after
from wireroom.catalog.kinds_of_time import Day
from wireroom.message.answer import Delivery, Receipt
from wireroom.message.local import HERE

_ENTERED = re.compile(r"(?:ENTERED FCN/|^(?:< )?NBR/|PROHIBITED PERSON )([0-9]{13})$", re.MULTILINE)
_NATIONAL = re.compile(r"^(?:< )?(?:NIC|NBR)/([A-Z][0-9]{9})$", re.MULTILINE)
_REQUEST = re.compile(r"(?:YR|AMA) REF/([0-9]{18})")
_TIME = re.compile(r"[0-9]{8} [0-9]{4} (?:PST|PDT|UTC)")
_NUMBER = re.compile(r"(?<![0-9])(1L01)?[0-9]{18}(?![0-9])")
_BITS = re.compile(r" [+-][0-9]+\.[0-9](?=; | = )")  # of one piece of evidence
_ODDS = re.compile(r" = [+-][0-9]+\.[0-9]: (about [0-9,]+ in [0-9,]+|(more|less) than [0-9,]+ in [0-9,]+)")
_KEY = re.compile(r"\[(\w+)\] ")
_DAY = re.compile(r"\{today([+-][0-9]+)?\}")
_YEAR = re.compile(r"\{year([+-][0-9]+)?\}")
_MONTH = re.compile(r"(?<=AGAIN IN )[A-Z]+ [0-9]{4}")
_LATE = re.compile(r"(?<=ENTERED )(?:[0-9]+ DAYS?|[0-9]+ H [0-9]+ MIN)(?= AFTER)")
_SEVERAL = re.compile(r"\{([0-9]+)-([0-9]+)\}")


class Step(msgspec.Struct):
    """One thing that happens, and the lines of the story that tell of it."""

    act: str  # "+", "@", ">", "!" or "<" for what comes unasked
    words: str
    told: list[str] = []


def parsed(text: str) -> tuple[list[str], list[Step]]:
    """The title lines and the steps of a story. Raises ValueError at a line that is none of them."""
    title: list[str] = []
    steps: list[Step] = []
    for number, line in enumerate(text.splitlines(), 1):
        mark, words = line[:1], line[2:]
        if mark == "<":
            if not steps or steps[-1].act == "@":
                steps.append(Step("<", ""))
            steps[-1].told.append(line)
        elif mark == "|" and steps and steps[-1].act == ">":
            steps[-1].words += f"\n{words}"
        elif mark and mark in "+@>!":
            steps.append(Step(mark, words))
        elif mark == "#" and not steps:
            title.append(words)
        elif not line:
            continue
        else:
            raise ValueError(f"line {number} begins with {mark!r}, which means nothing: {line}")
    return title, steps


class Player:
    """Plays one story and writes down what was really said."""

    def __init__(self, stage: Stage, today: date) -> None:
        self._stage, self._today = stage, today
        self._terminal = ""
        self._names: dict[str, str] = {}  # file control numbers and what the story calls them
        self._given: set[str] = set()  # numbers that the story itself gave to records
        self._hour = ""  # the time of day that the story sent
        self._years: set[int] = set()  # and the years, from this one
        self._days = {0}  # the days that the story speaks of, from today

    async def play(self, steps: list[Step]) -> list[list[str]]:
        """For each step the lines that tell of it."""
        await self._stage.fresh()
        try:
            lines = [[f"< {line}".rstrip() for line in await self._one(step)] for step in steps]
            await self._stage.calm()  # while the clock still stands where the story left it
            return lines
        except BaseException:
            await (
                self._stage.close()
            )  # a line on which somebody waited in vain is of no use to the next story
            raise
        finally:
            self._stage.clock.ahead = timedelta()

    async def _one(self, step: Step) -> list[str]:
        if step.act == "@":
            self._terminal = step.words
            return []
        if step.act == "+":
            await self._put(_several(self._real(step.words)))
            return []
        if step.act == "!":
            source, what = step.words.split()
            if source == "clock":
                self._stage.clock.ahead += _span(what)
                return []
            await (self._stage.stop(source) if what == "stops" else self._stage.start(source))
            await self._stage.calm()  # who comes back is told what it missed
            return []
        station = await self._stage.station(self._terminal)
        if step.act == "<":
            delivery = await station.mail()
            await self._stage.calm()  # what came with it has reached every holder too
            return self._lines(_delivery(delivery))
        key = _KEY.match(step.words)
        text = self._real(step.words[key.end() :] if key else step.words)
        receipt, answers = await station.ask(text, key[1] if key else "")
        await self._stage.calm()
        lines = _receipt(receipt)
        for answer in answers:
            lines += ["", *_delivery(answer)]
        return self._lines(lines)

    async def _put(self, several: list[str]) -> None:
        """Each is SOURCE FILE OWNER NUMBER FIELD/value.FIELD/value"""
        rows = []
        for words in several:
            source, file, owner, number, fields = words.split(maxsplit=4)
            self._given.add(number)
            values = []
            for code, _, value in (pair.partition("/") for pair in fields.split(".")):
                canonical = self._stage.catalogue.files[file].field(code).kind.read(value, self._today)
                assert isinstance(canonical, str), f"{code}/{value} {canonical.reason}"
                values.append((code, canonical))
            rows.append((file, owner, number, tuple(values)))
        await self._stage.put(source, rows)

    def _real(self, text: str) -> str:
        """The story's names as what they stand for."""
        for number, name in self._names.items():
            text = text.replace(f"{{{name}}}", number)
        if "{hour}" in text:
            self._hour = f"{self._stage.clock().astimezone(HERE):%H%M}"
            text = text.replace("{hour}", self._hour)
        self._days |= {int(days or 0) for days in _DAY.findall(text)}
        text = _DAY.sub(lambda found: f"{self._day(int(found[1] or 0)):%Y%m%d}", text)
        self._years |= {int(years or 0) for years in _YEAR.findall(text)}
        return _YEAR.sub(lambda found: str(self._today.year + int(found[1] or 0)), text)

    def _day(self, days: int) -> date:
        return self._today + timedelta(days=days)

    def _next_name(self, kind: str) -> str:
        return f"{kind}{sum(name.startswith(kind) for name in self._names.values()) + 1}"

    def _lines(self, lines: list[str]) -> list[str]:
        """What was said, by the story's names."""
        text = "\n".join(lines)
        for number in _ENTERED.findall(text):
            self._names.setdefault(number, self._next_name("fcn"))
        for number in _REQUEST.findall(text):
            self._names.setdefault(number, self._next_name("req"))
        for number in _NATIONAL.findall(text):
            if number not in self._given:
                self._names.setdefault(number, self._next_name("nic"))
        for number, name in self._names.items():
            text = text.replace(number, f"{{{name}}}")
        text = "\n".join(map(_without_bits, text.split("\n")))
        text = _LATE.sub("{late}", _TIME.sub("{time}", text))
        text = _MONTH.sub("{month}", _NUMBER.sub(r"\1{number}", text))
        if self._hour:
            text = re.sub(rf"(?<=/){self._hour}(?![0-9])", "{hour}", text)
            text = text.replace(f" {self._hour[:2]}:{self._hour[2:]}", " {hour in words}")
        named = {days: f"today{days:+}" if days else "today" for days in self._days}
        named.setdefault((emergency_ends(self._today) - self._today).days, "epo")
        for days, name in named.items():
            day = f"{self._day(days):%Y%m%d}"
            text = re.sub(rf"(?<![0-9]){day}(?![0-9])", f"{{{name}}}", text)
            words = Day().show(day)
            text = re.sub(rf"(?<![0-9]){words}", f"{{{name} in words}}", text)
            text = re.sub(rf"(?<![0-9]){words.upper()}", f"{{{name} in capitals}}", text)
        for years in self._years:
            name = f"{{year{years:+}}}" if years else "{year}"
            text = re.sub(rf"((?:LIY|REY|OLY)/|'s year |year of registration ){self._today.year + years}\b",
                          rf"\1{name}", text)  # fmt: skip
        return text.split("\n")


def emergency_ends(issued: date) -> date:
    """The fifth day on which courts sit, or the seventh day, whichever is first."""
    return min(court_days_after(issued, 5), issued + timedelta(days=7))


def _several(words: str) -> list[str]:
    """One record, or as many as its numbers say."""
    found = _SEVERAL.search(words)
    if found is None:
        return [words]
    places = range(int(found[1]), int(found[2]) + 1)
    return [words.replace(found[0], f"{place:0{len(found[1])}}") for place in places]


def _span(text: str) -> timedelta:
    """How far the clock goes on: +11m, +2h, +90d."""
    found = re.fullmatch(r"\+([0-9]+)([mhd])", text)
    assert found is not None, f"{text} is no span of time, such as +11m, +2h or +90d"
    return timedelta(**{{"m": "minutes", "h": "hours", "d": "days"}[found[2]]: int(found[1])})


def _without_bits(line: str) -> str:
    return _ODDS.sub(" = {odds}", _BITS.sub(" {bits}", line)) if line.startswith("WHY/") else line


def _receipt(receipt: Receipt) -> list[str]:
    """The receipt as a person reads it."""
    if receipt.state == "accepted":
        return [f"{receipt.state}: {receipt.understood}"]
    if receipt.state == "refused":
        return [f"{receipt.state} by {receipt.rule}: {receipt.reason}"]
    if receipt.state == "faulty":
        return [receipt.state, *receipt.reason.split("\n")]
    return [receipt.state]


def _delivery(delivery: Delivery) -> list[str]:
    head = f"{delivery.part} of {delivery.parts}, " if delivery.parts else ""
    return [f"-- {head}{delivery.source}: {delivery.title}", *delivery.text.split("\n")]


def told(title: list[str], steps: list[Step], lines: list[list[str]]) -> str:
    """The story again, with these lines in place of what it told."""
    out = [f"# {line}" for line in title]
    for step, said in zip(steps, lines, strict=True):
        if step.act in "+@>!":
            if step.act in "@!" or (step.act == ">" and out[-1][:1] == "<"):
                out.append("")
            first, *more = step.words.split("\n")
            out += [f"{step.act} {first}", *(f"| {line}" for line in more)]
        out += said
    return "\n".join(out) + "\n"


async def played(text: str, stage: Stage, today: date) -> tuple[str, str]:
    """A story as it was written, laid out, and as it really was."""
    title, steps = parsed(text)
    said = await Player(stage, today).play(steps)
    return told(title, steps, [step.told for step in steps]), told(title, steps, said)
