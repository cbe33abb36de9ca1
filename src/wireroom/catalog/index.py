"""The index of everything declared, and the forms that follow from it: one for each message key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from types import MappingProxyType

import msgspec

from wireroom.catalog.broadcast import Broadcast
from wireroom.catalog.file import Field, File, Notice, Report, Source, Verb
from wireroom.catalog.files import declared
from wireroom.catalog.fills import Fill
from wireroom.catalog.kinds import Code, Prose, Text, only
from wireroom.catalog.kinds_of_number import Address, Fcn, Nic, Ori
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.notices.administrative import ADMINISTRATIVE, APPROVAL, BROADCASTS
from wireroom.catalog.notices.confirmation import CONFIRM, CONFIRMATIONS, REPLY
from wireroom.catalog.rules import AtLeastOne, Elsewhere, Needs, OneOf, Rule
from wireroom.catalog.sources import Abroad
from wireroom.catalog.tables import table

# Every record file by its module in catalog/files, in the order of forms and manual: a new one is one line here.
FILES: tuple[File, ...] = tuple(
    declared(module)
    for module in (
        "wanted",
        "foreign_fugitive",
        "missing",
        "unidentified",
        "supervised",
        "registrant",
        "order",
        "confidential",
        "violent",
        "protective",
        "gang_member",
        "gang_group",
        "terrorist",
        "identity_theft",
        "immigration",
        "identity",
        "history",
        "armed",
        "mental",
        "vehicle",
        "plate",
        "part",
        "boat",
        "article",
        "pawn",
        "gun",
        "gun_history",
        "security",
        "canadian_vehicle",
        "ori",
        "licence",
        "registration",
        "driver_history",
        "occupational",
        "vessel",
        "parking",
        "irp",
        "stop",
    )
)
NOTICES: tuple[Notice, ...] = (ADMINISTRATIVE, APPROVAL, BROADCASTS, CONFIRM, REPLY, CONFIRMATIONS)

# What may stand in any message beside its own fields: why it is asked, and for which case.
ENVELOPE: tuple[Field, ...] = (
    Field("PUR", "purpose", Code(table="purpose", sample="C")),
    Field("CAS", "case, incident or warrant", Text(max=20, sample="99-999999")),
    Field("ATN", "for whom", Text(max=30)),
)
# What any inquiry may say besides about its reason. It is for our own journal: no other system is told.
ON_BEHALF, FOR_AGENCY = "OBO", "OBA"
REASONS: tuple[Field, ...] = (
    Field("RSK", "kind of reason", Code(table="reason", sample="INC")),
    Field(ON_BEHALF, "run for somebody else", Code(table="yes_no"), note="Y wants to know for whom, in ATN"),
    Field(FOR_AGENCY, "run for the agency", Ori(), note="an agency that yours serves, or your own"),
    Field("RMK", "reason in words", Text(max=200, sample="SPECIMEN WORDS")),
)
# Why anything is asked: it is known to whoever says it, and not told them again.
WHY = frozenset(field.code for field in (*ENVELOPE, *REASONS))
# What an inquiry for criminal history says besides: who gets the answer from its requester, or that nobody does.
RECIPIENT = Field("SRP", "who gets the answer besides", Text(max=60, sample="NONE"), required=True,
                  note="NONE where nobody does; agency and name otherwise")  # fmt: skip
RECIPIENTS = ("ATN", RECIPIENT.code)
NAMES_REQUESTER = Needs(ON_BEHALF, ("Y",), "ATN")
# What any inquiry may say about how it is to be searched.
SEARCH = Field("SRH", "search", Code(table="search", sample="W"))
# What an inquiry may add where files find what is over, and where several people stand in a record.
RECALL = Field("HST", "history", Code(table="recall", sample="Y"), note="left out: only what is in force")
PARTY = Field("PTY", "which party is asked for", Code(table="party", sample="B"), note="left out: both")
# What an inquiry may say where lives depend on it: rules that would only slow it down give way, and it is explained
# afterwards.
EMERGENCY = Field("EMG", "emergency: lives depend on it, and why", Text(max=60, sample="AAAAAA"))
_NUMBER = Field("FCN", "file control number", Fcn(), required=True)
_NATIONAL = Field("NIC", "NCIC number", Nic())
# For whom a record is entered, where that is another agency: the record is then that one's.
COURTESY: tuple[Field, ...] = (
    Field("CTA", "entered as a courtesy for", Ori()),
    Field("CTM", "its terminal", Address()),
)
_LIFE: Mapping[Verb, tuple[Field, ...]] = MappingProxyType(
    {
        Verb.LOCATE: (
            Field("DOL", "date located", Day(), required=True),
            Field("LCA", "locating agency's case number", Text(max=20, sample="99-999999"), required=True),
            Field("DIS", "what became of it", Code(table="location_result")),
        ),
        Verb.CLEAR: (
            Field("DCL", "date cleared", Day(), required=True),
            Field("CLR", "why", Code(table="clear_reason")),
        ),
        Verb.CANCEL: (),
    }
)
# Keys that every file's records share. NCIC has none for them: they are ours.
_WORK: tuple[tuple[str, Verb, str, tuple[Field, ...]], ...] = (
    ("VFY", Verb.VERIFY, "Verify: a second person compared the record with its papers", ()),
    ("VAL", Verb.VALIDATE, "Validate: the record is still true",
     (Field("VLN", "who validated it", Text(max=30, sample="AAAAA"), note="left out: the person signed in"),)),
    ("RST", Verb.RESTRAIN, "Restrain: DOJ holds a record beyond its recovery, or lets it go",
     (Field("RST", "restraint", Code(table="yes_no"), required=True),)),
)  # fmt: skip
LIST_KEY = "WL"  # what waits to be done by one's own agency
_LIST = Field("LST", "which list", Code(table="work_list", sample="VERIFY"), required=True)
REASON = Field("RSN", "for what it is asked, in words", Text(max=60, sample="AAAAAA"), required=True)


Pair = tuple[str, str]  # a field and its value

_NOTHING: Mapping[str, frozenset[str]] = MappingProxyType({})
REMEMBERED_MAX = 4096  # combinations of key, fields and other states whose legs are remembered

# What numbers a record at its holder. The DMV's records are named by their own identifiers.
NUMBERED_BY: Mapping[Source, str] = MappingProxyType({Source.STATE: "FCN", Source.NCIC: "NIC"})
# By which numbers a holder's records may be asked for: the state knows what NCIC calls those that it told it of.
ASKED_BY: Mapping[Source, frozenset[str]] = MappingProxyType(
    {
        Source.STATE: frozenset({"FCN", "NIC"}),
        Source.DMV: frozenset(),
        Source.NLETS: frozenset(),
        Source.NCIC: frozenset({"NIC"}),
    }
)


class Form(msgspec.Struct, frozen=True, kw_only=True, dict=True):  # with a dict, for what is worked out once
    """What one message key takes, derived from the declarations: the only thing that readers and forms look at."""

    key: str
    verb: Verb
    title: str
    fields: tuple[Field, ...]  # the key's own, then the envelope's; prose last
    rules: tuple[Rule | Broadcast, ...] = ()
    files: tuple[File, ...] = ()
    notice: Notice | None = None
    report: Report | None = None
    says: tuple[
        tuple[str, str], ...
    ] = ()  # what the key itself says: the message has it though nobody sent it
    asks: tuple[str, ...] = ()  # the fields that a person is shown first; empty: all
    fills: tuple[Fill, ...] = ()  # what the state works out of an entry; of a change, what it lets nobody say

    def field(self, code: str) -> Field | None:
        """The field with a code, or None."""
        return self.by_code.get(code)

    @cached_property
    def by_code(self) -> Mapping[str, Field]:
        """The fields by their codes."""
        return MappingProxyType({field.code: field for field in self.fields})

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each field in the catalogue's order."""
        return MappingProxyType({field.code: place for place, field in enumerate(self.fields)})

    @cached_property
    def required(self) -> tuple[Field, ...]:
        """The fields that a message must have."""
        return tuple(field for field in self.fields if field.required)


