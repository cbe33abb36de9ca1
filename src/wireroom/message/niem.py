"""Reads and writes an order of a court as XML after NIEM 6. Where each field stands is the table in niem_map.py.

No document can make the reader fetch, expand or wait for anything: document types and entities are refused, the network
is off, and the size and depth have limits. The schemas beside this module are checked too, after our own words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, cast

import msgspec
from lxml import etree

from wireroom.catalog.file import Field
from wireroom.catalog.index import Catalogue, Form
from wireroom.catalog.kinds import Code, Kind, Number
from wireroom.catalog.kinds_of_person import PersonName, parts
from wireroom.catalog.kinds_of_time import ENDLESS, Day, Hour
from wireroom.message.document import (
    DOCUMENT_CHARACTERS_MAX,
    FAULTS_TOLD_MAX,
    Document,
    Given,
    apart,
    form_named,
    forms_of,
    piece_given,
    pieces,
    read_document,
    together,
)
from wireroom.message.envelope import Fault, Message, Reading
from wireroom.message.niem_map import KEY, NAME_PIECES, NAMESPACES, PATHS, PIECES, ROOT

Element = etree._Element  # lxml has no public name for it
XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NIL = f"{{{XSI}}}nil"
_REF = "{https://docs.oasis-open.org/niemopen/ns/model/structures/6.0/}ref"
_PREFIX = {uri: prefix for prefix, uri in NAMESPACES.items()}
_FLAGS = frozenset({"yes_no", "yes_no_unknown"})
_READ_FLAG = MappingProxyType({"true": "Y", "1": "Y", "false": "N", "0": "N"})
_TIME = re.compile(r"([0-9]{2}:[0-9]{2}):00(?:\.0+)?")
_CODES: Mapping[str, str] = MappingProxyType({path: code for code, path in PATHS.items()})
_LEADS: frozenset[str] = frozenset(
    "/".join(steps[:length])
    for steps in (path.split("/") for path in PATHS.values())
    for length in range(len(steps))
)
_WRAPS = frozenset(
    {"nc:Date", "nc:IdentificationID", "ncic:PhysicalFeatureCategoryCode"}
)  # one in each element
SCHEMA_FAULTS_MAX = 20
_SCHEMAS = Path(__file__).parent / "xsd"
_NAMESPACE = re.compile(r"\{[^}]*\}")


def _tag(name: str) -> str:
    prefix, _, plain = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{plain}"


def _named(tag: str) -> str:
    """The name of an element with our prefix for its namespace; as it is where that is no namespace of ours."""
    uri, _, plain = tag.rpartition("}")
    prefix = _PREFIX.get(uri.removeprefix("{"), "")
    return f"{prefix}:{plain}" if prefix else tag[:120]


# --------------------------------------------------------------------------- reading


def document(text: str, catalogue: Catalogue, today: date) -> Document:
    """What a text of XML says. Never raises for any text, and opens nothing that it names."""
    root = _parsed(text)
    if isinstance(root, Fault):
        return Document(None, faults=(root,))
    if _named(root.tag) != ROOT:
        words = f"is no {ROOT} of the namespace {NAMESPACES['order']}"
        return Document(None, faults=(Fault("TEXT", words, "", f"/{_named(root.tag)}"),))
    key = root.find(_tag(KEY))
    form = form_named(key.text or "" if key is not None else "", catalogue, f"/{ROOT}/{KEY}")
    if isinstance(form, Fault):
        return Document(None, faults=(form,))
    reader = _Reader(form, today)
    reader.below(root, "", f"/{ROOT}")
    told = {fault.at for fault in reader.faults}
    beyond = [fault for fault in _against_schema(root, form) if fault.at not in told]
    return Document(form, tuple(reader.given), (*reader.faults, *beyond))


def read(text: str, catalogue: Catalogue, *, today: date) -> Reading:
    """The message of a text of XML, or every fault in it with its element. Never raises for any text."""
    made = document(text, catalogue, today)
    reading = read_document(text, made, today, path_of)
    return msgspec.structs.replace(reading, faults=_once(reading.faults))


def path_of(code: str) -> str:
    """Where a field stands in a document, counted from its top."""
    return f"/{ROOT}/{PATHS[code]}" if code in PATHS else f"/{ROOT}"


def _once(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """What the schema says of a value is left out where the field's own kind has said it in its words."""
    own = {fault.at for fault in faults if not fault.reason.startswith(_BY_SCHEMA)}
    return tuple(fault for fault in faults if fault.at not in own or not fault.reason.startswith(_BY_SCHEMA))


