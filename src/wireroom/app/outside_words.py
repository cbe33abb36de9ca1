"""Says in sentences what a record file declares about people outside, and about who alone is shown its records."""

from __future__ import annotations

from collections.abc import Iterator

from wireroom.app.manual_words import codes, listed, marked, where
from wireroom.catalog.file import File
from wireroom.catalog.informing import Channel, Informs, On

CHANNELS = {Channel.EMAIL: "by e-mail", Channel.SERVICE: "by the notification service"}


def outside(file: File) -> Iterator[str]:
    """Each thing as a sentence with its head in bold."""
    for head, said in (
        ("Stands on", _stands_on(file)),
        ("Shown to", _shown_to(file)),
        ("Wishes", _wishes(file)),
        ("Told to people outside", _told(file)),
        ("Seeks a firearm", _seeks(file)),
    ):
        if said:
            yield f"**{head}.** {said}"


def _stands_on(file: File) -> str:
    rule = file.attached
    if rule is None:
        return ""
    named = f", and the agencies that it names in {codes(rule.by)}" if rule.by else ""
    entered = (
        f"A record is entered onto one of the file `{rule.to}` that is in force, named by `{rule.field}`"
    )
    return " ".join((
        marked(f"{entered}: by the agency that owns that one{named}", rule.mark),
        "It ends when that one ends, goes over to the one that takes its place, and is dropped with it.",
    ))  # fmt: skip


def _shown_to(file: File) -> str:
    if not file.read_by:
        return ""
    roles = listed([f"`{role}`" for role in file.read_by])
    return (
        f"Law enforcement only: the roles {roles}, at no court. Whoever else enters or ends a record is told its "
        "number and nothing in it. Notices, which whoever sits at a terminal reads, say the number alone."
    )


def _wishes(file: File) -> str:
    ways = [f"{CHANNELS[one.channel]} at `{one.field}`" for one in file.wishes]
    return f"Who asks for it is told of the other record {listed(ways, 'or')}." if ways else ""


def _told(file: File) -> str:
    said = [f"`{one.event}` {_when(one, file)}: “{one.words}” {one.spanish}" for one in file.informs]
    rules = sorted({f"{one.event}: {one.mark}" for one in file.informs if one.mark})
    return (
        " ".join(("Who asked to be told hears of these, once each.", *said, f"({'; '.join(rules)}.)"))
        if said
        else ""
    )


def _when(one: Informs, file: File) -> str:
    if one.on is On.WISHED:
        return "when they ask"
    if one.on is On.BECAME:
        return f"when a change makes it so{where(one.when, file)}"
    if one.on is On.REPORTED:
        return f"at each `{one.report}`"
    if one.on is On.SOUGHT:
        return f"when its person, barred from firearms, seeks one from the day in `{one.since}` on"
    return f"when it is {listed(one.ways, 'or')}" if one.ways else "when it ends in another way"


def _seeks(file: File) -> str:
    if file.seeks is None:
        return ""
    so = where(file.seeks.when, file)
    return f"A record says that its person seeks a firearm on the day in `{file.seeks.day}`{so}."
