"""Reports that stand in the record itself: the person was served, or somebody tried."""

from __future__ import annotations

from wireroom.catalog.file import File, Report
from wireroom.catalog.fills import refilled
from wireroom.catalog.rules import Values
from wireroom.message.answer import Question
from wireroom.message.local import day_of
from wireroom.records.life import valued
from wireroom.records.shape import Fields, merged

NUMBER = ("FCN", "NIC")


def refusal(report: Report, fields: Fields, question: Question) -> str:
    """Why a report cannot be written onto a record with these fields; empty where it can."""
    held, message = valued(fields), question.message
    said = valued(message.fields)
    for code in report.matches:
        known = (*held.get(code, ()), *(held.get("AKA", ()) if code == "NAM" else ()))
        if message.get(code) not in known:
            return f"{code} IS NOT THAT OF THE RECORD: IS IT THE RIGHT NUMBER"
    if report.unless and all(when.holds(held) for when in report.unless):
        return report.done
    if any(when.holds(said) and not needs.holds(held) for when, needs in report.allowed):
        return report.forbidden
    return ""


def worked_out(file: File, fields: Fields, said: Values, question: Question) -> Fields:
    """The fields of a record after a change, with what hangs on others worked out again."""
    if not file.fills:
        return fields
    after = refilled(file.fills, valued(fields), day_of(question.at), said)
    return merged(file, (), [(code, value) for code, values in after.items() for value in values])


def written(file: File, report: Report, fields: Fields, question: Question) -> tuple[Fields, list[str]]:
    """The record's fields with what the report says in them, and what is wrong with it there."""
    own = {field.code for field in report.fields} - set(report.matches)
    said = [pair for pair in question.message.fields if pair[0] in own]
    said += [(report.by, question.seat.ori)] if report.by else []
    if report.counts:
        before = valued(fields).get(report.counts, ("0",))[0]
        kind = file.field(report.counts).kind
        said.append((report.counts, kind.load(min(int(before) + 1, 10**kind.length_max - 1))))
    after = merged(file, fields, (*said, *report.says))
    after = worked_out(file, after, valued((*said, *report.says)), question)
    told = {code for code, _ in (*said, *report.says)}
    faults = [fault for rule in file.rules for fault in rule.check(valued(after))]
    return after, [f"{code} {why}".upper() for code, why in faults if code in told]
