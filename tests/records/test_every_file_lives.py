"""The contract of every key that enters: the record is stored, found by all that finds it, changed, ended, purged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tests.catalog.inventing import Pairs, broken, full
from tests.records.desk import DOJ, LivingDesk
from tests.switch.stage import DESK, OTHER, Stage
from wireroom.catalog.file import File, Source, Verb
from wireroom.catalog.index import COURTESY, ENVELOPE, Catalogue, Form
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.catalog.kinds_of_time import Day
from wireroom.message.answer import Answer, State
from wireroom.message.envelope import Message
from wireroom.records.life import due, over, valued
from wireroom.records.shape import readable

pytestmark = pytest.mark.anyio
CATALOGUE = Catalogue()
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
BESIDE = {field.code for field in (*ENVELOPE, *COURTESY)} | {"FCN", "NIC"}
ENTRIES = [pytest.param(form, id=key) for key, form in CATALOGUE.forms.items() if form.verb is Verb.ENTER]


@pytest.fixture
async def desk(stage: Stage) -> LivingDesk:
    stage.clock.now = NOW
    return LivingDesk(stage, await stage.connect())


TRIES_MAX = 400


def invented(form: Form, dice: Random) -> Pairs:
    """A record's own fields, all of them, that obey its rules; its time is not up yet."""
    file = form.files[0]
    for _ in range(TRIES_MAX):
        pairs = [pair for pair in full(form, dice) if pair[0] not in BESIDE]
        for lives in (pairs, *(_later(file, pairs, days) for days in (400, 20, 4))):
            if not broken(form, lives) and not over(file, valued(tuple(lives)), NOW):
                return lives
    raise AssertionError(f"no living record was invented for {form.key}")


def _later(file: File, pairs: Pairs, days: int) -> Pairs:
    """The same as of today, to a day so much later."""
    keep, today = file.kept(valued(tuple(pairs))), f"{NOW:%Y%m%d}"
    moved = {field.code: today for field in file.fields if type(field.kind) is Day}
    moved[keep.until] = f"{NOW + timedelta(days=days):%Y%m%d}"
    return [(code, moved.get(code, value)) for code, value in pairs]


def message(form: Form, pairs: Pairs) -> Message:
    return Message(form.key, tuple(sorted(pairs, key=lambda pair: form.places[pair[0]])))


RENUMBER = """
with one as (update record set number = $2 where number = $1)
update identifier set value = $2 where kind = 'FCN' and value = $1
"""


async def below(desk: LivingDesk, file: File, pairs: Pairs) -> None:
    """Where such a record stands on another: that one, in force, under the number that was invented for it."""
    if file.attached is None:
        return
    under = desk.catalogue.files[file.attached.to]
    form = CATALOGUE.forms[under.enters[0].key]
    number = await entered(desk, form, invented(form, Random(form.key)))
    await desk.line.execute(RENUMBER, number, dict(pairs)[file.attached.field])


async def entered(desk: LivingDesk, form: Form, pairs: Pairs) -> str:
    await below(desk, form.files[0], pairs)
    answer = (await desk.put(message(form, pairs)))[0]
    assert answer.state is State.ACCEPTED, answer.text
    hit = answer.hits[0]
    assert (hit.owner, hit.status, len(hit.number)) == (DESK.ori, "active", 13)
    assert set(pairs) <= set(hit.fields)
    return hit.number


def askings(file: File, pairs: Pairs, number: str) -> list[Message]:
    """Every way in which this record may be asked for under every key that its file answers."""
    values = dict(reversed(pairs))  # the first value of a field that repeats
    found = [
        Message(key, tuple((code, values[code]) for code in way))
        for key in file.inquiries
        for way in file.ways(key)
        if all(code in values for code in way)
    ]
    return [*found, *(Message(key, (("FCN", number),)) for key in file.inquiries)]


def numbers_in(answer: Answer) -> set[str]:
    return {hit.number for hit in answer.hits}


async def finds(desk: LivingDesk, file: File, pairs: Pairs, number: str) -> list[bool]:
    """Whether the record is found, by each way of asking."""
    return [number in numbers_in(answer) for answer in await desk.put(*askings(file, pairs, number))]


