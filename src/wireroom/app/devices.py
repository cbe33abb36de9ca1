"""What the doors ask of a device before anybody speaks, and the end of a line whose certificate is trusted no more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import asyncpg
import msgspec

from wireroom.app.settings_devices import Mode
from wireroom.app.tls import Guard
from wireroom.message.envelope import Seat
from wireroom.policy.devices import Register
from wireroom.policy.people import TOO_OFTEN, Refused
from wireroom.policy.throttle import Throttle

log = logging.getLogger(__name__)

LOOKED_EVERY_S = 2.0  # at the certificates of all open lines together
LEARNED_EVERY = 3  # looks, until authorities are read anew
OVER = "The certificate of this device is trusted no more: ask your agency's coordinator."
# One sentence whatever the cause, so that a thief of a device is not told which it is. The journal has the cause.
TURNED_AWAY = (
    "This device may not sign in here: its certificate is missing, unknown, revoked, over or of another terminal, or "
    "it is a mobile device without encryption, management and location, or not measured lately to have them. "
    "Ask your agency's coordinator."
)
_SHA = " sha256:"


class Devices:
    """Judges the device at one door. The clock is passed in; `register` is asked once for each sign-on."""

    def __init__(self, register: Register, mode: Mode, clock: Callable[[], datetime]) -> None:
        self._register, self._mode, self._clock = register, mode, clock
        self._throttle = Throttle()

    async def admit(self, device: str, said: str, peer: str) -> str | Refused:
        """The terminal of a device that may sign in, from its certificate; what was said is only compared.

        `device` is a fingerprint, "" without a certificate; `said` may be empty. A mismatch is told to the operator.
        """
        if self._mode is Mode.OFF:
            return said
        source = (
            device or peer
        )  # one bad device must not shut out all others of its agency behind one address
        if wait := self._throttle.wait(source, self._clock()):
            return Refused(reason=TOO_OFTEN, cause="too many devices refused here", wait_seconds=wait)
        terminal, cause = await self._judge(device, said)
        if not cause:
            return terminal
        self._throttle.bad(source, self._clock())
        return Refused(reason=TURNED_AWAY, cause=cause)

    async def _judge(self, device: str, said: str) -> tuple[str, str]:
        if not device:
            if self._mode is Mode.REQUIRED:
                return "", "no device certificate"
            mobile = await self._register.is_mobile(said)
            return said, "mobile device without a certificate" if mobile else ""
        known = await self._register.look(device, self._clock())
        if known.cause:
            return "", known.cause
        if said and said != known.terminal:
            log.warning(
                "a device of terminal %s said that it was %s, and was refused: is its certificate copied, or is its "
                "setting wrong? (sha256 %s)", known.terminal, _printable(said), device[:16],
            )  # fmt: skip
            return "", f"device of terminal {known.terminal}"
        return known.terminal, ""

    async def stands(self, device: str, terminal: str) -> bool:
        """Whether the certificate of a line still opens its terminal; a line without one does."""
        if not device:
            return True
        return device in await self._register.standing([(device, terminal)], self._clock())


class Held(msgspec.Struct, frozen=True):
    """An open line and the certificate that it came with."""

    seat: Seat
    device: str


class Lines(Protocol):
    """The door that knows which line came with which certificate."""

    def held(self) -> tuple[Held, ...]:
        """Those that came with one."""


async def keep_watch(
    register: Register,
    door: Lines,
    end: Callable[[Seat, str], None],
    guards: tuple[Guard, ...],
    clock: Callable[[], datetime],
) -> None:
    """Ends open lines whose certificate is trusted no more, and lets new authorities' devices through the handshake.

    Endless. One question every two seconds for all lines together, so an idle line feels it too. While the database is
    away lines stay: nothing can be sent over them then either.
    """
    turn = 0
    while True:
        await asyncio.sleep(LOOKED_EVERY_S)
        turn += 1
        try:
            await end_fallen(register, door, end, clock())
            if turn % LEARNED_EVERY == 0:
                authorities = await register.authorities()
                for guard in guards:
                    guard.trust(authorities)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            log.warning("the devices could not be looked at: %s", error)
        except Exception:  # told, and looked again: nobody would notice that the watch had ended
            log.exception("the devices could not be looked at, which is our fault")


async def end_fallen(register: Register, door: Lines, end: Callable[[Seat, str], None], now: datetime) -> int:
    """End the lines whose certificate stands no more; how many."""
    held = door.held()
    if not held:
        return 0
    standing = await register.standing([(one.device, one.seat.terminal) for one in held], now)
    fallen = [one for one in held if one.device not in standing]
    for one in fallen:
        log.warning("the line of %s is ended: its certificate is trusted no more", one.seat.terminal)
        end(one.seat, OVER)
    return len(fallen)


def parted(peer: str) -> tuple[str, str]:
    """Of a peer as the wire tells it: the address without its port, which the throttle counts, and the fingerprint."""
    place, _, device = peer.partition(_SHA)
    return place.rpartition(":")[0] or place, device


def _printable(text: str) -> str:
    """What a stranger said, fit for a log."""
    return "".join(char if char.isascii() and char.isalnum() else "?" for char in text[:9])
