"""Persons whom Canada or INTERPOL wants: NCIC's file, entered from abroad."""

from wireroom.catalog.file import Also, Field, File, Keep, Source
from wireroom.catalog.files import shared
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_time import Day

FOREIGN_FUGITIVE = File(
    code="foreign_fugitive",
    title="Foreign fugitive",
    letter="W",
    held_by=(Source.NCIC,),
    hit="FOREIGN FUGITIVE",
    confirm="DO NOT ARREST ON THIS RECORD ALONE: ASK THE ENTERING AGENCY WHETHER A WARRANT HOLDS IN THE UNITED STATES",
    answers=(Also("QW", shared.BY_PERSON), Also("QV", shared.BY_VEHICLE)),
    fields=(
        *shared.WHO, shared.FPC,
        Field("CTR", "country that wants the person", Code(table="country"), required=True),
        Field("OFF", "offence", Code(table="offence"), required=True),
        Field("DOW", "date of the warrant", Day(), required=True),
        Field("WNO", "warrant number", Text(max=15, index="WNO", sample="W999999")),
        *shared.CASE,
    ),
    found_by=shared.BY_ANY,
    narrow=shared.PARTS,
    rules=shared.DESCRIBED,
    headline=("NAM", "DOB", "CTR", "OFF"),
    keep=Keep(mark="general knowledge: until cleared or cancelled by who entered it"),
)  # fmt: skip
