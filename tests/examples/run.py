"""Runs an example as a reader would: as a program of its own, with Python and nothing else."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


async def example(name: str, *arguments: str, **variables: str) -> tuple[int, str, str]:
    """An example's exit code, and what it printed and complained of."""
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",  # without the packages' own doings: an example needs nothing installed
        "-S",
        str(EXAMPLES / name),
        *arguments,
        env={"PATH": os.defpath, **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await program.communicate()
    assert program.returncode is not None
    return program.returncode, said.decode(), complained.decode()
