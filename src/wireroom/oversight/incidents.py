"""Incidents and their clocks: where each stands, which step may follow, what is owed until when. Pure.

CJIS Security Policy 5.9.5: IR-6 (told within an hour of discovery), IR-8(1) (who is owed a notice), AC-2(13) (a
dangerous account is disabled within 30 minutes). What is known of an incident stands in its journal entries alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

import msgspec

from wireroom.oversight import IllegalMove, NotTheirs
from wireroom.policy.role import Role

REPORT_WITHIN = timedelta(hours=1)
CONTAIN_WITHIN = timedelta(minutes=30)
CSO_WITHIN = timedelta(hours=1)
STEPS_MAX = 200
MAY_ACT = frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.DOJ})


class Kind(StrEnum):
    """What happened."""

    LOST_DEVICE = "lost-device"
    ACCOUNT = "account"  # somebody is a danger with it, or somebody else has it
    EMERGENCY = "emergency"  # one that nobody explained in time
    JOURNAL = "journal"  # it does not verify
    DISCLOSURE = "disclosure"  # data came to who may not have it
    OTHER = "other"


class State(StrEnum):
    """Where an incident stands."""

    OPENED = "opened"
    REPORTED = "reported"
    CONFIRMED = "confirmed"
    ASSESSED = "assessed"
    CLOSED = "closed"


class Act(StrEnum):
    """What is done with an incident. Each is a step with who and when, and an entry in the journal."""

    REPORT = "report"  # somebody was told
    CONTAIN = "contain"  # the account, or the device, opens nothing any more
    CONFIRM = "confirm"
    ASSESS = "assess"  # whose data were reached
    CLOSE = "close"
    OVERDUE = "overdue"  # the clock of a duty ran out: written once


class Told(StrEnum):
    """To whom an incident is reported."""

    OFFICER = "officer"  # the agency's security officer (LASO), who answers for incidents
    CSO = "cso"  # the state's CJIS Systems Officer
    AGENCY = "agency"  # one whose records were reached
    SUBJECTS = "subjects"  # the people whose records were reached
    OTHER = "other"


class Duty(StrEnum):
    """What is owed by a clock."""

    REPORT = "report"
    CONTAIN = "contain"
    CSO = "cso"


DUTIES: Mapping[Duty, str] = MappingProxyType(
    {
        Duty.REPORT: "tell the security officer or the CSO within an hour of discovery",
        Duty.CONTAIN: "disable the account within 30 minutes of discovery",
        Duty.CSO: "tell the CSO within an hour of confirmation",
    }
)

# From where, by which act, to where. What is not here is no move.
MOVES: Mapping[tuple[State, Act], State] = MappingProxyType(
    {
        (State.OPENED, Act.REPORT): State.REPORTED,
        (State.REPORTED, Act.REPORT): State.REPORTED,
        (State.CONFIRMED, Act.REPORT): State.CONFIRMED,
        (State.ASSESSED, Act.REPORT): State.ASSESSED,
        (State.REPORTED, Act.CONFIRM): State.CONFIRMED,
        (State.CONFIRMED, Act.ASSESS): State.ASSESSED,
        (State.ASSESSED, Act.ASSESS): State.ASSESSED,  # another device, another time
        (State.REPORTED, Act.CLOSE): State.CLOSED,  # it was none
        (State.ASSESSED, Act.CLOSE): State.CLOSED,
        **{
            (state, act): state
            for state in State
            if state is not State.CLOSED
            for act in (Act.CONTAIN, Act.OVERDUE)
        },
    }
)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done. Its words stand in the journal entry."""

    place: int  # from 1
    act: Act
    about: tuple[str, ...] = ()  # who was told; which agencies and who else is owed a notice; which duty
    at: datetime
    by: str
    entry: int


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident: what opened it, and every step since."""

    number: int  # of the journal entry that opened it
    kind: Kind
    ori: str
    person: str = ""  # the account that it is about
    terminal: str = ""  # whose device it is about
    origin: str = ""  # what the switch itself saw; no two incidents come of one
    discovered_at: datetime
    opened_at: datetime
    opened_by: str
    steps: tuple[Step, ...] = ()

    @property
    def state(self) -> State:
        """Where it stands: its steps, one after the other."""
        state = State.OPENED
        for step in self.steps:
            state = MOVES[state, step.act]
        return state

    @property
    def owed(self) -> tuple[str, ...]:
        """Who was found to be owed a notice and was not told since."""
        owed: dict[str, None] = {}
        for step in self.steps:
            if step.act is Act.ASSESS:
                owed |= dict.fromkeys(step.about)
            elif step.act is Act.REPORT:
                for one in step.about:
                    owed.pop(one, None)
        return tuple(owed)


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """One duty of an incident: until when, and when it was done."""

    duty: Duty
    due_at: datetime
    done_at: datetime | None = None


class Late(msgspec.Struct, frozen=True, kw_only=True):
    """A duty whose time ran out before it was done."""

    number: int
    kind: Kind
    ori: str
    duty: Duty
    due_at: datetime
    told: bool  # whether its entry is written


class Minder(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts: an account, or with no name whoever sits at the machine itself."""

    person: str = ""
    name: str = ""
    role: str = ""
    ori: str = ""


