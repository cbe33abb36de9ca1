"""Claims about when an order is in force: to its last second, through both changes of the clock, and not at its end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.records.orders.papers import AT, Fields, order, wall
from wireroom.catalog.files.order import ORDER
from wireroom.message.local import HERE
from wireroom.records.life import IN_FORCE, Status
from wireroom.records.orders import hours
from wireroom.records.orders.enforcing import enforceable
from wireroom.records.orders.standing import FOUND, Standing, standing

SECOND = timedelta(seconds=1)
AUTUMN, SPRING = "20261101", "20270314"  # the clock goes back at 02:00, and forward at 02:00

days = st.one_of(
    st.dates(date(2026, 10, 1), date(2027, 4, 30)),
    st.sampled_from([date(2026, 11, 1), date(2027, 3, 14), date(2026, 10, 31), date(2027, 3, 13)]),
)
clock = st.builds("{:02d}{:02d}".format, st.integers(0, 23), st.integers(0, 59))
last_hours = st.one_of(
    st.none(), clock, st.sampled_from(["0100", "0130", "0159", "0200", "0230", "0259", "0300"])
)


def end_by_a_moving_clock(day: date, hour: str | None) -> datetime:
    """The last minute at which the clock here shows the end, or, where it jumps over it, the first that is later."""
    limit = (day, hour) if hour else (day + timedelta(days=1), "0000")
    midnight = datetime(
        day.year, day.month, day.day, 7, tzinfo=UTC
    )  # here it is midnight then, or eleven at night
    minutes = [midnight + timedelta(minutes=at) for at in range(27 * 60)]
    shown = {at: (at.astimezone(HERE).date(), f"{at.astimezone(HERE):%H%M}") for at in minutes}
    return max((at for at in minutes if shown[at] == limit), default=None) or min(
        at for at in minutes if shown[at] > limit
    )


@settings(max_examples=100, deadline=None)
@given(days, last_hours, st.integers(-3 * 86_400, 3 * 86_400))
@example(date(2026, 11, 1), "0130", 0)
@example(date(2027, 3, 14), "0230", 0)
@example(date(2026, 11, 1), None, 0)
def test_nobody_is_shown_an_order_that_has_ended_as_in_force(
    day: date, hour: str | None, offset: int
) -> None:
    """In force one second before its end, and never at it or after it."""
    one = order(ISD="20260901", EXP=f"{day:%Y%m%d}", EXT=hour, SVC="1")
    ends = end_by_a_moving_clock(day, hour)
    assert one.ends == ends
    assert standing(one, ends - SECOND) is Standing.SERVED
    assert standing(one, ends) is Standing.OVER
    at = ends + timedelta(seconds=offset)
    assert standing(one, at).in_force is (at < ends)
    assert (enforceable(one, at) == ("NOTHING: THE ORDER IS OVER",)) is (at >= ends)
    assert standing(one, at.astimezone(HERE)) is standing(one, at), "whatever clock the moment is told by"


@pytest.mark.parametrize(
    ("day", "hour", "ends"),
    [
        ("20261130", "", "2026-12-01T08:00"),
        ("20261130", "1700", "2026-12-01T01:00"),
        (AUTUMN, "0130", "2026-11-01T09:30"),  # the second half past one, by winter's clock
        (AUTUMN, "0100", "2026-11-01T09:00"),
        (AUTUMN, "0200", "2026-11-01T10:00"),
        (AUTUMN, "", "2026-11-02T08:00"),
        (SPRING, "0159", "2027-03-14T09:59"),
        (SPRING, "0200", "2027-03-14T10:00"),  # there is no such hour: the clock goes from 01:59 to 03:00
        (SPRING, "0230", "2027-03-14T10:00"),
        (SPRING, "0300", "2027-03-14T10:00"),
        (SPRING, "", "2027-03-15T07:00"),
    ],
)
def test_an_end_is_the_last_moment_that_the_clock_here_gives_it(day: str, hour: str, ends: str) -> None:
    assert hours.ends(day, hour) == datetime.fromisoformat(ends).replace(tzinfo=UTC)


def test_a_beginning_is_the_first_moment_that_the_clock_here_gives_it() -> None:
    assert hours.begins(AUTUMN, "0130") == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert hours.begins(SPRING, "0230") == datetime(2027, 3, 14, 10, 0, tzinfo=UTC)
    assert hours.begins("20261120") == datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    assert hours.begins("") is hours.ends("NONEXP") is None


def test_an_order_at_three_in_the_morning_is_in_force_at_once_and_over_at_its_hour() -> None:
    """Scenarios 11 and 12."""
    one = order(TYO="EPO", ISD="20261120", IST="0300", EXP="20261127", EXT="1700")
    assert standing(one, wall("20261120 0259")) is Standing.UNSERVED, "on file it was issued: 0300 is a slip"
    assert standing(one, wall("20261120 0300")) is Standing.UNSERVED
    assert standing(one, wall("20261127 1659")) is Standing.UNSERVED
    assert standing(one, wall("20261127 1700")) is Standing.OVER


@pytest.mark.parametrize(
    ("service", "stands"),
    [
        ({}, Standing.UNSERVED),
        ({"SVC": "1", "SVD": "20261110"}, Standing.SERVED),
        ({"SVC": "2"}, Standing.UNSERVED),
        ({"SVC": "3"}, Standing.UNSERVED),
        ({"PRS": "Y"}, Standing.SERVED),
        ({"SVC": "3", "PRS": "Y"}, Standing.SERVED),
        ({"SVC": "2", "PRS": "Y"}, Standing.UNSERVED),  # made stricter since
    ],
)
def test_an_order_is_served_where_its_person_was_told(service: Fields, stands: Standing) -> None:
    assert standing(order(1, "active", **service), AT) is stands


def test_an_order_begins_when_it_says_and_else_when_it_was_issued() -> None:
    later = order(EFD="20261121", EFT="0900")
    assert standing(later, wall("20261121 0859")) is Standing.COMING
    assert standing(later, wall("20261121 0900")) is Standing.UNSERVED
    assert standing(order(EFD="20261121"), wall("20261121 0000")) is Standing.UNSERVED
    assert standing(order(ISD=None), AT) is Standing.UNSERVED, "no day on file: it is not held to be harmless"


def test_a_hearing_to_come_makes_an_order_in_force_no_less_so() -> None:
    for kind in ("TRO", "CPO", "OAH"):
        one = order(TYO=kind, HRD="20261201", HRT="0830", SVC="1")
        assert standing(one, AT) is Standing.SERVED


def test_a_temporary_order_that_ran_out_before_its_hearing_awaits_it() -> None:
    one = order(TYO="TRO", EXP="20261115", HRD="20261125", HRT="0830")
    assert standing(one, AT) is Standing.COMING
    assert standing(one, wall("20261125 0830")) is Standing.OVER
    assert (
        standing(order(TYO="TRO", EXP="20261115", HRD="20261120"), wall("20261120 2359")) is Standing.COMING
    )
    assert standing(order(status="expired", TYO="TRO", EXP="20261115", HRD="20261125"), AT) is Standing.COMING
    assert standing(order(TYO="OAH", EXP="20261115", HRD="20261125"), AT) is Standing.OVER
    assert standing(order(status="cancelled", TYO="TRO", HRD="20261125"), AT) is Standing.OVER


@pytest.mark.parametrize("status", [one for one in Status if one not in IN_FORCE])
def test_whatever_ended_the_record_ended_the_order(status: Status) -> None:
    assert standing(order(status=status, SVC="1"), AT) is Standing.OVER


def test_the_statuses_of_what_is_found_are_those_of_all_records() -> None:
    assert {one.value for one in IN_FORCE} == FOUND
    assert Status.ACTIVE in FOUND
    assert standing(order(status="ACTIVE"), AT).in_force, "as a reply writes it"
    assert not ORDER.locate, "no order is ever located"


def test_an_order_without_end_is_in_force_for_ever() -> None:
    endless = order(EXP="NONEXP", EXT="1700")
    assert endless.endless
    assert standing(endless, wall("20991231 2359")).in_force
    unknown = order(EXP=None)
    assert not unknown.endless
    assert standing(unknown, wall("20991231 2359")).in_force


def test_every_standing_has_its_words_and_its_place() -> None:
    assert [one.name for one in sorted(Standing)] == ["SERVED", "UNSERVED", "COMING", "OVER"]
    assert Standing.UNSERVED.words == "IN FORCE, NOT SERVED: TELL THE TERMS, THAT IS SERVICE"
    assert all(one.words.isupper() and len(one.words) <= 64 for one in Standing)
