"""Rules on one message: whether this seat may send it for this purpose, and which rule says no.

Pure: the same message from the same seat gets the same ruling, always. What no rule knows is refused.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

from wireroom.catalog.file import COURT, File, Verb
from wireroom.catalog.index import Form
from wireroom.message.envelope import Arrival, Message
from wireroom.policy import fitness
from wireroom.policy.fitness import USUAL, Demands

log = logging.getLogger(__name__)


class Role(StrEnum):
    """What a person is here to do. One person has one role; a second duty is a second account."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"  # an operator who also answers for what the agency broadcasts
    INQUIRY = "inquiry"
    CLERK = "clerk"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    DOJ = "doj"  # the department that runs the state's files
    FACILITY = "facility"  # reports prohibitions, and sees nothing
    COURT = "court"  # enters and keeps the orders of a court, and sees nothing else


_CHANGES = frozenset(
    {Verb.ENTER, Verb.MODIFY, Verb.SUPPLEMENT, Verb.STRIKE, Verb.LOCATE, Verb.CLEAR, Verb.CANCEL}
)
_VOUCHES = frozenset({Verb.VERIFY, Verb.VALIDATE})
# What whoever may ask may also do: see what waits for the agency, have a hit confirmed, write to a record's owner.
_ASKS = frozenset({Verb.INQUIRE, Verb.LIST, Verb.MESSAGE, Verb.CONFIRM, Verb.REPLY, Verb.REPORT})

# Whoever owns a record answers for it: verifies and validates it, and says whether a hit on it stands.
_KEEPS_ORDERS = frozenset(
    {Verb.INQUIRE, Verb.ENTER, Verb.MODIFY, Verb.SUPPLEMENT, Verb.STRIKE, Verb.CLEAR, Verb.CANCEL, Verb.VERIFY,
     Verb.VALIDATE, Verb.LIST, Verb.MESSAGE, Verb.REPLY}
)  # fmt: skip

# What each role may do, verb by verb. Who gives out the rights and who reads the journal afterwards never
# look anybody up: duties are kept apart (CJIS Security Policy AC-5 and AC-6).
MAY: Mapping[Role, frozenset[Verb]] = MappingProxyType(
    {
        Role.OPERATOR: _ASKS | _CHANGES | _VOUCHES,
        Role.SUPERVISOR: _ASKS | _CHANGES | _VOUCHES | {Verb.APPROVE},
        Role.INQUIRY: _ASKS,
        Role.CLERK: _ASKS | _CHANGES | _VOUCHES,
        Role.ADMINISTRATOR: frozenset({Verb.MESSAGE}),
        Role.AUDITOR: frozenset(),
        Role.DOJ: _ASKS | _CHANGES | _VOUCHES | {Verb.RESTRAIN, Verb.APPROVE},
        Role.COURT: _KEEPS_ORDERS,
        Role.FACILITY: frozenset({Verb.ENTER, Verb.MODIFY, Verb.CLEAR, Verb.CANCEL, Verb.MESSAGE}),
    }
)

WIDE = "W"
MAY_WIDELY = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.CLERK, Role.DOJ})

CRIMINAL_JUSTICE = "C"
IMMIGRATION = "I"


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """May it go, and if not, by which rule. The reason is neutral: it tells nothing about any record."""

    allowed: bool
    rule: str = ""  # the rule that refused; empty when allowed
    reason: str = ""
    purpose: str = ""  # the purpose that counts: the text's own, or else the session's
    test: bool = False  # from a training seat: it may meet training records only


class Case(msgspec.Struct, frozen=True):
    """What the rules look at."""

    message: Message
    form: Form
    arrival: Arrival
    ways: frozenset[str] = frozenset()  # on which ways the seat's agency is approved to enter orders
    demands: Demands = USUAL  # what is asked of people

    @property
    def purpose(self) -> str:
        """The purpose that the text names, or the one that stands on the session."""
        return self.message.get("PUR") or self.arrival.purpose


