"""Rules, with a reason, whether this person at this terminal may send this message for this purpose."""


class PolicyError(Exception):
    """Something about people, terminals or agencies cannot be done; the text says what and what to do."""


class Taken(PolicyError):
    """The identifier is in use, or was: identifiers are never given out twice."""


class Unknown(PolicyError):
    """There is no such agency, terminal or person."""


class Unfit(PolicyError):
    """A value that may not be kept: a badly formed identifier, an unknown role, a weak password."""


class SealBroken(PolicyError):
    """A sealed secret does not open with this key: the key is another one, or somebody changed the row."""
