"""Unidentified persons, dead or alive: the state's file and NCIC's."""

from wireroom.catalog.file import Called, EnterAs, Field, File, Keep
from wireroom.catalog.files import shared
from wireroom.catalog.kinds import Code, Number, Text
from wireroom.catalog.kinds_of_time import Day, Year
from wireroom.catalog.rules import Needs, NotBefore, OneOf
from wireroom.catalog.when import When

CONFIRM = "CALL THE ENTERING AGENCY AND COMPARE FINGERPRINTS, TEETH OR DNA BEFORE ANYBODY IS TOLD"

UNIDENTIFIED = File(
    code="unidentified",
    title="Unidentified person",
    source="MUPS",
    letter="U",
    held_by=shared.BOTH,
    hit="UNIDENTIFIED PERSON",
    confirm=CONFIRM,
    called=(Called(When("CAT", ("D", "V")), "UNIDENTIFIED BODY", CONFIRM),),
    modify="MU", clear="CU", cancel="XU", inquire="QU",
    entries=(
        EnterAs("EUD", "Unidentified body", says=(("CAT", "D"),), needs=("DBF", "BPS")),
        EnterAs("EUL", "Living person who cannot say who they are", says=(("CAT", "L"),)),
        EnterAs("EUV", "Unidentified catastrophe victim", says=(("CAT", "V"),), needs=("DBF", "BPS")),
    ),
    fields=(
        *shared.WHO, shared.FPC,
        Field("CAT", "dead or alive", Code(table="unidentified_category"), required=True),
        Field("EYB", "born about, at the earliest", Year()),
        Field("EYL", "born about, at the latest", Year()),
        Field("DBF", "date found", Day()),
        Field("PFD", "place found", Text(max=60, sample="999 OAK AVE")),
        Field("EDD", "estimated date of death", Day()),
        Field("CDA", "cause of death", Code(table="death_cause")),
        Field("BPS", "body parts found", Code(table="body_parts", sample="ALL")),
        Field("EAG", "estimated age", Number(low=0, high=120)),
        *shared.BODY, shared.DNA, shared.DLO,
        Field("CLO", "clothing", Text(max=100)),
        Field("MEX", "coroner or medical examiner", Text(max=60)),
        Field("MEN", "coroner's case number", Text(max=20, index="MEN", sample="99-999999")),
        *shared.CASE,
    ),
    found_by=(("NAM",), ("SOC",), ("FBI",), ("CII",), ("MNU",), ("FPC",), ("MEN",), ("OCA",)),
    narrow=("DOB", "SEX"),
    rules=(
        OneOf((("SEX", "RAC"),)),
        *shared.EXPLAINED,
        NotBefore("DBF", "EDD"),
        NotBefore("EYL", "EYB"),
        Needs("CAT", ("D", "V"), "DBF"), Needs("CAT", ("D", "V"), "BPS"),
    ),
    same=(("OCA", "CAT", "DBF"), ("MEN", "DBF")),
    headline=("CAT", "SEX", "RAC", "DBF"),
    keep=Keep(mark="sourced: weakly, indefinite, until identified"),
    validated=True,
    forwards=shared.TOLD,
    note="NAM and the numbers are those that the person gives or that were found with them.",
)  # fmt: skip
