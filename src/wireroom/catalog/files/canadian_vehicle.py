"""Vehicles and plates reported stolen in Canada: NCIC's index, kept by the Canadian police."""

from wireroom.catalog.file import File, Source
from wireroom.catalog.files.shared import DOT, LIC, LIS, LIT, LIY, MIS, OCA, VCO, VIN, VMA, VMO, VST, VYR

CANADIAN_VEHICLE = File(
    code="canadian_vehicle",
    title="Canadian stolen vehicle",
    letter="R",
    held_by=(Source.NCIC,),
    hit="STOLEN VEHICLE IN CANADA",
    confirm="CONFIRM WITH THE CANADIAN AGENCY BEFORE ANY ARREST OR SEIZURE",
    inquire="QV",
    fields=(LIC, LIS, LIY, LIT, VIN, VYR, VMA, VMO, VST, VCO, DOT, OCA, MIS),
    found_by=(("LIC",), ("VIN",)),
    narrow=("LIS", "LIT"),
    headline=("VYR", "VMA", "VMO", "VCO", "LIC", "LIS"),
    note="Nobody in the state enters here: the index holds what Canada's police report to NCIC.",
)  # fmt: skip
