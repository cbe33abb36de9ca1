"""Stolen, embezzled, felony and stored vehicles: the state's file and NCIC's."""

from wireroom.catalog.file import Called, EnterAs, Field, File, Forward, Keep, Source
from wireroom.catalog.files.shared import (
    CMC,
    CONFIRM,
    DOT,
    ENG,
    EPD,
    LIC,
    LIS,
    LIT,
    LIY,
    MIS,
    OAN,
    OCA,
    VCO,
    VIN,
    VMA,
    VMO,
    VST,
    VYR,
    stored,
)  # fmt: skip
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.rules import Needs, OneOf, Together
from wireroom.catalog.when import When

NOT_STORED = When("CAT", ("R", "D", "I", "P"), lacks=True)
NUMBERED = (("LIC", "LIS"), ("VIN",))

VEHICLE = File(
    code="vehicle",
    title="Stolen vehicle",
    source="SVS", letter="V",
    held_by=(Source.STATE, Source.NCIC),
    hit="STOLEN VEHICLE",
    confirm=CONFIRM,
    confirm_as="SV",
    called=(
        Called(When("CAT", ("F",)), "FELONY VEHICLE", "APPROACH WITH CAUTION: IT WAS USED IN A FELONY; " + CONFIRM),
        Called(When("CAT", ("E",)), "EMBEZZLED VEHICLE", CONFIRM),
        *stored("vehicle"),
    ),
    enter="EV", modify="MV", locate="LV", clear="CV", cancel="XV", inquire="QV",
    entries=(EnterAs("EF", "Felony vehicle", says=(("CAT", "F"),)),),
    fields=(
        Field("CAT", "category", Code(table="vehicle_category", sample="S"), note="left out: stolen"),
        LIC, LIS, LIY, LIT, VIN, *(Field(f.code, f.title, f.kind, required=True) for f in (VYR, VMA)), VMO, VST, VCO,
        ENG, EPD, OAN,
        Field("VOW", "whose the vehicle is", Code(table="vehicle_ownership", sample="P")),
        CMC, DOT, OCA,
        Field("STO", "where it is stored", Text(max=60, sample="SPECIMEN TOWING 9999")),
        MIS,
    ),
    found_by=(("LIC",), ("VIN",), ("ENG",), ("OAN",)),
    narrow=("LIS", "LIT"),
    same=(("VIN",), ("LIC", "LIS"), ("ENG",)),
    rules=(
        OneOf((("LIC", "LIS"), ("VIN",), ("ENG",))),
        Together(("LIC", "LIS")),
        Needs("CMC", ("01",), "MIS"),
        Needs("VOW", ("Y",), "MIS"),
    ),
    headline=("VYR", "VMA", "VMO", "VCO", "LIC", "LIS", "CAT"),
    keep=Keep(years=4, mark="general knowledge: rest of the entry year and four years"),
    keep_if=(
        Keep(days=90, when=(When("CAT", ("F",)),), mark="general knowledge: a felony vehicle 90 days"),
        Keep(days=90, when=(When("CAT", ("D", "I", "P", "R")),),
             mark="ours: stored, impounded, repossessed or recovered 90 days"),
        Keep(days=90, when=(When("VIN", lacks=True), When("OAN", lacks=True)),
             mark="general knowledge: without a VIN or an owner-applied number 90 days"),
    ),
    validated=True,
    forwards=(
        Forward(Source.NCIC, when=(NOT_STORED,), needs=NUMBERED),
        Forward(Source.DMV, file="stop", when=(NOT_STORED,), needs=NUMBERED, fields=("LIC", "LIS", "VIN", "OCA")),
    ),
)  # fmt: skip
