"""Writes an answer as text for a terminal or another system, and reads such a text back into the answer.

One field stands on a line, so no value can be taken for another field. The layout follows the published shape of
NCIC replies; its words that are not public come from wording.toml and are ours.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from wireroom.catalog.index import Catalogue
from wireroom.catalog.kinds import Prose
from wireroom.message.answer import Answer, Hit, State
from wireroom.message.envelope import Fault, Message

REPLY_CHARACTERS_MAX = 65_536
_PAIR = re.compile(r"([A-Z][A-Z0-9]{1,3})/(.*)")
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
    if answer.state is State.HIT:
        found = next(hit for hit in answer.hits if catalogue.files[hit.file].hit)
        file = catalogue.files[found.file]
        located = "LOCATED " if found.status == "located" else ""
        more = f" AND {len(answer.hits) - 1} MORE" if len(answer.hits) > 1 else ""
        return f"{located}{file.hit}{more} - CONFIRM FIRST"
    if answer.state is State.RECORD:
        file = catalogue.files[answer.hits[0].file]
        return (
            f"{len(answer.hits)} RECORDS: {file.title.upper()}"
            if len(answer.hits) > 1
            else file.title.upper()
        )
    if answer.text and answer.state in (State.ACCEPTED, State.REFUSED):
        return answer.text.splitlines()[0]
    return wording()[f"state.{answer.state.name.lower()}"]


def write_reply(answer: Answer, message: Message, catalogue: Catalogue, *, control: str, ori: str) -> str:
    """The whole reply of one source to one message as text."""
    lines = [f"1L01{control}", ori, f"{answer.source} {wording()[f'state.{answer.state.name.lower()}']}"]
    lines.extend(f"TXT/{line}" for line in answer.text.splitlines())
    if not answer.hits and not answer.text:
        lines.extend(f"NO {answer.source} RECORD {pair}" for pair in _asked(message))
    for hit in answer.hits:
        lines.extend(("", *_hit_lines(hit, catalogue)))
    return "\n".join(lines)


def _asked(message: Message) -> list[str]:
    return [f"{code}/{value}" for code, value in message.fields if code not in ("PUR", "CAS", "ATN", "TXT")]


def _hit_lines(hit: Hit, catalogue: Catalogue) -> list[str]:
    file = catalogue.files[hit.file]
    caution = " - CAUTION" if any(code == "CMC" for code, _ in hit.fields) else ""
    lines = [
        f"MKE/{file.hit or file.title.upper()}{caution}",
        f"FILE/{hit.file}",
        f"STS/{hit.status.upper()}",
    ]
    if hit.owner:
        lines.append(f"ORI/{hit.owner}")
    if hit.number:
        lines.append(f"NBR/{hit.number}")
    lines.extend(f"{code}/{value}" for code, value in hit.fields)
    if hit.why:
        lines.append(f"WHY/{hit.why}")
    if file.confirm:
        lines.append(file.confirm)
    return lines


def read_reply(text: str, catalogue: Catalogue, *, source: str) -> tuple[str, Answer]:
    """The control and the answer of a reply's text. Raises ReplyError where it is not one."""
    if len(text) > REPLY_CHARACTERS_MAX:
        raise ReplyError(f"the reply has {len(text)} characters, more than {REPLY_CHARACTERS_MAX}")
    lines = text.split("\n")
    header = _HEADER.fullmatch(lines[0])
    if header is None or len(lines) < 3:
        raise ReplyError("the reply does not begin with a header, an ORI and a state")
    words = {wording()[f"state.{state.name.lower()}"]: state for state in State}
    said = lines[2].removeprefix(f"{source} ")
    if said not in words:
        raise ReplyError(f"the reply states {said[:40]!r}, which is not a state")
    said_lines = [line.removeprefix("TXT/") for line in lines[3:] if line.startswith("TXT/")]
    paragraphs = text.split("\n\nMKE/")[1:]
    hits = tuple(_read_hit(paragraph.split("\n"), catalogue) for paragraph in paragraphs)
    return header[1], Answer(source=source, state=words[said], hits=hits, text="\n".join(said_lines))


def _read_hit(lines: list[str], catalogue: Catalogue) -> Hit:
    pairs = [(found[1], found[2]) for line in lines[1:] if (found := _PAIR.fullmatch(line))]
    head = dict(pairs[:4])
    if head.get("FILE") not in catalogue.files:
        raise ReplyError(
            f"the reply names the file {head.get('FILE', '')[:40]!r}, which is not declared here"
        )
    taken = [code for code in ("FILE", "STS", "ORI", "NBR") if code in head]
    fields = pairs[len(taken) :]
    why = fields.pop()[1] if fields and fields[-1][0] == "WHY" else ""
    return Hit(
        file=head["FILE"],
        number=head.get("NBR", ""),
        owner=head.get("ORI", ""),
        status=head.get("STS", "").lower(),
        fields=tuple(fields),
        why=why,
    )


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
