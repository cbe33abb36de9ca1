"""Every watch in one table: what it looks at, when that is an alarm, what it means and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from wireroom.app.watching.seen import WINDOW, Limits, Seen
from wireroom.policy.passkeys import WENT_BACK

ABOUT_MAX = 20  # alarms of one watch at once: the worst; more tell nobody more
PACING_SHARE = 0.8
LIST_AGE = timedelta(days=92)
FILES_AGE = timedelta(days=8)  # they are checked each week
BACKUP_LATE = timedelta(hours=1)
GIB = 1 << 30
NOT_SERVED = "served-known"  # the rule on the agencies for which one asks


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong now. The words name no person: they are told outside. `about` may."""

    about: str
    words: str


Judge = Callable[[Seen, Limits], Iterable[Finding] | None]  # None: nothing was to be seen of it


class Watch(msgspec.Struct, frozen=True):
    """One thing that is watched."""

    name: str
    looks_at: str
    do: str  # what to do when it is an alarm
    judge: Judge


class Judged(msgspec.Struct, frozen=True):
    """What a look came to."""

    wrong: dict[tuple[str, str], str]  # watch and what it is about, with the words
    seen: frozenset[str]  # watches that could be judged


def judged(seen: Seen, limits: Limits) -> Judged:
    """All that is wrong now, of every watch that could look."""
    wrong: dict[tuple[str, str], str] = {}
    looked = set()
    for watch in WATCHES:
        found = watch.judge(seen, limits)
        if found is None:
            continue
        looked.add(watch.name)
        for one in list(found)[:ABOUT_MAX]:
            wrong[watch.name, one.about] = one.words
    return Judged(wrong, frozenset(looked))


