"""What a record is in one line, for people who read many."""

from __future__ import annotations

from wireroom.catalog.file import Field, File
from wireroom.catalog.kinds import Code


def described(file: File, fields: tuple[tuple[str, str], ...]) -> str:
    """What a record is, in one line: the fields that the file calls its headline, codes as words."""
    values = dict(fields)
    said = []
    for code in file.headline:
        if code in values:
            field = file.field(code)
            words = shown(field, values[code])
            said.append(words.removeprefix(f"{values[code]} ") if isinstance(field.kind, Code) else words)
    return " · ".join(said)


def shown(field: Field, value: str) -> str:
    """A value for people. One from elsewhere may not have our form: it is shown as it came."""
    try:
        return field.kind.show(value)
    except (ValueError, IndexError):
        return value