def _parsed(text: str) -> Element | Fault:
    """The root of a text of XML; a fault where it is none, too large, or would have something opened."""
    if len(text) > DOCUMENT_CHARACTERS_MAX:
        return _fault(f"is longer than {DOCUMENT_CHARACTERS_MAX} characters")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return _fault("has a document type or an entity: leave it out")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True, remove_pis=True, recover=False,
    )  # fmt: skip
    try:
        return etree.fromstring(text.lstrip("\ufeff").encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        return _fault(f"is not XML: {' '.join(str(error.msg).split())[:160]}")
    except (ValueError, LookupError):  # half a character, or another encoding than it declares
        return _fault("is not XML in UTF-8")


def _fault(why: str) -> Fault:
    return Fault("TEXT", why, "", "/")


class _Reader:
    """Goes through a document and collects what is given and what cannot be; of faults so many as are told."""

    def __init__(self, form: Form, today: date) -> None:
        self._form, self._today = form, today
        self.given: list[Given] = []
        self.faults: list[Fault] = []

    def below(self, element: Element, path: str, at: str) -> None:
        """What stands inside an element that has no value of its own."""
        if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
            self._say("TEXT", "has text between its elements", at)
        seen: set[str] = set()
        for name, child, place in _children(element, at):
            here = f"{path}/{name}".removeprefix("/")
            if here in _CODES:
                self._field(_CODES[here], child, place)
            elif here in _LEADS:
                if name in seen and not self._repeats(here):
                    self._say("TEXT", "may stand only once", place)
                self._refers(child, place)
                self.below(child, here, place)
            elif here != KEY:
                self._say("TEXT", "is not an element that may stand here", place)
            seen.add(name)

    def _repeats(self, path: str) -> bool:
        """Whether an element stands once for each value of a field that may repeat."""
        for code, full in PATHS.items():
            above, _, last = full.rpartition("/")
            field = self._form.field(code)
            if above == path and last in _WRAPS and field is not None and field.many > 1:
                return True
        return False

    def _field(self, code: str, element: Element, at: str) -> None:
        field = self._form.field(code)
        if field is None:
            self._say(code, f"is not a field of {self._form.key}", at)
        elif code in PIECES:
            self._pieces(field, element, at)
        elif (raw := self._raw(code, field.kind, element, at)) is not None:
            self.given.append(Given(field, raw, at))

    def _pieces(self, field: Field, element: Element, at: str) -> None:
        """A value of several pieces, each in an element of its own somewhere below."""
        known = {path: name for name, path in PIECES[field.code].items()}
        kinds = {piece.name: piece for piece in pieces(field.kind)}
        before = len(self.faults)
        found: dict[str, Given] = {}
        for path, one, place in _leaves(element, frozenset(known), at):
            name = known.get(path, "")
            if not name:
                self._say(field.code, "is not an element that may stand here", place)
            elif name in found:
                self._say(field.code, "may stand only once", place)
            elif (raw := self._raw(field.code, kinds[name].kind, one, place)) is not None:
                found[name] = piece_given(field, kinds[name], raw, place)
        made = together(field, found, at, self._today)
        if isinstance(made, list):
            self.faults.extend(made)
        elif len(self.faults) == before:
            self.given.append(made)

    def _raw(self, code: str, kind: Kind, element: Element, at: str) -> str | None:
        """The text of an element as a person would have typed it; None where it is none, which is a fault then."""
        self._refers(element, at)
        if element.get(_NIL, "").strip() in ("true", "1"):
            nil = _said_by_nil(kind)
            if not nil:
                self._say(code, "has no value: leave it out", at)
            return nil or None
        if isinstance(kind, PersonName):
            return self._name(code, element, at)
        if len(element):
            self._say(code, "holds elements, and should hold a value", at)
            return None
        text = (element.text or "").strip()
        if isinstance(kind, Code) and kind.table in _FLAGS:
            return _READ_FLAG.get(text, text)
        if isinstance(kind, Hour) and (found := _TIME.fullmatch(text)):
            return found[1]
        return text

    def _name(self, code: str, element: Element, at: str) -> str | None:
        """A name of its parts as one: LAST, FIRST MIDDLE SUFFIX."""
        said: dict[str, str] = {}
        known = {path: name for name, path in NAME_PIECES.items()}
        for tag, child, place in _children(element, at):
            name = known.get(tag, "")
            if not name or name in said or len(child):
                once = "may stand only once" if name in said else "is not an element that may stand here"
                self._say(code, once, place)
                return None
            said[name] = " ".join((child.text or "").split())
        if "full" in said:
            return said["full"]
        given = " ".join(filter(None, (said.get("given"), said.get("middle"), said.get("suffix"))))
        return f"{said.get('sur', '')}, {given}"

    def _refers(self, element: Element, at: str) -> None:
        if element.get(_REF) is not None:
            self._say("TEXT", "refers to another element: write it out", at)

    def _say(self, code: str, why: str, at: str) -> None:
        if len(self.faults) < FAULTS_TOLD_MAX:
            self.faults.append(Fault(code, why, "", at))


def _said_by_nil(kind: Kind) -> str:
    """What xsi:nil means of a value: that it is not known whether, or that there is no end."""
    if isinstance(kind, Code) and kind.table == "yes_no_unknown":
        return "U"
    return ENDLESS if isinstance(kind, Day) and kind.endless else ""


def _children(element: Element, at: str) -> Iterator[tuple[str, Element, str]]:
    """Every child with its name and its path: with our prefixes, numbered where there are several alike."""
    names = [_named(child.tag) for child in element]
    several, seen = Counter(names), Counter[str]()
    for name, child in zip(names, element, strict=True):
        seen[name] += 1
        yield name, child, f"{at}/{name}[{seen[name]}]" if several[name] > 1 else f"{at}/{name}"


def _leaves(
    element: Element, known: frozenset[str], at: str, path: str = ""
) -> Iterator[tuple[str, Element, str]]:
    """Every element below that is a piece or has nothing below it, with its names and its path."""
    for name, child, place in _children(element, at):
        here = f"{path}/{name}".removeprefix("/")
        if here in known or len(child) == 0:
            yield here, child, place
        else:
            yield from _leaves(child, known, place, here)


def place(element: Element) -> str:
    """The path of one element. Who goes through many has it on the way."""
    steps = []
    here: Element | None = element
    while here is not None:
        before = sum(1 for _ in here.itersiblings(here.tag, preceding=True))
        several = before or next(here.itersiblings(here.tag), None) is not None
        steps.append(f"{_named(here.tag)}[{before + 1}]" if several else _named(here.tag))
        here = here.getparent()
    return "/" + "/".join(reversed(steps))


# --------------------------------------------------------------------------- the schemas

_BY_SCHEMA = "is not as the schema has it: "


class _Said(Protocol):
    """What the schema's judge says of one place."""

    path: str | None
    message: str | None


@cache
def schema() -> etree.XMLSchema:
    """The schema of an order, with what it needs of NIEM's."""
    return etree.XMLSchema(etree.parse(_SCHEMAS / "order.xsd", etree.XMLParser(no_network=True)))


def _against_schema(root: Element, form: Form) -> list[Fault]:
    """What the schema finds beyond our own check: elements in another order, and values of another type."""
    judge = schema()
    if judge.validate(root):
        return []
    first: dict[str, _Said] = {}
    for entry in cast("Iterable[_Said]", judge.error_log):  # lxml's stubs do not say so
        first.setdefault(entry.path or "/*", entry)
    spaces = {prefix: uri for one in root.iter() for prefix, uri in one.nsmap.items() if prefix}
    told = sorted(first.items())[:SCHEMA_FAULTS_MAX]
    return [_of_schema(_at(path, root, spaces), entry, form) for path, entry in told]


def _at(path: str, root: Element, spaces: Mapping[str, str]) -> str:
    """Our path of an element that the schema's judge names by its own, in the prefixes of the document."""
    found: object = None
    with suppress(etree.XPathError):
        found = root.getroottree().xpath(path, namespaces=dict(spaces))
    return (
        place(found[0]) if isinstance(found, list) and found and isinstance(found[0], Element) else f"/{ROOT}"
    )


def _of_schema(at: str, entry: _Said, form: Form) -> Fault:
    bare = re.sub(r"\[[0-9]+\]", "", at).removeprefix(f"/{ROOT}/")
    code = next((c for c, full in PATHS.items() if bare == full or bare.startswith(f"{full}/")), "TEXT")
    words = _NAMESPACE.sub("", entry.message or "").partition(": ")[2] or "it is not valid"
    return Fault(code if form.field(code) else "TEXT", f"{_BY_SCHEMA}{' '.join(words.split())[:200]}", "", at)


# --------------------------------------------------------------------------- writing


def write(message: Message, catalogue: Catalogue) -> str:
    """The one XML text of a message; `read(write(message))` gives the message again."""
    return as_text(element_of(message, catalogue))


def as_text(root: Element) -> str:
    """An element as a document."""
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True).decode()


