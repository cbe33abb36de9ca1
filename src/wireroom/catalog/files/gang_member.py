"""Members of gangs: the state's file and NCIC's."""

from wireroom.catalog.file import Also, Field, File, Keep
from wireroom.catalog.files import shared
from wireroom.catalog.guarding import Restricted
from wireroom.catalog.kinds import Code
from wireroom.catalog.kinds_of_time import Day

GANG_MEMBER = File(
    code="gang_member",
    title="Gang member",
    letter="T",
    held_by=shared.BOTH,
    hit="GANG MEMBER",
    confirm="APPROACH WITH CAUTION: THIS RECORD ALONE IS NO GROUND FOR AN ARREST OR A SEARCH",
    enter="EGM", modify="MGM", cancel="XGM", inquire="QGM",
    answers=(Also("QW", shared.BY_PERSON),),
    fields=(
        *shared.WHO, *shared.RESIDENCE, shared.required(shared.GNG), *shared.GANG[1:],
        Field("ECR", "why entered", Code(table="gang_criterion", among=("A", "B", "C", "D", "E", "F", "I")), many=7,
              required=True),
        Field("DNT", "date the person was told", Day(), note="the notice that Penal Code 186.34 asks for"),
        shared.DOP, *shared.CASE,
    ),
    found_by=shared.BY_ANY,
    narrow=(*shared.PARTS, "GNG", "SGP"),
    rules=shared.DESCRIBED,
    same=(("NAM", "DOB", "GNG"),),
    headline=("NAM", "DOB", "GNG", "SGP"),
    restricted=Restricted.ALL,
    keep=Keep(until="DOP", days=1826, mark="general knowledge: to the date of purge, at most five years"),
    validated=True,
    forwards=shared.TOLD,
)  # fmt: skip
