"""Claims about the one path: invariants of the design, and somebody who tries to break them."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.switch.stage import (
    BROAD,
    DESK,
    NEXT_DESK,
    NO_ROWS,
    POLICE,
    Pretended,
    Stage,
    answers,
    car,
    send,
    soon,
    take,
    wanted,
)
from wireroom.app.database import Pool
from wireroom.journal import NotWritten
from wireroom.journal.checkpoint import Signer
from wireroom.journal.sequencer import Sequencer
from wireroom.journal.tags import Tag
from wireroom.message.answer import Answer, State
from wireroom.oversight.verifying import verify
from wireroom.switch import BadKey, JournalDown, KeyTaken
from wireroom.switch.transaction import Limits

pytestmark = pytest.mark.anyio
ORIGIN = "wireroom.example/journal"


# ------------------------------------------------------------------ 1 no answer without its entry


async def test_an_answer_and_its_entries_are_there_together(stage: Stage) -> None:
    async with stage.running() as switch:
        [answer] = await answers(stage, switch, car())
        intent, given = await stage.journal(answer.transaction)
    assert (intent.number, intent.tag) == (answer.transaction, Tag.ENTRY_ASKED)
    assert (given.number, given.tag) == (answer.number, Tag.ANSWER_GIVEN)
    assert given.detail["state"] == answer.state == "accepted"


@pytest.mark.parametrize(
    "text", [car(), BROAD, "AM.TO/Y001.TXT/HELLO", "QV.LIC/*", "QV.LIC/7QQQ001.LIS/CA.PUR/I"]
)
async def test_AU_5_nothing_moves_while_the_journal_takes_nothing(stage: Stage, text: str) -> None:
    far = Pretended("NCIC")
    async with stage.running(far) as switch:
        stage.writer.trouble = NotWritten("the disk is full")
        with pytest.raises(JournalDown):
            await send(stage, switch, text)
        stage.writer.trouble = None
        assert await stage.counts() == NO_ROWS
        assert await stage.journal() == []
        assert far.asked == []
        assert (await send(stage, switch, text, key="again")).number, "and goes on when the disk has room"


async def test_a_statement_that_fails_after_the_journal_takes_its_entries_back_too(stage: Stage) -> None:
    await stage.execute("alter table delivery add constraint none check (terminal = 'nobody')")
    async with stage.running() as switch:
        with pytest.raises(JournalDown):
            await send(stage, switch, car())
    assert await stage.counts() == NO_ROWS
    assert await stage.journal() == []


async def test_a_journal_that_refuses_at_commit_lets_nothing_out(stage: Stage) -> None:
    await stage.execute(
        """create function no() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
        """
    )
    await stage.execute(
        "create constraint trigger no after insert on journal deferrable initially deferred "
        "for each row when (new.tag like 'entry:%') execute function no()"
    )
    async with stage.running() as switch:
        with pytest.raises(JournalDown):
            await send(stage, switch, car())
        assert await stage.counts() == NO_ROWS
        assert (await send(stage, switch, BROAD)).state == "accepted", "the others go on"


async def test_an_answer_from_outside_is_not_shown_before_its_entry(stage: Stage) -> None:
    far = Pretended("NCIC")
    far.hold.clear()
    async with stage.running(far) as switch:
        receipt = await send(stage, switch, BROAD)
        await soon(far.reached.wait())
        stage.writer.trouble = NotWritten("the disk is full")
        far.hold.set()
        await soon(asyncio.gather(*switch._asking))
        assert [delivery.source for delivery in await take(switch, "Z001", 1)] == ["STATE"]
        assert int(str(await stage.value("select count(*) from delivery"))) == 1
        stage.writer.trouble = None
        stage.clock.tick(60)
        await switch._recover()
        late = (await take(switch, "Z001", 2))[1]
    assert (late.transaction, late.source, late.state) == (receipt.number, "NCIC", "no answer")


# ------------------------------------------------------------------ 2 never lost, never twice


async def test_a_resend_gets_the_first_result_and_one_answer(stage: Stage) -> None:
    async with stage.running() as switch:
        first = await send(stage, switch, car(), key="one")
        again = await send(stage, switch, car(), key="one")
        waiting = await take(switch, "Z001", 1)
    assert again == msgspec.structs.replace(first, state="repeat")
    assert await stage.value("select count(*) from record") == 1
    assert await stage.value("select count(*) from delivery") == len(waiting) == 1
    assert len(await stage.journal()) == 2


async def test_fifty_resends_at_once_are_one(stage: Stage) -> None:
    async with stage.running() as switch:
        receipts = await soon(asyncio.gather(*(send(stage, switch, car(), key="same") for _ in range(50))))
    assert len({receipt.number for receipt in receipts}) == 1
    assert sorted(receipt.state for receipt in receipts) == ["accepted", *["repeat"] * 49]
    assert await stage.value("select count(*) from record") == 1
    assert await stage.value("select count(*) from delivery") == 1


async def test_resends_to_two_switches_at_once_are_one(stage: Stage) -> None:
    async with stage.running() as one, stage.running(worker=1) as two:
        sends = [send(stage, switch, wanted(), key="same") for switch in (one, two) * 10]
        receipts = await soon(asyncio.gather(*sends))
    assert len({receipt.number for receipt in receipts}) == 1
    assert await stage.value("select count(*) from record") == 1


async def test_CP_10_2_a_resend_after_a_restart_gets_the_first_result(stage: Stage) -> None:
    async with stage.running() as switch:
        first = await send(stage, switch, car(), key="one")
    stage.clock.tick(3)
    async with stage.running() as switch:
        again = await send(stage, switch, car(), key="one")
        [answer] = await take(switch, "Z001", 1)
    assert again.number == first.number == answer.transaction
    assert await stage.value("select count(*) from record") == 1


async def test_a_key_with_another_text_is_refused_and_does_nothing(stage: Stage) -> None:
    async with stage.running() as switch:
        await send(stage, switch, car(), key="one")
        before = await stage.counts()
        with pytest.raises(KeyTaken, match="another text"):
            await send(stage, switch, car("7QQQ002"), key="one")
        assert await stage.counts() == before
        assert (await send(stage, switch, car("7QQQ002"), NEXT_DESK, key="one")).state == "accepted"


async def test_a_resend_over_midnight_is_a_repeat_and_a_new_day_begins_anew(stage: Stage) -> None:
    stage.clock.now = stage.clock.now.replace(hour=23, minute=59, second=59)
    async with stage.running() as switch:
        first = await send(stage, switch, car(), key="one")
        stage.clock.tick(2)
        assert (await send(stage, switch, car(), key="one")).number == first.number
        stage.clock.tick(2 * 3600)
        assert (await send(stage, switch, BROAD, key="one")).state == "accepted"


@pytest.mark.parametrize("key", ["", "k" * 65, "a\x00b", "a\nb"])
async def test_a_key_that_cannot_be_kept_is_refused(stage: Stage, key: str) -> None:
    async with stage.running() as switch:
        with pytest.raises(BadKey):
            await switch.transact(msgspec.structs.replace(stage.arrival(BROAD), key=key))
    assert await stage.journal() == []


async def test_a_refused_and_a_faulty_text_get_their_first_result_too(stage: Stage) -> None:
    async with stage.running() as switch:
        for text, state in (("QV.LIC/7QQQ001.LIS/CA.PUR/I", "refused"), ("QV.LIC/?", "faulty")):
            first = await send(stage, switch, text, key=state)
            again = await send(stage, switch, text, key=state)
            assert first.state == again.state == state
            assert first.number == again.number


async def test_the_keys_of_old_days_are_forgotten(stage: Stage) -> None:
    async with stage.running() as switch:
        await send(stage, switch, BROAD, key="old")
        stage.clock.tick(86_400)
        await switch._recover()
        assert await stage.value("select count(*) from claim") == 1
        stage.clock.tick(3 * 86_400)
        await switch._recover()
        assert await stage.value("select count(*) from claim") == 0


async def test_an_inquiry_that_nobody_is_set_up_to_answer_is_told_so(stage: Stage) -> None:
    async with stage.running() as switch:
        [answer] = await answers(stage, switch, "RQ.LIC/7QQQ001")
    assert (answer.source, answer.state) == ("DMV", "out of service")
    assert await stage.value("select count(*) from leg") == 0


async def test_a_message_is_put_for_every_terminal_and_told_to_the_sender(stage: Stage) -> None:
    async with stage.running() as switch:
        [queued] = await answers(stage, switch, "AM.TO/CA0980100.TO/Z002.TO/Y001.TXT/LOST CHILD. CALL US.")
        got = [(await take(switch, terminal, 1))[0] for terminal in ("Y001", "Y002", "Z002")]
    assert queued.text.splitlines()[-1] == "TXT/QUEUED FOR Y001, Y002, Z002"
    assert {(one.kind, one.number, one.state) for one in got} == {("mail", queued.transaction, "mail")}
    assert all("LOST CHILD. CALL US." in one.text for one in got)
    assert await stage.value("select count(*) from delivery where terminal = 'Y001'") == 1


@pytest.mark.parametrize("address", ["Z999", "Z009", "CA0970100"])
async def test_a_message_to_nobody_is_reported_and_goes_to_nobody_else(stage: Stage, address: str) -> None:
    async with stage.running() as switch:
        receipt = await send(stage, switch, f"AM.TO/Y001.TO/{address}.TXT/HELLO")
    assert receipt.state == "faulty"
    assert receipt.faults[0][0] == "TO"
    assert await stage.value("select count(*) from delivery") == 0


# ------------------------------------------------------------------ 3 an answer belongs to its question


async def test_each_source_answers_its_own_leg_in_any_order(stage: Stage) -> None:
    ncic, dmv = Pretended("NCIC"), Pretended("DMV")
    ncic.said = lambda q: Answer(source="NCIC", state=State.REFUSED, text=f"NCIC {q.message.get('LIC')}")
    dmv.said = lambda q: Answer(source="DMV", state=State.REFUSED, text=f"DMV {q.message.get('LIC')}")
    ncic.hold.clear()
    plates = [f"7QQQ{n:03}" for n in range(20)]
    async with stage.running(ncic, dmv) as switch:
        receipts = await soon(
            asyncio.gather(*(send(stage, switch, f"QV.LIC/{plate}.LIS/CA") for plate in plates))
        )
        ncic.hold.set()
        got = await take(switch, "Z001", 60)
    for plate, receipt in zip(plates, receipts, strict=True):
        mine = sorted((one for one in got if one.transaction == receipt.number), key=lambda one: one.part)
        assert [(one.part, one.parts, one.source) for one in mine] == [
            (place, 3, source) for place, source in enumerate(receipt.sources, 1)
        ]
        assert {one.title for one in mine if one.source != "STATE"} == {f"NCIC {plate}", f"DMV {plate}"}
        assert {one.asked for one in mine} == {f"QV.LIC/{plate}.LIS/CA"}


async def test_a_silent_source_is_reported_at_the_deadline_and_its_late_answer_is_marked(
    stage: Stage,
) -> None:
    far = Pretended("NCIC", deadline_s=60)
    far.hold.clear()
    async with stage.running(far, limits=Limits(answer_seconds_max=0.01)) as switch:
        got = await answers(stage, switch, BROAD)
        assert [(one.source, one.state) for one in got] == [("STATE", "no record"), ("NCIC", "no answer")]
        [question] = far.asked
        said = Answer(source="NCIC", state=State.NO_RECORD, late=True)
        await soon(switch.settle(question, said))
        await switch._acknowledge()
        [late] = await take(switch, "Z001", 1)
        tags = [entry.tag for entry in await stage.journal(question.transaction)]
    assert (late.transaction, late.state) == (question.transaction, "no record")
    assert late.title.startswith("LATE ANSWER")
    assert tags == [Tag.INQUIRY_ASKED, Tag.ANSWER_GIVEN, Tag.ANSWER_MISSING, Tag.ANSWER_LATE]


async def test_a_source_whose_code_fails_has_given_no_answer(stage: Stage) -> None:
    far = Pretended("NCIC")
    far.said = lambda q: {}[q]  # type: ignore[index]
    async with stage.running(far) as switch:
        got = await answers(stage, switch, BROAD)
    assert [one.state for one in got] == ["no record", "no answer"]


async def test_a_late_answer_that_cannot_be_written_down_stays_with_who_brought_it(stage: Stage) -> None:
    far = Pretended("NCIC")
    async with stage.running(far) as switch:
        await answers(stage, switch, BROAD)
        stage.writer.trouble = NotWritten("the disk is full")
        said = Answer(source="NCIC", state=State.NO_RECORD, late=True)
        with pytest.raises(JournalDown):
            await soon(switch.settle(far.asked[0], said))


async def test_a_second_answer_to_one_question_is_nobodys(stage: Stage) -> None:
    far = Pretended("NCIC")
    async with stage.running(far) as switch:
        await answers(stage, switch, BROAD)
        question = far.asked[0]
        for state in (State.NO_RECORD, State.REFUSED):
            await soon(switch.settle(question, Answer(source="NCIC", state=state)))
        assert len(await stage.journal(question.transaction)) == 3


async def test_CP_10_2_questions_of_a_dead_process_are_settled_once_by_the_next(stage: Stage) -> None:
    far = Pretended("NCIC", deadline_s=60)
    far.hold.clear()
    async with stage.running(far) as switch:
        receipt = await send(stage, switch, BROAD)
        await soon(far.reached.wait())
    assert await stage.value("select count(*) from leg") == 1
    async with stage.running(worker=1) as one, stage.running(worker=2) as two:
        await soon(asyncio.gather(one._recover(), two._recover(), one._recover()))
        got = await take(one, "Z001", 2)
    assert [(one.source, one.state) for one in got] == [("STATE", "no record"), ("NCIC", "no answer")]
    assert "ASK AGAIN" in got[1].text
    assert got[1].transaction == receipt.number
    assert len(await stage.journal(receipt.number)) == 3


async def test_they_are_settled_also_where_the_next_process_has_the_same_number(stage: Stage) -> None:
    """The usual case: one process, killed and started again, takes the lowest number again."""
    lease = "insert into worker values (0, 'us', 'infinity')"
    far = Pretended("NCIC", deadline_s=60)
    far.hold.clear()
    await stage.execute(lease)
    async with stage.running(far) as switch:
        await send(stage, switch, BROAD)
        await soon(far.reached.wait())
    async with stage.running() as switch:
        await switch._recover()
        assert await stage.value("select count(*) from leg") == 1, "it may still be answered"
        stage.clock.tick(60)
        await switch._recover()
        got = await take(switch, "Z001", 2)
    assert [one.state for one in got] == ["no record", "no answer"]


# ------------------------------------------------------------------ 4 who asks is known from the session


async def test_agency_terminal_and_person_come_from_the_seat(stage: Stage) -> None:
    async with stage.running() as switch:
        [entered] = await answers(stage, switch, car().replace("EV.", f"EV.{POLICE}."))
        forged = await send(stage, switch, car("7QQQ002").replace("EV.", "EV.CA0980100."))
        rows = await stage.rows("select ori, terminal, person from journal where transaction > 0")
    assert forged.state == "faulty"
    assert forged.faults[0][0] == "ORI"
    assert {tuple(row) for row in rows} == {(POLICE, "Z001", "p.vale")}
    assert await stage.value("select owner from record") == POLICE
    assert entered.hits[0].owner == POLICE


async def test_a_seat_that_is_not_bound_may_not_send(stage: Stage) -> None:
    async with stage.running() as switch:
        for changed in ({"person": ""}, {"ori": ""}):
            seat = msgspec.structs.replace(DESK, **changed)
            receipt = await send(stage, switch, car(), seat)
            assert (receipt.state, receipt.rule) == ("refused", "seat-bound")
    assert await stage.value("select count(*) from record") == 0


# ------------------------------------------------------------------ 7 what is written down can be proved


async def test_all_that_the_switch_writes_down_is_whole_to_who_verifies_it(stage: Stage, pool: Pool) -> None:
    far = Pretended("NCIC")
    async with stage.running(far) as switch:
        for text in (car(), BROAD, "QV.LIC/*", BROAD + ".PUR/I", "AM.TO/Y001.TXT/HELLO", wanted()):
            receipt = await send(stage, switch, text)
        await switch.acknowledge("Z001", [one.number for one in await take(switch, "Z001", 3)])
        await switch._acknowledge()
        said = Answer(source="NCIC", state=State.NO_RECORD, late=True)
        await soon(switch.settle(far.asked[0], said))
    signer = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    await Sequencer(pool, signer, stage.clock, ORIGIN).fold_all()
    verdict = await verify(pool, [signer.key.vkey], texts=stage.texts, now=stage.clock())
    assert verdict.trouble == ""
    assert (verdict.entries, verdict.waiting) == (await stage.value("select count(*) from journal"), 0)
    assert verdict.entries >= 15
    await stage.execute("alter table journal disable trigger user")
    await stage.execute("update journal set person = 'p.other' where number = $1", receipt.number)
    verdict = await verify(pool, [signer.key.vkey], texts=stage.texts, now=stage.clock())
    assert verdict.number == receipt.number
    assert "column person" in verdict.trouble