class Leg(msgspec.Struct, frozen=True):
    """One source to ask for one message: with which key, in which files."""

    source: Source
    key: str
    files: tuple[File, ...]
    states: tuple[
        Pair, ...
    ] = ()  # of those that the inquiry names, what alone this source is told; empty: all
    abroad: bool = False  # another state's files, and not those of our own neighbours

    @property
    def name(self) -> str:
        """What its answer comes under: the source, and the other state that it leads to."""
        return " ".join((self.source.value, *(state for _, state in self.states if self.abroad)))


class Catalogue:
    """All files, notices and forms in force. Immutable: a change of local files makes a new one."""

    def __init__(
        self,
        files: Iterable[File] = FILES,
        notices: Iterable[Notice] = NOTICES,
        holder: Source = Source.STATE,
    ) -> None:
        self.files = MappingProxyType({file.code: file for file in files})
        self.notices = MappingProxyType({notice.key: notice for notice in notices})
        self.holder = holder
        self._of: dict[Source, Catalogue] = {holder: self}
        self.forms: Mapping[str, Form] = MappingProxyType(
            _forms(self.files.values(), self.notices.values(), holder)
        )
        # By key: the fields whose values decide who is asked, each with the codes of the states that are not ours.
        self._naming = {key: naming for key, form in self.forms.items() if (naming := _naming(form))}
        self._remembered = lru_cache(maxsize=REMEMBERED_MAX)(self._legs)

    def with_files(self, extra: Iterable[File]) -> Catalogue:
        """A catalogue with local files added. Raises ValueError where a code or key is taken."""
        extra = tuple(extra)
        for file in extra:
            if file.code in self.files:
                raise ValueError(f"{file.code}: there is a file of that code already")
        return Catalogue((*self.files.values(), *extra), self.notices.values(), self.holder)

    def of(self, holder: Source) -> Catalogue:
        """The same, with the keys as another holder takes them; made once."""
        if holder not in self._of:
            self._of[holder] = Catalogue(self.files.values(), self.notices.values(), holder)
        return self._of[holder]

    def asked(self, key: str, fields: Sequence[Pair]) -> tuple[Leg, ...]:
        """Who is asked for an inquiry with these fields and values, in the catalogue's order: the state first."""
        given = frozenset([code for code, _ in fields])
        naming = self._naming.get(key, _NOTHING)
        for code, place in fields:
            if code in naming and place in naming[code]:
                return self._remembered(key, given, tuple(dict.fromkeys(p for p in fields if p[0] in naming)))
        return self._remembered(key, given, ())  # our own state, as in most: these share what is remembered

    def legs(self, key: str, given: frozenset[str], named: tuple[Pair, ...] = ()) -> tuple[Leg, ...]:
        """The same of an inquiry with these fields, of which these name states, ours not alone."""
        return self._remembered(key, given, named)

    def _legs(self, key: str, given: frozenset[str], named: tuple[Pair, ...]) -> tuple[Leg, ...]:
        form = self.forms[key]
        found: dict[tuple[Source, str, tuple[Pair, ...]], list[File]] = {}
        for file in form.files:
            asked = any(set(group) <= given for group in file.ways(key))
            for source in file.held_by:
                if asked or ASKED_BY[source] & given:
                    for states in _states(file, source, named):
                        found.setdefault((source, file.asked_as or key, states), []).append(file)
        order = list(Source)
        legs = [
            Leg(source, asked, tuple(files), states, any(_is_abroad(file, source) for file in files))
            for (source, asked, states), files in found.items()
        ]
        return tuple(sorted(legs, key=lambda leg: order.index(leg.source)))


