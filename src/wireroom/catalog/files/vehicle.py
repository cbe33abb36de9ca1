"""Stolen vehicles: the state's file and NCIC's."""

from wireroom.catalog.file import File, Keep, Source
from wireroom.catalog.files.shared import CMC, DOT, LIC, LIS, LIT, LIY, MIS, OCA, VCO, VIN, VMA, VMO, VST, VYR
from wireroom.catalog.rules import Needs, OneOf, Together

VEHICLE = File(
    code="vehicle",
    title="Stolen vehicle",
    letter="V",
    held_by=(Source.STATE, Source.NCIC),
    hit="STOLEN VEHICLE",
    confirm="CONFIRM WITH THE ENTERING AGENCY BEFORE ANY ARREST OR SEIZURE",
    enter="EV", modify="MV", locate="LV", clear="CV", cancel="XV", inquire="QV",
    fields=(LIC, LIS, LIY, LIT, VIN, VYR, VMA, VMO, VST, VCO, CMC, DOT, OCA, MIS),
    found_by=(("LIC",), ("VIN",)),
    narrow=("LIS", "LIT"),
    rules=(
        OneOf((("LIC", "LIS"), ("VIN", "VMA", "VYR"))),
        Together(("LIC", "LIS")),
        Needs("CMC", ("01",), "MIS"),
    ),
    headline=("VYR", "VMA", "VMO", "VCO", "LIC", "LIS"),
    keep=Keep(years=4, mark="general knowledge: rest of the entry year and four years"),
)  # fmt: skip
