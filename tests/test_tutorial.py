"""The tutorial is true: what stands on its page is put in, judged, and talked to over real sockets."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random
from types import ModuleType

import msgspec
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
from wireroom.message.local import day_of
from wireroom.message.read import read
from wireroom.web import openapi

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "tutorial-stolen-aircraft.md").read_text("utf-8")
BLOCKS: dict[str, str] = dict(re.findall(r'```\w+ title="([^"]+)"\n(.*?)```', PAGE, re.DOTALL))
MODULE = BLOCKS["src/wireroom/catalog/files/aircraft.py"]
INDEX_LINE = BLOCKS["src/wireroom/catalog/index.py"]
CONVERSATION = BLOCKS["tests/conversations/aircraft/stolen.txt"]
KEYS = ("EAC", "MAC", "LAC", "CAC", "XAC", "QAC")


def patched(source: str, diff: str) -> str:
    """A text with the lines of a diff put in where its context stands, which must be in one place."""
    lines = diff.rstrip("\n").split("\n")
    before = "\n".join(line[1:] for line in lines if line[0] in " -")
    after = "\n".join(line[1:] for line in lines if line[0] in " +")
    assert source.count(before) == 1, "the diff's context is not, or not once, in the file"
    return source.replace(before, after)


@pytest.fixture(scope="module")
def with_aircraft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """The catalogue of a Wireroom into which the tutorial's module and line were put."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "aircraft.py").write_text(MODULE, "utf-8")
    changed = ModuleType("wireroom.catalog.index_with_aircraft")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "__path__", [*files.__path__, str(folder)])
        patch.setitem(sys.modules, changed.__name__, changed)
        source = patched(Path(index.__file__).read_text("utf-8"), INDEX_LINE)
        exec(compile(source, "index_with_aircraft.py", "exec"), changed.__dict__)
        yield Catalogue(changed.FILES)
    sys.modules.pop(f"{files.__name__}.aircraft", None)


def test_the_diff_is_one_module_under_thirty_lines_one_index_line_and_a_conversation() -> None:
    assert "the diff is one module under 30 lines, one index line and a\nconversation" in PAGE
    assert set(BLOCKS) == {
        "src/wireroom/catalog/files/aircraft.py",
        "src/wireroom/catalog/index.py",
        "tests/conversations/aircraft/stolen.txt",
    }
    assert len(MODULE.rstrip("\n").split("\n")) < 30
    assert [line for line in INDEX_LINE.split("\n") if line[:1] in ("+", "-")] == ['+        "aircraft",']


def test_the_module_is_in_the_house_style() -> None:
    assert all(len(line) <= 110 for line in MODULE.split("\n"))
    assert MODULE.startswith('"""Stolen aircraft')


def test_aircraft_are_not_in_the_product() -> None:
    assert "aircraft" not in Catalogue().files
    assert not {key for key in KEYS if key in Catalogue().forms}


def test_nothing_else_changes(with_aircraft: Catalogue) -> None:
    before = Catalogue()
    assert list(with_aircraft.files) == [*before.files, "aircraft"]
    assert set(with_aircraft.forms) - set(before.forms) == set(KEYS)
    for key, form in before.forms.items():
        after = with_aircraft.forms[key]
        if manual.page_of(form) == "records.md":  # the keys of every file are for this one's records too
            assert set(after.files) - set(form.files) == {with_aircraft.files["aircraft"]}
            after = msgspec.structs.replace(after, files=form.files)
        assert after == form


@pytest.mark.parametrize("key", KEYS)
def test_the_reader_takes_every_key(with_aircraft: Catalogue, key: str) -> None:
    form = with_aircraft.forms[key]
    for seed in range(20):
        text = text_of(form, full(form, Random(seed)))
        assert read(text, with_aircraft, ori=ORI, today=TODAY).faults == ()


def test_the_one_box_the_manual_and_the_schema_follow(with_aircraft: Catalogue) -> None:
    reading = command("QAC N 099Z", with_aircraft, ori=ORI, today=TODAY)
    assert reading.understood == "Tail number N099Z"
    assert {leg.source.value for leg in with_aircraft.legs("QAC", frozenset({"TNO"}))} == {"STATE", "NCIC"}
    page = manual.catalogue_pages(with_aircraft)["aircraft.md"]
    assert "STOLEN AIRCRAFT" in page
    assert "`EAC`" in page
    assert any(
        form.key == "EAC" and form.files == ("aircraft",)
        for form in openapi.catalogue_shown(with_aircraft).forms
    )


@pytest.fixture(scope="module")
async def stage(
    with_aircraft: Catalogue,
    server: Embedded,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
    anyio_backend: object,
) -> AsyncIterator[Stage]:
    async with staged(server, template, tmp_path_factory.mktemp("stage"), with_aircraft) as opened:
        yield opened


@pytest.mark.anyio
async def test_the_conversation_goes_as_the_tutorial_has_it(stage: Stage) -> None:
    written, was = await story.played(CONVERSATION, stage, day_of(now()))
    assert was == written, f"the tutorial's conversation was told differently; as it really was:\n{was}"
