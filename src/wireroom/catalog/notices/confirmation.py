"""Hit confirmation: whoever has a hit asks the agency that entered the record whether it stands, and is answered."""

from wireroom.catalog.file import Field, Notice, Verb
from wireroom.catalog.files.shared import DOB, LIC, LIS, NAM, SEX, VIN
from wireroom.catalog.kinds import Code, Number, Text
from wireroom.catalog.kinds_of_number import Address, Fcn, Nic, Serial
from wireroom.catalog.rules import Needs, OneOf, Together

CONFIRM = Notice(
    key="YQ",
    title="Ask the entering agency to confirm a hit",
    verb=Verb.CONFIRM,
    fields=(
        Field("TO", "to the agency", Address(), required=True, note="the ORI of the record"),
        Field("RTY", "what was hit", Code(table="hit_type", sample="SV"), required=True),
        Field("PRI", "priority", Code(table="hit_priority", sample="U"), required=True,
              note="U: somebody is held on the hit alone, an answer is due in 10 minutes; R: in one hour (sourced)"),
        Field("FCN", "file control number", Fcn()),
        Field("NIC", "NCIC number", Nic()),
        Field("OCC", "the agency's case number", Text(max=20, sample="99-999999")),
        LIC, LIS, VIN, NAM, DOB, SEX,
        Field("SER", "serial number", Serial()),
        Field("RNA", "who asks", Text(max=30, sample="AAAAAA")),
        Field("PHO", "telephone", Text(max=20, sample="999-555-9999")),
        Field("REM", "remarks", Text(max=200)),
    ),
    rules=(OneOf((("FCN",), ("NIC",))), Together(("LIC", "LIS"))),
    note="Asked a second and a third time by the switch where no answer comes, with copies to the control agency; then "
         "it stands in the list of those that nobody answered (sourced: 10 minutes and 1 hour; the copies are general "
         "knowledge).",
)  # fmt: skip

REPLY = Notice(
    key="YR",
    title="Answer a request to confirm a hit",
    verb=Verb.REPLY,
    to="",
    fields=(
        Field("REF", "number of the request", Text(max=19, pattern="[0-9]{6,19}", sample="999999999999999999",
                                                   hint="the number that the request came with"), required=True),
        Field("CON", "confirmed", Code(table="confirmed", sample="Y"), required=True),
        Field("ELP", "hours until it is known", Number(low=1, high=99)),
        Field("CNA", "who confirms", Text(max=30, sample="AAAAAA")),
        Field("PHO", "telephone", Text(max=20, sample="999-555-9999")),
        Field("REM", "remarks", Text(max=200)),
    ),
    rules=(Needs("CON", ("E",), "ELP"),),
)  # fmt: skip

CONFIRMATIONS = Notice(
    key="YL",
    title="List requests to confirm that are not over",
    verb=Verb.LIST,
    to="",
    fields=(
        Field("LST", "which list", Code(table="confirm_list", sample="OWED"), required=True),
    ),
)  # fmt: skip
