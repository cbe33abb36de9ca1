"""Named rules about orders of courts: what each kind needs, which court makes it, and how long it may last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from wireroom.catalog.courts.kinds import Court, Kind, Stage, kind_of, kinds
from wireroom.catalog.courts.lives import Life, Order, day_of, hearing_by, length, life_of, order_of, written
from wireroom.catalog.kinds_of_time import ENDLESS
from wireroom.catalog.rule import RuleBase, Values
from wireroom.catalog.tables import table

Fault = tuple[str, str]
# Why a kind of order has a field, behind what the order is called.
WHY = {
    "HRD": "lasts to its hearing",
    "IST": "says at what time it was issued",
    "PPN": "names whom it protects",
    "RQO": "names the officer who asked for it",
    "SBA": "names the statute on which it stands",
    "TRM": "says whether it is temporary or final",
}


class LawfulLife(RuleBase, frozen=True, kw_only=True):
    """An order ends when the law lets an order of its kind end. A field that could not be read has its own fault."""

    kind: str = "TYO"
    issued: str = "ISD"
    hour: str = "IST"
    begins: str = "EFD"
    hearing: str = "HRD"
    ends: str = "EXP"
    end_hour: str = "EXT"
    renewed: str = "RND"
    basis: str = "SBA"

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.kind, self.issued, self.hour, self.begins, self.hearing, self.ends, self.end_hour, self.renewed,
                self.basis)  # fmt: skip

    def check(self, values: Values) -> tuple[Fault, ...]:
        order = order_of(values, self)
        if order is None:
            return ()
        return (*self._days(order, values), *self._end(order, values))

    def _days(self, order: Order, values: Values) -> Iterator[Fault]:
        """Nothing that follows from an order comes before it, and its hearing not too late."""
        for code in (self.begins, self.hearing, self.renewed):
            day = day_of(values, code)
            if day is not None and day < order.issued:
                yield code, f"is before {self.issued}"
        last = hearing_by(order)
        if last is not None and order.hearing is not None and order.hearing > last:
            yield (
                self.hearing,
                f"is later than {written(last)}, the last day for the hearing on {order.kind.words} {order.since}: "
                f"{order.kind.life.high} days",
            )

    def _end(self, order: Order, values: Values) -> Iterator[Fault]:
        life, words = life_of(order), order.kind.words
        if self.ends not in values:
            if not life.unnamed and order.kind.life.unit != "hearing":
                yield (
                    self.ends,
                    f"is missing: {words} names its last day" + (f", or {ENDLESS}" if life.endless else ""),
                )
            return
        if values[self.ends][0] == ENDLESS and not life.endless:
            yield self.ends, f"is not {ENDLESS} for {words}{self._never(order, life)}"
        end = day_of(values, self.ends)
        if end is not None:
            yield from self._on(end, order, values)

    def _on(self, end: date, order: Order, values: Values) -> Iterator[Fault]:
        life, words = life_of(order), f"{order.kind.words} {order.since}"
        begins = day_of(values, self.begins)
        if end < order.issued:
            yield self.ends, f"is before {self.issued}"
        elif begins is not None and end < begins:
            yield self.ends, f"is before {self.begins}"
        elif order.kind.life.unit == "hearing" and life.last not in (None, end):
            yield self.ends, f"is not {self.hearing}: {order.kind.words} lasts to its hearing"
        elif life.last is not None and end > life.last:
            yield self.ends, f"is later than {written(life.last)}, the last day of {words}: {life.why}"
        elif life.first is not None and end < life.first:
            yield (
                self.ends,
                f"is before {written(life.first)}, the first day on which {words} may end: {life.why}",
            )
        elif (
            end == order.issued
            and "" < values.get(self.end_hour, ("",))[0] <= values.get(self.hour, ("",))[0]
        ):
            yield self.end_hour, f"is not after {self.hour}, and the order ends on the day of {self.issued}"

    def _never(self, order: Order, life: Life) -> str:
        """Behind a kind that has an end: when it would have none, or when it ends."""
        how, _, basis = order.kind.endless.partition(":")
        if how == "renewed":
            return f": only one that was renewed, {self.renewed}, is without end"
        if how == "basis":
            return f": only one with {self.basis} {basis} is without end"
        return (
            f": it ends by {written(life.last)}, {life.why}" if life.last and life.why else ": it has an end"
        )

    @property
    def words(self) -> str:
        said: dict[str, list[str]] = {}
        for one in kinds().values():
            said.setdefault(self._lasts(one), []).append(one.code)
        each = "; ".join(f"{', '.join(codes)} {lasts}" for lasts, codes in said.items())
        return (
            f"{self.ends} is when the law lets an order of the type in {self.kind} end, counted from {self.issued}, "
            f"or from {self.renewed} where it was renewed: {each}. No other day of the order is before "
            f"{self.issued}, and on that day {self.end_hour} is after {self.hour}."
        )

    def _lasts(self, one: Kind) -> str:
        if one.life.unit == "epo":
            return "to the fifth court day or the seventh day, whichever is first"
        if one.life.unit == "days":
            return f"{one.life.high} days"
        if one.life.unit == "hearing":
            moved = f", unless {self.renewed} says that the court moved it"
            return f"to the day of {self.hearing}, which is at most {one.life.high} days later{moved}"
        if one.life.unit == "order":
            return f"as the order says, {ENDLESS} too"
        said = length(one.life) if one.life.low else f"at most {length(one.life)}"
        said += f" ({one.unnamed.removeprefix('years:')} where it names no day)" if one.unnamed else ""
        how, _, basis = one.endless.partition(":")
        if how == "renewed":
            said += f", renewed {length(one.renewed)} or {ENDLESS}"
        return f"{said}, or {ENDLESS} where {self.basis} is {basis}" if basis else said

    def mended(self, values: Values, dice: Random, today: date) -> Values:
        order = order_of(values, self)
        if order is None:
            return {}
        begins = {code: (written(order.issued),) for code in (self.begins, self.renewed) if code in values}
        moved = self.hearing in values or order.kind.life.unit == "hearing"
        days = dice.randint(1, order.kind.life.high) if order.kind.life.unit == "hearing" else 20
        hearing = {self.hearing: (written(order.issued + timedelta(days=days)),)} if moved else {}
        after = order_of({**values, **begins, **hearing}, self)
        life = life_of(after or order)
        last = life.unnamed or (written(life.last) if life.last else ENDLESS if life.endless else "")
        return {**begins, **hearing, self.ends: (last or written(life.first or order.issued),)}


class CourtOfKind(RuleBase, frozen=True, kw_only=True):
    """An order comes from a court that makes orders of its kind."""

    kind: str = "TYO"
    court: str = "CTI"

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.kind, self.court)

    def check(self, values: Values) -> tuple[Fault, ...]:
        kind, court = kind_of(values, self.kind), values.get(self.court, ("",))[0]
        if kind is None or not court:
            return ()
        if kind.court is Court.ELSEWHERE:
            if not court.startswith("CA"):
                return ()
            return ((self.court, f"is an ORI of California: {kind.words} comes from a court there"),)
        if court.startswith("CA") and court.endswith("J"):
            return ()
        return ((self.court, f"is not a superior court of California, which makes {kind.words}: "
                             "its ORI begins with CA and ends with J"),)  # fmt: skip

    @property
    def words(self) -> str:
        abroad = " or ".join(one.code for one in kinds().values() if one.court is Court.ELSEWHERE)
        return (
            f"{self.court} is a superior court of California, an ORI that begins with CA and ends with J; where "
            f"{self.kind} is {abroad}, a court elsewhere, an ORI that does not begin with CA."
        )

    def mended(self, values: Values, dice: Random, today: date) -> Values:
        kind = kind_of(values, self.kind)
        if kind is None:
            return {}
        abroad = kind.court is Court.ELSEWHERE
        return {
            self.court: (f"{'NV' if abroad else 'CA'}{dice.randint(59, 99):03d}{dice.randint(10, 99)}5J",)
        }


class KindNeeds(RuleBase, frozen=True, kw_only=True):
    """An order says what an order of its kind must say."""

    kind: str = "TYO"

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.kind, *sorted({code for one in kinds().values() for code in one.needs}))

    def check(self, values: Values) -> tuple[Fault, ...]:
        kind = kind_of(values, self.kind)
        if kind is None:
            return ()
        return tuple(
            (code, f"is missing: {kind.words} {WHY[code]}") for code in kind.needs if code not in values
        )

    @property
    def words(self) -> str:
        said: dict[str, list[str]] = {}
        for one in kinds().values():
            for code in one.needs:
                said.setdefault(code, []).append(one.code)
        each = "; ".join(
            f"{', '.join(those)} needs {code}, for it {WHY[code]}" for code, those in said.items()
        )
        return f"An order needs what its type in {self.kind} asks for: {each}."


class TermOfKind(RuleBase, frozen=True, kw_only=True):
    """An order is temporary or final as its kind is."""

    kind: str = "TYO"
    term: str = "TRM"

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.kind, self.term)

    def check(self, values: Values) -> tuple[Fault, ...]:
        kind, term = kind_of(values, self.kind), values.get(self.term, ("",))[0]
        if kind is None or not term or kind.term in ("", term):
            return ()
        return ((self.term, f"is not {term} for {kind.words}, which is {_TERMS[kind.term]}"),)

    @property
    def words(self) -> str:
        final = ", ".join(one.code for one in kinds().values() if one.stage is Stage.FINAL)
        either = ", ".join(one.code for one in kinds().values() if one.stage is Stage.EITHER)
        return f"{self.term} is F where {self.kind} is {final}, either where it is {either}, and otherwise T."

    def mended(self, values: Values, dice: Random, today: date) -> Values:
        """Another kind: the key may have said the term."""
        term = values.get(self.term, ("",))[0]
        fit = [one.code for one in kinds().values() if one.term in ("", term)]
        return {self.kind: (dice.choice(fit),)}


_TERMS = {"T": "temporary", "F": "final"}


class EstimatedIsGiven(RuleBase, frozen=True):
    """What is called estimated is given: the values of the field are codes of fields, and its table names them."""

    field: str = "EST"
    table: str = "order_estimated"

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.field, *table(self.table))

    def check(self, values: Values) -> tuple[Fault, ...]:
        return tuple(
            (code, f"is missing: {self.field} calls it estimated")
            for code in dict.fromkeys(values.get(self.field, ()))
            if code and code not in values
        )

    @property
    def words(self) -> str:
        return f"What {self.field} calls estimated is given."
