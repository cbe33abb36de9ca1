"""Carries text over TCP, as server and as client: frames, sessions, TLS, limits."""

from __future__ import annotations


class WireError(Exception):
    """What can go wrong on a line; the text says what happened and what to do next."""


class FrameError(WireError):
    """The bytes are no frames. There is no way back into step, so the line must be closed."""


class NotLinked(WireError):
    """There is no line to the switch, and none will come for what was asked."""


class SignOnRefused(NotLinked):
    """The switch refused the sign-on; `again` says whether the same sign-on may succeed later."""

    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.again = again


class NoReceipt(WireError):
    """No receipt by the deadline. Whether the switch took the message is known once the key is sent again."""


class SendRefused(WireError):
    """The switch did not take one message; `code` is for programs, the text for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class QueueFull(WireError):
    """Too many messages wait already; nothing was queued."""
