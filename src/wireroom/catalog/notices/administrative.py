"""The administrative message: words from one terminal to others."""

from wireroom.catalog.file import Field, Notice
from wireroom.catalog.kinds import Prose
from wireroom.catalog.kinds_of_number import Address

ADMINISTRATIVE = Notice(
    key="AM",
    title="Administrative message",
    fields=(
        Field(
            "TO", "to", Address(), required=True, many=20, note="an ORI reaches every terminal of that agency"
        ),
        Field("TXT", "text", Prose(), required=True),
    ),
    note="At most 20 addressees (sourced: a joint message of the Los Angeles county switch).",
)
