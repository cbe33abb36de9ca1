"""Persons who may threaten someone under protection: NCIC's file, entered by protecting agencies."""

from wireroom.catalog.file import Also, Field, File, Keep, Source
from wireroom.catalog.files import shared
from wireroom.catalog.guarding import Restricted
from wireroom.catalog.kinds import Text
from wireroom.catalog.kinds_of_time import Day

PROTECTIVE = File(
    code="protective",
    title="Protective interest",
    letter="K",
    held_by=(Source.NCIC,),
    hit="PROTECTIVE INTEREST",
    confirm="NO GROUND FOR AN ARREST: CALL THE ENTERING AGENCY AND TELL WHERE THE PERSON WAS MET",
    answers=(Also("QW", shared.BY_PERSON), Also("QV", shared.BY_VEHICLE)),
    fields=(
        *shared.WHO, *shared.RESIDENCE,
        Field("DTT", "date of the threat", Day()),
        Field("PHO", "phone of the entering agency", Text(max=20, sample="555-0199")),
        *shared.CASE,
    ),
    found_by=shared.BY_ANY,
    narrow=shared.PARTS,
    rules=shared.DESCRIBED,
    headline=("NAM", "DOB", "SEX", "RAC"),
    restricted=Restricted.ALL,
    keep=Keep(mark="general knowledge: until who entered it cancels it"),
)  # fmt: skip
