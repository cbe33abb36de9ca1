"""Vehicle registrations: the DMV's."""

from wireroom.catalog.file import Also, Field, File, Source
from wireroom.catalog.files.shared import LIC, LIS, LIT, LIY, VCO, VIN, VMA, VMO, VST, VYR
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.catalog.kinds_of_time import Day

REGISTRATION = File(
    code="registration",
    title="Vehicle registration",
    held_by=(Source.DMV,),
    inquire="RQ", answers=(Also("QV", ("LIC", "VIN")),), asked_as="RQ",
    fields=(
        LIC, LIS, LIT, LIY, VIN, VYR, VMA, VMO, VST, VCO,
        Field("OWN", "registered owner", PersonName()),
        Field("ADR", "street", Text(max=60, sample="999 OAK AVE")),
        Field("CTY", "city", Text(max=30, sample="EXAMPLE CITY")),
        Field("ZIP", "ZIP code", Text(max=5, pattern="[0-9]{5}", hint="five digits", sample="00999")),
        Field("STA", "status", Code(table="registration_status")),
        Field("EXP", "valid until", Day(future=True)),
    ),
    found_by=(("LIC",), ("VIN",)),
    narrow=("LIS", "LIT"),
    headline=("VYR", "VMA", "VMO", "VCO", "OWN"),
)  # fmt: skip
