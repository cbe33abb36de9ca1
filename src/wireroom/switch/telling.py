"""Turns what must be told unasked into journal entries and deliveries, each under one number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from wireroom.catalog.index import Catalogue
from wireroom.journal.entry import Entry
from wireroom.journal.numbers import BATCH_MAX
from wireroom.journal.tags import Tag
from wireroom.message.answer import Delivery, Notification
from wireroom.message.notification import notice_title, write_notice
from wireroom.policy.directory import Directory

NOTICE = "notice"


def told(
    notices: Sequence[Notification],
    *,
    directory: Directory,
    catalogue: Catalogue,
    numbers: Callable[[int], list[int]],
    at: datetime,
    transaction: int = 0,
) -> tuple[list[Entry], list[Delivery]]:
    """The entries and deliveries of notices. What nobody can be reached for is written down as undelivered."""
    if not notices:
        return [], []
    entries: list[Entry] = []
    deliveries: list[Delivery] = []
    at_iso = at.isoformat(timespec="milliseconds")
    for number, notice in zip(_several(numbers, len(notices)), notices, strict=True):
        terminals = directory.desks(notice.to, test=notice.test)
        text = write_notice(notice, catalogue)
        detail: dict[str, object] = {
            "code": notice.code,
            "to": notice.to,
            "terminals": list(terminals),
            "text": text,
        }
        if notice.number:
            detail["record"] = notice.number
        if notice.test:
            detail["test"] = True
        tag = Tag.NOTICE_GIVEN if terminals else Tag.NOTICE_UNDELIVERED
        entries.append(Entry(number, tag, at, transaction, detail=detail))
        deliveries.extend(
            Delivery(
                number=number,
                terminal=terminal,
                transaction=0,
                kind=NOTICE,
                source=notice.code,
                state=NOTICE,
                title=notice_title(notice),
                text=text,
                hits=notice.hits,
                at=at_iso,
                asked=notice.code,
            )
            for terminal in terminals
        )
    return entries, deliveries


def _several(numbers: Callable[[int], list[int]], many: int) -> list[int]:
    """So many numbers: one batch has no more than BATCH_MAX, and what is due at once may want more."""
    return [one for at in range(0, many, BATCH_MAX) for one in numbers(min(BATCH_MAX, many - at))]
