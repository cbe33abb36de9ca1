"""Cuts the schemas of an order out of NIEM's published ones, and writes our own beside them.

    python -m tests.niem_schemas FOLDER

FOLDER holds niem-core.xsd, domains/justice.xsd, utility/structures.xsd and adapters/niem-xs.xsd of NIEM 6.0. What is
written to src/wireroom/message/xsd keeps NIEM's names, types and order, and leaves out whatever no field needs.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

from lxml import etree

from wireroom.catalog.file import Field
from wireroom.catalog.index import Catalogue
from wireroom.catalog.kinds import Code, Number
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.catalog.kinds_of_time import Day, Hour
from wireroom.message.document import forms_of
from wireroom.message.niem_map import (
    ANSWER,
    KEY,
    NAME_PIECES,
    NAMESPACES,
    PATHS,
    PIECES,
    ROOT,
    STANDS_FOR,
)

OUT = Path(__file__).parents[1] / "src/wireroom/message/xsd"
MODEL = "https://docs.oasis-open.org/niemopen/ns/model/"
MORE = {"structures": f"{MODEL}structures/6.0/", "niem-xs": f"{MODEL}adapters/niem-xs/6.0/"}
FILES = {"nc": "niem-core.xsd", "j": "domains/justice.xsd", "structures": "utility/structures.xsd",
         "niem-xs": "adapters/niem-xs.xsd"}  # fmt: skip
XS = "http://www.w3.org/2001/XMLSchema"
LICENCE = (
    " Cut from NIEM 6.0, copyright OASIS Open and the NIEMOpen project, CC BY 4.0; changed: whatever an order of "
    "Wireroom does not need is left out. Written by tests/niem_schemas.py. "
)


def xs(name: str) -> str:
    return f"{{{XS}}}{name}"


class Model:
    """NIEM's own schemas, and what of them is needed."""

    def __init__(self, folder: Path) -> None:
        self.roots = {prefix: etree.parse(folder / name).getroot() for prefix, name in FILES.items()}
        self.elements = {
            f"{prefix}:{one.get('name')}": one
            for prefix, root in self.roots.items()
            for one in root.findall(xs("element"))
        }
        self.types = {
            f"{prefix}:{one.get('name')}": one
            for prefix, root in self.roots.items()
            for kind in ("complexType", "simpleType")
            for one in root.findall(xs(kind))
        }
        self.needed: set[str] = set()
        self.needed_types: set[str] = set()

    def need(self, name: str) -> None:
        """An element, what it stands for, its type, and all that this derives from."""
        if name in self.needed:
            return
        if name in STANDS_FOR:
            self.need(STANDS_FOR[name])
            return
        if name.startswith("order:"):
            return
        self.needed.add(name)
        one = self.elements[name]
        if head := one.get("substitutionGroup"):
            self.need(head)
        if one.get("type"):
            self.need_type(str(one.get("type")))

    def need_type(self, name: str) -> None:
        if name in self.needed_types or name not in self.types:
            return
        self.needed_types.add(name)
        for one in self.types[name].iter(xs("extension"), xs("restriction")):
            self.need_type(str(one.get("base")))

    def cut(self, prefix: str) -> etree._Element:
        """One schema with what is needed of it."""
        spaces = {p: NAMESPACES[p] for p in ("nc", "j")} | MORE | {"xs": XS}
        root = etree.Element(xs("schema"), nsmap=spaces)
        target = {**NAMESPACES, **MORE}[prefix]
        root.set("targetNamespace", target)
        root.set("version", "6.0")
        root.append(etree.Comment(LICENCE))
        for other, file in (("nc", "niem-core"), ("niem-xs", "niem-xs"), ("structures", "structures")):
            if other != prefix and not (prefix == "nc" and other == "nc"):
                if prefix in ("niem-xs",) and other != "structures":
                    continue
                etree.SubElement(root, xs("import"), namespace={**NAMESPACES, **MORE}[other],
                                 schemaLocation=f"{file}.xsd")  # fmt: skip
        for one in self.roots[prefix]:
            if not isinstance(one.tag, str):
                continue
            name = f"{prefix}:{one.get('name')}"
            if (one.tag == xs("element") and name in self.needed) or name in self.needed_types:
                copy = etree.fromstring(etree.tostring(one))
                self._trim(copy)
                root.append(copy)
        etree.cleanup_namespaces(root, keep_ns_prefixes=["xs", *FILES])
        etree.indent(root)
        return root

    def _trim(self, copy: etree._Element) -> None:
        for sequence in copy.iter(xs("sequence")):
            for one in list(sequence):
                if isinstance(one.tag, str) and one.get("ref") not in self.needed:
                    sequence.remove(one)
        for one in list(copy.iter(xs("attribute"))):
            if not str(one.get("ref", "")).startswith("structures:"):
                one.getparent().remove(one)  # type: ignore[union-attr]  # of lists of codes and of languages, which nobody sends
        for one in list(copy.iter(xs("sequence"))):
            if len(one) == 0:
                one.getparent().remove(one)  # type: ignore[union-attr]


