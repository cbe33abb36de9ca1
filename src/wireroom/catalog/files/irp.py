"""Trucks and buses registered in several states at once, under the International Registration Plan: the DMV's."""

from wireroom.catalog.file import Field, File, Source
from wireroom.catalog.files.shared import ADR, CTY, LIC, LIS, LIT, LIY, VIN, VMA, VST, VYR, ZIP
from wireroom.catalog.kinds import Code, Number, Text
from wireroom.catalog.kinds_of_number import Serial
from wireroom.catalog.kinds_of_time import Day

IRP = File(
    code="irp",
    title="International registration plan",
    held_by=(Source.DMV,),
    inquire="IRQ", asked_as="IRQ",
    fields=(
        LIC, LIS, LIT, LIY, VIN, VYR, VMA, VST,
        Field("UNT", "carrier's unit number", Text(max=10, pattern="[A-Z0-9-]{1,10}", sample="U-999",
              hint="letters, digits and hyphens")),
        Field("CAR", "carrier", Text(max=50, sample="SPECIMEN TRUCKING 9999")),
        Field("USD", "USDOT number", Serial(max=9, index="USD")),
        Field("ACN", "account", Serial(max=12, index="ACN")),
        ADR, CTY, ZIP,
        Field("GVW", "weight in pounds", Number(low=1, high=160_000)),
        Field("JUR", "registered in", Code(table="state"), many=50),
        Field("STA", "status", Code(table="registration_status")),
        Field("EXP", "valid until", Day(future=True)),
    ),
    found_by=(("LIC",), ("VIN",), ("USD",)),
    narrow=("LIS", "LIT"),
    headline=("VYR", "VMA", "LIC", "LIS", "CAR", "STA"),
    note="Ours: the key is not Nlets'.",
)  # fmt: skip
