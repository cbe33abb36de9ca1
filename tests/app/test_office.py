"""Administration at the doors: by role, of one's own agency, by two, with a need, and each act one entry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.app.offices import NEED, POLICE, SHERIFF, account, call, office, seat
from tests.app.pki import Pki
from tests.app.test_house_doors import QV, World, world
from tests.switch.stage import DESK, send
from wireroom.app.assemble import now
from wireroom.app.office import Office
from wireroom.journal import NotWritten
from wireroom.journal.tags import Tag
from wireroom.policy.devices import Register
from wireroom.policy.directory import Terminal, add_terminal
from wireroom.policy.facts import Fact, FactKind
from wireroom.policy.office import CHANGES, MAY, Act
from wireroom.policy.role import Role
from wireroom.policy.secret import code_at
from wireroom.web import house as doors
from wireroom.web import office_shapes as shapes
from wireroom.web.house import Refusal
from wireroom.web.office_shapes import Call

__all__ = ["world"]  # the fixture
pytestmark = pytest.mark.anyio
J_DOE = shapes.AccountAsked(person="j.doe", name="Jo Doe", role="operator", words="a new dispatcher")
Does = Callable[[Office, Call], Awaitable[object]]


def period(world: World) -> shapes.ReportWanted:
    now = world.stage.clock()
    return shapes.ReportWanted(
        since=now - timedelta(days=7), until=now + timedelta(minutes=1), person="p.vale"
    )


async def staffed(world: World) -> Office:
    await account(world, "a.dean", "Ann Dean", "administrator")
    await account(world, "s.upe", "Sue Upe", "supervisor")
    return office(world)


def acts(world: World) -> dict[Act, Does]:
    """Every act and look, about something of the police that is there, or that need not be."""
    fact = Fact(person="p.vale", kind=FactKind.FINGERPRINT, day=world.stage.clock().date())
    review = msgspec.structs.replace(fact, kind=FactKind.REVIEW)
    return {
        Act.PEOPLE: lambda o, c: o.people.members(c),
        Act.DUE: lambda o, c: o.people.members(c, due=True),
        Act.FACT: lambda o, c: o.people.record(c, fact),
        Act.ACCOUNTS: lambda o, c: o.people.accounts(c, POLICE),
        Act.REQUESTS: lambda o, c: o.people.requests(c),
        Act.REQUEST: lambda o, c: o.people.ask(c, msgspec.structs.replace(J_DOE, ori=POLICE)),
        Act.DECIDE: lambda o, c: o.people.decide(c, shapes.Decision(request="none", approve=True)),
        Act.FIRST_PASSWORD: lambda o, c: o.people.collect(c, shapes.Collect(request="none")),
        Act.CHANGE_ACCOUNT: lambda o, c: o.people.change(c, shapes.AccountChange(person="p.vale", act="stop")),
        Act.CHANGE_ROLE: lambda o, c: o.people.change_role(c, shapes.RoleChange(person="p.vale", role="clerk")),
        Act.REVIEWS: lambda o, c: o.people.accounts(c, "", reviews=True),
        Act.REVIEW: lambda o, c: o.people.record(c, review),
        Act.DEVICES: lambda o, c: o.register.devices(c, POLICE),
        Act.POSTURE: lambda o, c: o.register.posture(
            c, shapes.PostureGiven(serial="ab", encrypted=True, managed=True, located=True)
        ),
        Act.REVOKE: lambda o, c: o.register.revoke(c, shapes.Revocation(name="Z001", why="retired")),
        Act.LOST: lambda o, c: o.register.lost(c, shapes.Loss(name="Z001", words="in a car park")),
        Act.TERMINALS: lambda o, c: o.register.terminals(c),
        Act.CHANGE_TERMINAL: lambda o, c: o.register.change_terminal(
            c, shapes.TerminalChange(terminal="Z002", enabled=False)
        ),
        Act.AGREEMENTS: lambda o, c: o.register.agreements(c),
        Act.AGREE: lambda o, c: o.register.agree(c, shapes.AgreementGiven(ori=POLICE, ended=True)),
        Act.ACCESS_REPORT: lambda o, c: o.reports.access(c, period(world)),
        Act.PERSON_REPORT: lambda o, c: o.reports.asked_by(c, period(world)),
    }  # fmt: skip


KEPT = {
    "account": "SELECT id, role, ori, enabled, locked_at, password_hash FROM account ORDER BY id",
    "fact": "SELECT person, kind, day, recorded_by FROM fact ORDER BY 1, 2, 3, 4",
    "terminal": "SELECT * FROM terminal ORDER BY mnemonic",
    "agency": "SELECT * FROM agency ORDER BY ori",
    "device_certificate": "SELECT * FROM device_certificate ORDER BY fingerprint",
    "account_request": "SELECT * FROM account_request ORDER BY id",
}


async def kept(world: World) -> dict[str, list[tuple[object, ...]]]:
    return {name: [tuple(row) for row in await world.stage.rows(sql)] for name, sql in KEPT.items()}


async def refused(world: World, does: Does, at: Office, made: Call) -> str:
    """The code of a refusal, which left one entry and nothing else."""
    before, entries = await kept(world), len(await world.stage.journal())
    answer = await does(at, made)
    assert isinstance(answer, Refusal), answer
    [entry] = (await world.stage.journal())[entries:]
    assert (entry.detail["rule"], entry.person, entry.ori) == (answer.code, made.seat.person, made.seat.ori)
    assert await kept(world) == before
    return answer.code


# --------------------------------------------------------------------------- every act by its role


async def test_AC_6_every_act_of_the_doors_goes_through_the_gate_as_what_it_is_and_is_one_entry(
    world: World,
) -> None:
    """Threats 30 and 15: one role after the other that has not the duty; nothing changes."""
    at = await staffed(world)
    table = acts(world)
    assert set(table) == set(MAY) == set(Act)
    before, expected = await kept(world), []
    for act, does in table.items():
        for role in sorted(set(Role) - MAY[act])[:2]:
            answer = await does(at, call(world, seat(role, "o.ther")))
            assert isinstance(answer, Refusal), (act, role)
            assert answer.code == "role-may", (act, role)
            expected.append(Act.FACT if act is Act.REVIEW else act)
    entries = await world.stage.journal()
    assert [(one.detail["act"], one.detail["rule"], one.person) for one in entries] == [
        (act.value, "role-may", "o.ther") for act in expected
    ]
    assert await kept(world) == before


async def test_threat_30_no_role_of_another_agency_changes_or_sees_what_is_of_this_one(world: World) -> None:
    at = await staffed(world)
    for person, role in (("b.adm", "administrator"), ("b.sup", "supervisor"), ("b.aud", "auditor")):
        await account(world, person, f"Bo {role}", role, SHERIFF)
    await send(world.stage, world.switch, QV)
    before = await kept(world)
    for act, does in acts(world).items():
        for person, role in (
            ("b.adm", Role.ADMINISTRATOR),
            ("b.sup", Role.SUPERVISOR),
            ("b.aud", Role.AUDITOR),
        ):
            if role not in MAY[act] or act is Act.REVIEW:
                continue
            answer = await does(at, call(world, seat(role, person, SHERIFF)))
            assert act not in CHANGES or isinstance(answer, Refusal), (act, answer)
            if act not in (Act.AGREEMENTS, Act.PERSON_REPORT, Act.ACCESS_REPORT):
                assert "p.vale" not in str(answer).replace("p.vale of the agency", "")
            if isinstance(answer, shapes.AccessReport | shapes.PersonReport):
                assert not getattr(answer, "used", ())
                assert not getattr(answer, "asked", ())
    assert await kept(world) == before


async def test_AC_17_the_need_stands_in_the_entry_and_at_the_machine_itself_none_is_asked(
    world: World,
) -> None:
    at = await staffed(world)
    assert not isinstance(await at.register.terminals(call(world, seat("administrator"))), Refusal)
    assert not isinstance(
        await at.register.terminals(call(world, seat("administrator"), need="", peer="127.0.0.1")), Refusal
    )
    first, second = (await world.stage.journal())[-2:]
    assert (first.tag, first.detail["need"], first.detail["peer"]) == (Tag.REGISTER_LISTED, NEED, "192.0.2.9")
    assert "need" not in second.detail


async def test_AU_5_what_cannot_be_written_down_is_not_done(world: World) -> None:
    at = await staffed(world)
    world.stage.writer.trouble = NotWritten("the disk is full")
    before = await kept(world)
    for act in (Act.CHANGE_ACCOUNT, Act.CHANGE_TERMINAL, Act.REQUEST, Act.ACCESS_REPORT):
        with pytest.raises(doors.JournalDown):
            await acts(world)[act](at, call(world, seat(min(MAY[act]))))
    assert await kept(world) == before


# --------------------------------------------------------------------------- accounts, by two


async def test_AC_5_an_account_is_asked_for_by_one_and_approved_by_another_and_neither_has_both_factors(
    world: World,
) -> None:
    at = await staffed(world)
    asker, approver = call(world, seat("supervisor", "s.upe")), call(world, seat("administrator"))
    made = await at.people.ask(asker, J_DOE)
    assert isinstance(made, shapes.RequestMade)
    wish = shapes.Decision(request=made.request, approve=True)
    assert isinstance(await at.people.collect(asker, shapes.Collect(request=made.request)), Refusal)
    decided = await at.people.decide(approver, wish)
    assert isinstance(decided, shapes.Decided)
    assert decided.authenticator.startswith("otpauth://")
    assert isinstance(await at.people.decide(approver, wish), Refusal), "once only"
    assert isinstance(await at.people.collect(approver, shapes.Collect(request=made.request)), Refusal)
    first = await at.people.collect(asker, shapes.Collect(request=made.request))
    assert isinstance(first, shapes.FirstPassword)
    assert isinstance(await at.people.collect(asker, shapes.Collect(request=made.request)), Refusal), (
        "once only"
    )
    secret = decided.authenticator.partition("secret=")[2].partition("&")[0]
    session = await world.sign_in(
        person="j.doe", password=first.password, code=code_at(secret, world.stage.clock())
    )
    assert isinstance(session, doors.Refusal) or session.seat.person == "j.doe"
    text = str([entry.detail for entry in await world.stage.journal()])
    assert first.password not in text
    assert secret not in text


async def test_threat_15_nobody_decides_on_what_they_asked_for_with_a_second_account_neither(
    world: World,
) -> None:
    """The asker, themself, a second account of the asker, and one of the name of who is to have it."""
    at = await staffed(world)
    await account(world, "a.two", "ann  DEAN", "supervisor")
    await account(world, "j.old", "Jo Doe", "administrator")
    for place, (asker, decider) in enumerate(
        (("a.dean", "a.dean"), ("s.upe", "j.doe1"), ("a.two", "a.dean"), ("s.upe", "j.old"))
    ):
        role = "administrator" if asker == "a.dean" else "supervisor"
        asked = msgspec.structs.replace(J_DOE, person=f"j.doe{place}")
        made = await at.people.ask(call(world, seat(role, asker)), asked)
        assert isinstance(made, shapes.RequestMade)
        by = call(world, seat("administrator", decider))
        wish = shapes.Decision(request=made.request, approve=True)
        assert await refused(world, deciding(wish), at, by) == "unfit", (asker, decider)


def to_role(person: str, role: str) -> Does:
    return lambda o, c: o.people.change_role(c, shapes.RoleChange(person=person, role=role))


def change(person: str, act: str) -> Does:
    given = msgspec.convert({"person": person, "act": act}, shapes.AccountChange)
    return lambda o, c: o.people.change(c, given)


def recording(person: str, world: World) -> Does:
    fact = Fact(person=person, kind=FactKind.FINGERPRINT, day=world.stage.clock().date())
    return lambda o, c: o.people.record(c, fact)


def asking(like: shapes.AccountAsked, **changes: str) -> Does:
    return lambda o, c: o.people.ask(c, msgspec.structs.replace(like, **changes))


def deciding(wish: shapes.Decision) -> Does:
    return lambda o, c: o.people.decide(c, wish)


async def test_threat_15_an_administrator_grants_themself_no_right_with_or_without_a_second_account(
    world: World,
) -> None:
    """Every act that could: on the own account, on a second one of the name, and towards reading the journal."""
    at = await staffed(world)
    await account(world, "a.two", "Ann Dean", "operator")
    by = call(world, seat("administrator"))
    tries: list[Does] = []
    for own in ("a.dean", "a.two"):
        tries += [
            to_role(own, "supervisor"),
            change(own, "enable"),
            change(own, "unlock"),
            recording(own, world),
        ]
    tries += [to_role("p.vale", "auditor"), to_role("p.vale", "doj")]
    tries += [
        asking(J_DOE, person="a.dean", name="X", role="doj"),
        asking(J_DOE, name="Ann Dean", role="auditor"),
    ]
    tries.append(
        lambda o, c: o.register.change_terminal(c, shapes.TerminalChange(terminal="Z001", device="vehicle"))
    )
    for place, does in enumerate(tries):
        assert await refused(world, does, at, by) == "unfit", place
    for role in (Role.AUDITOR, Role.DOJ):  # asked for by somebody else, it is not theirs to approve either
        asked = msgspec.structs.replace(J_DOE, person=f"q.{role}", role=role)
        made = await at.people.ask(call(world, seat("supervisor", "s.upe")), asked)
        assert isinstance(made, shapes.RequestMade)
        wish = shapes.Decision(request=made.request, approve=True)
        assert await refused(world, deciding(wish), at, by) == "unfit"


async def test_AC_2_accounts_are_stopped_enabled_unlocked_and_get_another_role_as_on_the_command_line(
    world: World, tmp_path: Path
) -> None:
    at, by = await staffed(world), None
    pki, register = Pki(tmp_path / "pki"), Register(world.pool)
    device = await pki.known(register, pki.device("Z001"))
    await world.stage.rows("UPDATE account SET failures = '{}' RETURNING id")
    session = await world.sign_in()
    assert isinstance(session, doors.Session)
    await world.stage.rows("UPDATE session SET device = $1 RETURNING person", device.fingerprint)
    by = call(world, seat("administrator"))
    stopped = await at.people.change(by, shapes.AccountChange(person="p.vale", act="stop"))
    assert isinstance(stopped, shapes.AccountChanged)
    assert (stopped.sessions_ended, len(stopped.certificates_revoked)) == (1, 1)
    assert await world.house.session(session.token) is None
    for act in ("unlock", "enable", "suspend", "enable"):
        assert not isinstance(await change("p.vale", act)(at, by), Refusal)
    assert await at.people.change_role(by, shapes.RoleChange(person="p.vale", role="clerk")) is None
    found = await at.people.accounts(by, "")
    assert isinstance(found, tuple)
    [vale] = [one for one in found if one.person == "p.vale"]
    assert (vale.role, vale.enabled, vale.unused_days) == ("clerk", True, 0)
    listed = await at.people.members(by)
    assert isinstance(listed, tuple)
    [member] = [one for one in listed if one.id == "p.vale"]
    assert "authorised" in member.wanting(world.stage.clock(), at.demands), "every right ended"
    review = Fact(person="p.vale", kind=FactKind.REVIEW, day=world.stage.clock().date())
    assert await at.people.record(by, review) is None
    [after] = [one for one in await at.people.accounts(by, "", reviews=True) if one.person == "p.vale"]  # type: ignore[union-attr]
    assert (after.reviewed_by, after.overdue) == ("a.dean", False)


# --------------------------------------------------------------------------- devices, terminals, agreements


async def test_AC_20_a_lost_device_and_a_worse_posture_open_nothing_any_more(
    world: World, tmp_path: Path
) -> None:
    at, by = await staffed(world), call(world, seat("administrator"))
    pki, register = Pki(tmp_path / "pki"), Register(world.pool)
    await add_terminal(world.pool, Terminal(mnemonic="Z010", ori=POLICE, kind="mobile"), world.stage.clock())
    car = await pki.known(register, pki.device("Z010"))
    serial = pki.kept(car).serial
    listed = await at.register.devices(by, SHERIFF)
    assert isinstance(listed, tuple)
    assert [(one.terminal, one.encrypted) for one in listed] == [("Z010", True)], "whatever agency was named"
    worse = shapes.PostureGiven(serial=serial, encrypted=False, managed=True, located=True)
    assert not isinstance(await at.register.posture(by, worse), Refusal)
    assert (await register.look(car.fingerprint, now())).cause
    better = msgspec.structs.replace(worse, encrypted=True)
    assert not isinstance(await at.register.posture(by, better), Refusal)
    assert not (await register.look(car.fingerprint, now())).cause
    [gone] = await at.register.lost(by, shapes.Loss(name="Z010", words="left in a taxi"))  # type: ignore[misc]
    assert (gone.state, gone.revoked_by, gone.revoked_for) == ("revoked", "a.dean", "lost: left in a taxi")
    assert (await register.look(car.fingerprint, now())).cause == "revoked device"
    assert isinstance(await at.register.posture(by, better), Refusal), "what is revoked stays so"


async def test_AC_11_only_an_administrator_of_the_agency_exempts_a_terminal_and_not_the_one_they_sit_at(
    world: World,
) -> None:
    at, by = await staffed(world), call(world, seat("administrator"))
    change = shapes.TerminalChange(terminal="Z003", device="dispatch")
    assert await at.register.change_terminal(by, change) is None
    assert await at.register.change_terminal(by, shapes.TerminalChange(terminal="Z003", enabled=True)) is None
    [shown] = [one for one in await at.register.terminals(by) if one.terminal == "Z003"]  # type: ignore[union-attr]
    assert (shown.device, shown.enabled) == ("dispatch", True)
    for wrong in (shapes.TerminalChange(terminal="Z003"), shapes.TerminalChange(terminal="Y001", enabled=False),
                  shapes.TerminalChange(terminal="Z001", device="vehicle")):  # fmt: skip
        assert isinstance(await at.register.change_terminal(by, wrong), Refusal)


async def test_AC_21_doj_alone_sets_an_agreement_and_sees_every_one(world: World) -> None:
    at, doj = await staffed(world), call(world, seat("doj", "d.oj"))
    given = shapes.AgreementGiven(
        ori=SHERIFF, files=("vehicle",), until=world.stage.clock() + timedelta(days=9)
    )
    assert await at.register.agree(doj, given) is None
    found = await at.register.agreements(doj)
    assert isinstance(found, tuple)
    assert {one.ori: one.files for one in found}[SHERIFF] == ("vehicle",)
    assert len(found) > 1
    [own] = await at.register.agreements(call(world, seat("administrator")))  # type: ignore[misc]
    assert own.ori == POLICE
    for wrong in (msgspec.structs.replace(given, files=("rumours",)), msgspec.structs.replace(given, ori="CA0960100"),
                  msgspec.structs.replace(given, ended=True)):  # fmt: skip
        assert isinstance(await at.register.agree(doj, wrong), Refusal)


# --------------------------------------------------------------------------- reports


async def test_AU_7_an_auditor_reads_who_asked_how_often_and_never_what_and_the_reading_is_an_entry(
    world: World,
) -> None:
    at, auditor = office(world), call(world, seat("auditor", "v.audit"))
    for _ in range(3):
        await send(world.stage, world.switch, QV)
    await send(world.stage, world.switch, "QV.LIC/")
    world.stage.clock.tick(15 * 3600)  # seven in the evening: eleven hours later it is night
    await send(world.stage, world.switch, QV, msgspec.structs.replace(DESK, role="auditor"))
    wanted = period(world)
    report = await at.reports.access(msgspec.structs.replace(auditor), wanted)
    assert isinstance(report, shapes.AccessReport), report
    [used] = report.used
    assert (used.person, used.times, used.after_hours) == ("p.vale", 3, 0)
    assert "vehicle" in used.file
    assert {(one.rule, one.times) for one in report.refused} == {("faulty", 1), ("role-may", 1)}
    assert [(one.person, one.times) for one in report.unexplained] == [("p.vale", 3)]
    listed = await at.reports.asked_by(auditor, msgspec.structs.replace(wanted, limit=2))
    assert isinstance(listed, shapes.PersonReport)
    assert len(listed.asked) == 2
    further = await at.reports.asked_by(auditor, msgspec.structs.replace(wanted, after=listed.after))
    assert isinstance(further, shapes.PersonReport)
    assert len({one.number for one in (*listed.asked, *further.asked)}) == 5
    assert (further.after, further.asked[-1].key) == ("", "QV")
    assert "7QQQ001" not in str((report, listed, further))
    told = (await world.stage.journal())[-1]
    assert (told.tag, told.person, told.detail["person"]) == (Tag.JOURNAL_SEARCHED, "v.audit", "p.vale")


def reports(wanted: shapes.ReportWanted) -> tuple[Does, Does]:
    return lambda o, c: o.reports.access(c, wanted), lambda o, c: o.reports.asked_by(c, wanted)


async def test_AU_7_a_report_has_an_end_and_a_beginning_within_a_month(world: World) -> None:
    at, auditor = office(world), call(world, seat("auditor", "v.audit"))
    good = period(world)
    for since in (good.until, good.until - timedelta(days=32)):
        for does in reports(msgspec.structs.replace(good, since=since)):
            assert await refused(world, does, at, auditor) == "unfit"
