"""Violent persons, a warning to whoever meets them: the state's file and NCIC's."""

from wireroom.catalog.file import Also, Field, File, Keep
from wireroom.catalog.files import shared
from wireroom.catalog.guarding import Restricted
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.rules import Needs

VIOLENT = File(
    code="violent",
    title="Violent person",
    letter="L",
    held_by=shared.BOTH,
    hit="VIOLENT PERSON",
    confirm="APPROACH WITH CAUTION: THIS RECORD ALONE IS NO GROUND FOR AN ARREST OR A SEARCH",
    enter="EVP", modify="MVP", cancel="XVP",
    answers=(Also("QW", shared.BY_PERSON), Also("QV", shared.BY_VEHICLE)),
    fields=(
        *shared.WHO, *shared.RESIDENCE,
        Field("VOW", "whose vehicle", Code(table="vehicle_ownership", sample="P")),
        Field("VPC", "why entered", Code(table="violence"), required=True),
        Field("OFF", "offence", Code(table="offence")),
        Field("DCV", "date of the conviction or threat", Day(), required=True),
        Field("PHO", "phone", Text(max=20, sample="555-0199"), many=5),
        *shared.CASE,
    ),
    found_by=shared.BY_ANY,
    narrow=shared.PARTS,
    rules=(*shared.DESCRIBED, Needs("VPC", ("4",), "MIS"), Needs("VOW", ("Y",), "MIS")),
    same=(("NAM", "DOB", "VPC", "OCA"),),
    headline=("NAM", "DOB", "VPC"),
    restricted=Restricted.ALL,
    keep=Keep(mark="sourced: unlimited, until cancelled"),
    validated=True,
    forwards=shared.TOLD,
)  # fmt: skip
