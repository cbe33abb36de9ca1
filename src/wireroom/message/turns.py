"""Whose turn it is: what waits in one place, in an order and a measure that are fair to every agency."""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import Generic, TypeVar

import msgspec

from wireroom.catalog.file import Verb

Item = TypeVar("Item")

# What somebody in the field, or with a hit in hand, waits for: it comes before the upkeep of records and before mail.
PRESSING = frozenset({Verb.INQUIRE, Verb.CONFIRM, Verb.REPLY})
PRESSING_IN_A_ROW = 3  # then one of the rest, where both wait


class Whose(msgspec.Struct, frozen=True, gc=False):
    """On whose account something waits."""

    agency: str = ""  # its ORI; empty: the house itself
    terminal: str = ""
    pressing: bool = True  # somebody in the field waits for it


HOUSE = Whose()


class _Side:
    """Terminals' lines in the order of their turns: agencies one after the other, and within each its terminals."""

    __slots__ = ("_agencies", "_ring")

    def __init__(self) -> None:
        self._ring: deque[str] = deque()
        self._agencies: dict[str, deque[str]] = {}

    def __bool__(self) -> bool:
        return bool(self._ring)

    def stand(self, agency: str, terminal: str) -> None:
        terminals = self._agencies.get(agency)
        if terminals is None:
            self._agencies[agency] = deque((terminal,))
            self._ring.append(agency)
        else:
            terminals.append(terminal)

    def next(self) -> tuple[str, str]:
        agency = self._ring.popleft()
        terminals = self._agencies[agency]
        terminal = terminals.popleft()
        if terminals:
            self._ring.append(agency)
        else:
            del self._agencies[agency]
        return agency, terminal


class Turns(Generic[Item]):
    """What waits. Agencies take turns, and within an agency its terminals; a turn is one item.

    A terminal's own items stay in their order. What is first in its line says where the line stands: with what is
    pressing, or with the rest. Where both wait, of every four turns three are for what is pressing, so neither starves.
    So whoever has nothing waiting is served after at most one item of each other agency on that side, however much
    those have put in. Each step costs the same whatever waits.
    """

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], deque[tuple[Item, bool]]] = {}
        self._pressing, self._rest = _Side(), _Side()
        self._in_a_row = 0
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def put(self, item: Item, whose: Whose) -> None:
        """One more that waits."""
        place = whose.agency, whose.terminal
        line = self._lines.get(place)
        if line is None:
            self._lines[place] = deque(((item, whose.pressing),))
            (self._pressing if whose.pressing else self._rest).stand(*place)
        else:
            line.append((item, whose.pressing))
        self._length += 1

    def take(self) -> Item:
        """The next one. Raises IndexError where nothing waits."""
        place = self._side().next()
        line = self._lines[place]
        item, _ = line.popleft()
        if line:
            (self._pressing if line[0][1] else self._rest).stand(*place)
        else:
            del self._lines[place]
        self._length -= 1
        return item

    def _side(self) -> _Side:
        if not self._rest:
            return self._pressing
        if self._pressing and self._in_a_row < PRESSING_IN_A_ROW:
            self._in_a_row += 1
            return self._pressing
        self._in_a_row = 0
        return self._rest


class Space(Enum):
    """Whether there is space for one more."""

    FREE = 0
    AGENCY_FULL = 1  # this agency has its measure; others find space
    FULL = 2


class Room:
    """How much may wait in all, and how much of it on one agency's account.

    An agency may hold `share` times what is free. With a share of 1 a single one fills half, two a third each, and
    so on: there is always space left for whoever holds little. The house's own is counted apart.
    """

    def __init__(self, places: int, share: float) -> None:
        self.places, self.share = places, share
        self._held: dict[str, int] = {}
        self._all = 0

    def space(self, agency: str) -> Space:
        """Whether there is space for one more of an agency's; of the house's own, where `agency` is empty."""
        held = self._held.get(agency, 0)
        if not agency:
            return Space.FREE if held < self.places else Space.FULL
        free = self.places - self._all
        if free <= 0:
            return Space.FULL
        return Space.AGENCY_FULL if held >= max(1.0, self.share * free) else Space.FREE

    def enter(self, agency: str, many: int = 1) -> Space:
        """Takes space where there is some, and then says so; `many` that come together are let in together."""
        space = self.space(agency)
        if space is Space.FREE:
            self._held[agency] = self._held.get(agency, 0) + many
            self._all += many if agency else 0
        return space

    def leave(self, agency: str, many: int = 1) -> None:
        """Gives space back."""
        left = self._held[agency] - many
        assert left >= 0, f"more left the room than was in it, on the account of {agency or 'the house'}"
        self._all -= many if agency else 0
        if left:
            self._held[agency] = left
        else:
            del self._held[agency]
