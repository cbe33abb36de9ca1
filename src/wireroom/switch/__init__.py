"""Carries one transaction from arrival to answers: plan, ask, reply, deliver."""


class SwitchError(Exception):
    """The switch took nothing; the words say why, and the sender may act on them."""


class Busy(SwitchError):
    """A queue is full: the same may be sent again in a moment."""


class TooMany(Busy):
    """So much of this agency's waits that it may not add to it. Other agencies are served."""


class KeyTaken(SwitchError):
    """The key came before from this terminal today with another text."""


class BadKey(KeyTaken):
    """The key is empty, too long to be told from others, or holds what cannot be shown."""


class JournalDown(SwitchError):
    """The journal cannot be written, so nothing may move."""
