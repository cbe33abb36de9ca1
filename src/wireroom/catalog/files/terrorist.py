"""Known or suspected terrorists: NCIC's file."""

from wireroom.catalog.file import Also, Field, File, Keep, Source
from wireroom.catalog.files import shared
from wireroom.catalog.guarding import Restricted
from wireroom.catalog.kinds import Code

TERRORIST = File(
    code="terrorist",
    title="Known or suspected terrorist",
    letter="T",
    held_by=(Source.NCIC,),
    hit="TERRORIST SCREENING",
    confirm="DO NOT TELL THE PERSON AND DO NOT ARREST ON THIS RECORD ALONE: CALL THE TERRORIST SCREENING CENTER",
    answers=(Also("QW", shared.BY_PERSON), Also("QV", shared.BY_VEHICLE)),
    fields=(
        *shared.WHO, *shared.RESIDENCE, *shared.GANG,
        Field("HND", "handling", Code(table="terrorist_handling"), required=True),
        Field("ECR", "why entered", Code(table="gang_criterion", among=("G", "H"))),
        *shared.CASE,
    ),
    found_by=shared.BY_ANY,
    narrow=shared.PARTS,
    rules=shared.DESCRIBED,
    headline=("NAM", "DOB", "HND"),
    restricted=Restricted.ALL,
    keep=Keep(mark="general knowledge: until who entered it cancels it"),
)  # fmt: skip
