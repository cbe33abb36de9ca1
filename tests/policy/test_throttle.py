"""A source that was bad too often waits, and no other does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from wireroom.policy.throttle import Throttle

NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


def test_a_source_waits_after_too_many_bad_sign_ins_until_the_first_is_old() -> None:
    throttle = Throttle(bad_max=3, within=timedelta(minutes=15))
    for second in range(3):
        assert throttle.wait("192.0.2.1", NOW) == 0
        throttle.bad("192.0.2.1", NOW + timedelta(seconds=second))
    assert throttle.wait("192.0.2.1", NOW + timedelta(seconds=3)) == 15 * 60 - 3
    assert throttle.wait("192.0.2.2", NOW) == 0
    assert throttle.wait("192.0.2.1", NOW + timedelta(minutes=15)) == 0


def test_it_remembers_so_many_sources_and_no_more() -> None:
    throttle = Throttle(bad_max=1, sources_max=2)
    for source in ("a", "b", "c"):
        throttle.bad(source, NOW)
    assert [throttle.wait(source, NOW) > 0 for source in ("a", "b", "c")] == [False, True, True]
