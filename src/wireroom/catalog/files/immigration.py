"""Deported felons and others whom the immigration authority seeks: NCIC's file."""

from wireroom.catalog.file import Also, Field, File, Keep, Source
from wireroom.catalog.files import shared
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_time import Day

IMMIGRATION = File(
    code="immigration",
    title="Immigration violator",
    letter="N",
    held_by=(Source.NCIC,),
    hit="IMMIGRATION VIOLATOR",
    confirm="CALIFORNIA LAW FORBIDS AN ARREST ON A CIVIL IMMIGRATION RECORD: ASK A SUPERVISOR BEFORE ANY ACT",
    answers=(Also("QW", shared.BY_PERSON),),
    fields=(
        *shared.WHO, shared.FPC,
        Field("IVC", "why entered", Code(table="immigration"), required=True),
        Field("OFF", "offence", Code(table="offence")),
        Field("DTO", "date of the order or removal", Day(), required=True),
        Field("WNO", "warrant number", Text(max=15, index="WNO", sample="W999999")),
        Field("PHO", "phone of the entering agency", Text(max=20, sample="555-0199")),
        *shared.CASE,
    ),
    found_by=shared.BY_ANY,
    narrow=shared.PARTS,
    rules=shared.DESCRIBED,
    headline=("NAM", "DOB", "IVC"),
    keep=Keep(mark="general knowledge: until who entered it cancels it"),
    note="The limit is Government Code 7284.6 (general knowledge); a criminal warrant stands in the wanted file.",
)  # fmt: skip
