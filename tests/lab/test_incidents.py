"""Claims about invented incidents: the same seed tells the same, each is opened before it is closed, some come late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from wireroom.lab.incidents import incidents
from wireroom.policy.cad import faults

SINCE = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_a_seed_tells_the_same_day_in_the_order_of_the_cad() -> None:
    one, two = (list(incidents(200, ("p.vale", "p.next"), SINCE, 7)) for _ in range(2))
    assert one == two
    assert one != list(incidents(200, ("p.vale", "p.next"), SINCE, 8))
    assert [word.at for word in one] == sorted(word.at for word in one)
    assert len({word.key for word in one}) == len(one) == 400
    assert not faults(one, SINCE + timedelta(days=30))


def test_each_is_opened_and_closed_and_some_are_told_late() -> None:
    told = list(incidents(500, ("p.vale",), SINCE, 7))
    by_reference: dict[str, list[bool]] = {}
    for word in told:
        by_reference.setdefault(word.reference, []).append(word.closed is None)
    assert set(map(tuple, by_reference.values())) == {(True, False)}
    opened = [word for word in told if word.closed is None]
    late = sum(word.at - word.opened >= timedelta(minutes=5) for word in opened) / len(opened)
    assert 0.15 < late < 0.25
