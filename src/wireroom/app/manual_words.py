"""Says in sentences what the declaration of a record file says: its matches, its time, and who else is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from wireroom.catalog.consequences import Clock
from wireroom.catalog.file import TOLD, File, Forward, Keep, Late, Remind, Report, Source
from wireroom.catalog.guarding import Restricted
from wireroom.catalog.kinds import Code
from wireroom.catalog.kinds_of_person import Height, Weight
from wireroom.catalog.when import When
from wireroom.records.same import same_by

MEANING_MAX = 40  # characters of a code's meaning that stand beside it
SPELLED_MAX = 10  # conditions over more codes than these name the first and count the others


def listed(words: Sequence[str], last: str = "and") -> str:
    """Words as one reads them: a, b and c."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def codes(fields: Iterable[str], last: str = "and") -> str:
    """Field codes as one reads them."""
    return listed([f"`{code}`" for code in fields], last)


def marked(text: str, mark: str) -> str:
    """A sentence with what it rests on."""
    return f"{text} ({mark})." if mark else f"{text}."


def known(file: File) -> str:
    """Who holds a file, and what it is called elsewhere."""
    said = f"Record file `{file.code}`, held by {listed([source.value for source in file.held_by])}."
    if file.source:
        said += f" California or the FBI know it as {file.source}."
    if file.letter:
        said += f" NCIC's numbers of its records begin with {file.letter}."
    return said


def described(file: File) -> Iterator[str]:
    """Each thing that the declaration says beside fields and keys, as a sentence with its head in bold."""
    for head, said in (
        ("Kept", _kept(file)),
        ("Worked out", " ".join(one.words for one in file.fills)),
        ("Late", " ".join(_late(several, file) for several in _alike(file.late))),
        ("Recalled", _recalled(file)),
        ("Two of one thing", _same(file)),
        ("Takes the place of", _superseding(file)),
        ("Set back", _resetting(file)),
        ("Clocks", " ".join(_clock(one, file) for one in file.clocks)),
        ("Reports", " ".join(_report(one, file) for one in file.reports if one.writes)),
        ("Validated", _validated(file)),
        ("Reminded", " ".join(_reminded(one, file) for one in file.reminds)),
        ("May be the same person", _resembling(file)),
        ("Other states", _abroad(file)),
        ("Told to others", " ".join(_forwarded(one, file) for one in file.forwards)),
        ("Confidential", " ".join(f"Where `{c.when}` is there, nobody is shown {codes(c.hides, 'or')}: "
                                  f"`{c.when}` says whom to ask." for c in file.conceals)),
        ("Asked", _asked(file)),
        ("Guarded", _guarded(file)),
        ("Entered by", _entered_by(file)),
        ("Firearms", _firearms(file)),
        ("Made by the state", _derived(file)),
    ):  # fmt: skip
        if said:
            yield f"**{head}.** {said}"


def where(conditions: Iterable[When], file: File) -> str:
    """Conditions that all hold, to stand behind a statement; empty for none."""
    said = [_condition(one, file) for one in conditions]
    return f" where {listed(said)}" if said else ""


def _condition(when: When, file: File) -> str:
    if not when.values:
        return f"there is no `{when.field}`" if when.lacks else f"`{when.field}` is there"
    kind = None if when.field in TOLD else file.field(when.field).kind
    shown = [_shown(kind, value) for value in when.values[:SPELLED_MAX]]
    more = len(when.values) - len(shown)
    shown += [f"{more} more"] if more else []
    return f"`{when.field}` is {'not ' if when.lacks else ''}{listed(shown, 'or')}"


def _shown(kind: object, value: str) -> str:
    if not isinstance(kind, Code):
        return value
    meaning = kind.say(value)
    return f"{value} ({meaning})" if len(meaning) <= MEANING_MAX and meaning.upper() != value else value


# ----------------------------------------------------------------------- time


def _kept(file: File) -> str:
    """All periods, those with a condition first, as the first that fits counts."""
    said = [_period(file, one) for one in file.keep_if]
    plain = _period(file, file.keep)
    return " ".join([*said, f"Otherwise: {plain[:1].lower()}{plain[1:]}" if said else plain])


def _period(file: File, keep: Keep) -> str:
    parts = []
    if keep.until:
        hour = f"the hour `{keep.at}`, or else " if keep.at else ""
        parts.append(f"to {hour}the end of the day in `{keep.until}`")
    if span := _span(keep):
        parts.append(f"at most {span}" if keep.until else span)
    period = ", ".join(parts) or _without_end(file)
    return marked(f"A record is kept {period}{where(keep.when, file)}", keep.mark)


