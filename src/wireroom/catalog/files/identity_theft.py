"""Victims of identity theft, so that nobody takes them for who used their name: the state's file and NCIC's."""

from wireroom.catalog.file import Also, Field, File, Keep
from wireroom.catalog.files import shared
from wireroom.catalog.guarding import Restricted
from wireroom.catalog.kinds import Code, Text

IDENTITY_THEFT = File(
    code="identity_theft",
    title="Identity theft victim",
    letter="J",
    held_by=shared.BOTH,
    hit="IDENTITY THEFT VICTIM",
    confirm="ASK FOR THE PASSWORD: WHO KNOWS IT IS THE VICTIM, WHO DOES NOT MAY BE AN IMPOSTOR; CONFIRM FIRST",
    enter="EID", modify="MID", clear="CID", cancel="XID", inquire="QID",
    answers=(Also("QW", shared.BY_PERSON),),
    fields=(
        *shared.WHO,
        Field("IDT", "kind of theft", Code(table="identity_theft"), many=8, required=True),
        shared.DOT,
        Field("PWD", "password", Text(max=30), required=True, secret=True),
        Field("CNS", "the victim agreed to this record", Code(table="yes_no", among=("Y",)), required=True),
        shared.required(shared.DOP), *shared.CASE,
    ),
    found_by=shared.BY_ANY,
    narrow=shared.PARTS,
    rules=shared.DESCRIBED,
    same=(("NAM", "DOB", "OCA"),),
    headline=("NAM", "DOB", "IDT"),
    restricted=Restricted.ALL,
    keep=Keep(until="DOP", days=1826, mark="general knowledge: to the date of purge, at most five years"),
    validated=True,
    forwards=shared.TOLD,
)  # fmt: skip
