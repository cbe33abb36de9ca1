"""Wanted persons: the state's file and NCIC's."""

from wireroom.catalog.broadcast import Tells
from wireroom.catalog.file import Also, Called, EnterAs, Field, File, Forward, Keep, Prohibits, Source
from wireroom.catalog.files import shared
from wireroom.catalog.kinds import Code, Number, Text
from wireroom.catalog.kinds_of_number import Ori
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.rules import Needs, NotBefore, OneOf
from wireroom.catalog.when import When

CONFIRM = "CONFIRM THE WARRANT AND EXTRADITION WITH THE ENTERING AGENCY BEFORE ANY ARREST"
TRAFFIC, SUPPORT = ("5499",), ("3801", "3808")  # what is no matter of a broadcast
MISDEMEANOUR = ("A", "B", "C", "D", "E", "F")
FELONY = ("01", "02", "03", "04", "05", "06")
OF_ANOTHER = ("4901", "4902", "5011", "5012", "8100", "8101", "8102")  # flights from an earlier offence

WANTED = File(
    code="wanted", title="Wanted person",
    source="WPS", letter="W",
    held_by=shared.BOTH,
    hit="WANTED PERSON",
    confirm=CONFIRM,
    confirm_as="WP",
    called=(
        Called(When("CAT", ("T",)), "TEMPORARY FELONY WANT", CONFIRM),
        Called(When("CAT", ("J",)), "WANTED JUVENILE", CONFIRM),
    ),
    enter="EW", modify="MW", locate="LW", clear="CW", cancel="XW", supplement="EN", strike="XN", inquire="QW",
    entries=(
        EnterAs("EWC", "Wanted person with caution", needs=("CMC",)),
        EnterAs("EWJ", "Wanted juvenile", says=(("CAT", "J"),)),
        EnterAs("ET", "Temporary felony want", says=(("CAT", "T"),)),
    ),
    answers=(
        Also("QV", shared.BY_VEHICLE),
        Also("DQ", ("NAM", "OLN")),
        Also("QVC", shared.BY_PERSON),
        Also("QVA", shared.BY_PERSON),
    ),
    fields=(
        *shared.WHO, shared.FPC,
        Field("OFF", "offence", Code(table="offence"), required=True),
        Field("OOC", "original offence", Code(table="offence")),
        Field("DOW", "date of the warrant", Day(), required=True),
        Field("WNO", "warrant number", Text(max=15, index="WNO", sample="W999999")),
        Field("CTI", "court", Ori()),
        Field("BAIL", "bail in dollars", Number(low=0, high=99_999_999), note="left out: no bail"),
        Field("EXL", "extradition", Code(table="extradition"), required=True),
        Field("CAT", "kind of want", Code(table="want_category", sample="W")),
        Field("DOE", "date of emancipation", Day(future=True)),
        Field("DOD", "date of the detainer", Day(), note="placed by the owner where another agency holds the person"),
        Field("DNO", "detainer number", Text(max=20, sample="99-999999")),
        Field("DPL", "where the person is held", Text(max=60, sample="TEST COUNTY JAIL 999")),
        *shared.CASE,
    ),
    found_by=(*shared.BY_ANY, ("WNO",)),
    narrow=shared.PARTS,
    rules=(
        *shared.DESCRIBED,
        OneOf((("DOB",), ("OLN",), ("SOC",), ("FBI",), ("CII",), ("MNU",))),
        Needs("OFF", OF_ANOTHER, "OOC"),
        Needs("EXL", ("02", "05", "B", "E"), "MIS"),
        NotBefore("DOW", "DOB"),
        NotBefore("DOE", "DOB"),
    ),
    same=(("NAM", "DOB", "OFF", "OCA"),),
    headline=("NAM", "DOB", "SEX", "RAC"),
    keep=Keep(mark="sourced: until cleared or cancelled"),
    keep_if=(Keep(hours=48, when=(When("CAT", ("T",)),), mark="sourced: weakly, a temporary felony want, 48 hours"),),
    validated=True,
    forwards=(Forward(Source.NCIC, needs=tuple(("NAM", code) for code in ("DOB", *shared.BY_PERSON[1:]))),),
    prohibits=(Prohibits("FELONY WARRANT", (When("EXL", FELONY),)),),
    tells=(
        Tells("TRAF", (When("OFF", TRAFFIC),)),
        Tells("FTP", (When("OFF", SUPPORT),)),
        Tells("MISD", (When("EXL", MISDEMEANOUR),)),
    ),
)  # fmt: skip
