"""Writes a message as dotted text: the inverse of reading."""

from __future__ import annotations

from wireroom.message.envelope import Message


def write(message: Message) -> str:
    """The one dotted text of a message; `read(write(message))` gives the message again."""
    return ".".join((message.key, *(f"{code}/{value}" for code, value in message.fields)))
