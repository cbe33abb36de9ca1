"""Stops that the state places on a registration or a vessel while its record of a theft stands: the DMV's."""

from wireroom.catalog.file import Also, Field, File, Keep, Source
from wireroom.catalog.files.shared import BHN, LIC, LIS, LIT, OCA, REG, VIN
from wireroom.catalog.rules import OneOf, Together
from wireroom.catalog.sources import Abroad

STOP = File(
    code="stop",
    title="Stop",
    held_by=(Source.DMV,),
    abroad=Abroad("LIS", to=None),
    hit="STOP PLACED BY DOJ",
    confirm="THE STATE HOLDS A RECORD OF IT: CONFIRM WITH THE ENTERING AGENCY BEFORE ANY ARREST OR SEIZURE",
    enter="EST", modify="MST", clear="CST",
    answers=(Also("RQ", ("LIC", "VIN")), Also("BQ", ("REG", "BHN"))),
    fields=(
        LIC, LIS, LIT, VIN, REG, BHN,
        Field("OCA", "entering agency's case number", OCA.kind, required=True),
    ),
    found_by=(("LIC",), ("VIN",), ("REG",), ("BHN",)),
    narrow=("LIS", "LIT"),
    rules=(OneOf((("LIC", "LIS"), ("VIN",), ("REG",), ("BHN",))), Together(("LIC", "LIS"))),
    headline=("LIC", "LIS", "VIN", "REG", "BHN", "OCA"),
    keep=Keep(mark="ours: as long as the state's own record stands"),
    note="The DMV takes these keys from the state alone, which places and lifts stops with its own records. An inquiry "
    "to QV or QB meets them, for the DMV is asked it as RQ or BQ.",
)  # fmt: skip
