"""Persons who must register for a sex or arson offence: the state's file, and for sex offences NCIC's."""

from wireroom.catalog.file import Also, Called, EnterAs, Field, File, Forward, Keep, Report, Source
from wireroom.catalog.files import shared
from wireroom.catalog.guarding import Restricted
from wireroom.catalog.kinds import Code, Number, Text
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.rules import Needs, NotBefore
from wireroom.catalog.when import When

CONFIRM = "NO GROUND FOR AN ARREST: COMPARE THE ADDRESS, AND REPORT THE CONTACT WITH VCC"
WARRANT = "ASK THE REGISTERING AGENCY FOR A WARRANT BEFORE ANY ARREST"

REGISTRANT = File(
    code="registrant",
    title="Registered offender",
    source="CSAR",
    letter="X",
    held_by=shared.BOTH,
    hit="REGISTERED OFFENDER",
    confirm=CONFIRM,
    called=(
        Called(When("RSS", ("ABS", "VIO")), "REGISTRANT IN VIOLATION", WARRANT),
        Called(When("SVP", ("Y",)), "SEXUALLY VIOLENT PREDATOR", CONFIRM),
        Called(When("RTP", ("S",)), "SEX REGISTRANT", CONFIRM),
        Called(When("RTP", ("A",)), "ARSON REGISTRANT", CONFIRM),
    ),
    modify="MXS", clear="CXS", cancel="XXS", supplement="EXSN", strike="XXSN", inquire="QXS",
    entries=(
        EnterAs("EXS", "Sex registrant", says=(("RTP", "S"),), needs=("TIER",)),
        EnterAs("EXA", "Arson registrant", says=(("RTP", "A"),)),
    ),
    answers=(Also("QW", shared.BY_PERSON), Also("QVC", shared.BY_PERSON), Also("QVA", shared.BY_PERSON)),
    fields=(
        *(shared.required(field) if field is shared.CII else field for field in shared.WHO), *shared.RESIDENCE,
        Field("VOW", "whose vehicle", Code(table="vehicle_ownership", sample="P")),
        Field("RTP", "kind of registrant", Code(table="registrant"), required=True),
        Field("TIER", "tier", Code(table="registrant_tier")),
        Field("SVP", "sexually violent predator", Code(table="yes_no")),
        Field("RSS", "state of the registration", Code(table="registrant_status", sample="CUR"), required=True),
        Field("OFS", "NCIC's status of the offender", Code(table="offender_status", sample="05")),
        Field("OFF", "offence", Code(table="offence"), required=True),
        Field("CRR", "conviction", Text(max=60), required=True),
        Field("PLC", "place of conviction", Text(max=60)),
        Field("AOV", "victim's age", Number(low=0, high=120)),
        Field("SOV", "victim's sex", Code(table="sex", sample="F")),
        Field("ROV", "victim's relation", Code(table="victim_relationship")),
        Field("ORD", "first registered", Day(), required=True),
        Field("LRD", "last registered", Day()),
        Field("NRD", "next to register", Day(future=True)),
        Field("ERD", "end of the duty to register", Day(future=True, endless=True)),
        Field("OAD", "other address or place", Text(max=100, sample="999 OAK AVE, EXAMPLE CITY"), many=10),
        Field("EMP", "employer", Text(max=60), many=3),
        Field("SCH", "school or campus", Text(max=60), many=3),
        Field("PHO", "phone", Text(max=20, sample="555-0199"), many=5),
        shared.DNA, *shared.CASE,
    ),
    found_by=shared.BY_ANY,
    narrow=(*shared.PARTS, "RTP"),
    rules=(
        *shared.DESCRIBED, Needs("RTP", ("S",), "TIER"), Needs("VOW", ("Y",), "MIS"),
        NotBefore("LRD", "ORD"), NotBefore("ERD", "ORD"),
    ),
    reports=(Report("VCC", "Contact with a registered offender", shared.CONTACT),),
    same=(("CII", "RTP"),),
    headline=("NAM", "DOB", "RTP", "CTY"),
    restricted=Restricted.ALL,
    keep=Keep(mark="sourced: in part, arson for life, sex by tier; it ends when the agency clears it"),
    validated=True,
    forwards=(Forward(Source.NCIC, when=(When("RTP", ("S",)),)),),
    note="Who moves is changed, not entered again: the new agency asks the old one to hand the record over (ours).",
)  # fmt: skip
