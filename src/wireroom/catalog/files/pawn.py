"""Things that were pawned or sold second hand, with who brought them: the state's file."""

from wireroom.catalog.file import Also, Field, File, Keep
from wireroom.catalog.files.shared import ADR, BRA, CTY, DOB, MIS, MOD, NAM, OAN, OCA, OLN, OLS, SER, SEX, TYP
from wireroom.catalog.kinds import Number, Text
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.rules import OneOf, Together

PAWN = File(
    code="pawn",
    title="Pawned article",
    source="APS",
    enter="EPN", modify="MPN", clear="CPN", cancel="XPN", inquire="QPN",
    answers=(Also("QA", ("SER", "OAN")),),
    fields=(
        Field("TYP", TYP.title, TYP.kind, required=True),
        SER, OAN, BRA, MOD,
        Field("DTP", "date it was pawned or sold", Day(), required=True),
        Field("PBL", "dealer's licence number", Text(max=20, pattern="[A-Z0-9-]{1,20}", sample="999999-AA",
              hint="letters, digits and hyphens")),
        Field("PBN", "dealer", Text(max=40, sample="SPECIMEN LOCKER 9999"), required=True),
        Field("AMT", "amount in dollars", Number(low=0, high=9_999_999)),
        Field("NAM", NAM.title, NAM.kind, required=True),
        DOB, SEX, OLN, OLS, ADR, CTY, OCA, MIS,
    ),
    found_by=(("SER",), ("OAN",), ("NAM",)),
    narrow=("DOB", "SEX"),
    same=(("SER", "TYP", "DTP"), ("OAN", "TYP", "DTP")),
    rules=(OneOf((("SER",), ("OAN",))), Together(("OLN", "OLS"))),
    headline=("BRA", "TYP", "SER", "DTP", "PBN", "NAM"),
    keep=Keep(years=1, since="DTP", mark="ours: as articles, rest of the year of the sale and one year"),
    note="Ours: the keys are not NCIC's. A match tells where a thing was brought, and by whom; it asks for no act.",
)  # fmt: skip
