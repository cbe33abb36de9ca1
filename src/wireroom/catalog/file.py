"""How a record file and a message are declared: fields, keys, rules, where it is held, how long it is kept."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

import msgspec

from wireroom.catalog.broadcast import Broadcast, Tells
from wireroom.catalog.consequences import Clock, Derived, Resembles, Resets, Supersedes
from wireroom.catalog.fills import Fill
from wireroom.catalog.guarding import Restricted
from wireroom.catalog.informing import Attached, Informs, Seeks, Wish
from wireroom.catalog.kinds import Code, Number, Prose, Text
from wireroom.catalog.kinds_of_contact import Email
from wireroom.catalog.kinds_of_number import Address, Fcn, LicenceNumber, Nic, Ori, Plate, Serial, Ssn, Vin
from wireroom.catalog.kinds_of_order import Protected, StayAway
from wireroom.catalog.kinds_of_person import Height, PersonName, Weight
from wireroom.catalog.kinds_of_time import BirthDay, Day, Hour, Year
from wireroom.catalog.rules import Rule, Values
from wireroom.catalog.sources import Abroad
from wireroom.catalog.sources import Source as Source
from wireroom.catalog.tables import table
from wireroom.catalog.when import FieldCode, Key, When

AnyKind = (
    Text | Prose | Number | Code | Day | BirthDay | Year | Hour | Plate | Vin | LicenceNumber | Ssn | Serial | Ori
    | Address | Fcn | Nic | PersonName | Height | Weight | Protected | StayAway | Email
)  # fmt: skip

COURT = "J"  # the last character of a court's ORI (general knowledge)
# Field codes with a meaning of their own: what any message may carry, what numbers a record, what its life adds to it,
# what heads a record in a reply, and what a fault of the whole text is told under. No file may declare them.
RESERVED = frozenset(
    ("PUR", "CAS", "ATN", "FCN", "NIC", "DOL", "LCA", "LOR", "DIS", "DCL", "CLR", "CTA", "CTM", "LATE", "RPT", "RSN",
     "RST", "VLN", "DOV", "MKE", "FILE", "STS", "ORI", "NBR", "LIK", "WHY", "KEY", "TEXT", "SRH", "TO", "LST",
     "HST", "PTY", "STD", "ENF", "PRE", "RSK", "OBO", "OBA", "RMK", "EMG",
     "SRP")
)  # fmt: skip


# What an answer says of a record beside its fields, on which its name may depend: the party of an order that was asked
# for, and whether the order is in force.
TOLD = ("PTY", "STD")


class Verb(StrEnum):
    """What a message key asks for."""

    INQUIRE = "inquire"
    LIST = "list"  # what waits for one's own agency to be done
    ENTER = "enter"
    MODIFY = "modify"  # the values given take the place of those on file
    SUPPLEMENT = "supplement"  # the values given are added to those of fields that repeat
    STRIKE = "strike"  # the values given are taken out again
    LOCATE = "locate"
    CLEAR = "clear"
    CANCEL = "cancel"
    VERIFY = "verify"  # a second person has compared the record with its papers
    VALIDATE = "validate"  # the agency says that the record is still true
    RESTRAIN = "restrain"  # DOJ holds a record beyond its recovery, or lets it go
    REPORT = "report"  # whoever met what the record tells of writes to its owner
    CONFIRM = "confirm"  # asks the owner whether a hit stands
    REPLY = "reply"  # the owner's answer to that
    MESSAGE = "message"
    APPROVE = "approve"  # a supervisor's word on what waits to be broadcast


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field of a file or message."""

    code: FieldCode
    title: str
    kind: AnyKind
    required: bool = False
    many: Annotated[int, msgspec.Meta(ge=1, le=50)] = 1  # how often it may stand in one message
    beyond: str = ""  # what to do where it stands more often than that
    secret: bool = False  # sealed in the database, found by a keyed hash
    note: str = ""  # for the manual: what the title does not say


