"""An order of a court as the record tells it: read once, with moments in place of days and hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from wireroom.catalog.kinds_of_order import Person, person, stay
from wireroom.catalog.kinds_of_time import ENDLESS
from wireroom.records.orders import hours, nature

NO_CONTACT = "05"
VISITS = "06"
FIREARMS = "07"
SEE_REMARKS = "08"
SERVED, NOT_SERVED = "1", "2"  # of the table service


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the restrained person has been told.

    Who was in court needs no further telling (S61, S82), unless the record says that the order is not served: it was
    made stricter since, and of that nobody has told them.
    """

    served: bool
    at: datetime | None = None  # without an hour on file the end of the day: no later than that
    day: str = ""  # as the record has it
    hour: str = ""
    manner: str = ""  # a code of the table service_manner
    by: str = ""
    agency: str = ""
    in_court: bool = False
    attempts: int = 0


class Firearms(msgspec.Struct, frozen=True, kw_only=True):
    """What the order and its record say of firearms."""

    barred: bool
    armor_barred: bool = False
    at_work: bool = False  # may carry one there
    has: str = "U"  # Y, N, or U: not known
    given_up: bool = False  # the day is on file on which they were
    receipt: bool = False  # the day is on file on which the receipt was filed


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order of a court. Moments are in UTC; a day or an hour that is told in words stands as the record has it."""

    number: str
    owner: str
    status: str  # where the record is in its life, in small letters
    kind: str  # a code of the table order_type
    temporary: bool  # it lasts to a hearing, or for a few days
    issued: datetime | None
    begins: datetime | None  # None: it was in force when it was entered, whatever hour of issue was typed
    ends: datetime | None  # it is in force before this moment, not at it; None: nothing on file ends it
    issued_day: str = ""
    first_day: str = ""  # where it is in force from another day than that of its issue
    first_hour: str = ""
    last_day: str = ""  # NONEXP where the court says that it never expires
    last_hour: str = ""
    hearing: datetime | None = None  # when it is over that it is still to come
    hearing_day: str = ""
    hearing_hour: str = ""
    court: str = ""  # its ORI
    department: str = ""
    case: str = ""
    restrained: Person = Person("")
    protected: tuple[Person, ...] = ()
    conditions: tuple[str, ...] = ()  # codes of the table order_condition, each once, in order
    stays: tuple[tuple[str, int], ...] = ()  # places of the table stay_away, and yards
    moves_out: bool = False
    peaceful_contact: bool = False  # to hand over children
    custody: str = ""
    animals: bool = False
    monitored: bool = False
    may_record: bool = False  # the protected persons
    firearms: Firearms
    service: Service
    remarks: str = ""

    @property
    def endless(self) -> bool:
        """Whether the court says that it never expires; not so where a record just names no end."""
        return self.last_day == ENDLESS

    @property
    def named(self) -> str:
        """Its number with the code under which it is asked for; those of NCIC begin with a letter."""
        return f"{'NIC' if self.number[:1].isalpha() else 'FCN'}/{self.number}"

    @property
    def no_contact(self) -> bool:
        return NO_CONTACT in self.conditions


class _Values:
    """A record's values, asked for one by one; what is not there is empty."""

    def __init__(self, values: Mapping[str, tuple[str, ...]]) -> None:
        self._values = values

    def all(self, code: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._values.get(code, ())))

    def one(self, code: str) -> str:
        return next(iter(self._values.get(code, ())), "")

    def yes(self, code: str) -> bool:
        return self.one(code) == "Y"


def read(number: str, owner: str, status: str, values: Mapping[str, tuple[str, ...]]) -> Order:
    """The order of a record, from its canonical values by field; what a record lacks is empty and no trouble."""
    told = _Values(values)
    kind = told.one("TYO")
    issued = hours.begins(told.one("ISD"), told.one("IST"))
    first_day, last_day, hearing_day = told.one("EFD"), told.one("EXP"), told.one("HRD")
    first_hour = told.one("EFT") if first_day else ""
    last_hour = told.one("EXT") if last_day != ENDLESS else ""
    return Order(
        number=number,
        owner=owner,
        status=status.lower(),
        kind=kind,
        temporary=told.one("TRM") == "T" or (not told.one("TRM") and nature.temporary(kind)),
        issued=issued,
        begins=hours.begins(first_day, first_hour),
        ends=hours.ends(last_day, last_hour),
        issued_day=told.one("ISD"),
        first_day=first_day if first_day != told.one("ISD") or first_hour else "",
        first_hour=first_hour,
        last_day=last_day,
        last_hour=last_hour,
        hearing=hours.ends(hearing_day, told.one("HRT")),
        hearing_day=hearing_day,
        hearing_hour=told.one("HRT"),
        court=told.one("CTI"),
        department=told.one("DPT"),
        case=told.one("PNO"),
        restrained=Person(told.one("NAM"), told.one("SEX"), told.one("DOB"), told.one("AGE")),
        protected=tuple(map(person, told.all("PPN"))),
        conditions=tuple(sorted(told.all("PCO"))),
        stays=_stays(told.all("STY")),
        moves_out=told.yes("MOV"),
        peaceful_contact=told.yes("PCX"),
        custody=told.one("CUS"),
        animals=told.yes("ANM"),
        monitored=told.yes("GPS"),
        may_record=told.yes("REC"),
        firearms=_firearms(told, kind),
        service=_service(told),
        remarks=told.one("MIS"),
    )


def _stays(values: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Each place once, with the largest distance that is told of it."""
    found: dict[str, int] = {}
    for place, yards in map(stay, values):
        found[place] = max(yards, found.get(place, 0))
    return tuple(found.items())


def _firearms(told: _Values, kind: str) -> Firearms:
    said = told.one("FRP")
    return Firearms(
        barred=said == "Y" or FIREARMS in told.all("PCO") or (not said and nature.bars_firearms(kind)),
        armor_barred=told.yes("BAR"),
        at_work=told.yes("WEX"),
        has=told.one("FRA") or "U",
        given_up=bool(told.one("RLD")),
        receipt=bool(told.one("RCD")),
    )


def _service(told: _Values) -> Service:
    attempts = told.one("SAN")
    return Service(
        served=told.one("SVC") == SERVED or (told.one("SVC") != NOT_SERVED and told.yes("PRS")),
        at=hours.ends(told.one("SVD"), told.one("SVT")),
        day=told.one("SVD"),
        hour=told.one("SVT"),
        manner=told.one("SVM"),
        by=told.one("SVN"),
        agency=told.one("SVA"),
        in_court=told.yes("PRS"),
        attempts=int(attempts) if attempts.isdigit() else 0,
    )
