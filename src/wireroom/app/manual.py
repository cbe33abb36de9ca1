"""Writes the catalogue as pages of the manual: one for each record file, one each for messages and codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from wireroom.catalog.file import Field, File, Keep, Verb
from wireroom.catalog.index import Catalogue, Form
from wireroom.catalog.kinds import Code
from wireroom.catalog.tables import table, tables

SHOWN_ROWS_MAX = 40  # a longer code table is named and counted, not printed


def catalogue_pages(catalogue: Catalogue) -> Mapping[str, str]:
    """Every page as Markdown, by its file name. The same catalogue gives the same bytes."""
    pages = {f"{file.code}.md": _page(_file_page(catalogue, file)) for file in catalogue.files.values()}
    pages["messages.md"] = _page(_messages_page(catalogue))
    pages["codes.md"] = _page(_codes_page(catalogue))
    pages["index.md"] = _page(_index_page(catalogue))
    return pages


def _page(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def row(*cells: str) -> str:
    """One line of a Markdown table, with what would end a cell made harmless."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def head(*titles: str) -> tuple[str, str]:
    """The first two lines of a Markdown table."""
    return row(*titles), "|" + "---|" * len(titles)


def _index_page(catalogue: Catalogue) -> Iterator[str]:
    yield "# What may be said"
    yield ""
    yield "Every message key of the catalogue in force. A key means the same in every dialect, at every door."
    yield ""
    yield from head("key", "does", "described under")
    for form in sorted(catalogue.forms.values(), key=lambda form: form.key):
        links = [f"[{file.title}]({file.code}.md)" for file in form.files]
        yield row(f"`{form.key}`", form.title, ", ".join(links) or "[Messages](messages.md)")
    yield ""
    yield "The values behind the codes: [Code tables](codes.md)."


def _file_page(catalogue: Catalogue, file: File) -> Iterator[str]:
    yield f"# {file.title}"
    yield ""
    yield f"Record file `{file.code}`, held by {_listed([source.value for source in file.held_by])}."
    if file.note:
        yield ""
        yield file.note
    if file.hit:
        yield ""
        yield f"A match is told as **{file.hit}**. {_sentence(file.confirm)}".rstrip()
    yield ""
    yield _kept(file.keep)
    for form in catalogue.forms.values():
        if file in form.files:
            yield ""
            yield from _form(form, file)


def _messages_page(catalogue: Catalogue) -> Iterator[str]:
    yield "# Messages"
    yield ""
    yield "What goes from one terminal to others and touches no record file."
    for form in catalogue.forms.values():
        if form.notice is not None:
            yield ""
            yield from _form(form, None)
            if form.notice.note:
                yield ""
                yield form.notice.note


def _form(form: Form, file: File | None) -> Iterator[str]:
    yield f"## `{form.key}` {form.title}"
    if file is not None and form.verb is Verb.INQUIRE:
        ways = _listed([_with(group) for group in file.ways(form.key)], "or")
        yield ""
        yield f"Found by {ways}." if ways else "Found by the record's number."
    yield ""
    yield from head("field", "is", "takes", "for example", "note")
    for field in form.fields:
        yield row(
            f"`{field.code}`", field.title, field.kind.words, f"`{_example(field)}`", "; ".join(_marks(field))
        )
    if form.rules:
        yield ""
        yield " ".join(_sentence(rule.words) for rule in form.rules)


def _example(field: Field) -> str:
    return field.kind.example.replace("\n", " ")


def _marks(field: Field) -> Iterator[str]:
    if field.required:
        yield "required"
    if field.many > 1:
        yield f"up to {field.many} times"
    if field.secret:
        yield "sealed in the database"
    if field.note:
        yield field.note


def _kept(keep: Keep) -> str:
    years = f"{keep.years} year{'s' if keep.years != 1 else ''}"
    if keep.years and keep.days:
        period = f"for the rest of its year, {years} and {keep.days} days"
    elif keep.years:
        period = f"for the rest of its year and {years}"
    elif keep.days:
        period = f"for {keep.days} days"
    else:
        period = "until it is cleared"
    source = f" ({keep.mark})" if keep.mark else ""
    return f"A record is kept {period}{source}."


def _codes_page(catalogue: Catalogue) -> Iterator[str]:
    yield "# Code tables"
    yield ""
    yield (
        "A code is dated and never removed, so old records still read. "
        f"A table of more than {SHOWN_ROWS_MAX} codes is only counted here."
    )
    users = _users(catalogue)
    for name in tables():
        rows = table(name).values()
        yield ""
        yield f"## `{name}`"
        yield ""
        used = f" Used by {_listed(users[name])}." if name in users else ""
        yield f"{len(rows)} codes.{used}"
        if len(rows) <= SHOWN_ROWS_MAX:
            yield ""
            yield from head("code", "meaning")
            for entry in rows:
                yield row(f"`{entry.code}`", entry.meaning)


def _users(catalogue: Catalogue) -> Mapping[str, list[str]]:
    """The fields that take each table's codes."""
    users: dict[str, list[str]] = {}
    for form in catalogue.forms.values():
        for field in form.fields:
            if isinstance(field.kind, Code):
                named = users.setdefault(field.kind.table, [])
                if f"`{field.code}`" not in named:
                    named.append(f"`{field.code}`")
    return users


def _with(group: tuple[str, ...]) -> str:
    return " with ".join(f"`{code}`" for code in group)


def _listed(words: list[str], last: str = "and") -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def _sentence(text: str) -> str:
    return text if not text or text[-1] in ".?!" else f"{text}."