class Rule(msgspec.Struct, frozen=True):
    """One named rule: it holds or it does not."""

    name: str
    sentence: str  # for the person refused and for the manual
    holds: Callable[[Case], bool]


def _seat_is_bound(case: Case) -> bool:
    seat = case.arrival.seat
    return bool(seat.terminal and seat.ori and seat.person)


def _form_is_the_messages(case: Case) -> bool:
    return bool(case.message.key) and case.message.key == case.form.key and isinstance(case.form.verb, Verb)


def _role_is_known(case: Case) -> bool:
    return case.arrival.seat.role in MAY


def _person_is_cleared(case: Case) -> bool:
    return fitness.cleared(case.arrival.seat, case.arrival.at)


def _statement_is_signed(case: Case) -> bool:
    return fitness.signed(case.arrival.seat, case.demands)


def _person_is_trained(case: Case) -> bool:
    return fitness.trained(case.arrival.seat, case.arrival.at, case.demands)


def _person_is_authorised(case: Case) -> bool:
    return fitness.authorised(case.arrival.seat, case.arrival.at)


def _role_may(case: Case) -> bool:
    return case.form.verb in MAY[Role(case.arrival.seat.role)]


def _file_is_of_the_role(case: Case) -> bool:
    """Some files are entered by a few roles only, and a role that only reports enters into no other file."""
    role, files = case.arrival.seat.role, case.form.files
    if role == Role.FACILITY:
        return case.form.verb is Verb.MESSAGE or (
            bool(files) and all(role in one.entered_by for one in files)
        )
    if role == Role.COURT and case.form.verb in _CHANGES:
        return all(map(_is_of_courts, files))
    if case.form.verb is not Verb.ENTER:
        return True
    return all(not one.entered_by or role in one.entered_by for one in files)


def _file_is_read_by_the_seat(case: Case) -> bool:
    """What is told to law enforcement alone: others may enter it, and see nothing of it afterwards.

    Of the keys that reach the records of every file, the holder of the records leaves out what the seat may not see.
    """
    if case.form.verb is Verb.ENTER or not case.form.files:
        return True
    seat = case.arrival.seat
    return any(one.read_of(seat.role, seat.ori) for one in case.form.files)


def is_court(ori: str) -> bool:
    """Whether an agency is a court, by its ORI."""
    return ori.endswith(COURT)


def _is_of_courts(file: File) -> bool:
    """Whether a file holds orders of courts, or what is attached to them."""
    return bool(file.court) or file.attached is not None


def _changes_orders(form: Form) -> bool:
    return form.verb in _CHANGES and any(map(_is_of_courts, form.files))


def _court_asks_about_orders(case: Case) -> bool:
    """What else is on file about a person is for law enforcement."""
    if case.arrival.seat.role != Role.COURT or case.form.verb is not Verb.INQUIRE:
        return True
    return all(one.court for one in case.form.files)


def _court_is_approved(case: Case) -> bool:
    """Police enter orders by law; a court, and whoever works as one, where DOJ approved this way of entering."""
    seat = case.arrival.seat
    if not _changes_orders(case.form) or not (seat.role == Role.COURT or is_court(seat.ori)):
        return True
    return case.arrival.way in case.ways


def _court_is_its_own(case: Case) -> bool:
    """A court enters no order of another court, and makes none of its own another's."""
    seat = case.arrival.seat
    if not _changes_orders(case.form) or not is_court(seat.ori):
        return True
    named = {value for one in case.form.files if one.court for value in case.message.all(one.court)}
    return named <= {seat.ori}


def _courtesy_is_of_the_file(case: Case) -> bool:
    """What a few roles alone may enter, nobody makes the record of an agency that has no such role."""
    return not case.message.get("CTA") or not any(one.entered_by for one in case.form.files)


