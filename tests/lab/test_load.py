"""Claims about load: what it sends, that it loses no text from its counts, and that a stall cannot hide."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from io import StringIO
from random import Random

import msgspec
import pytest
from rich.console import Console

from tests.lab.booth import Booth
from wireroom.catalog.index import Catalogue
from wireroom.lab.load import LoadPlan, Progress, load
from wireroom.lab.population import State
from wireroom.lab.questions import MIXES, Questions
from wireroom.lab.report import LoadReport
from wireroom.message.read import read
from wireroom.wire import SignOnRefused
from wireroom.wire.client import Terms
from wireroom.wire.payload import Logon, Refusal
from wireroom.wire.server import Server

pytestmark = pytest.mark.anyio

TODAY = date(2026, 11, 23)
STATE = State(2_000, 1, TODAY)
STATIONS = tuple(Logon(terminal=f"Z{n:03d}", person=f"P{n}") for n in range(4))


@pytest.fixture
def booth(anyio_backend: object) -> Booth:
    return Booth()


@pytest.fixture
async def port(booth: Booth) -> AsyncIterator[int]:
    server = Server(booth)
    await server.start("127.0.0.1", 0)
    yield server.port
    booth.open.set()
    await server.close()


def plan(port: int, **changes: object) -> LoadPlan:
    usual = LoadPlan(
        host="127.0.0.1", port=port, stations=STATIONS, rate=500, seconds=0.3, drain_s=5.0,
        terms=Terms(tick_s=0.01),
    )  # fmt: skip
    return msgspec.structs.replace(usual, **changes)


def balanced(report: LoadReport) -> bool:
    """Every text sent stands in one count and one only."""
    return report.sent == report.answered + report.refused + report.lost


# --------------------------------------------------------------------------- what is sent


@pytest.mark.parametrize("mix", sorted(MIXES))
def test_every_question_is_one_that_the_reader_takes(mix: str) -> None:
    catalogue = Catalogue()
    questions = Questions(STATE, mix, Random(1), absent=0.2, addresses=["Z001"], purpose="C")
    drawn = [questions.draw() for _ in range(2_000)]
    for kind, text in drawn:
        assert read(text, catalogue, ori="CA0990100", today=TODAY).message is not None, (kind, text)
    shares = Counter(kind for kind, _ in drawn)
    for kind, percent in MIXES[mix].items():
        assert abs(shares[kind] / len(drawn) - percent / 100) < 0.05


@pytest.mark.parametrize("absent", [0.0, 0.25, 1.0])
def test_as_many_keys_are_absent_as_was_asked_for(absent: float) -> None:
    known = {value for chunk in STATE.stream() for record in chunk for value in dict(record.fields).values()}
    questions = Questions(STATE, "field", Random(2), absent=absent, addresses=["Z001"])
    asked = [text for kind, text in (questions.draw() for _ in range(3_000)) if kind != "message"]
    keys = [found[1] for text in asked if (found := re.search(r"(?:LIC|OLN|NAM|SER)/([^.]+)", text))]
    assert len(keys) == len(asked)
    assert abs(sum(key not in known for key in keys) / len(keys) - absent) < 0.04


def test_a_mix_or_share_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="choose one of numbers, field"):
        Questions(STATE, "letters", Random(1), absent=0, addresses=["Z001"])
    with pytest.raises(ValueError, match="absent share"):
        Questions(STATE, "field", Random(1), absent=1.5, addresses=["Z001"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"stations": ()}, "at least one station"),
        ({"rate": -1.0}, "a rate of 0 or more"),
        ({"seconds": 0.0}, "up to a day"),
        ({"mix": "letters"}, "no mix"),
        ({"run": ""}, "1 to 32 characters"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        plan(1, **changes)


# --------------------------------------------------------------------------- open loop


async def test_every_text_is_answered_and_counted_once(port: int, booth: Booth) -> None:
    report = await load(plan(port), STATE)
    assert report.sent == len(booth.texts) == report.answered
    assert (report.refused, report.lost, report.stray, report.unsent, report.silent) == (0, 0, 0, 0, 0)
    assert report.mail == sum(text.startswith("AM.") for text in booth.texts) > 0
    inquiries = report.sent - report.mail
    assert report.receipt.count == report.sent
    assert report.first.count == report.last.count == inquiries
    assert sum(times.count for times in report.by_kind.values()) == inquiries
    assert report.first.p50 <= report.last.p50
    assert booth.acknowledged == booth.delivered
    assert len(set(booth.keys)) == len(booth.keys)


async def test_the_same_seed_sends_the_same_texts(port: int, booth: Booth) -> None:
    await load(plan(port, run="one", seconds=0.1), STATE)
    first, booth.texts = booth.texts, []
    await load(plan(port, run="two", seconds=0.1), STATE)
    # Texts of several stations may overtake each other on their way.
    assert Counter(booth.texts) == Counter(first)


async def test_arrivals_keep_to_the_rate(port: int) -> None:
    report = await load(plan(port, rate=1_000.0, seconds=0.4), STATE)
    assert abs(report.sent - 400) < 5 * 20


async def test_a_switch_that_stalls_cannot_hide_what_it_kept_waiting(port: int, booth: Booth) -> None:
    booth.hold_until = 60
    report = await load(plan(port, rate=400.0, seconds=0.4), STATE)
    assert balanced(report)
    # The 60th text is due about 150 ms after the first; half of those before it waited half as long.
    assert report.receipt.max > 60
    assert report.receipt.p50 < report.receipt.max


async def test_a_refused_text_is_counted_as_refused(port: int, booth: Booth) -> None:
    booth.receipt = lambda text, receipt: (
        msgspec.structs.replace(receipt, state="refused") if text.startswith("QW.") else receipt
    )
    booth.answers = lambda text: [] if text.startswith("QW.") else [(1, ""), (2, ""), (3, "")]
    report = await load(plan(port), STATE)
    assert report.refused == sum(text.startswith("QW.") for text in booth.texts) > 0
    assert balanced(report)
    assert report.lost == 0


async def test_a_text_whose_answers_do_not_all_come_is_lost(port: int, booth: Booth) -> None:
    booth.answers = lambda text: [(1, ""), (2, "")] if text.startswith("QW.") else [(1, ""), (2, ""), (3, "")]
    report = await load(plan(port, drain_s=0.2), STATE)
    assert report.lost == sum(text.startswith("QW.") for text in booth.texts) > 0
    assert balanced(report)


async def test_a_text_without_a_receipt_is_lost(port: int, booth: Booth) -> None:
    booth.hold_until = 10**6
    terms = Terms(tick_s=0.01, deadline_s=0.05)
    report = await load(plan(port, seconds=0.1, drain_s=0.2, terms=terms), STATE)
    assert report.lost == report.sent > 0
    assert report.answered == 0


async def test_an_answer_that_comes_twice_is_told(port: int, booth: Booth) -> None:
    booth.answers = lambda text: [(1, ""), (1, ""), (2, ""), (3, "")]
    report = await load(plan(port), STATE)
    assert report.stray == report.sent - report.mail > 0
    assert report.answered == report.sent


async def test_an_answer_that_a_source_did_not_give_is_told(port: int, booth: Booth) -> None:
    booth.answers = lambda text: [(1, ""), (2, "no answer"), (3, "out of service")]
    report = await load(plan(port), STATE)
    assert report.silent == 2 * (report.sent - report.mail)
    assert report.answered == report.sent


async def test_an_answer_after_the_limit_is_late(port: int, booth: Booth) -> None:
    report = await load(plan(port, late_s=0.0), STATE)
    assert report.late == report.last.count > 0


# --------------------------------------------------------------------------- closed loop


async def test_in_a_closed_loop_each_station_has_one_text_on_its_way(port: int, booth: Booth) -> None:
    report = await load(plan(port, rate=0.0, seconds=0.2), STATE)
    assert report.sent == report.answered > len(STATIONS)
    assert booth.most_on_the_way == 1


async def test_a_closed_loop_goes_on_after_a_refusal(port: int, booth: Booth) -> None:
    booth.receipt = lambda text, receipt: msgspec.structs.replace(receipt, state="refused")
    booth.answers = lambda text: []
    report = await load(plan(port, rate=0.0, seconds=0.2), STATE)
    assert report.refused > len(STATIONS)
    assert balanced(report)


# --------------------------------------------------------------------------- beginning and end


async def test_a_station_that_may_not_sign_on_ends_the_load(port: int, booth: Booth) -> None:
    booth.refusal = Refusal("No such terminal.")
    with pytest.raises(SignOnRefused, match="No such terminal"):
        await load(plan(port), STATE)


async def test_progress_is_told_at_the_end_at_least(port: int) -> None:
    told: list[Progress] = []
    report = await load(plan(port, seconds=0.1), STATE, progress=told.append)
    assert told[-1].sent == report.sent
    assert told[-1].waiting == 0


async def test_a_report_is_a_table_and_json(port: int) -> None:
    report = await load(plan(port, seconds=0.1, mix="field"), STATE)
    assert msgspec.json.decode(report.as_json(), type=LoadReport) == report
    paper = StringIO()
    Console(width=120, file=paper).print(report.as_table())
    shown = paper.getvalue()
    assert "to the last answer" in shown
    assert f"{report.answered:,} of {report.sent:,} answered" in " ".join(shown.split())
