"""A person signed in, as the doors know them, and why nobody is or something is not done."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from wireroom.message.envelope import Seat

UNFIT = "unfit"  # the code of a refusal of what somebody may do, but not like this


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A person signed in at a terminal. `token` is filled only in the answer to a sign-in."""

    seat: Seat
    name: str  # the person's name as shown
    agency: str  # the agency's name as shown
    csrf: str  # what every form of this session must carry back
    since: str  # ISO 8601, UTC: when the person signed in
    idle_until: str  # ISO 8601, UTC: when the session ends unless it is used
    proven: str = ""  # ISO 8601, UTC: when both factors were last shown; empty: never, as in the demo
    demo: bool = False
    token: str = ""  # the bearer secret: 256 bits, for the cookie or the header, told once

    def __repr__(self) -> str:
        return f"Session({self.seat.person} at {self.seat.terminal}, …)"


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why nobody was signed in, in words that are the same whatever the cause; or why something is not shown."""

    reason: str
    code: str = "sign-in"
    wait_seconds: int = 0  # over 0 when it is too early to try again


class Admitting(Protocol):
    """Who comes in at a door. Raises JournalDown, and then nothing was done."""

    @property
    def well(self) -> bool:
        """Whether the database could be reached a moment ago, so that messages can be taken."""
        ...

    @property
    def alarms(self) -> int:
        """How many alarms there are now."""
        ...

    async def sign_in(
        self,
        *,
        person: str,
        password: str,
        code: str,
        terminal: str,
        peer: str,
        kind: str = "page",
        notice: str = "",
        device: str = "",
    ) -> Session | Refusal:
        """`notice` is the version of the notice that the person acknowledged.

        `device` is the SHA-256 of the certificate that the connection showed, empty without one; here and below. The
        terminal is the certificate's then: what was said is only compared, and may be empty.
        """
        ...

    async def session(self, token: str, *, used: bool = True, device: str = "") -> Session | None:
        """The session of a token from a cookie or a header, while it lasts, at the device that it was opened at.

        Its use puts off the idle limit; `used=False` only looks, for streams that nobody need be watching.
        """
        ...

    async def confirm(self, token: str, *, password: str, code: str, peer: str) -> Session | Refusal:
        """Both factors again, in place of the session that stands."""
        ...

    async def sign_out(self, token: str) -> None: ...

    def now(self) -> datetime: ...
