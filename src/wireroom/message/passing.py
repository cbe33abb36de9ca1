"""Who gets what leaves the system on paper or as a file: named before it is made, and marked on it.

CJIS Security Policy 5.1.3 asks it of criminal history and 4.2.2 of restricted files; here it is asked of everything.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from wireroom.message.envelope import Fault

# Controlled unclassified information, law enforcement (32 CFR 2002, general knowledge; the category is our choice).
MARKING = "CUI//LEI"
MARKED = f"{MARKING}   CONTROLLED: LAW ENFORCEMENT INFORMATION"
FILE = "FILE"  # instead of a printer: it goes to a file of the person's
WORDS_MIN, NAME_MAX, PURPOSE_MAX = 3, 60, 200


class Passing(msgspec.Struct, frozen=True, kw_only=True):
    """To whom something goes on, as was said. Nothing in it is believed because it is said."""

    recipient: str  # a person's name: whoever prints for themselves names themselves
    agency: str
    purpose: str  # in words
    printer: str = FILE  # the mnemonic of a printer of the agency, or that it goes to a file


def faults(passing: Passing, printers: tuple[str, ...] = ()) -> tuple[Fault, ...]:
    """Everything that is wrong with it; `printers` are those that may be named."""
    found = [
        Fault(name, f"is missing: {what}, from {WORDS_MIN} to {most} characters", given[:40])
        for name, given, what, most in (
            ("recipient", passing.recipient, "the name of the person who gets it", NAME_MAX),
            ("agency", passing.agency, "the agency of that person", NAME_MAX),
            ("purpose", passing.purpose, "what it is for, in words", PURPOSE_MAX),
        )
        if not (WORDS_MIN <= len(given.strip()) <= most and given.isprintable())
    ]
    if passing.printer not in (FILE, *printers):
        found.append(Fault("printer", "is none in a secure place of your agency: choose one, or a file"))
    return tuple(found)


def told(passing: Passing, what: str, hits: list[list[str]]) -> dict[str, object]:
    """What the journal has of it: what went on, of which records, to whom and how."""
    said: dict[str, object] = {"what": what, "hits": hits}
    return said | {name: getattr(passing, name).strip() for name in passing.__struct_fields__}


def mark(user: str, at: datetime, event: int) -> str:
    """What stands on each page and in each file: the marking, who made it, when, and the journal's number of it."""
    return f"{MARKING} {user} {at:%Y-%m-%d %H:%M:%S}Z EVENT {event}"
