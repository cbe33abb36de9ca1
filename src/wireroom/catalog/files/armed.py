"""Armed and prohibited persons: who may have no firearm and has one, worked out by the state itself."""

from wireroom.catalog.consequences import Derived
from wireroom.catalog.file import Field, File, Keep
from wireroom.catalog.files import shared
from wireroom.catalog.kinds import Number, Text

ARMED = File(
    code="armed",
    title="Armed and prohibited person",
    source="APPS",
    hit="ARMED AND PROHIBITED PERSON",
    confirm="CONFIRM THE PROHIBITION AND THE FIREARMS WITH THE DEPARTMENT OF JUSTICE BEFORE ANY ARREST OR SEIZURE",
    inquire="QVA",
    fields=(
        shared.NAM, shared.DOB, shared.SEX,
        Field("PRO", "prohibition", Text(max=60, sample="FELONY WARRANT"), many=20, required=True),
        Field("LNK", "record behind it", Text(max=13, pattern="[0-9]{13}", index="LNK", sample="9992600199999",
                                              hint="a file control number of 13 digits"), many=50, required=True),
        Field("GUNS", "firearms", Number(low=1, high=999), required=True),
    ),
    found_by=(("NAM",),),
    narrow=("DOB", "SEX"),
    same=(("NAM", "DOB"),),
    headline=("NAM", "DOB", "PRO"),
    keep=Keep(mark="sourced: as long as a prohibition meets a firearm"),
    derived=Derived(words="PRO", links="LNK", count="GUNS"),
    note="Only for who may have criminal history by Penal Code 11105 (sourced).",
)  # fmt: skip
