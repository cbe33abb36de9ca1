"""Administration over HTTP: what a coordinator, an auditor and DOJ do, as the ways of `office_ways` say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wireroom.policy.facts import Fact, FactKind
from wireroom.web import office_shapes as shapes
from wireroom.web import openapi, people
from wireroom.web.api_door import ApiDoor, Limits, NoSuchWay, at_door, peer_of
from wireroom.web.guard import Guard
from wireroom.web.office_house import Office, OfficeDoor
from wireroom.web.office_shapes import LIMIT, LIMIT_MAX, Call
from wireroom.web.session import UNFIT, Admitting, Refusal
from wireroom.web.shapes import Health
from wireroom.web.trouble import JSON, NO_STORE, Refuse, as_json
from wireroom.web.way import At
from wireroom.web.ways import WAYS

Answer = TypeVar("Answer")
NEED = "Need"  # the header in which a need is stated
OF_THE_SENDER = frozenset({UNFIT, "need"})  # refusals of how something is asked, and not of who asks


def office_site(house: OfficeDoor, *, limits: Limits = Limits()) -> Starlette:  # noqa: B008 - frozen
    """The whole of administration's own door. It is given nothing by which anybody could ask about a record."""
    api = OfficeApi(house, house.office, limits)
    ways = at_door(WAYS, At.ADMINISTRATION, At.BOTH)
    return Starlette(
        routes=[*api.routes(ways), NoSuchWay(api, ways).route(), Route("/{rest:path}", nothing_here)],
        middleware=[Middleware(Guard)],
    )


async def nothing_here(request: Request) -> Response:
    """There are no pages at this door."""
    return Response("This door has no pages: see /api/v1/openapi.json.", 404, NO_STORE, "text/plain")


