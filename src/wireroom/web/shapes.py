"""What the HTTP API takes and gives, as JSON.

Journal and delivery numbers are strings here: they have up to 63 bits, and many readers of JSON keep only 53.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from wireroom.message.answer import Delivery, Receipt
from wireroom.message.reason import ReasonKind
from wireroom.web.session import Session

Number = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,19}$", examples=["929292929292929"])]
Words = Annotated[str, msgspec.Meta(max_length=256)]
TEXT_MAX = 16_384
ACKNOWLEDGED_MAX = 1_000


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who signs in, with both factors, and at which terminal."""

    person: Words
    password: Annotated[str, msgspec.Meta(max_length=1024)]
    code: Annotated[str, msgspec.Meta(max_length=16, description="the six digits of the one-time code")]
    terminal: Words
    acknowledged: Annotated[
        bool,
        msgspec.Meta(
            description="the person was shown the notice and acknowledged it; without it the answer is 403, code "
            "`notice`, and the reason is the notice"
        ),
    ] = False

    def __repr__(self) -> str:
        return "SignIn(…)"


class Factors(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Both factors again, of whoever is signed in."""

    password: Annotated[str, msgspec.Meta(max_length=1024)]
    code: Annotated[str, msgspec.Meta(max_length=16, description="the six digits of the one-time code")]

    def __repr__(self) -> str:
        return "Factors(…)"


class Transaction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text to send."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX, examples=["QV.LIC/9ZZZ001.LIS/CA"])]
    purpose: Annotated[str, msgspec.Meta(max_length=8, description="used where the text has no PUR")] = ""
    case: Annotated[str, msgspec.Meta(max_length=20, description="the incident, case or warrant")] = ""
    kind: Annotated[ReasonKind, msgspec.Meta(description="of the reason, where the text has no RSK")] = (
        ReasonKind.UNSAID
    )
    requester: Annotated[
        str, msgspec.Meta(max_length=30, description="for whom, where the text has no ATN")
    ] = ""
    agency: Annotated[
        str,
        msgspec.Meta(
            max_length=9, description="for which agency, where yours asks for others and the text has no OBA"
        ),
    ] = ""
    words: Annotated[
        str, msgspec.Meta(max_length=200, description="the reason, where the text has no RMK")
    ] = ""
    box: Annotated[bool, msgspec.Meta(description="read the text as the one box does")] = False

    def __repr__(self) -> str:
        return "Transaction(…)"


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Deliveries that were shown, and need not be sent again."""

    numbers: Annotated[tuple[Number | int, ...], msgspec.Meta(min_length=1, max_length=ACKNOWLEDGED_MAX)]


class FieldFault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing wrong with one field."""

    field: str
    reason: str
    at: Annotated[
        str, msgspec.Meta(description="where in a document: a path in JSON, an element's in XML")
    ] = ""


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Why nothing was done, in words for a person and one word for a program."""

    code: str
    reason: str
    fields: tuple[FieldFault, ...] = ()
    transaction: Number | None = None  # where the refusal itself stands in the journal


class Error(msgspec.Struct, frozen=True):
    """The one shape of every error."""

    error: Trouble


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A session. Send the token as `Authorization: Bearer …`; it is told this once."""

    token: str
    person: str
    name: str
    role: str
    agency: str
    ori: str
    terminal: str
    test: bool
    since: str
    idle_until: str


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt: the transaction is in the journal, and so many sources answer for themselves."""

    number: Number
    state: str
    understood: str
    sources: tuple[str, ...]
    unexplained: Annotated[
        bool, msgspec.Meta(description="nothing explains it: ask the person, and POST /api/v1/reasons")
    ] = False


class Value(msgspec.Struct, frozen=True):
    """One value of one field; a field that repeats stands once for each."""

    field: str
    value: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One record found."""

    file: str
    number: str
    owner: str
    status: str
    fields: tuple[Value, ...]
    tier: Annotated[str, msgspec.Meta(description="possible or wide where it may be somebody else")]
    why: str


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """One thing for a terminal: an answer, a message, a notice."""

    number: Number
    transaction: Number
    kind: Annotated[
        str,
        msgspec.Meta(
            description="answer, refusal or fault to what was sent; mail or notice, which come unasked. A notice tells "
            "of a record of yours, or that one came which you had asked for: its source is $.L. for a locate, $.H. for "
            "a delayed hit"
        ),
    ]
    source: str
    state: str
    title: str
    text: str
    hits: tuple[Found, ...]
    part: int
    parts: int
    at: str
    asked: str
    key: str


class End(msgspec.Struct, frozen=True, kw_only=True):
    """The last event of a transaction's stream: `complete`, or `deadline` when an answer is still missing."""

    reason: str
    answers: int


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One source, and whether it can be asked now."""

    name: str
    up: bool
    since: str
    waiting: int


class Links(msgspec.Struct, frozen=True):
    """Every source."""

    links: tuple[Link, ...]


class Health(msgspec.Struct, frozen=True):
    """`ok`, or `degraded` when a source cannot be asked; and how many alarms there are, for the operator."""

    state: str
    alarms: int


def signed_in(session: Session) -> SignedIn:
    """What the API tells of a session that was just opened."""
    seat = session.seat
    return SignedIn(
        token=session.token, person=seat.person, name=session.name, role=seat.role, agency=session.agency,
        ori=seat.ori, terminal=seat.terminal, test=seat.test, since=session.since,
        idle_until=session.idle_until,
    )  # fmt: skip


def received(receipt: Receipt) -> Received:
    """What the API tells of a receipt that was not refused."""
    return Received(
        number=str(receipt.number),
        state=receipt.state,
        understood=receipt.understood,
        sources=receipt.sources,
        unexplained=receipt.unexplained,
    )


def delivered(delivery: Delivery) -> Delivered:
    """A delivery as the API sends it."""
    hits = tuple(
        Found(file=hit.file, number=hit.number, owner=hit.owner, status=hit.status, tier=hit.tier, why=hit.why,
              fields=tuple(Value(code, value) for code, value in hit.fields))
        for hit in delivery.hits
    )  # fmt: skip
    return Delivered(
        number=str(delivery.number), transaction=str(delivery.transaction), kind=delivery.kind,
        source=delivery.source, state=delivery.state, title=delivery.title, text=delivery.text, hits=hits,
        part=delivery.part, parts=delivery.parts, at=delivery.at, asked=delivery.asked, key=delivery.key,
    )  # fmt: skip
