"""What the doors take and give about reasons: the CAD's words, what waits for a word, what was run in whose name."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from wireroom.message.reason import REFERENCE_MAX, REQUESTER_MAX, WORDS_MAX, Reason, ReasonKind
from wireroom.policy import cad
from wireroom.switch.reasons import Kept
from wireroom.web.trouble import INTERFACE, Refuse


class ReasonGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an inquiry was for, said afterwards by the person who made it."""

    transaction: Annotated[str, msgspec.Meta(pattern="^[0-9]{1,19}$", description="number of its receipt")]
    kind: ReasonKind = ReasonKind.UNSAID
    reference: Annotated[str, msgspec.Meta(max_length=REFERENCE_MAX)] = ""
    requester: Annotated[str, msgspec.Meta(max_length=REQUESTER_MAX)] = ""
    words: Annotated[str, msgspec.Meta(max_length=WORDS_MAX)] = ""


class ReasonShown(msgspec.Struct, frozen=True, kw_only=True):
    """An inquiry and its reason. What was asked about is not shown: the journal has it."""

    transaction: str
    at: datetime
    asked: Annotated[str, msgspec.Meta(description="the message key")]
    ori: str
    terminal: str
    person: str
    kind: str
    reference: str
    requester: str
    words: str
    verdict: str
    incident: str
    due_at: Annotated[datetime | None, msgspec.Meta(description="when it is looked at again")]


class ReasonsShown(msgspec.Struct, frozen=True):
    """Inquiries, the newest first."""

    reasons: tuple[ReasonShown, ...]


class CadGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Incidents as they stand in a CAD, each after one change there."""

    incidents: Annotated[tuple[cad.Word, ...], msgspec.Meta(min_length=1, max_length=cad.WORDS_MAX)]


class CadTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of them."""

    taken: int
    repeated: Annotated[int, msgspec.Meta(description="came before under the same key")]
    overtaken: Annotated[int, msgspec.Meta(description="older than what stands: kept, and changes nothing")]
    afterwards: Annotated[
        tuple[str, ...], msgspec.Meta(description="references of incidents changed after they had closed")
    ]


def reasons_shown(found: Sequence[Kept]) -> ReasonsShown:
    """Inquiries as the API shows them."""
    return ReasonsShown(
        tuple(
            ReasonShown(
                transaction=str(one.transaction), at=one.at, asked=one.asked, ori=one.ori, terminal=one.terminal,
                person=one.person, kind=one.kind, reference=one.reference, requester=one.requester, words=one.words,
                verdict=one.verdict, incident=one.incident, due_at=one.due_at,
            )
            for one in found
        )
    )  # fmt: skip


def reason_given(given: ReasonGiven) -> tuple[int, Reason]:
    """Of which inquiry, and the reason as the house takes it."""
    reason = Reason(kind=given.kind, reference=given.reference.strip().upper(),
                    requester=given.requester.strip().upper(), words=given.words.strip())  # fmt: skip
    return min(int(given.transaction), 2**63 - 1), reason


def interface_of(authorization: str) -> tuple[str, str]:
    """The terminal and the secret of a header of HTTP's Basic kind. Raises Refuse."""
    kind, _, rest = authorization.partition(" ")
    try:
        terminal, colon, secret = base64.b64decode(rest.strip(), validate=True).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        terminal, colon, secret = "", "", ""
    if kind.lower() != "basic" or not colon or len(terminal) > 9 or len(secret) > 256:
        raise Refuse(
            401, INTERFACE, "Send the interface terminal and its secret as HTTP Basic authentication."
        )
    return terminal.upper(), secret


def taken(kept: cad.Kept) -> CadTaken:
    """What became of a CAD's words, as the API tells it."""
    return CadTaken(
        taken=kept.taken, repeated=kept.repeated, overtaken=kept.overtaken, afterwards=kept.afterwards
    )
