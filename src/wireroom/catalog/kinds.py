"""Kinds of value: each knows how to read, check, store, show and invent one value of a field.

A canonical value is the text that stands on the wire, in a record and in the index, and there is one for each
meaning: a plate has no blanks, a day is CCYYMMDD. `read` makes it from what people type.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache
from random import Random
from typing import Annotated

import msgspec

from wireroom.catalog.tables import choices, spoken, table

TEXT_MAX = 500  # no single value is longer, but prose
PILE_MAX = 30  # accents on one letter (Unicode's stream-safe text has the same limit)
EXAMPLE_DAY = date(2026, 11, 23)  # the day of the examples in manuals and forms


class Bad(msgspec.Struct, frozen=True):
    """Why a value cannot be read: the sender's mistake, in words, without the value itself."""

    reason: str


# Letters and marks that Unicode does not take apart, as they are written in capitals of ASCII.
_SPELLED = str.maketrans(
    {"ß": "SS", "ẞ": "SS", "æ": "AE", "Æ": "AE", "œ": "OE", "Œ": "OE", "ø": "O", "Ø": "O", "đ": "D", "Đ": "D",
     "ð": "D", "Ð": "D", "þ": "TH", "Þ": "TH", "ł": "L", "Ł": "L", "ı": "I", "’": "'", "‘": "'", "–": "-", "—": "-"}
)  # fmt: skip


def folded(text: str) -> str:
    """Upper case ASCII where letters allow it: accents go, so that no two spellings hide one name.

    A text longer than any value keeps its accents: it is refused for its length, and not worth the time.
    """
    if not text.isascii() and len(text) <= 2 * TEXT_MAX:
        text = _unaccented(text)
    return " ".join(text.upper().split())


def _unaccented(text: str) -> str:
    """The text without accents. They go twice: taking apart thousands of them in a row costs quadratic time."""
    bare = "".join([char for char in text.translate(_SPELLED) if not unicodedata.combining(char)])
    apart = unicodedata.normalize("NFKD", bare)
    return "".join([char for char in apart if not unicodedata.combining(char)])


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"the pattern {pattern!r} is not a regular expression: {error}") from None


class Kind(
    msgspec.Struct, frozen=True, tag_field="is", tag=str.lower, kw_only=True, forbid_unknown_fields=True
):
    """What all kinds share. A kind is immutable and may be used by any number of fields."""

    def read(self, text: str, today: date) -> str | Bad:
        """The canonical value of a text as a person or program sent it, or why there is none."""
        raise NotImplementedError

    def ask(self, text: str, today: date) -> str | Bad:
        """The canonical value of what an inquiry asks for: what `read` gives, and what a kind finds beyond it."""
        return self.read(text, today)

    def store(self, value: str) -> object:
        """What stands in the record's JSON for a canonical value."""
        return value

    def load(self, stored: object) -> str:
        """The canonical value again, of what `store` gave."""
        return str(stored)

    def show(self, value: str) -> str:
        """The value as a person reads it on a screen."""
        return value

    def say(self, value: str) -> str:
        """The value as it stands in a sentence, where its code would be in the way."""
        return self.show(value)

    def invent(self, dice: Random, today: date) -> str:
        """A canonical value that cannot belong to anybody, the same for the same dice."""
        raise NotImplementedError

    @property
    def example(self) -> str:
        """A value for manuals and forms."""
        return self.invent(Random(7), EXAMPLE_DAY)

    @property
    def length_max(self) -> int:
        """The most characters that a canonical value may have."""
        return TEXT_MAX

    @property
    def words(self) -> str:
        """What is expected, for a form's hint and the manual."""
        raise NotImplementedError

    @property
    def identifies(self) -> str:
        """The index under which a value finds records, empty when it finds none."""
        return ""


_FORBIDDEN = re.compile(r"[^\x20-\x2d\x2f-\x7e]")  # printable ASCII, but no period: a period ends a field


class Text(Kind, frozen=True):
    """Plain text of limited length, upper case, without periods."""

    max: int
    pattern: str = ""
    hint: str = ""
    index: str = ""  # the index it stands in, "OCA" for instance
    sample: str = ""  # a shape for invented values: 9 a digit, A a letter, all else itself

    def __post_init__(self) -> None:
        if not 1 <= self.max <= TEXT_MAX:
            raise ValueError(f"a text's max is from 1 to {TEXT_MAX}, not {self.max}")
        _compiled(self.pattern)
        invented = self.read(self.invent(Random(7), EXAMPLE_DAY), EXAMPLE_DAY)
        if isinstance(invented, Bad):
            raise ValueError(f"the text's sample {self._shape!r} gives a value that {invented.reason}")

    def read(self, text: str, today: date) -> str | Bad:
        value = folded(text)
        if not value:
            return Bad("is empty")
        if len(value) > self.max:
            return Bad(f"is longer than {self.max} characters")
        if found := _FORBIDDEN.search(value):
            what = "a period, which ends a field" if found[0] == "." else "a character that cannot be sent"
            return Bad(f"holds {what}")
        if self.pattern and not _compiled(self.pattern).fullmatch(value):
            return Bad(f"is not {self.words}")
        return value

    def invent(self, dice: Random, today: date) -> str:
        return "".join(_filled(char, dice) for char in self._shape)

    @property
    def _shape(self) -> str:
        return self.sample or "A" * min(self.max, 4)

    @property
    def length_max(self) -> int:
        return self.max

    @property
    def words(self) -> str:
        return self.hint or f"text of at most {self.max} characters"

    @property
    def identifies(self) -> str:
        return self.index


