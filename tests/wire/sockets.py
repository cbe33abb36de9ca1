"""Very many plain sockets at once, for tests of who holds lines and says nothing."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_S = 10.0
SPARE = 512  # descriptors for all else


@contextmanager
def many_sockets(at_most: int = 4_500) -> Iterator[list[socket.socket]]:
    """A list whose sockets are closed at the end; while it is open the process may have as many as are needed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = at_most + SPARE
    assert hard == resource.RLIM_INFINITY or hard >= wanted, f"this machine allows {hard} descriptors"
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    held: list[socket.socket] = []
    try:
        yield held
    finally:
        for one in held:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def connected(port: int, said: bytes) -> socket.socket:
    """A line that has said this, and waits."""
    line = socket.socket()
    line.setblocking(False)
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", port))
    assert not said or line.send(said) == len(said)
    return line


def is_gone(line: socket.socket) -> bool:
    """Whether the other end has said its last word and closed."""
    try:
        while line.recv(65_536):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    return True
