"""Why something is asked: the one reason that is bound to an inquiry, and what became of checking it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import msgspec

REFERENCE_MAX = 20  # characters, as the field CAS
REQUESTER_MAX = 30  # as ATN
WORDS_MAX = 200  # as RMK


NEED_MIN = 8  # characters of a stated need, so that it says something


def need_fault(words: str) -> str:
    """What is wrong with the need that somebody states for an act of administration; empty where nothing is."""
    told = " ".join(words.split())
    if (
        len(told) < NEED_MIN
        or sum(char.isalpha() for char in told) < NEED_MIN // 2
        or len(set(told.casefold())) < 4
    ):
        return f"say what it is needed for, in words, at least {NEED_MIN} characters"
    if len(told) > WORDS_MAX or not told.isprintable():
        return f"say what it is needed for in at most {WORDS_MAX} characters that can be printed"
    return ""


class ReasonKind(StrEnum):
    """What an inquiry is made for, by the codes of the field RSK."""

    UNSAID = ""
    CASE = "CAS"
    COURT = "CRT"
    INCIDENT = "INC"
    ORDER = "ORD"
    OTHER = "OTH"
    STOP = "STP"
    TRAINING = "TRN"
    VALIDATION = "VAL"
    WARRANT = "WAR"


class Verdict(StrEnum):
    """What is known of a reason. Each look may change it; what the journal says of each look stays."""

    CONFIRMED = (
        "confirmed"  # an incident of the CAD, open then, with the person, their terminal or requester on it
    )
    KNOWN = "known"  # an incident of the CAD, but not open then or with nobody of these on it
    STATED = "stated"  # given, and of a kind that no CAD knows: a case, a court, an order, words alone
    UNKNOWN = "unknown"  # an incident that the CAD has not told of yet: it may come late
    NONE = "none"  # nothing was given, and no open incident has the person on it
    OWN_LATER = "own-later"  # only what the person wrote into the CAD after the inquiry would explain it
    UNEXPLAINED = "unexplained"  # a day later still nothing explains it
    REFUSED = "refused"  # too much was asked in an hour: nothing went out
    TOLD = "told"  # the person said afterwards what it was for, in words


# What a coordinator looks at, and what the person is asked about.
OPEN_VERDICTS = frozenset({Verdict.NONE, Verdict.UNKNOWN, Verdict.OWN_LATER, Verdict.UNEXPLAINED})


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why an inquiry is made and for whom, as it was said. Nothing in it is believed because it is said."""

    kind: ReasonKind = ReasonKind.UNSAID
    reference: str = ""  # number of the incident, case, order or warrant, at most 20 characters
    requester: str = ""  # on behalf of whom: name, badge or unit, at most 30 characters
    words: str = ""  # at most 200 characters
    for_agency: str = ""  # the ORI of an agency that the sender's serves


NO_REASON = Reason()


class Weighed(msgspec.Struct, frozen=True):
    """What was found of the reason of an inquiry."""

    verdict: Verdict
    incident: str = ""  # of the agency's CAD, said or found
    for_person: str = ""  # the account of the requester, where there is one


def reason_of(said: Callable[[str], str], standing: Reason, case: str) -> Reason:
    """The reason of an inquiry: what its text says, field by field, and what stands beside it where it says nothing.

    `case` is the reference that stands on the session; a requester is taken only with the very text.
    """
    return Reason(
        kind=ReasonKind(said("RSK")) or standing.kind,
        reference=said("CAS") or standing.reference or case,
        requester=said("ATN") or standing.requester,
        words=said("RMK") or said("RSN") or standing.words,
        for_agency=said("OBA") or standing.for_agency,
    )


def is_reasoned(reason: Reason) -> bool:
    """Whether a reference, or words that say something, are given. Whether they are true is looked at afterwards."""
    return bool(reason.reference) or not need_fault(reason.words)


def told_of(reason: Reason, weighed: Weighed) -> dict[str, str]:
    """A reason and what was found of it, as the journal has it: what is empty is left out."""
    said = {
        "kind": reason.kind.value, "reference": reason.reference, "requester": reason.requester,
        "words": reason.words, "verdict": weighed.verdict.value, "incident": weighed.incident,
        "for_person": weighed.for_person, "for_agency": reason.for_agency,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}
