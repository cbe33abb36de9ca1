"""Kinds of value by which somebody outside is reached."""

from __future__ import annotations

import re
from datetime import date
from random import Random

from wireroom.catalog.kinds import Bad, Kind, folded

LENGTH_MAX = 80
_PART = r"[A-Z0-9_+'-]+"
_LABEL = r"[A-Z0-9](?:[A-Z0-9-]*[A-Z0-9])?"
_EMAIL = re.compile(rf"{_PART}(?:,{_PART})*@(?:{_LABEL},)+[A-Z]{{2,24}}")


class Email(Kind, frozen=True):
    """An e-mail address. A period ends a field, so a comma stands for each: JANE,DOE@EXAMPLE,ORG."""

    def read(self, text: str, today: date) -> str | Bad:
        value = folded(text).replace(".", ",")
        if not value:
            return Bad("is empty")
        if len(value) > LENGTH_MAX:
            return Bad(f"is longer than {LENGTH_MAX} characters")
        if not _EMAIL.fullmatch(value):
            return Bad(f"is not {self.words}")
        return value

    def show(self, value: str) -> str:
        return email(value)

    def say(self, value: str) -> str:
        return value  # so that one that is secret is not told in a sentence

    def invent(self, dice: Random, today: date) -> str:
        """An address under a domain that nobody can have (RFC 2606)."""
        return f"INVENTED{dice.randrange(10_000):04d}@EXAMPLE,ORG"

    @property
    def length_max(self) -> int:
        return LENGTH_MAX

    @property
    def words(self) -> str:
        return "an e-mail address with a comma for each period, JANE@EXAMPLE,ORG"


def email(value: str) -> str:
    """The address to which a message is sent, of a canonical value of Email."""
    return value.replace(",", ".").lower()