def _naming(form: Form) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for abroad in (file.abroad for file in form.files if file.abroad is not None):
        found[abroad.field] = found.get(abroad.field, frozenset()) | frozenset(table(abroad.places))
    return found


def _states(file: File, source: Source, named: tuple[Pair, ...]) -> Iterator[tuple[Pair, ...]]:
    """What of the states that an inquiry names a holder of a file is asked: all at once, one after another, or none."""
    if file.abroad is None:
        yield ()
        return
    away = file.abroad.away(named)
    home = tuple(pair for pair in named if pair[0] == file.abroad.field and pair not in away)
    if _is_abroad(file, source):
        yield from ((pair,) for pair in away)  # each answers for itself
    elif home or not away:
        yield home if away else ()


def _is_abroad(file: File, source: Source) -> bool:
    return file.abroad is not None and file.abroad.to is source


def _forms(files: Iterable[File], notices: Iterable[Notice], holder: Source) -> dict[str, Form]:
    files = tuple(files)
    forms: dict[str, Form] = {}
    for notice in notices:
        rules = (*notice.rules, *((notice.broadcast,) if notice.broadcast else ()))
        _add(forms, Form(key=notice.key, verb=notice.verb, title=notice.title, rules=rules, notice=notice,
                         fields=_prose_last((*notice.fields, *ENVELOPE))))  # fmt: skip
    held = tuple(file for file in files if holder in file.held_by)
    for file in held:
        for form in (*_entries(file, holder), *_life(file, holder)):
            _add(forms, form)
    for form in _work(held, holder):
        _add(forms, form)
    for key in dict.fromkeys(key for file in files for key in file.inquiries):
        _add(forms, _inquiry(key, tuple(file for file in files if key in file.inquiries), holder))
    return forms


