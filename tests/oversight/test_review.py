"""Claims about the weekly review without a database: what it holds, the same twice, who signs, what is overdue."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from random import Random

import msgspec
import pytest

from wireroom.journal.entry import Entry
from wireroom.journal.tags import Tag
from wireroom.oversight import NotTheirs
from wireroom.oversight.incidents import Minder
from wireroom.oversight.review import Account, Gathering, Owed, Review, draw, may_sign, monday, overdue, span

POLICE, SHERIFF = "CA0990100", "CA0980100"
WEEK = date(2026, 3, 2)  # a Monday
NOON = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)  # noon here
NIGHT = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)  # eleven at night here
ACCOUNTS = (Account(id="p.vale", active_at=NOON), Account(id="z.old", active_at=NOON - timedelta(days=40)))


def entry(
    number: int, tag: Tag, at: datetime = NOON, ori: str = POLICE, person: str = "p.vale", **detail: object
) -> Entry:
    return Entry(number, tag, at, number, ori, "Z001" if ori else "", person, detail)


def asked(number: int, verdict: str, at: datetime = NOON, person: str = "p.vale") -> Entry:
    return entry(number, Tag.INQUIRY_ASKED, at, person=person, reason={"verdict": verdict}, rule="usual")


def looked(number: int, of: int, verdict: str) -> Entry:
    return Entry(
        number,
        Tag.REASON_CHECKED,
        NOON + timedelta(days=1),
        of,
        POLICE,
        "Z001",
        "p.vale",
        {"verdict": verdict},
    )


ENTRIES = (
    *(asked(n, "stated", person="m.any") for n in range(100, 160)),
    asked(1, "none"), asked(2, "unknown"), looked(901, 2, "unknown"), looked(902, 2, "confirmed"),
    asked(3, "none"), entry(903, Tag.REASON_GIVEN, reason={"verdict": "told"}),
    asked(4, "confirmed", NIGHT, person="n.ight"),
    entry(5, Tag.TEXT_REFUSED, person="o.ther", rule="training-lapsed"),
    entry(6, Tag.TEXT_REFUSED, person="o.ther", rule="role-may"),
    entry(7, Tag.INQUIRY_ASKED, person="e.merg", gave_way="training-lapsed", reason={"verdict": "stated"}),
    entry(8, Tag.SESSION_REFUSED, ori="", person="p.vale", cause="wrong factors"),
    entry(9, Tag.PERSON_CHANGED, ori="", person="console", act="add", ori_="x") ,
    Entry(10, Tag.PERSON_CHANGED, NOON, person="console", detail={"act": "stop", "person": "p.vale"}),
    Entry(11, Tag.AGENCY_CHANGED, NOON, person="console", detail={"act": "add", "ori": SHERIFF}),
    entry(12, Tag.TEXT_REFUSED, ori=SHERIFF, rule="role-may"),
    entry(13, Tag.TEXT_REFUSED, at=NOON + timedelta(days=7), rule="role-may"),
)  # fmt: skip


def made(entries: tuple[Entry, ...] = ENTRIES, seed: str = "seed", sample: int = 10) -> Review:
    gathering = Gathering(POLICE, WEEK, frozenset({"Z001"}), ACCOUNTS)
    for one in entries:
        gathering.take(msgspec.structs.replace(one, transaction=3) if one.number == 903 else one)
    return gathering.review(seed=seed, sample=sample)


def test_AU_6_a_review_holds_what_needs_looking_at_by_number_and_nothing_of_others() -> None:
    found = {one.what: one for one in made().headings}
    assert {what: one.entries for what, one in found.items()} == {
        "refusals": (5, 6), "unexplained": (1,), "emergencies": (7,), "after hours": (4,), "privileged acts": (10,),
        "failed sign-ons": (8,),
    }  # fmt: skip
    assert found["refusals"].by == {"role-may": 1, "training-lapsed": 1}
    assert made().unused == ("z.old",)
    assert made().explained == 60 + 4
    assert set(made().people) >= {"p.vale", "o.ther", "e.merg", "n.ight", "console"}


def test_AU_6_the_sample_is_what_the_seed_draws_and_another_seed_draws_another() -> None:
    numbers = range(1, 1000)
    first = draw(numbers, "a", 20)
    assert len(first) == 20
    assert first == draw(list(reversed(numbers)), "a", 20) != draw(numbers, "b", 20)
    assert draw([1, 2], "a", 20) == (1, 2)
    by_hand = sorted(numbers, key=lambda number: hashlib.sha256(b"a.%d" % number).digest())[:20]
    assert first == tuple(sorted(by_hand)), "anybody can draw it again"
    assert {len(set(draw(numbers, str(seed), 20)) & set(first)) for seed in range(9)} < set(range(10))


def test_AU_7_the_same_week_and_seed_are_the_same_bytes_in_whatever_order_it_was_read() -> None:
    mixed = list(ENTRIES)
    Random(4).shuffle(mixed)
    assert made(tuple(mixed)).bytes() == made().bytes()
    assert made().digest == hashlib.sha256(made().bytes()).hexdigest()
    assert made(seed="other").digest != made().digest
    assert msgspec.convert(msgspec.to_builtins(made()), Review).bytes() == made().bytes()


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (Minder(person="a.udit", name="Ann Udit", role="auditor", ori=POLICE), True),
        (Minder(person="d.oj", name="Dee", role="doj", ori="CA0990001"), True),
        (Minder(person="a.udit", name="Ann Udit", role="auditor", ori=SHERIFF), False),
        (Minder(person="a.min", name="Alan", role="administrator", ori=POLICE), False),
        (Minder(), False),
        (Minder(person="p.vale", name="Pat Vale", role="auditor", ori=POLICE), False),  # acts of theirs
        (
            Minder(person="p.second", name="pat  vale", role="auditor", ori=POLICE),
            False,
        ),  # by another account
    ],
)
def test_AU_6_an_auditor_signs_and_nobody_whose_acts_are_in_it(who: Minder, may: bool) -> None:
    if may:
        may_sign(made(), who, {"p.vale": "Pat Vale"})
    else:
        with pytest.raises(NotTheirs):
            may_sign(made(), who, {"p.vale": "Pat Vale"})


def test_AU_6_a_week_that_nobody_signed_is_overdue_seven_days_after_its_end() -> None:
    since = {POLICE: datetime(2026, 2, 25, 20, tzinfo=UTC)}
    end = span(WEEK + timedelta(days=7))[1]  # of the seven days after it
    before = overdue(since, [], end - timedelta(seconds=1))
    assert [one.week for one in before] == [date(2026, 2, 23)], "the week in which it began"
    late = overdue(since, [(POLICE, date(2026, 2, 23))], end)
    assert late == (Owed(ori=POLICE, week=WEEK, due_at=end),)
    assert overdue(since, [(POLICE, date(2026, 2, 23)), (POLICE, WEEK), (SHERIFF, WEEK)], end) == ()
    assert len(overdue(since, [], end + timedelta(days=365))) == 8, "older ones are told no more"
    assert monday(date(2026, 3, 8)) == WEEK
    assert span(WEEK)[1] - span(WEEK)[0] == timedelta(days=7)
    start, finish = span(date(2026, 3, 2))
    assert (start.utctimetuple().tm_hour, finish.utctimetuple().tm_hour) == (8, 7), "summer began that Sunday"
