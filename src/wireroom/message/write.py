"""Writes a message as dotted text: the inverse of reading."""

from __future__ import annotations

from wireroom.message.envelope import Message


def write(message: Message, ori: str = "") -> str:
    """The one dotted text of a message; `read(write(message))` gives the message again. `ori`: for whom it is said."""
    head = (message.key, ori) if ori else (message.key,)
    return ".".join((*head, *(f"{code}/{value}" for code, value in message.fields)))