def _add(forms: dict[str, Form], form: Form) -> None:
    if form.key in forms:
        raise ValueError(f"the key {form.key} is declared twice: {forms[form.key].title} and {form.title}")
    forms[form.key] = form


def _entries(file: File, holder: Source) -> Iterable[Form]:
    """The forms that make records. What a key says by itself need not be sent, and may not be denied."""
    # Of another holder's records the state is the author: it names each by its own number and needs no courtesy.
    extra = COURTESY if holder is Source.STATE else (msgspec.structs.replace(_NUMBER, required=False),)
    for one in file.enters:
        if one.ours and holder is not Source.STATE:
            continue
        says = dict(one.says)
        fields = tuple(
            msgspec.structs.replace(
                field,
                kind=only(field.kind, says[field.code]) if field.code in says else field.kind,
                required=(field.required or field.code in one.needs) and field.code not in says,
            )
            for field in file.fields
        )
        yield Form(key=one.key, verb=Verb.ENTER, title=f"Enter: {(one.title or file.title).lower()}", files=(file,),
                   fields=_prose_last((*fields, *extra, *ENVELOPE)), rules=file.rules, says=one.says,
                   asks=one.asks, fills=_fills(file, holder))  # fmt: skip


def _fills(file: File, holder: Source) -> tuple[Fill, ...]:
    """Only the state works something out: other holders are told it as it is."""
    return file.fills if holder is Source.STATE else ()


def _life(file: File, holder: Source) -> Iterable[Form]:
    """The forms that change a file's records, which are named by their number at the holder or at NCIC."""
    numbers, rules = _numbers(file, holder)
    if file.modify:
        changeable = tuple(msgspec.structs.replace(field, required=False) for field in file.fields)
        yield Form(key=file.modify, verb=Verb.MODIFY, title=f"Modify: {file.title.lower()}", files=(file,),
                   fields=_prose_last((*numbers, *changeable, *ENVELOPE)),
                   rules=(*rules, AtLeastOne(tuple(field.code for field in changeable))),
                   fills=_fills(file, holder))  # fmt: skip
    repeated = tuple(msgspec.structs.replace(field, required=False) for field in file.repeated)
    for key, verb, words in (
        (file.supplement, Verb.SUPPLEMENT, "Add to"),
        (file.strike, Verb.STRIKE, "Take out of"),
    ):
        if key:
            yield Form(key=key, verb=verb, title=f"{words}: {file.title.lower()}", files=(file,),
                       fields=(*numbers, *repeated, *ENVELOPE),
                       rules=(*rules, AtLeastOne(tuple(field.code for field in repeated))))  # fmt: skip
    for verb, fields in _LIFE.items():
        if key := getattr(file, verb.value):
            yield Form(key=key, verb=verb, title=f"{verb.value.capitalize()}: {file.title.lower()}", files=(file,),
                       fields=(*numbers, *fields, *ENVELOPE), rules=rules)  # fmt: skip
    for report in file.reports:
        yield Form(key=report.key, verb=Verb.REPORT, title=report.title, files=(file,), report=report,
                   fields=_prose_last((*numbers, *report.fields, *ENVELOPE)), rules=rules)  # fmt: skip


