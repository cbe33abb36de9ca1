"""Gangs, by which their members are recognised: the state's file and NCIC's."""

from wireroom.catalog.file import Field, File, Keep
from wireroom.catalog.files import shared
from wireroom.catalog.guarding import Restricted
from wireroom.catalog.kinds import Text

GANG_GROUP = File(
    code="gang_group",
    title="Gang",
    letter="Z",
    held_by=shared.BOTH,
    enter="EGG", modify="MGG", cancel="XGG", inquire="QGG",
    fields=(
        shared.required(shared.GNG), shared.SGP,
        Field("GAK", "other name of the gang", Text(max=60, index="GNG", sample="SPECIMEN CREW 999"), many=10),
        shared.CTY, shared.COU, shared.STA,
        Field("GCO", "colours and dress", Text(max=100)),
        Field("GSI", "signs, tattoos and graffiti", Text(max=200)),
        Field("GAC", "what it does", Text(max=200)),
        Field("GRV", "rival gang", Text(max=60), many=10),
        Field("PHO", "phone of the entering agency", Text(max=20, sample="555-0199")),
        shared.OCA, shared.MIS,
    ),
    found_by=(("GNG",),),
    narrow=("SGP",),
    same=(("GNG", "SGP"),),
    headline=("GNG", "SGP", "CTY"),
    restricted=Restricted.ALL,
    keep=Keep(mark="general knowledge: until cancelled"),
    validated=True,
    forwards=shared.TOLD,
    note="A gang is found by its name or another that it has, letter for letter.",
)  # fmt: skip
