"""Writes what became of an order that came as XML: the record as it stands, or every fault with its element."""

from __future__ import annotations

import msgspec
from lxml import etree

from wireroom.catalog.index import Catalogue
from wireroom.message.envelope import Fault, Message
from wireroom.message.niem import XSI, as_text, element_of
from wireroom.message.niem_map import ANSWER, NAMESPACES

_ORDER = f"{{{NAMESPACES['order']}}}"


class Became(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a document."""

    state: str  # "accepted", or the code of the trouble
    text: str  # in words for a person
    number: str = ""  # of the transaction in the journal
    status: str = ""
    owner: str = ""
    worked_out: tuple[str, ...] = ()  # the fields that the document left out and the state filled
    faults: tuple[Fault, ...] = ()
    record: Message | None = None  # as it stands now


def write_answer(became: Became, catalogue: Catalogue) -> str:
    """The answer as a document of the same namespace."""
    root = etree.Element(f"{_ORDER}{ANSWER.partition(':')[2]}", nsmap={**NAMESPACES, "xsi": XSI})
    said = (
        ("AnswerStateCode", became.state), ("AnswerText", became.text), ("TransactionID", became.number),
        ("RecordStatusCode", became.status), ("RecordOwnerID", became.owner),
        *(("WorkedOutFieldCode", code) for code in became.worked_out),
    )  # fmt: skip
    for name, text in said:
        if text:
            etree.SubElement(root, f"{_ORDER}{name}").text = _plain(text)
    for fault in became.faults:
        one = etree.SubElement(root, f"{_ORDER}Fault")
        told = (
            ("FaultFieldCode", fault.field),
            ("FaultElementText", fault.at),
            ("FaultReasonText", fault.reason),
        )
        for name, text in told:
            etree.SubElement(one, f"{_ORDER}{name}").text = _plain(text)
    if became.record is not None:
        root.append(element_of(became.record, catalogue))
    return as_text(root)


def _plain(text: str) -> str:
    """Text that may stand in XML, whatever a document said: what cannot be printed is a blank."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)
