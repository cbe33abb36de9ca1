"""The statements of signing in and of sessions, each built once, with bound parameters."""

from __future__ import annotations

from wireroom.message.acting import Function
from wireroom.policy.devices import STANDS
from wireroom.policy.facts import NEWEST
from wireroom.policy.role import APART
from wireroom.policy.standing import OFFICE

KEPT_APART = ", ".join(sorted(f"'{role.value}'" for pair in APART for role in pair))

# Count an attempt as bad before comparing anything: person, the window's start, now, how many lock, not inactive
# since. No row where the person is unknown, disabled, ended, inactive or locked. Two at once wait for each other here,
# so none is missed.
COUNT = """
UPDATE account
SET failures = ARRAY(SELECT bad FROM unnest(failures) AS bad WHERE bad > $2 ORDER BY bad) || $3::timestamptz
WHERE id = $1 AND enabled AND locked_at IS NULL AND (ends_at IS NULL OR ends_at > $3) AND active_at > $5
  AND (SELECT count(*) FROM unnest(failures) AS bad WHERE bad > $2) < $4
RETURNING ori, password_hash, otp_sealed
"""
LOCK = """
UPDATE account SET locked_at = $2
WHERE id = $1 AND locked_at IS NULL AND cardinality(failures) >= $3
RETURNING true
"""
TERMINAL = "SELECT ori FROM terminal WHERE mnemonic = $1 AND enabled AND kind <> 'printer'"

