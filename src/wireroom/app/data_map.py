"""Where criminal justice information and personal data lie: what every column of every table holds, said once (CM-12).

Which fields of records are kept sealed the catalogue says; by what a column is found its indexes say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

import sqlalchemy as sa

from wireroom.app.locks import LOCKS, Lock
from wireroom.app.schema import declared
from wireroom.catalog.index import Catalogue


class Lies(StrEnum):
    """What lies in a column."""

    CJI = "criminal justice information"
    SEALED = "criminal justice information, sealed"
    PERSONAL = "personal data"
    SECRET = "a secret, sealed, wrapped or hashed"  # noqa: S105 - words
    MARK = "a keyed hash of personal data"
    NOTHING = "nothing about anybody"


_CJI, _SEALED, _PERSONAL = Lies.CJI, Lies.SEALED, Lies.PERSONAL
_SECRET, _MARK, _NOTHING = Lies.SECRET, Lies.MARK, Lies.NOTHING

# Each column once. Who did what where and when is personal data of whoever did it; of whom a record or an inquiry
# tells is criminal justice information.
HOLDS: Mapping[str, Mapping[Lies, str]] = {
    "wireroom_version": {_NOTHING: "sole schema oldest_code written_by"},
    "journal": {
        _PERSONAL: "ori terminal person at tag",
        _SEALED: "body",
        _SECRET: "salt commitment",
        _NOTHING: "number transaction",
    },
    "journal_pending": {_NOTHING: "batch"},
    "journal_span": {_NOTHING: "first batch entries leaves"},
    "journal_tree": {_NOTHING: "sole size frontier root"},
    "journal_checkpoint": {_NOTHING: "size root at note"},
    "data_key": {_SECRET: "wrapped", _NOTHING: "id day version"},
    "record": {
        _CJI: "file number status fields entered_at changed_at validate_on due_at",
        _PERSONAL: "entered_by checked_by",
        _NOTHING: "id owner version test entered_ori",
    },
    "record_version": {
        _CJI: "file status changed_at fields",
        _NOTHING: "id version replaced_by",
    },
    "identifier": {_CJI: "kind value file record"},
    "name_book": {_NOTHING: "id file test people"},
    "name_token": {_PERSONAL: "token", _NOTHING: "id last given idle"},
    "person": {_CJI: "last given suffix dob sex", _NOTHING: "book record place"},
    "name_pair": {_CJI: "pair dob traits", _NOTHING: "book record place"},
    "name_census": {_NOTHING: "id generation spelled years days circles"},
    "fcn_counter": {_NOTHING: "agency day next"},
    "followup": {_CJI: "file record", _NOTHING: "number tx"},
    "past_inquiry": {
        _CJI: "kind value dob name key",
        _PERSONAL: "terminal ori person at",
        _NOTHING: "number test tx",
    },
    "forward": {
        _CJI: "file record number told_status",
        _SEALED: "trouble",
        _NOTHING: "source told_version due_at tries",
    },
    "clock": {_CJI: "file record name due_at met_at", _NOTHING: "owner other test"},
    "outbox": {
        _SEALED: "sealed",
        _CJI: "event file record",
        _NOTHING: "id place channel made_at due_at tries done_at trouble",
    },
    "calendar": {_NOTHING: "name done"},
    "import_run": {
        _NOTHING: "key digest name file owner started_at changed_at position line entered refused rejects checked done"
    },
    "claim": {_SEALED: "receipt", _NOTHING: "terminal key day transaction"},
    "leg": {_SEALED: "question", _NOTHING: "transaction leg worker deadline"},
    "delivery": {_SEALED: "body", _NOTHING: "terminal number"},
    "worker": {_NOTHING: "id holder until"},
    "confirmation": {
        _CJI: "record said",
        _SEALED: "text",
        _PERSONAL: "ori terminal person asked_at",
        _NOTHING: "number owner test priority round state due_at",
    },
    "reason": {
        _CJI: "kind reference words incident verdict",
        _PERSONAL: "ori terminal person requester for_person at asked",
        _NOTHING: "transaction looked due_at",
    },
    "agency": {_NOTHING: "ori name county phone test added_at agreed_files agreed_until serves"},
    "approval": {_PERSONAL: "approved_by withdrawn_by", _NOTHING: "ori way since until"},
    "terminal": {_NOTHING: "mnemonic ori kind title enabled test added_at device"},
    "account": {
        _PERSONAL: "id name ori role enabled failures locked_at added_at ends_at active_at disabled_for",
        _SECRET: "password_hash otp_sealed",
        _NOTHING: "otp_last_step",
    },
    "own_mark": {_MARK: "mark", _PERSONAL: "person kind since until recorded_by"},
    "emergency": {
        _CJI: "words",
        _PERSONAL: "person ori rule at explained_at explained_by stands",
        _NOTHING: "number due_at",
    },
    "fact": {_PERSONAL: "person kind recorded_at recorded_by day good score word ori until"},
    "ruleset": {
        _PERSONAL: "proposed_by approved_by",
        _NOTHING: "digest text local words proposed_at approved_at differences signature in_force_from",
    },
    "decided": {_NOTHING: "day request ori ruleset facts rule times"},
    "device_authority": {
        _PERSONAL: "added_by ended_by",
        _NOTHING: "fingerprint ori subject pem ours added_at ends_at ended_at ended_for",
    },
    "device_certificate": {
        _PERSONAL: "issued_by revoked_by",
        _NOTHING: "fingerprint serial authority terminal ori encrypted managed located issued_at ends_at revoked_at "
        "revoked_for",
    },
    "session": {
        _SECRET: "token_hash csrf",
        _PERSONAL: "person terminal ori opened_at seen_at ended_at peer device authenticator",
        _NOTHING: "kind notice",
    },
    "cad_incident": {
        _CJI: "reference kind place opened_at closed_at said_at",
        _PERSONAL: "made_by",
        _NOTHING: "ori made_at",
    },
    "cad_assigned": {_CJI: "reference unit since_at until_at", _PERSONAL: "who made_by", _NOTHING: "ori made_at"},
    "cad_subject": {_MARK: "mark", _CJI: "reference", _PERSONAL: "made_by", _NOTHING: "ori made_at"},
    "cad_word": {
        _CJI: "reference said_at changed afterwards before",
        _PERSONAL: "said_by came_from",
        _NOTHING: "ori key digest came_at",
    },
    "authenticator": {
        _PERSONAL: "id person kind name bound_at bound_by used_at ended_at ended_by ended_for credential",
        _NOTHING: "public_key counter",
    },
    "challenge": {_SECRET: "nonce holder proof", _PERSONAL: "shown", _NOTHING: "purpose made_at about"},
    "account_request": {
        _PERSONAL: "person name role words asked_by asked_at decided_by decided_at decided_for",
        _NOTHING: "id ori decision collected_at",
    },
    "posture": {_NOTHING: "device claimed_at came_at encrypted managed located rooted patched"},
    "device_management": {
        _PERSONAL: "declared_by",
        _NOTHING: "ori terminal minutes patch_days wipe_url since ended_at",
    },
    "alarm": {_NOTHING: "watch about words began_at ended_at told_at end_told"},
    "chore": {_NOTHING: "name tried_at done_at trouble said"},
    "settings_version": {
        _PERSONAL: "proposed_by approved_by",
        _NOTHING: "version digest text words proposed_at approved_at",
    },
    "settings_started": {_NOTHING: "sole at digest shown"},
    "incident": {
        _PERSONAL: "kind ori person terminal discovered_at opened_by",
        _NOTHING: "number origin opened_at",
    },
    "incident_step": {_PERSONAL: "act about at by", _NOTHING: "incident place entry"},
    "weekly_review": {_PERSONAL: "prepared_by", _NOTHING: "number ori week digest prepared_at"},
    "review_signature": {_PERSONAL: "by", _NOTHING: "review ori week digest at entry"},
    "journal_hold": {_PERSONAL: "person asked_by", _NOTHING: "number ori since asked_at until"},
    "hold_approval": {_PERSONAL: "by", _NOTHING: "hold at entry"},
}  # fmt: skip


def described() -> Mapping[tuple[str, str], Lies]:
    """What lies in each column, by table and column. Raises ValueError where one is described twice."""
    found: dict[tuple[str, str], Lies] = {}
    for table, held in HOLDS.items():
        for lies, columns in held.items():
            for column in columns.split():
                if (table, column) in found:
                    raise ValueError(f"{table}.{column} is described twice")
                found[table, column] = lies
    return found


def data_map_page() -> str:
    """The page of the manual."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from (
        "# Where what lies",
        "",
        "Every column of every table, made from the code: a test fails for a column that nobody described (CM-12).",
        "Criminal justice information lies in the tables below and nowhere else: logs carry entry numbers alone, and",
        "backups are these tables, encrypted as a whole. What is sealed needs a key that is not in the database",
        "([Keys](keys.md)); what is not sealed relies on an encrypted volume. *Found by* names columns that an index",
        "begins with. *Rows of* says for whom a row is there at all ([decision 46](decisions/0046-row-locks.md)).",
        "",
        "## Fields of records that are sealed",
        "",
        "`record.fields` and `record_version.fields` hold a record's fields. These of them are sealed each by itself;",
        "they are found in `identifier` by a keyed hash.",
        "",
        "| field | in files |",
        "|---|---|",
    )
    secret: dict[str, list[str]] = {}
    for file in Catalogue().files.values():
        for field in file.fields:
            if field.secret:
                secret.setdefault(field.code, []).append(file.code)
    yield from (f"| `{code}` | {', '.join(sorted(files))} |" for code, files in sorted(secret.items()))
    lies = described()
    for metadata in declared().values():
        for name, table in metadata.tables.items():
            yield from (
                "",
                f"## `{name}`",
                "",
                f"{table.comment or _UNSAID[name]} Rows of: {_whose(LOCKS[name])}.",
                "",
            )
            yield from ("| column | what lies in it | found by |", "|---|---|---|")
            led = _leading(table)
            for column in table.columns:
                yield f"| `{column.name}` | {lies[name, column.name].value} | {'yes' if column.name in led else ''} |"


_UNSAID = {
    "journal": "Who asked and was told what: one row for each thing that happened.",
    "journal_pending": "Batches that have no place in the tree yet.",
    "journal_span": "Which leaves of the tree a batch got.",
    "journal_tree": "The tree as it stands.",
    "journal_checkpoint": "Signed checkpoints over the tree.",
    "data_key": "The keys of sealed texts, wrapped by a master key that is nowhere in the database.",
}


def _whose(lock: Lock) -> str:
    if lock.open:
        return "nobody in particular"
    several = [
        *(f"the agency in `{one}`" for one in lock.ori),
        *(f"the terminal in `{one}`" for one in lock.terminal),
        *(f"the person in `{one}`" for one in lock.person),
        *((f"whoever shows `{lock.key}`",) if lock.key else ()),
    ]
    return ", ".join(several) or "whoever acts"


def _leading(table: sa.Table) -> set[str]:
    """The columns that a key or an index of a table begins with."""
    led = {next(iter(table.primary_key.columns)).name}
    for index in table.indexes:
        first = index.expressions[0]
        if isinstance(first, sa.Column):
            led.add(first.name)
    return led | {column.name for column in table.columns if column.unique}
