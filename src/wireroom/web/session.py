"""A person signed in, as the doors know them, and why nobody is or something is not done."""

from __future__ import annotations

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
