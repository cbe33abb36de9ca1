"""The stage on which the switch is tried, a fresh one for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.conftest import Clock
from tests.switch.stage import Stage


@pytest.fixture
async def stage(database: str, clock: Clock, anyio_backend: object) -> AsyncIterator[Stage]:
    async with Stage(database, clock) as stage:
        yield stage
