"""What the state works out itself of an entry that leaves it out: the file declares how, field by field.

A fill sees the values of one record and gives those of fields that are not there. What a sender says stands, but for
the fields that are `always` worked out: there he is told to leave them out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import msgspec

from wireroom.catalog.courts.kinds import Kind, kind_of, kinds
from wireroom.catalog.courts.lives import life_of, order_of
from wireroom.catalog.kinds_of_order import person
from wireroom.catalog.rule import Values

WORKED_OUT = "is worked out: leave it out"
Filled = dict[str, tuple[str, ...]]


class FillBase(msgspec.Struct, frozen=True, tag_field="is", tag=str.lower, forbid_unknown_fields=True):
    """A fill is immutable and may be used by any file."""

    @property
    def codes(self) -> tuple[str, ...]:
        """The fields that the fill speaks of."""
        raise NotImplementedError

    @property
    def always(self) -> tuple[str, ...]:
        """The fields that are never the sender's to say."""
        return ()

    def fill(self, values: Values, today: date) -> Filled:
        """Values of fields that were left out. A field that could not be read is there, and empty: it is not known."""
        raise NotImplementedError

    def faults(self, values: Values, today: date) -> tuple[tuple[str, str], ...]:
        """Pairs of field and reason: what is said that is not for the sender to say."""
        return ()

    def again(self, values: Values, today: date, said: Collection[str]) -> Filled:
        """What it gives for a record after a change that said some fields."""
        return self.fill(values, today)

    @property
    def words(self) -> str:
        """The fill as a sentence for the manual."""
        raise NotImplementedError


class Default(FillBase, frozen=True):
    """A field that is left out has this value."""

    field: str
    value: str

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.field,)

    def fill(self, values: Values, today: date) -> Filled:
        return {} if self.field in values else {self.field: (self.value,)}

    @property
    def words(self) -> str:
        return f"{self.field} left out is {self.value}."


class InCourt(FillBase, frozen=True, kw_only=True):
    """Whoever stood before the judge needs no further telling: the order is served that day, in court."""

    present: str = "PRS"
    service: str = "SVC"
    day: str = "SVD"
    manner: str = "SVM"
    issued: str = "ISD"

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.present, self.service, self.day, self.manner, self.issued)

    def fill(self, values: Values, today: date) -> Filled:
        there = values.get(self.present) == ("Y",) and self.service not in values and self.issued in values
        return self._served(values[self.issued], values) if there else {}

    def again(self, values: Values, today: date, said: Collection[str]) -> Filled:
        there = self.present in said and values.get(self.present) == ("Y",) and self.service not in said
        return (
            self._served((f"{today:%Y%m%d}",), said) if there and values.get(self.service) != ("1",) else {}
        )

    def _served(self, day: tuple[str, ...], said: Collection[str]) -> Filled:
        served = {self.service: ("1",), self.day: day, self.manner: ("C",)}
        return {code: value for code, value in served.items() if code not in said}

    @property
    def words(self) -> str:
        return f"{self.present} Y says that it is served, in court, the day it was issued or changed."


class TermFill(FillBase, frozen=True):
    """Whether an order is temporary or final, by its kind."""

    kind: str = "TYO"
    term: str = "TRM"

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.kind, self.term)

    def fill(self, values: Values, today: date) -> Filled:
        kind = kind_of(values, self.kind)
        return {self.term: (kind.term,)} if kind and kind.term and self.term not in values else {}

    @property
    def words(self) -> str:
        return f"{self.term} left out is as {self.kind} says."


class LastDay(FillBase, frozen=True, kw_only=True):
    """The day on which an order ends by law, where it names none."""

    kind: str = "TYO"
    issued: str = "ISD"
    hearing: str = "HRD"
    ends: str = "EXP"
    renewed: str = "RND"
    basis: str = "SBA"

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.kind, self.issued, self.hearing, self.ends, self.renewed, self.basis)

    def fill(self, values: Values, today: date) -> Filled:
        order = order_of(values, self) if self.ends not in values else None
        unnamed = life_of(order).unnamed if order else ""
        return {self.ends: (unnamed,)} if unnamed else {}

    @property
    def words(self) -> str:
        named = ", ".join(one.code for one in kinds().values() if not one.unnamed)
        return (
            f"{self.ends} left out is the last day that the law gives an order of the type in {self.kind}; "
            f"{named} must name it, but for a case that is pending."
        )


class FirearmsFill(FillBase, frozen=True, kw_only=True):
    """Whether an order bars firearms: by its conditions, or by its kind."""

    kind: str = "TYO"
    conditions: str = "PCO"
    bars: tuple[str, ...] = ("07",)
    firearms: str = "FRP"

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.kind, self.conditions, self.firearms)

    def fill(self, values: Values, today: date) -> Filled:
        kind = kind_of(values, self.kind)
        if kind is None or self.firearms in values:
            return {}
        barred = kind.firearms or not set(self.bars).isdisjoint(values.get(self.conditions, ()))
        return {self.firearms: ("Y" if barred else "N",)}

    @property
    def words(self) -> str:
        free = ", ".join(one.code for one in kinds().values() if not one.firearms)
        return (
            f"{self.firearms} left out is Y; where {self.kind} is {free}, it is Y only if {self.conditions} is "
            f"{' or '.join(self.bars)}, and otherwise N."
        )


class Condition(msgspec.Struct, frozen=True):
    """One condition of the federal ban. Whether it holds is None where that is not known."""

    holds: bool | None
    yes: str
    no: str
    unknown: str

    @property
    def words(self) -> str:
        """How it is, in the capitals of a record."""
        return self.unknown if self.holds is None else self.yes if self.holds else self.no


