"""Conditions on a record's values, and how codes of fields and keys are written."""

from __future__ import annotations

from typing import Annotated

import msgspec

from wireroom.catalog.rules import Values

FieldCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9]{1,3}$")]
Key = Annotated[str, msgspec.Meta(pattern=r"^([A-Z][A-Z0-9]{0,4})?$")]


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a field has one of these values; without values, where it is there at all; with `lacks`, where not."""

    field: FieldCode
    values: tuple[str, ...] = ()
    lacks: bool = False

    def holds(self, values: Values) -> bool:
        """Whether it is so of a record's values."""
        given = values.get(self.field, ())
        found = any(value in self.values for value in given) if self.values else bool(given)
        return found is not self.lacks