def element_of(message: Message, catalogue: Catalogue) -> Element:
    """The element of a message. Fields that no place is declared for are left out: they are of a record's life."""
    form = catalogue.forms[message.key]
    root = etree.Element(_tag(ROOT), nsmap={**NAMESPACES, "xsi": XSI})
    if message.key != next(iter(forms_of(catalogue)), ""):
        etree.SubElement(root, _tag(KEY)).text = message.key
    for code, path in PATHS.items():
        field = form.field(code)
        for value in message.all(code) if field is not None else ():
            assert field is not None, "a value has a field"
            _put(root, field, path, value)
    return root


def _put(root: Element, field: Field, path: str, value: str) -> None:
    steps = path.split("/")
    alone = field.many > 1 and steps[-1] in _WRAPS  # a value has the element above its own to itself
    shared = steps[:-2] if alone else steps[:-1]
    above = root
    for step in shared:
        above = _inside(above, step)
    for step in steps[len(shared) :]:
        above = etree.SubElement(above, _tag(step))
    if code_pieces := PIECES.get(field.code):
        kinds = {piece.name: piece.kind for piece in pieces(field.kind)}
        said = apart(field.kind, value)
        for name, inner in code_pieces.items():
            if name in said:
                leaf = above
                for step in inner.split("/"):
                    leaf = _inside(leaf, step)
                _fill(leaf, kinds[name], said[name])
        return
    _fill(above, field.kind, value)


def _inside(above: Element, name: str) -> Element:
    """The child of that name, made where there is none."""
    found = above.find(_tag(name))
    return etree.SubElement(above, _tag(name)) if found is None else found


def _fill(leaf: Element, kind: Kind, value: str) -> None:
    """Put a canonical value into its element, as the element's type writes it."""
    if value == _said_by_nil(kind):
        leaf.set(_NIL, "true")
    elif isinstance(kind, PersonName):
        last, first, middle, suffix = parts(value)
        for name, text in (("given", first), ("middle", middle), ("sur", last), ("suffix", suffix)):
            if text:
                etree.SubElement(leaf, _tag(NAME_PIECES[name])).text = text
    elif isinstance(kind, Code) and kind.table in _FLAGS:
        leaf.text = "true" if value == "Y" else "false"
    elif isinstance(kind, Day):
        leaf.text = f"{value[:4]}-{value[4:6]}-{value[6:]}"
    elif isinstance(kind, Hour):
        leaf.text = f"{value[:2]}:{value[2:]}:00"
    else:
        leaf.text = str(int(value)) if isinstance(kind, Number) else value
