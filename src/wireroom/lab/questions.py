"""What simulated stations ask: texts of a named mix, with keys drawn evenly over the invented state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

from wireroom.catalog.file import Source
from wireroom.catalog.files.gun_history import GUN_HISTORY
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.lab.block import Block
from wireroom.lab.people import Person
from wireroom.lab.population import State
from wireroom.lab.reserved import LICENCES_MAX, PLATES_MAX

# Percent of each kind of text.
MIXES: dict[str, dict[str, int]] = {
    "numbers": {"plate": 60, "licence": 30, "message": 10},
    "field": {"plate": 44, "name": 33, "licence": 14, "message": 5, "gun": 2, "history": 1, "supervised": 1},
}
_BLOCKS_OF_NAMES_MAX = 16


class Questions:
    """Draws one text after another. Numbers come from the whole state, names from 16 blocks of it at most.

    `absent` is the share of keys that are in no file. `addresses` are the terminals that messages go to.
    """

    def __init__(
        self,
        state: State,
        mix: str,
        dice: Random,
        *,
        absent: float,
        addresses: Sequence[str],
        purpose: str = "",
    ) -> None:
        if mix not in MIXES:
            raise ValueError(f"there is no mix {mix!r}; choose one of {', '.join(MIXES)}")
        if not 0 <= absent <= 1:
            raise ValueError(f"the absent share is from 0 to 1, not {absent}")
        self._state, self._dice, self._absent = state, dice, absent
        self._addresses = tuple(addresses)
        self._purpose = f".PUR/{purpose}" if purpose else ""
        self._messages = 0
        writers: dict[str, Callable[[], str]] = {
            "plate": self._plate,
            "licence": self._licence,
            "name": self._name,
            "message": self._message,
            "gun": self._gun,
            "history": self._history,
            "supervised": self._supervised,
        }
        self._kinds = tuple(
            (kind, writers[kind]) for kind, percent in MIXES[mix].items() for _ in range(percent)
        )
        self._people, self._guns = self._some() if "name" in MIXES[mix] else ((), ())

    def draw(self) -> tuple[str, str]:
        """The kind of a text, and the text."""
        kind, write = self._kinds[int(self._dice.random() * 100)]
        return kind, write()

    def _is_absent(self) -> bool:
        return self._dice.random() < self._absent

    def _plate(self) -> str:
        state = self._state
        low, high = (state.vehicles, PLATES_MAX) if self._is_absent() else (0, state.vehicles)
        return f"QV.LIC/{state.plate(self._dice.randrange(low, high))}.LIS/CA{self._purpose}"

    def _licence(self) -> str:
        state = self._state
        beyond = min(LICENCES_MAX, max(10**7, state.licences + 10**6))
        low, high = (state.licences, beyond) if self._is_absent() else (0, state.licences)
        return f"QW.OLN/{state.licence(self._dice.randrange(low, high))}{self._purpose}"

    def _name(self) -> str:
        name, born, sex = self._people[int(self._dice.random() * len(self._people))]
        if self._is_absent():
            name = PersonName().invent(self._dice, self._state.today)
        return f"QW.NAM/{name}.DOB/{born}.SEX/{sex}{self._purpose}"

    def _supervised(self) -> str:
        """A name again, as it is asked at a stop; few of those who are asked for are supervised."""
        return self._name().replace("QW.", "QVC.", 1)

    def _history(self) -> str:
        """A licence again; one driver in twelve has a history."""
        return self._licence().replace("QW.", "KQ.", 1)

    def _gun(self) -> str:
        """A gun that was sold; the absent one's number is of a series that no thing has."""
        gun = f"ZY{self._dice.randrange(10**7):07d}" if self._is_absent() else self._dice.choice(self._guns)
        return f"QG.SER/{gun}{self._purpose}"

    def _message(self) -> str:
        self._messages += 1
        to = self._addresses[int(self._dice.random() * len(self._addresses))]
        return f"AM.TO/{to}.TXT/THIS IS A TEST MESSAGE. LOAD {self._messages:07d}, INVENTED."

    def _some(self) -> tuple[tuple[tuple[str, str, str], ...], tuple[str, ...]]:
        """Names, birth dates and sexes of people, and numbers of guns, of the same blocks."""
        state = self._state
        indexes = self._dice.sample(range(state.blocks), min(state.blocks, _BLOCKS_OF_NAMES_MAX))
        blocks = [state.block(index) for index in indexes]
        people = tuple(
            (person.name, person.born, person.sex[1]) for block in blocks for person in _licensed(block)
        )
        guns = (
            dict(record.fields)["SER"]
            for block in blocks
            for record in state.records(block, (Source.STATE,))
            if record.file == GUN_HISTORY.code
        )
        return people, tuple(guns)


def _licensed(block: Block) -> Iterator[Person]:
    """Those who are in a file for certain: who has neither licence nor vehicle is in none."""
    return (block.people[place] for place in block.licensed)
