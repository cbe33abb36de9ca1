"""Named rules that a file declares about its fields together: what one field demands of another."""

from __future__ import annotations

from wireroom.catalog.courts.rules import CourtOfKind, EstimatedIsGiven, KindNeeds, LawfulLife, TermOfKind
from wireroom.catalog.rule import REMARKS, RuleBase, Values
from wireroom.catalog.tables import table

__all__ = [
    "AtLeastOne", "CourtOfKind", "Elsewhere", "EstimatedIsGiven", "Excludes", "KindNeeds", "LawfulLife", "Needs",
    "NotBefore", "OneOf", "OnlyWith", "Rule", "RuleBase", "TermOfKind", "Together", "Values",
]  # fmt: skip


class OneOf(RuleBase, frozen=True):
    """At least one of several sets of fields is whole."""

    sets: tuple[tuple[str, ...], ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(code for group in self.sets for code in group)

    def check(self, values: Values) -> tuple[tuple[str, str], ...]:
        if _whole(self.sets, values):
            return ()
        if len(self.sets) == 1:  # there is but one way: what lacks of it is told by name
            lacking = [code for code in self.sets[0] if code not in values]
            return tuple((code, f"is missing: give {_and(self.sets[0])}") for code in lacking)
        ways = _or(self.sets)
        return ((self.sets[0][0], f"is missing: give {ways}"),)

    @property
    def words(self) -> str:
        if len(self.sets) == 1:
            return f"Give {_and(self.sets[0])}."
        return f"Give {_or(self.sets)}."


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
        why = "must be explained in it" if self.needs == REMARKS else "needs it"
        return ((self.needs, f"is missing: {self.field} {given[0]} {why}"),)

    @property
    def words(self) -> str:
        return f"{self.field} {' or '.join(self.values)} needs {self.needs}."


class OnlyWith(RuleBase, frozen=True):
    """A field stands only where another has one of these values."""

    field: str
    other: str
    values: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.field, self.other)

    def check(self, values: Values) -> tuple[tuple[str, str], ...]:
        # A value that could not be read is empty here, and has a fault of its own.
        if self.field not in values or {"", *self.values}.intersection(values.get(self.other, ())):
            return ()
        return ((self.field, f"stands only where {self.other} is {' or '.join(self.values)}"),)

    @property
    def words(self) -> str:
        return f"{self.field} stands only where {self.other} is {' or '.join(self.values)}."


class Excludes(RuleBase, frozen=True):
    """Where a field has one of these values, another field has none of those."""

    field: str
    values: tuple[str, ...]
    other: str
    those: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.field, self.other)

    def check(self, values: Values) -> tuple[tuple[str, str], ...]:
        given = [value for value in values.get(self.field, ()) if value in self.values]
        clash = [value for value in values.get(self.other, ()) if value in self.those]
        if not given or not clash:
            return ()
        return ((self.other, f"is not {clash[0]} where {self.field} is {given[0]}"),)

    @property
    def words(self) -> str:
        return f"{self.field} {' or '.join(self.values)} excludes {self.other} {' or '.join(self.those)}."


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


class Elsewhere(RuleBase, frozen=True):
    """Where a field names a place of a table, those who are asked there want one of several sets of fields.

    It is told where one of `ways` is whole: what is found by nothing of the kind is not asked there.
    """

    field: str
    places: str
    ways: tuple[tuple[str, ...], ...]
    sets: tuple[tuple[str, ...], ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.field, *(c for group in (*self.ways, *self.sets) for c in group))))

    def check(self, values: Values) -> tuple[tuple[str, str], ...]:
        named = [value for value in values.get(self.field, ()) if value in table(self.places)]
        if not named or _whole(self.sets, values) or not _whole(self.ways, values):
            return ()
        nearest = max(self.sets, key=lambda group: sum(code in values for code in group))
        why = f"is missing: {named[0]} is asked by {_or(self.sets)}"
        return tuple((code, why) for code in nearest if code not in values)

    @property
    def words(self) -> str:
        return f"Where {self.field} is of the table {self.places}, give {_or(self.sets)}."


def _whole(sets: tuple[tuple[str, ...], ...], values: Values) -> bool:
    return any(all(code in values for code in group) for group in sets)


def _or(sets: tuple[tuple[str, ...], ...]) -> str:
    return " or ".join(" with ".join(group) if len(group) < 3 else _and(group) for group in sets)


def _and(codes: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(codes[:-1]), codes[-1])))


Rule = (
    OneOf | AtLeastOne | Together | Needs | OnlyWith | Excludes | NotBefore | Elsewhere
    | LawfulLife | CourtOfKind | KindNeeds | TermOfKind | EstimatedIsGiven
)  # fmt: skip
