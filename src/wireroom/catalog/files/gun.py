"""Firearms by what became of them, stolen to destroyed: the state's file and NCIC's."""

from wireroom.catalog.file import Called, EnterAs, Field, File, Forward, Keep, Late, Source
from wireroom.catalog.files.shared import CONFIRM, DOB, GUN, MIS, NAM, OCA, UNLISTED
from wireroom.catalog.kinds import Code, Number, Text
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.when import When

WATCHED = "DO NOT SEIZE IT OR TELL ITS HOLDER: TELL THE ENTERING AGENCY WHO HAS IT"

STOLEN_GUN = File(
    code="gun",
    title="Gun",
    source="AFS",
    letter="G",
    held_by=(Source.STATE, Source.NCIC),
    hit="STOLEN GUN",
    confirm=CONFIRM,
    confirm_as="SG",
    called=(
        Called(When("CAT", ("L",)), "LOST GUN", CONFIRM),
        Called(When("CAT", ("R",)), "RECOVERED GUN", "NOBODY HAS REPORTED IT STOLEN: ASK THE AGENCY THAT HOLDS IT"),
        Called(When("CAT", ("C",)), "FELONY GUN", CONFIRM),
        Called(When("CAT", ("O",)), "GUN UNDER OBSERVATION", WATCHED),
        Called(When("CAT", ("D",)), "GUN RECORDED AS DESTROYED", "IT SHOULD NOT EXIST: ASK THE ENTERING AGENCY"),
        Called(When("CAT", ("E",)), title="Gun held as evidence"),
        Called(When("CAT", ("F",)), title="Found gun"),
        Called(When("CAT", ("I",)), title="Gun of an agency"),
    ),
    enter="EG", modify="MG", locate="LG", clear="CG", cancel="XG", inquire="QG",
    entries=(
        EnterAs("ERG", "Recovered gun", says=(("CAT", "R"),)),
        EnterAs("EFG", "Felony gun", says=(("CAT", "C"),)),
    ),
    fields=(
        Field("CAT", "category", Code(table="gun_category", sample="S"), required=True),
        *GUN,
        Field("FIN", "finish", Code(table="gun_finish", sample="BLK")),
        Field("BRL", "barrel's length in inches", Number(low=1, high=99)),
        Field("IMP", "where it was made or imported by", Text(max=30, sample="SPECIMEN IMPORTS 99")),
        Field("DOT", "date of theft, loss, finding or recovery", Day(), required=True,
              note="counted from here: seven days to enter it"),
        Field(NAM.code, "owner, or from whom it was taken", NAM.kind), DOB, OCA, MIS,
    ),
    found_by=(("SER",),),
    narrow=("MAK", "CAL", "TYP"),
    same=(("SER", "MAK", "CAL", "CAT"),),
    rules=UNLISTED,
    late=(Late("DOT", within_days=7, mark="sourced: AB 2222, seven days from the notice"),),
    headline=("MAK", "CAL", "TYP", "SER", "CAT"),
    keep=Keep(mark="sourced: S37, until found, recovered, no longer watched or shown to be an error"),
    validated=True,
    forwards=(Forward(Source.NCIC, when=(When("CAT", ("D", "E", "F", "I", "O"), lacks=True),)),),
)  # fmt: skip
