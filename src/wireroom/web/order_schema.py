"""The JSON document of an order as a schema, from the catalogue: its parts, in each the fields by their titles."""

from __future__ import annotations

from typing import Any

from wireroom.catalog.file import Field
from wireroom.catalog.index import Catalogue
from wireroom.catalog.kinds import Code, Kind, Number
from wireroom.catalog.kinds_of_time import ENDLESS, Day, Hour
from wireroom.catalog.tables import choices
from wireroom.message import by_name
from wireroom.message.document import forms_of, pieces

CHOICES_SHOWN_MAX = 100  # a longer code table is named, not written out
NAME = "OrderDocument"
Described = dict[str, Any]  # a piece of an OpenAPI document, whose shape the standard gives


def order_schema(catalogue: Catalogue) -> Described:
    """The schema of whatever may be sent as an order: the fields of all its messages."""
    forms = forms_of(catalogue)
    key: Described = {
        "type": "string",
        "enum": list(forms),
        "description": "which message it is; left out: the first",
    }
    found: Described = {by_name.KEY: key} if forms else {}
    for form in forms.values():
        for name, held in by_name.names(form).items():
            if isinstance(held, Field):
                found.setdefault(name, _of(held))
                continue
            part = found.setdefault(name, {"type": "object", "properties": {}, "additionalProperties": False})
            for inner, field in held.items():
                part["properties"].setdefault(inner, _of(field))
    return {
        "type": "object",
        "title": "An order of a court",
        "description": "Which fields are needed depends on the message: the schemas in capitals and "
        "/api/v1/catalogue say it, and every fault is told with its path.",
        "properties": found,
        "additionalProperties": False,
    }


def _of(field: Field) -> Described:
    value: Described = _value(field.kind) | {
        "description": f"{field.code}: {field.title}, {field.kind.words}"
    }
    return (
        value if field.many == 1 else {"type": "array", "items": value, "minItems": 1, "maxItems": field.many}
    )


def _value(kind: Kind) -> Described:
    if parts := pieces(kind):
        inside = {piece.name: _value(piece.kind) for piece in parts}
        return {"type": "object", "properties": inside, "additionalProperties": False}
    if isinstance(kind, Code) and kind.table in by_name.FLAGS:
        return {"type": ["boolean", "string"]} if kind.table != "yes_no" else {"type": "boolean"}
    if isinstance(kind, Number):
        return {"type": "integer", "minimum": kind.low, "maximum": kind.high}
    if isinstance(kind, Day):
        return {"type": "string"} | (
            {"examples": ["2027-01-31", ENDLESS]} if kind.endless else {"format": "date"}
        )
    if isinstance(kind, Hour):
        return {"type": "string", "pattern": "^([01][0-9]|2[0-3]):?[0-5][0-9]$"}
    value: Described = {
        "type": "string",
        "minLength": 1,
        "maxLength": kind.length_max,
        "examples": [kind.example],
    }
    if isinstance(kind, Code) and len(codes := kind.among or choices(kind.table)) <= CHOICES_SHOWN_MAX:
        value["enum"] = list(codes)
    return value
