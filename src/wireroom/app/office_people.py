"""Administration of people and accounts at the doors: the same rules as on the command line, each act by its caller."""

from __future__ import annotations

import secrets
from datetime import timedelta

import msgspec

from wireroom.app.office_gate import Detail, Gate
from wireroom.message.local import day_of
from wireroom.policy import Unfit, asking, staff
from wireroom.policy.asking import Request
from wireroom.policy.devices import Register
from wireroom.policy.directory import Pool
from wireroom.policy.facts import Fact, FactKind, checked, may_record, record
from wireroom.policy.office import Act, scope
from wireroom.policy.people import People, Person
from wireroom.policy.role import Role
from wireroom.policy.secret import new_otp_secret, otp_address
from wireroom.policy.staff import Member
from wireroom.web import office_shapes as shapes
from wireroom.web.office_shapes import Call
from wireroom.web.session import Refusal

PASSWORD_BYTES = 12
NUMBER_BYTES = 8
WHY = {"suspend": "suspended", "stop": "stopped"}


class PeopleOffice:
    """People of one's own agency; DOJ's of any."""

    def __init__(self, gate: Gate, pool: Pool, people: People, register: Register) -> None:
        self._gate, self._pool, self._people, self._register = gate, pool, people, register

    async def members(self, call: Call, *, due: bool = False) -> tuple[Member, ...] | Refusal:
        """Everybody of the agency, with what stands on record."""
        act = Act.DUE if due else Act.PEOPLE
        return await self._gate.look(call, act, {}, lambda: staff.members(self._pool, call.seat.ori))

    async def record(self, call: Call, fact: Fact) -> Refusal | None:
        """Keep a fact of somebody of the agency, or say why not."""
        by, now = call.seat.person, self._gate.clock()
        told = {"kind": fact.kind, "day": fact.day, "good": fact.good, "score": fact.score, "word": fact.word}
        detail: Detail = {"person": fact.person, "facts": [msgspec.to_builtins(told)]}

        async def check() -> None:
            checked(fact, by=by, now=now)
            await may_record(self._pool, by, fact.person)

        return await self._gate.do(
            call, Act.FACT, detail, lambda: record(self._pool, [fact], by=by, now=now), check
        )

    async def accounts(
        self, call: Call, ori: str, *, reviews: bool = False
    ) -> tuple[shapes.AccountShown, ...] | Refusal:
        """Every account of the agency as it stands, with its last use and review."""
        act = Act.REVIEWS if reviews else Act.ACCOUNTS
        whose = scope(call.seat.role, call.seat.ori) or ori

        async def read() -> tuple[shapes.AccountShown, ...]:
            held = {one.id: one for one in await self._people.accounts(whose)}
            return tuple(
                self._shown(member, held[member.id])
                for member in await staff.members(self._pool, whose)
                if member.id in held and (member.enabled or not reviews)
            )

        return await self._gate.look(call, act, {"of": whose}, read)

    def _shown(self, member: Member, one: Person) -> shapes.AccountShown:
        now = self._gate.clock()
        review = member.held.get(FactKind.REVIEW)
        looked = review if review is not None and review.good else None
        due = (looked.day if looked else day_of(member.added_at)) + timedelta(
            days=self._gate.demands.review_days
        )
        used = one.active_at or member.added_at
        return shapes.AccountShown(
            person=member.id, name=member.name, ori=member.ori, role=member.role, enabled=member.enabled,
            locked=one.locked, disabled_for=one.disabled_for, ends_at=one.ends_at, used_at=used,
            unused_days=max(0, (now - used).days), reviewed=review.day if review else None,
            reviewed_by=review.recorded_by if review else "", review_by=due, overdue=day_of(now) > due,
        )  # fmt: skip

    # ------------------------------------------------------------------ by two: one asks, somebody else decides

    async def requests(self, call: Call) -> tuple[shapes.RequestShown, ...] | Refusal:
        """Those of the agency; a supervisor sees their own."""
        seat = call.seat
        own = seat.person if seat.role == Role.SUPERVISOR else ""

        async def read() -> tuple[shapes.RequestShown, ...]:
            found = await asking.requests(self._pool, scope(seat.role, seat.ori), own)
            return tuple(_request_shown(one) for one in found)

        return await self._gate.look(call, Act.REQUESTS, {}, read)

    async def ask(self, call: Call, given: shapes.AccountAsked) -> shapes.RequestMade | Refusal:
        """Ask for an account: nothing is granted by it."""
        seat, now = call.seat, self._gate.clock()
        ori = given.ori or seat.ori
        asked = Request(
            id=secrets.token_hex(NUMBER_BYTES), person=given.person, name=given.name, ori=ori, role=given.role,
            words=given.words, asked_by=seat.person, asked_at=now,
        )  # fmt: skip
        detail: Detail = {"request": asked.id, "person": asked.person, "ori": ori, "role": asked.role}

        async def check() -> None:
            if ori != (scope(seat.role, seat.ori) or ori):
                raise Unfit(f"{seat.person} asks for accounts of {seat.ori} only")
            await self._people.may_add(_person(asked), now=now)
            await asking.may_ask(self._pool, asked)

        async def do() -> shapes.RequestMade:
            await asking.ask(self._pool, asked)
            return shapes.RequestMade(asked.id)

        return await self._gate.do(call, Act.REQUEST, detail, do, check)

    async def decide(self, call: Call, given: shapes.Decision) -> shapes.Decided | Refusal:
        """Approve or refuse an account that somebody else asked for. It is added with the approval, or neither is."""
        by, now = call.seat.person, self._gate.clock()
        detail: Detail = {"request": given.request, "approve": given.approve}

        async def check() -> None:
            waits = await asking.request(self._pool, given.request)
            detail["person"], detail["role"], detail["asked_by"] = waits.person, waits.role, waits.asked_by
            self._own(call, waits)
            await asking.may_decide(self._pool, waits, by)
            if given.approve:
                await self._people.may_add(_person(waits), now=now, by=by)
            elif not given.words.strip() or not given.words.isprintable():
                raise Unfit("say why it is refused, in words that can be printed")

        async def do() -> shapes.Decided:
            waits = await asking.request(self._pool, given.request)
            if not given.approve:
                await asking.refuse(self._pool, waits.id, by=by, why=given.words.strip(), now=now)
                return shapes.Decided(request=waits.id, person=waits.person, decision=asking.REFUSED)
            secret = new_otp_secret()
            await self._people.add(
                _person(waits), password=_password(), otp_secret=secret, now=now, by=by, request=waits.id
            )  # nobody knows this password: whoever asked collects another one
            address = otp_address(secret, person=waits.person)
            return shapes.Decided(
                request=waits.id, person=waits.person, decision="approved", authenticator=address
            )

        return await self._gate.do(call, Act.DECIDE, detail, do, check)

    async def collect(self, call: Call, given: shapes.Collect) -> shapes.FirstPassword | Refusal:
        """The first password, once, to who asked: whoever approved holds the authenticator's secret."""
        by, now = call.seat.person, self._gate.clock()
        detail: Detail = {"request": given.request}

        async def check() -> None:
            held = await asking.request(self._pool, given.request)
            detail["person"] = held.person
            self._own(call, held)
            asking.may_collect(held, by, now)

        async def do() -> shapes.FirstPassword:
            held = await asking.request(self._pool, given.request)
            password = _password()
            await asking.collect(self._pool, held.id, now)
            await self._people.set_password(held.person, password, now)
            return shapes.FirstPassword(person=held.person, password=password)

        return await self._gate.do(call, Act.FIRST_PASSWORD, detail, do, check)

    def _own(self, call: Call, one: Request) -> None:
        """Raises Unknown for a request of another agency, as for one that is not there."""
        if one.ori != (scope(call.seat.role, call.seat.ori) or one.ori):
            raise asking.unknown(one.id)

    # ------------------------------------------------------------------ what becomes of an account

    async def change(self, call: Call, given: shapes.AccountChange) -> shapes.AccountChanged | Refusal:
        """Enable, suspend, stop or unlock somebody else's account."""
        by, now, person = call.seat.person, self._gate.clock(), given.person
        detail: Detail = {"person": person, "change": given.act, "keep_device": given.keep_device}

        async def check() -> None:
            await (self._people.may_enable(person, by=by) if given.act == "enable"
                   else staff.may_mind(self._pool, by, person))  # fmt: skip

        async def do() -> shapes.AccountChanged:
            ended = 0
            serials: tuple[str, ...] = ()
            if given.act == "enable":
                await self._people.enable(person, now, by=by)
            elif given.act == "unlock":
                await self._people.release(person, by=by)
            else:
                if given.act == "stop" and not given.keep_device:
                    serials = await self._revoked(person, by)
                ended = await self._people.disable(person, WHY[given.act], now, by=by)
            return shapes.AccountChanged(
                person=person, act=given.act, sessions_ended=ended, certificates_revoked=serials
            )

        return await self._gate.do(call, Act.CHANGE_ACCOUNT, detail, do, check)

    async def _revoked(self, person: str, by: str) -> tuple[str, ...]:
        """The devices at which they are signed in, which are trusted no more: before their sessions end."""
        now = self._gate.clock()
        found = await self._register.revoke_of(person, why=f"{person} was stopped", by=by, now=now)
        return tuple(one.serial for one in found)

    async def change_role(self, call: Call, given: shapes.RoleChange) -> Refusal | None:
        """Another role at the same agency: every right ends until they are authorised anew."""
        by, now = call.seat.person, self._gate.clock()

        async def check() -> None:
            if given.role not in set(Role):
                raise Unfit(f"the role is one of {', '.join(Role)}")
            await staff.may_move(self._pool, by, given.person, role=given.role)

        return await self._gate.do(
            call, Act.CHANGE_ROLE, {"person": given.person, "role": given.role},
            lambda: staff.change_role(self._pool, given.person, given.role, by=by, now=now), check,
        )  # fmt: skip


def _person(asked: Request) -> Person:
    return Person(id=asked.person, name=asked.name, ori=asked.ori, role=asked.role)


def _password() -> str:
    return secrets.token_urlsafe(PASSWORD_BYTES)


def _request_shown(one: Request) -> shapes.RequestShown:
    return shapes.RequestShown(
        request=one.id, person=one.person, name=one.name, ori=one.ori, role=one.role, words=one.words,
        asked_by=one.asked_by, asked_at=one.asked_at, decision=one.decision, decided_by=one.decided_by,
        decided_at=one.decided_at, decided_for=one.decided_for,
    )  # fmt: skip
