"""What an agency agreed with the state: which files it may use, and until when. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """The agreement of one agency (CJIS Security Policy AC-21; California: the subscriber agreement)."""

    files: tuple[str, ...] = ()  # codes of files; empty: all
    until: datetime | None = None  # when it ends; None: until it is ended

    def covers(self, files: Iterable[str], at: datetime) -> bool:
        """Whether it is in force at a moment and covers each of these files."""
        if self.until is not None and at >= self.until:
            return False
        return not self.files or set(files) <= set(self.files)


ALL_FILES = Agreement()
NO_AGREEMENT = Agreement(until=datetime.min.replace(tzinfo=UTC))
