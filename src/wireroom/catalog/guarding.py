"""What a file declares about how its records are guarded beyond all others: as the CJIS Security Policy asks."""

from __future__ import annotations

from enum import StrEnum


class Restricted(StrEnum):
    """Which records of a file are restricted: guarded as criminal history is (CJIS Security Policy 4.2.2)."""

    NOTHING = ""
    ENDED = "ended"  # those that have ended, which are found by asking for history
    ALL = "all"
