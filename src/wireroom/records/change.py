"""Enters records and carries them through their life: each change keeps the version it replaces."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from wireroom.catalog.file import File, Source, Verb
from wireroom.catalog.fills import WORKED_OUT
from wireroom.catalog.index import COURTESY, ENVELOPE, NUMBERED_BY, Catalogue
from wireroom.message.answer import Answer, Hit, Notification, Question, State
from wireroom.message.local import day_of, timed
from wireroom.records.hold import Hand, Held, New, columns
from wireroom.records.life import IN_FORCE, Status, first_validation, lateness, next_validation, over, valued
from wireroom.records.matching.keeping import Kept
from wireroom.records.numbering import new_number
from wireroom.records.reporting import refusal, worked_out, written
from wireroom.records.resetting import reset, told_of_former, told_on
from wireroom.records.same import is_same, probes
from wireroom.records.shape import LIFE, Fields, from_json, merged, readable
from wireroom.records.superseding import is_superseded, supersedes
from wireroom.records.vault import Vault

# What stands in a message and not in its record.
BESIDE = frozenset({"FCN", "NIC", *(field.code for field in (*ENVELOPE, *COURTESY))})
REPORTS_KEPT, REPORT_CHARACTERS_MAX = 10, 400

LOCK_AGENCY = "select pg_advisory_xact_lock(hashtextextended($1, 0))"
ON_FILE = """
select r.number, r.owner, r.status, r.fields::text as fields, q.kind as how
  from unnest($3::text[], $4::text[]) as q(kind, value)
  join identifier i on i.kind = q.kind and i.value = q.value and i.file = $1
  join record r on r.file = i.file and r.id = i.record
 where r.owner = $2 and r.status = any($6::text[]) and r.test = $5 order by r.id
"""

BY_SAME = """
select distinct i.record from identifier i join unnest($2::text[], $3::text[]) as q(kind, value)
    on i.kind = q.kind and i.value = q.value where i.file = $1 and i.record <> $4 order by i.record
"""
# The version that stood at a moment; before there was one, the first.
AS_OF = """
select fields::text from record_version where file = $1 and id = $2
 order by changed_at <= $3 desc, case when changed_at <= $3 then version else -version end desc limit 1
