"""Licences of those who deal in vehicles or teach driving: the DMV's."""

from wireroom.catalog.file import Conceal, Field, File, Source
from wireroom.catalog.files.shared import ADR, CNF, CTY, DOB, NAM, ZIP
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_number import Serial
from wireroom.catalog.kinds_of_time import Day

OCCUPATIONAL = File(
    code="occupational",
    title="Occupational licence",
    held_by=(Source.DMV,),
    inquire="OQ", asked_as="OQ",
    fields=(
        Field("OCN", "occupational licence number", Serial(max=10, index="OCN")),
        NAM, DOB,
        Field("BUS", "business", Text(max=50, sample="SPECIMEN MOTORS 9999")),
        Field("OCC", "occupation", Code(table="occupation")),
        Field("EMP", "works for", Text(max=50, sample="SPECIMEN MOTORS 9999")),
        ADR, CTY, ZIP,
        Field("STA", "status", Code(table="occupational_status")),
        Field("ISS", "issued", Day()),
        Field("EXP", "expires", Day(future=True)),
        Field("DPL", "dealer plates", Text(max=10, pattern="[A-Z0-9]{1,10}", sample="DL9999A",
              hint="letters and digits"), many=20),
        CNF,
    ),
    found_by=(("OCN",), ("NAM",)),
    narrow=("DOB",),
    headline=("NAM", "BUS", "OCC", "STA"),
    conceals=(Conceal("CNF", ("ADR", "CTY", "ZIP")),),
    note="Ours: the key is not Nlets'.",
)  # fmt: skip
