"""What an entry ends: the temporary order of the same person in the same case, once the final one is in force."""

from __future__ import annotations

from datetime import datetime

from wireroom.catalog.file import File
from wireroom.catalog.rules import Values
from wireroom.records.life import begins_at, over
from wireroom.records.same import parted


def supersedes(file: File, values: Values, at: datetime) -> bool:
    """Whether a record that is entered at a moment takes the place of others.

    What begins later does not: until then those protect, and they have an end of their own. Nor does what is over.
    """
    rule = file.supersedes
    if rule is None or not all(one.holds(values) for one in rule.when):
        return False
    begins = begins_at(values, rule.begins_on, rule.begins_at)
    return (begins is None or begins <= at) and not over(file, values, at)


def is_superseded(file: File, values: Values, known: Values) -> bool:
    """Whether a record that is held ends by one with these values.

    Not one against a namesake in the same case, nor one that protects none of those whom the new one protects.
    """
    rule = file.supersedes
    if rule is None or parted(file, rule.agree, values, known):
        return False
    alike = all(values.get(code) == known.get(code) for code in rule.same)
    return alike and all(one.holds(known) for one in rule.ends)
