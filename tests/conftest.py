"""What tests of many rooms share: a database server, a fresh database for each test, and a clock."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import settings

from tests.shelf import Shelf
from wireroom.app import database as db
from wireroom.app import schema
from wireroom.app.engine import Embedded

# A busy machine is slow for a moment; what may take how long is claimed by the tests that measure it. Each run draws
# other examples; WIREROOM_EXAMPLES asks for more at once.
settings.register_profile("house", deadline=None, max_examples=int(os.environ.get("WIREROOM_EXAMPLES", "50")))
settings.load_profile("house")

TEMPLATE = "template_wireroom"
CLOSED_WITHIN_S = 10
_numbers = count(1)


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def tick(self, seconds: float) -> datetime:
        """Go on, and say what time it is then."""
        self.now += timedelta(seconds=seconds)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 3, 2, 16, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A server for this run, or for this worker of it, as durable as any other."""
    with Embedded(tmp_path_factory.mktemp("engine"), shared_buffers_mb=64) as server:
        yield server


@pytest.fixture(scope="session")
def template(server: Embedded) -> str:
    """The name of a database with all migrations and nothing in it, of which each test gets a copy."""
    asyncio.run(schema.upgrade(server.dsn(TEMPLATE)))
    return TEMPLATE


@pytest.fixture
def empty_database(server: Embedded) -> Iterator[str]:
    """The address of a new database without a table."""
    with created(server, "template0") as dsn:
        yield dsn


@pytest.fixture(scope="session")
def shelf(server: Embedded, template: str) -> Shelf:
    """Databases with all migrations and nothing in them."""
    return Shelf(server, template, _numbers)


@pytest.fixture
def database(server: Embedded, shelf: Shelf) -> Iterator[str]:
    """The address of a database with all migrations and nothing in it, for the role that owns it."""
    with shelf.lent() as name:
        yield server.dsn(name)


@pytest.fixture
def as_role(server: Embedded, database: str) -> Callable[[str], str]:
    """The address of the test's database for another role: `as_role("wireroom_oversight")`."""
    name = database.partition("@/")[2].partition("?")[0]
    return lambda role: server.dsn(name, role=role)


@pytest.fixture
async def pool(database: str, anyio_backend: object) -> AsyncIterator[db.Pool]:
    """Connections to the test's database as the role that owns it."""
    opened = await db.open_database(database, size=4)
    try:
        yield opened
    finally:
        try:
            async with asyncio.timeout(CLOSED_WITHIN_S):
                await opened.close()
        except TimeoutError:  # a test that failed may have kept one
            opened.terminate()


@contextmanager
def created(server: Embedded, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"

    async def run(statement: str) -> None:
        async with db.connect(server.dsn("postgres")) as connection:
            await connection.execute(statement)

    asyncio.run(run(f"CREATE DATABASE {name} TEMPLATE {template}"))
    try:
        yield server.dsn(name)
    finally:
        asyncio.run(run(f"DROP DATABASE {name} WITH (FORCE)"))
