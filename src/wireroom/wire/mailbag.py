"""What a station was delivered: given out once, however often the switch has to send it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable

from wireroom.message.answer import Delivery
from wireroom.wire.framing import Frame
from wireroom.wire.payload import NUMBERS_MAX, Ack, Kind, write

_REMEMBERED = 4_096  # deliveries given out, to know one that comes twice


class _Given:
    """One delivery that was given out, without its text."""

    __slots__ = ("acknowledged", "content")

    def __init__(self, content: int) -> None:
        self.content = content
        self.acknowledged = False


class Mailbag:
    """Outlives the lines. None at the end of the queue says that no more will come."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Delivery | None] = asyncio.Queue()
        self._given: OrderedDict[int, _Given] = OrderedDict()
        self._to_say: list[int] = []

    def take(self, delivery: Delivery) -> None:
        """One delivery from the switch. What was given out before is not given out again."""
        # A partner that starts anew may count from one again, so the same number alone proves nothing.
        content = hash((delivery.transaction, delivery.key, delivery.part, delivery.at, delivery.text))
        given = self._given.get(delivery.number)
        if given is not None and given.content == content:
            if given.acknowledged:  # the switch did not hear it before the line broke
                self._to_say.append(delivery.number)
            return
        self._given[delivery.number] = _Given(content)
        self._given.move_to_end(delivery.number)
        if len(self._given) > _REMEMBERED:
            self._given.popitem(last=False)
        self.queue.put_nowait(delivery)

    def acknowledge(self, numbers: Iterable[int]) -> None:
        """These were shown or stored."""
        for number in numbers:
            given = self._given.get(number)
            if given is not None:
                given.acknowledged = True
            self._to_say.append(number)

    def release(self, numbers: Iterable[int]) -> None:
        """These were not handed over after all: they are given out again when they come again."""
        for number in numbers:
            self._given.pop(number, None)

    def new_line(self) -> None:
        """The switch knows nothing of what was given on the old line: it sends again, and is told then."""
        self._to_say.clear()

    @property
    def has_to_say(self) -> bool:
        """Whether there are acknowledgements for the switch."""
        return bool(self._to_say)

    def say(self) -> list[Frame]:
        """The acknowledgements for the switch, once."""
        numbers, self._to_say = self._to_say, []
        places = range(0, len(numbers), NUMBERS_MAX)
        return [write(Kind.ACK, Ack(tuple(numbers[place : place + NUMBERS_MAX]))) for place in places]
