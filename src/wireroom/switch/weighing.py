"""What explains an inquiry, looked up in the statement that claims its key, and again when the CAD may have caught up.

The look-ups go by the agency, the person, the terminal and the requester: what was asked about plays no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import asyncpg
import msgspec

from wireroom.catalog.file import Verb
from wireroom.catalog.index import Catalogue
from wireroom.journal.entry import Entry
from wireroom.journal.numbers import first_number
from wireroom.journal.sealing import Texts
from wireroom.journal.tags import Tag
from wireroom.message.answer import Receipt
from wireroom.message.envelope import Arrival
from wireroom.message.reason import NO_REASON, Reason, ReasonKind, Verdict, Weighed
from wireroom.switch import ledger
from wireroom.switch.work import Work

EARLY = timedelta(minutes=10)  # an inquiry may come so much before its incident is opened in the CAD
AFTER = timedelta(hours=1)  # and so much after it was closed: the rest is done at the station
LOOK_AFTER = (timedelta(minutes=15), timedelta(hours=4), timedelta(hours=24))  # of the inquiry
AT_ONCE = 200
RESEND_WITHIN = timedelta(hours=1)  # a resend after midnight may carry a key of the day before
# Kinds of reason whose reference an agency's CAD knows; of all others it is taken as it is said.
OF_CAD = (ReasonKind.UNSAID, ReasonKind.INCIDENT, ReasonKind.STOP)

# No value of a dotted text holds a full stop, so ADA DISPATCH stands for the account ada.dispatch.
_ACCOUNTS = "lower(q.requester), replace(lower(q.requester), ' ', '.')"
_WHO = """'P/' || lower(q.person), 'T/' || q.terminal, 'U/' || q.requester, 'P/' || lower(q.requester),
          'P/' || replace(lower(q.requester), ' ', '.')"""
# For each row of `asked`: the incident said or found, and what that makes of the reason. An incident or a place on it
# counts where it stood at the time, give or take, and where the person did not write it into the CAD afterwards.
WEIGHED = f"""
select q.transaction, coalesce(s.reference, o.reference, '') as incident, coalesce(p.id, m.id, '') as for_person,
       case when s.reference is not null then
                 case when s.own then 'own-later' when s.stood and s.on_it then 'confirmed' else 'known' end
            when q.reference <> '' then
                 case when q.kind in ({", ".join(f"'{kind}'" for kind in OF_CAD)}) then 'unknown' else 'stated' end
            when o.reference is not null then case when o.own then 'own-later' else 'confirmed' end
            when q.kind <> '' or q.words <> '' then 'stated'
            else 'none' end as verdict
  from asked q
  left join account p on q.requester <> '' and p.ori = q.ori and p.id in ({_ACCOUNTS})
  left join lateral (
       select substr(m.who, 3) as id
         from cad_assigned u
         join cad_assigned m on m.ori = u.ori and m.reference = u.reference and m.unit = u.unit
                            and m.who >= 'P/' and m.who < 'P0'
        where q.requester <> '' and p.id is null and u.ori = q.ori and u.who = 'U/' || q.requester
          and u.since_at <= q.at + $1::interval and coalesce(u.until_at, 'infinity') >= q.at
        order by u.since_at desc, m.who limit 1
       ) m on true
  left join lateral (
       select i.reference, i.made_by = lower(q.person) and i.made_at > q.at as own,
              i.opened_at <= q.at + $1::interval and coalesce(i.closed_at, 'infinity') >= q.at - $2::interval as stood,
              exists (select from cad_assigned a where a.ori = i.ori and a.reference = i.reference
                         and a.who in ({_WHO})
                         and a.since_at <= q.at + $1 and coalesce(a.until_at, 'infinity') >= q.at - $2
                         and not (a.made_by = lower(q.person) and a.made_at > q.at)) as on_it
         from cad_incident i where i.ori = q.ori and i.reference = q.reference and q.reference <> ''
       ) s on true
  left join lateral (
       select i.reference, (i.made_by = lower(q.person) and i.made_at > q.at)
                           or (a.made_by = lower(q.person) and a.made_at > q.at) as own
         from cad_assigned a join cad_incident i using (ori, reference)
        where q.reference = '' and a.ori = q.ori
          and a.who in ({_WHO})
          and a.since_at <= q.at + $1 and coalesce(a.until_at, 'infinity') >= q.at
          and i.opened_at <= q.at + $1 and coalesce(i.closed_at, 'infinity') >= q.at
        order by own, a.since_at desc limit 1
       ) o on true