def _span(keep: Keep) -> str:
    years = f"{keep.years} year{'s' if keep.years != 1 else ''}"
    if keep.years:
        if keep.year_of:
            span = f"for the year in `{keep.year_of}` and {years}"
        elif keep.since:
            span = f"for the rest of the year of `{keep.since}` and {years}"
        else:
            span = f"for the rest of its year and {years}"
        return span + (f" and {keep.days} days" if keep.days else "")
    days = f"{keep.days} days" if keep.days else ""
    hours = f"{keep.hours} hours" if keep.hours else ""
    if not days and not hours:
        return ""
    start = (
        f" from `{keep.since}`"
        if keep.since
        else f" from the year in `{keep.year_of}`"
        if keep.year_of
        else " from its entry"
    )
    return f"for {' and '.join(filter(None, (days, hours)))}{start}"


def _without_end(file: File) -> str:
    if file.derived is not None:
        return "as long as what it is made of holds"
    if not file.enters:
        return "as long as its holder wishes"
    ends = [word for key, word in ((file.clear, "cleared"), (file.cancel, "cancelled")) if key]
    return f"until it is {' or '.join(ends)}" if ends else "without an end"


def _alike(rules: Iterable[Late]) -> Iterable[list[Late]]:
    """Rules that differ only in where they hold, together."""
    found: dict[Late, list[Late]] = {}
    for rule in rules:
        found.setdefault(msgspec.structs.replace(rule, when=()), []).append(rule)
    return found.values()


def _late(rules: Sequence[Late], file: File) -> str:
    late = rules[0]
    allowed = f"{late.within_days} days" if late.within_days else f"{late.within_hours} hours"
    if late.within_court_days:
        allowed = (
            f"{late.within_court_days} day{'s' if late.within_court_days > 1 else ''} on which courts sit"
        )
    start = f"`{late.field}` at `{late.time}`" if late.time else f"the end of the day in `{late.field}`"
    told = f"An entry is taken and marked as late when it comes more than {allowed} after {start}"
    places = [where(rule.when, file).removeprefix(" where ") for rule in rules if rule.when]
    return marked(told + (f" where {', or '.join(places)}" if places else ""), late.mark)


def _validated(file: File) -> str:
    if not file.validated:
        return ""
    return (
        "Its owner says that it is still true in the third month after the entry's and then every year (`VAL`); what "
        "is not validated in its month is removed."
    )


def _reminded(one: Remind, file: File) -> str:
    lacking = f"none of {codes(one.lacks, 'or')} is there"
    conditions = " and ".join([lacking, *(_condition(when, file) for when in one.when)])
    told = (
        f"{one.after_days} days after the entry its owner is told (`$.K.`) *{one.words}*, where {conditions}"
    )
    return marked(told, one.mark)


# ----------------------------------------------------------------------- who, and what follows


def _resembling(file: File) -> str:
    one = file.resembles
    if one is None:
        return ""
    parts = [f"`{here}`" for here, _ in one.same]
    parts += [f"`{here}` within {most}{_unit(file, here)}" for here, _, most in one.near]
    parts += [f"`{one.born}` within the years of `{one.years[0]}` and `{one.years[1]}`"] if one.years else []
    parts += [f"`{one.order[0]}` not after `{one.order[1]}`"] if one.order else []
    return marked(
        f"Compared with the records of `{one.file}`: {listed(parts)}. Where none disagrees and at least {one.least} "
        "agree, both owners are told (`$.M.`); whether it is one person, people decide",
        one.mark,
    )


def _unit(file: File, code: str) -> str:
    kind = file.field(code).kind
    return " inches" if isinstance(kind, Height) else " pounds" if isinstance(kind, Weight) else ""


def _same(file: File) -> str:
    if not file.enters or Source.STATE not in file.held_by:  # at others' files the state itself is the author
        return ""
    groups = [codes(group) for group in file.same]
    if not groups:
        kinds = same_by(file)
        groups = [f"`{field.code}`" for field in file.fields if field.kind.identifies in kinds]
    if not groups:
        return ""
    apart = f", where they share {codes(file.apart)} as far as both have it," if file.apart else ""
    said = f"Two records of one agency that agree in {_or(groups)}{apart} are of one thing"
    return f"{said}: the second entry is refused."


def _or(groups: Sequence[str]) -> str:
    return ", or in ".join(groups)


def _forwarded(forward: Forward, file: File) -> str:
    there = f", as its file `{forward.file}`" if forward.file else ""
    said = f"The state tells {_named(forward.to)} of a record{there}"
    conditions = [_condition(one, file) for one in forward.when]
    if forward.needs:
        conditions.append(f"it has {_needs(forward)}")
    said += f", where {listed(conditions)}" if conditions else ""
    return f"{said}: {codes(forward.fields)} alone." if forward.fields else f"{said}."


def _abroad(file: File) -> str:
    one = file.abroad
    if one is None:
        return ""
    if one.to is None:
        return f"Of other states there is none: it is not asked where `{one.field}` names one."
    said = [
        f"Where `{one.field}` names a state of the table `{one.places}`, that state is asked instead, through "
        f"{one.to.value}, and answers for itself."
    ]
    if one.most > 1:
        said.append(f"`{file.inquire}` may name up to {one.most}, and our own among them.")
    by = listed([" with ".join(f"`{code}`" for code in group) for group in one.by], "or")
    return " ".join([*said, f"Another state is asked by {by}."])


