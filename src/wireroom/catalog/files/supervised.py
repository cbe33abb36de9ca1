"""Persons on parole, probation or another supervision: the state's file and NCIC's."""

from wireroom.catalog.file import Also, Called, Field, File, Forward, Keep, Prohibits, Report, Source
from wireroom.catalog.files import shared
from wireroom.catalog.guarding import Restricted
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.rules import Needs, NotBefore, OnlyWith
from wireroom.catalog.when import When

SUPERVISED = File(
    code="supervised",
    title="Supervised person",
    source="SRF",
    letter="C",
    held_by=shared.BOTH,
    hit="SUPERVISED PERSON",
    confirm="DO NOT ARREST ON THIS RECORD ALONE: ASK THE SUPERVISING OFFICER, AND REPORT THE CONTACT WITH SRC",
    called=(
        Called(When("PAL", ("Y",)), "PAROLEE AT LARGE", "CONFIRM WITH THE SUPERVISING AGENCY BEFORE ANY ARREST"),
    ),
    enter="ESR", modify="MSR", clear="CSR", cancel="XSR", supplement="ESRN", strike="XSRN", inquire="QVC",
    answers=(Also("QW", shared.BY_PERSON), Also("QVA", shared.BY_PERSON)),
    fields=(
        *shared.WHO, *shared.RESIDENCE,
        Field("STY", "kind of supervision", Code(table="supervision", sample="PAROLE"), required=True),
        Field("SAG", "supervising agency", Text(max=60, sample="TEST COUNTY 999"), required=True),
        Field("SOF", "supervising officer", Text(max=40), required=True),
        Field("SPH", "officer's phone", Text(max=20, sample="555-0199"), required=True),
        Field("SDT", "start of the supervision", Day(), required=True),
        Field("EXP", "end of the supervision", Day(future=True, endless=True), required=True),
        Field("OFF", "offence", Code(table="offence"), required=True),
        Field("FEL", "felony", Code(table="yes_no"), required=True),
        Field("COND", "conditions", Code(table="supervision_condition"), many=8),
        Field("SCP", "what may be searched", Text(max=100)),
        Field("CDC", "prison number", Text(max=10, pattern="[A-Z0-9]{1,10}", index="CDC", sample="ZZ9999",
                                           hint="at most ten letters and digits")),
        Field("PAL", "at large", Code(table="yes_no")),
        *shared.CASE,
    ),
    found_by=(*shared.BY_ANY, ("CDC",)),
    narrow=shared.PARTS,
    rules=(
        *shared.DESCRIBED,
        OnlyWith("SCP", "COND", ("SRCH",)),
        Needs("COND", ("OTHER",), "MIS"),
        Needs("STY", ("OTHER",), "MIS"),
        NotBefore("EXP", "SDT"),
    ),
    reports=(Report("SRC", "Contact with a supervised person", shared.CONTACT),),
    same=(("NAM", "DOB", "STY", "OCA"),),
    headline=("NAM", "DOB", "STY", "SOF"),
    restricted=Restricted.ALL,
    keep=Keep(until="EXP", mark="general knowledge: to the end of the supervision"),
    keep_if=(Keep(when=(When("EXP", ("NONEXP",)),), mark="ours: supervision for life, until cleared or cancelled"),),
    validated=True,
    forwards=(Forward(Source.NCIC, needs=tuple(("NAM", code) for code in ("DOB", *shared.BY_PERSON[1:]))),),
    prohibits=(
        Prohibits("FELONY SUPERVISION", (When("FEL", ("Y",)),)),
        Prohibits("NO WEAPONS UNDER SUPERVISION", (When("COND", ("WEAP",)),)),
    ),
    note="Keys and codes are ours, but QVC is published (weakly).",
)  # fmt: skip
