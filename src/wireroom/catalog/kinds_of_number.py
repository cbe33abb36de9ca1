"""Kinds of value that number a thing or a person: plates, VINs, licences, SSNs, record numbers."""

from __future__ import annotations

import re
from datetime import date
from operator import mul
from random import Random
from typing import Annotated

import msgspec

from wireroom.catalog import reach
from wireroom.catalog.kinds import Bad, Kind, folded
from wireroom.catalog.tables import choices

NUMBER_MAX = 50  # no number on a thing is longer
_PLAIN = re.compile(r"[A-Z0-9]+")
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_VIN_VALUES = bytes.maketrans(
    b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
    bytes((*range(10), 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9)),
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_PARTLY = re.compile(r"[A-Z0-9?*]+")
_UNKNOWN = re.compile(r"[?*]{2,}")
KNOWN_MIN, KNOWN_AT_AN_END_MIN, OPEN_MAX = 3, 2, 2  # characters; the last: unknown ones before a known end
INVENTED_WIDE = 0.2  # how often an invented address is one of many agencies
NOT_A_PLATE = frozenset({"NONE", "UNK", "UNKNOWN", "NA", "NOPLATE", "TEMP"})
NOT_A_NUMBER = frozenset({"NONE", "UNK", "UNKNOWN", "NA", "NOSERIAL"})


def plain(text: str) -> str:
    """The letters and digits of a number as people write it: blanks and hyphens are decoration."""
    value = folded(text)
    return value if value.isalnum() else value.replace(" ", "").replace("-", "")


def is_partly_known(value: str) -> bool:
    """Whether a canonical value asks for numbers of which a part is known: ? is one unknown character, * any run."""
    return "?" in value or "*" in value


def known_beginning(pattern: str, unknown: int = OPEN_MAX) -> str:
    """The longest beginning that ends with a known character and has at most so many unknown ones, and no run."""
    begun = pattern.partition("*")[0].split("?")
    return "?".join(begun[: unknown + 1]).rstrip("?")


def _known(pattern: str) -> int:
    return sum(char not in "?*" for char in pattern)


def _partly_known(text: str, length_max: int) -> str | Bad:
    """The canonical form of a number of which a part is known. What no index could find is refused, with what to add.

    The limits are ours: fewer known characters would read a large part of all numbers to say that too many match.
    """
    value = _UNKNOWN.sub(lambda run: run[0].replace("*", "") + "*" * ("*" in run[0]), text)
    if not _PARTLY.fullmatch(value):
        return Bad("is not letters and digits, ? for one that is unknown and * for any number of them")
    if len(value) > length_max:
        return Bad(f"is longer than {length_max} characters")
    if _known(value) < KNOWN_MIN:
        return Bad(f"is known too little: give at least {KNOWN_MIN} characters beside ? and *")
    if all(_known(known_beginning(way)) < KNOWN_AT_AN_END_MIN for way in (value, value[::-1])):
        return Bad("is known at neither end: give the first or last two characters")
    return value


class Plate(Kind, frozen=True):
    """A licence plate: letters and digits, at most ten (Nlets); patterns are hints and never refuse one."""

    max: Annotated[int, msgspec.Meta(ge=8, le=NUMBER_MAX)] = 10

    def read(self, text: str, today: date) -> str | Bad:
        value = plain(text)
        if not value:
            return Bad("is empty")
        if not _PLAIN.fullmatch(value):
            return Bad("is not letters and digits")
        if len(value) > self.max:
            return Bad(f"is longer than {self.max} characters; send the first {self.max}")
        if value in NOT_A_PLATE:
            return Bad("says that there is no plate; leave the field out")
        return value

    def ask(self, text: str, today: date) -> str | Bad:
        value = plain(text)
        return _partly_known(value, self.max) if is_partly_known(value) else self.read(text, today)

    def invent(self, dice: Random, today: date) -> str:
        """A plate of the passenger series with Q in third place, where California never issued one."""
        letters = "".join(dice.choice(_LETTERS) for _ in range(2))
        return f"{dice.randint(1, 9)}{letters}Q{dice.randrange(1000):03d}"

    @property
    def length_max(self) -> int:
        return self.max

    @property
    def words(self) -> str:
        return f"a plate, at most {self.max} letters and digits"

    @property
    def identifies(self) -> str:
        return "LIC"


def vin_check_digit(vin: str) -> str:
    """The check digit (ninth place) of a VIN of 17 characters, 49 CFR 565.15."""
    return "0123456789X"[sum(map(mul, vin.encode().translate(_VIN_VALUES), _VIN_WEIGHTS)) % 11]


def _not_a_vin(value: str) -> Bad | None:
    """Why a number cannot stand on a vehicle of any age."""
    if not value:
        return Bad("is empty")
    if not _PLAIN.fullmatch(value):
        return Bad("is not letters and digits")
    if len(value) > 20:
        return Bad("is longer than 20 characters")
    return Bad("is shorter than 5 characters") if len(value) < 5 else None


class Vin(Kind, frozen=True):
    """A vehicle identification number: 17 characters with a check digit, or up to 20 for older vehicles."""

    def read(self, text: str, today: date) -> str | Bad:
        value = plain(text)
        if (bad := _not_a_vin(value)) is not None:
            return bad
        if len(value) == 17:
            if not _VIN.fullmatch(value):
                return Bad("has a letter I, O or Q, which a VIN of 17 characters never has")
            if vin_check_digit(value) != value[8]:
                return Bad(
                    f"has a wrong check digit: the ninth character is {value[8]}, not {vin_check_digit(value)}"
                )
        return value

    def ask(self, text: str, today: date) -> str | Bad:
        """A part of a VIN, its last eight characters, or a whole one misread: to ask is how the right one is found."""
        value = plain(text)
        if is_partly_known(value):
            return _partly_known(value, 20)
        return _not_a_vin(value) or value

    def invent(self, dice: Random, today: date) -> str:
        """A VIN with maker 0WR: no region of the world has a code that begins with zero."""
        year = "ABCDEFGHJKLMNPRSTVWXY123456789"[(today.year - 1980 - dice.randrange(20)) % 30]
        serial = "".join(dice.choice("0123456789") for _ in range(6))
        body = "".join(dice.choice(_LETTERS) for _ in range(5))
        vin = f"0WR{body}0{year}W{serial}"
        return vin[:8] + vin_check_digit(vin) + vin[9:]

    @property
    def length_max(self) -> int:
        return 20

    @property
    def words(self) -> str:
        return "a VIN of 17 characters, or up to 20 for older vehicles"

    @property
    def identifies(self) -> str:
        return "VIN"


class LicenceNumber(Kind, frozen=True):
    """A driver licence or identification card number, at most 20 characters (Nlets)."""

    def read(self, text: str, today: date) -> str | Bad:
        value = plain(text)
        if not value:
            return Bad("is empty")
        if not _PLAIN.fullmatch(value):
            return Bad("is not letters and digits")
        if len(value) > 20:
            return Bad("is longer than 20 characters")
        return value

    def invent(self, dice: Random, today: date) -> str:
        return f"X{dice.randrange(10**7):07d}"

    @property
    def length_max(self) -> int:
        return 20

    @property
    def words(self) -> str:
        return "a licence number; in California one letter and seven digits"

    @property
    def identifies(self) -> str:
        return "OLN"


class Ssn(Kind, frozen=True):
    """A social security number. Area 9xx is nobody's, so invented records use it and only it."""

    def read(self, text: str, today: date) -> str | Bad:
        value = plain(text)
        if len(value) != 9 or not value.isascii() or not value.isdigit():
            return Bad("is not nine digits")
        if value[:3] in {"000", "666"} or value[3:5] == "00" or value[5:] == "0000":
            return Bad("is a number that is never given out")
        return value

    def show(self, value: str) -> str:
        return f"{value[:3]}-{value[3:5]}-{value[5:]}"

    def say(self, value: str) -> str:
        """Only its end: a sentence is kept in receipts and shown on screens that others see."""
        return f"ending {value[5:]}"

    def invent(self, dice: Random, today: date) -> str:
        return f"9{dice.randrange(100):02d}{dice.randint(1, 49):02d}{dice.randint(1, 9999):04d}"

    @property
    def length_max(self) -> int:
        return 9

    @property
    def words(self) -> str:
        return "nine digits"

    @property
    def identifies(self) -> str:
        return "SOC"


class Serial(Kind, frozen=True):
    """The number a maker or an owner put on a thing.

    With `fold_o` the letter O is the digit 0, as on guns, where nobody can tell one from the other: both sides of a
    comparison are written alike.
    """

    max: Annotated[int, msgspec.Meta(ge=4, le=NUMBER_MAX)] = 20
    index: str = "SER"
    fold_o: bool = False

    def read(self, text: str, today: date) -> str | Bad:
        value = plain(text)
        if value in NOT_A_NUMBER:
            return Bad("says that there is no number; leave the field out")
        if self.fold_o:
            value = value.replace("O", "0")
        if not value:
            return Bad("is empty")
        if not _PLAIN.fullmatch(value):
            return Bad("is not letters and digits")
        if len(value) > self.max:
            return Bad(f"is longer than {self.max} characters")
        return value

    def invent(self, dice: Random, today: date) -> str:
        return f"ZZ{dice.randrange(10 ** min(7, self.max - 2)):0{min(7, self.max - 2)}d}"

    @property
    def length_max(self) -> int:
        return self.max

    @property
    def words(self) -> str:
        return f"at most {self.max} letters and digits" + (", O as 0" if self.fold_o else "")

    @property
    def identifies(self) -> str:
        return self.index


class Ori(Kind, frozen=True):
    """An agency: nine letters and digits that begin with two letters."""

    index: str = ""  # the index it stands in, where a file is found by it

    def read(self, text: str, today: date) -> str | Bad:
        value = folded(text)
        if not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{7}", value):
            return Bad("is not an ORI of nine letters and digits")
        return value

    def invent(self, dice: Random, today: date) -> str:
        """An agency of a county from 059 to 099: California has 58."""
        return f"CA{dice.randint(59, 99):03d}{dice.randint(1, 99):02d}00"

    @property
    def length_max(self) -> int:
        return 9

    @property
    def words(self) -> str:
        return "an ORI of nine letters and digits"

    @property
    def identifies(self) -> str:
        return self.index


class Address(Kind, frozen=True):
    """Where a message goes: a terminal's mnemonic (four characters) or an agency's ORI (nine); `wide`, to many too."""

    wide: bool = False

    def read(self, text: str, today: date) -> str | Bad:
        value = reach.canonical(folded(text), wide=self.wide)
        if not value:
            more = (
                ", nor CO- and a county, GRP- and a group, REG- and a region, or STATEWIDE"
                if self.wide
                else ""
            )
            return Bad(f"is neither a mnemonic of four characters nor an ORI of nine{more}")
        return value

    def say(self, value: str) -> str:
        return reach.spoken(value)

    def invent(self, dice: Random, today: date) -> str:
        if self.wide and dice.random() < INVENTED_WIDE:
            region = dice.choice(choices("region"))
            return dice.choice(
                (f"CO-{dice.randint(59, 99):03d}", "GRP-TEST", f"REG-{region}", reach.STATEWIDE)
            )
        return f"Z{dice.randrange(1000):03d}"

    @property
    def length_max(self) -> int:
        return reach.LENGTH_MAX if self.wide else 9

    @property
    def words(self) -> str:
        many = ", a county, a group, a region or STATEWIDE" if self.wide else ""
        return f"a terminal's mnemonic or an agency's ORI{many}"


class Fcn(Kind, frozen=True):
    """The state's file control number: 13 digits, agency (3), year and day of year (5), serial (5)."""

    def read(self, text: str, today: date) -> str | Bad:
        value = plain(text)
        if len(value) != 13 or not value.isascii() or not value.isdigit():
            return Bad("is not 13 digits")
        return value

    def invent(self, dice: Random, today: date) -> str:
        return f"{dice.randint(900, 999)}{today:%y%j}{dice.randrange(10**5):05d}"

    @property
    def length_max(self) -> int:
        return 13

    @property
    def words(self) -> str:
        return "a file control number of 13 digits"

    @property
    def identifies(self) -> str:
        return "FCN"


def luhn_digit(digits: str) -> str:
    """The Luhn check digit of a string of digits (ISO/IEC 7812-1)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        double = int(char) * (2 if place % 2 == 0 else 1)
        total += double - 9 if double > 9 else double
    return str(-total % 10)


class Nic(Kind, frozen=True):
    """An NCIC number: the file's letter, eight digits and a check digit (Luhn: ours, the FBI's is not public)."""

    def read(self, text: str, today: date) -> str | Bad:
        value = plain(text)
        if not re.fullmatch(r"[A-Z][0-9]{9}", value):
            return Bad("is not a letter and nine digits")
        if luhn_digit(value[1:9]) != value[9]:
            return Bad("has a wrong check digit")
        return value

    def invent(self, dice: Random, today: date) -> str:
        digits = f"{dice.randrange(10**8):08d}"
        return f"V{digits}{luhn_digit(digits)}"

    @property
    def length_max(self) -> int:
        return 10

    @property
    def words(self) -> str:
        return "an NCIC number, a letter and nine digits"

    @property
    def identifies(self) -> str:
        return "NIC"
