"""Writes an answer as text for a terminal or another system, and reads such a text back into the answer.

One field stands on a line, and a value of several lines goes on behind a blank, so no value can be taken for another
field or for another record. The layout follows the published shape of NCIC replies; its words that are not public
come from wording.toml and are ours.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from wireroom.catalog.file import Source
from wireroom.catalog.index import WHY, Catalogue
from wireroom.catalog.kinds import Prose
from wireroom.message.answer import Answer, Hit, State
from wireroom.message.command import HOME_STATE
from wireroom.message.envelope import Fault, Message

OWNER_IS = "ORI IS "  # before the owner's name and telephone, as NCIC writes it
POSSIBLE = "POSSIBLE "  # before what a record is called that may well be somebody else's
REPLY_CHARACTERS_MAX = 262_144  # 25 records with every field full, and some room
_PAIR = re.compile(r"([A-Z][A-Z0-9]{1,3})/(.*)")
_HEAD = ("FILE", "STS", "ORI", "NBR")  # the lines that head every record, full or empty
_HEADER = re.compile(r"1L01(\S{1,20})")


class ReplyError(ValueError):
    """A text is not a reply that was written by `write_reply`; the words say where it departs."""


@cache
def wording() -> dict[str, str]:
    """The fixed words of replies by name, from wording.toml beside this module."""
    text = resources.files("wireroom.message").joinpath("wording.toml").read_text(encoding="utf-8")
    words = tomllib.loads(text)
    return {f"{group}.{name}": value for group, names in words.items() for name, value in names.items()}


def title(answer: Answer, catalogue: Catalogue) -> str:
    """The verdict of one source in one sentence, in capitals, fit for the largest type."""
    asking = [hit for hit in answer.hits if named(hit, catalogue)[0]]
    if answer.state is State.HIT and asking:
        found = asking[0]
        before = f"{found.status.upper()} " if found.status in ("located", "restrained") else ""
        more = f" AND {len(asking) - 1} MORE" if len(asking) > 1 else ""
        called, _ = named(found, catalogue)
        return f"{POSSIBLE if found.tier else ''}{before}{called}{more} - CONFIRM FIRST"
    if answer.state is State.RECORD and answer.hits:
        several = f"{len(answer.hits)} RECORDS: " if len(answer.hits) > 1 else ""
        return (
            f"{several}{POSSIBLE if answer.hits[0].tier else ''}{titled(answer.hits[0], catalogue).upper()}"
        )
    if answer.text and answer.state in (State.ACCEPTED, State.REFUSED):
        return answer.text.partition("\n")[0]
    return wording()[f"state.{answer.state.name.lower()}"]


def named(hit: Hit, catalogue: Catalogue) -> tuple[str, str]:
    """What a record is called where it asks its reader to act, and what to do first; empty where it informs."""
    return catalogue.files[hit.file].named(_values(hit))


def titled(hit: Hit, catalogue: Catalogue) -> str:
    """What a record is, whether or not it asks its reader to act."""
    return catalogue.files[hit.file].titled(_values(hit))


def _values(hit: Hit) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    for code, value in hit.fields:
        values[code] = (*values.get(code, ()), value)
    return values


def write_reply(answer: Answer, message: Message, catalogue: Catalogue, *, control: str, ori: str) -> str:
    """The whole reply of one source to one message as text."""
    lines = [f"1L01{control}", ori, f"{answer.source} {wording()[f'state.{answer.state.name.lower()}']}"]
    if answer.text:
        lines.extend(f"TXT/{line}" for line in answer.text.split("\n"))
    elif not answer.hits and (words := wording().get(f"asked.{answer.state.name.lower()}")):
        lines.extend(words.format(source=answer.source, pair=pair) for pair in _asked(message))
        if answer.source == Source.DMV and answer.state is State.NO_RECORD and _is_elsewhere(message):
            lines.append(wording()["asked.elsewhere"])
    for hit in answer.hits:
        lines.extend(("", *hit_lines(hit, catalogue, found=answer.state is State.HIT)))
    return "\n".join(lines)


def _asked(message: Message) -> list[str]:
    """What was asked, a field on a line; a source that did not look must not be read as one that found nothing."""
    return [
        _line(code, value)
        for code, value in message.fields
        if code not in WHY and code not in ("TXT", "SRH", "RSN", "HST", "PTY", "EMG")
    ]


def _is_elsewhere(message: Message) -> bool:
    """Whether another state's plate, licence or boat is asked for."""
    return any(code in ("LIS", "OLS", "RES") and value != HOME_STATE for code, value in message.fields)


def _line(code: str, value: str) -> str:
    """A field as it stands in a reply: further lines of its value begin with a blank, as no field does."""
    return f"{code}/{value}".replace("\n", "\n ")


