"""What carries letters to people outside has in common: work in threads, each with a deadline that is kept."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from wireroom.message.letter import Letter, Post, Posted

log = logging.getLogger(__name__)

AT_ONCE = 4  # letters of one courier under way


class Line:
    """The socket of one letter under way, which may be cut from outside so that its thread ends."""

    def __init__(self) -> None:
        self.sock: socket.socket | None = None
        self.is_cut = False

    def holds(self, sock: socket.socket | None) -> None:
        """From now on it is this one."""
        self.sock = sock
        if self.is_cut:
            self.cut()

    def cut(self) -> None:
        """Whoever waits on it waits no longer."""
        self.is_cut = True
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


class Courier:
    """Carries letters by blocking calls in threads of its own. Never raises for the trouble of the other side."""

    def __init__(self, name: str, carry: Callable[[Letter, Line], Posted], *, deadline_s: float) -> None:
        self.name = name
        self.deadline_s = deadline_s
        self._carry = carry
        self._free = asyncio.Semaphore(AT_ONCE)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"courier {name}")

    async def post(self, letter: Letter) -> Posted:
        """What became of a letter, within the deadline once its turn has come."""
        line = Line()
        async with self._free:
            work = asyncio.get_running_loop().run_in_executor(self._threads, self._carried, letter, line)
            try:
                async with asyncio.timeout(self.deadline_s):
                    return await asyncio.shield(work)
            except TimeoutError:
                return Posted(Post.DELAYED, f"no answer within {self.deadline_s:g} seconds")
            finally:
                line.cut()

    def _carried(self, letter: Letter, line: Line) -> Posted:
        try:
            return self._carry(letter, line)
        except Exception as error:
            if not isinstance(error, OSError):
                log.warning("letter %s could not be carried: %s", letter.key, type(error).__name__)
            return Posted(Post.DELAYED, reason(error))

    def close(self) -> None:
        """No more letters are taken; one under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def reason(error: Exception) -> str:
    """Why it failed, without what the other side said: that may repeat the address."""
    words = error.strerror if isinstance(error, OSError) and error.strerror else ""
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
