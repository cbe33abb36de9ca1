"""A journal of one's own for each test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import asyncpg
import pytest

from tests.journal.invented import Journal


@pytest.fixture
async def journal(pool: asyncpg.Pool[asyncpg.Record], clock: Callable[[], datetime]) -> Journal:
    return Journal(pool, clock)