def ours(fields: dict[str, Field]) -> etree._Element:
    """The schema of our own names: each container from the paths below it, each leaf by the kind of its field."""
    spaces = {
        "order": NAMESPACES["order"],
        **{p: NAMESPACES[p] for p in ("nc", "j", "ncic")},
        **MORE,
        "xs": XS,
    }
    root = etree.Element(xs("schema"), nsmap=spaces)
    root.set("targetNamespace", NAMESPACES["order"])
    root.set("version", "1")
    root.append(
        etree.Comment(" Wireroom's own names for what NIEM lacks. Written by tests/niem_schemas.py. ")
    )
    for prefix, file in (("nc", "niem-core"), ("j", "justice"), ("ncic", "ncic"), ("structures", "structures"),
                         ("niem-xs", "niem-xs")):  # fmt: skip
        etree.SubElement(root, xs("import"), namespace={**NAMESPACES, **MORE}[prefix],
                         schemaLocation=f"{file}.xsd")  # fmt: skip
    children = _children(fields)
    for name, inner in children.items():
        if name.startswith("order:") and inner:
            _container(root, name, inner)
    for name, type_ in _leaves(fields).items():
        _element(root, name, type_)
    _answer(root, children[ROOT])
    etree.indent(root)
    return root


def _children(fields: dict[str, Field]) -> dict[str, dict[str, int]]:
    """The children of every element, in the order of the table, with how many there may be of each."""
    found: dict[str, dict[str, int]] = {ROOT: {KEY: 1}}
    for code, path in PATHS.items():
        ways = [path, *(f"{path}/{more}" for more in PIECES.get(code, {}).values())]
        for way in ways:
            steps = [ROOT, *way.split("/")]
            for above, below in pairwise(steps):
                repeats = below == path.split("/")[-1] and fields[code].many > 1
                inner = found.setdefault(above, {})
                many = fields[code].many if repeats or _repeated_step(path, below, fields[code]) else 1
                inner[below] = max(inner.get(below, 1), many)
    return found


def _repeated_step(path: str, step: str, field: Field) -> bool:
    """Whether a step is the one of which there is one for each value: of ours the last, or the one before a leaf."""
    return field.many > 1 and step in path.split("/")[-2:] and step.startswith("order:") and (
        "Augmentation" not in step)  # fmt: skip


def _leaves(fields: dict[str, Field]) -> dict[str, str]:
    """Our own elements that hold no elements of ours, and their types."""
    found = {KEY: "niem-xs:string"}
    for code, path in PATHS.items():
        steps = path.split("/")
        kind = fields[code].kind
        if steps[-1] == "nc:Date" and steps[-2].startswith("order:"):
            found[steps[-2]] = "nc:DateType"
        elif steps[-1] == "nc:IdentificationID" and steps[-2].startswith("order:"):
            found[steps[-2]] = "nc:IdentificationType"
        elif steps[-1].startswith("order:") and code not in PIECES:
            found[steps[-1]] = _type_of(kind)
    found["order:RelationshipCode"] = found["order:StayAwayPlaceCode"] = "niem-xs:string"
    found["order:HouseholdIndicator"] = "niem-xs:boolean"
    found["order:StayAwayYardsQuantity"] = "niem-xs:integer"
    return found


def _type_of(kind: object) -> str:
    if isinstance(kind, PersonName):
        return "nc:PersonNameType"
    if isinstance(kind, Code) and kind.table in ("yes_no", "yes_no_unknown"):
        return "niem-xs:boolean"
    if isinstance(kind, Hour):
        return "niem-xs:time"
    if isinstance(kind, Day):
        return "niem-xs:date"
    return "niem-xs:integer" if isinstance(kind, Number) else "niem-xs:string"


