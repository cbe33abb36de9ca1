"""Claims about addresses of people outside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.catalog.inventing import TODAY
from wireroom.catalog.index import FILES
from wireroom.catalog.informing import On
from wireroom.catalog.kinds import Bad
from wireroom.catalog.kinds_of_contact import LENGTH_MAX, Email, email


@pytest.mark.parametrize(
    ("typed", "canonical", "address"),
    [
        ("jane@example.org", "JANE@EXAMPLE,ORG", "jane@example.org"),
        (" Jane.Q+told@mail-1.example.co ", "JANE,Q+TOLD@MAIL-1,EXAMPLE,CO", "jane.q+told@mail-1.example.co"),
        ("JANE@EXAMPLE,ORG", "JANE@EXAMPLE,ORG", "jane@example.org"),
        ("o'brien@example.org", "O'BRIEN@EXAMPLE,ORG", "o'brien@example.org"),
    ],
)
def test_a_comma_stands_for_each_period(typed: str, canonical: str, address: str) -> None:
    assert Email().read(typed, TODAY) == canonical
    assert Email().show(canonical) == email(canonical) == address


@pytest.mark.parametrize(
    "typed",
    ["jane", "jane@", "@example.org", "jane@example", "jane@@example.org", "jane doe@example.org", ".jane@example.org",
     "jane.@example.org", "jane@-x.org", "jane@example.o", "jane@example.org\nBcc: x@example.org", "a@b.org,c@d.org",
     "<jane@example.org>", "x" * LENGTH_MAX + "@example.org"],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    assert isinstance(Email().read(typed, TODAY), Bad)


@given(st.text(alphabet="JANE@,.-+_' \r\n:<>;\"x", max_size=90))
def test_whatever_is_taken_is_one_address_on_one_line(text: str) -> None:
    read = Email().read(text, TODAY)
    if isinstance(read, str):
        address = email(read)
        assert address.count("@") == 1
        assert not set(address) & set(' \r\n<>;:",')
        assert Email().read(address, TODAY) == read


def test_a_sentence_does_not_tell_an_address() -> None:
    assert Email().say("JANE@EXAMPLE,ORG") == "JANE@EXAMPLE,ORG", (
        "said as it stands, it is left out where it is secret"
    )


def test_what_stands_on_records_and_who_is_told_fit_together() -> None:
    by_code = {file.code: file for file in FILES}
    attached = [file for file in FILES if file.attached]
    assert attached
    for file in attached:
        assert file.attached is not None
        below = by_code[file.attached.to]
        assert file.field(file.attached.field).kind.identifies, (
            "what stands on a record is found by its number"
        )
        assert set(file.attached.by) <= {field.code for field in below.fields}
        assert not file.forwards
        assert all(file.field(wish.field).secret for wish in file.wishes)
        assert not file.wishes or [one for one in below.informs if one.on is On.WISHED]
        for code in [field.code for field in file.fields if not field.secret]:
            assert code in {file.attached.field, "PLG", "RLG", "FAK", "AMK", "BAK"}, (
                "all that finds anybody is sealed"
            )


def test_each_report_that_is_told_of_is_one_of_the_file() -> None:
    for file in FILES:
        known = {report.key for report in file.reports}
        assert all(one.report in known for one in file.informs if one.on is On.REPORTED)
        assert len({one.event for one in file.informs}) == len(file.informs)