def _filled(char: str, dice: Random) -> str:
    if char == "9":
        return str(dice.randrange(10))
    if char == "A":
        return dice.choice("ABCDEFGHJKLMNPRSTUVWXYZ")
    return char


def _piled(text: str) -> bool:
    """Whether more accents stand on one letter than any language writes: composing them costs quadratic time."""
    run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run > PILE_MAX:
            return True
    return False


class Prose(Kind, frozen=True):
    """Free text of several lines, periods and all; always the last field of its message."""

    max: Annotated[int, msgspec.Meta(ge=1, le=8000)] = 4000
    lines_max: Annotated[int, msgspec.Meta(ge=1, le=500)] = 50

    def read(self, text: str, today: date) -> str | Bad:
        value = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").replace("\xa0", " ")
        if not value.isascii() and _piled(value):
            return Bad(f"holds more than {PILE_MAX} accents on one letter")
        value = unicodedata.normalize("NFC", value)
        value = "\n".join([line.rstrip() for line in value.split("\n")]).strip()
        if not value:
            return Bad("is empty")
        if len(value) > self.max:
            return Bad(f"is longer than {self.max} characters")
        if value.count("\n") >= self.lines_max:
            return Bad(f"has more than {self.lines_max} lines")
        if not all(char.isprintable() or char == "\n" for char in value):
            return Bad("holds a character that cannot be printed")
        return value

    def invent(self, dice: Random, today: date) -> str:
        place = dice.choice(("MAIN ST", "OAK AVE", "HARBOR BLVD", "STATE ROUTE 999"))
        return f"THIS IS A TEST MESSAGE. INVENTED TEXT {dice.randrange(1000):03d}, {place}."

    @property
    def length_max(self) -> int:
        return self.max

    @property
    def words(self) -> str:
        return f"free text of at most {self.max} characters and {self.lines_max} lines"


class Number(Kind, frozen=True):
    """A whole number within limits, written with a fixed number of digits."""

    low: Annotated[int, msgspec.Meta(ge=0)]
    high: Annotated[int, msgspec.Meta(le=999_999_999)]
    width: Annotated[int, msgspec.Meta(ge=0, le=9)] = 0

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"a number's low is at most its high, and {self.low} is more than {self.high}")

    def read(self, text: str, today: date) -> str | Bad:
        value = text.strip()
        if not value.isascii() or not value.isdigit() or len(value) > 9:
            return Bad(f"is not {self.words}")
        if not self.low <= int(value) <= self.high:
            return Bad(f"is not {self.words}")
        return str(int(value)).zfill(self.width)

    def store(self, value: str) -> object:
        return int(value)

    def load(self, stored: object) -> str:
        return str(stored).zfill(self.width)

    def show(self, value: str) -> str:
        return str(int(value))

    def invent(self, dice: Random, today: date) -> str:
        return str(dice.randint(self.low, self.high)).zfill(self.width)

    @property
    def length_max(self) -> int:
        return max(self.width, len(str(self.high)))

    @property
    def words(self) -> str:
        return f"a number from {self.low} to {self.high}"


IN_TWO_PARTS = frozenset({"mark"})  # tables whose meanings say what, and behind a semicolon where
_REMARK = re.compile(r" \(|;")  # where a table's own remarks about a meaning begin


class Code(Kind, frozen=True):
    """A code of a table."""

    table: str
    sample: str = ""  # for manuals and forms, where any code would mislead
    among: tuple[str, ...] = ()  # the codes that may stand here; empty: all

    def __post_init__(self) -> None:
        rows = table(self.table)
        if strange := [code for code in (self.sample, *self.among) if code and code not in rows]:
            raise ValueError(f"the code {strange[0]!r} is not of the table {self.table}")

    @property
    def example(self) -> str:
        return self.sample or super().example

    def read(self, text: str, today: date) -> str | Bad:
        value = folded(text)
        row = table(self.table).get(value)
        if row is None:
            return Bad(f"is not a code of the table {self.table}")
        if row.dated and not row.used_on(today.strftime("%Y%m%d")):
            return Bad(f"is a code of the table {self.table} that is not in use today")
        if self.among and value not in self.among:
            return Bad(f"may only be {' or '.join(self.among)} here")
        return value

    def show(self, value: str) -> str:
        meaning = spoken(self.table, value)
        return value if meaning.upper() == value else f"{value} {meaning}"

    def say(self, value: str) -> str:
        words = spoken(self.table, value)
        return words.replace(";", ",") if self.table in IN_TWO_PARTS else _REMARK.split(words)[0]

    def invent(self, dice: Random, today: date) -> str:
        return dice.choice(self.among or choices(self.table, today.strftime("%Y%m%d")))

    @property
    def length_max(self) -> int:
        return max(map(len, table(self.table)))

    @property
    def words(self) -> str:
        if self.among:
            return f"{' or '.join(self.among)} of the table {self.table}"
        return f"a code of the table {self.table}"


def only(kind: Kind, value: str) -> Kind:
    """A kind that takes one value of those it took. Raises ValueError where it has no such value."""
    if not isinstance(kind, Code):
        raise ValueError(f"a key says a code by itself, not {kind.words}")
    return msgspec.structs.replace(kind, among=(value,), sample=value)
