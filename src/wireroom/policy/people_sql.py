"""The statements of signing in and of sessions, each built once, with bound parameters."""

from __future__ import annotations

from wireroom.policy.facts import NEWEST

# Count an attempt as bad before comparing anything: person, the window's start, now, how many lock. No row
# where the person is unknown, disabled or locked. Two at once wait for each other here, so none is missed.
COUNT = """
UPDATE account
SET failures = ARRAY(SELECT bad FROM unnest(failures) AS bad WHERE bad > $2 ORDER BY bad) || $3::timestamptz
WHERE id = $1 AND enabled AND locked_at IS NULL
  AND (SELECT count(*) FROM unnest(failures) AS bad WHERE bad > $2) < $4
RETURNING ori, password_hash, otp_sealed
"""
LOCK = """
UPDATE account SET locked_at = $2
WHERE id = $1 AND locked_at IS NULL AND cardinality(failures) >= $3
"""
TERMINAL = "SELECT ori FROM terminal WHERE mnemonic = $1 AND enabled AND kind <> 'printer'"

# Person, step of the code, token's hash, mnemonic, csrf, now, peer, kind.
OPEN = """
WITH signed_in AS (
    UPDATE account SET failures = '{}', otp_last_step = $2
    WHERE id = $1 AND enabled AND locked_at IS NULL AND otp_last_step < $2
    RETURNING id, ori
)
INSERT INTO session (token_hash, person, terminal, ori, csrf, opened_at, seen_at, peer, kind)
SELECT $3, signed_in.id, $4, signed_in.ori, $5, $6, $6, $7, $8 FROM signed_in
RETURNING true
"""
# Person, token's hash, mnemonic, csrf, now, peer, kind.
ADMIT = """
INSERT INTO session (token_hash, person, terminal, ori, csrf, opened_at, seen_at, peer, kind)
SELECT $2, account.id, terminal.mnemonic, account.ori, $4, $5, $5, $6, $7
FROM account JOIN terminal ON terminal.ori = account.ori
WHERE account.id = $1 AND account.enabled AND account.locked_at IS NULL
  AND terminal.mnemonic = $3 AND terminal.enabled AND terminal.kind <> 'printer'
RETURNING true
"""
# Token's hash, not idle since, not opened before. Whoever moved or was disabled meanwhile has no session.
SESSION = f"""
SELECT session.person, session.terminal, session.ori, session.csrf, session.kind, session.opened_at,
       session.seen_at, account.name, account.role, agency.name AS agency,
       (terminal.test OR agency.test) AS test,
       {NEWEST.format(person="session.person")} AS facts
FROM session
JOIN account ON account.id = session.person
JOIN terminal ON terminal.mnemonic = session.terminal
JOIN agency ON agency.ori = session.ori
WHERE session.token_hash = $1 AND session.ended_at IS NULL AND session.seen_at > $2 AND session.opened_at > $3
  AND account.enabled AND account.ori = session.ori AND terminal.enabled AND terminal.ori = session.ori
"""  # noqa: S608 - a statement of ours within
SEEN = "UPDATE session SET seen_at = $2 WHERE token_hash = $1 AND ended_at IS NULL AND seen_at < $2"
END = "UPDATE session SET ended_at = $2 WHERE token_hash = $1 AND ended_at IS NULL"
END_OF = "UPDATE session SET ended_at = $2 WHERE person = $1 AND ended_at IS NULL"
END_ALL = "UPDATE session SET ended_at = $1 WHERE ended_at IS NULL"
SWEEP = "UPDATE session SET ended_at = $1 WHERE ended_at IS NULL AND (seen_at <= $2 OR opened_at <= $3)"

ADD = """
INSERT INTO account (id, name, ori, role, password_hash, otp_sealed,
                      enabled, added_at, otp_last_step, failures)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, -1, '{}')
"""
ACCOUNT = """
SELECT role, ori = $2 AND enabled AND locked_at IS NULL AS stands FROM account WHERE id = $1
"""
PEOPLE = """
SELECT id, name, ori, role, enabled, locked_at IS NOT NULL AS locked FROM account ORDER BY id
"""
RELEASE = "UPDATE account SET failures = '{}', locked_at = NULL WHERE id = $1 RETURNING id"
ENABLE = "UPDATE account SET enabled = $2 WHERE id = $1 RETURNING id"
PASSWORD = "UPDATE account SET password_hash = $2 WHERE id = $1 RETURNING id"  # noqa: S105 - a statement
OTP = "UPDATE account SET otp_sealed = $2, otp_last_step = -1 WHERE id = $1 RETURNING id"
CODE = "SELECT otp_sealed, otp_last_step FROM account WHERE id = $1"
