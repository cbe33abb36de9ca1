"""Stolen and lost licence plates: the state's file and NCIC's."""

from wireroom.catalog.file import File, Keep, Source
from wireroom.catalog.files.shared import DOT, LIC, LIS, LIT, LIY, MIS, OCA
from wireroom.catalog.rules import OneOf

PLATE = File(
    code="plate",
    title="Stolen licence plate",
    letter="P",
    held_by=(Source.STATE, Source.NCIC),
    hit="STOLEN LICENSE PLATE",
    confirm="CONFIRM WITH THE ENTERING AGENCY BEFORE ANY ARREST OR SEIZURE",
    enter="EL", modify="ML", locate="LL", clear="CL", cancel="XL", inquire="QV",
    fields=(LIC, LIS, LIY, LIT, DOT, OCA, MIS),
    found_by=(("LIC",),),
    narrow=("LIS", "LIT"),
    rules=(OneOf((("LIC", "LIS", "LIY", "LIT"),)),),
    headline=("LIC", "LIS", "LIY", "LIT"),
    keep=Keep(years=1, mark="general knowledge, conflicting: a year past the plate's year"),
)  # fmt: skip