"""  # noqa: S608 - our own words alone
CLAIM = f"""
with q as (
    select * from unnest($3::text[], $4::text[], $5::date[], $6::bigint[], $7::bytea[], $9::text[], $10::text[],
                         $11::timestamptz[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[])
        as q(terminal, key, day, transaction, receipt, ori, person, at, asked, kind, reference, requester, words)),
new as (
    insert into claim (terminal, key, day, transaction, receipt)
    select q.terminal, q.key, q.day, q.transaction, q.receipt from q
     where $8::bigint is null
        or not exists (select from claim c where c.terminal = q.terminal and c.key = q.key and c.day = q.day - 1
                          and c.transaction >= $8)
    on conflict do nothing returning transaction),
asked as (select q.* from q join new using (transaction) where q.asked <> ''),
weighed as ({WEIGHED}),
kept as (
    insert into reason (transaction, at, asked, ori, terminal, person, kind, reference, requester, words, for_person,
                        verdict, incident, looked, due_at)
    select a.transaction, a.at, a.asked, a.ori, a.terminal, a.person, a.kind, a.reference, a.requester, a.words,
           w.for_person, w.verdict, w.incident, 0,
           case when w.verdict in ('none', 'unknown') then a.at + $17::interval end
      from asked a join weighed w using (transaction))
select n.transaction, w.verdict, w.incident, w.for_person from new n left join weighed w using (transaction)
"""  # noqa: S608 - our own words alone
DUE = f"""
with asked as materialized (
    select transaction, at, ori, terminal, person, kind, reference, requester, words, verdict as was, looked
      from reason where due_at <= $3 order by due_at limit $4 for update skip locked)
select q.transaction, q.at, q.ori, q.terminal, q.person, q.was, q.looked, w.verdict, w.incident
  from asked q join ({WEIGHED}) w using (transaction) order by q.transaction
"""  # noqa: S608 - our own words alone
LOOKED = """
update reason r set verdict = q.verdict, incident = q.incident, looked = r.looked + 1, due_at = q.due_at
  from unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[]) as q(transaction, verdict, incident, due_at)
 where r.transaction = q.transaction
"""
REFUSED = """
with back as (update reason set verdict = 'refused', due_at = null where transaction = any($1::bigint[]))
update claim c set receipt = q.receipt from unnest($1::bigint[], $2::bytea[]) as q(transaction, receipt)
 where c.transaction = q.transaction
"""


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """Whose reason is weighed; without a message key, nobody's."""

    ori: str = ""
    person: str = ""
    at: datetime = datetime.min.replace(tzinfo=UTC)
    key: str = ""
    reason: Reason = NO_REASON


Row = tuple[str, str, date, int, bytes, Receipt]


async def claim(
    connection: asyncpg.Connection,
    texts: Texts,
    rows: Sequence[Row],
    since: int | None = None,
    asking: Sequence[Asking] = (),
) -> dict[int, Weighed | None]:
    """Claims terminal, key and day for transactions, and weighs the reasons of the inquiries among them: one round.

    Gives those that came first by their numbers, with what was found of their reason; None where none is asked for.
    Shortly after midnight a resend may carry a key of the day before: it is a repeat where that came after the
    journal number `since`. Later in the day keys start anew, and `since` is None.
    """
    columns = [list(column) for column in zip(*(row[:4] for row in rows), strict=True)]
    receipts = await ledger.receipts(texts, ((row[4], row[5]) for row in rows))
    each = asking or [Asking()] * len(rows)
    reasons = [one.reason for one in each]
    found = await connection.fetch(
        CLAIM, EARLY, AFTER, *columns, receipts, since,
        [one.ori for one in each], [one.person for one in each], [one.at for one in each],
        [one.key for one in each], [one.kind.value for one in reasons], [one.reference for one in reasons],
        [one.requester for one in reasons], [one.words for one in reasons], LOOK_AFTER[0],
    )  # fmt: skip
    return {row["transaction"]: _weighed(row) for row in found}


