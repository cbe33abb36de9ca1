"""Every message key with its fields, in words, as the HTTP API shows it."""

from __future__ import annotations

import msgspec

from wireroom.catalog.file import Field, Verb
from wireroom.catalog.index import Catalogue, Form
from wireroom.catalog.kinds import Code
from wireroom.web.shapes import Value


class FieldShown(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a message key."""

    code: str
    title: str
    words: str  # what is expected
    example: str
    length_max: int
    required: bool
    many: int
    table: str = ""  # the code table, where the value is one of its codes
    among: tuple[str, ...] = ()  # the codes of the table that may stand here; empty: all
    note: str = ""


class FormShown(msgspec.Struct, frozen=True, kw_only=True):
    """One message key: what it does and takes."""

    key: str
    verb: Verb
    title: str
    files: tuple[str, ...]
    fields: tuple[FieldShown, ...]
    rules: tuple[str, ...]
    says: tuple[Value, ...] = ()  # what the key says by itself, and need not be sent


class CatalogueShown(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that may be said."""

    forms: tuple[FormShown, ...]


def catalogue_shown(catalogue: Catalogue) -> CatalogueShown:
    """The forms of a catalogue in the order of their keys, in words."""
    return CatalogueShown(forms=tuple(_form(form) for _, form in sorted(catalogue.forms.items())))


def _form(form: Form) -> FormShown:
    return FormShown(
        key=form.key,
        verb=form.verb,
        title=form.title,
        files=tuple(file.code for file in form.files),
        fields=tuple(_field(field) for field in form.fields),
        rules=tuple(rule.words for rule in form.rules),
        says=tuple(Value(code, value) for code, value in form.says),
    )


def _field(field: Field) -> FieldShown:
    kind = field.kind
    return FieldShown(
        code=field.code,
        title=field.title,
        words=kind.words,
        example=kind.example,
        length_max=kind.length_max,
        required=field.required,
        many=field.many,
        note=field.note,
        table=kind.table if isinstance(kind, Code) else "",
        among=kind.among if isinstance(kind, Code) else (),
    )
