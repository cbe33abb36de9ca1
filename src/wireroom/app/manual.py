"""Writes the catalogue as pages of the manual: one for each record file, one each for messages and codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from wireroom.app.manual_words import codes, described, known, listed, where
from wireroom.app.outside_words import outside
from wireroom.catalog.broadcast import Broadcast
from wireroom.catalog.file import Field, File, Verb
from wireroom.catalog.index import COURTESY, Catalogue, Form
from wireroom.catalog.kinds import Code
from wireroom.catalog.reach import WORDS, Reach
from wireroom.catalog.tables import table, tables

SHOWN_ROWS_MAX = 40  # a longer code table is named and counted, not printed
# Verbs whose one key is for the records of every file: described once.
SHARED = frozenset({Verb.VERIFY, Verb.VALIDATE, Verb.RESTRAIN, Verb.LIST})
# What its life adds to a record, for whoever reads one.
LIFE = (
    ("NIC", "its number at NCIC, once NCIC has taken it"),
    ("LATE", "how much later than it should it was entered"),
    ("DOL, LCA, DIS, LOR", "when it was located, under which case, what became of it, by which agency"),
    ("DCL, CLR", "when it was cleared, and why"),
    ("RST", "whether DOJ holds it"),
    ("VLN, DOV", "who validated it last, and when"),
    ("RPT", "what others reported on it, the newest first, at most ten"),
)
# What public descriptions of such systems name and Wireroom does not hold. Kept by hand.
NOT_HELD = (
    (
        "Criminal history of California: ACHS; what other states hold of the FBI's III",
        "of NCIC's III the index and its records are asked for; the states' own are for a later version",
    ),
    (
        "Nlets: other states' boats, criminal histories and messages; Canada's licences and registrations",
        "of other states there are registrations, licences and drivers' histories: the rest is for a later version",
    ),
    ("LEDS, CPIC, INTERPOL: Oregon, Canada, the world", "links to others, not files: a later version"),
    ("Cal-Photo, NCIC's images", "pictures, which no message here carries"),
    (
        "NICS: the FBI's checks of who buys a firearm",
        "stands beside NCIC (general knowledge), with partners of its own",
    ),
)

INVENTED = "Invented"  # how the name of a county begins that there is not


def catalogue_pages(catalogue: Catalogue) -> Mapping[str, str]:
    """Every page as Markdown, by its file name. The same catalogue gives the same bytes."""
    pages = {f"{file.code}.md": _page(_file_page(catalogue, file)) for file in catalogue.files.values()}
    pages["files.md"] = _page(_files_page(catalogue))
    pages["records.md"] = _page(_records_page(catalogue))
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


def page_of(form: Form) -> str:
    """The file name of the page that describes a message key."""
    if form.verb in SHARED and form.notice is None:
        return "records.md"
    return f"{form.files[0].code}.md" if form.files else "messages.md"


def _index_page(catalogue: Catalogue) -> Iterator[str]:
    yield "# What may be said"
    yield ""
    yield "Every message key of the catalogue in force. A key means the same in every dialect, at every door."
    yield ""
    yield from head("key", "does", "described under")
    for form in sorted(catalogue.forms.values(), key=lambda form: form.key):
        links = [f"[{file.title}]({file.code}.md)" for file in form.files]
        if page_of(form) == "records.md":
            links = ["[Records of every file](records.md)"]
        yield row(f"`{form.key}`", form.title, ", ".join(links) or "[Messages](messages.md)")
    yield ""
    yield "All files in one table: [Record files](files.md). The values behind the codes: [Code tables](codes.md)."


def _files_page(catalogue: Catalogue) -> Iterator[str]:
    yield "# Record files"
    yield ""
    yield (
        "What is kept, what California or the FBI call it, who holds it, and the keys that reach it. Whatever enters, "
        "changes or ends a record goes to the state, and the state tells NCIC and the DMV."
    )
    yield ""
    yield from head("file", "known as", "NIC", "held by", "enter", "modify", "add to, take out of", "locate", "clear",
                    "cancel", "report", "inquire")  # fmt: skip
    for file in catalogue.files.values():
        yield row(
            f"[{file.title}]({file.code}.md)", file.source, file.letter, ", ".join(file.held_by),
            _keys(one.key for one in file.enters), _keys([file.modify]), _keys([file.supplement, file.strike]),
            _keys([file.locate]), _keys([file.clear]), _keys([file.cancel]), _keys(one.key for one in file.reports),
            _keys(file.inquiries),
        )  # fmt: skip
    yield ""
    yield "The keys for records of every file, as `VFY` and `VAL`: [Records of every file](records.md)."
    yield ""
    yield "## What is not held"
    yield ""
    yield "What public descriptions of California's and the FBI's systems name, and Wireroom does not have."
    yield ""
    yield from head("what", "why not")
    for what, why in NOT_HELD:
        yield row(what, why)


def _keys(keys: Iterable[str]) -> str:
    return " ".join(f"`{key}`" for key in keys if key)


def _records_page(catalogue: Catalogue) -> Iterator[str]:
    yield "# Records of every file"
    yield ""
    yield (
        "Keys that the records of all the state's files share. They are ours: NCIC has none for them, and California's "
        "are not public."
    )
    for form in catalogue.forms.values():
        if page_of(form) == "records.md":
            yield ""
            yield from _form(form, None)
    yield ""
    yield "## For another agency"
    yield ""
    yield (
        "Every key that enters takes these fields as well. The record is then that agency's, and it is told at once. "
        "They are not taken for a file that only some roles may enter."
    )
    yield ""
    yield from head("field", "is", "takes", "for example")
    for field in COURTESY:
        yield row(f"`{field.code}`", field.title, field.kind.words, f"`{_example(field)}`")
    yield ""
    yield "## What its life adds to a record"
    yield ""
    yield from head("field", "says")
    for code, said in LIFE:
        yield row(", ".join(f"`{one}`" for one in code.split(", ")), said)


def _file_page(catalogue: Catalogue, file: File) -> Iterator[str]:
    yield f"# {file.title}"
    yield ""
    yield known(file)
    if file.note:
        yield ""
        yield file.note
    yield from _matches(file)
    if file.tells:
        yield ""
        yield _told_as(file)
    for sentence in (*described(file), *outside(file)):
        yield ""
        yield sentence
    shared = [form.key for form in catalogue.forms.values() if file in form.files and form.verb in SHARED]
    if shared:
        yield ""
        yield f"Its records also take {codes(shared)}: see [Records of every file](records.md)."
    for form in catalogue.forms.values():
        if file in form.files and form.verb not in SHARED:
            yield ""
            yield from _form(form, file)


def _told_as(file: File) -> str:
    """What broadcasts about the file's records are."""
    told = [f"`{one.subject}`{where(one.when, file)}" for one in file.tells]
    said = listed(told, "or else")
    return f"**Broadcast.** A message to many about a record is, whatever its sender calls it, {said}."