class Brady(FillBase, frozen=True, kw_only=True):
    """Whether federal law bars a person from firearms by an order, and why: 18 USC 922(g)(8).

    Four conditions together: notice, a hearing, an intimate partner or a child of one of the two, and a finding of a
    credible threat or an explicit ban of force (sourced: california.md 3.3; who is a partner is general knowledge of
    921(a)(32)). What is not known makes the answer U, unless another condition fails.
    """

    kind: str = "TYO"
    term: str = "TRM"
    persons: str = "PPN"
    service: str = "SVC"
    present: str = "PRS"
    finding: str = "FND"
    conditions: str = "PCO"
    bans: tuple[str, ...] = ("01",)
    partners: tuple[str, ...] = ("SP", "FS", "CC", "CO", "CH", "SC")
    barred: str = "BRD"
    why: str = "BRW"

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.kind, self.term, self.persons, self.service, self.present, self.finding, self.conditions,
                self.barred, self.why)  # fmt: skip

    @property
    def always(self) -> tuple[str, ...]:
        return (self.why,)

    def fill(self, values: Values, today: date) -> Filled:
        worked: Filled = {}
        if self.barred not in values:
            worked[self.barred] = (self.verdict(values),)
        if self.why not in values:
            worked[self.why] = (self.reason({**values, **worked}),)
        return worked

    def faults(self, values: Values, today: date) -> tuple[tuple[str, str], ...]:
        """Whoever sends again what was worked out for him, as the desk does, says nothing new."""
        said = values.get(self.why, ("",))[0]
        if not said or (self.barred in values and said == self.reason(values)):
            return ()
        return ((self.why, WORKED_OUT),)

    def again(self, values: Values, today: date, said: Collection[str]) -> Filled:
        """A verdict that was given against the conditions stands until another is given."""
        given = self.barred in said or values.get(self.why, ("",))[0].startswith(_GIVEN)
        known = {
            code: value
            for code, value in values.items()
            if code != self.why and (given or code != self.barred)
        }
        return self.fill(known, today)

    def verdict(self, values: Values) -> str:
        """Y, N, or U where it is not known."""
        held = [one.holds for one in self.facts(values)]
        return "N" if False in held else "U" if None in held else "Y"

    def reason(self, values: Values) -> str:
        """Why it is so: the conditions that decide; and what was given where they would say something else."""
        verdict, given = self.verdict(values), values.get(self.barred, ("",))[0]
        decides = {"Y": True, "N": False, "U": None}[verdict]
        text = f"{verdict}: {'; '.join(one.words for one in self.facts(values) if one.holds is decides)}"
        return text if given in ("", verdict) else f"{_GIVEN}{given}, BUT {text}"

    def facts(self, values: Values) -> tuple[Condition, ...]:
        """The four conditions, as far as the record tells."""
        kind = kind_of(values, self.kind)
        return (
            Condition(self._noticed(values), "SERVED OR IN COURT", "NOT SERVED", "SERVICE NOT KNOWN"),
            Condition(self._heard(kind, values), "AFTER HEARING", "NO HEARING YET", "HEARING NOT KNOWN"),
            Condition(self._intimate(kind, values), "INTIMATE PARTNER OR CHILD", "NOT AN INTIMATE PARTNER",
                      "RELATION NOT KNOWN"),
            Condition(self._found(values), "CREDIBLE THREAT OR EXPLICIT BAN", "NO CREDIBLE THREAT FOUND",
                      "FINDING NOT KNOWN"),
        )  # fmt: skip

    def _noticed(self, values: Values) -> bool | None:
        if "Y" in values.get(self.present, ()):
            return True
        return {"1": True, "2": False}.get(values.get(self.service, ("",))[0])

    def _heard(self, kind: Kind | None, values: Values) -> bool | None:
        term = values.get(self.term, ("",))[0] if kind is None or not kind.term else kind.term
        return {"F": True, "T": False}.get(term)

    def _intimate(self, kind: Kind | None, values: Values) -> bool | None:
        relations = {person(value).relation for value in values.get(self.persons, ())}
        if not relations.isdisjoint(self.partners):
            return True
        if not relations:
            return None if kind is None or self.persons in kind.needs else False
        return None if relations & {"", "UK"} else False

    def _found(self, values: Values) -> bool | None:
        conditions = values.get(self.conditions, ())
        if not set(self.bans).isdisjoint(conditions) or "Y" in values.get(self.finding, ()):
            return True
        known = conditions and "" not in conditions
        return False if known and "N" in values.get(self.finding, ()) else None

    @property
    def words(self) -> str:
        return (
            f"{self.barred} left out is Y where the person was served ({self.service} 1) or in court ({self.present} "
            f"Y), after a hearing ({self.kind} of a final order), a protected person in {self.persons} is an intimate "
            f"partner or a child ({', '.join(self.partners)}), and the court found a credible threat ({self.finding} "
            f"Y) or banned force ({self.conditions} {', '.join(self.bans)}); U where one of these is not known and no "
            f"other fails, and otherwise N. {self.why} is always worked out, and says why."
        )


_GIVEN = "GIVEN AS "
Fill = Default | InCourt | TermFill | LastDay | FirearmsFill | Brady


def filled(fills: Sequence[Fill], values: Values, today: date) -> Filled:
    """What a file's fills give for the fields that are left out, each seeing what those before it gave."""
    worked: Filled = {}
    for fill in fills:
        worked.update(fill.fill({**values, **worked}, today))
    return worked


def refilled(fills: Sequence[Fill], values: Values, today: date, said: Collection[str]) -> Filled:
    """All values of a record after a change that said these fields: what hangs on others is worked out again.

    What is always worked out, and what was worked out and is said by nobody, follows the change; all else is worked out
    only where it is absent.
    """
    after: Filled = dict(values)
    for fill in fills:
        after.update(fill.again(after, today, said))
    return after
