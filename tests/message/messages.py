"""Any message of any form, with values that somebody might really type: for properties of the rooms' own inverse."""

from __future__ import annotations

from functools import cache
from random import Random

from hypothesis import strategies as st

from tests.catalog.inventing import ORI, TODAY, broken, full, with_bicycles, worked_out
from wireroom.catalog.file import Field
from wireroom.catalog.index import Form
from wireroom.catalog.kinds import Bad, Prose, Text
from wireroom.message.envelope import Message, Reading
from wireroom.message.read import read

CATALOGUE = with_bicycles()

# What looks like a field, a key, a header or a reply, in a value where none should be seen.
HOSTILE = (
    *(
        "LIC/7ABQ123",
        "QV",
        "QV.LIC/X",
        "FILE/wanted",
        "MKE/STOLEN VEHICLE",
        "TXT/",
        "ORI/CA0990200",
        "PUR/I",
        "1L01A",
    ),
    *(
        "NBR/1",
        "WHY/",
        "STATE HIT",
        " OCA/1",
        "//",
        "-",
        "..",
        ".OCA/9",
        "\nMKE/X",
        "\n\nMKE/X\nFILE/vehicle",
        "\n OCA/2",
    ),
)


def reading_of(text: str, *, ori: str = ORI) -> Reading:
    """What the reader makes of a text on the tests' day."""
    return read(text, CATALOGUE, ori=ori, today=TODAY)


@cache
def typed() -> st.SearchStrategy[str]:
    """What people type, with what looks like something else among it."""
    piece = st.sampled_from(HOSTILE) | st.text(alphabet="ABC 019/-,'\"()&é\n", max_size=12)
    return st.lists(piece, min_size=1, max_size=4).map("".join)


def free(field: Field) -> st.SearchStrategy[str]:
    """Canonical values of a field that takes free text."""
    return typed().map(lambda text: field.kind.read(text, TODAY)).filter(_good).map(str)


def _good(value: str | Bad) -> bool:
    return not isinstance(value, Bad)


@st.composite
def messages(draw: st.DrawFn, keys: tuple[str, ...] = ()) -> Message:
    """A valid message: invented values, free text where it is allowed, some fields left out."""
    form = CATALOGUE.forms[draw(st.sampled_from(keys or sorted(CATALOGUE.forms)))]
    pairs = []
    for code, value in full(form, Random(draw(st.integers(0, 10_000)))):
        field = form.by_code[code]
        wild = isinstance(field.kind, Prose) or (isinstance(field.kind, Text) and not field.kind.pattern)
        pairs.append((code, draw(free(field)) if wild and draw(st.booleans()) else value))
    return Message(form.key, tuple(worked_out(form, _fewer(draw, form, pairs))))


def _fewer(draw: st.DrawFn, form: Form, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Some of what is not required left out, where the rules allow it; what the key itself says is always there."""
    kept_always = {*(field.code for field in form.required), *(code for code, _ in form.says)}
    optional = sorted({code for code, _ in pairs} - kept_always)
    dropped = draw(st.sets(st.sampled_from(optional))) if optional else set()
    kept = [pair for pair in pairs if pair[0] not in dropped]
    return kept if not broken(form, kept) else pairs
