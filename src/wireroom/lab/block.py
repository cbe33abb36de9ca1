"""A thousand invented people and what they have: the piece in which a state is made."""

from __future__ import annotations

import msgspec

from wireroom.lab.dmv import Vehicle
from wireroom.lab.people import Person

BLOCK_PEOPLE, BLOCK_VEHICLES, BLOCK_LICENCES = 1_000, 800, 600


class Block(msgspec.Struct, frozen=True):
    """A thousand people (the last block may have fewer) and what they have."""

    index: int
    people: tuple[Person, ...]
    adults: tuple[int, ...]  # places in `people`
    licensed: tuple[int, ...]  # places in `people`, in the order of their licence numbers
    vehicles: tuple[Vehicle, ...]
