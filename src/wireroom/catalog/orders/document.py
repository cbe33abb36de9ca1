"""The parts of a document about an order, as a court's own system sends one. Each field has its name from its title."""

from __future__ import annotations

from wireroom.catalog.file import Field, Part
from wireroom.catalog.orders import fields

_CASE = ("PNO", "SBA", "OCA", "LKA", "LKI", "FLD", "RQO")
_HEARING = ("HRD", "HRT", "PRS")
_OF_THE_COURT = ("CTI", "DPT", "JDG")


def _codes(*several: tuple[Field, ...], without: tuple[str, ...] = ()) -> tuple[str, ...]:
    codes = (field.code for group in several for field in group)
    return tuple(code for code in codes if code not in without)


def parts(restrained: tuple[Field, ...]) -> tuple[Part, ...]:
    """The parts in their order; `restrained` are the fields about the restrained person."""
    apart = (*_OF_THE_COURT, *_CASE, *_HEARING)
    return (
        Part("court", _OF_THE_COURT),
        Part("case", _CASE),
        Part("order", _codes(fields.COURT, fields.TERM, without=apart)),
        Part("hearing", _HEARING),
        Part("restrained", _codes(restrained)),
        Part("protected", (fields.PROTECTED.code,)),
        Part("terms", _codes(fields.TERMS)),
        Part("firearms", _codes(fields.FIREARMS, fields.FEDERAL)),
        Part("service", _codes(fields.SERVED, without=_HEARING)),
        Part("remarks", ("MIS",)),
    )
