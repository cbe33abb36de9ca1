"""What is left of records that a reader may not see, whatever verb or notice would have shown them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Answer, Hit, Notification
from wireroom.message.envelope import Seat


def veiled(catalogue: Catalogue, answer: Answer, seat: Seat) -> Answer:
    """An answer without what its reader may not see; whoever enters or ends such a record is told its number."""
    hits = tuple(_unless(catalogue, hit, seat.role, seat.ori) for hit in answer.hits)
    notices = tuple(unread(catalogue, answer.notices))
    if hits == answer.hits and notices == answer.notices:
        return answer
    return msgspec.structs.replace(answer, hits=hits, notices=notices)


def unread(catalogue: Catalogue, notices: Sequence[Notification]) -> Iterable[Notification]:
    """Notices, which whoever sits at a terminal reads: of records that few may see they say the number alone."""
    for one in notices:
        hits = tuple(_unless(catalogue, hit, "", "") for hit in one.hits)
        yield one if hits == one.hits else msgspec.structs.replace(one, hits=hits)


def _unless(catalogue: Catalogue, hit: Hit, role: str, ori: str) -> Hit:
    file = catalogue.files.get(hit.file)
    if file is None or file.read_of(role, ori):
        return hit
    shown = file.attached.field if file.attached else ""
    return msgspec.structs.replace(hit, fields=tuple(pair for pair in hit.fields if pair[0] == shown))
