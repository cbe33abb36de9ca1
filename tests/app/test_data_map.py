"""CM-12: it is known where criminal justice information lies, for every column there is."""

from __future__ import annotations

import pytest

from wireroom.app import data_map
from wireroom.app.data_map import Lies, data_map_page, described
from wireroom.app.schema import declared
from wireroom.journal.sealing import JOURNAL
from wireroom.switch.confirming import REQUESTS
from wireroom.switch.ledger import BODIES, QUESTIONS, RECEIPTS


def columns() -> set[tuple[str, str]]:
    return {
        (name, column.name)
        for metadata in declared().values()
        for name, table in metadata.tables.items()
        for column in table.columns
    }


def test_CM_12_every_column_is_described_once_and_none_that_is_gone() -> None:
    assert columns() - set(described()) == set(), "say in app/data_map.py what lies there"
    assert set(described()) - columns() == set(), "these are gone: take them out of app/data_map.py"


def test_CM_12_a_column_that_is_described_twice_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_map, "HOLDS", {"worker": {Lies.NOTHING: "id", Lies.CJI: "id"}})
    with pytest.raises(ValueError, match=r"worker\.id is described twice"):
        described()


def test_CM_12_what_the_code_seals_is_described_as_sealed_and_the_page_says_all() -> None:
    lies, page = described(), data_map_page()
    for place in (JOURNAL, BODIES, QUESTIONS, RECEIPTS, REQUESTS):
        assert lies[place.table, place.column] is Lies.SEALED, place
    assert page.count("\n| `") >= len(columns())
    assert "| `SOC` |" in page, "the catalogue says which fields of records are sealed"
