"""What a message to more than one agency needs besides: a subject that may go so far, and words that belong there.

A subject is said and not guessed; words are only a second look. Both are data of the message's declaration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

import msgspec

from wireroom.catalog.reach import WORDS, Reach, reach_of
from wireroom.catalog.rules import RuleBase, Values
from wireroom.catalog.tables import spoken, table
from wireroom.catalog.when import When

YES = "Y"
SHOWN_MAX = 3  # phrases and statutes that a refusal names
NUMBERS_MAX = 10  # records that a text names and that are looked up


class Bar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Subjects that do not go farther than this, and why; where life is in danger some do."""

    subjects: tuple[str, ...]
    why: str
    beyond: Reach = Reach.AGENCY
    unless_grave: bool = False
    mark: str = ""  # where it comes from, for the manual


class Tells(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a broadcast about a record is, whatever its sender calls it: a subject, where the record is so."""

    subject: str
    when: tuple[When, ...] = ()


# A statute as people cite it: 211 PC, PC 211, 10851(a) VC, H&S 11377.
_BOOK = r"(?:PC|VC|CVC|CPC|HS|H&S|WI|W&I|WIC|BP|B&P|FC|HSC|BPC)"
_SECTION = r"[0-9]{2,5}(?:\.[0-9]{1,3})?(?:\([A-Z0-9]{1,3}\))*"
_STATUTE = re.compile(rf"\b(?:{_BOOK}\s?§?\s?{_SECTION}|{_SECTION}\s?{_BOOK}\b)")
_BEFORE = re.compile(r"([A-Z][A-Z'-]{3,})[\s,:;(/-]*$")
_AFTER = re.compile(r"^\)?[\s,:;(/-]*([A-Z][A-Z'-]{3,})")
# Words beside a statute that say nothing of what it means.
_EMPTY = frozenset(
    ("ARREST", "ARRESTED", "CHARGE", "CHARGED", "CHARGES", "CODE", "COUNT", "COUNTS", "FELONY", "FROM", "ONLY", "PENAL",
     "SECTION", "SUBJECT", "SUSPECT", "SUSPECTS", "UNDER", "VIOLATION", "VIOLATING", "WANTED", "WARRANT", "WANTS",
     "WITH", "THIS", "THAT", "OCCURRED", "REPORTED")
)  # fmt: skip


class Broadcast(RuleBase, frozen=True, kw_only=True, cache_hash=True):
    """The rules of a message that may go to many. What stands only where somebody looks, as records, is not here."""

    to: str
    subject: str
    text: str
    grave: str  # the field that says that a life is in danger
    meant: str  # and the one that says that words of the list mean something else
    subjects: str  # tables: of subjects, and of words with the subject that each is read as
    phrases: str
    bars: tuple[Bar, ...]
    approved_from: Reach = Reach.REGION  # from here on a supervisor approves

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.to, self.subject, self.text, self.grave, self.meant)

    def check(self, values: Values) -> tuple[tuple[str, str], ...]:
        return tuple(self._faults(values))

    def _faults(self, values: Values) -> Iterator[tuple[str, str]]:
        wide, several = self.widest(values) > Reach.AGENCY, len(set(values.get(self.to, ()))) > 1
        said = values.get(self.subject, ("",))[0]
        if wide and self.subject not in values:
            yield (
                self.subject,
                "is missing: what goes to a county, a group, a region or the state says what it is",
            )
        if reason := self.barred(said, values) if wide else "":
            yield self.subject, reason
        if not wide and self.grave in values:
            yield self.grave, f"stands only where {self.to} is a county, a group, a region or the state"
        if not (wide or several):
            if self.meant in values:
                yield self.meant, f"stands only where there is more than one {self.to}"
            return
        text = values.get(self.text, ("",))[0].upper()
        found = {
            phrase: subject for phrase, subject in phrases(self.phrases).items() if _stands(phrase, text)
        }
        if found and not self.says(values, self.meant):
            named = ", ".join(list(found)[:SHOWN_MAX])
            bar = self.bar_of(next(iter(found.values())))
            why = bar.why if bar else "it does not belong here"
            yield (
                self.text,
                f"reads like what is not sent to several ({named}): {why}. Leave it out; where the words mean "
                f"something else say {self.meant}/{YES}, and a supervisor decides",
            )
        if bare := bare_statutes(text):
            yield (
                self.text,
                f"names {', '.join(bare[:SHOWN_MAX])} alone: say in words beside it what it means",
            )

    def says(self, values: Values, code: str) -> bool:
        """Whether a field says yes."""
        return values.get(code, ("",))[0] == YES

    def widest(self, values: Values) -> Reach:
        """How far the widest of its addresses reaches; what could not be read reaches nobody."""
        return max((reach_of(one) for one in values.get(self.to, ()) if one), default=Reach.TERMINAL)

    def bar_of(self, subject: str) -> Bar | None:
        """The bar that a subject is under, if any."""
        return next((bar for bar in self.bars if subject in bar.subjects), None)

    def barred(self, subject: str, values: Values, *, grave: bool | None = None) -> str:
        """Why a message with these addresses may not be about this; empty where it may.

        `grave` is whether a life is in danger; left out, what the message itself says.
        """
        bar, widest = self.bar_of(subject), self.widest(values)
        danger = self.says(values, self.grave) if grave is None else grave
        if bar is None or widest <= bar.beyond or (bar.unless_grave and danger):
            return ""
        said = (
            f"{subject} ({spoken(self.subjects, subject).lower()}) does not go to {WORDS[widest]}: {bar.why}"
        )
        if bar.unless_grave:
            said += f". Where a life is in danger say {self.grave}/{YES}: a supervisor must declare it too"
        return said

    def held(self, values: Values) -> bool:
        """Whether a supervisor must approve it first."""
        said = any(self.says(values, code) for code in (self.grave, self.meant))
        return said or self.widest(values) >= self.approved_from

    @property
    def words(self) -> str:
        return (
            f"{self.to} that is a county, a group, a region or the state needs {self.subject}. To a region or the "
            f"state, and with {self.grave}/{YES} or {self.meant}/{YES}, it waits until a supervisor of the sender's "
            f"agency approves. To several addresses, {self.text} says in words what a statute means, and holds none "
            f"of the words of the table {self.phrases}."
        )


@cache
def phrases(name: str) -> Mapping[str, str]:
    """The phrases of a table in their order, each with the subject that it is read as."""
    return {row.code: row.meaning for row in table(name).values()}


@cache
def _pattern(phrase: str) -> re.Pattern[str]:
    words = r"[\s-]+".join(map(re.escape, phrase.split()))
    return re.compile(rf"(?<![A-Z0-9]){words}(?![A-Z0-9])")


def _stands(phrase: str, text: str) -> bool:
    return _pattern(phrase).search(text) is not None


def bare_statutes(text: str) -> tuple[str, ...]:
    """The statutes of a text in capitals that no word beside them explains, each once.

    A word beside it is one that touches it in the same line, before or behind, and that is more than "suspect" or
    "wanted". Whether it is the right word nobody but a reader can tell.
    """
    bare: dict[str, None] = {}
    for line in text.split("\n"):
        for found in _STATUTE.finditer(line):
            beside = (_BEFORE.search(line[: found.start()]), _AFTER.search(line[found.end() :]))
            if not any(word is not None and word[1] not in _EMPTY for word in beside):
                bare[found[0]] = None
    return tuple(bare)


_RECORD = re.compile(r"(?<![0-9])[0-9]{13}(?![0-9])")


def numbers_in(text: str) -> tuple[str, ...]:
    """What in a text looks like the number of a record, each once, at most so many."""
    return tuple(dict.fromkeys(_RECORD.findall(text)))[:NUMBERS_MAX]
