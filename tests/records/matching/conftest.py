"""Databases for the index of people: a fresh one, and one of a crowd that the tests of a module share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.conftest import created
from tests.records.matching.index import Index, invented, opened
from wireroom.app.engine import Embedded

CROWD = 2_000


@pytest.fixture
async def index(database: str, anyio_backend: object) -> AsyncIterator[Index]:
    """An index in which nobody stands."""
    async with opened(database) as index:
        yield index


@pytest.fixture
async def other(database: str, anyio_backend: object) -> AsyncIterator[Index]:
    """Another process at the same index."""
    async with opened(database) as index:
        yield index


@pytest.fixture
def second_database(server: Embedded, template: str) -> Iterator[str]:
    with created(server, template) as dsn:
        yield dsn


@pytest.fixture
async def elsewhere(second_database: str, anyio_backend: object) -> AsyncIterator[Index]:
    """An index of another database."""
    async with opened(second_database) as index:
        yield index


@pytest.fixture(scope="module")
def crowd_database(server: Embedded, template: str) -> Iterator[str]:
    with created(server, template) as dsn:
        yield dsn


@pytest.fixture(scope="module")
async def crowd(crowd_database: str, anyio_backend: object) -> AsyncIterator[Index]:
    """An index of many people, counted; who enters anybody removes them again."""
    async with opened(crowd_database) as index:
        await index.enter_all(invented(CROWD))
        await index.count()
        yield index
