"""Starts switches at once: each is forked from a process that has read every module, and is then its own program.

One word a line comes in, `start`; `started PID` and `ended PID STATUS` go out. When the input ends, so does everything.
A switch may be sabotaged in a way that kill -9 brings to light, to show that whoever looks would see it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import asyncpg

from wireroom.app import assemble, cli, database
from wireroom.message.acting import Actor
from wireroom.switch.transaction import Switch
from wireroom.switch.work import Work

running: set[int] = set()


def say(words: str) -> None:
    """One line, whole."""
    os.write(1, f"{words}\n".encode())


def reap(number: int, frame: FrameType | None) -> None:
    """Tells of every switch that has ended."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            running.discard(ended[0])
            say(f"ended {ended[0]} {os.waitstatus_to_exitcode(ended[1])}")


def serve(config: str, log: str) -> NoReturn:
    """Becomes `wireroom serve`."""
    status: object = 70
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (out, 1), (out, 2)):
            os.dup2(source, target)
        sys.argv = ["wireroom", "serve", "--config", config]
        cli.main()
    except SystemExit as ended:
        status = ended.code
    finally:
        os._exit(status if isinstance(status, int) else 70)


def commit_without_waiting() -> None:
    """Receipts are given before the disk has what they promise."""
    true = assemble.connect

    async def careless(
        dsn: str, role: str = assemble.SWITCH_ROLE, acts: Actor | None = None
    ) -> asyncpg.Connection:
        connection = await true(dsn, role, acts)
        await connection.execute("set synchronous_commit = off")
        return connection

    assemble.connect = careless
    database.SESSION["synchronous_commit"] = "off"  # a commit of the sequencer would write down all before it


def show_before_commit() -> None:
    """Answers are shown before they are written down."""
    true = Switch._carry

    async def hasty(self: Switch, connection: asyncpg.Connection, works: list[Work]) -> object:
        given, after = await true(self, connection, works)
        after()
        await asyncio.sleep(0.2)
        return given, lambda: None

    Switch._carry = hasty  # type: ignore[method-assign, assignment]


SABOTAGES: dict[str, Callable[[], None]] = {
    "": lambda: None,
    "commit without waiting": commit_without_waiting,
    "show before commit": show_before_commit,
}


def main() -> None:
    """Forks when asked."""
    config, log, sabotage = sys.argv[1:]
    SABOTAGES[sabotage]()
    signal.signal(signal.SIGCHLD, reap)
    while (line := sys.stdin.readline()).strip():
        assert line.strip() == "start", f"what is {line!r}?"
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        if not (pid := os.fork()):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            serve(config, log)
        running.add(pid)
        say(f"started {pid}")
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    for pid in tuple(running):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