def _weighed(row: asyncpg.Record) -> Weighed | None:
    if row["verdict"] is None:
        return None
    return Weighed(Verdict(row["verdict"]), row["incident"], row["for_person"])


def asking(work: Work, catalogue: Catalogue) -> Asking:
    """What is weighed of a work: of inquiries that move, and not of training, which meets no CAD."""
    arrival, message = work.arrival, work.message
    seat, key = arrival.seat, ""
    if message is not None and not seat.test and catalogue.forms[message.key].verb is Verb.INQUIRE:
        key = message.key
    return Asking(ori=seat.ori, person=seat.person, at=arrival.at, key=key, reason=arrival.reason)


def claim_of(arrival: Arrival) -> tuple[str, str, date]:
    """What an arrival claims: its terminal, its key, its day."""
    return arrival.seat.terminal, arrival.key, arrival.at.date()


def digest_of(arrival: Arrival) -> bytes:
    """What must be the same for a repeat to be one: the text, and what stands on the session beside it."""
    said = msgspec.structs.astuple(arrival.reason) if arrival.reason != NO_REASON else ()
    return ledger.digest(arrival.text, arrival.purpose, arrival.case, *said)


def over_midnight(now: datetime) -> int | None:
    """From which journal number on keys of the day before still count; None once midnight is long past."""
    if now.hour * 3600 + now.minute * 60 >= RESEND_WITHIN.total_seconds():
        return None
    return first_number(now - RESEND_WITHIN)


async def refuse(
    connection: asyncpg.Connection, texts: Texts, refused: Sequence[tuple[bytes, Receipt]]
) -> None:
    """Gives transactions that were claimed a moment ago, by the digests of their texts, the receipts of a refusal."""
    if refused:
        numbers = [one.number for _, one in refused]
        await connection.execute(REFUSED, numbers, await ledger.receipts(texts, refused))


async def due(connection: asyncpg.Connection, now: datetime) -> list[tuple[Entry, Verdict, datetime | None]]:
    """The reasons that are to be looked at again, and what is found of each now; the entries have no numbers yet."""
    looked = []
    for row in await connection.fetch(DUE, EARLY, AFTER, now, AT_ONCE):
        verdict, next_look = again(Verdict(row["verdict"]), row["looked"] + 1, row["at"])
        detail: dict[str, object] = {"verdict": verdict.value, "was": row["was"], "look": row["looked"] + 1}
        if row["incident"]:
            detail["incident"] = row["incident"]
        entry = Entry(
            0, Tag.REASON_CHECKED, now, row["transaction"], row["ori"], row["terminal"], row["person"], detail
        )
        looked.append((entry, verdict, next_look))
    return looked


def again(found: Verdict, looked: int, asked_at: datetime) -> tuple[Verdict, datetime | None]:
    """What a look makes of a reason, and when the next one is due: after a day it is explained or it is not."""
    if found not in (Verdict.NONE, Verdict.UNKNOWN, Verdict.OWN_LATER):
        return found, None
    if looked < len(LOOK_AFTER):
        return found, asked_at + LOOK_AFTER[looked]
    return (found if found is Verdict.OWN_LATER else Verdict.UNEXPLAINED), None


async def looked(
    connection: asyncpg.Connection, found: Sequence[tuple[Entry, Verdict, datetime | None]]
) -> None:
    """Keeps what was found."""
    await connection.execute(
        LOOKED,
        [entry.transaction for entry, _, _ in found],
        [verdict.value for _, verdict, _ in found],
        [str(entry.detail.get("incident", "")) for entry, _, _ in found],
        [at for _, _, at in found],
    )