"""

STATUS_AFTER = {Verb.LOCATE: Status.LOCATED, Verb.CLEAR: Status.CLEARED, Verb.CANCEL: Status.CANCELLED}
# Who else may: a locate and a report come from others, a restraint from DOJ.
OWNER_ONLY = frozenset(
    {Verb.MODIFY, Verb.SUPPLEMENT, Verb.STRIKE, Verb.CLEAR, Verb.CANCEL, Verb.VERIFY, Verb.VALIDATE}
)
CHANGES = frozenset({Verb.MODIFY, Verb.SUPPLEMENT, Verb.STRIKE, Verb.LOCATE, Verb.CLEAR, Verb.CANCEL})
WORD_AFTER = {
    Verb.MODIFY: "MODIFIED",
    Verb.SUPPLEMENT: "SUPPLEMENTED",
    Verb.STRIKE: "MODIFIED",
    Verb.LOCATE: "LOCATED",
    Verb.CLEAR: "CLEARED",
    Verb.CANCEL: "CANCELLED",
    Verb.VERIFY: "VERIFIED",
    Verb.VALIDATE: "VALIDATED",
}


class Changer:
    """Carries out the changes of one batch at one holder of files, each inside the caller's transaction."""

    def __init__(self, catalogue: Catalogue, source: Source, vault: Vault) -> None:
        self._catalogue = catalogue
        self._source = source
        self._vault = vault
        self._number_kind = NUMBERED_BY.get(source, "")
        self._hand = Hand(vault, source)

    @property
    def named(self) -> list[Kept]:
        """What the index of people is to be told, once all is changed."""
        return self._hand.named

    async def change(self, connection: asyncpg.Connection, question: Question) -> Answer:
        """The answer to one entry or change: accepted with the record's number, or refused with the reason."""
        form = self._catalogue.forms[question.message.key]
        if form.verb is Verb.ENTER:
            return await self._enter(connection, form.files[0], question)
        kind = "NIC" if question.message.get("NIC") else "FCN"
        number = question.message.get(kind)
        held = await self._hand.by_number(connection, kind, number, form.files, test=question.seat.test)
        if held is None or not held.in_force:
            return self._refused(f"NOT ON FILE {kind}/{number}")
        file = self._catalogue.files[held.file]
        if over(file, valued(held.fields), question.at):  # nobody has noted it yet
            return self._refused(f"NOT ON FILE {kind}/{number}")
        refusal = self._may_not(held, form.verb, question)
        if refusal:
            return self._refused(refusal)
        if form.verb in (Verb.VERIFY, Verb.VALIDATE):
            return await self._vouch(connection, file, held, form.verb, question)
        if form.verb is Verb.RESTRAIN:
            return await self._restrain(connection, file, held, question)
        if form.verb is Verb.REPORT:
            return await self._report(connection, file, held, question)
        return await self._alter(connection, file, held, form.verb, question)

    # ----------------------------------------------------------------------- entering

    async def _enter(self, connection: asyncpg.Connection, file: File, question: Question) -> Answer:
        seat, message = question.seat, question.message
        owner = message.get("CTA") or seat.ori
        fields = self._own_fields(question)
        await connection.execute(LOCK_AGENCY, f"{file.code}/{owner}")
        held = await self._on_file(connection, file, owner, fields, question)
        if held is not None:
            if message.get("FCN") and message.get("FCN") == dict(held.fields).get("FCN"):
                # The state sends again what it does not know to have arrived.
                return self._accepted(f"ENTERED {self._named(held.number)}", held)
            return self._refused(f"ON FILE ALREADY {self._named(held.number)}", held)
        ours = self._source is Source.STATE
        late = lateness(file, fields, question.at) if ours else ""
        if late:
            fields = (*fields, ("LATE", late))
        number = (
            message.get("FCN")
            if self._source is Source.DMV
            else await new_number(connection, self._source, file, owner, question.at)
        )
        if not number and self._number_kind:
            return self._refused("ALL NUMBERS OF TODAY ARE USED: ENTER IT TOMORROW, AND TELL THE STATE")
        new = New(
            id=question.transaction,
            number=number,
            owner=owner,
            test=seat.test,
            at=question.at,
            fields=fields,
            entered_by=seat.person if ours else "",
            entered_ori=seat.ori if ours else "",
            validate_on=first_validation(question.at) if ours and file.validated else None,
        )
        entered = await self._hand.begin(connection, file, new)
        lines = [f"ENTERED {self._named(new.number)}", *([late] if late else [])]
        ended, notices = await self._superseded(connection, file, new, question)
        lines += [f"SUPERSEDED {self._named(one.number)}" for one in ended]
        notices = (*self._of_courtesy(entered, question), *notices)
        return self._accepted("\n".join(lines), entered, notices=notices)

    async def _superseded(
        self, connection: asyncpg.Connection, file: File, new: New, question: Question
    ) -> tuple[list[Hit], tuple[Notification, ...]]:
        """The records that end because this one takes their place, and word to their owners."""
        rule, values = file.supersedes, valued(new.fields)
        if rule is None or self._source is not Source.STATE or not supersedes(file, values, question.at):
            return [], ()
        found = [
            (kind, values[code][0])
            for code in rule.same if code in values and (kind := file.field(code).kind.identifies)
        ]  # fmt: skip
        ended: list[Hit] = []
        notices: list[Notification] = []
        for row in await connection.fetch(BY_SAME, file.code, *columns(found, 2), new.id):
            held = await self._hand.by_place(connection, file, row["record"])
            if held is None or not held.in_force or held.test is not new.test:
                continue
            if not is_superseded(file, values, valued(held.fields)):
                continue
            hit = await self._hand.replace(
                connection, file, held, by=question.transaction, at=question.at, status=Status.SUPERSEDED
            )
            ended.append(hit)
            if held.owner != new.owner:
                text = f"SUPERSEDED BY {self._named(new.number)} OF {new.owner}"
                notices.append(self._told("$.A.", held.owner, hit, text, question))
        return ended, tuple(notices)

    def _own_fields(self, question: Question) -> Fields:
        """What a message says of the record itself; at another holder the state's number stays with it."""
        fields = [pair for pair in question.message.fields if pair[0] not in BESIDE]
        if self._source is not Source.STATE and (number := question.message.get("FCN")):
            fields.append(("FCN", number))
        return tuple(fields)

    def _of_courtesy(self, entered: Hit, question: Question) -> tuple[Notification, ...]:
        """An agency for which another entered a record is told of it at once."""
        seat = question.seat
        if entered.owner == seat.ori:
            return ()
        to = question.message.get("CTM") or entered.owner
        text = f"{seat.ori}/{seat.terminal} ENTERED THIS RECORD FOR YOU"
        return (self._told("$.C.", to, entered, text, question),)

    async def _on_file(
        self, connection: asyncpg.Connection, file: File, owner: str, fields: Fields, question: Question
    ) -> Hit | None:
        """The agency's own record of the same thing, where there is one."""
        numbers = probes(file, fields, self._vault)
        if self._source is not Source.STATE and question.message.get("FCN"):
            numbers.append(("FCN", question.message.get("FCN")))
        rows = await connection.fetch(
            ON_FILE, file.code, owner, *columns(numbers, 2), question.seat.test, list(IN_FORCE)
        )
        for row in rows:
            held = from_json(file, row["fields"], self._vault)
            if row["how"] == "FCN" or is_same(file, row["how"], fields, held):
                return Hit(
                    file=file.code,
                    number=row["number"],
                    owner=row["owner"],
                    status=row["status"],
                    fields=readable(file, held),
                )
        return None

    # ----------------------------------------------------------------------- changing

    def _may_not(self, held: Held, verb: Verb, question: Question) -> str:
        """Why this seat may not do this with the record; empty where it may."""
        owner, ori = held.owner, question.seat.ori
        if verb in OWNER_ONLY and owner != ori:
            recovered = verb in (Verb.MODIFY, Verb.CLEAR, Verb.CANCEL) and self._locates(held)
            other = "SEND A LOCATE" if recovered else "WRITE TO THEM"
            return f"NOT YOUR RECORD: {self._named(held.number)} BELONGS TO {owner}, {other}"
        if verb is Verb.LOCATE and owner == ori:
            return f"YOUR OWN RECORD: SEND A CLEAR FOR {self._named(held.number)}"
        restrained = dict(held.fields).get("RST") == "Y"
        recovered_already = held.status == Status.RESTRAINED
        if (recovered_already and verb in CHANGES) or (restrained and verb is Verb.CANCEL):
            return f"HELD BY DOJ: ASK DOJ TO LIFT THE RESTRAINT ON {self._named(held.number)}"
        return ""

    def _locates(self, held: Held) -> bool:
        return bool(self._catalogue.files[held.file].locate)

    async def _alter(
        self, connection: asyncpg.Connection, file: File, held: Held, verb: Verb, question: Question
    ) -> Answer:
        sent = [pair for pair in question.message.fields if pair[0] not in BESIDE]
        fields, faults = self._changed(file, held, verb, sent, question)
        if faults:
            return self._refused("; ".join(f"{code} {reason}" for code, reason in faults).upper())
        status, word = STATUS_AFTER.get(verb, held.status), WORD_AFTER[verb]
        said, told = valued(tuple(sent)), ""
        if verb in (Verb.MODIFY, Verb.SUPPLEMENT, Verb.STRIKE) and self._source is Source.STATE:
            fields, told = reset(file, held.fields, fields, {} if verb is Verb.STRIKE else said)
            fields = worked_out(file, fields, said, question)
        restrained = dict(held.fields).get("RST") == "Y"
        if verb is Verb.CLEAR and restrained:
            status, word = Status.RESTRAINED, "RECOVERED, AND HELD BY DOJ:"
        anew = verb in (Verb.MODIFY, Verb.SUPPLEMENT, Verb.STRIKE) and self._source is Source.STATE
        after = await self._hand.replace(
            connection,
            file,
            held,
            by=question.transaction,
            at=question.at,
            fields=fields,
            status=status,
            checked_by="" if anew else None,
            entered_by=question.seat.person if anew else None,
        )
        notices: tuple[Notification, ...] = ()
        if verb is Verb.LOCATE:
            text = f"LOCATED BY {question.seat.ori}/{question.seat.terminal}"
            notices = (self._told("$.L.", held.owner, after, text, question),)
        lines = [f"{word} {self._named(held.number)}", *([told] if told else [])]
        return self._accepted("\n".join(lines), after, notices=notices)

    def _changed(
        self, file: File, held: Held, verb: Verb, sent: list[tuple[str, str]], question: Question
    ) -> tuple[Fields, list[tuple[str, str]]]:
        """The fields after a change, and what is wrong with them together."""
        if verb is Verb.LOCATE:
            sent.append(("LOR", question.seat.ori))
        if verb in (Verb.SUPPLEMENT, Verb.STRIKE):
            fields, faults = _in_part(file, held.fields, sent, add=verb is Verb.SUPPLEMENT)
        elif verb is Verb.MODIFY and self._source is not Source.STATE and question.message.get("FCN"):
            # The state is the author: what it does not say any more is gone.
            life = [pair for pair in held.fields if pair[0] in LIFE]
            fields, faults = merged(file, (), (*sent, *life)), []
        else:
            fields, faults = merged(file, held.fields, sent), []
        if (
            self._source is Source.STATE
            and file.fills
            and verb in (Verb.MODIFY, Verb.SUPPLEMENT, Verb.STRIKE)
        ):
            said = valued(tuple(sent))
            never = {code for one in file.fills for code in one.always}
            faults += [(code, WORKED_OUT) for code in said if code in never]
            fields = worked_out(file, fields, said, question)
        if verb in (Verb.MODIFY, Verb.STRIKE, Verb.SUPPLEMENT):
            faults += [fault for rule in file.rules for fault in rule.check(valued(fields))]
            missing = [f for f in file.fields if f.required and f.code not in dict(fields)]
            faults += [(field.code, f"is missing: {field.title}") for field in missing]
        return fields, faults

    # ----------------------------------------------------------------------- the state's own verbs

    async def _vouch(
        self, connection: asyncpg.Connection, file: File, held: Held, verb: Verb, question: Question
    ) -> Answer:
        """A second person has compared the record with its papers, or its owner says that it is still true."""
        person, name = question.seat.person, self._named(held.number)
        if verb is Verb.VERIFY:
            if held.checked_by:
                return self._refused(f"VERIFIED ALREADY {name}")
            if held.entered_by == person:
                return self._refused(f"ENTERED OR CHANGED BY YOU: ANOTHER PERSON VERIFIES {name}")
            after = await self._hand.replace(
                connection, file, held, by=question.transaction, at=question.at, checked_by=person
            )
            return self._accepted(f"VERIFIED {name}", after)
        if held.validate_on is None:
            return self._refused(f"RECORDS OF THIS FILE ARE NOT VALIDATED {name}")
        validator = question.message.get("VLN") or person.upper()[:30]
        said = (("VLN", validator), ("DOV", f"{day_of(question.at):%Y%m%d}"))
        again = next_validation(question.at)
        after = await self._hand.replace(
            connection,
            file,
            held,
            by=question.transaction,
            at=question.at,
            fields=merged(file, held.fields, said),
            validate_on=again,
        )
        return self._accepted(f"VALIDATED {name}, AGAIN IN {again:%B %Y}".upper(), after)

    async def _restrain(
        self, connection: asyncpg.Connection, file: File, held: Held, question: Question
    ) -> Answer:
        """DOJ holds a record, or lets it go: what was recovered meanwhile is then cleared."""
        on = question.message.get("RST")
        fields = merged(file, held.fields, (("RST", on),))
        over = on == "N" and held.status == Status.RESTRAINED
        status = Status.CLEARED if over else held.status
        after = await self._hand.replace(
            connection, file, held, by=question.transaction, at=question.at, fields=fields, status=status
        )
        word = "RESTRAINED" if on == "Y" else "RELEASED AND CLEARED" if over else "RELEASED"
        notice = self._told("$.A.", held.owner, after, f"{word} BY DOJ", question)
        return self._accepted(f"{word} {self._named(held.number)}", after, notices=(notice,))

    async def _report(
        self, connection: asyncpg.Connection, file: File, held: Held, question: Question
    ) -> Answer:
        """Somebody met what the record tells of: it stands in the record, and the owner is told."""
        form = self._catalogue.forms[question.message.key]
        report, before = form.report, held.fields
        assert report is not None, "a report's form has its report"
        if why := refusal(report, held.fields, question):
            return self._refused(f"{why}: {self._named(held.number)}")
        if report.writes:
            if why := await self._of_former(connection, file, held, (*question.message.fields, *report.says)):
                return self._refused(f"{why}: {self._named(held.number)}")
            before, faults = written(file, report, held.fields, question)
            if faults:
                return self._refused("; ".join(faults))
        # On one line: further lines would read as reports of others.
        said = [
            f"{code}/{value}".replace("\n", " ")
            for code, value in question.message.fields
            if code not in BESIDE
        ]
        seat = question.seat
        line = f"{form.title.upper()} {seat.ori} {timed(question.at)}: {' '.join(said)}"
        former = dict(held.fields).get("RPT", "").split("\n") if "RPT" in dict(held.fields) else []
        reports = "\n".join([line[:REPORT_CHARACTERS_MAX], *former][:REPORTS_KEPT])
        fields = merged(file, before, (("RPT", reports),))
        after = await self._hand.replace(
            connection, file, held, by=question.transaction, at=question.at, fields=fields
        )
        notice = self._told("$.R.", held.owner, after, line, question)
        return self._accepted(f"{report.taken} {self._named(held.number)}", after, notices=(notice,))

    async def _of_former(
        self, connection: asyncpg.Connection, file: File, held: Held, reported: Fields
    ) -> str:
        """Why a report does not tell of the record as it is; empty where it does.

        It tells of the version that stood at the end of the minute at which the person was told. Only the owner knows
        whether the papers were further than the record by then, and says so by a change.
        """
        said = valued(reported)
        told_at = told_on(file, said)
        if told_at is None or held.changed_at <= told_at:
            return ""
        stored = await connection.fetchval(AS_OF, file.code, held.id, told_at)
        then = held.fields if stored is None else from_json(file, stored, self._vault)
        return told_of_former(file, said, then, held.fields)

    # ----------------------------------------------------------------------- answers

    def _named(self, number: str) -> str:
        return f"{self._number_kind or 'FCN'}/{number}"

    def _told(self, code: str, to: str, hit: Hit, text: str, question: Question) -> Notification:
        return Notification(
            code=code, to=to, text=text, number=hit.number, hits=(hit,), test=question.seat.test
        )

    def _accepted(self, text: str, *hits: Hit, notices: tuple[Notification, ...] = ()) -> Answer:
        return Answer(source=self._source.value, state=State.ACCEPTED, text=text, hits=hits, notices=notices)

    def _refused(self, text: str, *hits: Hit) -> Answer:
        return Answer(source=self._source.value, state=State.REFUSED, text=text, hits=hits)


def _in_part(
    file: File, old: Fields, sent: Sequence[tuple[str, str]], *, add: bool
) -> tuple[Fields, list[tuple[str, str]]]:
    """The fields with values added to those that repeat, or taken out of them; and what cannot be so."""
    values = {code: list(several) for code, several in valued(old).items()}
    faults: list[tuple[str, str]] = []
    for code, value in sent:
        several = values.setdefault(code, [])
        if add and value not in several:
            several.append(value)
        elif not add and value in several:
            several.remove(value)
        elif not add:
            faults.append((code, f"has no value {value}"))
        if len(several) > file.field(code).many:
            faults.append((code, f"may stand only {file.field(code).many} times"))
    fields = tuple((code, value) for code, several in values.items() for value in several)
    return merged(file, (), fields), faults
