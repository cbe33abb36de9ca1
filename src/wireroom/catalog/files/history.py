"""What a person was arrested for and what became of it: a record of the Interstate Identification Index (III)."""

from wireroom.catalog.file import Field, File, Keep, Source
from wireroom.catalog.files import shared
from wireroom.catalog.kinds import Text

_DAY = "(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
SID = Field(
    "SID",
    "state number",
    Text(
        max=10,
        pattern="[A-Z]{2}[A-Z0-9]{4,8}",
        index="SID",
        sample="CA99999999",
        hint="two letters of the state, then at most eight letters and digits",
    ),
)


def event(code: str, title: str, sample: str) -> Field:
    """One line of the record: the day, then what was noted."""
    kind = Text(
        max=120, pattern=_DAY + " [A-Z0-9 ,:/()-]{3,110}", sample=sample, hint="a day, then what was noted"
    )
    return Field(code, title, kind, many=12)


HISTORY = File(
    code="history",
    title="Criminal history record",
    source="III",
    letter="Q",
    held_by=(Source.NCIC,),
    inquire="QR",
    fields=(
        *(shared.required(field) if field in (shared.NAM, shared.FBI) else field
          for field in (*shared.PERSON, shared.FBI)),
        SID,
        event("ARR", "arrest", "20190110 CA0990100 459 PC BURGLARY F"),
        event("CRT", "court", "20190601 CA099013J CONVICTED 459 PC M"),
        event("CSD", "custody", "20190701 TEST COUNTY JAIL 90 DAYS"),
        event("SPV", "supervision", "20190701 TEST COUNTY PROBATION 2 YEARS"),
        event("RLF", "relief", "20230101 CONVICTION DISMISSED, 1203(4) PC"),
        shared.MIS,
    ),
    found_by=(("FBI",), ("SID",)),
    headline=("NAM", "DOB", "SEX", "FBI"),
    keep=Keep(mark="general knowledge: until who holds the history takes it out"),
    history=True, desk_only=True,
    note="One state's record is not a whole history, and a match without fingerprints is nobody's identity. What "
    "states hold themselves (CR, IQ, FQ) is not asked for yet. It is not asked for from a car (sourced, "
    "weak: CDCR 47030.5).",
)  # fmt: skip
