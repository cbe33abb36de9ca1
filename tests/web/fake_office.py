"""An office of administration that writes down what it is asked, and answers as a test says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wireroom.policy.facts import Fact
from wireroom.policy.fitness import USUAL
from wireroom.policy.staff import Member
from wireroom.web import office_shapes as shapes
from wireroom.web.office_shapes import Call
from wireroom.web.session import Refusal

if TYPE_CHECKING:
    from tests.web.fake_house import FakeHouse


class FakeOffice:
    """All three parts in one: each call is kept in the house's `calls`. `house.staff` may be a refusal of all."""

    demands = USUAL

    def __init__(self, house: FakeHouse) -> None:
        self._house = house
        self.people = self.register = self.reports = self

    def _answer(self, what: str, call: Call, given: object, answer: Any) -> Any:  # Any: what the test says
        self._house.calls.append((what, call, given))
        refused = self._house.staff
        return refused if isinstance(refused, Refusal) else answer

    async def members(self, call: Call, *, due: bool = False) -> tuple[Member, ...] | Refusal:
        self._house.calls.append(("members", call, due))
        return self._house.staff

    async def record(self, call: Call, fact: Fact) -> Any:
        self._house.facts.append(fact)
        return self._answer("record", call, fact, None)

    async def accounts(self, call: Call, ori: str, *, reviews: bool = False) -> Any:
        return self._answer("accounts", call, (ori, reviews), ())

    async def requests(self, call: Call) -> Any:
        return self._answer("requests", call, None, ())

    async def ask(self, call: Call, given: shapes.AccountAsked) -> Any:
        return self._answer("ask", call, given, shapes.RequestMade("r1"))

    async def decide(self, call: Call, given: shapes.Decision) -> Any:
        answer = shapes.Decided(request=given.request, person="j.doe", decision="approved")
        return self._answer("decide", call, given, answer)

    async def collect(self, call: Call, given: shapes.Collect) -> Any:
        return self._answer("collect", call, given, shapes.FirstPassword(person="j.doe", password="x"))

    async def change(self, call: Call, given: shapes.AccountChange) -> Any:
        return self._answer("change", call, given, shapes.AccountChanged(person=given.person, act=given.act))

    async def change_role(self, call: Call, given: shapes.RoleChange) -> Any:
        return self._answer("change_role", call, given, None)

    async def devices(self, call: Call, ori: str) -> Any:
        return self._answer("devices", call, ori, ())

    async def posture(self, call: Call, given: shapes.PostureGiven) -> Any:
        return self._answer("posture", call, given, ())

    async def revoke(self, call: Call, given: shapes.Revocation) -> Any:
        return self._answer("revoke", call, given, ())

    async def lost(self, call: Call, given: shapes.Loss) -> Any:
        return self._answer("lost", call, given, ())

    async def terminals(self, call: Call) -> Any:
        found = tuple(
            shapes.TerminalShown(terminal=f"ZD{n:02}", ori="CA0990100", kind="fixed", device="ordinary", title="",
                                 enabled=True, test=False)
            for n in range(1, 6)
        )  # fmt: skip
        return self._answer("terminals", call, None, found)

    async def change_terminal(self, call: Call, given: shapes.TerminalChange) -> Any:
        return self._answer("change_terminal", call, given, None)

    async def agreements(self, call: Call) -> Any:
        return self._answer("agreements", call, None, ())

    async def agree(self, call: Call, given: shapes.AgreementGiven) -> Any:
        return self._answer("agree", call, given, None)

    async def access(self, call: Call, wanted: shapes.ReportWanted) -> Any:
        report = shapes.AccessReport(ori="CA0990100", since=wanted.since, until=wanted.until, used=(), refused=(),
                                     unexplained=())  # fmt: skip
        return self._answer("access", call, wanted, report)

    async def asked_by(self, call: Call, wanted: shapes.ReportWanted) -> Any:
        report = shapes.PersonReport(person=wanted.person, since=wanted.since, until=wanted.until, asked=())
        return self._answer("asked_by", call, wanted, report)
