"""What follows from the state's records: copies at NCIC and stops at the DMV, and who is armed and prohibited.

The lab may not lean on the records' room, so it says here again what follows there; tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wireroom.catalog.file import File, Forward, Source
from wireroom.catalog.files.armed import ARMED
from wireroom.catalog.index import FILES, NUMBERED_BY
from wireroom.lab.invented import Entry, Fields, Invented
from wireroom.lab.places import DOJ

_BY_CODE = {file.code: file for file in FILES}


def valued(fields: Fields) -> dict[str, tuple[str, ...]]:
    """A record's values by field, as rules and conditions see them."""
    values: dict[str, tuple[str, ...]] = {}
    for code, value in fields:
        values[code] = (*values.get(code, ()), value)
    return values


def ordered(file: File, fields: Iterable[tuple[str, str]]) -> Fields:
    """Fields in the order of a file."""
    places = {field.code: place for place, field in enumerate(file.fields)}
    return tuple(sorted(fields, key=lambda pair: places[pair[0]]))


def goes(forward: Forward, fields: Fields) -> bool:
    """Whether a record goes to another holder: its conditions hold, and what the other needs is there."""
    values = valued(fields)
    whole = not forward.needs or any(all(code in values for code in group) for group in forward.needs)
    return whole and all(when.holds(values) for when in forward.when)


def state_and_copies(entry: Entry, owner: str, number: str, nic: str) -> list[Invented]:
    """A record of the state, then what other holders have of it, as if each had been told."""
    copies: list[Invented] = []
    for forward in entry.file.forwards:
        if goes(forward, entry.fields):
            copies.append(_copy(entry, forward, owner, number, nic))
    numbered = any(NUMBERED_BY.get(copy.source) == "NIC" for copy in copies)
    mine = Invented(
        Source.STATE, entry.file.code, owner, number, entry.fields,
        life=(("NIC", nic),) if numbered else (),
        copies=tuple((copy.source, copy.number) for copy in copies),
    )  # fmt: skip
    return [mine, *copies]


def _copy(entry: Entry, forward: Forward, owner: str, number: str, nic: str) -> Invented:
    target = _BY_CODE.get(forward.file, entry.file) if forward.file else entry.file
    chosen = forward.fields or tuple(field.code for field in target.fields)
    fields = tuple(pair for pair in entry.fields if pair[0] in chosen)
    if forward.file:
        fields = ordered(target, fields)
    named = nic if NUMBERED_BY.get(forward.to) == "NIC" else number
    return Invented(forward.to, target.code, owner, named, fields, life=(("FCN", number),))


def armed(entries: Iterable[tuple[Entry, str]]) -> list[Invented]:
    """Who has a firearm by one record and may have none by another; entries of one block with their numbers."""
    arming: dict[int, list[tuple[File, str, Fields]]] = {}
    barring: dict[int, list[tuple[File, str, Fields]]] = {}
    for entry, number in entries:
        if entry.person < 0:
            continue
        one = (entry.file, number, entry.fields)
        if arms(entry.file, entry.fields):
            arming.setdefault(entry.person, []).append(one)
        elif prohibitions(entry.file, entry.fields):
            barring.setdefault(entry.person, []).append(one)
    return [
        Invented(Source.STATE, ARMED.code, DOJ, "", derived([*arming[place], *barring[place]]))
        for place in sorted(arming.keys() & barring.keys())
    ]


def arms(file: File, fields: Fields) -> bool:
    """Whether a record says that its person has a firearm."""
    return file.arms is not None and all(when.holds(valued(fields)) for when in file.arms)


def prohibitions(file: File, fields: Fields) -> tuple[str, ...]:
    """Why its person may have none."""
    if not file.prohibits:
        return ()
    values = valued(fields)
    return tuple(one.words for one in file.prohibits if all(when.holds(values) for when in one.when))


def derived(behind: Sequence[tuple[File, str, Fields]]) -> Fields:
    """What the derived record says: the person, why, and the records behind it, as records.deriving has it."""
    rule = ARMED.derived
    assert rule is not None, "the file is derived"
    known = {field.code: field for field in ARMED.fields}
    said: list[tuple[str, str]] = []
    for _, _, fields in behind:
        for code, value in fields:
            field = known.get(code)
            if field is None or code in (rule.words, rule.links, rule.count) or (code, value) in said:
                continue
            if sum(one == code for one, _ in said) < field.many:
                said.append((code, value))
    words = dict.fromkeys(word for file, _, fields in behind for word in prohibitions(file, fields))
    said += [(rule.words, word) for word in list(words)[: known[rule.words].many]]
    said += [(rule.links, number) for _, number, _ in behind][: known[rule.links].many]
    said.append((rule.count, str(max(1, sum(arms(file, fields) for file, _, fields in behind)))))
    return ordered(ARMED, dict.fromkeys(said))
