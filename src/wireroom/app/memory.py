"""Keeps what is in memory out of files: a core holds keys and texts in clear."""

from __future__ import annotations

import resource


def without_core_files() -> None:
    """No core file of this process or of those it starts, from now on; nobody can lift it again without privilege."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
