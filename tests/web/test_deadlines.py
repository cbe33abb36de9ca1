"""Claims about the board of deadlines: what stands on it, in which words, and for whom."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from tests.web.fake_house import NOW, ORI, SESSION, FakeHouse
from wireroom.message.deadlines import Board, Group, Kept, Open, after, due, limit, span
from wireroom.web.house import JournalDown, Refusal

HOUR = 3600.0
COURT, SHERIFF = "CA099015J", "CA0990000"


def one(hours: float, number: str, about: str = "TESTCASE, JANE · 31 Jan 1990", owner: str = ORI) -> Open:
    """A record that was due so many hours ago."""
    return Open(number=number, owner=owner, other=COURT, about=about, due_at=NOW - timedelta(hours=hours))


BOARD = Board(
    at=NOW,
    groups=(
        Group(
            file="order", clock="SURRENDER", title="firearms given up after service", overdue=61, soon=2, later=1,
            rows=(one(76, "9012632700001"), one(2.17, "9012632700002", "SPECIMEN, OLU · 2 Feb 1985", SHERIFF),
                  one(-3.1, "9012632700003", "")),
            kept=(Kept(days=30, in_time=41, late=3, median_s=-9 * HOUR, worst_s=51 * HOUR),
                  Kept(days=90, in_time=120, late=3, median_s=-9.5 * HOUR, worst_s=51 * HOUR)),
        ),
        Group(
            file="order", clock="ENTRY", title="entered after the court issued it", overdue=0, soon=0, later=0, rows=(),
            kept=(Kept(days=30, in_time=0, late=1, median_s=2 * HOUR, worst_s=2 * HOUR),),
        ),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 min"), (59, "0 min"), (-60 * 12, "12 min"), (HOUR, "1 h"), (86_700, "1 day"),
        (2 * HOUR + 600, "2 h 10 min"), (24 * HOUR, "1 day"), (76 * HOUR, "3 days 4 h"),
        (48 * HOUR + 59, "2 days"),
    ],
)  # fmt: skip
def test_a_span_is_said_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_how_late_it_is_stands_in_words() -> None:
    assert due(NOW - timedelta(minutes=130), NOW) == "2 h 10 min late"
    assert due(NOW, NOW) == "0 min late"
    assert due(NOW + timedelta(minutes=185), NOW) == "due in 3 h 5 min"
    assert after(7800) == "2 h 10 min late"
    assert after(-HOUR * 9) == "9 h early"


def test_a_limit_at_midnight_is_the_end_of_the_day_before() -> None:
    assert limit(datetime(2026, 11, 24, 8, 0, tzinfo=UTC)) == "by the end of 23 Nov"
    assert limit(datetime(2026, 11, 24, 0, 50, tzinfo=UTC)) == "by 16:50 on 23 Nov"


def shown(page: str) -> str:
    """The text of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))


def test_the_board_says_how_late_each_is_the_most_overdue_first(client: TestClient, house: FakeHouse) -> None:
    house.board = BOARD
    page = client.get("/deadlines").text
    text = shown(page)
    assert house.boards_of == [SESSION.seat]
    assert re.findall(r"<strong>([^<]+)</strong>", page) == [
        "3 days 4 h late",
        "2 h 10 min late",
        "due in 3 h 6 min",
    ]
    assert "Overdue 61" in text
    assert "Due within a day 2" in text
    assert "In time, 30 days 41 of 45" in text
    assert "61 overdue · 2 due within a day · 1 later" in text
    assert "And 60 more" in text
    assert "30 days 41 (93%) 3 9 h early 2 days 3 h late" in text
    assert 'href="/desk?ask=QPO.FCN/9012632700001#text"' in page
    assert "your record" in text
    assert f"record of {SHERIFF}" in text
    assert "No name" in text
    assert "As it was at 06:02" in text  # where the house stands


def test_a_board_without_anything_says_so(client: TestClient) -> None:
    assert "Nothing is open" in client.get("/deadlines").text


def test_who_may_not_see_lists_sees_no_board(client: TestClient, house: FakeHouse) -> None:
    house.board = Refusal(
        reason="The role of this account does not include this message key.", code="role-may"
    )
    answer = client.get("/deadlines")
    assert answer.status_code == 403
    assert "The role of this account does not include this message key" in answer.text


def test_what_cannot_be_written_down_is_not_shown(client: TestClient, house: FakeHouse) -> None:
    house.trouble = JournalDown("the disk is full")
    answer = client.get("/deadlines")
    assert answer.status_code == 503
    assert "TESTCASE" not in answer.text


def test_a_stranger_is_asked_to_sign_in(stranger: TestClient) -> None:
    assert stranger.get("/deadlines").headers["location"] == "/sign-in"


def test_the_page_of_lists_leads_to_it(client: TestClient) -> None:
    assert 'href="/deadlines"' in client.get("/work").text
    assert 'href="/work" aria-current="true"' in client.get("/deadlines").text