def _record_is_not_for_who_may_not_ask(case: Case) -> bool:
    """A message that names a record is told whether there is one: only whoever acts on records is told that."""
    seat = case.arrival.seat
    if case.form.verb is not Verb.MESSAGE or not case.message.get("FCN"):
        return True
    return Verb.CONFIRM in MAY[Role(seat.role)] and not is_court(seat.ori)


def _purpose_is_given(case: Case) -> bool:
    return bool(case.purpose) or case.form.verb is not Verb.INQUIRE


def _purpose_is_not_immigration(case: Case) -> bool:
    return case.purpose != IMMIGRATION


def _purpose_is_known(case: Case) -> bool:
    return case.purpose in {"", CRIMINAL_JUSTICE}


def _wide_is_of_the_role(case: Case) -> bool:
    return case.message.get("SRH") != WIDE or case.arrival.seat.role in MAY_WIDELY


# In this order, the first that does not hold gives the refusal its name.
RULES: tuple[Rule, ...] = (
    Rule("seat-bound", "A message is sent by a person signed in at a terminal of an agency.", _seat_is_bound),
    Rule("key-declared", "Only a message key of the catalogue may be sent.", _form_is_the_messages),
    Rule("role-known", "The role of this account is not one that may send.", _role_is_known),
    Rule("cleared", fitness.SENTENCES["cleared"], _person_is_cleared),
    Rule("statement-signed", fitness.SENTENCES["statement-signed"], _statement_is_signed),
    Rule("trained", fitness.SENTENCES["trained"], _person_is_trained),
    Rule("authorised", fitness.SENTENCES["authorised"], _person_is_authorised),
    Rule("role-may", "The role of this account does not include this message key.", _role_may),
    Rule("file-reader", "Records of this file are shown to law enforcement only.", _file_is_read_by_the_seat),
    Rule(
        "record-named",
        "Your account does not ask about all records, so its messages name none in FCN.",
        _record_is_not_for_who_may_not_ask,
    ),
    Rule("file-role", "The role of this account does not enter records of this file.", _file_is_of_the_role),
    Rule(
        "orders-only", "The role of this account asks about orders of courts only.", _court_asks_about_orders
    ),
    Rule("court-approved", "Your court is not approved to enter orders in this way.", _court_is_approved),
    Rule("own-court", "A court enters orders of its own court only.", _court_is_its_own),
    Rule(
        "own-agency", "Records of this file are entered for one's own agency only.", _courtesy_is_of_the_file
    ),
    Rule(
        "purpose-required",
        "An inquiry names its purpose: add PUR, or set the purpose of the session.",
        _purpose_is_given,
    ),
    Rule(
        "purpose-immigration",
        "These files may not be used for immigration enforcement (AB 1747).",
        _purpose_is_not_immigration,
    ),
    Rule(
        "wide-search",
        "A wide search shows people who are probably not meant: the role of this account does not include it.",
        _wide_is_of_the_role,
    ),
    Rule("purpose-known", "The purpose is not one of the catalogue's codes.", _purpose_is_known),
)
NOT_DECIDED = "not-decided"


def rule(
    message: Message,
    form: Form,
    arrival: Arrival,
    ways: frozenset[str] = frozenset(),
    demands: Demands = USUAL,
) -> Ruling:
    """Whether a message may go, and under which purpose. Never raises: what cannot be decided is refused.

    `ways` are those on which the seat's agency is approved to enter orders of a court; `demands` what is asked of
    people.
    """
    case = Case(message, form, arrival, ways, demands)
    try:
        purpose, test = case.purpose, bool(arrival.seat.test)
        for one in RULES:
            if not one.holds(case):
                return Ruling(allowed=False, rule=one.name, reason=one.sentence, purpose=purpose, test=test)
    except Exception as error:  # a fault of ours must not open the door
        log.error("a rule failed with %s; the message is refused", type(error).__name__)
        return Ruling(
            allowed=False, rule=NOT_DECIDED, reason="The rules could not be applied; nothing was sent."
        )
    return Ruling(allowed=True, purpose=purpose, test=test)
