"""Agencies by their ORI or their place: NCIC's directory."""

from wireroom.catalog.file import Field, File, Source
from wireroom.catalog.files.shared import ADR, CTY, MIS, ZIP
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_number import Ori

PHONE = Text(max=10, pattern="[0-9]{10}", hint="ten digits", sample="9999999999")

ORI = File(
    code="ori",
    title="Agency identifier",
    letter="O",
    held_by=(Source.NCIC,),
    inquire="QO",
    fields=(
        Field("AGY", "agency's ORI", Ori(index="AGY")),
        Field("LOC", "place", Text(max=30, pattern="[A-Z' -]{1,30}", index="LOC", sample="SPECIMEN TOWN",
              hint="a city's name in letters")),
        Field("TTL", "agency", Text(max=60, sample="SPECIMEN POLICE 9999")),
        Field("AGT", "kind of agency", Code(table="agency_type", sample="3")),
        ADR, CTY,
        Field("RES", "state", Code(table="state", sample="CA")),
        ZIP,
        Field("PHO", "telephone", PHONE), Field("FAX", "fax", PHONE),
        Field("HRS", "hours", Text(max=30, sample="24 HOURS")),
        MIS,
    ),
    found_by=(("AGY",), ("LOC",)),
    narrow=("RES",),
    headline=("AGY", "TTL", "LOC", "RES"),
    note="The place is matched whole: it is a name in a directory, not a search.",
)  # fmt: skip
