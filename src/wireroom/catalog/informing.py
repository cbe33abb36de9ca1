"""What a file declares about people outside: what stands on another record, who asked to be told, and of what."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from wireroom.catalog.when import FieldCode, Key, When


class Channel(StrEnum):
    """How somebody who has no terminal is reached."""

    EMAIL = "email"
    SERVICE = "service"  # a notification service of others, over HTTP


class On(StrEnum):
    """What happens to a record that somebody asked to be told of."""

    WISHED = "wished"  # somebody asks to be told of it, or asks anew
    BECAME = "became"  # it is so now as `when` says, and was not before
    REPORTED = "reported"  # a report of the key `report` was written onto it
    ENDED = "ended"  # it is in force no more, and ended by one of `ways`; without any, in whatever way
    SOUGHT = "sought"  # its person, whom it bars from firearms, seeks to get one


class Attached(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record that stands on one of another file, whose number it holds: entered onto it, ended and dropped with it.

    Onto it enters the agency that owns that record, and those that it names in the fields `by`.
    """

    field: FieldCode  # with the number of that record
    to: str  # its file
    by: tuple[FieldCode, ...] = ()
    mark: str = ""


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field with the address at which somebody asks to be told of the record that theirs is attached to."""

    field: FieldCode
    channel: Channel


class Seeks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record says that its person seeks to get a firearm, on the day in a field."""

    day: FieldCode
    when: tuple[When, ...] = ()


class Informs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What those are told of a record who asked for it, in words that are safe in anybody's hands.

    Neither names, nor places, nor where anybody is. Of one change the first of those `on` its end that fits counts.
    """

    event: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3,12}$")]
    on: On
    words: str
    spanish: str
    about: FieldCode = ""  # the field that tells them which it is: the number of a court's case
    when: tuple[When, ...] = ()
    report: Key = ""
    ways: tuple[str, ...] = ()  # statuses
    since: FieldCode = ""  # on SOUGHT: of what was sought before the day in this field nobody is told
    mark: str = ""