# Both end with: who was signed in before on the same class of device, at another terminal or address, through the same
# door, is so no more (a password that was lent shows itself); then the session.
_OPENS = """
displaced AS (
    UPDATE session SET ended_at = $6 FROM signed_in, terminal AS former, terminal AS newer
    WHERE session.person = signed_in.id AND session.ended_at IS NULL AND session.kind = $8
      AND former.mnemonic = session.terminal AND newer.mnemonic = $4 AND former.device = newer.device
      AND (session.terminal <> $4 OR session.peer <> $7) AND session.token_hash <> $10
    RETURNING session.terminal, session.peer
),
opened AS (
    INSERT INTO session (token_hash, person, terminal, ori, csrf, opened_at, seen_at, peer, kind, notice, authenticator,
                         device)
    SELECT $3, signed_in.id, $4, signed_in.ori, $5, $6, $6, $7, $8, $9, used.id, $11
    FROM signed_in JOIN used ON used.person = signed_in.id
    RETURNING true
),
replaced AS (UPDATE session SET ended_at = $6 FROM opened WHERE token_hash = $10 AND ended_at IS NULL)
SELECT (SELECT json_agg(json_build_array(terminal, peer))::text FROM displaced) AS displaced FROM opened
"""
# Person, step of the code, token's hash, mnemonic, csrf, now, peer, kind, the notice that was acknowledged, the hash of
# the token of a session in whose place it comes, the fingerprint of the device's certificate.
OPEN = f"""
WITH signed_in AS (
    UPDATE account SET failures = '{{}}', otp_last_step = $2, active_at = $6
    WHERE id = $1 AND enabled AND locked_at IS NULL AND otp_last_step < $2
      AND (ends_at IS NULL OR ends_at > $6)
      AND EXISTS (SELECT FROM authenticator WHERE person = $1 AND kind = 'code' AND ended_at IS NULL)
    RETURNING id, ori
),
used AS (
    UPDATE authenticator SET used_at = $6 FROM signed_in
    WHERE authenticator.person = signed_in.id AND authenticator.kind = 'code' AND authenticator.ended_at IS NULL
    RETURNING authenticator.id, authenticator.person
), {_OPENS}
"""  # noqa: S608 - a statement of ours within
# The same with a passkey, or what is proved elsewhere: the second is its counter, the last its identifier. What does
# not count stays at 0.
OPEN_WITH_KEY = f"""
WITH used AS (
    UPDATE authenticator SET counter = $2, used_at = $6
    WHERE id = $12 AND person = $1 AND kind <> 'code' AND ended_at IS NULL
      AND (counter < $2 OR (counter = 0 AND $2::bigint = 0))
    RETURNING id, person
),
signed_in AS (
    UPDATE account SET failures = '{{}}', active_at = $6 FROM used
    WHERE account.id = used.person AND enabled AND locked_at IS NULL AND (ends_at IS NULL OR ends_at > $6)
    RETURNING account.id, account.ori
), {_OPENS}
"""  # noqa: S608 - a statement of ours within
# Person, token's hash, mnemonic, csrf, now, peer, kind, the notice.
ADMIT = """
INSERT INTO session (token_hash, person, terminal, ori, csrf, opened_at, seen_at, peer, kind, notice)
SELECT $2, account.id, terminal.mnemonic, account.ori, $4, $5, $5, $6, $7, $8
FROM account JOIN terminal ON terminal.ori = account.ori
WHERE account.id = $1 AND account.enabled AND account.locked_at IS NULL
  AND (account.ends_at IS NULL OR account.ends_at > $5)
  AND terminal.mnemonic = $3 AND terminal.enabled AND terminal.kind <> 'printer'
RETURNING true
"""
# Of the session's person: their own marks; roles of other accounts of their name, where theirs is one that is kept
# apart from others; whether an emergency was not explained in time ($3 is now).
MARKS = """(
    SELECT json_agg(json_build_array(kind, encode(mark, 'hex')))::text
    FROM own_mark WHERE own_mark.person = session.person AND own_mark.until IS NULL
)"""
OTHER_ROLES = f"""(
    CASE WHEN account.role IN ({KEPT_APART}) THEN ARRAY(
        SELECT other.role FROM account AS other
        WHERE other.ori = account.ori AND other.id <> account.id AND other.enabled
          AND lower(regexp_replace(btrim(other.name), '\\s+', ' ', 'g'))
            = lower(regexp_replace(btrim(account.name), '\\s+', ' ', 'g'))
    ) END
)"""  # noqa: S608 - roles of ours
OWING = """EXISTS (
    SELECT FROM emergency WHERE emergency.person = session.person AND explained_at IS NULL AND due_at < $3
)"""
# Token's hash, not opened before, now. Whoever moved, was disabled or ended meanwhile has no session. How long it
# was idle is for the caller to judge: that depends on the device.
_SESSION = f"""
SELECT session.person, session.terminal, session.ori, session.csrf, session.kind, session.opened_at,
       session.seen_at, session.notice, session.device AS certificate, session.authenticator,
       account.name, account.role, agency.name AS agency,
       (terminal.test OR agency.test) AS test, terminal.device, terminal.kind AS place,
       {NEWEST.format(person="session.person")} AS facts,
       {MARKS} AS own, {OTHER_ROLES} AS others, {OWING} AS owing
FROM session
JOIN account ON account.id = session.person
JOIN terminal ON terminal.mnemonic = session.terminal
JOIN agency ON agency.ori = session.ori
WHERE session.token_hash = $1 AND session.ended_at IS NULL AND session.opened_at > $2
  AND account.enabled AND (account.ends_at IS NULL OR account.ends_at > $3)
  AND account.ori = session.ori AND terminal.enabled AND terminal.ori = session.ori
"""  # noqa: S608 - statements of ours within
_TIME, _TEXT = "timestamp with time zone", "text"
SESSION = Function(
    name="session_standing",
    takes=("bytea", _TIME, _TIME),
    gives=(
        ("person", _TEXT), ("terminal", _TEXT), ("ori", _TEXT), ("csrf", _TEXT), ("kind", _TEXT), ("opened_at", _TIME),
        ("seen_at", _TIME), ("notice", _TEXT), ("certificate", _TEXT), ("authenticator", _TEXT), ("name", _TEXT),
        ("role", _TEXT), ("agency", _TEXT), ("test", "boolean"), ("device", _TEXT), ("place", _TEXT), ("facts", _TEXT),
        ("own", _TEXT), ("others", "text[]"), ("owing", "boolean"),
    ),
    statement=_SESSION,
)  # fmt: skip
# A session that was opened with a certificate stands as long as that does. Apart from the other, which would cost a
# third more for every session that has none.
_STANDS = STANDS.format(device="session.device", terminal="session.terminal", now="$3")
VOUCHED_SESSION = Function(
    name="vouched_session_standing",
    takes=SESSION.takes,
    gives=SESSION.gives,
    statement=f"{_SESSION.rstrip()}\n  AND {_STANDS}",
)
FUNCTIONS = (SESSION, VOUCHED_SESSION)
CALLS = {True: VOUCHED_SESSION.call, False: SESSION.call}  # by whether a certificate vouches for it
# Whose a session is, and whether with a certificate: with that, what the statement above looks at is theirs.
# Administration asks for the device's certificate at its own door.
WHOSE = f"""
SELECT person, ori, device <> '' AND kind <> '{OFFICE}' AS vouched FROM session WHERE token_hash = $1
"""  # noqa: S608 - a word of ours within
SEEN = "UPDATE session SET seen_at = $2 WHERE token_hash = $1 AND ended_at IS NULL AND seen_at < $2"
END = "UPDATE session SET ended_at = $2 WHERE token_hash = $1 AND ended_at IS NULL"
END_ALL = "UPDATE session SET ended_at = $1 WHERE ended_at IS NULL"
# Now, idle since (of a device that is not exempt), opened before. What was opened or used later than now was so before
# the clock was set back: it counts from now, or the session would last so much longer.
SWEEP = """
UPDATE session SET opened_at = least(session.opened_at, $1), seen_at = least(session.seen_at, $1),
    ended_at = CASE WHEN session.seen_at <= $1 THEN $1 END
FROM terminal
WHERE terminal.mnemonic = session.terminal AND session.ended_at IS NULL
  AND (session.opened_at <= $3 OR (session.seen_at <= $2 AND terminal.device = 'ordinary') OR session.seen_at > $1)
"""

