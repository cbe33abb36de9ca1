"""What a file declares about its own changes: what a change sets back, what an entry ends, which clocks it starts."""

from __future__ import annotations

from typing import Annotated

import msgspec

from wireroom.catalog.when import FieldCode, When


class Resets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field goes back to a value, and others go, where a change makes the record stricter.

    Stricter is a value more in a field of `grown`, but one of `milder`; a later day in a field of `raised`; a value of
    `became` that was another before; and one of `lifted` that was there and is no more.
    """

    field: FieldCode
    to: str
    drops: tuple[FieldCode, ...]
    grown: tuple[FieldCode, ...] = ()
    raised: tuple[FieldCode, ...] = ()
    milder: tuple[str, ...] = ()
    became: tuple[tuple[FieldCode, str], ...] = ()
    lifted: tuple[tuple[FieldCode, str], ...] = ()
    unless: tuple[When, ...] = ()  # of the change itself: the person was there and heard it
    told_on: FieldCode = ""  # day and hour at which the person was told: of what came later nobody was
    told_at: FieldCode = ""
    words: str = ""  # what whoever changed it is told
    mark: str = ""


class Supersedes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry like `when` ends the records like `ends` that agree with it in all fields of `same`.

    Where both have a field of `agree`, they share something of it. What begins later, by a day and an hour, ends
    nothing yet.
    """

    same: tuple[FieldCode, ...]
    when: tuple[When, ...]
    ends: tuple[When, ...]
    agree: tuple[FieldCode, ...] = ()
    begins_on: FieldCode = ""
    begins_at: FieldCode = ""
    mark: str = ""


class Clock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that must be done in time. It runs from a day and hour of the record, or from its entry.

    `met` tells when it was done: by a day and hour of the record, or, where `by_entry`, by its entry alone. Where a
    record is changed so that `when` holds no more, the clock is gone.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3,12}$")]
    title: str
    since: FieldCode = ""  # empty: from the entry
    since_time: FieldCode = ""
    within_court_days: int = 0  # to the end of that day
    within_hours: int = 0
    met: FieldCode = ""
    met_time: FieldCode = ""
    by_entry: bool = False  # met by the entry
    told: bool = False  # met when the field `met` was told to this system, whatever day it names
    also: FieldCode = ""  # the field with an ORI that sees the clock beside the owner
    when: tuple[When, ...] = ()
    mark: str = ""


class Resembles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file whose records may be of the same person unknown to all: what must not disagree, and how much agrees.

    Pairs name a field here and one there. Years are those from `born` here to the two of `years` there.
    """

    file: str
    same: tuple[tuple[FieldCode, FieldCode], ...]
    near: tuple[
        tuple[FieldCode, FieldCode, int], ...
    ] = ()  # at most so far apart: inches of a height, pounds
    order: tuple[FieldCode, ...] = ()  # two: the day here is not after the day there
    born: FieldCode = "DOB"
    years: tuple[FieldCode, ...] = ()  # two
    least: int = 4  # how many of all these agree
    mark: str = ""


class Derived(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that the state makes itself: whoever has a firearm by one file and may have none by another."""

    words: FieldCode  # the field that says why, in the words of the prohibitions
    links: FieldCode  # the field with the numbers of the records behind it
    count: FieldCode  # the field with how many records say that there is a firearm
