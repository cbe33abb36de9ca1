"""Who acquired, registered or pawned which firearm: the state's file."""

from wireroom.catalog.file import Also, Field, File, Keep
from wireroom.catalog.files.shared import ADR, CTY, DOB, GUN, MIS, NAM, OCA, OLN, OLS, SEX, SOC, UNLISTED, ZIP
from wireroom.catalog.informing import Seeks
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.rules import NotBefore, Together
from wireroom.catalog.when import When

GUN_HISTORY = File(
    code="gun_history",
    title="Gun's history",
    source="AFS",
    enter="EGH", modify="MGH", clear="CGH", cancel="XGH", inquire="QGH",
    answers=(Also("QG", ("SER",)),),
    fields=(
        Field("CAT", "category", Code(table="gun_history_category", sample="D"), required=True),
        *GUN,
        Field("DTR", "date of the sale, registration or pawn", Day(), required=True),
        Field("DRN", "number of the record of sale", Text(max=20, pattern="[A-Z0-9-]{1,20}", index="DRN",
              hint="letters, digits and hyphens", sample="99999999")),
        Field("DLR", "dealer", Text(max=40, sample="SPECIMEN GUNS 9999")),
        *(Field(f.code, f.title, f.kind, required=True) for f in (NAM, DOB)),
        SEX, SOC, OLN, OLS, ADR, CTY, ZIP, OCA, MIS,
    ),
    found_by=(("SER",), ("NAM",), ("OLN",), ("SOC",), ("DRN",)),
    narrow=("DOB", "SEX", "OLS"),
    same=(("SER", "MAK", "CAT", "DTR"),),
    rules=(*UNLISTED, Together(("OLN", "OLS")), NotBefore("DTR", "DOB")),
    headline=("NAM", "DOB", "MAK", "CAL", "SER", "CAT", "DTR"),
    keep=Keep(mark="sourced: S37, until shown to be an error"),
    arms=(),
    seeks=Seeks("DTR", (When("CAT", ("D",)),)),
    note="Ours: the keys are not NCIC's. Every record says that its person has, or had, a firearm.",
)  # fmt: skip
