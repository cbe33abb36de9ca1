"""Every conversation in this folder, held over real sockets with a real switch, real partners and a real database."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conversations import story
from tests.conversations.stage import Stage, staged
from wireroom.app.assemble import now
from wireroom.app.engine import Embedded
from wireroom.catalog.index import Catalogue
from wireroom.message.local import day_of

HERE = Path(__file__).resolve().parent
STORIES = {
    path.relative_to(HERE).with_suffix("").as_posix(): path.read_text("utf-8")
    for path in sorted(HERE.rglob("*.txt"))
}
WRITE = (
    "WRITE_CONVERSATIONS" in os.environ
)  # put what was really said into the files; then read the difference


def rewrite(name: str, text: str) -> None:
    """Put a story into its file as it really was."""
    (HERE / f"{name}.txt").write_text(text, "utf-8")


@pytest.fixture(scope="module")
async def stage(
    server: Embedded, template: str, tmp_path_factory: pytest.TempPathFactory, anyio_backend: object
) -> AsyncIterator[Stage]:
    async with staged(server, template, tmp_path_factory.mktemp("stage"), Catalogue()) as opened:
        yield opened


@pytest.mark.anyio
@pytest.mark.parametrize("name", STORIES)
async def test_the_conversation_goes_as_it_is_written(name: str, stage: Stage) -> None:
    written, was = await story.played(STORIES[name], stage, day_of(now()))
    if WRITE:
        rewrite(name, was)
    assert was == written, f"{name}.txt was told differently; as it really was:\n{was}"


@pytest.mark.parametrize("name", STORIES)
def test_a_story_says_what_it_is_about_and_ends_with_an_answer(name: str) -> None:
    title, steps = story.parsed(STORIES[name])
    assert title[0].endswith(".")
    assert steps[-1].told


def test_a_line_that_means_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2 begins with '\\?'"):
        story.parsed("# A story.\n? what")
