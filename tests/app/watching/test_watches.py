"""Claims about the watches: each begins where its fact says so, not a step before, and ends when the fact does."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec
import pytest

from tests.app.watching.facts import AT, DAY, GIB, HOUR, ROOM, WELL, refused, seen
from tests.manual import DOCS, commands, root
from wireroom.app.settings_watching import Alarms
from wireroom.app.watching.alarms import Alarm, after_telling, letter_of, step, to_tell
from wireroom.app.watching.seen import (
    Asked,
    Chore,
    Clocks,
    Disk,
    EmergencySeen,
    Limits,
    LinkSeen,
    Seen,
    limits_of,
)
from wireroom.app.watching.watches import ABOUT_MAX, BY_NAME, NOT_SERVED, WATCHES, judged
from wireroom.oversight.incidents import Duty, Kind, Late
from wireroom.policy.passkeys import WENT_BACK
from wireroom.policy.ruling import usual

LIMITS = limits_of(Alarms())
MINUTE = timedelta(minutes=1)
FULL = msgspec.structs.replace(ROOM, needed_bytes=90 * GIB, lasts_days=20)

# Each watch: what makes it an alarm, and what is almost the same and does not.
LATE = Late(number=7, kind=Kind.LOST_DEVICE, ori="CA0990100", duty=Duty.REPORT, due_at=AT, told=False)
CASES: dict[str, tuple[Seen, Seen]] = {
    "journal-stopped": (seen(not_writing="the disk is full"), seen(not_writing="")),
    "journal-behind": (seen(waiting_since=AT - 6 * MINUTE), seen(waiting_since=AT - 4 * MINUTE)),
    "checkpoint-old": (seen(unsigned_since=AT - 6 * MINUTE), seen(unsigned_since=AT - 4 * MINUTE)),
    "disk-full": (seen(disks=(Disk("x", 9 * GIB, 100 * GIB),)), seen(disks=(Disk("x", 11 * GIB, 100 * GIB),))),
    "journal-room": (seen(room=FULL), seen(room=ROOM)),
    "link-down": (
        seen(links=(LinkSeen("NCIC", False, AT - 6 * MINUTE),)),
        seen(links=(LinkSeen("NCIC", False, AT - 4 * MINUTE), LinkSeen("DMV", True, AT - DAY))),
    ),
    "clock": (seen(clocks=Clocks(0.0, -3.0, 0.0)), seen(clocks=Clocks(-1.9, 1.9, 1.9))),
    "signons-refused": (
        seen(refusals=refused("session:refused", 30)), seen(refusals=refused("session:refused", 29))
    ),
    "accounts-locked": (
        seen(locked=tuple((f"p{n}", AT) for n in range(3))),
        seen(locked=(("p1", AT), ("p2", AT), ("p3", AT - 16 * MINUTE))),
    ),
    "messages-refused": (
        seen(refusals=refused("text:refused", 10)),
        seen(refusals=refused("text:refused", 9) + refused("text:refused", 9, "o.ther")),
    ),
    "ori-forged": (
        seen(
            refusals=refused("text:faulty", 2, fields=("ORI",)) + refused("text:refused", 1, cause="served-known")
        ),
        seen(refusals=refused("text:faulty", 2, fields=("ORI",)) + refused("text:faulty", 9, fields=("LIC",))),
    ),
    "passkey-copied": (
        seen(refusals=refused("session:refused", 1, cause=WENT_BACK + "; the account is locked now")),
        seen(refusals=refused("session:refused", 1, cause="not signed")),
    ),
    "unexplained": (seen(unexplained=(Asked("p.vale", 80),)), seen(unexplained=(Asked("p.vale", 79),))),
    "emergency": (seen(emergencies=(EmergencySeen(7, "CA0990100", AT + HOUR),)), seen()),
    "emergency-late": (
        seen(emergencies=(EmergencySeen(7, "CA0990100", AT - HOUR),)),
        seen(emergencies=(EmergencySeen(7, "CA0990100", AT + HOUR),)),
    ),
    "passwords-old": (seen(known_passwords_at=AT - 93 * DAY), seen(known_passwords_at=AT - 91 * DAY)),
    "keys-old": (seen(key_since=AT - 366 * DAY), seen(key_since=AT - 364 * DAY)),
    "certificate-ends": (seen(certificate_ends=AT + 13 * DAY), seen(certificate_ends=AT + 15 * DAY)),
    "people-overdue": (seen(overdue={"CA0990100": {"train": 2}}), seen(overdue={"CA0990100": {}})),
    "incident-overdue": (
        seen(incidents_late=(LATE,)), seen(incidents_late=())
    ),
    "review-overdue": (seen(reviews_owed={"CA0990100": 2}), seen(reviews_owed={})),
    "backup-late": (
        seen(backup=Chore(AT - 26 * HOUR, AT - 26 * HOUR, "")), seen(backup=Chore(AT - 24 * HOUR, AT - 24 * HOUR, ""))
    ),
    "files-changed": (seen(files_wrong=("wireroom/app/cli.py (changed)",)), seen(files_wrong=())),
    "files-unchecked": (
        seen(files_checked=Chore(AT - 9 * DAY, AT - 9 * DAY, "")), seen(files_checked=Chore(AT, AT - 7 * DAY, ""))
    ),
    "settings-unapproved": (seen(settings_unapproved="The settings are not approved."), seen()),
}  # fmt: skip


def names(looked: Seen, limits: Limits = LIMITS) -> set[str]:
    return {watch for watch, _ in judged(looked, limits).wrong}


@pytest.mark.parametrize("name", [watch.name for watch in WATCHES])
def test_SI_4_each_watch_begins_where_its_fact_says_so_and_not_a_step_before(name: str) -> None:
    wrong, almost = CASES[name]
    assert name in names(wrong)
    assert name not in names(almost)
    held = step((), judged(wrong, LIMITS), AT).begun
    assert [one.watch for one in held if one.watch == name]
    ended = step(held, judged(almost, LIMITS), AT + HOUR).ended
    assert name in {one.watch for one in ended}


def test_SI_4_nothing_is_an_alarm_while_all_is_well_and_every_watch_looks() -> None:
    found = judged(WELL, LIMITS)
    assert not found.wrong
    assert found.seen == set(BY_NAME)


def test_SI_4_what_could_not_be_looked_at_neither_begins_nor_ends() -> None:
    blind = Seen(at=AT, began_at=AT)
    found = judged(blind, LIMITS)
    assert not found.wrong
    assert not found.seen
    held = [Alarm(watch=watch.name, about="", words="", began_at=AT) for watch in WATCHES]
    changed = step(held, found, AT + HOUR)
    assert not changed.begun
    assert not changed.ended


def test_SI_4_what_a_watch_says_names_no_person_and_its_advice_names_commands_that_exist() -> None:
    known = {name.removeprefix("wireroom ") for name, _ in commands(root())}
    for name, (wrong, _) in CASES.items():
        for (watch, _), words in judged(wrong, LIMITS).wrong.items():
            assert "p.vale" not in words, watch
            assert words.endswith("."), words
        for said in re.findall(r"`wireroom ([a-z ]+[a-z])", BY_NAME[name].do):
            assert said in known, said


def test_SI_4_the_operator_reads_of_every_watch_what_to_do() -> None:
    page = (DOCS / "operating.md").read_text()
    missing = [one.name for one in WATCHES if f"| `{one.name}` | {one.looks_at} | {one.do} |" not in page]
    assert not missing, f"not in docs/operating.md as in the table: {missing}"


def test_SI_4_an_attack_by_very_many_is_told_by_its_worst() -> None:
    crowd = tuple(one for n in range(50) for one in refused("text:refused", 10 + n, f"p{n}"))
    found = judged(seen(refusals=crowd), LIMITS).wrong
    assert len(found) == ABOUT_MAX
    assert ("messages-refused", "p49") in found


def test_AU_8_a_clock_that_differs_or_was_set_back_is_told_with_how_much_and_which() -> None:
    said = judged(seen(clocks=Clocks(-2.5, -3600.0, 3599.5)), LIMITS).wrong
    assert said["clock", "database"] == "Our clock is 2.5 seconds behind that of the database."
    assert said["clock", "set"] == "This machine's clock was set back by 3600.0 seconds."
    assert "3599.5 seconds in the future" in said["clock", "journal"]


def test_AU_5_an_entry_that_cannot_be_written_is_an_alarm_with_the_reason() -> None:
    said = judged(seen(not_writing="the disk of the database is full: free some space"), LIMITS).wrong
    assert said == {
        ("journal-stopped", ""): "Nothing is taken: the disk of the database is full: free some space."
    }


@pytest.mark.parametrize(
    ("looked", "words"),
    [
        (seen(backup=Chore(AT, AT - DAY, "the disk is full")), "The last backup failed: the disk is full."),
        (seen(backup=None), "There has been no new backup for 2 days."),
        (seen(backups_every=None, backup=None), ""),
    ],
)
def test_CP_9_a_backup_that_failed_or_never_came_is_an_alarm(looked: Seen, words: str) -> None:
    assert judged(looked, LIMITS).wrong.get(("backup-late", ""), "") == words


# --------------------------------------------------------------------------- told once, in words


def alarm(**more: object) -> Alarm:
    return Alarm(watch="link-down", about="NCIC", words="It is down.", began_at=AT, **more)  # type: ignore[arg-type]


def test_AU_5_an_alarm_is_told_at_once_then_once_a_day_and_its_end_once() -> None:
    one = alarm()
    assert to_tell([one], AT, DAY) == (one,)
    told = after_telling(one, AT)
    assert to_tell([told], AT + 23 * HOUR, DAY) == ()
    assert to_tell([told], AT + 24 * HOUR, DAY) == (told,)
    over = msgspec.structs.replace(told, ended_at=AT + HOUR)
    assert to_tell([over], AT + HOUR, DAY) == (over,)
    assert to_tell([after_telling(over, AT + HOUR)], AT + 2 * HOUR, DAY) == ()


def test_an_alarm_that_comes_and_goes_is_told_once_in_a_day() -> None:
    over = after_telling(msgspec.structs.replace(after_telling(alarm(), AT), ended_at=AT + HOUR), AT + HOUR)
    down = judged(seen(links=(LinkSeen("NCIC", False, AT - HOUR),)), LIMITS)
    [again] = step([over], down, AT + 2 * HOUR).begun
    assert to_tell([again], AT + 2 * HOUR, DAY) == ()
    gone = msgspec.structs.replace(again, ended_at=AT + 3 * HOUR)
    assert to_tell([gone], AT + 3 * HOUR, DAY) == ()  # nobody knew of it
    assert to_tell([again], AT + 25 * HOUR, DAY) == (again,)


def test_a_letter_says_what_to_do_names_no_person_and_keeps_its_key_when_it_is_sent_again() -> None:
    several = [
        Alarm(
            watch="messages-refused", about="p.vale", words="A person of CA0990100 was refused.", began_at=AT
        ),
        alarm(ended_at=AT + HOUR),
    ]
    one, again = [
        letter_of(several, to="ops@example.org", channel="email", where="x/journal", now=AT + n * HOUR)
        for n in (0, 1)
    ]
    assert one.key == again.key
    assert one.key != letter_of(several[:1], to="", channel="email", where="x", now=AT).key
    assert one.subject == "Wireroom x/journal: alarm: messages-refused"
    assert "wireroom journal find --person" in one.text
    assert "OVER link-down, since 2026-03-02 17:00:00 UTC: It is down." in one.text
    assert "p.vale" not in one.text + one.subject


def test_the_limits_are_those_of_the_settings() -> None:
    assert limits_of(Alarms()) == Limits()
    assert limits_of(Alarms(link_down_minutes=9)).link_down == timedelta(minutes=9)


def test_the_rule_that_counts_as_forging_is_one_of_the_states() -> None:
    assert NOT_SERVED in {rule.name for rule in usual().rules}
