"""Claims about the journal's room: what a day takes, how long the disk lasts, and when nobody can say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wireroom.oversight.room import Measured, Room, room

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
MB, GB = 10**6, 10**9


def found(
    *, free: int | None = 100 * GB, began: timedelta = 100 * DAY, keep: int = 3, **more: object
) -> Room:
    """A hundred days of a hundred thousand entries a day, 2,000 bytes each."""
    facts = {
        "parts": {"journal_2026_02": 15 * GB, "journal_span": 5 * GB}, "entries": 10_000_000,
        "began_at": NOW - began, "lately": 700_000, "lately_since": NOW - min(began, 7 * DAY),
    }  # fmt: skip
    measured = Measured(**(facts | more))  # type: ignore[arg-type]
    return room(measured, now=NOW, free_bytes=free, reserve_bytes=GB, keep_years=keep)


def test_AU_4_the_room_of_the_whole_period_is_worked_out_from_what_a_day_takes() -> None:
    one = found()
    assert (one.bytes, one.bytes_an_entry, one.entries_a_day) == (20 * GB, 2000, 100_000)
    assert one.bytes_a_day == 200 * MB
    assert (one.keep_days, one.held_days) == (1096, 100)
    assert one.lasts_days == 495  # 99 GB at 0.2 GB a day
    assert one.needed_bytes == 996 * 200 * MB
    assert one.enough is False
    assert found(free=201 * GB).enough is True
    assert found(keep=1, free=60 * GB).enough is True


@pytest.mark.parametrize(
    ("changes", "lasts", "enough"),
    [
        ({"free": None}, None, None),  # the disk is on another machine
        ({"began": timedelta(hours=5)}, None, None),  # too little to go by
        ({"entries": 0, "lately": 0, "began_at": None, "lately_since": None}, None, None),
        ({"lately": 0}, None, None),  # nothing for a week: no rate, so no word on it
        ({"free": GB // 2}, 0, False),  # below the reserve
        ({"began": 1200 * DAY}, 495, True),  # all that is to be kept is there already
    ],
)
def test_AU_4_what_cannot_be_known_is_not_said(
    changes: dict[str, object], lasts: int | None, enough: bool | None
) -> None:
    one = found(**changes)  # type: ignore[arg-type]
    assert (one.lasts_days, one.enough) == (lasts, enough)
