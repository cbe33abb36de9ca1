"""Reads the journal afterwards: explanation, misuse detection, cases, reports, retention."""


class OversightError(Exception):
    """Something that cannot be done as it was asked; the text says why and what to do."""


class IllegalMove(OversightError):
    """An incident or a review does not go there from where it stands."""


class NotTheirs(OversightError):
    """Whoever asks may not do this: the role, the agency, or because it is about themself."""


class Missing(OversightError):
    """There is no such thing."""


class TooMuch(OversightError):
    """More than one report may hold."""
