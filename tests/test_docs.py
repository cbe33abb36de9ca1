"""The manual tells of every command, option, setting and message key, and tells the truth about them."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"

# What is imported from the program is imported inside the tests, so that a room that cannot be imported fails
# each claim about it by name, and the rest is still judged.


def test_the_generated_pages_are_as_the_code_would_write_them() -> None:
    from tests import manual

    assert not manual.outdated(), "run make fix"


def test_every_command_and_option_is_in_the_manual() -> None:
    from tests import manual

    page = (DOCS / "commands.md").read_text()
    found = list(manual.commands(manual.root()))
    assert found
    missing = [name for name, _ in found if f"## `{name}`" not in page]
    for name, command in found:
        section = page.partition(f"## `{name}`\n")[2].partition("\n## ")[0]
        missing += [
            f"{name} {option.opts[0]}"
            for option in manual.options(command)
            if manual.spelled(option) not in section
        ]
    assert not missing, f"not in docs/commands.md: {missing}"


def test_every_command_and_option_says_what_it_does() -> None:
    from tests import manual

    silent = []
    for name, command in manual.commands(manual.root()):
        if not (command.help or "").strip():
            silent.append(name)
        silent += [
            f"{name} {option.opts[0]}"
            for option in manual.options(command)
            if not (option.help or "").strip()
        ]
    assert not silent, f"no help: {silent}"


def test_every_command_that_the_prose_names_exists() -> None:
    from tests import manual

    known = {name for name, _ in manual.commands(manual.root())}
    groups = {name.rpartition(" ")[0] for name in known}
    said = re.compile(r"(?:`|^|\.venv/bin/)(wireroom [a-z]+)( [a-z]+)?( [a-z]+)?", re.MULTILINE)
    wrong = []
    for page in sorted([*DOCS.rglob("*.md"), *DOCS.parent.glob("*.md")]):
        for first, second, third in said.findall(page.read_text()):
            two, three = first + second, first + second + third
            alone = first in known or (first in groups and not second)
            deeper = three in known or (two in groups and not third)  # a group in a group
            if not alone and two not in known and not deeper:
                wrong.append(f"{page.name}: {three}")
    assert not wrong, f"no such command: {wrong}"


def test_every_setting_is_in_the_manual_with_its_meaning() -> None:
    from wireroom.app import settings

    page = (DOCS / "settings.md").read_text()
    declared = settings.declared()
    assert declared
    missing = [
        key
        for key, _, meaning in declared
        if f"`{key}`" not in page or meaning.replace("|", "\\|") not in page
    ]
    assert not missing, f"not in docs/settings.md: {missing}"
    assert all(meaning.strip() for _, _, meaning in declared), "a setting without a meaning"


def test_every_test_of_a_control_is_in_the_table_and_every_row_says_where_it_stands() -> None:
    from tests import controls

    page = (DOCS / "controls.md").read_text()
    found = list(controls.named())
    assert found
    missing = [name for name, _ in found if controls.control_of(name) is None or f"::{name}`" not in page]
    assert not missing, f"named after no control of the table: {missing}"
    for control in controls.CONTROLS:
        [row] = [line for line in page.split("\n") if line.startswith(f"| {control.id} |")]
        assert (controls.OPEN in row) is not ("::test_" in row)
    assert len({control.name for control in controls.CONTROLS}) == len(controls.CONTROLS)


def test_every_message_key_and_field_is_in_the_manual() -> None:
    from wireroom.app.manual import page_of
    from wireroom.catalog.index import Catalogue

    catalogue = Catalogue()
    assert catalogue.forms
    index = (DOCS / "catalogue" / "index.md").read_text()
    missing = [key for key in catalogue.forms if f"| `{key}` |" not in index]
    for form in catalogue.forms.values():
        own = [f"{file.code}.md" for file in form.files]
        for page in own if page_of(form) in own else [page_of(form)]:
            text = (DOCS / "catalogue" / page).read_text()
            section = text.partition(f"## `{form.key}` ")[2].partition("\n## ")[0]
            missing += [
                f"{page}: {form.key} {field.code}"
                for field in form.fields
                if f"`{field.code}`" not in section
            ]
    assert not missing, f"not in docs/catalogue: {missing}"


def test_the_page_of_a_file_says_all_that_its_declaration_says() -> None:
    from wireroom.catalog.file import Source
    from wireroom.catalog.index import Catalogue

    missing = []
    for file in Catalogue().files.values():
        page = (DOCS / "catalogue" / f"{file.code}.md").read_text()
        said = [file.source, file.hit, file.confirm, *(one.hit for one in file.called), file.confirm_as]
        said += [f"`{code}/{value}`" for one in file.enters for code, value in one.says]
        marks = [one.mark for one in (file.keep, *file.keep_if)] + [one.mark for one in file.late]
        said += [f"({mark})" for mark in marks if mark]
        said += [one.words for one in file.prohibits]
        held = Source.STATE in file.held_by
        heads = {
            "Late": file.late, "Validated": file.validated, "Told to others": file.forwards, "Asked": file.reason,
            "Confidential": file.conceals, "Entered by": file.entered_by, "Made by the state": file.derived,
            "Firearms": file.prohibits or file.arms is not None, "Two of one thing": file.enters and held,
        }  # fmt: skip
        said += [f"**{head}.** " for head, there in heads.items() if there]
        missing += [f"{file.code}: {one}" for one in said if one not in page]
    assert not missing, f"not in docs/catalogue: {missing}"


# What the examples of docs/local-files.md speak of; each example is put before it.
LOCAL = """
code = "marker"
title = "Survey marker"
inquire = "QSM"
found_by = [["SER"]]
fields = [
  { code = "CAT", title = "category", kind = { is = "code", table = "article_category" } },
  { code = "SER", title = "number", kind = { is = "serial", max = 12 } },
  { code = "OAN", title = "owner-applied number", kind = { is = "serial", max = 12, index = "OAN" } },
  { code = "COL", title = "colour", kind = { is = "code", table = "colour" }, many = 3 },
  { code = "DOT", title = "date of theft", kind = { is = "day" }, required = true },
  { code = "EXP", title = "last day", kind = { is = "day", future = true } },
  { code = "LIC", title = "plate", kind = { is = "plate" } },
  { code = "LIS", title = "state", kind = { is = "code", table = "state" } },
  { code = "VIN", title = "VIN", kind = { is = "vin" } },
  { code = "ADR", title = "street", kind = { is = "text", max = 60 } },
  { code = "CNF", title = "confidential", kind = { is = "text", max = 60 } },
  { code = "OCA", title = "case number", kind = { is = "text", max = 20, index = "OCA" }, required = true },
  { code = "MIS", title = "remarks", kind = { is = "text", max = 200 } },
]
"""


def test_the_examples_of_a_local_file_can_be_used() -> None:
    from wireroom.catalog.index import Catalogue
    from wireroom.catalog.local import decode

    page = (DOCS / "local-files.md").read_text()
    examples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert len(examples) >= 5
    for example in [*examples, "".join(examples)]:
        Catalogue().with_files([decode(example + LOCAL, "docs/local-files.md")])


def test_a_local_file_is_told_of_key_by_key() -> None:
    from wireroom.catalog.file import File

    page = (DOCS / "local-files.md").read_text()
    ours = {
        "letter",
        "held_by",
        "asked_as",
        "derived",
        "resembles",
    }  # for files that others hold, or the state makes
    missing = [key for key in File.__struct_fields__ if key not in ours and f"`{key}" not in page]
    assert not missing, f"not in docs/local-files.md: {missing}"


def test_every_file_is_in_the_table_of_files_with_its_keys() -> None:
    from wireroom.catalog.index import Catalogue

    page = (DOCS / "catalogue" / "files.md").read_text()
    for file in Catalogue().files.values():
        [line] = [line for line in page.split("\n") if line.startswith(f"| [{file.title}](")]
        keys = [*(one.key for one in file.enters), *(one.key for one in file.reports), *file.inquiries]
        keys += [file.modify, file.supplement, file.strike, file.locate, file.clear, file.cancel]
        assert all(f"`{key}`" in line for key in keys if key)
        assert all(source.value in line for source in file.held_by)
        assert file.source in line


def test_every_page_of_the_manual_is_in_its_contents() -> None:
    """Pages of record files are listed by catalogue/index.md, so that a new file needs no edit here."""
    from wireroom.catalog.index import Catalogue

    contents = (DOCS.parent / "mkdocs.yml").read_text()
    listed = set(re.findall(r"[\w/.-]+\.md", contents))
    listed |= {f"catalogue/{file}.md" for file in Catalogue().files}
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert not pages - listed, "add it to mkdocs.yml"
    assert not listed - pages, "listed, but not there"
