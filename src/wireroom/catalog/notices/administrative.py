"""The administrative message: words from one terminal to others, to a group, a county, a region or the whole state."""

from wireroom.catalog.broadcast import Bar, Broadcast
from wireroom.catalog.file import Carrier, Field, Notice, Verb
from wireroom.catalog.kinds import Code, Prose, Text
from wireroom.catalog.kinds_of_number import Address, Fcn
from wireroom.catalog.reach import GROUP_NAME, Reach
from wireroom.catalog.rules import Needs

BULLETINS = "sourced: not allowed on bulletins"
BUSINESS = "what goes to many is about crime, an alert, an emergency or business between agencies"

BROADCAST = Broadcast(
    to="TO",
    subject="SUB",
    text="TXT",
    grave="LOD",
    meant="WRD",
    subjects="broadcast_subject",
    phrases="broadcast_words",
    bars=(
        Bar(("RUN", "MISS"), "beyond the county that looks for the person only a danger to life is broadcast",
            beyond=Reach.COUNTY, unless_grave=True,
            mark="sourced: missing persons only in matters of life or death, runaway juveniles not at all; that the "
                 "county is told is the law, Penal Code 14211"),
        Bar(("MISD",), "only a felony is broadcast", mark=BULLETINS),
        Bar(("TRAF", "FTP"), "such a want stands in the file and is found by whoever asks", mark=BULLETINS),
        Bar(("PROP",), "what has a number is entered into its file, and the rest is found by nobody", mark=BULLETINS),
        Bar(("RET", "SOC", "TRNG", "RECR"), BUSINESS, mark=BULLETINS),
        Bar(("POL",), BUSINESS, mark=BULLETINS),
        Bar(("DTH",), "only the death of an active sworn member or of an executive is broadcast", mark=BULLETINS),
        Bar(("PROF",), "such words are not sent", mark=BULLETINS),
    ),
)  # fmt: skip
_YES = Code(table="yes_no", sample="Y", among=("Y",))

ADMINISTRATIVE = Notice(
    key="AM",
    title="Administrative message",
    carrier=Carrier.MESSAGES,
    fields=(
        Field("TO", "to", Address(wide=True), required=True, many=20, beyond="send the message again to the others",
              note="an ORI reaches every terminal of that agency; CO-099 a county, GRP-NAME a group, REG-1A a region"),
        Field("SUB", "subject", Code(table="broadcast_subject", sample="BOLO"),
              note="required where TO is a county, a group, a region or STATEWIDE"),
        Field("FCN", "about this record", Fcn(), note="the record itself says what the message is about"),
        Field("LOD", "danger to life", _YES, note="a supervisor must declare it too"),
        Field("WRD", "words meant otherwise", _YES, note="where TXT was refused for its words"),
        Field("TXT", "text", Prose(), required=True),
    ),
    broadcast=BROADCAST,
    note="At most 20 addressees (sourced: a joint message of the Los Angeles county switch). How addresses are "
         "written, the seven regions and who approves are ours (proposed); the regions follow those of mutual aid "
         "(general knowledge), and the counties 059 to 099 are invented, like all that lies in them.",
)  # fmt: skip

APPROVAL = Notice(
    key="AMA",
    title="Approve or refuse a broadcast of your agency",
    verb=Verb.APPROVE,
    carrier=Carrier.MESSAGES,
    to="",
    fields=(
        Field("REF", "number of the broadcast", Text(max=19, pattern="[0-9]{6,19}", sample="999999999999999999",
                                                     hint="the number that the broadcast came with"), required=True),
        Field("APV", "decision", Code(table="approval", sample="Y"), required=True),
        Field("LOD", "danger to life", _YES, note="where the broadcast says so, whoever approves declares it too"),
        Field("REM", "remarks", Text(max=200), note="why not"),
    ),
    rules=(Needs("APV", ("N",), "REM"),),
    note="By a supervisor of the sender's agency, and never by the sender (proposed). What nobody approves within an "
         "hour is not sent, and the sender is told.",
)  # fmt: skip

BROADCASTS = Notice(
    key="AML",
    title="List broadcast groups, or what waits for a supervisor",
    verb=Verb.LIST,
    carrier=Carrier.MESSAGES,
    to="",
    fields=(
        Field("LST", "which list", Code(table="broadcast_list", sample="GROUPS"), required=True),
        Field("GRP", "group", Text(max=12, pattern=GROUP_NAME, sample="AAAA", hint="the name of a group"),
              note="with GROUPS: its members"),
    ),
)  # fmt: skip