def changed(file: File, pairs: Pairs) -> Pairs:
    """Other values in one field that leave the rules whole."""
    dice = Random(99)
    form = next(f for f in CATALOGUE.forms.values() if f.verb is Verb.ENTER and f.files == (file,))
    said = {code for entry in file.enters for code, _ in entry.says}
    said |= {file.attached.field} if file.attached else set()
    for field in file.fields:
        if field.code in said or isinstance(field.kind, PersonName):
            continue
        for _ in range(20):
            value = field.kind.invent(dice, NOW.date())
            after = [pair for pair in pairs if pair[0] != field.code] + [(field.code, value)]
            if (field.code, value) not in pairs and not broken(form, after):
                return [(field.code, value)]
    raise AssertionError(f"nothing of {file.code} can be changed")


@pytest.mark.parametrize("form", ENTRIES)
async def test_a_record_lives_its_life(form: Form, desk: LivingDesk) -> None:
    (file,) = form.files
    pairs = invented(form, Random(form.key))
    number = await entered(desk, form, pairs)
    asked = askings(file, pairs, number)
    for question, answer in zip(asked, await desk.put(*asked), strict=True):
        assert number in numbers_in(answer), (question, answer)
        shown = next(hit for hit in answer.hits if hit.number == number)
        assert set(readable(file, tuple(pairs))) <= set(shown.fields), "what was sent is shown"
    await _modified(desk, file, pairs, number)
    await _supplemented(desk, file, pairs, number)
    await _located(desk, file, pairs, number)
    await _ended(desk, file, pairs, number)


async def _modified(desk: LivingDesk, file: File, pairs: Pairs, number: str) -> None:
    assert file.modify, "what is entered can be changed"
    form, change = CATALOGUE.forms[file.modify], changed(file, pairs)
    sent = message(form, [("FCN", number), *change])
    assert (await desk.put(sent, seat=OTHER))[0].state is State.REFUSED, "only its owner changes a record"
    answer = (await desk.put(sent))[0]
    assert answer.state is State.ACCEPTED, answer.text
    assert set(change) <= set(answer.hits[0].fields)
    assert await desk.former(number) == [(1, "active")]
    pairs[:] = [pair for pair in pairs if pair[0] != change[0][0]] + change
    assert all(await finds(desk, file, pairs, number))


async def _supplemented(desk: LivingDesk, file: File, pairs: Pairs, number: str) -> None:
    assert bool(file.supplement) == bool(file.strike), "what can be added can be taken out"
    if not file.supplement:
        return
    rules_of = next(f for f in CATALOGUE.forms.values() if f.verb is Verb.ENTER and f.files == (file,))
    dice = Random(5)
    for field in file.repeated:
        one = (field.code, field.kind.invent(dice, NOW.date()))
        if (
            one in pairs
            or broken(rules_of, [*pairs, one])
            or sum(c == one[0] for c, _ in pairs) >= field.many
        ):
            continue
        for key, there in ((file.supplement, True), (file.strike, False)):
            answer = (await desk.put(message(CATALOGUE.forms[key], [("FCN", number), one])))[0]
            assert answer.state is State.ACCEPTED, (field.code, answer.text)
            assert (one in answer.hits[0].fields) is there
        return


async def _located(desk: LivingDesk, file: File, pairs: Pairs, number: str) -> None:
    if not file.locate:
        return
    day = f"{NOW:%Y%m%d}"
    sent = message(CATALOGUE.forms[file.locate], [("FCN", number), ("DOL", day), ("LCA", "99-1")])
    assert (await desk.put(sent))[0].state is State.REFUSED, "its owner clears, and does not locate"
    answer = (await desk.put(sent, seat=OTHER))[0]
    assert answer.state is State.ACCEPTED, answer.text
    assert [(one.code, one.to) for one in answer.notices] == [("$.L.", DESK.ori)]
    assert answer.hits[0].status == "located"
    assert all(await finds(desk, file, pairs, number)), "what is located is found still"


async def _ended(desk: LivingDesk, file: File, pairs: Pairs, number: str) -> None:
    key = file.clear or file.cancel
    assert key, "what is entered can be ended"
    form = CATALOGUE.forms[key]
    day = [("DCL", f"{NOW:%Y%m%d}")] if form.verb is Verb.CLEAR else []
    sent = message(form, [("FCN", number), *day])
    assert (await desk.put(sent, seat=OTHER))[0].state is State.REFUSED, "only its owner ends a record"
    assert (await desk.put(sent))[0].state is State.ACCEPTED
    assert not any(await finds(desk, file, pairs, number)), "what has ended is found no more"
    assert (await desk.put(sent))[0].text == f"NOT ON FILE FCN/{number}"
    assert (await desk.row(number))["status"] in ("cleared", "cancelled")


