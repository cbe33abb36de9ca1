"""The life of a record as dates: when it ends by itself, when its owner must say that it is still true."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from wireroom.catalog.courts.calendar import court_days_after
from wireroom.catalog.file import File, Keep, Late
from wireroom.catalog.rules import Values
from wireroom.message.local import HERE, moment
from wireroom.records.shape import Fields

FIRST_VALIDATION_MONTHS = (
    3  # records of January are validated in April: 60 to 90 days after entry (sourced: W19)
)
VALIDATION_MONTHS = 12
HISTORY_YEARS = 5  # how long what has ended is kept (ours)


class Status(StrEnum):
    """Where a record is in its life. The first three are in force: they are found."""

    ACTIVE = "active"
    LOCATED = "located"
    RESTRAINED = "restrained"  # recovered, and held by DOJ all the same
    CLEARED = "cleared"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # the day came that the record itself names
    PURGED = "purged"  # the file's period of retention was over
    REMOVED = "removed"  # its owner did not validate it
    SUPERSEDED = "superseded"  # a final order took its place


IN_FORCE = (Status.ACTIVE, Status.LOCATED, Status.RESTRAINED)


def valued(fields: Fields) -> Mapping[str, tuple[str, ...]]:
    """A record's values by field, as rules and conditions see them."""
    values: dict[str, tuple[str, ...]] = {}
    for code, value in fields:
        values[code] = (*values.get(code, ()), value)
    return values


def due(file: File, fields: Fields, entered_at: datetime) -> tuple[datetime | None, Status]:
    """When a record's time is up, and what it is then; None where it stays until it is cleared."""
    values = valued(fields)
    if "Y" in values.get("RST", ()):
        return None, Status.PURGED  # what DOJ holds does not end by itself
    keep = file.kept(values)
    ends = _ends(keep, values)
    gone = _gone(keep, values, entered_at)
    if ends is not None and (gone is None or ends <= gone):
        return ends, Status.EXPIRED
    return gone, Status.PURGED


def _ends(keep: Keep, values: Values) -> datetime | None:
    """The end of the day that the record itself names as its last, or the hour of it that it names."""
    return named_at(values, keep.until, keep.at)


def named_at(values: Values, day: str, hour: str = "") -> datetime | None:
    """When the hour that a record names in two fields is over, or else the day; None where it names no day."""
    found = _day(values.get(day, ("",))[0])
    if found is None:
        return None
    said = values.get(hour, ("",))[0]
    return moment(found, said) if said else midnight(found + timedelta(days=1))


def over(file: File, values: Values, at: datetime) -> bool:
    """Whether the time that a record itself names is up, whether or not somebody has noted it already."""
    ends = ends_at(file, values)
    return ends is not None and ends <= at


def ends_at(file: File, values: Values) -> datetime | None:
    """When the time that a record itself names is up; None where it names none, or is held by DOJ."""
    return None if "Y" in values.get("RST", ()) else _ends(file.kept(values), values)


def begins_at(values: Values, day: str, hour: str = "") -> datetime | None:
    """When the hour that a record names in two fields comes for the first time; None where it names no day."""
    found = _day(values.get(day, ("",))[0])
    return None if found is None else moment(found, values.get(hour, ("",))[0] or "0000", first=True)


def _gone(keep: Keep, values: Values, entered_at: datetime) -> datetime | None:
    since = _day(values.get(keep.since, ("",))[0]) if keep.since else None
    start = entered_at if since is None else midnight(since)
    named = values.get(keep.year_of, ("",))[0] if keep.year_of else ""
    if named.isdigit():
        start = midnight(date(int(named), 1, 1))
    if keep.years:
        over = start.astimezone(HERE).year + keep.years + 1
        return midnight(date(over, 1, 1)) + timedelta(days=keep.days, hours=keep.hours)
    if keep.days or keep.hours:
        return start + timedelta(days=keep.days, hours=keep.hours)
    return None


def first_validation(entered_at: datetime) -> date:
    """The first day of the month in which a new record is validated for the first time."""
    return _months_on(entered_at.astimezone(HERE).date(), FIRST_VALIDATION_MONTHS)


def next_validation(validated_at: datetime) -> date:
    """The first day of the month in which a record is validated again."""
    return _months_on(validated_at.astimezone(HERE).date(), VALIDATION_MONTHS)


def lateness(file: File, fields: Fields, at: datetime) -> str:
    """How much too late a record was entered, in words that stand in it; empty where it was in time."""
    values = valued(fields)
    for rule in file.late:
        limit = _limit(rule, values)
        if limit is not None and at > limit and all(when.holds(values) for when in rule.when):
            return f"ENTERED {_span(at - limit)} AFTER THE {_allowed(rule)} ALLOWED FROM {rule.field}"
    return ""


def _limit(rule: Late, values: Values) -> datetime | None:
    day = _day(values.get(rule.field, ("",))[0])
    if day is None:
        return None
    hour = values.get(rule.time, ("",))[0] if rule.time else ""
    if hour:
        from_ = moment(day, hour)
    else:  # of the whole day: it counts from its end
        from_ = midnight(day + timedelta(days=1))
    if rule.within_court_days:
        return midnight(court_days_after(day, rule.within_court_days) + timedelta(days=1))
    return from_.astimezone(UTC) + timedelta(days=rule.within_days, hours=rule.within_hours)


def _allowed(rule: Late) -> str:
    if rule.within_court_days:
        return f"{rule.within_court_days} COURT DAY{'S' if rule.within_court_days != 1 else ''}"
    return f"{rule.within_days} DAYS" if rule.within_days else f"{rule.within_hours} HOURS"


def _span(late: timedelta) -> str:
    if late >= timedelta(days=1):
        return f"{late.days} DAY{'S' if late.days != 1 else ''}"
    minutes = int(late.total_seconds()) // 60
    return f"{minutes // 60} H {minutes % 60} MIN"


def midnight(day: date) -> datetime:
    """The moment at which a day begins here, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=HERE).astimezone(UTC)


def history_ends(ended_at: datetime) -> datetime:
    """Until when what has ended is kept."""
    here = ended_at.astimezone(HERE)
    return midnight(_months_on(here.date(), 12 * HISTORY_YEARS + 1))


def _months_on(day: date, months: int) -> date:
    """The first day of the month so many months later."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def _day(text: str) -> date | None:
    if len(text) != 8 or not text.isdigit():
        return None
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))
