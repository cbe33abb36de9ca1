"""Judges an entry's canonical bytes: the same for the same entry, and back again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.journal.entry import Entry, canonical, parse
from wireroom.journal.tags import Tag

AT = datetime(2026, 3, 2, 16, 0, 0, 123456, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
SIMPLE = st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | TEXT
DETAIL = st.dictionaries(
    TEXT,
    st.recursive(
        SIMPLE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
    ),
    max_size=4,
)
ENTRIES = st.builds(
    Entry,
    number=st.integers(0, (1 << 63) - 1),
    tag=st.sampled_from(Tag).map(str),
    at=st.datetimes(timezones=st.just(UTC)),
    transaction=st.integers(0, (1 << 63) - 1),
    ori=TEXT,
    terminal=TEXT,
    person=TEXT,
    detail=DETAIL,
)


@given(ENTRIES)
def test_an_entry_comes_back_from_its_bytes_and_gives_the_same_bytes_again(entry: Entry) -> None:
    body = canonical(entry)
    assert parse(body) == entry
    assert canonical(parse(body)) == body


def test_the_bytes_are_sorted_json_without_spaces() -> None:
    entry = Entry(1, Tag.INQUIRY_ASKED, AT, 1, "CA0990100", "T001", "P1", {"b": [1, None], "a": "Muñoz"})
    assert canonical(entry).decode() == (
        '{"at":"2026-03-02T16:00:00.123456Z","detail":{"a":"Muñoz","b":[1,null]},"number":1,"ori":"CA0990100",'
        '"person":"P1","tag":"inquiry:asked","terminal":"T001","transaction":1}'
    )


@given(DETAIL)
def test_the_order_in_which_a_detail_was_filled_does_not_matter(detail: dict[str, object]) -> None:
    turned = dict(reversed(detail.items()))
    assert canonical(Entry(1, "a:b", AT, detail=detail)) == canonical(Entry(1, "a:b", AT, detail=turned))


def test_the_same_moment_in_another_zone_gives_the_same_bytes() -> None:
    pacific = AT.astimezone(timezone(timedelta(hours=-8)))
    assert canonical(Entry(1, "a:b", pacific)) == canonical(Entry(1, "a:b", AT))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        canonical(Entry(1, "a:b", AT.replace(tzinfo=None)))


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"number":1,"tag":"a:b","at":"today"}'])
def test_bytes_that_are_no_entry_are_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        parse(body)


def test_a_part_that_no_entry_has_is_refused() -> None:
    body = canonical(Entry(1, "a:b", AT))[:-1] + b',"unknown":1}'
    with pytest.raises(msgspec.ValidationError, match="unknown"):
        parse(body)


def test_every_tag_says_a_subject_and_an_action() -> None:
    assert all(tag.count(":") == 1 and tag.replace(":", "").isalpha() and tag.islower() for tag in Tag)
