"""Who has a criminal history, and where it is held: the index of the Interstate Identification Index (III)."""

from wireroom.catalog.file import Field, File, Keep, Source
from wireroom.catalog.files import shared
from wireroom.catalog.files.history import SID
from wireroom.catalog.kinds import Code
from wireroom.catalog.rules import OneOf

IDENTITY = File(
    code="identity",
    title="Criminal history index",
    source="III",
    letter="Q",
    held_by=(Source.NCIC,),
    inquire="QH",
    fields=(
        *(shared.required(field) if field in (shared.NAM, shared.FBI) else field
          for field in (*shared.PERSON, shared.FBI)),
        SID, shared.SOC, shared.MNU,
        Field("HBY", "a history is held by", Code(table="state", sample="CA"), many=10, required=True),
        shared.MIS,
    ),
    found_by=(("NAM", "SEX", "RAC", "DOB"), *((code,) for code in ("SOC", "FBI", "SID", "MNU"))),
    headline=("NAM", "DOB", "SEX", "FBI"),
    rules=(OneOf((("DOB",), ("SOC",), ("FBI",))),),
    keep=Keep(mark="general knowledge: until who holds the history takes it out"),
    history=True, desk_only=True,
    note="A match is nobody's identity: only fingerprints are. What is held is asked for with QR. It is not asked for "
    "from a car (sourced, weak: CDCR 47030.5). Keys, fields and purposes are NCIC's; SRP and the Q of "
    "its numbers are ours.",
)  # fmt: skip