class OfficeApi(ApiDoor):
    """What the ways of administration do. Who may is decided behind the door, where it is written down too."""

    def __init__(self, house: Admitting, office: Office, limits: Limits) -> None:
        super().__init__(house, limits)
        self._house, self._office = house, office
        self._document = b""

    async def _call(self, request: Request) -> Call:
        session = await self._who(request)
        proven = datetime.fromisoformat(session.proven) if session.proven else None
        need = " ".join(request.headers.get(NEED, "").split())
        return Call(seat=session.seat, peer=peer_of(request), need=need, proven=proven)

    # ------------------------------------------------------------------ people and accounts

    async def people(self, request: Request) -> Response:
        """What stands of the agency's people."""
        found = given(await self._office.people.members(await self._call(request)))
        return as_json(people.people_shown(found, self._office.demands, self._house.now()))

    async def due(self, request: Request) -> Response:
        """What must be done about the agency's people."""
        found = given(await self._office.people.members(await self._call(request), due=True))
        return as_json(people.due_shown(found, self._office.demands, self._house.now()))

    async def fact(self, request: Request) -> Response:
        """A fact of somebody of the agency."""
        call = await self._call(request)
        fact = people.fact_of(await self._body(request, people.FactGiven), self._house.now())
        return done(await self._office.people.record(call, fact))

    async def review(self, request: Request) -> Response:
        """Somebody looked at an account."""
        call = await self._call(request)
        told = await self._body(request, shapes.ReviewGiven)
        fact = Fact(person=told.person, kind=FactKind.REVIEW, day=told.day or people.day_of(self._house.now()),
                    good=told.good)  # fmt: skip
        return done(await self._office.people.record(call, fact))

    async def accounts(self, request: Request) -> Response:
        """Every account of the agency."""
        page, call = Page(request), await self._call(request)
        found = given(await self._office.people.accounts(call, asked(request, "ori")))
        shown, after = page.of(found, lambda one: one.person)
        return as_json(shapes.AccountsShown(shown, after))

    async def reviews(self, request: Request) -> Response:
        """The same in the order of who must be looked at."""
        page, call = Page(request), await self._call(request)
        found = given(await self._office.people.accounts(call, "", reviews=True))
        shown, after = page.of(found, lambda one: f"{one.review_by} {one.person}")
        return as_json(shapes.AccountsShown(shown, after))

    async def requests(self, request: Request) -> Response:
        """The accounts that were asked for."""
        page, call = Page(request), await self._call(request)
        found = given(await self._office.people.requests(call))
        shown, after = page.of(found, lambda one: one.request, sorted_by_key=False)
        return as_json(shapes.RequestsShown(shown, after))

    async def request(self, request: Request) -> Response:
        """Ask for an account."""
        call = await self._call(request)
        return as_json(
            given(await self._office.people.ask(call, await self._body(request, shapes.AccountAsked))), 201
        )

    async def decide(self, request: Request) -> Response:
        """Approve or refuse one."""
        call = await self._call(request)
        return as_json(
            given(await self._office.people.decide(call, await self._body(request, shapes.Decision)))
        )

    async def first_password(self, request: Request) -> Response:
        """The first password of an account that one asked for."""
        call = await self._call(request)
        return as_json(
            given(await self._office.people.collect(call, await self._body(request, shapes.Collect)))
        )

    async def change_account(self, request: Request) -> Response:
        """Enable, suspend, stop, unlock."""
        call = await self._call(request)
        return as_json(
            given(await self._office.people.change(call, await self._body(request, shapes.AccountChange)))
        )

    async def change_role(self, request: Request) -> Response:
        """Another role."""
        call = await self._call(request)
        return done(await self._office.people.change_role(call, await self._body(request, shapes.RoleChange)))

    # ------------------------------------------------------------------ devices, terminals, agreements

    async def devices(self, request: Request) -> Response:
        """The certificates of the agency's devices."""
        page, call = Page(request), await self._call(request)
        found = given(await self._office.register.devices(call, asked(request, "ori")))
        shown, after = page.of(found, lambda one: f"{one.terminal} {one.fingerprint}")
        return as_json(shapes.DevicesShown(shown, after))

    async def posture(self, request: Request) -> Response:
        """What stands of a device."""
        call = await self._call(request)
        told = await self._body(request, shapes.PostureGiven)
        return as_json(shapes.DevicesShown(given(await self._office.register.posture(call, told))))

    async def revoke(self, request: Request) -> Response:
        """A certificate is trusted no more."""
        call = await self._call(request)
        told = await self._body(request, shapes.Revocation)
        return as_json(shapes.DevicesShown(given(await self._office.register.revoke(call, told))))

    async def lost(self, request: Request) -> Response:
        """A device is lost."""
        call = await self._call(request)
        told = await self._body(request, shapes.Loss)
        return as_json(shapes.DevicesShown(given(await self._office.register.lost(call, told))))

    async def terminals(self, request: Request) -> Response:
        """The agency's terminals."""
        page, call = Page(request), await self._call(request)
        shown, after = page.of(given(await self._office.register.terminals(call)), lambda one: one.terminal)
        return as_json(shapes.TerminalsShown(shown, after))

    async def change_terminal(self, request: Request) -> Response:
        """A terminal's class, or whether it may be used."""
        call = await self._call(request)
        told = await self._body(request, shapes.TerminalChange)
        return done(await self._office.register.change_terminal(call, told))

    async def agreements(self, request: Request) -> Response:
        """What agencies agreed."""
        page, call = Page(request), await self._call(request)
        shown, after = page.of(given(await self._office.register.agreements(call)), lambda one: one.ori)
        return as_json(shapes.AgreementsShown(shown, after))

    async def agree(self, request: Request) -> Response:
        """What an agency's agreement covers."""
        call = await self._call(request)
        return done(await self._office.register.agree(call, await self._body(request, shapes.AgreementGiven)))

    # ------------------------------------------------------------------ reports

    async def access(self, request: Request) -> Response:
        """Who of the agency asked how often."""
        page, call, wanted = Page(request), await self._call(request), wanted_of(request)
        found = given(await self._office.reports.access(call, wanted))
        used, after = page.of(found.used, lambda one: "|".join((one.person, one.purpose, one.file)))
        if page.after:  # the rest came with the first part
            found = msgspec.structs.replace(found, refused=(), unexplained=())
        return as_json(msgspec.structs.replace(found, used=used, after=after))

    async def asked_by(self, request: Request) -> Response:
        """What one person asked."""
        call = await self._call(request)
        return as_json(given(await self._office.reports.asked_by(call, wanted_of(request))))

    # ------------------------------------------------------------------ the door itself

    async def document(self, request: Request) -> Response:
        """The description of this door."""
        await self._who(request)
        if not self._document:
            ways = at_door(WAYS, At.ADMINISTRATION, At.BOTH)
            self._document = msgspec.json.encode(openapi.describe(None, ways))
        return Response(self._document, headers=NO_STORE, media_type=JSON)

    async def health(self, request: Request) -> Response:
        """Ok or down, how many alarms there are, and nothing of any link."""
        state, status = ("ok", 200) if self._house.well else ("down", 503)
        return as_json(Health(state, self._house.alarms), status)


