"""Boats and their owners: the DMV's."""

from wireroom.catalog.file import Also, Conceal, Field, File, Source
from wireroom.catalog.files.shared import ADR, BHN, BOAT, CNF, COU, CTY, ENG, NAM, REG, ZIP
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_time import Day

VESSEL = File(
    code="vessel",
    title="Vessel registration",
    held_by=(Source.DMV,),
    inquire="BQ", answers=(Also("QB", ("REG", "BHN")),), asked_as="BQ",
    fields=(
        REG, BHN, *BOAT, ENG,
        Field(NAM.code, "registered owner", NAM.kind),
        Field("OW2", "second registered owner", NAM.kind),
        ADR, CTY, ZIP, COU,
        Field("LEG", "legal owner", Text(max=50, sample="SPECIMEN FUND 9999")),
        Field("STA", "status", Code(table="registration_status")),
        Field("EXP", "valid until", Day(future=True)),
        Field("STK", "sticker", Text(max=10, pattern="[A-Z0-9]{1,10}", sample="A9999999", hint="letters and digits")),
        Field("MSG", "message of the DMV", Text(max=60, sample="FEES DUE 9999"), many=10),
        CNF,
    ),
    found_by=(("REG",), ("BHN",), ("NAM",)),
    headline=("BYR", "BMA", "BTY", "REG", "NAM"),
    conceals=(Conceal("CNF", ("ADR", "CTY", "ZIP", "COU")),),
)  # fmt: skip