class Keep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a record stays: the rest of its year and so many years, so many days or hours, or until cleared.

    Counted from the entry, or from the day in the field `since`, or from the year in `year_of`, as plates are; by
    `until` the record ends with the day in that field.
    """

    years: int = 0
    days: int = 0
    hours: int = 0
    since: str = ""
    until: str = ""
    at: str = (
        ""  # the field with the hour of that day at which it ends; left out of a record: the end of the day
    )
    year_of: str = ""
    when: tuple[When, ...] = ()
    mark: str = ""  # where the period comes from, for the manual


class Also(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another file's inquiry that this file answers too, when it is asked by these fields."""

    key: Key
    by: tuple[FieldCode, ...]


class EnterAs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A further key that enters into a file and says something by itself, as EMJ says that a juvenile is missing."""

    key: Key
    title: str
    says: tuple[tuple[FieldCode, str], ...] = ()  # what the record gets from the key
    needs: tuple[FieldCode, ...] = ()  # fields that must be there under this key
    asks: tuple[FieldCode, ...] = ()  # what its form shows; all other fields stand folded away. Empty: all
    ours: bool = False  # a key of the state's own, that NCIC does not know


class Called(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a match is called where the record is so; without `hit` it informs, by its title, and asks for no act."""

    when: When
    hit: str = ""
    confirm: str = ""
    title: str = ""  # left out: the file's


