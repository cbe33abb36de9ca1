"""What a driver did and what the DMV did about it: convictions, failures, accidents, actions."""

from wireroom.catalog.file import Conceal, Field, File, Source
from wireroom.catalog.files.shared import ADR, CNF, CTY, DOB, NAM, OLN, OLS, SEX, ZIP
from wireroom.catalog.kinds import Code, Number, Text
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.sources import Abroad

_DAY = "(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
_SECTION = "[0-9]{3,5}[A-Z]?(\\([A-Z0-9]\\))* [A-Z]{2}"
_MORE = "( [A-Z0-9 /-]{1,50})?"


def _line(pattern: str, hint: str, sample: str) -> Text:
    return Text(max=90, pattern=pattern + _MORE, hint=hint, sample=sample)


DRIVER_HISTORY = File(
    code="driver_history",
    title="Driver history",
    held_by=(Source.DMV, Source.NLETS),
    abroad=Abroad("OLS", by=(("OLN",), ("NAM", "DOB", "SEX"))),
    inquire="KQ", asked_as="KQ",
    fields=(
        OLN, OLS, NAM, DOB, SEX, ADR, CTY, ZIP,
        Field("CLS", "class", Code(table="licence_class"), many=3),
        Field("STA", "status", Code(table="licence_status")),
        Field("PTS", "points in twelve months", Number(low=0, high=99)),
        Field("PT2", "points in twenty-four months", Number(low=0, high=99)),
        Field("PT3", "points in thirty-six months", Number(low=0, high=99)),
        Field("CNV", "conviction", many=20, kind=_line(
            f"{_DAY} {_SECTION} [0-3]PT", sample="20250110 22350 VC 1PT 20250215 COURT 99999 D999999",
            hint="the day of the violation, section and points, then the day of conviction, court, docket and plate")),
        Field("FTA", "failure to appear or pay", many=20, kind=_line(
            f"{_DAY} {_SECTION}", sample="20250110 40508 VC COURT 99999 D999999",
            hint="the day, the section, then court and docket")),
        Field("ACC", "accident", many=20, kind=_line(
            f"{_DAY} (FAULT|NOFAULT|UNKNOWN)", sample="20250110 UNKNOWN SPECIMEN TOWN 99999",
            hint="the day, FAULT, NOFAULT or UNKNOWN, then place and report")),
        Field("ACT", "action of the DMV", many=20, kind=_line(
            f"{_DAY} (SUSP|REV|PROB|RESTR|REIN) {_SECTION}", sample="20250110 SUSP 13353 VC UNTIL 20250510",
            hint="the day it takes effect, SUSP, REV, PROB, RESTR or REIN, the section, then the end")),
        Field("PIR", "proof of insurance until", Day(future=True)),
        Field("MSG", "message of the DMV", Text(max=60, sample="TEST NOTE 9999"), many=10),
        CNF,
    ),
    found_by=(("OLN",), ("NAM",)),
    narrow=("OLS", "DOB", "SEX"),
    headline=("NAM", "DOB", "STA", "PTS"),
    conceals=(Conceal("CNF", ("ADR", "CTY", "ZIP")),),
)  # fmt: skip
