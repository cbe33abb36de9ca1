"""Reads a text in the dialect of the way on which it came: every way ends at the same check."""

from __future__ import annotations

from datetime import date

from wireroom.catalog.index import Catalogue, Form
from wireroom.message import by_name, niem
from wireroom.message.command import command
from wireroom.message.document import Document
from wireroom.message.envelope import Reading, Way


def read_as(way: Way, text: str, catalogue: Catalogue, *, ori: str, today: date) -> Reading:
    """The message of a text, or every fault in it. Dotted text and the one box share a reader."""
    match way:
        case Way.JSON:
            return by_name.read(text, catalogue, today=today)
        case Way.NIEM:
            return niem.read(text, catalogue, today=today)
    return command(text, catalogue, ori=ori, today=today)


def where(way: Way, form: Form, code: str) -> str:
    """Where a field stands in a document."""
    return niem.path_of(code) if way is Way.NIEM else by_name.place_of(form, code)


def document_of(way: Way, text: str, catalogue: Catalogue, today: date) -> Document:
    """What a document says before it is checked."""
    if way is Way.NIEM:
        return niem.document(text, catalogue, today)
    return by_name.document(text, catalogue, today)
