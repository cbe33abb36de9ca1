"""Every claim about sockets is tried on both loops, for neither may be assumed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.wire.desk import Desk
from wireroom.wire.server import Server


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": request.param}


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def server(anyio_backend: object, desk: Desk) -> AsyncIterator[Server]:
    """A server with the usual limits on a free port."""
    server = Server(desk)
    await server.start("127.0.0.1", 0)
    yield server
    desk.open.set()
    await server.close()
