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

import msgspec

from wireroom.catalog.tables import choices, table

TEXT_MAX = 500  # no single value is longer, but prose


class Bad(msgspec.Struct, frozen=True):
    """Why a value cannot be read: the sender's mistake, in words, without the value itself."""

    reason: str


def folded(text: str) -> str:
    """Upper case ASCII where letters allow it: accents go, so that no two spellings hide one name."""
    for old, new in (("ß", "SS"), ("ø", "O"), ("Ø", "O"), ("đ", "D"), ("Đ", "D"), ("ł", "L"), ("Ł", "L")):
        text = text.replace(old, new)
    text = text.replace("’", "'").replace("‘", "'").replace("–", "-").replace("—", "-")
    decomposed = unicodedata.normalize("NFKD", text)
    kept = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(kept.upper().split())


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


class Kind(
    msgspec.Struct, frozen=True, tag_field="is", tag=str.lower, kw_only=True, forbid_unknown_fields=True
):
    """What all kinds share. A kind is immutable and may be used by any number of fields."""

    def read(self, text: str, today: date) -> str | Bad:
        """The canonical value of a text as a person or program sent it, or why there is none."""
        raise NotImplementedError

    def store(self, value: str) -> object:
        """What stands in the record's JSON for a canonical value."""
        return value

    def load(self, stored: object) -> str:
        """The canonical value again, of what `store` gave."""
        return str(stored)

    def show(self, value: str) -> str:
        """The value as a person reads it on a screen."""
        return value

    def invent(self, dice: Random, today: date) -> str:
        """A canonical value that cannot belong to anybody, the same for the same dice."""
        raise NotImplementedError

    @property
    def example(self) -> str:
        """A value for manuals and forms."""
        return self.invent(Random(7), date(2026, 11, 23))

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
        shape = self.sample or "A" * min(self.max, 4)
        return "".join(_filled(char, dice) for char in shape)

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


class Prose(Kind, frozen=True):
    """Free text of several lines, periods and all; always the last field of its message."""

    max: int = 4000
    lines_max: int = 50

    def read(self, text: str, today: date) -> str | Bad:
        value = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
        value = "\n".join(line.rstrip() for line in value.split("\n")).strip()
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

    low: int
    high: int
    width: int = 0

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


class Code(Kind, frozen=True):
    """A code of a table."""

    table: str

    def __post_init__(self) -> None:
        table(self.table)

    def read(self, text: str, today: date) -> str | Bad:
        value = folded(text)
        row = table(self.table).get(value)
        if row is None:
            return Bad(f"is not a code of the table {self.table}")
        if not row.used_on(today.strftime("%Y%m%d")):
            return Bad(f"is a code of the table {self.table} that is not in use today")
        return value

    def show(self, value: str) -> str:
        row = table(self.table).get(value)
        if row is None or row.meaning.upper() == value:
            return value
        return f"{value} {row.meaning.capitalize() if row.meaning.isupper() else row.meaning}"

    def invent(self, dice: Random, today: date) -> str:
        return dice.choice(choices(self.table))

    @property
    def length_max(self) -> int:
        return max(len(code) for code in choices(self.table))

    @property
    def words(self) -> str:
        return f"a code of the table {self.table}"
