"""What kinds of thing the journal tells of: a subject and what became of it."""

from __future__ import annotations

from enum import StrEnum


class Tag(StrEnum):
    """The tag of an entry, `subject:action`. A tag is never renamed or removed: old entries carry it."""

    # What somebody sent. These are intents: written, and durable, before anything moves.
    INQUIRY_ASKED = "inquiry:asked"
    ENTRY_ASKED = "entry:asked"  # enters, modifies, locates, clears or cancels a record
    MESSAGE_ASKED = "message:asked"  # one station writes to others
    TEXT_FAULTY = "text:faulty"  # could not be read; nothing was asked of anybody
    TEXT_REFUSED = "text:refused"  # the policy said no; nothing was asked of anybody
    TEXT_REPEATED = "text:repeated"  # the same key again; the first result was given
    TEXT_SHED = "text:shed"  # too much waiting; the station was told to come back

    # What came of it.
    QUESTION_SENT = "question:sent"  # to a source outside
    ANSWER_GIVEN = "answer:given"
    ANSWER_MISSING = "answer:missing"  # "no answer by the deadline" is itself an answer
    ANSWER_LATE = "answer:late"
    ANSWER_WITHHELD = "answer:withheld"  # whoever asked lost the right to see it before it came
    REASON_CHECKED = (
        "reason:checked"  # what was known of the reason of an inquiry when it was looked at again
    )
    REASON_GIVEN = "reason:given"  # afterwards, by the person who asked
    REASONS_LISTED = "reasons:listed"  # inquiries that nothing explains; runs in somebody's name
    CAD_TAKEN = "cad:taken"  # incidents of an agency's CAD, before they count
    RECORD_CHANGED = "record:changed"
    OUTCOME_UNKNOWN = "outcome:unknown"  # a change was sent and nobody said whether it was made
    NOTICE_GIVEN = "notice:given"  # told to an agency or a terminal that had not asked
    NOTICE_UNDELIVERED = "notice:undelivered"  # nobody of ours has that address
    FORWARD_SENT = "forward:sent"  # a record of ours on its way to another holder
    FORWARD_TAKEN = "forward:taken"
    FORWARD_REFUSED = "forward:refused"
    FORWARD_WAITING = "forward:waiting"  # nobody answered; it is sent again
    LETTER_SENT = "letter:sent"  # to somebody outside who asked to be told, before it is
    LETTER_TAKEN = "letter:taken"
    LETTER_DELAYED = "letter:delayed"  # it is tried again
    LETTER_GIVEN_UP = "letter:abandoned"  # the record's owner is told
    LETTER_SHOWN = "letter:shown"  # to an administrator of the machine
    RECORDS_AGED = "records:aged"
    RECORDS_IMPORTED = "records:imported"  # from a file: before it begins, each chunk, and its end
    CONFIRMATION_DUE = "confirmation:due"  # the clock of a request to confirm a hit struck
    BROADCAST_LAPSED = "broadcast:lapsed"  # no supervisor approved it in time, so it was not sent
    DELIVERY_ACKNOWLEDGED = "delivery:acknowledged"
    DELIVERY_SEEN = "delivery:seen"  # by the person, who said so; a machine's receipt does not
    DELIVERY_FAILED = "delivery:failed"

    # Who came and went.
    SESSION_OPENED = "session:opened"
    SESSION_REFUSED = "session:refused"
    SESSION_CLOSED = "session:closed"
    PERSON_CHANGED = "person:changed"
    PEOPLE_LISTED = "people:listed"  # what stands of an agency's people, to its coordinator
    REGISTER_LISTED = "register:listed"  # an agency's devices, terminals or agreement, to who minds them
    TERMINAL_CHANGED = "terminal:changed"
    DEVICE_CHANGED = "device:changed"
    POSTURE_TAKEN = "posture:taken"  # what an agency's device management measured
    AGENCY_CHANGED = "agency:changed"
    APPROVAL_CHANGED = "approval:changed"  # which court may enter orders, and on which way
    RULES_CHANGED = "rules:changed"  # who may send what: another set of rules was put forward, or is in force
    EMERGENCY_EXPLAINED = "emergency:explained"  # what a supervisor found of it
    GROUPS_CHANGED = "groups:changed"  # whom a broadcast to a group reaches

    # Looking afterwards is itself written down.
    RECORDS_SEARCHED = "records:searched"  # from the command line; a station's search is an inquiry
    RECORDS_LISTED = "records:listed"  # what must be done in time, on its board or from the command line
    RECORDS_EXPORTED = "records:exported"
    RECORDS_PASSED_ON = "records:passed"  # on paper or as a file: to whom and what for, before it is made
    JOURNAL_SEARCHED = "journal:searched"
    JOURNAL_EXPORTED = "journal:exported"
    JOURNAL_VERIFIED = "journal:verified"
    FINDING_RAISED = "finding:raised"
    FINDING_DECIDED = "finding:decided"
    CASE_OPENED = "case:opened"
    CASE_CHANGED = "case:changed"
    INCIDENT_OPENED = "incident:opened"
    INCIDENT_CHANGED = (
        "incident:changed"  # reported, contained, confirmed, assessed, closed: with what was found
    )
    INCIDENT_OVERDUE = "incident:overdue"  # the clock of a duty ran out; once for each
    INCIDENT_SHOWN = "incident:shown"  # who looked
    INCIDENT_REFUSED = "incident:refused"  # a step that may not be, or by somebody who may not
    REVIEW_PREPARED = "review:prepared"  # an agency's week, with what needs looking at
    REVIEW_SIGNED = "review:signed"
    REVIEW_SHOWN = "review:shown"
    REVIEW_REFUSED = "review:refused"
    SUBJECT_TOLD = "subject:told"  # a person, or who asked for them: who looked them up
    SUBJECT_REFUSED = "subject:refused"
    HOLD_SHOWN = "hold:shown"
    HOLD_CHANGED = "hold:changed"  # what a person is not told yet: asked for, approved, refused

    # The house itself.
    SWITCH_STARTED = "switch:started"
    SWITCH_STOPPED = "switch:stopped"
    DATABASE_BACKED_UP = "database:saved"
    DATABASE_RESTORED = "database:restored"  # the first entry after those of the backup
    DATABASE_DRILLED = "database:drilled"  # a backup was brought back beside, compared, and dropped
    SETTINGS_CHANGED = "settings:changed"  # others are in force than at the start before, or were put forward
    ALARM_BEGUN = "alarm:begun"
    ALARM_ENDED = "alarm:ended"
    ALARM_TOLD = "alarm:told"  # to people outside, as the settings say
    JOURNAL_RESUMED = "journal:resumed"  # the first entry after one could not be written
    JOURNAL_MEASURED = "journal:measured"  # how much room it takes, from the command line
    FILES_CHECKED = "files:checked"  # the program's own, against what was installed
    FILES_SEALED = "files:sealed"  # taken for what was installed
    CATALOGUE_CHANGED = "catalogue:changed"
    LINK_UP = "link:up"
    LINK_DOWN = "link:down"
