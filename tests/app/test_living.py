"""Claims about local files while all runs: trouble of the moment is tried again, and ends nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from wireroom.app import AppError
from wireroom.app.living import keep_living
from wireroom.app.settings import load
from wireroom.catalog.index import Catalogue

pytestmark = pytest.mark.anyio
EXAMPLE = """
code = "bell"
title = "Bell"
inquire = "QBE"
found_by = [["BEN"]]
fields = [{ code = "BEN", title = "number", kind = { is = "text", max = 8, index = "BEN" } }]
"""


class Enough(BaseException):
    """The looks that a test wants are over."""


def looks(many: int, first: Callable[[], object]) -> Callable[[], Awaitable[object]]:
    """So many looks; before the first of them something changes."""
    count = 0

    async def rest() -> None:
        nonlocal count
        await asyncio.sleep(0)
        count += 1
        if count == 1:
            first()
        if count > many:
            raise Enough

    return rest


@pytest.mark.parametrize("trouble", [AppError("the journal is down"), asyncpg.LockNotAvailableError("busy")])
async def test_what_could_not_be_taken_into_force_now_is_tried_again(
    trouble: Exception, tmp_path: Path
) -> None:
    settings = tmp_path / "wireroom.toml"
    settings.write_text('[catalogue]\nlocal_files = ["local"]\n', "utf-8")
    (tmp_path / "local").mkdir()
    taken: list[Catalogue] = []
    troubles = [trouble]

    async def adopt(catalogue: Catalogue) -> None:
        if troubles:
            raise troubles.pop()
        taken.append(catalogue)

    rest = looks(4, lambda: (tmp_path / "local" / "bell.toml").write_text(EXAMPLE, "utf-8"))
    with pytest.raises(Enough):
        await keep_living(load(settings), adopt, rest)
    assert [set(one.files) - set(Catalogue().files) for one in taken] == [{"bell"}]