# Of administration: idle since, opened before, the door. Only who holds the row ends it.
OVER = """
SELECT token_hash, person, terminal, ori, CASE WHEN opened_at <= $2 THEN 'over' ELSE 'idle' END AS why
FROM session WHERE kind = $3 AND ended_at IS NULL AND (seen_at <= $1 OR opened_at <= $2)
FOR UPDATE SKIP LOCKED
"""

# The last two: who approved it, and the identifier of the first authenticator, which gives codes.
_ADDS = """
added AS (
    INSERT INTO account (id, name, ori, role, password_hash, otp_sealed,
                         enabled, added_at, ends_at, active_at, otp_last_step, failures)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8::timestamptz, $9, $8, -1, '{{}}' {asked}
    RETURNING id
)
INSERT INTO authenticator (id, person, kind, name, bound_at, bound_by)
SELECT $11, added.id, 'code', 'One-time codes', $8, $10 FROM added RETURNING person
"""
ADD = f"WITH {_ADDS.format(asked='')}"
# The same for an account that was asked for: one more at the end, the request, which is approved with it or not at all.
ADD_AS_ASKED = f"""
WITH decided AS (
    UPDATE account_request SET decision = 'approved', decided_by = $10, decided_at = $8
    WHERE id = $12 AND decided_at IS NULL AND person = $1 AND ori = $3 AND role = $4
    RETURNING id
), {_ADDS.format(asked="FROM decided")}
"""  # noqa: S608 - a statement of ours within
# Person, agency, now, not inactive since.
ACCOUNT = """
SELECT role, active_at,
       ori = $2 AND enabled AND locked_at IS NULL AND (ends_at IS NULL OR ends_at > $3) AND active_at > $4 AS stands
FROM account WHERE id = $1
"""
ACTIVE = "UPDATE account SET active_at = $2 WHERE id = $1 AND active_at < $2"
PEOPLE = """
SELECT id, name, ori, role, enabled, locked_at IS NOT NULL AS locked, ends_at, disabled_for
FROM account ORDER BY id
"""
ACCOUNTS = """
SELECT id, name, ori, role, enabled, locked_at IS NOT NULL AS locked, ends_at, disabled_for, active_at
FROM account WHERE ($1 = '' OR ori = $1) ORDER BY id LIMIT 50000
"""
# Now, not used since: who must be disabled, and why.
DUE = """
SELECT id, CASE WHEN ends_at <= $1 THEN 'ended' ELSE 'inactive' END AS why
FROM account WHERE enabled AND (ends_at <= $1 OR active_at <= $2) ORDER BY id
"""
RELEASE = "UPDATE account SET failures = '{}', locked_at = NULL WHERE id = $1 RETURNING id"
# Person, now. What has ended by its own clock does not begin again.
ENABLE = """
UPDATE account SET enabled = true, active_at = $2, disabled_for = ''
WHERE id = $1 AND (ends_at IS NULL OR ends_at > $2) RETURNING id
"""

# Each change ends every session of the person in the same statement: person, now, the new value.
_AND_END = """
WITH changed AS (UPDATE account SET {change} WHERE id = $1 RETURNING id),
     ended AS (UPDATE session SET ended_at = $2 FROM changed
               WHERE session.person = changed.id AND session.ended_at IS NULL RETURNING session.person)
SELECT (SELECT count(*) FROM ended) FROM changed
"""
END_OF = _AND_END.format(change="name = name")
DISABLE = _AND_END.format(change="enabled = false, disabled_for = $3")
PASSWORD = _AND_END.format(change="password_hash = $3")
# The last two: who binds it, and its identifier.
OTP = """
WITH changed AS (UPDATE account SET otp_sealed = $3, otp_last_step = -1 WHERE id = $1 RETURNING id),
     former AS (UPDATE authenticator SET ended_at = $2, ended_by = $4, ended_for = 'replaced' FROM changed
                WHERE authenticator.person = changed.id AND authenticator.kind = 'code'
                  AND authenticator.ended_at IS NULL),
     bound AS (INSERT INTO authenticator (id, person, kind, name, bound_at, bound_by)
               SELECT $5, changed.id, 'code', 'One-time codes', $2, $4 FROM changed),
     ended AS (UPDATE session SET ended_at = $2 FROM changed
               WHERE session.person = changed.id AND session.ended_at IS NULL RETURNING session.person)
SELECT (SELECT count(*) FROM ended) FROM changed
"""
CODE = "SELECT otp_sealed, otp_last_step FROM account WHERE id = $1"
