"""What a record says beside its file's fields is read as words and days, never as codes of the wire."""

from __future__ import annotations

import pytest

from wireroom.catalog.index import Catalogue
from wireroom.web import beside

ORDER = Catalogue().files["order"]


@pytest.mark.parametrize(
    ("wire", "read"),
    [
        ("IN FORCE TO THE END OF 20261204", "IN FORCE TO THE END OF 4 Dec 2026"),
        ("FIREARMS DUE BY 20261130 0000 PST, RECEIPT BY 20261201 0830 PST",
         "FIREARMS DUE BY 30 Nov 2026 00:00, RECEIPT BY 1 Dec 2026 08:30"),
        ("STAY 100 YARDS FROM HOME", "STAY 100 YARDS FROM HOME"),
        ("20269999 IS NO DAY", "20269999 IS NO DAY"),
    ],
)  # fmt: skip
def test_a_day_of_the_wire_is_read_as_a_day(wire: str, read: str) -> None:
    assert beside.dated(wire) == read


def test_a_report_is_read_in_words_each_on_its_own() -> None:
    said = beside.reports(
        ORDER,
        "VIOLATION OF A PROTECTION ORDER CA0990100 20261128 0802 PST: VDT/20261128 VTM/0410 VPL/999 OAK AVE "
        "VSC/273 VAR/Y VOF/OFFICER TEST VNA/AT HER DOOR, AGAIN\n"
        "ATTEMPT TO SERVE A PROTECTION ORDER CA0990100 20261128 0801 PST: SAD/20261128 SVN/OMAR OFFICER",
    )
    assert said == (
        "Violation of a protection order, 28 Nov 2026 08:02, by CA0990100: date of the violation 28 Nov 2026; time "
        "of the violation 04:10; place of the violation 999 OAK AVE; section violated Penal Code 273.6: violation of "
        "a protective order; arrested yes; officer OFFICER TEST; what happened AT HER DOOR, AGAIN",
        "Attempt to serve a protection order, 28 Nov 2026 08:01, by CA0990100: date of the attempt 28 Nov 2026; who "
        "tried OMAR OFFICER",
    )


def test_a_report_that_is_none_of_the_files_stands_as_it_came() -> None:
    assert beside.reports(ORDER, "SOMETHING ELSE: NONE OF IT") == ("SOMETHING ELSE: NONE OF IT",)
    assert beside.reports(ORDER, "") == ()


def test_numbers_and_the_end_of_a_record_have_titles_and_words() -> None:
    assert beside.title("NIC") == "NCIC number"
    assert beside.title("ZZZ") == "ZZZ"
    assert beside.value("DCL", "20261128") == "28 Nov 2026"
    assert beside.value("CLR", "T") == "T Terminated by the court"
    assert beside.value("CLR", "?") == "?"