def _matches(file: File) -> Iterator[str]:
    """What a match is called, by what stands in the record."""
    if not file.hit and not file.called:
        return
    yield ""
    yield from head("a match is called", "where", "then")
    for one in file.called:
        yield _match(one.hit, one.title, where([one.when], file).removeprefix(" where "), one.confirm)
    yield _match(file.hit, "", "nothing above holds" if file.called else "always", file.confirm)
    if file.confirm_as:
        yield ""
        yield f"A request to confirm it (`YQ`) says `RTY/{file.confirm_as}`."


def _match(hit: str, title: str, condition: str, confirm: str) -> str:
    informs = f"{title}: it informs" if title else "no hit: it informs"
    return row(f"**{hit}**" if hit else informs, condition, confirm)


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
            if form.notice.broadcast is not None:
                yield ""
                yield from _subjects(form.notice.broadcast)
                yield ""
                yield from _regions()


def _subjects(rules: Broadcast) -> Iterator[str]:
    """Every subject of a message to many: how far it goes, and why no farther."""
    yield from head(f"`{rules.subject}`", "is", "goes to", "because")
    for entry in table(rules.subjects).values():
        bar = rules.bar_of(entry.code)
        if bar is None:
            yield row(f"`{entry.code}`", entry.meaning, "the whole state", "")
            continue
        farthest = "nobody but single addresses" if bar.beyond == Reach.AGENCY else WORDS[bar.beyond]
        more = f"; farther with `{rules.grave}/Y`, approved" if bar.unless_grave else ""
        yield row(f"`{entry.code}`", entry.meaning, farthest + more, f"{bar.why} ({bar.mark})")


def _regions() -> Iterator[str]:
    """The counties of each region, by name where they have one."""
    names = table("county")
    yield from head("region", "is", "counties")
    for region in table("region").values():
        counties = [one.code for one in table("county_region").values() if one.meaning == region.code]
        real = [code for code in counties if not names[code].meaning.startswith(INVENTED)]
        named = [f"{names[code].meaning} (0{code})" for code in real]
        invented = [code for code in counties if code not in real]
        more = f", and of those that are invented 0{invented[0]} to 0{invented[-1]}"
        yield row(f"`REG-{region.code}`", region.meaning, f"{', '.join(named)}{more}")


def _form(form: Form, file: File | None) -> Iterator[str]:
    yield f"## `{form.key}` {form.title}"
    if file is not None and form.verb is Verb.INQUIRE:
        yield ""
        yield _found(form, file)
    if form.says:
        yield ""
        said = listed([f"`{code}/{value}`" for code, value in form.says])
        yield f"The key itself says {said}: it need not be sent, and nothing else may be."
    if form.report is not None:
        yield ""
        yield "Any agency may send it. It stands in the record, and the owner is told at once (`$.R.`)."
    yield ""
    yield from head("field", "is", "takes", "for example", "note")
    for field in form.fields:
        yield row(
            f"`{field.code}`", field.title, field.kind.words, f"`{_example(field)}`", "; ".join(_marks(field))
        )
    if form.rules:
        yield ""
        yield " ".join(_sentence(rule.words) for rule in form.rules)


def _found(form: Form, file: File) -> str:
    ways = listed([_with(group) for group in file.ways(form.key)], "or")
    said = f"Found by {ways}." if ways else "Found by the record's number."
    if form.key == file.inquire and file.narrow:
        said += f" {codes(file.narrow)} may be added, to find fewer."
    return said


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
        used = f" Used by {listed(users[name])}." if name in users else ""
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


def _sentence(text: str) -> str:
    return text if not text or text[-1] in ".?!" else f"{text}."
