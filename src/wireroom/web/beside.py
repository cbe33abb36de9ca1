"""What stands in a record beside its file's fields, as people read it: numbers, its life, reports, days."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from wireroom.catalog.file import Field, File, Report
from wireroom.catalog.kinds import Code
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.tables import spoken, table
from wireroom.message.describing import shown

REPORTS = "RPT"
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "FCN": "File control number",
        "NIC": "NCIC number",
        "LATE": "Entered late",
        "DOL": "Date located",
        "LCA": "Case of who located",
        "LOR": "Located by",
        "DIS": "What became of it",
        "DCL": "Date cleared",
        "CLR": "Why cleared",
        "RST": "Held by DOJ",
        "VLN": "Validated by",
        "DOV": "Date validated",
        REPORTS: "Report",
    }
)
_CODES: Mapping[str, str] = MappingProxyType(
    {"DIS": "location_result", "CLR": "clear_reason", "RST": "yes_no"}
)
_DAYS = frozenset({"DOL", "DCL", "DOV"})
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOMENT = re.compile(
    r"\b((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\b(?: ([01]\d|2[0-3])([0-5]\d) P[SD]T)?"
)


def title(code: str) -> str:
    """What a person calls it; a code that nobody named is itself."""
    return TITLES.get(code, code)


def value(code: str, said: str) -> str:
    """A value as a person reads it: a day, the meaning of a code, or itself."""
    if code in _CODES and said in table(_CODES[code]):
        return Code(table=_CODES[code]).show(said)
    return shown(Field(code, title(code), Day()), said) if code in _DAYS else dated(said)


def dated(line: str) -> str:
    """A line of the wire with its days and hours as a person reads them: 20261204 2359 PST is 4 Dec 2026 23:59."""
    return _MOMENT.sub(_moment, line)


def _moment(found: re.Match[str]) -> str:
    year, month, day, hour, minute = found.groups()
    at = f" {hour}:{minute}" if hour else ""
    return f"{int(day)} {_MONTHS[int(month) - 1]} {year}{at}"


def reports(file: File, said: str) -> tuple[str, ...]:
    """What others reported, the last first, each in words; a report that is none of the file's stands as it came."""
    return tuple(_report(file, line) for line in said.split("\n") if line)


def _report(file: File, line: str) -> str:
    head, colon, rest = line.partition(": ")
    report = next((one for one in file.reports if head.startswith(f"{one.title.upper()} ")), None)
    if report is None or not colon:
        return dated(line)
    by = head[len(report.title) + 1 :].partition(" ")
    what = "; ".join(_fields(report, rest))
    return f"{report.title}, {dated(by[2])}, by {by[0]}: {what}"


def _fields(report: Report, rest: str) -> list[str]:
    """The fields of a report, each with its title. A value may hold blanks; a field begins at its code."""
    by_code = {field.code: field for field in report.fields}
    parts = re.split(rf"(?:^| )({'|'.join(map(re.escape, by_code))})/", rest)
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return [f"{by_code[code].title} {_spoken(by_code[code], said)}" for code, said in pairs]


def _spoken(field: Field, said: str) -> str:
    if isinstance(field.kind, Code) and said in table(field.kind.table):
        return spoken(field.kind.table, said).lower() if len(said) == 1 else spoken(field.kind.table, said)
    return shown(field, said)
