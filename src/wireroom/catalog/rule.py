"""What every rule of a file is: it sees the values of one message together, and says what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from random import Random

import msgspec

Values = Mapping[str, tuple[str, ...]]
REMARKS = "MIS"  # the field in which what no code says is explained


class RuleBase(msgspec.Struct, frozen=True, tag_field="is", tag=str.lower, forbid_unknown_fields=True):
    """A rule sees the canonical values of one message by field and says what is wrong, field by field."""

    @property
    def codes(self) -> tuple[str, ...]:
        """The fields that the rule speaks of."""
        raise NotImplementedError

    def check(self, values: Values) -> tuple[tuple[str, str], ...]:
        """Pairs of field and reason; empty when the rule holds."""
        raise NotImplementedError

    @property
    def words(self) -> str:
        """The rule as a sentence for the manual."""
        raise NotImplementedError

    def mended(self, values: Values, dice: Random, today: date) -> Values:
        """Other values for some fields, with which invented ones would obey the rule; empty where it cannot say."""
        return {}
