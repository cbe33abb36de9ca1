"""What administration takes and gives over HTTP, and the call behind each: who, from where, for what need."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from wireroom.message.envelope import Seat

LIMIT, LIMIT_MAX = 100, 1_000
SERVES_MAX = 500  # agencies for which one asks
Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=32, examples=["ada.dispatch"])]
Ori = Annotated[str, msgspec.Meta(pattern="^([A-Z]{2}[A-Z0-9]{7})?$", examples=["CA0990100"])]
Why = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Serial = Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{1,40}$")]
Mnemonic = Annotated[str, msgspec.Meta(pattern="^[A-Z0-9]{4}$", examples=["ZD01"])]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls, as the session has it, and what stands beside every act of administration."""

    seat: Seat
    peer: str  # the network address
    need: str = ""  # in words, as it was stated
    proven: datetime | None = None  # when both factors were last shown; None: never


# --------------------------------------------------------------------------- accounts


class AccountAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account that somebody is to have."""

    person: Identifier
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    role: str
    words: Annotated[Why, msgspec.Meta(description="why it is needed")]
    ori: Annotated[
        Ori,
        msgspec.Meta(description="the agency; one's own where it is left out, and only DOJ names another"),
    ] = ""


class RequestMade(msgspec.Struct, frozen=True):
    """By which number somebody else decides."""

    request: str


class Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody else than who asked decides."""

    request: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    approve: bool
    words: Annotated[str, msgspec.Meta(max_length=200, description="why, where it is refused")] = ""


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it. The authenticator's secret is told once, and to who approved alone."""

    request: str
    person: str
    decision: str
    authenticator: Annotated[
        str,
        msgspec.Meta(
            description="otpauth address for the person's authenticator; empty where it was refused"
        ),
    ] = ""

    def __repr__(self) -> str:
        return "Decided(…)"


class Collect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which account's first password somebody collects who asked for it."""

    request: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class FirstPassword(msgspec.Struct, frozen=True, kw_only=True):
    """Told once, and to who asked alone: whoever approved has the authenticator's secret instead."""

    person: str
    password: str

    def __repr__(self) -> str:
        return "FirstPassword(…)"


class RequestShown(msgspec.Struct, frozen=True, kw_only=True):
    """An account that was asked for."""

    request: str
    person: str
    name: str
    ori: str
    role: str
    words: str
    asked_by: str
    asked_at: datetime
    decision: str
    decided_by: str
    decided_at: datetime | None
    decided_for: str


class RequestsShown(msgspec.Struct, frozen=True):
    """Those asked for, the newest first."""

    requests: tuple[RequestShown, ...]
    after: Annotated[
        str, msgspec.Meta(description="send it as `after` for what follows; empty: this is all")
    ] = ""


