"""Driver licences and identification cards: the DMV's."""

from wireroom.catalog.file import Also, Field, File, Source
from wireroom.catalog.files.shared import DOB, EYE, HAI, HGT, NAM, OLN, OLS, SEX, WGT
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_time import Day

LICENCE = File(
    code="licence",
    title="Driver licence",
    held_by=(Source.DMV,),
    inquire="DQ", answers=(Also("QW", ("NAM", "OLN")),), asked_as="DQ",
    fields=(
        OLN, OLS, NAM, DOB, SEX, HGT, WGT, EYE, HAI,
        Field("ADR", "street", Text(max=60, sample="999 OAK AVE")),
        Field("CTY", "city", Text(max=30, sample="EXAMPLE CITY")),
        Field("ZIP", "ZIP code", Text(max=5, pattern="[0-9]{5}", hint="five digits", sample="00999")),
        Field("CLS", "class", Code(table="licence_class")),
        Field("STA", "status", Code(table="licence_status")),
        Field("ISS", "issued", Day()),
        Field("EXP", "expires", Day(future=True)),
    ),
    found_by=(("OLN",), ("NAM",)),
    narrow=("OLS", "DOB", "SEX"),
    headline=("NAM", "DOB", "STA", "CLS"),
)  # fmt: skip
