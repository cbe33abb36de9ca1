"""The tutorial is true: what stands on its page is put in, judged, and talked to over real sockets."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

from tests.catalog.inventing import ORI, TODAY, full, text_of
from tests.conversations import story
from tests.conversations.stage import Stage, staged
from wireroom.app import manual
from wireroom.app.assemble import now
from wireroom.app.engine import Embedded
from wireroom.catalog import files, index
from wireroom.catalog.index import Catalogue
from wireroom.message.command import command
from wireroom.message.read import read
from wireroom.web import openapi

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "tutorial-stolen-boats.md").read_text("utf-8")
BLOCKS: dict[str, str] = dict(re.findall(r'```\w+ title="([^"]+)"\n(.*?)```', PAGE, re.DOTALL))
MODULE = BLOCKS["src/wireroom/catalog/files/boat.py"]
INDEX_LINE = BLOCKS["src/wireroom/catalog/index.py"]
CONVERSATION = BLOCKS["tests/conversations/stolen-boat.txt"]
KEYS = ("EB", "MB", "LB", "CB", "XB", "QB")


def patched(source: str, diff: str) -> str:
    """A text with the lines of a diff put in where its context stands, which must be in one place."""
    lines = diff.rstrip("\n").split("\n")
    before = "\n".join(line[1:] for line in lines if line[0] in " -")
    after = "\n".join(line[1:] for line in lines if line[0] in " +")
    assert source.count(before) == 1, "the diff's context is not, or not once, in the file"
    return source.replace(before, after)


@pytest.fixture(scope="module")
def boats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """The catalogue of a Wireroom into which the tutorial's module and line were put."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "boat.py").write_text(MODULE, "utf-8")
    changed = ModuleType("wireroom.catalog.index_with_boats")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "__path__", [*files.__path__, str(folder)])
        patch.setitem(sys.modules, changed.__name__, changed)
        source = patched(Path(index.__file__).read_text("utf-8"), INDEX_LINE)
        exec(compile(source, "index_with_boats.py", "exec"), changed.__dict__)
        yield Catalogue(changed.FILES)
    sys.modules.pop(f"{files.__name__}.boat", None)


def test_the_diff_is_one_module_under_thirty_lines_one_index_line_and_a_conversation() -> None:
    assert "the diff is one module under 30 lines, one index line and a\nconversation" in PAGE
    assert set(BLOCKS) == {
        "src/wireroom/catalog/files/boat.py",
        "src/wireroom/catalog/index.py",
        "tests/conversations/stolen-boat.txt",
    }
    assert len(MODULE.rstrip("\n").split("\n")) < 30
    assert [line for line in INDEX_LINE.split("\n") if line[:1] in ("+", "-")] == ['+        "boat",']


def test_the_module_is_in_the_house_style() -> None:
    assert all(len(line) <= 110 for line in MODULE.split("\n"))
    assert MODULE.startswith('"""Stolen boats')


def test_boats_are_not_in_the_product() -> None:
    assert "boat" not in Catalogue().files
    assert not {key for key in KEYS if key in Catalogue().forms}


def test_nothing_else_changes(boats: Catalogue) -> None:
    before = Catalogue()
    assert list(boats.files) == [*before.files, "boat"]
    assert set(boats.forms) - set(before.forms) == set(KEYS)
    assert all(boats.forms[key] == form for key, form in before.forms.items())


@pytest.mark.parametrize("key", KEYS)
def test_the_reader_takes_every_key(boats: Catalogue, key: str) -> None:
    form = boats.forms[key]
    for seed in range(20):
        text = text_of(form, full(form, Random(seed)))
        assert read(text, boats, ori=ORI, today=TODAY).faults == ()


def test_the_one_box_the_manual_and_the_schema_follow(boats: Catalogue) -> None:
    reading = command("QB ZZ 1234 AB", boats, ori=ORI, today=TODAY)
    assert reading.understood == "Registration number ZZ1234AB"
    assert {leg.source.value for leg in boats.legs("QB", frozenset({"REG"}))} == {"STATE", "NCIC"}
    page = manual.catalogue_pages(boats)["boat.md"]
    assert "STOLEN BOAT" in page
    assert "`EB`" in page
    assert any(form.key == "EB" and form.files == ("boat",) for form in openapi.catalogue_shown(boats).forms)


@pytest.fixture(scope="module")
async def stage(
    boats: Catalogue,
    server: Embedded,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
    anyio_backend: object,
) -> AsyncIterator[Stage]:
    async with staged(server, template, tmp_path_factory.mktemp("stage"), boats) as opened:
        yield opened


@pytest.mark.anyio
async def test_the_conversation_goes_as_the_tutorial_has_it(stage: Stage) -> None:
    written, was = await story.played(CONVERSATION, stage, now().date())
    assert was == written, f"the tutorial's conversation was told differently; as it really was:\n{was}"