def _needs(forward: Forward) -> str:
    return listed([" with ".join(f"`{code}`" for code in group) for group in forward.needs], "or")


def _named(source: Source) -> str:
    return "the DMV" if source is Source.DMV else source.value


def _asked(file: File) -> str:
    said = []
    if file.asked_as and file.asked_as not in file.inquiries[:1]:
        said.append(f"Its holder is asked with `{file.asked_as}`.")
    elif file.asked_as and len(file.inquiries) > 1:
        said.append(f"Whatever key was sent, its holder is asked with `{file.asked_as}`.")
    if file.reason:
        said.append(f"Whoever asks with `{file.inquire}` says in words what for (`RSN`).")
    return " ".join(said)


def _entered_by(file: File) -> str:
    if not file.entered_by:
        return ""
    return f"Only an account of the role {listed(file.entered_by, 'or')} enters here."


def _firearms(file: File) -> str:
    said = [
        f"A record says that its person may have no firearm ({one.words}){where(one.when, file)}."
        for one in file.prohibits
    ]
    if file.arms is not None:
        said.append(f"A record says that its person has a firearm{where(file.arms, file)}.")
    return " ".join(said)


def _derived(file: File) -> str:
    if file.derived is None:
        return ""
    one = file.derived
    return (
        "Nobody enters, changes or ends a record: it is there as long as one record says that a person has a firearm "
        f"and another that the same person may have none. `{one.words}` says why not, `{one.links}` names the records "
        f"behind it, `{one.count}` counts those that tell of a firearm."
    )


# ----------------------------------------------------------------------- what changes do


def _guarded(file: File) -> str:
    """What the CJIS Security Policy asks of criminal history, and of what is restricted as that is."""
    if file.history:
        return (
            "Criminal history: an inquiry names in `ATN` for whom it is and in `SRP` who gets the answer besides, or "
            "`SRP/NONE`, and a reason: `CAS`, or words in `RMK`. Without any of them, or without a purpose, nobody is "
            "asked. The journal has all of it with the person and the agency that asked."
        )
    which = {
        Restricted.ALL: "Its records are",
        Restricted.ENDED: "Those that have ended, asked for with `HST`, are",
    }
    said = which.get(file.restricted)
    return (
        f"{said} restricted as criminal history is (CJIS Security Policy 4.2.2): they are asked for criminal justice "
        "alone, and whoever prints one says who gets it and what for."
        if said
        else ""
    )


def _recalled(file: File) -> str:
    said = []
    if file.recalled:
        said.append(
            f"What is over is found by whoever asks with `{file.inquire}` and `HST/Y`, for five years."
        )
    if file.parties:
        said.append(
            f"Who stands in {codes(file.parties)} is found by `{file.inquire}` too; `PTY` says which party."
        )
    return " ".join(said)


def _superseding(file: File) -> str:
    one = file.supersedes
    if one is None:
        return ""
    ended = f"the records{where(one.ends, file)} that have the same {codes(one.same)}"
    ended += f", and share {codes(one.agree)} as far as both have it" if one.agree else ""
    later = f"; one that begins later by `{one.begins_on}` ends nothing" if one.begins_on else ""
    return marked(f"An entry{where(one.when, file)} ends {ended}{later}", one.mark)


def _resetting(file: File) -> str:
    one = file.resets
    if one is None:
        return ""
    became = [f"`{code}` that became {value}" for code, value in one.became]
    lifted = [f"`{code}` that was {value} and is no more" for code, value in one.lifted]
    stricter = [
        f"a value more in {codes(one.grown, 'or')}", f"a later {codes(one.raised, 'or')}", *became, *lifted,
    ]  # fmt: skip
    unless = listed([_condition(when, file) for when in one.unless])
    said = f"A change that makes it stricter ({listed(stricter, 'or')}) sets `{one.field}` back to {one.to}"
    return marked(f"{said}, unless it says that {unless}" if unless else said, one.mark)


def _clock(one: Clock, file: File) -> str:
    days = f"{one.within_court_days} day{'s' if one.within_court_days != 1 else ''} on which courts sit"
    span = days if one.within_court_days else f"{one.within_hours} hours"
    start = f"`{one.since}`" if one.since else "the entry"
    return marked(f"`{one.name}`: {one.title} within {span} of {start}{where(one.when, file)}", one.mark)


def _report(one: Report, file: File) -> str:
    said = [f"`{one.key}` stands in the record itself"]
    if one.says:
        said.append(f"sets {listed([f'`{code}` to {value}' for code, value in one.says])}")
    if one.by:
        said.append(f"says in `{one.by}` which agency did it")
    if one.counts:
        said.append(f"counts in `{one.counts}`")
    if one.matches:
        said.append(f"must name {codes(one.matches)} as the record does")
    return f"{listed(said)}."