# --------------------------------------------------------------------------- what the address asks


class Page:
    """How much of a list is shown, as the address says. Raises Refuse where it says something else."""

    def __init__(self, request: Request) -> None:
        self.after = asked(request, "after")
        self.limit = limit_of(request)

    def of(
        self, found: Sequence[Answer], key: Callable[[Answer], str], *, sorted_by_key: bool = True
    ) -> tuple[tuple[Answer, ...], str]:
        """What follows, and by which word one asks for what follows that; empty where nothing does."""
        if sorted_by_key:
            left = sorted((one for one in found if key(one) > self.after), key=key)
        else:
            places = [place for place, one in enumerate(found) if key(one) == self.after]
            left = list(found[places[0] + 1 :] if places else found)
        shown = tuple(left[: self.limit])
        return shown, key(shown[-1]) if len(left) > len(shown) else ""


def asked(request: Request, name: str) -> str:
    """A word of the address, within what any list can have."""
    return request.query_params.get(name, "")[:200].replace("\x00", "")


def limit_of(request: Request) -> int:
    """How many at once. Raises Refuse."""
    said = asked(request, "limit") or str(LIMIT)
    if not (said.isascii() and said.isdigit() and 1 <= int(said) <= LIMIT_MAX):
        raise Refuse(422, "limit", f"limit is a number from 1 to {LIMIT_MAX}.")
    return int(said)


def wanted_of(request: Request) -> shapes.ReportWanted:
    """Of which time, of whom. Raises Refuse."""
    return shapes.ReportWanted(
        since=moment_of(request, "since"), until=moment_of(request, "until"), person=asked(request, "person")[:32],
        after=asked(request, "after")[:20], limit=limit_of(request),
    )  # fmt: skip


def moment_of(request: Request, name: str) -> datetime:
    """A moment of the address with its zone. Raises Refuse."""
    try:
        at = datetime.fromisoformat(asked(request, name).replace(" ", "+"))  # a + in an address is a space
        if at.tzinfo is None or not 2000 <= at.year < 3000:
            raise ValueError
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refuse(422, name, f"{name} is a moment with its zone, as 2026-11-01T00:00:00Z.") from None


def given(answer: Answer | Refusal) -> Answer:
    """What the office gave. Raises Refuse where it is a refusal."""
    if isinstance(answer, Refusal):
        raise Refuse(422 if answer.code in OF_THE_SENDER else 403, answer.code, answer.reason)
    return answer


def done(answer: Refusal | None) -> Response:
    """That it was done. Raises Refuse where it was not."""
    given(answer)
    return Response(status_code=204, headers=NO_STORE)
