"""Whom a message reaches: its addresses as terminals, each once, or what is wrong with them."""

from __future__ import annotations

from wireroom.catalog.file import Notice, Verb
from wireroom.catalog.reach import Reach, name_of, reach_of
from wireroom.message.envelope import Fault, Message, Seat
from wireroom.message.reply import wording
from wireroom.policy.directory import Directory

TERMINALS_MAX = 5_000  # one message reaches no more: its deliveries share one commit


def addressed(
    message: Message, notice: Notice, directory: Directory, seat: Seat
) -> tuple[tuple[str, ...], list[Fault]]:
    """The terminals that a message goes to, or every fault of its addresses.

    A terminal that several addresses reach gets it once. The sender's own gets it only where it is named.
    """
    found: dict[str, None] = {}
    faults = []
    addresses = message.all(notice.to) if notice.to else ()
    reach = directory.reach if notice.verb is Verb.MESSAGE else directory.desks
    for address in addresses:
        terminals = reach(address, test=seat.test)
        found.update(dict.fromkeys(terminals))
        if not terminals:
            faults.append(Fault(notice.to, _nobody(address, directory), address))
    if notice.verb is Verb.MESSAGE and seat.terminal in found and seat.terminal not in addresses:
        del found[seat.terminal]
        if not found and not faults:
            faults.append(Fault(notice.to, wording()["switch.only_yourself"]))
    if len(found) > TERMINALS_MAX:
        faults.append(Fault(notice.to, f"reaches {len(found):,} terminals, and one message at most {TERMINALS_MAX:,}: "
                                       "send it to one county or region after the other"))  # fmt: skip
    return tuple(found), faults


def _nobody(address: str, directory: Directory) -> str:
    """Why an address reaches no terminal."""
    if reach_of(address) <= Reach.AGENCY:
        return wording()["switch.unknown_address"]
    if reach_of(address) is Reach.GROUP and name_of(address) not in directory.groups:
        return wording()["switch.unknown_group"]
    return wording()["switch.nobody_there"]


def courtesy(message: Message, directory: Directory, *, test: bool) -> list[Fault]:
    """What is wrong with the agency that a record is entered for: a record belongs to one that can keep it.

    A live record is no training agency's, and word of it goes to a terminal of its owner and nobody else.
    """
    owner, terminal = message.get("CTA"), message.get("CTM")
    agency = directory.agencies.get(owner)
    if owner and (agency is None or (agency.test and not test)):
        return [Fault("CTA", wording()["switch.unknown_address"], owner)]
    if owner and terminal and terminal != owner and directory.ori_of(terminal) != owner:
        return [Fault("CTM", "is not a terminal of the agency in CTA", terminal)]
    return []
