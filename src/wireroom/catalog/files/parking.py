"""Parking and toll violations that are held against a vehicle's registration: the DMV's."""

from wireroom.catalog.file import Field, File, Source
from wireroom.catalog.files.shared import LIC, LIS, LIT, VIN
from wireroom.catalog.kinds import Code, Number, Text
from wireroom.catalog.kinds_of_number import Serial
from wireroom.catalog.kinds_of_time import Day, Hour

PARKING = File(
    code="parking",
    title="Parking or toll violation",
    held_by=(Source.DMV,),
    inquire="PTQ", asked_as="PTQ",
    fields=(
        LIC, LIS, LIT, VIN,
        Field("CIT", "citation number", Serial(index="CIT")),
        Field("VKD", "kind", Code(table="citation_kind")),
        Field("VDT", "day of the violation", Day()),
        Field("VTM", "time of the violation", Hour()),
        Field("VPL", "place", Text(max=60, sample="999 OAK AVE")),
        Field("SEC", "section", Text(max=20, sample="22500 VC")),
        Field("AMT", "due in dollars", Number(low=0, high=99_999)),
        Field("STA", "status", Code(table="citation_status")),
        Field("AGN", "issuing agency", Text(max=40, sample="SPECIMEN TOWN 9999")),
    ),
    found_by=(("LIC",), ("CIT",)),
    narrow=("LIS", "LIT"),
    headline=("LIC", "LIS", "VKD", "VDT", "AMT", "STA"),
    note="Ours: the key is not Nlets'.",
)  # fmt: skip