class AccountShown(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it stands."""

    person: str
    name: str
    ori: str
    role: str
    enabled: bool
    locked: bool
    disabled_for: str
    ends_at: datetime | None
    used_at: datetime  # the last use, or when it was added
    unused_days: int
    reviewed: date | None
    reviewed_by: str
    review_by: date  # when the next look at it is due
    overdue: bool


class AccountsShown(msgspec.Struct, frozen=True):
    """Accounts in the order of the identifiers."""

    accounts: tuple[AccountShown, ...]
    after: str = ""


class AccountChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of an account."""

    person: Identifier
    act: Literal["enable", "suspend", "stop", "unlock"]
    keep_device: Annotated[
        bool, msgspec.Meta(description="with stop: trust the devices still at which the person is signed in")
    ] = False


class AccountChanged(msgspec.Struct, frozen=True, kw_only=True):
    """What ended with it."""

    person: str
    act: str
    sessions_ended: int = 0
    certificates_revoked: tuple[str, ...] = ()


class RoleChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another role. Every right ends until the person is authorised anew."""

    person: Identifier
    role: str


class ReviewGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody looked at an account: it is needed, and its role is right."""

    person: Identifier
    day: date | None = None
    good: Annotated[bool, msgspec.Meta(description="false: it is not; change or disable it")] = True


# --------------------------------------------------------------------------- devices, terminals, agreements


class DeviceShown(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate of a device, and how it stands."""

    serial: str
    fingerprint: str
    terminal: str
    ori: str
    encrypted: bool
    managed: bool
    located: bool
    issued_at: datetime
    issued_by: str
    ends_at: datetime
    state: Annotated[str, msgspec.Meta(description="stands, over, or revoked")]
    revoked_at: datetime | None
    revoked_for: str
    revoked_by: str


class DevicesShown(msgspec.Struct, frozen=True):
    """Certificates by terminal."""

    devices: tuple[DeviceShown, ...]
    after: str = ""


class PostureGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the agency says of a device from now on."""

    serial: Serial
    encrypted: bool
    managed: bool
    located: bool


class Revocation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A certificate, or all of a terminal, that is trusted no more."""

    name: Annotated[str, msgspec.Meta(pattern="^[0-9a-zA-Z]{1,40}$", description="a serial, or a terminal")]
    why: Why


class Loss(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device that is lost or stolen: its certificates are trusted no more, and its sessions end."""

    name: Annotated[str, msgspec.Meta(pattern="^[0-9a-zA-Z]{1,40}$", description="a serial, or a terminal")]
    words: Annotated[Why, msgspec.Meta(description="where and when")]


class TerminalShown(msgspec.Struct, frozen=True, kw_only=True):
    """A terminal: what stands there, and whether it locks when nobody uses it."""

    terminal: str
    ori: str
    kind: Annotated[str, msgspec.Meta(description="its place: fixed, mobile, printer or interface")]
    device: Annotated[str, msgspec.Meta(description="its class; all but ordinary are exempt from the lock")]
    title: str
    enabled: bool
    test: bool


class TerminalsShown(msgspec.Struct, frozen=True):
    """Terminals by their mnemonics."""

    terminals: tuple[TerminalShown, ...]
    after: str = ""


class TerminalChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing about a terminal: its class, or whether it may be used."""

    terminal: Mnemonic
    device: Literal["", "ordinary", "vehicle", "dispatch", "receive-only"] = ""
    enabled: bool | None = None


class AgreementShown(msgspec.Struct, frozen=True, kw_only=True):
    """What an agency agreed with the state."""

    ori: str
    name: str
    files: Annotated[tuple[str, ...], msgspec.Meta(description="codes of files; empty: every file")]
    until: datetime | None
    stands: bool
    serves: Annotated[
        tuple[str, ...], msgspec.Meta(description="ORIs of agencies for which it asks too")
    ] = ()


class AgreementsShown(msgspec.Struct, frozen=True):
    """Agreements by agency."""

    agreements: tuple[AgreementShown, ...]
    after: str = ""


class AgreementGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an agency's agreement covers from now on. For DOJ."""

    ori: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}[A-Z0-9]{7}$")]
    files: Annotated[tuple[str, ...], msgspec.Meta(max_length=200)] = ()
    until: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    ended: Annotated[
        bool, msgspec.Meta(description="it ends now: nobody of the agency sends anything more")
    ] = False
    serves: Annotated[
        tuple[Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}[A-Z0-9]{7}$")], ...],
        msgspec.Meta(
            max_length=SERVES_MAX, description="agencies for which it asks too, named in OBA of each inquiry"
        ),
    ] = ()


# --------------------------------------------------------------------------- reports


class UseShown(msgspec.Struct, frozen=True, kw_only=True):
    """How often somebody asked one kind of thing."""

    person: str
    purpose: str
    file: Annotated[str, msgspec.Meta(description="codes of files with commas, as the message key asks them")]
    times: int
    after_hours: Annotated[
        int, msgspec.Meta(description="of these, between 22:00 and 06:00 by the clock of the place")
    ]


class RefusedShown(msgspec.Struct, frozen=True, kw_only=True):
    """How often a rule refused somebody."""

    person: str
    rule: Annotated[str, msgspec.Meta(description="`faulty` where the text could not be read")]
    times: int


class UnexplainedShown(msgspec.Struct, frozen=True, kw_only=True):
    """How many inquiries of somebody nothing explains."""

    person: str
    times: int


class AccessReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an agency's people asked in a time: how often, and never about whom. All but `used` is in the first part."""

    ori: str
    since: datetime
    until: datetime
    used: tuple[UseShown, ...]
    refused: tuple[RefusedShown, ...]
    unexplained: tuple[UnexplainedShown, ...]
    unread: Annotated[int, msgspec.Meta(description="entries that could not be opened")] = 0
    after: Annotated[str, msgspec.Meta(description="for what follows of `used`; empty: this is all")] = ""


class AskedShown(msgspec.Struct, frozen=True, kw_only=True):
    """One asking as the journal has it, without what was asked about and without an answer."""

    number: str
    at: datetime
    what: str
    terminal: str
    key: str
    purpose: str
    files: tuple[str, ...]
    case: str
    rule: str
    after_hours: bool


class PersonReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one person asked, the newest first."""

    person: str
    since: datetime
    until: datetime
    asked: tuple[AskedShown, ...]
    after: Annotated[str, msgspec.Meta(description="for what is older; empty: this is all")] = ""


class ReportWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Of which time, of whom, and how much at once."""

    since: datetime
    until: datetime
    person: str = ""
    after: str = ""
    limit: int = LIMIT
