"""Who holds files, and of whom else a file is asked: the other states, each for itself."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

import msgspec

from wireroom.catalog.tables import table
from wireroom.catalog.when import FieldCode


class Source(StrEnum):
    """Who holds files. Each answers for itself."""

    STATE = "STATE"
    DMV = "DMV"
    NLETS = "NLETS"
    NCIC = "NCIC"


class Abroad(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That every state keeps such a file: where `field` names another one, that one is asked, through `to`.

    Without `to` nobody is: of other states' there is none. One of the sets in `by` is what another state is asked by.
    """

    field: FieldCode
    by: tuple[tuple[FieldCode, ...], ...] = ()
    to: Source | None = Source.NLETS
    most: Annotated[int, msgspec.Meta(ge=1, le=5)] = (
        1  # places that one inquiry by the file's own key may name
    )
    places: str = "nlets_destination"  # a code table

    @property
    def codes(self) -> list[str]:
        """The fields of the file that this speaks of."""
        return [self.field, *(code for group in self.by for code in group)]

    def away(self, named: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Of the pairs of field and place that an inquiry names, those that are asked abroad."""
        return tuple(pair for pair in named if pair[0] == self.field and pair[1] in table(self.places))