def hit_lines(hit: Hit, catalogue: Catalogue, *, found: bool) -> list[str]:
    """A record; where it was found, and not just entered or changed, with what to do before acting on it."""
    called, confirm = named(hit, catalogue)
    caution = " - CAUTION" if any(code == "CMC" for code, _ in hit.fields) else ""
    lines = [
        f"MKE/{POSSIBLE if hit.tier else ''}{called or titled(hit, catalogue).upper()}{caution}",
        f"FILE/{hit.file}",
        f"STS/{hit.status.upper()}",
        f"ORI/{hit.owner}",
        f"NBR/{hit.number}",
        *(_line(code, value) for code, value in hit.fields),
    ]
    if hit.tier:
        lines.append(_line("LIK", hit.tier.upper()))
    if hit.why:
        lines.append(_line("WHY", hit.why))
    if hit.agency:
        lines.append(f"{OWNER_IS}{hit.agency}")
    if found and confirm:
        lines.append(confirm)
    return lines


def read_reply(text: str, catalogue: Catalogue, *, source: str) -> tuple[str, Answer]:
    """The control and the answer of a reply's text. Raises ReplyError where it is not one."""
    if len(text) > REPLY_CHARACTERS_MAX:
        raise ReplyError(f"the reply has {len(text)} characters, more than {REPLY_CHARACTERS_MAX}")
    lines = text.split("\n")
    header = _HEADER.fullmatch(lines[0])
    if header is None or len(lines) < 3:
        raise ReplyError("the reply does not begin with a header, an ORI and a state")
    words = {f"{source} {wording()[f'state.{state.name.lower()}']}": state for state in State}
    if lines[2] not in words:
        raise ReplyError(f"the reply states {lines[2][:40]!r}, which is not a state of {source}")
    head, *paragraphs = text.split("\n\nMKE/")
    state = words[lines[2]]
    hits = tuple(_read_hit(part.split("\n")[1:], catalogue, found=state is State.HIT) for part in paragraphs)
    if state in (State.HIT, State.RECORD) and not hits:
        raise ReplyError(f"the reply states {lines[2][:40]!r} and holds no record")
    said = [line.removeprefix("TXT/") for line in head.split("\n")[3:] if line.startswith("TXT/")]
    return header[1], Answer(source=source, state=state, hits=hits, text="\n".join(said))


def _read_hit(lines: list[str], catalogue: Catalogue, *, found: bool) -> Hit:
    """A record from its lines: four that head it, its fields, why it matched, and what to do about it."""
    head = {}
    for code, line in zip(_HEAD, lines, strict=False):
        if not line.startswith(f"{code}/"):
            raise ReplyError(f"a record in the reply begins with {line[:40]!r}, not with {code}/")
        head[code] = line.removeprefix(f"{code}/")
    file = catalogue.files.get(head.get("FILE", ""))
    if file is None or len(head) < len(_HEAD):
        raise ReplyError(
            f"the reply names the file {head.get('FILE', '')[:40]!r}, which is not declared here"
        )
    rest = lines[len(_HEAD) :]
    said = {file.confirm, *(one.confirm for one in file.called)} - {""}
    if found and rest and rest[-1] in said:
        rest.pop()
    agency = rest.pop().removeprefix(OWNER_IS) if rest and rest[-1].startswith(OWNER_IS) else ""
    fields = _read_fields(rest)
    why = fields.pop()[1] if fields and fields[-1][0] == "WHY" else ""
    tier = fields.pop()[1].lower() if fields and fields[-1][0] == "LIK" else ""
    return Hit(
        file=file.code,
        number=head["NBR"],
        owner=head["ORI"],
        status=head["STS"].lower(),
        fields=tuple(fields),
        tier=tier,
        agency=agency,
        why=why,
    )


def _read_fields(lines: list[str]) -> list[tuple[str, str]]:
    fields: list[tuple[str, str]] = []
    for line in lines:
        if line.startswith(" ") and fields:
            code, value = fields[-1]
            fields[-1] = (code, f"{value}\n{line[1:]}")
        elif found := _PAIR.fullmatch(line):
            fields.append((found[1], found[2]))
        else:
            raise ReplyError(f"a record in the reply has the line {line[:40]!r}, which is not FIELD/value")
    return fields


def write_faults(faults: tuple[Fault, ...]) -> str:
    """Every fault, one on a line, in the words of a reject."""
    return "\n".join(
        f"REJECT - {fault.field} {fault.reason}{f' ({fault.given})' if fault.given else ''}"
        for fault in faults
    )


def prose_of(message: Message, catalogue: Catalogue) -> str:
    """The free text of a message, empty where its form has none."""
    form = catalogue.forms[message.key]
    return next((message.get(field.code) for field in form.fields if isinstance(field.kind, Prose)), "")
