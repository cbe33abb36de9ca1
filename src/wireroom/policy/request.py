"""What the rules look at: one message at one seat as a few plain facts, the same for every message that is alike.

Nothing here decides anything. Each fact is a word or a yes or no, so there are not many requests, and a decision on one
holds for all that are equal to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

import msgspec

from wireroom.catalog.file import COURT, File
from wireroom.catalog.index import RECIPIENTS, Form
from wireroom.catalog.reach import Reach, reach_of
from wireroom.message.envelope import Arrival, Message
from wireroom.message.reason import is_reasoned, reason_of
from wireroom.policy import fitness
from wireroom.policy.agreement import ALL_FILES, Agreement
from wireroom.policy.fitness import USUAL, Demands

WIDE = "W"
CRIMINAL_JUSTICE = "C"
IMMIGRATION = "I"
EMERGENCY = "EMG"


class Own(StrEnum):
    """Whom of their own somebody asks about."""

    NONE = "none"
    SELF = "self"
    HOUSEHOLD = "household"
    DISPUTE = "dispute"  # a case of a court to which they are a party


class Served(StrEnum):
    """For which agency somebody asks, where theirs asks for others too."""

    NONE = "none"  # it asks for none but itself, and names no other
    NAMED = "named"  # one that it serves, or itself
    UNNAMED = "unnamed"  # it serves others, and does not say for which it asks
    OTHER = "other"  # one that it does not serve


class Emergency(StrEnum):
    """Whether the sender says that lives depend on it."""

    NONE = "none"
    DECLARED = "declared"
    OWING = "owing"  # declared, while an earlier one was not explained in time


class Case(msgspec.Struct, frozen=True):
    """One message where it came from, and what is known of its sender and their agency."""

    message: Message
    form: Form
    arrival: Arrival
    ways: frozenset[str] = frozenset()  # on which ways the seat's agency is approved to enter orders
    agreement: Agreement = ALL_FILES  # of the seat's agency
    demands: Demands = USUAL  # what is asked of people
    own: Callable[[Case], Own] = lambda _: Own.NONE

    @property
    def purpose(self) -> str:
        """The purpose that the text names, or the one that stands on the session."""
        return self.message.get("PUR") or self.arrival.purpose


class Request(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """What the rules may speak of, as the schema has it (`cedar/state.cedarschema` says what each is)."""

    role: str
    verb: str

    bound: bool
    place: str
    training: bool
    interface: bool
    court: bool

    cleared: bool
    signed: bool
    trained: bool
    authorised: bool
    other_duty: bool

    declared: bool
    files: bool
    readable: bool
    reserved: bool
    reserved_here: bool
    reserved_all: bool
    orders: bool
    orders_all: bool
    of_courts: bool
    desk_only: bool
    covered: bool
    restricted: bool
    history: bool

    purpose: str
    wide_search: bool
    wide_address: bool
    names_record: bool
    courtesy: bool
    recipients: bool
    reasoned: bool
    served: str
    other_court: bool
    way_approved: bool
    own: str
    emergency: str

    @property
    def context(self) -> dict[str, object]:
        """All but who and what, by the names of the schema."""
        return {name: getattr(self, name) for name in CONTEXT}


CONTEXT = tuple(name for name in Request.__struct_fields__ if name not in ("role", "verb"))


def request_of(case: Case) -> Request:
    """The facts of one message. Raises where a seat, a form or a message is not what it must be."""
    message, form, arrival = case.message, case.form, case.arrival
    seat, files = arrival.seat, form.files
    values = message.values
    purpose = case.purpose
    emergency = EMERGENCY in values
    reason = reason_of(message.get, arrival.reason, arrival.case)
    return Request(
        role=seat.role,
        verb=form.verb.value,
        bound=bool(seat.terminal and seat.ori and seat.person),
        place=seat.place,
        training=bool(seat.test),
        interface=seat.spoken_for,
        court=is_court(seat.ori),
        cleared=fitness.cleared(seat, arrival.at),
        signed=fitness.signed(seat, case.demands),
        trained=fitness.trained(seat, arrival.at, case.demands),
        authorised=fitness.authorised(seat, arrival.at),
        other_duty=seat.facts.other_duty,
        declared=bool(message.key) and message.key == form.key,
        files=bool(files),
        readable=any(one.read_of(seat.role, seat.ori) for one in files),
        reserved=any(one.entered_by for one in files),
        reserved_here=all(seat.role in one.entered_by for one in files if one.entered_by),
        reserved_all=bool(files) and all(seat.role in one.entered_by for one in files),
        orders=any(map(_is_of_courts, files)),
        orders_all=all(map(_is_of_courts, files)),
        of_courts=all(one.court for one in files),
        desk_only=bool(files) and all(one.desk_only for one in files),
        covered=case.agreement.covers((one.code for one in files), arrival.at),
        restricted=any(one.guarded(values) for one in files),
        history=any(one.history for one in files),
        purpose=_PURPOSES.get(purpose, "other"),
        wide_search=WIDE in values.get("SRH", ()),
        wide_address=any(reach_of(one) > Reach.COUNTY for one in values.get("TO", ())),
        names_record=bool(message.get("FCN")),
        courtesy=bool(message.get("CTA")),
        recipients=all(message.get(code).strip() for code in RECIPIENTS),
        reasoned=is_reasoned(reason),
        served=_served(reason.for_agency, seat.ori, case.agreement.serves).value,
        other_court=not _courts(files, values) <= {seat.ori},
        way_approved=arrival.way in case.ways,
        own=case.own(case).value,
        emergency=(Emergency.OWING if seat.facts.owing else Emergency.DECLARED).value
        if emergency
        else Emergency.NONE.value,
    )


def _served(named: str, own: str, serves: tuple[str, ...]) -> Served:
    """For which agency it is asked, by what is named."""
    if named not in ("", own, *serves):
        return Served.OTHER
    if not serves:
        return Served.NONE
    return Served.NAMED if named else Served.UNNAMED


def is_court(ori: str) -> bool:
    """Whether an agency is a court, by its ORI."""
    return ori.endswith(COURT)


def _is_of_courts(file: File) -> bool:
    """Whether a file holds orders of courts, or what is attached to them."""
    return bool(file.court) or file.attached is not None


def _courts(files: tuple[File, ...], values: Mapping[str, tuple[str, ...]]) -> set[str]:
    """The courts that a text names."""
    return {value for one in files if one.court for value in values.get(one.court, ())}


def is_spoken(context: Mapping[str, object]) -> bool:
    """Whether each fact that is a word is one of its words: a rule that forbids some would let any other pass."""
    return all(isinstance(word := context.get(name), str) and word in words for name, words in WORDS.items())


# J and D are purposes of criminal justice too; those after them are not (general knowledge).
_PURPOSES = {
    "": "none", CRIMINAL_JUSTICE: "C", IMMIGRATION: "I", "J": "justice", "D": "justice",
    "E": "civil", "F": "civil", "H": "civil", "S": "civil", "X": "civil",
}  # fmt: skip
WORDS: Mapping[str, frozenset[str]] = {
    "place": frozenset({"fixed", "mobile", "printer", "interface"}),
    "purpose": frozenset({*_PURPOSES.values(), "other"}),
    "own": frozenset(Own),
    "emergency": frozenset(Emergency),
    "served": frozenset(Served),
}
