"""The page of the manual about controls: what each asks, in our words, and the tests that are named after it."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from wireroom.app import manual

TESTS = Path(__file__).resolve().parent
NAMED = re.compile(r"test_(AC|AT|AU|CM|CP|IA|IR|MA|MP|PE|PS|Policy|SC|SI)_\d")
BUILT, OPEN = "tested here", "not built yet, or built and not yet tested under this name"


class Control(NamedTuple):
    """One row: the control's id, what it asks in our words, and what of it is missing, tests or none."""

    id: str
    asks: str
    missing: str = ""

    @property
    def name(self) -> str:
        """The id as it stands in the name of a test: AC-2(13) is AC_2_13."""
        return "_".join(re.findall(r"[A-Za-z0-9]+", self.id))


# All that an application enforces, alone or with others. A row is never taken out to look better.
def _controls() -> tuple[Control, ...]:
    with (TESTS / "controls.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(Control(row["id"], row["asks"], row["missing"]) for row in csv.DictReader(lines))


CONTROLS = _controls()


def named() -> Iterator[tuple[str, str]]:
    """Every test that is named after a control: its name, and its place under tests/."""
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if NAMED.search(text) is None:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and NAMED.match(node.name):
                yield node.name, path.relative_to(TESTS.parent).as_posix()


def control_of(test: str) -> Control | None:
    """The control that a test is named after: the longest id that fits."""
    fits = [one for one in CONTROLS if test.startswith(f"test_{one.name}_")]
    return max(fits, key=lambda one: len(one.name), default=None)


def page() -> str:
    """docs/controls.md."""
    tests: dict[str, list[str]] = {}
    for name, path in named():
        control = control_of(name)
        if control is not None:
            tests.setdefault(control.id, []).append(f"`{path}::{name}`")
    lines = [
        "# Controls",
        "",
        "Controls of the FBI's CJIS Security Policy, edition 5.9.5, in our words, and the tests that try to break",
        "each: those that an application enforces (kind A), alone or together with the machine and its people: access",
        "and identification (AC, IA), audit (AU), training and people as far as a program asks about them (AT, PS),",
        "changes (CM), going on after trouble (CP), incidents (IR), maintenance and media (MA, MP, PE), the system and",
        "what passes through it (SC, SI), and four sections of the policy itself (Policy). What people, buildings and",
        "contracts alone do is not here, and this is no claim about an agency. Read the policy itself.",
        "",
        "The table is written from the tests that exist. A test is named after its control: `test_AC_7_…`. Where a",
        "row says that something is not built yet, part of it may be, and",
        "the table of threats may name a test of it; nobody has yet held it against the control's own words.",
        "",
        "*Tested here* says that there are tests of that name, not that they are all that an auditor would ask for.",
        "What is known to be missing stands beside it.",
        "",
        f"{sum(bool(tests.get(one.id)) for one in CONTROLS)} of {len(CONTROLS)} have tests of their own.",
        "",
        *manual.head("control", "kind", "asks", "state", "missing", "tests"),
    ]
    for one in CONTROLS:
        found = tests.get(one.id, [])
        lines.append(
            manual.row(
                one.id,
                "A",
                one.asks,
                BUILT if found else OPEN,
                one.missing,
                "<br>".join(found),
            )
        )
    return "\n".join(lines) + "\n"