def _span(span: timedelta) -> str:
    """How long, as one says it."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 2880 else f"{minutes // 1440} days"


# --------------------------------------------------------------------------- the journal and its room


def _not_writing(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.not_writing is None:
        return None
    return [Finding("", f"Nothing is taken: {seen.not_writing}.")] if seen.not_writing else []


def _behind(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.waiting_since is None:
        return None
    late = seen.at - seen.waiting_since
    words = f"Entries have waited for their place in the journal's tree for {_span(late)}."
    return [Finding("", words)] if late > limits.checkpoint else []


def _unsigned(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.unsigned_since is None:
        return None
    late = seen.at - seen.unsigned_since
    words = f"The newest signed checkpoint is {_span(late)} old and does not cover all entries."
    return [Finding("", words)] if late > limits.checkpoint else []


def _disks(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.disks is None:
        return None
    return [
        Finding(disk.holds, f"The disk of {disk.holds} has {disk.free / GIB:,.1f} GiB free of {disk.size / GIB:,.1f}.")
        for disk in seen.disks
        if disk.free < disk.size * limits.disk_free
    ]  # fmt: skip


def _room(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    room = seen.room
    if room is None or room.enough is None:
        return None
    if room.enough:
        return []
    words = (
        f"At {room.entries_a_day:,} entries a day the disk of the journal lasts {room.lasts_days} days; entries are "
        f"to be kept for {room.keep_days}, and those of {room.held_days} are there."
    )
    return [Finding("", words)]


# --------------------------------------------------------------------------- lines and clocks


def _links(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.links is None:
        return None
    return [
        Finding(link.name, f"The link to {link.name} has been down for {_span(seen.at - link.since)}.")
        for link in seen.links
        if not link.up and seen.at - link.since > limits.link_down
    ]


def _clocks(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    clocks = seen.clocks
    if clocks is None:
        return None

    def found() -> Iterator[Finding]:
        if abs(clocks.ahead_of_database) > limits.clock_s:
            side = "ahead of" if clocks.ahead_of_database > 0 else "behind"
            words = f"Our clock is {abs(clocks.ahead_of_database):.1f} seconds {side} that of the database."
            yield Finding("database", words)
        if abs(clocks.leapt) > limits.clock_s:
            side = "forward" if clocks.leapt > 0 else "back"
            yield Finding("set", f"This machine's clock was set {side} by {abs(clocks.leapt):.1f} seconds.")
        if clocks.behind_journal > limits.clock_s:
            words = f"The newest entry is {clocks.behind_journal:.1f} seconds in the future: a clock was set back."
            yield Finding("journal", words)

    return list(found())


# --------------------------------------------------------------------------- who tries what must not be


def _signons(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.refusals is None:
        return None
    count = sum(one.tag == "session:refused" for one in seen.refusals)
    words = f"{count} sign-ons were refused within 15 minutes."
    return [Finding("", words)] if count >= limits.signons_refused else []


def _locked(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.locked is None:
        return None
    count = sum(seen.at - at <= WINDOW for _, at in seen.locked)
    words = f"{count} accounts were locked within 15 minutes."
    return [Finding("", words)] if count >= limits.accounts_locked else []


def _refused(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.refusals is None:
        return None
    by = Counter((one.person, one.ori) for one in seen.refusals if one.tag == "text:refused" and one.person)
    return [
        Finding(person, f"A person of {ori} was refused {count} messages within 15 minutes.")
        for (person, ori), count in by.most_common()
        if count >= limits.messages_refused
    ]


def _forged(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.refusals is None:
        return None
    forged = (one for one in seen.refusals if "ORI" in one.fields or one.cause == NOT_SERVED)
    by = Counter((one.person, one.ori) for one in forged)
    return [
        Finding(
            person, f"Somebody of {ori} sent {count} messages in another agency's name within 15 minutes."
        )
        for (person, ori), count in by.most_common()
        if count >= limits.ori_forged
    ]


def _passkeys(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.refusals is None:
        return None
    people = {one.person for one in seen.refusals if WENT_BACK in one.cause}
    return [
        Finding(one, "The counter of a passkey went back: there may be a copy of it.")
        for one in sorted(people)
    ]


def _unexplained(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.unexplained is None:
        return None
    most = seen.unexplained_max
    words = "A person asked {} times in an hour for what nothing explains; {} is the most."
    return [
        Finding(one.person, words.format(one.count, most))
        for one in seen.unexplained
        if most and one.count >= most * PACING_SHARE
    ]


def _emergencies(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.emergencies is None:
        return None
    return [
        Finding(str(one.number), f"An emergency was declared at {one.ori}, and nobody has looked at it yet.")
        for one in seen.emergencies
        if seen.at <= one.due_at
    ]


def _emergencies_late(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.emergencies is None:
        return None
    return [
        Finding(str(one.number), f"An emergency at {one.ori} was not explained within its day.")
        for one in seen.emergencies
        if seen.at > one.due_at
    ]


# --------------------------------------------------------------------------- what grows old


def _old(at: datetime | None, now: datetime, age: timedelta, what: str) -> Iterable[Finding] | None:
    if at is None:
        return None
    return [Finding("", f"{what} is {_span(now - at)} old.")] if now - at > age else []


def _passwords(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    return _old(seen.known_passwords_at, seen.at, LIST_AGE, "The list of known passwords")


def _keys(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    return _old(seen.key_since, seen.at, limits.key_age, "The newest version of the master key")


def _certificate(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.certificate_ends is None:
        return None
    left = seen.certificate_ends - seen.at
    words = f"The switch's own certificate ends in {_span(left)}." if left > timedelta() else (
        "The switch's own certificate has ended: nobody can connect."
    )  # fmt: skip
    return [Finding("", words)] if left < limits.certificate else []


def _people(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.overdue is None:
        return None
    worst = sorted(seen.overdue.items(), key=lambda item: -sum(item[1].values()))
    return [Finding(ori, f"At {ori} is overdue: {_counted(due)}.") for ori, due in worst if due]


def _counted(due: dict[str, int]) -> str:
    return ", ".join(f"{what} {count}" for what, count in sorted(due.items()))


def _incidents(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.incidents_late is None:
        return None
    words = "Of the incident {0.number}, {0.duty} is overdue since {0.due_at:%F %R} UTC."
    return [Finding(f"{one.number}/{one.duty}", words.format(one)) for one in seen.incidents_late]


def _reviews(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.reviews_owed is None:
        return None
    worst = sorted(seen.reviews_owed.items(), key=lambda item: -item[1])
    return [Finding(ori, f"At {ori} the journal of {weeks} weeks is not reviewed.") for ori, weeks in worst]


def _backups(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.backups_every is None:
        return None
    made = seen.backup
    if made is not None and made.trouble:
        return [Finding("", f"The last backup failed: {made.trouble}.")]
    since = made.done_at if made is not None and made.done_at is not None else seen.began_at
    late = seen.at - since > seen.backups_every + BACKUP_LATE
    return [Finding("", f"There has been no new backup for {_span(seen.at - since)}.")] if late else []


# --------------------------------------------------------------------------- the program itself


def _files(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.files_wrong is None:
        return None
    return [
        Finding(one, f"A file of the program is not as it was installed: {one}.") for one in seen.files_wrong
    ]


def _unchecked(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    made = seen.files_checked
    if made is None:
        return None
    if made.trouble:
        return [Finding("", f"The program's own files could not be checked: {made.trouble}.")]
    if made.done_at is None:
        return []
    return _old(made.done_at, seen.at, FILES_AGE, "The last check of the program's own files")


def _settings(seen: Seen, limits: Limits) -> Iterable[Finding] | None:
    if seen.settings_unapproved is None:
        return None
    return [Finding("", seen.settings_unapproved)] if seen.settings_unapproved else []


_LOOK = (
    "Look at who it was with `wireroom alarms`, and at what was tried with `wireroom journal find --person`."
)
WATCHES: tuple[Watch, ...] = (
    Watch("journal-stopped", "whether entries can be written down, and the reserve of the disk",
          "Bring the database back, or free some space: until then nothing is answered.", _not_writing),
    Watch("journal-behind", "how long entries wait for their place in the tree",
          "See the log for the sequencer's trouble; then run `wireroom journal verify`.", _behind),
    Watch("checkpoint-old", "how old the newest signed checkpoint is while entries wait for one",
          "See the log for the sequencer's trouble; then run `wireroom journal verify`.", _unsigned),
    Watch("disk-full", "the free space of the data folder and of the backups' folder",
          "Free some space, or give the folder a larger disk, before the switch refuses.", _disks),
    Watch("journal-room", "whether the disk lasts for as long as entries are to be kept",
          "Give the journal a larger disk in good time; `wireroom journal room` says how large.", _room),
    Watch("link-down", "every link to another system",
          "Ask the other side; its answers are told as missing until then, and all else goes on.", _links),
    Watch("clock", "our clock, the database's, and the times of the newest entries",
          "See that every machine keeps its time by one source; the order of entries does not depend on it.", _clocks),
    Watch("signons-refused", "refused sign-ons within 15 minutes",
          "See where they come from with `wireroom journal find --tag session:refused`, and close that way.",
          _signons),
    Watch("accounts-locked", "accounts locked within 15 minutes",
          "Find where it comes from before you unlock anybody; then `wireroom person unlock`.", _locked),
    Watch("messages-refused", "messages refused to one person within 15 minutes", _LOOK, _refused),
    Watch("ori-forged", "messages sent in another agency's name within 15 minutes",
          _LOOK + " `wireroom person stop` stops somebody at once.", _forged),
    Watch("passkey-copied", "passkeys whose counter goes back",
          "Ask the person; then end it with `wireroom person lost --key`.", _passkeys),
    Watch("unexplained", "inquiries of one person in an hour that nothing explains, near the limit", _LOOK,
          _unexplained),
    Watch("emergency", "emergencies for which a rule gave way",
          "A supervisor looks at each within a day: `wireroom emergency list`, `wireroom emergency explain`.",
          _emergencies),
    Watch("emergency-late", "emergencies that nobody explained in time",
          "No further emergency of that person counts until somebody has: `wireroom emergency explain`.",
          _emergencies_late),
    Watch("passwords-old", "the age of the list of known passwords",
          "Fetch a new list, and name it in `people.known_passwords_file`.", _passwords),
    Watch("keys-old", "the age of the newest version of the master key",
          "Make the next one with `wireroom keys rotate`, and copy the keys to a safe place.", _keys),
    Watch("certificate-ends", "the end of the switch's own certificate",
          "Have a new one issued, put it in place of the old one, and start the switch anew.", _certificate),
    Watch("people-overdue", "clearances, training, reviews and disablings that are overdue, by agency",
          "The agency's coordinator sees whom with `wireroom person due`.", _people),
    Watch("incident-overdue", "what must be done about an incident in time",
          "Do it now, and say so: `wireroom incident show`, then `report`, `contain` or `confirm`.", _incidents),
    Watch("review-overdue", "weeks of the journal that no auditor signed within seven days of their end",
          "The agency's auditor looks at them: `wireroom journal review overdue`, `prepare`, `sign`.", _reviews),
    Watch("backup-late", "the backups that are made by the clock",
          "See that the folder is there and has room; try one by hand with `wireroom database backup`.", _backups),
    Watch("files-changed", "the program's own files, against what was installed",
          "Nobody but you may have changed them: if you did not, keep a copy and install anew.", _files),
    Watch("files-unchecked", "whether the weekly check of the program's own files is made",
          "Run `wireroom integrity check`; it says what keeps it from looking.", _unchecked),
    Watch("settings-unapproved", "whether the settings in force are those that somebody approved",
          "Put them forward with `wireroom settings propose`, or go back with `wireroom settings restore`.", _settings),
)  # fmt: skip
BY_NAME = {watch.name: watch for watch in WATCHES}
