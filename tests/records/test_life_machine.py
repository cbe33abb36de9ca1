"""The life of records as a machine: whatever is done in whatever order, the files say what a plain dictionary says."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import Any, ClassVar, TypeVar

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.conftest import Clock, created
from tests.records.desk import DOJ, LivingDesk, seat
from tests.records.test_every_file_lives import CATALOGUE, invented, message
from tests.switch.stage import DESK, OTHER, VAULT, Stage
from wireroom.app.engine import Embedded
from wireroom.catalog.file import File, Verb
from wireroom.catalog.rules import Values
from wireroom.message.answer import Answer, State
from wireroom.message.envelope import Seat
from wireroom.records.life import valued
from wireroom.records.shape import from_json

Result = TypeVar("Result")
FILES = ("vehicle", "wanted", "boat", "missing", "gun", "supervised")
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
SECOND = seat("p.second")
DAY = f"{NOW:%Y%m%d}"


class Kept(msgspec.Struct):
    """What a reader of the papers knows of a record."""

    file: str
    number: str
    values: dict[str, tuple[str, ...]]
    status: str = "active"
    version: int = 1
    entered_by: str = DESK.person
    checked_by: str = ""
    restrained: bool = False


class Lives(RuleBasedStateMachine):
    """Any order of the verbs by owner, second person, other agency and DOJ; the dictionary is compared after each."""

    dsn: ClassVar[str] = ""
    loop: ClassVar[asyncio.AbstractEventLoop]
    cases: ClassVar[Any] = count(1)  # any: of itertools, without a type of its own
    records = Bundle("records")

    @initialize()
    def begin(self) -> None:
        self.stage = Stage(self.dsn, Clock(NOW))
        self.desk = LivingDesk(self.stage, self.run(self.stage.connect()))
        self.world = self.desk.line.transaction()  # taken back at the end: each history begins with nothing
        self.run(self.world.start())
        self.kept: dict[str, Kept] = {}

    def teardown(self) -> None:
        if hasattr(self, "stage"):
            self.run(self.world.rollback())
            for connection in self.stage.connections:
                self.run(connection.close())

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(work)

    def put(self, key: str, pairs: list[tuple[str, str]], at: Seat = DESK) -> Answer:
        return self.run(self.desk.put(message(CATALOGUE.forms[key], pairs), seat=at))[0]

    # ----------------------------------------------------------------------- what may happen

    @rule(target=records, file=st.sampled_from(FILES), seed=st.integers(0, 10**9))
    def enter(self, file: str, seed: int) -> str:
        form = CATALOGUE.forms[CATALOGUE.files[file].enters[0].key]
        case = next(self.cases)
        dice = Random(seed)
        pairs = invented(form, dice)
        pairs = [(code, f"99-{case}" if code == "OCA" else value) for code, value in pairs]
        answer = self.put(form.key, pairs)
        if answer.state is State.REFUSED:  # of the same thing there is a record already
            assert answer.text.startswith("ON FILE ALREADY FCN/")
            known = self.kept[answer.hits[0].number]
            assert known.status in ("active", "located", "restrained")
            return known.number
        assert answer.state is State.ACCEPTED, answer.text
        hit = answer.hits[0]
        self.kept[hit.number] = Kept(file, hit.number, dict(valued(hit.fields)))
        return hit.number

    @rule(number=records, seed=st.integers(0, 10**9), owner=st.booleans())
    def modify(self, number: str, seed: int, owner: bool) -> None:
        one, file = self.of(number)
        field = Random(seed).choice(
            [f for f in file.fields if f.code not in ("NAM", "DOB", "CAT", "OCA", file.keep.until)]
        )
        value = field.kind.invent(Random(seed), NOW.date())
        answer = self.put(file.modify, [("FCN", number), (field.code, value)], DESK if owner else OTHER)
        after = {**one.values, field.code: (value,)}
        if self.allowed(one, answer, owner=owner, held_by_doj=True) and self.lawful(file, after, answer):
            one.values = after
            self.changed(one, DESK.person)

    @rule(number=records, seed=st.integers(0, 10**9), add=st.booleans())
    def supplement(self, number: str, seed: int, add: bool) -> None:
        one, file = self.of(number)
        if not file.supplement:
            return
        field = Random(seed).choice(file.repeated)
        there = one.values.get(field.code, ())
        dice = Random(seed)
        value = dice.choice(there) if there and dice.random() < 0.5 else field.kind.invent(dice, NOW.date())
        answer = self.put(file.supplement if add else file.strike, [("FCN", number), (field.code, value)])
        if not self.allowed(one, answer, held_by_doj=True):
            return
        if not add and value not in there:
            assert answer.state is State.REFUSED
            return
        if add:
            several = there if value in there else (*there, value)
        else:
            several = tuple(item for item in there if item != value)
        after = {**one.values, field.code: several}
        after = {code: values for code, values in after.items() if values}
        if len(several) > field.many:
            assert answer.state is State.REFUSED
        elif self.lawful(file, after, answer):
            one.values = after
            self.changed(one, DESK.person)

    @rule(number=records, owner=st.booleans(), case=st.integers(1, 99))
    def locate(self, number: str, owner: bool, case: int) -> None:
        one, file = self.of(number)
        if not file.locate:
            return
        sent = [("FCN", number), ("DOL", DAY), ("LCA", f"99-{case}")]
        answer = self.put(file.locate, sent, DESK if owner else OTHER)
        if self.allowed(one, answer, owner=not owner, held_by_doj=True):
            one.values |= {"DOL": (DAY,), "LCA": (f"99-{case}",), "LOR": (OTHER.ori,)}
            one.status, one.version = "located", one.version + 1

    @rule(number=records, person=st.sampled_from((DESK, SECOND)))
    def verify(self, number: str, person: Seat) -> None:
        one, _ = self.of(number)
        answer = self.put("VFY", [("FCN", number)], person)
        if not self.allowed(one, answer):
            return
        if one.checked_by or one.entered_by == person.person:
            assert answer.state is State.REFUSED, answer.text
            return
        assert answer.state is State.ACCEPTED
        one.checked_by, one.version = person.person, one.version + 1

    @rule(number=records)
    def validate(self, number: str) -> None:
        one, file = self.of(number)
        answer = self.put("VAL", [("FCN", number)])
        if not self.allowed(one, answer):
            return
        if not file.validated:
            assert answer.state is State.REFUSED
            return
        one.values |= {"VLN": (DESK.person.upper(),), "DOV": (DAY,)}
        one.version += 1

    @rule(number=records, on=st.booleans())
    def restrain(self, number: str, on: bool) -> None:
        one, _ = self.of(number)
        answer = self.put("RST", [("FCN", number), ("RST", "Y" if on else "N")], DOJ)
        if not self.allowed(one, answer):
            return
        one.values |= {"RST": ("Y" if on else "N",)}
        one.restrained, one.version = on, one.version + 1
        if not on and one.status == "restrained":
            one.status = "cleared"

    @rule(number=records, owner=st.booleans())
    def clear(self, number: str, owner: bool) -> None:
        one, file = self.of(number)
        answer = self.put(file.clear, [("FCN", number), ("DCL", DAY)], DESK if owner else OTHER)
        if self.allowed(one, answer, owner=owner, held_by_doj=True):
            one.values |= {"DCL": (DAY,)}
            one.status, one.version = "restrained" if one.restrained else "cleared", one.version + 1

    @rule(number=consumes(records), owner=st.booleans())
    def cancel(self, number: str, owner: bool) -> None:
        one, file = self.of(number)
        answer = self.put(file.cancel, [("FCN", number)], DESK if owner else OTHER)
        if self.allowed(one, answer, owner=owner and not one.restrained):
            one.status, one.version = "cancelled", one.version + 1

    # ----------------------------------------------------------------------- what must then be so

    def of(self, number: str) -> tuple[Kept, File]:
        one = self.kept[number]
        return one, CATALOGUE.files[one.file]

    def allowed(self, one: Kept, answer: Answer, *, owner: bool = True, held_by_doj: bool = False) -> bool:
        """Whether the change was to be done, by whose it is and where in its life; the answer must say the same."""
        if one.status not in ("active", "located", "restrained"):
            assert answer.text == f"NOT ON FILE FCN/{one.number}"
            return False
        if not owner or (held_by_doj and one.status == "restrained"):
            assert answer.state is State.REFUSED, answer.text
            return False
        return True

    def lawful(self, file: File, after: Values, answer: Answer) -> bool:
        """Whether a record may be so; the answer must say the same."""
        broken = [fault for one in file.rules for fault in one.check(after)]
        missing = [f.code for f in file.fields if f.required and f.code not in after]
        good = not broken and not missing
        assert (answer.state is State.ACCEPTED) is good, (answer.text, broken, missing)
        return good

    def changed(self, one: Kept, person: str) -> None:
        one.version, one.checked_by, one.entered_by = one.version + 1, "", person

    @invariant()
    def the_files_say_what_the_dictionary_says(self) -> None:
        for one in getattr(self, "kept", {}).values():
            row = self.run(self.desk.row(one.number))
            assert (row["status"], row["version"]) == (one.status, one.version)
            assert (row["checked_by"], row["entered_by"]) == (one.checked_by, one.entered_by)
            stored = self.run(self._fields(one))
            assert stored == {code: values for code, values in one.values.items() if values}

    async def _fields(self, one: Kept) -> dict[str, tuple[str, ...]]:
        row = await self.desk.row(one.number)
        return dict(valued(from_json(CATALOGUE.files[one.file], row["stored"], VAULT)))

    @invariant()
    def every_former_version_is_kept_and_what_is_in_force_is_found(self) -> None:
        for one in getattr(self, "kept", {}).values():
            versions = self.run(self.desk.former(one.number))
            assert [version for version, _ in versions] == list(range(1, one.version))
            key = CATALOGUE.files[one.file].inquire
            answer = self.put(key, [("FCN", one.number)])
            found = [(hit.number, hit.status) for hit in answer.hits]
            in_force = one.status in ("active", "located", "restrained")
            assert found == ([(one.number, one.status)] if in_force else [])


@pytest.mark.timeout(600)
def test_any_history_of_records_is_what_a_dictionary_says(server: Embedded, template: str) -> None:
    with created(server, template) as dsn:
        Lives.dsn, Lives.loop = dsn, asyncio.new_event_loop()
        try:
            run_state_machine_as_test(
                Lives,
                settings=settings(
                    max_examples=25,
                    stateful_step_count=30,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            Lives.loop.close()


def test_the_machine_knows_files_of_every_kind_of_life() -> None:
    verbs = {form.verb for form in CATALOGUE.forms.values() if {one.code for one in form.files} & set(FILES)}
    assert {
        Verb.ENTER,
        Verb.MODIFY,
        Verb.SUPPLEMENT,
        Verb.STRIKE,
        Verb.LOCATE,
        Verb.CLEAR,
        Verb.CANCEL,
    } <= verbs