@pytest.mark.parametrize("form", ENTRIES)
async def test_a_record_is_purged_by_the_clock_or_never(form: Form, desk: LivingDesk) -> None:
    (file,) = form.files
    pairs = invented(form, Random(form.key + "!"))
    number = await entered(desk, form, pairs)
    row = await desk.row(number)
    ends, status = due(file, tuple(pairs), NOW)
    assert row["due_at"] == ends
    if ends is None:
        await desk.line.execute("update record set validate_on = null")
        await desk.age(NOW + timedelta(days=4000))
        assert all(await finds(desk, file, pairs, number)), "it stays until it is cleared"
        return
    await desk.line.execute("update record set validate_on = null")
    await desk.age(max(ends - timedelta(seconds=1), NOW))
    ended = ends <= NOW
    assert all(await finds(desk, file, pairs, number)) is not ended
    told = await desk.age(ends)
    assert ended or [(one.code, one.to, one.number) for one in told] == [("$.P.", DESK.ori, number)]
    assert (await desk.row(number))["status"] == status
    assert not any(await finds(desk, file, pairs, number))


@pytest.mark.parametrize("form", [one for one in ENTRIES if one.values[0].files[0].validated])  # type: ignore[union-attr]
async def test_what_is_validated_is_listed_reminded_of_and_removed(form: Form, desk: LivingDesk) -> None:
    pairs = invented(form, Random(form.key + "?"))
    number = await entered(desk, form, pairs)
    await desk.line.execute("update record set due_at = null")
    assert str((await desk.row(number))["validate_on"]) == "2027-02-01"
    assert await desk.age(datetime(2027, 1, 31, 20, tzinfo=UTC)) == []
    told = await desk.age(datetime(2027, 2, 25, 20, tzinfo=UTC))
    assert [(one.code, one.to) for one in told] == [("$.V.", DESK.ori)] * 3, "a list and two reminders"
    [gone] = await desk.age(datetime(2027, 3, 1, 20, tzinfo=UTC))
    assert (gone.code, gone.number) == ("$.P.", number)
    assert (await desk.row(number))["status"] == "removed"


@pytest.mark.parametrize("source", [Source.NCIC, Source.DMV])
async def test_every_other_holder_takes_and_ends_what_it_holds(source: Source, stage: Stage) -> None:
    """NCIC and the DMV take entries from the state's link alone, for the agency that it names."""
    stage.clock.now = NOW
    desk = LivingDesk(stage, await stage.connect(), source)
    forms = [form for form in desk.catalogue.forms.values() if form.verb is Verb.ENTER]
    assert forms
    for place, form in enumerate(forms):
        (file,) = form.files
        pairs = invented(form, Random(form.key))
        fcn = f"99926300{place:05d}"
        sent = message(form, [*pairs, ("FCN", fcn)])
        answer, again = await desk.put(sent, sent)
        assert answer.state is again.state is State.ACCEPTED, (form.key, answer.text, again.text)
        assert answer.hits[0].number == again.hits[0].number, "told twice, it is one record"
        ending = desk.catalogue.forms[file.clear or file.cancel]
        day = [("DCL", f"{NOW:%Y%m%d}")] if ending.verb is Verb.CLEAR else []
        ended = (await desk.put(message(ending, [("FCN", fcn), *day])))[0]
        assert ended.state is State.ACCEPTED, (ending.key, ended.text)


async def test_doj_holds_a_record_beyond_its_recovery(desk: LivingDesk) -> None:
    number = await desk.entered("EB.REG/CF1234ZZ.RES/CA.BYR/2010.BMA/BIY.BTY/RUN.DOT/20261101.OCA/99-1")
    assert (await desk.one(f"RST.FCN/{number}.RST/Y", DOJ)).text == f"RESTRAINED FCN/{number}"
    cleared = await desk.one(f"CB.FCN/{number}.DCL/20261120")
    assert (cleared.state, cleared.hits[0].status) == (State.ACCEPTED, "restrained")
    found = await desk.one("QB.REG/CF1234ZZ")
    assert [hit.status for hit in found.hits] == ["restrained"]
    assert (await desk.one(f"CB.FCN/{number}.DCL/20261120")).state is State.REFUSED
    assert (await desk.one(f"RST.FCN/{number}.RST/N", DOJ)).text == f"RELEASED AND CLEARED FCN/{number}"
    assert (await desk.one("QB.REG/CF1234ZZ")).state is State.NO_RECORD
