"""Missing persons: the state's file and NCIC's."""

from wireroom.catalog.broadcast import Tells
from wireroom.catalog.consequences import Resembles
from wireroom.catalog.file import Also, Called, EnterAs, Field, File, Keep, Late, Remind
from wireroom.catalog.files import shared
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_time import Day, Hour
from wireroom.catalog.rules import Needs, NotBefore
from wireroom.catalog.when import When

CONFIRM = "SEE THAT THE PERSON IS SAFE AND CALL THE ENTERING AGENCY AT ONCE: IT IS NO GROUND FOR AN ARREST"
BY_LAW = "sourced: Penal Code 14211, who is under 21 or at risk within two hours of the report"

MISSING = File(
    code="missing", title="Missing person",
    source="MUPS", letter="M",
    held_by=shared.BOTH,
    hit="MISSING PERSON",
    confirm=CONFIRM,
    confirm_as="MP",
    called=(
        Called(When("ARK"), "MISSING PERSON AT RISK", CONFIRM),
        Called(When("CAT", ("E",)), "ENDANGERED MISSING PERSON", CONFIRM),
        Called(When("CAT", ("J",)), "MISSING JUVENILE", CONFIRM),
    ),
    modify="MM", locate="LM", clear="CM", cancel="XM", supplement="EMN", strike="XMN", inquire="QM",
    entries=(
        EnterAs("EMD", "Missing person with a disability", says=(("CAT", "D"),)),
        EnterAs("EME", "Endangered missing person", says=(("CAT", "E"),)),
        EnterAs("EMI", "Person missing against their will", says=(("CAT", "I"),)),
        EnterAs("EMJ", "Missing juvenile", says=(("CAT", "J"),), needs=("DOB",)),
        EnterAs("EMV", "Catastrophe victim", says=(("CAT", "V"),)),
        EnterAs("EMO", "Other missing person", says=(("CAT", "O"),), needs=("MIS",)),
    ),
    answers=(Also("QW", shared.BY_PERSON), Also("QV", shared.BY_VEHICLE)),
    fields=(
        *shared.WHO, shared.FPC,
        Field("CAT", "why missing", Code(table="missing_category"), required=True),
        Field("MNP", "NCIC's kind of missing person", Code(table="missing_type", sample="MP")),
        Field("MPC", "circumstances", Code(table="missing_circumstance")),
        Field("MRT", "kind of report", Code(table="missing_report"), required=True),
        Field("ARK", "at risk", Code(table="at_risk"), many=5, note="why; left out: not at risk"),
        Field("DLC", "date of last contact", Day(), required=True),
        Field("PLC", "place last seen", Text(max=60, sample="999 OAK AVE")),
        Field("DRP", "date of the report", Day(), required=True),
        Field("TRP", "time of the report", Hour(), required=True),
        Field("DOE", "date of emancipation", Day(future=True)),
        *shared.BODY, shared.DNA, shared.DLO,
        Field("CLO", "clothing", Text(max=100)),
        Field("COM", "seen with or taken by", Text(max=100)),
        *shared.CASE,
    ),
    found_by=(*shared.BY_ANY, ("FPC",)),
    narrow=shared.PARTS,
    rules=(
        *shared.DESCRIBED, NotBefore("DRP", "DLC"), NotBefore("DLC", "DOB"),
        Needs("CAT", ("J",), "DOB"), Needs("CAT", ("O",), "MIS"),
    ),
    late=(
        Late("DRP", within_hours=2, time="TRP", when=(When("CAT", ("J",)),), mark=BY_LAW),
        Late("DRP", within_hours=2, time="TRP", when=(When("MPC", ("F",)),), mark=BY_LAW),
        Late("DRP", within_hours=2, time="TRP", when=(When("ARK"),), mark=BY_LAW),
    ),
    same=(("NAM", "DOB", "DLC"), ("SOC", "DLC"), ("NAM", "OCA")),
    headline=("NAM", "DOB", "SEX", "DLC"),
    keep=Keep(mark="sourced: until found; no record goes because of age alone"),
    validated=True, reminds=(
        Remind(30, ("DCH", "DNA", "BXR"), "ADD DENTAL, X-RAY OR DNA DATA WITH EMN OR MM", mark="ours: 30 days"),
    ),
    resembles=Resembles(
        "unidentified",
        same=(("SEX", "SEX"), ("RAC", "RAC"), ("EYE", "EYE"), ("HAI", "HAI"), ("BLT", "BLT")),
        near=(("HGT", "HGT", 3), ("WGT", "WGT", 30)), order=("DLC", "DBF"), years=("EYB", "EYL"), least=5,
        mark="ours: five agree and none disagrees",
    ),
    forwards=shared.TOLD,
    tells=(Tells("RUN", (When("MRT", ("RUN",)),)), Tells("RUN", (When("MPC", ("R",)),)), Tells("MISS")),
)  # fmt: skip
