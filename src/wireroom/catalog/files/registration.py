"""Vehicle registrations: the DMV's, and every other state's."""

from wireroom.catalog.file import Also, Conceal, Field, File, Source
from wireroom.catalog.files.shared import (
    ADR,
    CNF,
    COU,
    CTY,
    ENG,
    LIC,
    LIS,
    LIT,
    LIY,
    VCO,
    VIN,
    VMA,
    VMO,
    VST,
    VYR,
    ZIP,
)
from wireroom.catalog.kinds import Code, Number, Text
from wireroom.catalog.kinds_of_number import Plate
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.sources import Abroad

REGISTRATION = File(
    code="registration",
    title="Vehicle registration",
    held_by=(Source.DMV, Source.NLETS),
    abroad=Abroad("LIS", by=(("LIC",), ("VIN",)), most=5),
    inquire="RQ", answers=(Also("QV", ("LIC", "VIN")),), asked_as="RQ",
    fields=(
        LIC, LIS, LIT, LIY, VIN, VYR, VMA, VMO, VST, VCO, ENG,
        Field("AXL", "axles", Number(low=1, high=9)),
        Field("GVW", "weight in pounds", Number(low=1, high=160_000)),
        Field("FUE", "fuel", Code(table="vehicle_fuel")),
        Field("OWN", "registered owner", PersonName()),
        Field("OW2", "second registered owner", PersonName()),
        ADR, CTY, ZIP, COU,
        Field("LES", "lessor or lessee", Text(max=50, sample="SPECIMEN RENTER 9999")),
        Field("LEG", "legal owner", Text(max=50, sample="SPECIMEN FUND 9999")),
        Field("LAD", "legal owner's address", Text(max=60, sample="999 OAK AVE, EXAMPLE CITY")),
        Field("STA", "status", Code(table="registration_status")),
        Field("EXP", "valid until", Day(future=True)),
        Field("STK", "sticker", Text(max=10, pattern="[A-Z0-9]{1,10}", sample="A9999999", hint="letters and digits")),
        Field("OPL", "former plate", Plate()),
        Field("TTL", "title issued", Day()),
        Field("SMG", "smog certificate until", Day(future=True)),
        Field("ROL", "release of liability", Day(), note="who sold it says that it is another's"),
        Field("BRN", "brand of the title", Code(table="title_brand"), many=5),
        Field("MSG", "message of the DMV", Text(max=60, sample="FEES DUE 9999"), many=10),
        CNF,
    ),
    found_by=(("LIC",), ("VIN",), ("OWN", "CTY")),
    narrow=("LIS", "LIT"),
    headline=("VYR", "VMA", "VMO", "VCO", "OWN"),
    conceals=(Conceal("CNF", ("ADR", "CTY", "ZIP", "COU")),),
)  # fmt: skip
