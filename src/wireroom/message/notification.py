"""Writes what an agency is told unasked, the `$.` messages, as text."""

from __future__ import annotations

from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Notification
from wireroom.message.reply import hit_lines, wording


def notice_title(notice: Notification) -> str:
    """What the notice is about in one sentence, in capitals."""
    words = wording()[f"notice.{notice.code.strip('$.').lower()}"]
    return f"{words} {notice.number}".rstrip()


def write_notice(notice: Notification, catalogue: Catalogue) -> str:
    """The whole notice: its code, what it says, and the records that it is about."""
    lines = [f"{notice.code}{notice.to}", notice_title(notice), *notice.text.split("\n")]
    for hit in notice.hits:
        lines.extend(("", *hit_lines(hit, catalogue, found=False)))
    return "\n".join(lines)
