"""What the assembly hands to the door of administration: all that may be done there, and nothing of inquiries."""

from __future__ import annotations

from typing import Protocol

from wireroom.policy.facts import Fact
from wireroom.policy.fitness import Demands
from wireroom.policy.staff import Member
from wireroom.web import office_shapes as shapes
from wireroom.web.office_shapes import Call
from wireroom.web.session import Admitting, Refusal


class AccountsOffice(Protocol):
    """People and their accounts. Every call is one entry of the journal, done or refused."""

    async def members(self, call: Call, *, due: bool = False) -> tuple[Member, ...] | Refusal: ...

    async def record(self, call: Call, fact: Fact) -> Refusal | None: ...

    async def accounts(
        self, call: Call, ori: str, *, reviews: bool = False
    ) -> tuple[shapes.AccountShown, ...] | Refusal: ...

    async def requests(self, call: Call) -> tuple[shapes.RequestShown, ...] | Refusal: ...

    async def ask(self, call: Call, given: shapes.AccountAsked) -> shapes.RequestMade | Refusal: ...

    async def decide(self, call: Call, given: shapes.Decision) -> shapes.Decided | Refusal: ...

    async def collect(self, call: Call, given: shapes.Collect) -> shapes.FirstPassword | Refusal: ...

    async def change(self, call: Call, given: shapes.AccountChange) -> shapes.AccountChanged | Refusal: ...

    async def change_role(self, call: Call, given: shapes.RoleChange) -> Refusal | None: ...


class RegisterOffice(Protocol):
    """Devices, terminals and agreements. Every call is one entry of the journal, done or refused."""

    async def devices(self, call: Call, ori: str) -> tuple[shapes.DeviceShown, ...] | Refusal: ...

    async def posture(
        self, call: Call, given: shapes.PostureGiven
    ) -> tuple[shapes.DeviceShown, ...] | Refusal: ...

    async def revoke(
        self, call: Call, given: shapes.Revocation
    ) -> tuple[shapes.DeviceShown, ...] | Refusal: ...

    async def lost(self, call: Call, given: shapes.Loss) -> tuple[shapes.DeviceShown, ...] | Refusal: ...

    async def terminals(self, call: Call) -> tuple[shapes.TerminalShown, ...] | Refusal: ...

    async def change_terminal(self, call: Call, given: shapes.TerminalChange) -> Refusal | None: ...

    async def agreements(self, call: Call) -> tuple[shapes.AgreementShown, ...] | Refusal: ...

    async def agree(self, call: Call, given: shapes.AgreementGiven) -> Refusal | None: ...


class ReportsOffice(Protocol):
    """What the journal says of an agency's people, to its auditor. Every call is one entry itself."""

    async def access(self, call: Call, wanted: shapes.ReportWanted) -> shapes.AccessReport | Refusal: ...

    async def asked_by(self, call: Call, wanted: shapes.ReportWanted) -> shapes.PersonReport | Refusal: ...


class Office(Protocol):
    """All of administration."""

    @property
    def demands(self) -> Demands:
        """What is asked of people."""
        ...

    @property
    def people(self) -> AccountsOffice: ...

    @property
    def register(self) -> RegisterOffice: ...

    @property
    def reports(self) -> ReportsOffice: ...


class OfficeDoor(Admitting, Protocol):
    """The house as the door of administration sees it, and nothing more."""

    @property
    def office(self) -> Office: ...
