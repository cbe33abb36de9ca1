"""Stolen, lost and stored boats: the state's file and NCIC's."""

from wireroom.catalog.file import Called, Field, File, Forward, Keep, Source
from wireroom.catalog.files.shared import BHN, BOAT, CMC, CONFIRM, DOT, ENG, EPD, MIS, OAN, OCA, REG, stored
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_number import Serial
from wireroom.catalog.kinds_of_time import Year
from wireroom.catalog.rules import Needs, OneOf, Together
from wireroom.catalog.when import When

NOT_STORED = When("CAT", ("R", "D", "I", "P"), lacks=True)

STOLEN_BOAT = File(
    code="boat",
    title="Stolen boat",
    source="ABS",
    letter="B",
    held_by=(Source.STATE, Source.NCIC),
    hit="STOLEN BOAT",
    confirm=CONFIRM,
    confirm_as="SB",
    called=(
        Called(When("CAT", ("L",)), "LOST BOAT", CONFIRM),
        Called(When("CAT", ("E",)), "EMBEZZLED BOAT", CONFIRM),
        *stored("boat"),
    ),
    enter="EB", modify="MB", locate="LB", clear="CB", cancel="XB", inquire="QB",
    fields=(
        Field("CAT", "category", Code(table="boat_category", sample="S"), note="left out: stolen"),
        REG,
        Field("RES", "state of registration", Code(table="state", sample="CA")),
        Field("REY", "year of registration", Year(endless=True)),
        BHN,
        *(Field(f.code, f.title, f.kind, required=f.code in ("BYR", "BMA", "BTY")) for f in BOAT),
        Field("BMO", "model", Text(max=20, sample="MODEL 99")),
        Field("BNM", "name", Text(max=20, sample="SPECIMEN 999")),
        Field("HPT", "home port", Text(max=20, sample="SPECIMEN COVE 9")),
        Field("CGD", "Coast Guard document number", Serial(max=8, index="CGD")),
        ENG, EPD, OAN, CMC, DOT, OCA, MIS,
    ),
    found_by=(("REG",), ("BHN",), ("ENG",), ("OAN",), ("CGD",)),
    narrow=("RES",),
    same=(("BHN",), ("REG", "RES"), ("CGD",)),
    rules=(
        OneOf((("REG", "RES"), ("BHN",), ("OAN",), ("CGD",), ("ENG",))),
        Together(("REG", "RES")),
        Needs("CMC", ("01",), "MIS"),
    ),
    headline=("BYR", "BMA", "BTY", "BCO", "REG", "BHN", "CAT"),
    keep=Keep(years=4, mark="general knowledge: rest of the entry year and four years"),
    keep_if=(
        Keep(days=90, when=(When("CAT", ("D", "I", "P", "R")),),
             mark="ours: stored, impounded, repossessed or recovered 90 days"),
        Keep(days=90, when=(When("BHN", lacks=True), When("OAN", lacks=True)),
             mark="general knowledge: without a hull or owner-applied number 90 days"),
    ),
    validated=True,
    forwards=(
        Forward(Source.NCIC, when=(NOT_STORED,), needs=(("REG", "RES"), ("BHN",), ("OAN",), ("CGD",))),
        Forward(Source.DMV, file="stop", when=(NOT_STORED,), needs=(("REG",), ("BHN",)), fields=("REG", "BHN", "OCA")),
    ),
)  # fmt: skip
