"""Writes the manual's generated pages from the code, or says which of those on disk no longer agree."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from tests import controls
from wireroom.app import cli, manual, settings
from wireroom.app.data_map import data_map_page
from wireroom.catalog.index import Catalogue
from wireroom.policy.ruling import usual

DOCS = Path(__file__).resolve().parent.parent / "docs"
NOTE = "<!-- Written by `make fix` from the code; changes made here are lost. -->\n\n"


def pages() -> Mapping[str, str]:
    """Every generated page, by its path under docs/."""
    found = {
        "settings.md": settings_page(),
        "commands.md": commands_page(),
        "controls.md": controls.page(),
        "rules.md": rules_page(),
        "data-map.md": data_map_page(),
    }
    for name, text in manual.catalogue_pages(Catalogue()).items():
        found[f"catalogue/{name}"] = text
    return {name: NOTE + text for name, text in found.items()}


def rules_page() -> str:
    """What each role's duty includes, and every rule with what the person is told."""
    policies = usual()
    lines = [
        "# The rules, one by one",
        "",
        "Those that come with the program. What they mean together, and how they are changed: [Rules](policy.md).",
        "",
        "## What each role's duty includes",
        "",
        *manual.head("role", "may"),
        *(
            manual.row(
                f"`{role.value}`", ", ".join(sorted(verb.value for verb in may)) or "nothing that is sent"
            )
            for role, may in policies.duties.items()
        ),
        "",
        "## What refuses a message",
        "",
        "In this order: the first gives the refusal its name. The journal has all that refused it.",
        "",
        *manual.head("rule", "the person is told"),
        *(
            manual.row(f"`{one.name}`", one.sentence + (f" (named `{one.told}`)" if one.told else ""))
            for one in policies.rules
        ),
    ]
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    """Every key of wireroom.toml."""
    lines = [
        "# Settings",
        "",
        "All settings stand in one file, `wireroom.toml`, in the folder from which Wireroom is started, or",
        "where `--config` points. Every key has a default that works: an empty file is a complete system. A",
        "key that does not exist is an error that names its place. Secrets are never in the file; it names",
        "files that hold them.",
        "",
        "`wireroom settings` prints what is in force and where each value came from.",
    ]
    section = None
    for key, default, meaning in settings.declared():
        head, _, _ = key.rpartition(".")
        if head and head != section:
            section = head
            lines += ["", *_section(head), "", *manual.head("key", "default", "meaning")]
        if head:
            lines.append(manual.row(f"`{key}`", f"`{default}`", meaning))
        else:
            lines += ["", f"`{key}`: {meaning} Default: {default}."]
            section = None
    return "\n".join(lines) + "\n"


def _section(name: str) -> tuple[str, str, str]:
    if name in settings.LISTS:
        return f"## `[[{name[:-2]}]]`", "", settings.LISTS[name].__doc__ or ""
    return f"## `[{name}]`", "", type(getattr(settings.Settings(), name)).__doc__ or ""


def root() -> click.Group:
    """The `wireroom` command."""
    return cli.wireroom


def commands(group: click.Group, path: str = "wireroom") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its whole name, in order of names."""
    context = click.Context(group, info_name=path)
    for name in sorted(group.list_commands(context)):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        if isinstance(command, click.Group):
            if command.invoke_without_command:  # it does something by itself, too
                yield f"{path} {name}", command
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def options(command: click.Command) -> Iterator[click.Option]:
    """The options of a command that people are told of."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            yield parameter


def spelled(option: click.Option) -> str:
    """All ways to write an option: `-v`, `--verbose`, `--no-verbose`."""
    return ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))


def commands_page() -> str:
    """Every command with its arguments and options."""
    lines = [
        "# Commands",
        "",
        "Every command that prints data takes `--json`. Exit codes: 0 done (for `send`: answered with a",
        "hit), 1 answered without a hit, 2 wrong use, 3 refused, 4 not sent or no answer, 70 our fault.",
    ]
    own = [manual.row(spelled(option), option.help or "") for option in options(root())]
    if own:
        lines += ["", "Before any command:", "", *manual.head("option", "does"), *own]
    for name, command in commands(root()):
        lines += ["", *_command(name, command)]
    return "\n".join(lines) + "\n"


def _command(name: str, command: click.Command) -> list[str]:
    arguments = [_argument(argument) for argument in command.params if isinstance(argument, click.Argument)]
    lines = [f"## `{name}`", "", f"`{' '.join((name, *arguments))}`", "", _text(command.help)]
    rows = [manual.row(spelled(option), _told(option)) for option in options(command)]
    if rows:
        lines += ["", *manual.head("option", "does"), *rows]
    return lines


def _argument(argument: click.Argument) -> str:
    word = (argument.metavar or argument.name or "").upper().strip("[]").removesuffix("...")
    shown = f"{word}…" if argument.nargs == -1 else word
    return shown if argument.required else f"[{shown}]"


def _told(option: click.Option) -> str:
    told = option.help or ""
    if isinstance(option.type, click.Choice):
        told += f" One of {', '.join(f'`{choice}`' for choice in option.type.choices)}."
    if option.show_default and option.default not in (None, False, ()) and not callable(option.default):
        told += f" Default: `{option.default}`."
    return told.strip()


def _text(help_text: str | None) -> str:
    """A command's help as Markdown: click's mark against rewrapping is not for readers."""
    return (help_text or "").replace("\b\n", "").strip()


def outdated() -> list[str]:
    """The pages on disk that are not as the code would write them, those too many included."""
    wanted = pages()
    found = [
        name
        for name, text in wanted.items()
        if not (DOCS / name).is_file() or (DOCS / name).read_text(encoding="utf-8") != text
    ]
    known = {path.relative_to(DOCS).as_posix() for path in (DOCS / "catalogue").glob("*.md")}
    return sorted({*found, *(known - set(wanted))})


def write() -> None:
    """Bring every generated page up to date and remove those that nothing generates any more."""
    wanted = pages()
    (DOCS / "catalogue").mkdir(parents=True, exist_ok=True)
    for path in (DOCS / "catalogue").glob("*.md"):
        if path.relative_to(DOCS).as_posix() not in wanted:
            path.unlink()
    for name, text in wanted.items():
        path = DOCS / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """`--write` or `--check`."""
    if arguments == ["--write"]:
        write()
        return 0
    if arguments != ["--check"]:
        print("say --write or --check", file=sys.stderr)
        return 2
    stale = outdated()
    if stale:
        print(f"not as the code would write them: {', '.join(stale)}; run make fix", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
