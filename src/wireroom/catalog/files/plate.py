"""Stolen and lost licence plates: the state's file and NCIC's."""

from wireroom.catalog.file import Called, Field, File, Forward, Keep, Source
from wireroom.catalog.files.shared import CONFIRM, DOT, LIC, LIS, LIT, LIY, MIS, OCA
from wireroom.catalog.kinds import Code
from wireroom.catalog.rules import OneOf
from wireroom.catalog.when import When

PLATE = File(
    code="plate",
    title="Stolen licence plate",
    source="SVS",
    letter="P",
    held_by=(Source.STATE, Source.NCIC),
    hit="STOLEN LICENSE PLATE",
    confirm=CONFIRM,
    confirm_as="SL",
    called=(Called(When("CAT", ("L",)), "LOST LICENSE PLATE", CONFIRM),),
    enter="EL", modify="ML", locate="LL", clear="CL", cancel="XL", inquire="QV",
    fields=(
        Field("CAT", "category", Code(table="plate_category", sample="S"), note="left out: stolen"),
        LIC, LIS, LIY, LIT, DOT, OCA,
        Field("PLT", "plates missing", Code(table="plates_missing", sample="2")),
        MIS,
    ),
    found_by=(("LIC",),),
    narrow=("LIS", "LIT"),
    same=(("LIC", "LIS", "LIT", "LIY"),),
    rules=(OneOf((("LIC", "LIS", "LIY", "LIT"),)),),
    headline=("LIC", "LIS", "LIY", "LIT", "CAT"),
    keep=Keep(years=1, year_of="LIY", mark="general knowledge, conflicting: a year past the plate's year"),
    keep_if=(
        Keep(years=4, when=(When("LIY", ("NX",)),), mark="general knowledge: a plate that never expires, rest of the "
             "entry year and four years"),
    ),
    validated=True,
    forwards=(
        Forward(Source.NCIC, needs=(("LIC", "LIS", "LIY", "LIT"),)),
        Forward(Source.DMV, file="stop", needs=(("LIC", "LIS"),), fields=("LIC", "LIS", "LIT", "OCA")),
    ),
)  # fmt: skip
