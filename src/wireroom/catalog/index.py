"""The index of everything declared, and the forms that follow from it: one for each message key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from types import MappingProxyType

import msgspec

from wireroom.catalog.file import Field, File, Notice, Source, Verb
from wireroom.catalog.files import declared
from wireroom.catalog.kinds import Code, Prose, Text
from wireroom.catalog.kinds_of_number import Fcn, Nic
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.notices.administrative import ADMINISTRATIVE
from wireroom.catalog.rules import AtLeastOne, OneOf, Rule

# Every record file by its module in catalog/files, in the order of forms and manual: a new one is one line here.
FILES: tuple[File, ...] = tuple(
    declared(module)
    for module in (
        "wanted",
        "vehicle",
        "plate",
        "licence",
        "registration",
    )
)
NOTICES: tuple[Notice, ...] = (ADMINISTRATIVE,)

# What may stand in any message beside its own fields: why it is asked, and for which case.
ENVELOPE: tuple[Field, ...] = (
    Field("PUR", "purpose", Code(table="purpose", sample="C")),
    Field("CAS", "case, incident or warrant", Text(max=20, sample="99-999999")),
    Field("ATN", "for whom", Text(max=30)),
)
# What any inquiry may say about how it is to be searched.
SEARCH = Field("SRH", "search", Code(table="search", sample="W"))
_NUMBER = Field("FCN", "file control number", Fcn(), required=True)
_LIFE: Mapping[Verb, tuple[Field, ...]] = MappingProxyType(
    {
        Verb.LOCATE: (
            _NUMBER,
            Field("DOL", "date located", Day(), required=True),
            Field("LCA", "locating agency's case number", Text(max=20, sample="99-999999"), required=True),
            Field("DIS", "what became of it", Code(table="location_result")),
        ),
        Verb.CLEAR: (
            _NUMBER,
            Field("DCL", "date cleared", Day(), required=True),
            Field("CLR", "why", Code(table="clear_reason")),
        ),
        Verb.CANCEL: (_NUMBER,),
    }
)


REMEMBERED_MAX = 4096  # combinations of key and fields whose legs are remembered

# What numbers a record at its holder. The DMV's records are named by their own identifiers.
NUMBERED_BY: Mapping[Source, str] = MappingProxyType({Source.STATE: "FCN", Source.NCIC: "NIC"})


class Form(msgspec.Struct, frozen=True, kw_only=True, dict=True):  # with a dict, for what is worked out once
    """What one message key takes, derived from the declarations: the only thing that readers and forms look at."""

    key: str
    verb: Verb
    title: str
    fields: tuple[Field, ...]  # the key's own, then the envelope's; prose last
    rules: tuple[Rule, ...] = ()
    files: tuple[File, ...] = ()
    notice: Notice | None = None

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


class Catalogue:
    """All files, notices and forms in force. Immutable: a change of local files makes a new one."""

    def __init__(self, files: Iterable[File] = FILES, notices: Iterable[Notice] = NOTICES) -> None:
        self.files = MappingProxyType({file.code: file for file in files})
        self.notices = MappingProxyType({notice.key: notice for notice in notices})
        self.forms: Mapping[str, Form] = MappingProxyType(_forms(self.files.values(), self.notices.values()))
        self._remembered = lru_cache(maxsize=REMEMBERED_MAX)(self._legs)

    def with_files(self, extra: Iterable[File]) -> Catalogue:
        """A catalogue with local files added. Raises ValueError where a code or key is taken."""
        extra = tuple(extra)
        for file in extra:
            if file.code in self.files:
                raise ValueError(f"{file.code}: there is a file of that code already")
        return Catalogue((*self.files.values(), *extra), self.notices.values())

    def legs(self, key: str, given: frozenset[str]) -> tuple[Leg, ...]:
        """Who is asked for an inquiry with these fields, in the catalogue's order: the state first."""
        return self._remembered(key, given)

    def _legs(self, key: str, given: frozenset[str]) -> tuple[Leg, ...]:
        form = self.forms[key]
        found: dict[tuple[Source, str], list[File]] = {}
        for file in form.files:
            asked = any(set(group) <= given for group in file.ways(key))
            for source in file.held_by:
                if asked or NUMBERED_BY.get(source, "") in given:
                    found.setdefault((source, file.asked_as or key), []).append(file)
        order = list(Source)
        legs = [Leg(source, asked, tuple(files)) for (source, asked), files in found.items()]
        return tuple(sorted(legs, key=lambda leg: order.index(leg.source)))


