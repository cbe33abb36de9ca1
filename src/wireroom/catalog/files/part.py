"""Stolen parts of vehicles and boats: the state's file and NCIC's."""

from wireroom.catalog.file import Field, File, Forward, Keep, Source
from wireroom.catalog.files.shared import CONFIRM, DOT, EPD, MIS, MOD, OAN, OCA, SER
from wireroom.catalog.kinds import Code
from wireroom.catalog.rules import Excludes, OneOf
from wireroom.catalog.when import When

PART = File(
    code="part",
    title="Stolen vehicle or boat part",
    source="SVS",
    letter="V",
    held_by=(Source.STATE, Source.NCIC),
    hit="STOLEN PART",
    confirm=CONFIRM,
    confirm_as="SP",
    enter="EP", modify="MP", locate="LP", clear="CP", cancel="XP", inquire="QV",
    fields=(
        Field("PCT", "which part", Code(table="part_category", sample="EN"), required=True,
              note="NCIC calls this field CAT, which here is a record's category"),
        SER, OAN,
        Field("BRA", "brand", Code(table="part_brand", sample="FORD"), required=True),
        MOD, EPD, DOT, OCA, MIS,
    ),
    found_by=(("SER",), ("OAN",)),
    same=(("SER", "PCT"), ("OAN", "PCT")),
    rules=(
        OneOf((("SER",), ("OAN",))),
        Excludes("BRA", ("PART",), "PCT", ("CF", "CT", "EN", "OB", "TN")),
    ),
    headline=("BRA", "PCT", "SER", "OAN"),
    keep=Keep(years=4, mark="general knowledge: rest of the entry year and four years"),
    keep_if=(Keep(days=90, when=(When("SER", lacks=True), When("OAN", lacks=True)), mark="general knowledge: without a "
                  "number 90 days"),),
    validated=True,
    forwards=(Forward(Source.NCIC, needs=(("SER",), ("OAN",))),),
)  # fmt: skip