def clocks(one: Incident) -> tuple[Clock, ...]:
    """What an incident owes by the clock, done or not, in the order in which it is due."""
    found = [
        Clock(duty=Duty.REPORT, due_at=one.discovered_at + REPORT_WITHIN,
              done_at=_first(one, Act.REPORT, {Told.OFFICER, Told.CSO}, one.discovered_at))
    ]  # fmt: skip
    if one.kind is Kind.ACCOUNT and one.person:
        done = _first(one, Act.CONTAIN, None, one.discovered_at)
        found.append(Clock(duty=Duty.CONTAIN, due_at=one.discovered_at + CONTAIN_WITHIN, done_at=done))
    confirmed = next((place for place, step in enumerate(one.steps) if step.act is Act.CONFIRM), None)
    if confirmed is not None:
        since = one.steps[confirmed].at
        later = msgspec.structs.replace(one, steps=one.steps[confirmed:])
        done = _first(later, Act.REPORT, {Told.CSO}, since)
        found.append(Clock(duty=Duty.CSO, due_at=since + CSO_WITHIN, done_at=done))
    return tuple(sorted(found, key=lambda clock: clock.due_at))


def _first(one: Incident, act: Act, about: set[Told] | None, since: datetime) -> datetime | None:
    """When something was first done, or None. What was done before it was due to begin counts from its beginning."""
    for step in one.steps:
        if step.act is act and (about is None or about.intersection(step.about)):
            return max(step.at, since)
    return None


def overdue(incidents: Iterable[Incident], now: datetime) -> tuple[Late, ...]:
    """Every duty that is not done and whose time is up, the longest overdue first."""
    late = [
        Late(number=one.number, kind=one.kind, ori=one.ori, duty=clock.duty, due_at=clock.due_at,
             told=any(step.act is Act.OVERDUE and clock.duty in step.about for step in one.steps))
        for one in incidents if one.state is not State.CLOSED
        for clock in clocks(one) if clock.done_at is None and clock.due_at <= now
    ]  # fmt: skip
    return tuple(sorted(late, key=lambda one: (one.due_at, one.number)))


def step(one: Incident, act: Act, *, about: Sequence[str] = (), by: str, now: datetime) -> Step:
    """The step that may follow, without its entry's number yet. Raises IllegalMove."""
    state = one.state
    if (state, act) not in MOVES:
        may = sorted({move.value for origin, move in MOVES if origin is state and move is not Act.OVERDUE})
        after = f"what may follow: {', '.join(may)}" if may else "nothing follows"
        raise IllegalMove(f"the incident {one.number} is {state}: it cannot {act} now; {after}")
    if len(one.steps) >= STEPS_MAX:
        raise IllegalMove(f"the incident {one.number} has {STEPS_MAX} steps: close it, and open another")
    if act is Act.CLOSE:
        _closable(one)
    return Step(place=len(one.steps) + 1, act=act, about=tuple(about), at=now, by=by, entry=0)


def _closable(one: Incident) -> None:
    """Raises IllegalMove while something is owed."""
    open_duties = [DUTIES[clock.duty] for clock in clocks(one) if clock.done_at is None]
    open_duties += [f"tell {who}" for who in one.owed]
    if open_duties:
        raise IllegalMove(
            f"the incident {one.number} cannot be closed before this is done: {'; '.join(open_duties)}"
        )


def may_act(one: Incident, who: Minder, subject_name: str = "") -> None:
    """Raises NotTheirs where somebody may not touch an incident: another's role or agency, or it is about themself.

    The words are the same whichever it is: whom an incident is about does not learn of it here (AC-5).
    """
    if not who.person:
        return
    same_name = bool(subject_name) and subject_name.casefold().split() == who.name.casefold().split()
    about_them = bool(one.person) and (one.person == who.person or same_name)
    if about_them or not _minds(one.ori, who):
        raise NotTheirs(
            f"there is no incident {one.number} that {who.person} minds: an administrator or auditor of its agency "
            "minds it, or DOJ"
        )


def _minds(ori: str, who: Minder) -> bool:
    return who.role in MAY_ACT and (who.role == Role.DOJ or who.ori == ori)


def may_look(ori: str, who: Minder) -> None:
    """Raises NotTheirs where somebody minds no incidents of an agency."""
    if who.person and not _minds(ori, who):
        whose = ori or "the switch itself"
        raise NotTheirs(
            f"{who.person} does not mind incidents of {whose}: name its administrator or auditor, or DOJ"
        )
