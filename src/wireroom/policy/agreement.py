"""What an agency agreed with the state: which files it may use, until when, and for which others it asks. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """The agreement of one agency (CJIS Security Policy AC-21; California: the subscriber agreement)."""

    files: tuple[str, ...] = ()  # codes of files; empty: all
    until: datetime | None = None  # when it ends; None: until it is ended
    serves: tuple[str, ...] = ()  # agencies for which it asks too: then each inquiry names for which
    asked_for: Agreement | None = None  # of the agency for which something is asked, where it serves that

    def covers(self, files: Iterable[str], at: datetime) -> bool:
        """Whether it is in force at a moment and covers each of these files; so must that of whom it asks for."""
        if self.until is not None and at >= self.until:
            return False
        codes = frozenset(files)
        if self.asked_for is not None and not self.asked_for.covers(codes, at):
            return False
        return not self.files or codes <= set(self.files)


ALL_FILES = Agreement()
NO_AGREEMENT = Agreement(until=datetime.min.replace(tzinfo=UTC))