def _forms(files: Iterable[File], notices: Iterable[Notice]) -> dict[str, Form]:
    files = tuple(files)
    forms: dict[str, Form] = {}
    for notice in notices:
        _add(forms, Form(key=notice.key, verb=Verb.MESSAGE, title=notice.title, rules=notice.rules, notice=notice,
                         fields=_prose_last((*notice.fields, *ENVELOPE))))  # fmt: skip
    for file in files:
        for form in _life(file):
            _add(forms, form)
    for key in dict.fromkeys(key for file in files for key in file.inquiries):
        _add(forms, _inquiry(key, tuple(file for file in files if key in file.inquiries)))
    return forms


def _add(forms: dict[str, Form], form: Form) -> None:
    if form.key in forms:
        raise ValueError(f"the key {form.key} is declared twice: {forms[form.key].title} and {form.title}")
    forms[form.key] = form


def _life(file: File) -> Iterable[Form]:
    """The forms that change a file's records."""
    if file.enter:
        yield Form(key=file.enter, verb=Verb.ENTER, title=f"Enter: {file.title.lower()}", files=(file,),
                   fields=_prose_last((*file.fields, *ENVELOPE)), rules=file.rules)  # fmt: skip
    if file.modify:
        changeable = tuple(msgspec.structs.replace(field, required=False) for field in file.fields)
        change = AtLeastOne(tuple(field.code for field in changeable))
        yield Form(key=file.modify, verb=Verb.MODIFY, title=f"Modify: {file.title.lower()}", files=(file,),
                   fields=_prose_last((_NUMBER, *changeable, *ENVELOPE)), rules=(change,))  # fmt: skip
    for verb, fields in _LIFE.items():
        if key := getattr(file, verb.value):
            yield Form(key=key, verb=verb, title=f"{verb.value.capitalize()}: {file.title.lower()}", files=(file,),
                       fields=(*fields, *ENVELOPE))  # fmt: skip


def _inquiry(key: str, files: tuple[File, ...]) -> Form:
    """An inquiry takes what finds a record in any of its files, and what narrows."""
    ways = dict.fromkeys(group for file in files for group in file.ways(key))
    fields: dict[str, Field] = {}
    for file in files:
        narrow = file.narrow if file.inquire == key else ()
        for code in dict.fromkeys((*(code for group in file.ways(key) for code in group), *narrow)):
            asked = msgspec.structs.replace(file.field(code), required=False, many=1)
            if fields.setdefault(code, asked).kind != asked.kind:
                raise ValueError(
                    f"{file.code}: under {key} another file has {code} already, as another kind of value"
                )
    extra = []
    for number in (_NUMBER, Field("NIC", "NCIC number", Nic())):
        if any(
            NUMBERED_BY.get(source) == number.code and file.enter for file in files for source in file.held_by
        ):
            fields.setdefault(number.code, msgspec.structs.replace(number, required=False))
            extra.append((number.code,))
    own = next((file for file in files if file.inquire == key), files[0])
    title = f"Inquire: {', '.join(file.title.lower() for file in sorted(files, key=lambda f: f is not own))}"
    return Form(key=key, verb=Verb.INQUIRE, title=title, files=files, fields=(*fields.values(), SEARCH, *ENVELOPE),
                rules=(OneOf((*ways, *extra)),))  # fmt: skip


def _prose_last(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    return tuple(sorted(fields, key=lambda field: isinstance(field.kind, Prose)))


def name_fields(file: File) -> tuple[str, ...]:
    """The fields of a file that hold people's names, in order."""
    return tuple(field.code for field in file.fields if isinstance(field.kind, PersonName))
