"""The work that waits: every list that the catalogue has, with what it means, one press from being asked."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wireroom.catalog.file import Carrier, Verb
from wireroom.catalog.index import Catalogue
from wireroom.catalog.kinds import Code
from wireroom.catalog.tables import table
from wireroom.message.envelope import Message
from wireroom.message.write import write
from wireroom.web.door import Door

RECORDS = "Records of your agency"
OF_NOTICES: Mapping[Carrier, str] = MappingProxyType(
    {Carrier.CONFIRMING: "Hits to be confirmed", Carrier.MESSAGES: "Broadcasts"}
)
# What a list is for, in a sentence more than its name; a list that is not here has its name.
WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "VERIFY": (
            "To verify",
            "Entered or changed, and not yet compared with its papers by a second person. Whoever entered or "
            "changed a record cannot verify it.",
        ),
        "VALIDATE": (
            "To validate",
            "Due this month: look at the papers, ask the court or the complainant, and say that the record is "
            "still true. What nobody validates is removed.",
        ),
        "LOCATED": (
            "Located by others",
            "Another agency found what your record tells of: clear it, or place a detainer where the person is held.",
        ),
        "OVERDUE": (
            "Overdue",
            "Should have been done by now: entered, told, filed or handed in, as the law or the rules of the file say. "
            "The most overdue stand first.",
        ),
        "LATE": (
            "Entered late",
            "Came into the file later than the law or the rules of the file ask. Each says by how much.",
        ),
        "OWED": (
            "To answer",
            "Other agencies have a hit on your records and wait: ten minutes where it is urgent, an hour where it "
            "is routine. Answer each from its message on the desk.",
        ),
        "ASKED": (
            "Asked by you",
            "Your agency has a hit, asked the owner and waits. The switch asks a second and a third time by itself.",
        ),
        "ESCALATED": (
            "Not answered",
            "Asked three times without an answer, by you or of you: for the supervisor, by telephone.",
        ),
        "APPROVE": (
            "To approve",
            "Broadcasts of your agency that wait for a supervisor, who is not their sender. After an hour they lapse.",
        ),
        "GROUPS": ("Groups", "The broadcast groups, and how many members each has."),
    }
)


class List(msgspec.Struct, frozen=True, kw_only=True):
    """One list as the page offers it."""

    key: str
    code: str
    title: str
    words: str
    text: str  # what asks for it
    first: bool = False


class Waiting:
    """The page."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def routes(self) -> list[Route]:
        return [Route("/work", self.page)]

    async def page(self, request: Request) -> Response:
        session = await self.door.session(request)
        return self.door.render(
            request, "work.html", session, values={"groups": lists_of(self.door.house.catalogue)}
        )


def lists_of(catalogue: Catalogue) -> list[tuple[str, list[List]]]:
    """Every list, those of records first; in each group what presses most stands first."""
    groups: dict[str, list[List]] = {RECORDS: [], **{title: [] for title in OF_NOTICES.values()}}
    for form in catalogue.forms.values():
        for field in form.required if form.verb is Verb.LIST else ():
            if not isinstance(field.kind, Code):
                continue
            order = list(WORDS)
            rows = sorted(
                table(field.kind.table).values(),
                key=lambda row: order.index(row.code) if row.code in order else len(order),
            )
            for row in rows:
                title, words = WORDS.get(row.code, (row.meaning, ""))
                one = List(key=form.key, code=row.code, title=title, words=words or row.meaning, first=row is rows[0],
                           text=write(Message(form.key, ((field.code, row.code),))))  # fmt: skip
                groups[OF_NOTICES[form.notice.carrier] if form.notice else RECORDS].append(one)
    return [(title, lists) for title, lists in groups.items() if lists]