class Late(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry that comes later than this after what a field tells is accepted, and marked."""

    field: FieldCode
    within_days: int = 0
    within_hours: int = 0
    within_court_days: int = 0  # to the end of so many days on which courts sit
    time: str = ""  # the field with the hour, HHMM
    when: tuple[When, ...] = ()
    mark: str = ""


class Conceal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fields that no reader is shown where another field is there; that one says whom to ask instead."""

    when: FieldCode
    hides: tuple[FieldCode, ...]


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What any agency may write onto another's record: that it met the person. The owner is told at once.

    Where it `writes`, what it says stands in the record itself, in the fields of the same codes: the person was served.
    """

    key: Key
    title: str
    fields: tuple[Field, ...]
    writes: bool = False
    says: tuple[tuple[FieldCode, str], ...] = ()  # what the record gets from the key
    by: str = ""  # the field that gets the ORI of who reports
    counts: str = ""  # the field that counts these reports
    who: tuple[FieldCode, ...] = ()  # fields that say who sends it: a form comes with the name
    mostly: tuple[tuple[FieldCode, str], ...] = ()  # what a form comes with, and may be changed
    reads_out: bool = False  # whoever sends it has read out to the person what the record says
    matches: tuple[FieldCode, ...] = ()  # fields that must be the record's own: it is the right record
    unless: tuple[When, ...] = ()  # records on which it is not written any more
    done: str = ""  # what the sender is told then
    taken: str = "REPORTED ON"  # what the sender is told before the record's number
    allowed: tuple[tuple[When, When], ...] = ()  # where a report is so, its record must be so
    forbidden: str = ""  # what the sender is told where it is not


class Forward(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To whom a record is told besides, and kept in step there: NCIC, or the DMV as a stop."""

    to: Source
    file: str = ""  # the file there; empty: the one of the same code
    when: tuple[When, ...] = ()
    needs: tuple[tuple[FieldCode, ...], ...] = ()  # at least one of these sets is there
    fields: tuple[FieldCode, ...] = ()  # those that are told; empty: all that the other file has


class Prohibits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That the person of a record may have no firearm, where it is so."""

    words: str
    when: tuple[When, ...] = ()


class Remind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many days after an entry its owner is reminded of what could be added, where all of it is missing still."""

    after_days: Annotated[int, msgspec.Meta(ge=1, le=3650)]
    lacks: tuple[FieldCode, ...]
    words: str
    when: tuple[When, ...] = ()
    mark: str = ""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a document about a record: its name and the fields in it. A part of one field is that field's value."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_]{1,30}$")]
    fields: tuple[FieldCode, ...]


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, cache_hash=True):
    """A record file: what stands in a record, who holds it, which keys reach it and how it is found."""

    code: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_]{1,30}$")]
    title: str
    fields: tuple[Field, ...]
    found_by: tuple[tuple[FieldCode, ...], ...]  # any of these sets of fields finds records
    letter: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]?$")] = ""  # of its NIC numbers
    held_by: tuple[Source, ...] = (Source.STATE,)
    hit: str = ""  # what a match is called in capitals; empty where a record only informs
    confirm: str = ""  # what the reader must do before acting on a hit
    confirm_as: str = ""  # what a hit is called in a request to confirm it, of the table hit_type
    called: tuple[Called, ...] = ()  # other names of a match; the first that fits counts
    inquire: Key = ""
    answers: tuple[Also, ...] = ()
    asked_as: Key = ""  # the key its holder knows, where it is not the inquiry's own
    enter: Key = ""
    entries: tuple[EnterAs, ...] = ()
    modify: Key = ""
    supplement: Key = ""
    strike: Key = ""
    locate: Key = ""
    clear: Key = ""
    cancel: Key = ""
    reports: tuple[Report, ...] = ()
    narrow: tuple[FieldCode, ...] = ()  # fields that an inquiry may add to find fewer
    rules: tuple[Rule, ...] = ()
    fills: tuple[Fill, ...] = ()  # what is worked out where an entry leaves it out, in this order
    late: tuple[Late, ...] = ()
    same: tuple[
        tuple[FieldCode, ...], ...
    ] = ()  # two records that agree in one of these sets are of one thing
    apart: tuple[FieldCode, ...] = ()  # but not where both have one of these, and share no value of it
    headline: tuple[FieldCode, ...] = ()  # what describes a record in one line
    keep: Keep = Keep()
    keep_if: tuple[Keep, ...] = ()  # other periods; the first whose conditions hold counts
    validated: bool = False  # its owner says every year that it is still true
    abroad: Abroad | None = None
    forwards: tuple[Forward, ...] = ()
    conceals: tuple[Conceal, ...] = ()
    restricted: Restricted = Restricted.NOTHING  # guarded as criminal history is
    history: bool = False  # criminal history: an inquiry names its requester, and to whom the answer goes on
    reason: bool = False  # an inquiry says in words what it is for
    desk_only: bool = False  # not asked for from a car
    entered_by: tuple[str, ...] = ()  # roles that may enter; empty: whoever may enter at all
    prohibits: tuple[Prohibits, ...] = ()
    arms: tuple[When, ...] | None = (
        None  # a record says that its person has a firearm, where all of these hold
    )
    reminds: tuple[Remind, ...] = ()
    resembles: Resembles | None = None
    tells: tuple[Tells, ...] = ()  # the first that fits counts
    derived: Derived | None = None  # made by the state itself from prohibitions that meet firearms
    recalled: bool = False  # what has ended is still found, by whoever asks for it
    orders: bool = False  # records are orders of a court: in force by the minute, weighed against each other
    resets: Resets | None = None
    supersedes: Supersedes | None = None
    clocks: tuple[Clock, ...] = ()
    attached: Attached | None = None
    wishes: tuple[Wish, ...] = ()
    informs: tuple[Informs, ...] = ()  # what those are told who asked to be told of a record
    seeks: Seeks | None = None
    read_by: tuple[
        str, ...
    ] = ()  # roles of law enforcement that are shown its records; empty: whoever may ask at all
    court: str = ""  # the field that names the court whose order it is: courts enter their own, where DOJ approved them
    parts: tuple[Part, ...] = ()  # of a document about a record; what stands in none stands at its top
    source: str = ""  # the name by which California or the FBI know the file
    note: str = ""

    def __post_init__(self) -> None:
        known = [field.code for field in self.fields]
        found = [*known, *TOLD]
        if len(set(known)) != len(known):
            raise ValueError(
                f"{self.code}: a field stands twice: {sorted({c for c in known if known.count(c) > 1})}"
            )
        for name, codes in self._named():
            if unknown := [code for code in codes if code not in (found if name == "called" else known)]:
                raise ValueError(f"{self.code}: {name} names unknown fields {unknown}")
        if taken := sorted(RESERVED.intersection(known)):
            raise ValueError(f"{self.code}: these field codes have a meaning of their own: {taken}")
        self._refuse_what_cannot_be()

    def _refuse_what_cannot_be(self) -> None:
        if any(isinstance(field.kind, Prose) for field in self.fields[:-1]):
            raise ValueError(f"{self.code}: prose is always the last field")
        if not self.found_by and self.inquire:
            raise ValueError(f"{self.code}: an inquiry needs found_by")
        for group in self.found_by:
            if not any(map(_finds, map(self.field, group))):
                raise ValueError(
                    f"{self.code}: nothing is found by {' with '.join(group)}: give one an index"
                )
        if self.confirm_as and self.confirm_as not in table("hit_type"):
            raise ValueError(f"{self.code}: {self.confirm_as} is not of the table hit_type")
        if (
            self.abroad is not None
            and self.abroad.to
            and not (self.abroad.to in self.held_by and self.abroad.by)
        ):
            raise ValueError(
                f"{self.code}: {self.abroad.to} is asked abroad: it holds the file too, found by something"
            )
        for one in self.called:
            if bool(one.hit) != bool(one.confirm):
                raise ValueError(f"{self.code}: a hit says what to do, and what informs does not: {one}")
        lines = [text for one in self.called for text in (one.hit, one.confirm, one.title)]
        for line in (self.title, self.hit, self.confirm, *lines, *(field.title for field in self.fields)):
            if not line.isprintable():
                raise ValueError(f"{self.code}: {line!r} is not one line of printable text")

    def _named(self) -> Iterable[tuple[str, list[str]]]:
        """The fields that each part of the declaration speaks of."""
        yield "found_by", [code for group in self.found_by for code in group]
        yield "narrow", list(self.narrow)
        yield (
            "court and parts",
            [c for c in (self.court, *(f for part in self.parts for f in part.fields)) if c],
        )
        yield "headline", list(self.headline)
        yield "answers", [code for also in self.answers for code in also.by]
        yield "rules", [code for rule in self.rules for code in rule.codes]
        yield "fills", [code for fill in self.fills for code in fill.codes]
        yield "called", [one.when.field for one in self.called]
        yield (
            "entries",
            [code for one in self.entries for code in (*(c for c, _ in one.says), *one.needs, *one.asks)],
        )
        yield "same", [*(code for group in self.same for code in group), *self.apart]
        yield (
            "late",
            [code for one in self.late for code in (one.field, one.time, *_fields(one.when)) if code],
        )
        periods = (self.keep, *self.keep_if)
        yield (
            "keep",
            [c for one in periods for c in (one.since, one.until, one.year_of, *_fields(one.when)) if c],
        )
        yield "abroad", [] if self.abroad is None else self.abroad.codes
        yield "conceals", [code for one in self.conceals for code in (one.when, *one.hides)]
        told = [code for one in self.forwards for group in (one.fields, *one.needs) for code in group]
        yield "forwards", [*told, *(code for one in self.forwards for code in _fields(one.when))]
        yield "prohibits, tells and arms", self._conditioned()
        stands = [self.attached.field] if self.attached else []
        yield "attached and wishes", [*stands, *(one.field for one in self.wishes)]
        yield "seeks", [self.seeks.day, *_fields(self.seeks.when)] if self.seeks else []
        about = [code for one in self.informs for code in (one.about, one.since, *_fields(one.when)) if code]
        yield "informs", about
        yield "reminds", [code for one in self.reminds for code in (*one.lacks, *_fields(one.when))]
        if self.resembles is not None:
            pairs = [here for here, _ in self.resembles.same] + [here for here, *_ in self.resembles.near]
            yield "resembles", [*pairs, *self.resembles.order[:1], self.resembles.born]
        runs = [
            c
            for one in self.clocks
            for c in (one.since, one.since_time, one.met, one.met_time, one.also)
            if c
        ]
        yield "clocks", [*runs, *(code for one in self.clocks for code in _fields(one.when))]
        yield "derived", [self.derived.words, self.derived.links, self.derived.count] if self.derived else []

    def _conditioned(self) -> list[str]:
        """The fields on which it depends what a record prohibits, tells and says of firearms."""
        whens = [*(one.when for one in self.prohibits), *(one.when for one in self.tells), self.arms or ()]
        return [code for when in whens for code in _fields(when)]

    def field(self, code: str) -> Field:
        """The field with a code; KeyError where the file has none."""
        for field in self.fields:
            if field.code == code:
                return field
        raise KeyError(code)

    def named(self, values: Values) -> tuple[str, str]:
        """What a match of a record with these values is called, and what to do before acting on it; or empty."""
        for one in self.called:
            if one.when.holds(values):
                return one.hit, one.confirm
        return self.hit, self.confirm

    def titled(self, values: Values) -> str:
        """What a record with these values is: a stored vehicle is no stolen one, though both are of one file."""
        return next((one.title for one in self.called if one.title and one.when.holds(values)), self.title)

    def read_of(self, role: str, ori: str) -> bool:
        """Whether a seat of this role at this agency is shown records: courts are no law enforcement."""
        return not self.read_by or (role in self.read_by and not ori.endswith(COURT))

    def guarded(self, values: Values) -> bool:
        """Whether a record with these values, or an inquiry that says them, is one of criminal history or restricted.

        An inquiry asks for what has ended with `HST`; a record that has ended says so itself.
        """
        if self.history or self.restricted is Restricted.ALL:
            return True
        return self.restricted is Restricted.ENDED and bool(
            values.get("HST") or values.get("STD") == ("OVER",)
        )

    def told_as(self, values: Values) -> str:
        """The subject of any broadcast about a record with these values; empty where its sender says it."""
        return next((one.subject for one in self.tells if all(when.holds(values) for when in one.when)), "")

    def kept(self, values: Values) -> Keep:
        """How long a record with these values stays."""
        for one in self.keep_if:
            if all(when.holds(values) for when in one.when):
                return one
        return self.keep

    @property
    def enters(self) -> tuple[EnterAs, ...]:
        """Every key that enters a record, the plain one first."""
        return (*((EnterAs(self.enter, ""),) if self.enter else ()), *self.entries)

    @property
    def keys(self) -> tuple[tuple[Verb, str], ...]:
        """Every key that makes or changes records of this file, in the order of a life."""
        life = (Verb.MODIFY, Verb.SUPPLEMENT, Verb.STRIKE, Verb.LOCATE, Verb.CLEAR, Verb.CANCEL)
        return (
            *((Verb.ENTER, one.key) for one in self.enters),
            *((verb, key) for verb in life if (key := getattr(self, verb.value))),
            *((Verb.REPORT, one.key) for one in self.reports),
        )

    @property
    def parties(self) -> tuple[str, ...]:
        """The fields in which others stand by name than a record's own person."""
        return tuple(field.code for field in self.fields if isinstance(field.kind, Protected))

    @property
    def repeated(self) -> tuple[Field, ...]:
        """The fields that may stand more than once: what a supplement adds to."""
        return tuple(field for field in self.fields if field.many > 1)

    @property
    def inquiries(self) -> tuple[str, ...]:
        """Every inquiry key that this file answers."""
        return tuple(key for key in (self.inquire, *(also.key for also in self.answers)) if key)

    def ways(self, key: str) -> tuple[tuple[str, ...], ...]:
        """The sets of fields by which this file is asked under an inquiry key; none where it does not answer."""
        if key == self.inquire:
            return self.found_by
        return tuple(
            group
            for also in self.answers
            if also.key == key
            for group in self.found_by
            if set(group) <= set(also.by)
        )


def _fields(conditions: Iterable[When]) -> list[str]:
    return [when.field for when in conditions]


def _finds(field: Field) -> bool:
    return bool(field.kind.identifies) or isinstance(field.kind, PersonName)


class Carrier(StrEnum):
    """Which part of the switch carries a message that touches no file."""

    CONFIRMING = "confirming"
    MESSAGES = "messages"


class Notice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message that touches no file: it goes from one terminal to others."""

    key: Key
    title: str
    fields: tuple[Field, ...]
    to: str = "TO"  # the field that holds the addresses; empty where they follow from something else
    verb: Verb = Verb.MESSAGE
    carrier: Carrier = Carrier.CONFIRMING
    rules: tuple[Rule, ...] = ()
    broadcast: Broadcast | None = None  # what holds where it goes to many
    note: str = ""
