"""What an agency's device management says at the API: who it is, and that it stands in the journal before it counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from wireroom.app.interfaces import speaker
from wireroom.app.keys import Keys
from wireroom.journal.tags import Tag
from wireroom.policy.directory import Book
from wireroom.policy.posture import BadClaims, Claim, Postures, Taken
from wireroom.switch.transaction import Switch
from wireroom.switch.work import Note
from wireroom.web.house import Refusal
from wireroom.web.trouble import INTERFACE

NOT_THE_MANAGEMENT = (
    "No device management of your agency speaks at this terminal; see `wireroom device management declare`."
)


class AppPostures:
    """Takes measurements of one agency's devices."""

    def __init__(
        self, switch: Switch, postures: Postures, book: Book, keys: Keys, clock: Callable[[], datetime]
    ) -> None:
        self._switch, self._postures, self._book, self._keys = switch, postures, book, keys
        self._clock = clock

    async def take(self, terminal: str, secret: str, peer: str, claims: Sequence[Claim]) -> Taken | Refusal:
        """What was measured. Raises BadClaims; what is refused is written down as well."""
        seat = await speaker(self._switch, self._book, self._keys, (terminal, secret), peer, "posture")
        if isinstance(seat, Refusal):
            return seat
        declared = await self._postures.management(seat.ori)
        if declared is None or declared.terminal != terminal:
            detail: dict[str, object] = {
                "cause": "not the device management",
                "peer": peer,
                "door": "posture",
            }
            await self._switch.note(
                Note(tag=Tag.SESSION_REFUSED, ori=seat.ori, terminal=terminal, detail=detail)
            )
            return Refusal(reason=NOT_THE_MANAGEMENT, code=INTERFACE)
        told = [[one.device.lower(), one.at.isoformat(), *_lacks(one)] for one in claims]
        try:
            await self._note(seat.ori, terminal, {"claims": told, "peer": peer})
            return await self._postures.take(seat.ori, claims, self._clock())
        except BadClaims as error:
            await self._note(seat.ori, terminal, {"refused": str(error), "peer": peer})
            raise

    async def _note(self, ori: str, terminal: str, detail: dict[str, object]) -> None:
        await self._switch.note(Note(tag=Tag.POSTURE_TAKEN, ori=ori, terminal=terminal, detail=detail))


def _lacks(one: Claim) -> list[str]:
    """What a claim says that is not as it must be, and the day of its patches."""
    wrong = (("encrypted", not one.encrypted), ("managed", not one.managed), ("located", not one.located),
             ("rooted", one.rooted))  # fmt: skip
    return [one.patched.isoformat(), *(name for name, so in wrong if so)]
