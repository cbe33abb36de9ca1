"""Invented orders for the tests of what is thought about orders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from wireroom.message.local import HERE
from wireroom.records.orders.order import Order, read

Fields = dict[str, str | tuple[str, ...] | None]
COURT, OWNER = "CA099015J", "CA0990000"
RESTRAINED, PROTECTED = "SPECIMEN, JOHN QUINCY", "TESTCASE, JANE;F;19900104;SP;Y"
PLAIN: Mapping[str, tuple[str, ...]] = {
    "TYO": ("OAH",),
    "PNO": ("ZZ999999",),
    "CTI": (COURT,),
    "ISD": ("20261102",),
    "EXP": ("20291102",),
    "NAM": (RESTRAINED,),
    "DOB": ("19850211",),
    "PPN": (PROTECTED,),
    "PCO": ("01",),
}


def order(number: int = 1, status: str = "active", **values: str | tuple[str, ...] | None) -> Order:
    """An order like PLAIN but for these values; None takes a field out."""
    fields = dict(PLAIN)
    for code, value in values.items():
        if value is None:
            fields.pop(code, None)
        else:
            fields[code] = (value,) if isinstance(value, str) else value
    return read(f"9992630{number:06d}", OWNER, status, fields)


def wall(text: str, fold: int = 0) -> datetime:
    """A moment by the clock here, written CCYYMMDD HHMM, in UTC."""
    here = datetime.strptime(text, "%Y%m%d %H%M").replace(tzinfo=HERE, fold=fold)
    return here.astimezone(UTC)


AT = wall("20261120 1200")  # the orders here are in force then