def _element(root: etree._Element, name: str, type_: str) -> None:
    one = etree.SubElement(root, xs("element"), name=name.partition(":")[2], type=type_, nillable="true")
    if name in STANDS_FOR:
        one.set("substitutionGroup", STANDS_FOR[name])
        one.attrib.pop("nillable")


def _container(root: etree._Element, name: str, inner: dict[str, int]) -> None:
    if all(not one.startswith("order:") for one in inner) and name != ROOT:
        return  # of one of NIEM's own types
    plain = name.partition(":")[2]
    of = etree.SubElement(root, xs("complexType"), name=f"{plain}Type")
    base = "structures:AugmentationType" if name in STANDS_FOR else "structures:ObjectType"
    content = etree.SubElement(of, xs("complexContent"))
    sequence = etree.SubElement(etree.SubElement(content, xs("extension"), base=base), xs("sequence"))
    for one, many in inner.items():
        etree.SubElement(sequence, xs("element"), ref=one, minOccurs="0", maxOccurs=str(many))
    _element(root, name, f"order:{plain}Type")


def _answer(root: etree._Element, message: dict[str, int]) -> None:
    """What an answer holds: how it went, the record as it stands, and every fault."""
    said = {"AnswerStateCode": "string", "AnswerText": "string", "TransactionID": "string", "FaultFieldCode": "string",
            "FaultElementText": "string", "FaultReasonText": "string", "WorkedOutFieldCode": "string",
            "RecordStatusCode": "string", "RecordOwnerID": "string"}  # fmt: skip
    for name, type_ in said.items():
        etree.SubElement(root, xs("element"), name=name, type=f"niem-xs:{type_}")
    fault = ("order:FaultFieldCode", "order:FaultElementText", "order:FaultReasonText")
    _container(root, "order:Fault", dict.fromkeys(fault, 1))
    inner = {"order:AnswerStateCode": 1, "order:AnswerText": 1, "order:TransactionID": 1, "order:RecordStatusCode": 1,
             "order:RecordOwnerID": 1, "order:WorkedOutFieldCode": 100, "order:Fault": 1000, ROOT: 1}  # fmt: skip
    _container(root, ANSWER, inner)


def stand_in() -> etree._Element:
    """NCIC's code elements by NIEM's names. Their codes are not listed: the catalogue's own tables judge them."""
    spaces = {p: NAMESPACES[p] for p in ("nc", "j", "ncic")} | {"niem-xs": MORE["niem-xs"], "xs": XS}
    root = etree.Element(xs("schema"), nsmap=spaces)
    root.set("targetNamespace", NAMESPACES["ncic"])
    root.append(etree.Comment(LICENCE))
    for prefix, file in (("nc", "niem-core"), ("j", "justice"), ("niem-xs", "niem-xs")):
        etree.SubElement(root, xs("import"), namespace={**NAMESPACES, **MORE}[prefix],
                         schemaLocation=f"{file}.xsd")  # fmt: skip
    for name, head in STANDS_FOR.items():
        if name.startswith("ncic:"):
            etree.SubElement(root, xs("element"), name=name.partition(":")[2], type="niem-xs:token",
                             substitutionGroup=head, nillable="true")  # fmt: skip
    etree.indent(root)
    return root


def fields_of(catalogue: Catalogue) -> dict[str, Field]:
    """Every field of the messages about orders of courts, by its code."""
    return {
        field.code: field for form in reversed(list(forms_of(catalogue).values())) for field in form.fields
    }


def main(folder: Path) -> None:
    model = Model(folder)
    for code, path in PATHS.items():
        for name in path.split("/"):
            model.need(name)
        for more in PIECES.get(code, {}).values():
            for name in more.split("/"):
                model.need(name)
    for name in NAME_PIECES.values():
        model.need(name)
    for name in ("structures:ObjectType", "structures:AugmentationType"):
        model.need_type(name)
    for name in ("string", "boolean", "time", "date", "integer", "token"):
        model.need_type(f"niem-xs:{name}")
    OUT.mkdir(exist_ok=True)
    made = {
        "niem-core": model.cut("nc"),
        "justice": model.cut("j"),
        "niem-xs": model.cut("niem-xs"),
        "structures": model.roots["structures"],
        "ncic": stand_in(),
        "order": ours(fields_of(Catalogue())),
    }
    for name, root in made.items():
        if name == "structures":
            root.insert(0, etree.Comment(LICENCE))
        text = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
        (OUT / f"{name}.xsd").write_bytes(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
