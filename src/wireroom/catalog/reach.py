"""How far an address reaches, and how each is written: a terminal, an agency, a county, a group, a region, all."""

from __future__ import annotations

import re
from enum import IntEnum

from wireroom.catalog.tables import table

STATEWIDE = "STATEWIDE"  # nine letters, like an ORI: no agency may be called so
COUNTY, GROUP, REGION = "CO-", "GRP-", "REG-"
GROUP_NAME = "[A-Z][A-Z0-9]{1,11}"
_MNEMONIC = re.compile(r"[A-Z0-9]{4}", re.ASCII)
_ORI = re.compile(r"[A-Z]{2}[A-Z0-9]{7}", re.ASCII)
_GROUP = re.compile(rf"{GROUP}{GROUP_NAME}", re.ASCII)
_COUNTY = re.compile(r"CO-0?([0-9]{2})", re.ASCII)
LENGTH_MAX = len(GROUP) + 12


class Reach(IntEnum):
    """How far: each of these is wider than the one before it.

    A county is narrower than a group, whose members may be anywhere: what the law tells an agency to say in its own
    county is no reason to say it elsewhere.
    """

    TERMINAL = 0
    AGENCY = 1
    COUNTY = 2
    GROUP = 3
    REGION = 4
    STATE = 5


WORDS = {
    Reach.TERMINAL: "a terminal",
    Reach.AGENCY: "an agency",
    Reach.COUNTY: "a county",
    Reach.GROUP: "a group",
    Reach.REGION: "a region",
    Reach.STATE: "the whole state",
}


def canonical(text: str, *, wide: bool) -> str:
    """The one form of an address, of what people write in capitals; empty where it is none."""
    if _MNEMONIC.fullmatch(text) or (_ORI.fullmatch(text) and text != STATEWIDE):
        return text
    if not wide:
        return ""
    if text == STATEWIDE or _GROUP.fullmatch(text):
        return text
    if found := _COUNTY.fullmatch(text):
        return f"{COUNTY}0{found[1]}" if found[1] in table("county_region") else ""
    return text if text.startswith(REGION) and name_of(text) in table("region") else ""


def reach_of(address: str) -> Reach:
    """How far a canonical address reaches."""
    if address == STATEWIDE:
        return Reach.STATE
    for beginning, reach in ((COUNTY, Reach.COUNTY), (GROUP, Reach.GROUP), (REGION, Reach.REGION)):
        if address.startswith(beginning):
            return reach
    return Reach.TERMINAL if len(address) == 4 else Reach.AGENCY


def name_of(address: str) -> str:
    """What an address names, without what says how far it reaches: 099, SIERRA, 1A."""
    return address.partition("-")[2] or address


def region_of(county: str) -> str:
    """The region of a county of two or three digits; empty where there is no such county."""
    row = table("county_region").get(county[-2:])
    return row.meaning if row else ""


def spoken(address: str) -> str:
    """An address as it stands in a sentence."""
    reach, name = reach_of(address), name_of(address)
    if reach is Reach.STATE:
        return "every agency of the state"
    if reach is Reach.REGION:
        return f"region {name}"
    if reach is Reach.COUNTY:
        return f"county {name}"
    return f"the group {name}" if reach is Reach.GROUP else address
