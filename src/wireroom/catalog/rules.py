"""Named rules that a file declares about its fields together: what one field demands of another."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

Values = Mapping[str, tuple[str, ...]]


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


class OneOf(RuleBase, frozen=True):
    """At least one of several sets of fields is whole."""

    sets: tuple[tuple[str, ...], ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(code for group in self.sets for code in group)

    def check(self, values: Values) -> tuple[tuple[str, str], ...]:
        if any(all(code in values for code in group) for group in self.sets):
            return ()
        ways = " or ".join(" with ".join(group) for group in self.sets)
        return ((self.sets[0][0], f"is missing: give {ways}"),)

    @property
    def words(self) -> str:
        return "Give " + " or ".join(" with ".join(group) for group in self.sets) + "."


class AtLeastOne(RuleBase, frozen=True):
    """A change says at least one thing."""

    fields: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return self.fields

    def check(self, values: Values) -> tuple[tuple[str, str], ...]:
        if any(code in values for code in self.fields):
            return ()
        return ((self.fields[0], "is missing like all others: give this or another field to change"),)

    @property
    def words(self) -> str:
        return "Give at least one field to change."


class Together(RuleBase, frozen=True):
    """All of these fields, or none."""

    fields: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return self.fields

    def check(self, values: Values) -> tuple[tuple[str, str], ...]:
        present = [code for code in self.fields if code in values]
        if not present or len(present) == len(self.fields):
            return ()
        return tuple(
            (code, f"is missing: it goes with {present[0]}") for code in self.fields if code not in values
        )

    @property
    def words(self) -> str:
        return f"{', '.join(self.fields)} stand together or not at all."


class Needs(RuleBase, frozen=True):
    """Where a field has one of these values, another field must explain it."""

    field: str
    values: tuple[str, ...]
    needs: str

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.field, self.needs)

    def check(self, values: Values) -> tuple[tuple[str, str], ...]:
        given = [value for value in values.get(self.field, ()) if value in self.values]
        if not given or self.needs in values:
            return ()
        return ((self.needs, f"is missing: {self.field} {given[0]} must be explained in it"),)

    @property
    def words(self) -> str:
        return f"{self.field} {' or '.join(self.values)} needs {self.needs}."


class NotBefore(RuleBase, frozen=True):
    """One day is not before another."""

    field: str
    first: str

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.field, self.first)

    def check(self, values: Values) -> tuple[tuple[str, str], ...]:
        later, earlier = values.get(self.field, ("",))[0], values.get(self.first, ("",))[0]
        if not later or not earlier or later >= earlier:
            return ()
        return ((self.field, f"is before {self.first}"),)

    @property
    def words(self) -> str:
        return f"{self.field} is not before {self.first}."


Rule = OneOf | AtLeastOne | Together | Needs | NotBefore
