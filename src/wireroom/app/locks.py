"""Whose the rows of each table are, and the row-level security that follows: the second lock, after the statements.

Each table says here, once, what its rows are. From that come the policies, what an upgrade repairs, what `wireroom
database check` finds, and the tests. All roles are held to all of it, and so is the tables' owner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from wireroom.app.database import Connection
from wireroom.message.acting import ALL, SCOPES, SETTING

POLICY = "acting"


class Lock(msgspec.Struct, frozen=True):
    """Whose the rows of a table are: one is there for whoever acts with its agency, terminal, person or key.

    Without a column each row is there for whoever acts at all; one that is open, for everybody.
    """

    ori: tuple[str, ...] = ()
    terminal: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    key: str = ""  # bytes, which the setting has in hex
    open: bool = False

    def condition(self) -> str:
        """What a row-level policy asks of a row, read or written.

        What is said of who acts stands in subselects, so that the server looks at it once for a statement and not
        for each row, and indexes and partitions are chosen as if it were not there.
        """
        if self.open:
            return "true"
        several = [
            f'"{column}" = (SELECT {_said(scope)})'
            for scope, columns in (("ori", self.ori), ("terminal", self.terminal), ("person", self.person))
            for column in columns
        ]
        if self.key:
            several.append(f"\"{self.key}\" = (SELECT decode({_said('key')}, 'hex'))")
        if not several:
            return f"(SELECT coalesce({_SETTING}, '') <> '')"
        return " OR ".join((f"(SELECT right({_SETTING}, 1) = '{ALL}')", *several))


_SETTING = f"current_setting('{SETTING}', true)"


def _said(scope: str) -> str:
    """A scope, null where nothing is said: an empty column is nobody's, and what is everybody's is no name."""
    return f"nullif(nullif(split_part({_SETTING}, '/', {SCOPES.index(scope) + 2}), ''), '{ALL}')"


OPEN = Lock(open=True)  # nothing about anybody
ACTOR = Lock()  # of many people, or of what everybody may ask for: somebody acts

# Whose the rows of each table are. A table that is not named here fails a test.
LOCKS: Mapping[str, Lock] = {
    "wireroom_version": OPEN,
    # The journal's book-keeping is numbers and hashes; its entries are read by whoever says who reads.
    "journal": ACTOR,
    "journal_pending": OPEN,
    "journal_span": OPEN,
    "journal_tree": OPEN,
    "journal_checkpoint": OPEN,
    "data_key": ACTOR,
    # Records are the whole state's: every agency may ask for each. What is due with them is one agency's.
    "record": ACTOR,
    "record_version": ACTOR,
    # Its index of ends asks reverse(), which the server trusts with no row before a lock has let it through: locked, it
    # would read every plate. What a number leads to is locked, and a social security number stands here as a hash.
    "identifier": OPEN,
    "name_book": OPEN,
    "name_token": ACTOR,
    "person": ACTOR,
    "name_pair": ACTOR,
    "name_census": OPEN,
    "fcn_counter": OPEN,
    "followup": ACTOR,
    "past_inquiry": Lock(ori=("ori",), person=("person",)),
    "forward": ACTOR,
    "clock": Lock(ori=("owner", "other")),
    "outbox": ACTOR,
    "calendar": OPEN,
    "import_run": Lock(ori=("owner",)),
    # What waits for a terminal is that terminal's.
    "claim": Lock(terminal=("terminal",)),
    "leg": ACTOR,
    "delivery": Lock(terminal=("terminal",)),
    "worker": OPEN,
    "confirmation": Lock(ori=("owner", "ori")),
    "reason": Lock(ori=("ori",), person=("person", "for_person")),
    # The directory is everybody's who acts; people are their own and their agency's.
    "agency": ACTOR,
    "approval": ACTOR,
    "terminal": ACTOR,
    "account": Lock(ori=("ori",), person=("id",)),
    "own_mark": Lock(person=("person",)),
    "emergency": Lock(ori=("ori",), person=("person",)),
    "fact": Lock(ori=("ori",), person=("person",)),
    "ruleset": ACTOR,
    "decided": ACTOR,
    "device_authority": Lock(ori=("ori",)),
    "device_certificate": Lock(ori=("ori",)),
    "session": Lock(ori=("ori",), person=("person",), key="token_hash"),
    "cad_incident": Lock(ori=("ori",)),
    "cad_assigned": Lock(ori=("ori",)),
    "cad_subject": Lock(ori=("ori",)),
    "cad_word": Lock(ori=("ori",)),
    "authenticator": Lock(person=("person",), key="credential"),
    "challenge": ACTOR,
    "account_request": Lock(ori=("ori",)),
    "posture": ACTOR,
    "device_management": Lock(ori=("ori",)),
    # What the switch watches and does by itself, and its settings.
    "alarm": ACTOR,
    "chore": ACTOR,
    "settings_version": ACTOR,
    "settings_started": ACTOR,
    # Incidents, reviews and holds are an agency's; their steps are read by whoever may see what they are steps of.
    "incident": Lock(ori=("ori",)),
    "incident_step": ACTOR,
    "weekly_review": Lock(ori=("ori",)),
    "review_signature": Lock(ori=("ori",)),
    "journal_hold": Lock(ori=("ori",)),
    "hold_approval": ACTOR,
}

# Every table of ours and every partition of one, with what stands on it now. The policy's comment is its condition as
# we wrote it; the server keeps it in words of its own.
STANDING = """
SELECT c.relname::text AS name, coalesce(pg_partition_root(c.oid)::regclass::text, c.relname::text) AS root,
       c.relrowsecurity AND c.relforcerowsecurity AS held,
       ARRAY(SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname <> $1) AS others,
       (SELECT obj_description(p.oid, 'pg_policy') FROM pg_policy p
         WHERE p.polrelid = c.oid AND p.polname = $1) AS condition
FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
ORDER BY c.relname
"""


class Standing(msgspec.Struct, frozen=True):
    """What stands on a table now."""

    name: str
    root: str  # the table that it is a partition of, or itself
    held: bool  # whether row-level security is on, and for the owner too
    others: tuple[str, ...]  # policies that are none of ours
    condition: str  # of our policy; empty where there is none

    @property
    def lock(self) -> Lock | None:
        """What is declared of it; None: it is no table of ours."""
        return LOCKS.get(self.root)

    @property
    def right(self) -> bool:
        """Whether all is as declared."""
        return self.lock is None or (
            self.held and not self.others and self.condition == self.lock.condition()
        )

    def repairs(self) -> Iterator[str]:
        """The statements that make it so."""
        if self.lock is None or self.right:
            return
        condition = self.lock.condition()
        for other in (*self.others, POLICY):
            yield f'DROP POLICY IF EXISTS "{other}" ON "{self.name}"'
        yield f'CREATE POLICY {POLICY} ON "{self.name}" USING ({condition}) WITH CHECK ({condition})'
        said = condition.replace("'", "''")
        yield f"COMMENT ON POLICY {POLICY} ON \"{self.name}\" IS '{said}'"
        yield f'ALTER TABLE "{self.name}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY'


async def unlocked(connection: Connection) -> list[str]:
    """The tables of ours on which row-level security is not as declared."""
    rows = await connection.fetch(STANDING, POLICY)
    found = [msgspec.convert({**row, "condition": row["condition"] or ""}, Standing) for row in rows]
    return [one.name for one in found if not one.right]