def _numbers(file: File, holder: Source) -> tuple[tuple[Field, ...], tuple[Rule, ...]]:
    """How a record is named: by the state's number, or by NCIC's where NCIC has such files."""
    if Source.NCIC not in file.held_by:
        return (_NUMBER,), ()
    either = (msgspec.structs.replace(_NUMBER, required=False), _NATIONAL)
    first, second = either if holder is Source.STATE else either[::-1]
    return (first, second), (OneOf(((first.code,), (second.code,))),)


def _work(held: tuple[File, ...], holder: Source) -> Iterable[Form]:
    """The state's own keys about records of any file."""
    files = tuple(file for file in held if file.enters)
    if holder is not Source.STATE or not files:
        return
    for key, verb, title, fields in _WORK:
        yield Form(key=key, verb=verb, title=title, files=files, fields=(_NUMBER, *fields, *ENVELOPE))
    yield Form(key=LIST_KEY, verb=Verb.LIST, title="List: what waits for your agency", files=files,
               fields=(_LIST, *ENVELOPE))  # fmt: skip


def _inquiry(key: str, files: tuple[File, ...], holder: Source) -> Form:
    """An inquiry takes what finds a record in any of its files, and what narrows."""
    ways = dict.fromkeys(group for file in files for group in file.ways(key))
    fields: dict[str, Field] = {}
    for file in files:
        own_key = file.inquire == key
        narrow = file.narrow if own_key else ()
        for code in dict.fromkeys((*(code for group in file.ways(key) for code in group), *narrow)):
            several = file.abroad.most if own_key and file.abroad and file.abroad.field == code else 1
            asked = msgspec.structs.replace(file.field(code), required=False, many=several)
            if fields.setdefault(code, asked).kind != asked.kind:
                raise ValueError(
                    f"{file.code}: under {key} another file has {code} already, as another kind of value"
                )
    extra = []
    for number in (_NUMBER, _NATIONAL):
        if any(NUMBERED_BY.get(source) == number.code for file in files for source in file.held_by):
            fields.setdefault(number.code, msgspec.structs.replace(number, required=False))
            extra.append((number.code,))
    own = next((file for file in files if file.inquire == key), files[0])
    title = f"Inquire: {', '.join(file.title.lower() for file in sorted(files, key=lambda f: f is not own))}"
    reason = (REASON,) if own.inquire == key and own.reason else ()
    recall = (RECALL,) if any(file.recalled for file in files) else ()
    party = (PARTY,) if own.inquire == key and own.parties else ()
    rules: list[Rule] = [OneOf((*ways, *extra))]
    if own.inquire == key and own.abroad and own.abroad.to and holder is Source.STATE:
        rules.append(elsewhere(own, own.abroad))
    ours = (*REASONS, EMERGENCY) if holder is Source.STATE else ()
    history = any(file.history for file in files)
    if ours:
        rules.append(NAMES_REQUESTER)
        ours = (*ours, *((RECIPIENT,) if history else ()))
    envelope = tuple(msgspec.structs.replace(f, required=history and f.code in RECIPIENTS) for f in ENVELOPE)
    return Form(key=key, verb=Verb.INQUIRE, title=title, files=files, rules=tuple(rules),
                fields=(*fields.values(), *reason, *party, *recall, SEARCH, *envelope, *ours))  # fmt: skip


def elsewhere(file: File, abroad: Abroad) -> Elsewhere:
    """What an inquiry must have where it names another state."""
    return Elsewhere(abroad.field, abroad.places, file.found_by, abroad.by)


def _prose_last(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    return tuple(sorted(fields, key=lambda field: isinstance(field.kind, Prose)))


def name_fields(file: File) -> tuple[str, ...]:
    """The fields of a file that hold people's names, in order."""
    return tuple(field.code for field in file.fields if isinstance(field.kind, PersonName))
