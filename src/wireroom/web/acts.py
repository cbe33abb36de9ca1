"""What can be done with a record, or with a request to confirm one, from where it is shown.

All of it follows from the catalogue, from whose the record is, and from what its reader may do: no file is named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from types import MappingProxyType
from urllib.parse import urlencode

import msgspec

from wireroom.catalog.file import File, Verb
from wireroom.catalog.index import PARTY, Catalogue, Form
from wireroom.catalog.kinds import EXAMPLE_DAY, Bad, Code, Kind
from wireroom.catalog.kinds_of_number import Fcn, Nic
from wireroom.catalog.tables import spoken, table
from wireroom.message.answer import Delivery, Hit, State
from wireroom.message.envelope import Message, Seat
from wireroom.message.write import write
from wireroom.policy.ruling import Role, usual

MAIN_MAX = 2  # acts that stand open; the others are one press away
OVER = frozenset(
    {"cleared", "cancelled", "expired", "purged", "removed", "superseded"}
)  # nothing can be done any more
LOCATED, RESTRAINED = "located", "restrained"
AT_ONCE = frozenset({Verb.VERIFY, Verb.VALIDATE})  # one press: they say nothing but the record's number
IN_THE_CAR = frozenset({Verb.CONFIRM, Verb.LOCATE, Verb.REPLY, Verb.REPORT, Verb.APPROVE})
NOT_WHILE_HELD = frozenset({Verb.MODIFY, Verb.LOCATE, Verb.CLEAR})
CHANGES = frozenset({Verb.ENTER, Verb.MODIFY, Verb.SUPPLEMENT, Verb.STRIKE})
# What is done to a record, as its button and the index of forms say it.
TITLES: Mapping[Verb, str] = MappingProxyType(
    {
        Verb.MODIFY: "Modify",
        Verb.SUPPLEMENT: "Add a value",
        Verb.STRIKE: "Take a value out",
        Verb.LOCATE: "Locate",
        Verb.CLEAR: "Clear",
        Verb.CANCEL: "Cancel",
        Verb.VERIFY: "Verify",
        Verb.VALIDATE: "Validate",
    }
)
# What was done with a record since it was drawn, and is told where it stands.
TOLD = frozenset({*TITLES, Verb.REPORT, Verb.RESTRAIN, Verb.CONFIRM, Verb.REPLY, Verb.APPROVE})
# What waits for the reader's answer, and the verb of that answer.
ANSWERED_BY: Mapping[Verb | None, Verb] = MappingProxyType(
    {Verb.CONFIRM: Verb.REPLY, Verb.APPROVE: Verb.APPROVE}
)
NUMBERS: tuple[tuple[str, Kind], ...] = (("FCN", Fcn()), ("NIC", Nic()))
ANSWERS = "YNVE"  # in this order; none is put forward, for each may be the right one


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be done: a form that comes filled in, a text that goes at once, or one for the box."""

    title: str
    name: str  # for who cannot see beside which record it stands
    go: str = ""
    send: str = ""
    ask: str = ""
    main: bool = False
    strong: bool = False  # what mostly follows


class View(msgspec.Struct, frozen=True, kw_only=True, dict=True):  # with a dict, for what is worked out once
    """With what a card is drawn: the catalogue, its reader, on which page, and all that came to the terminal."""

    catalogue: Catalogue
    seat: Seat | None = None
    place: str = "desk"
    came: Mapping[int, Delivery] = {}

    @cached_property
    def since(self) -> Mapping[str, tuple[Delivery, ...]]:
        """What deliveries tell that was done with records and requests, by their numbers, the oldest first."""
        found: dict[str, tuple[Delivery, ...]] = {}
        for _, delivery in sorted(self.came.items()):
            for number in concerned(delivery, self.catalogue):
                found[number] = (*found.get(number, ()), delivery)
        return found

    def may(self, form: Form) -> bool:
        """Whether the reader's role includes a key. The switch rules on each message all the same."""
        return self.seat is not None and form.verb in usual().duties[_role(self.seat.role)]

    def after(self, number: str, delivery: Delivery) -> tuple[Delivery, ...]:
        """What was done with a record or request after something told of it."""
        return tuple(one for one in self.since.get(number, ()) if one.number > delivery.number)

    def done(self, number: str, delivery: Delivery) -> frozenset[Verb]:
        """The acts that were accepted since."""
        taken = [one for one in self.after(number, delivery) if one.state == State.ACCEPTED]
        return frozenset(verb for one in taken if (verb := verb_of(one.asked, self.catalogue)))


def _role(role: str) -> Role:
    return Role(role) if role in Role.__members__.values() else Role.AUDITOR


# --------------------------------------------------------------------------- what stands beside a delivery


@lru_cache(maxsize=4096)
def pairs(asked: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The key and the fields of a dotted text, as far as it is one."""
    key, _, rest = asked.partition(".")
    parts = [part.partition("/") for part in rest.split(".")]
    return key, tuple((code, value) for code, slash, value in parts if slash)


def verb_of(asked: str, catalogue: Catalogue) -> Verb | None:
    """What a text asks for; None where it is not one of the catalogue's."""
    form = catalogue.forms.get(pairs(asked)[0])
    return form.verb if form else None


def list_of(asked: str, catalogue: Catalogue) -> str:
    """Which list a text asks for, by its code; empty where it asks for something else."""
    return dict(pairs(asked)[1]).get("LST", "") if verb_of(asked, catalogue) is Verb.LIST else ""


def request_of(delivery: Delivery, catalogue: Catalogue) -> str:
    """The number of a request that waits for the reader's answer; empty in all else."""
    waits = delivery.kind == "mail" and verb_of(delivery.asked, catalogue) in ANSWERED_BY
    return dict(pairs(delivery.asked)[1]).get("REF", "") if waits else ""


def concerned(delivery: Delivery, catalogue: Catalogue) -> tuple[str, ...]:
    """The numbers of the record and of the request with which something was done."""
    if delivery.kind not in {"answer", "mail"} or verb_of(delivery.asked, catalogue) not in TOLD:
        return ()
    said = dict(pairs(delivery.asked)[1])
    codes = ("FCN", "NIC", "REF") if delivery.kind == "answer" else ("FCN", "NIC")
    return tuple(said[code] for code in codes if code in said)


def numbered(hit: Hit) -> tuple[str, str]:
    """How a record is named in a message: by the state's number where it has one, else by NCIC's; else empty."""
    values = dict(hit.fields)
    for code, kind in NUMBERS:
        for given in (values.get(code, ""), hit.number):
            if given and not isinstance(kind.read(given, EXAMPLE_DAY), Bad):
                return code, given
    return "", ""


# --------------------------------------------------------------------------- the acts


def of_record(hit: Hit, delivery: Delivery, asked: str, view: View) -> tuple[Act, ...]:
    """What the reader can do with a record that a delivery tells of, the likeliest first."""
    file = view.catalogue.files.get(hit.file)
    code, number = numbered(hit)
    done = view.done(number, delivery)
    over = hit.status in OVER or done & {Verb.CLEAR, Verb.CANCEL}
    if view.seat is None or file is None or not hit.owner or not number or over:
        return ()
    verb = verb_of(asked, view.catalogue)
    skip = {*done, verb} & (AT_ONCE | {Verb.LOCATE})
    if hit.status == RESTRAINED:
        skip |= NOT_WHILE_HELD
    if verb in CHANGES:
        skip.add(Verb.VERIFY)  # whoever entered or changed it cannot be the second person
    if not file.validated:
        skip.add(Verb.VALIDATE)
    if hit.owner == view.seat.ori:
        acts = _own(hit, list_of(asked, view.catalogue), verb, view)
    else:
        acts = _others(hit, file, code, view, again=Verb.CONFIRM in done)
    return (*_opened([act for doing, act in acts if doing not in skip]), *_papers(hit, file, number))


def _papers(hit: Hit, file: File, number: str) -> tuple[Act, ...]:
    """What can be printed of a record."""
    if not file.orders:
        papers: tuple[tuple[str, str], ...] = (("Record (PDF)", "record"),) if guarded(hit, file) else ()
    else:
        served = ("SVC", "1") in hit.fields
        papers = (("Summary (PDF)", "order"), *((("Proof of service (PDF)", "service"),) if served else ()))
    return tuple(
        Act(title=title, name=f"{title}: {hit.number}", go=f"/paper/{number}/{name}", main=file.orders)
        for title, name in papers
    )


def guarded(hit: Hit, file: File) -> bool:
    """Whether a record is of criminal history, or restricted as that is."""
    values: dict[str, tuple[str, ...]] = {}
    for code, value in hit.fields:
        values[code] = (*values.get(code, ()), value)
    return file.guarded(values)


def _own(hit: Hit, listed: str, verb: Verb | None, view: View) -> list[tuple[Verb, Act]]:
    """With one's own record: what its list waits for, or what mostly follows, before all else."""
    waited = [one for one in AT_ONCE if one.name == listed]
    if waited:
        first = (*waited, Verb.CLEAR if waited == [Verb.VALIDATE] else Verb.MODIFY)
    elif hit.status == LOCATED:
        first = (Verb.CLEAR, Verb.MODIFY)
    else:
        first = (Verb.MODIFY, Verb.CANCEL if verb is Verb.ENTER else Verb.CLEAR)
    if view.place == "car":  # an officer of the same agency reports as any other does
        first = (Verb.REPORT,)
    reported = (Verb.REPORT,) if numbered(hit)[0] == "FCN" else ()  # else the state does not hold it
    order = dict.fromkeys((*first, *(one for one in TITLES if one is not Verb.LOCATE), *reported))
    return [(one, act) for one in order for act in _forms(one, hit, view, main=one in first)]


def _others(hit: Hit, file: File, code: str, view: View, *, again: bool) -> list[tuple[Verb, Act]]:
    """With another agency's record: have it confirmed, or write to them; say that it was found; report."""
    acts: list[tuple[Verb, Act]] = []
    if file.named({code: said for code, said in _values(hit).items() if code != PARTY.code})[0]:
        # Also where it was found by whom it protects, which is no hit: it is confirmed before it is enforced.
        acts += _asking(hit, file, view, again=again)
    if code == "FCN":  # else the state does not hold it
        acts += [(Verb.LOCATE, act) for act in _forms(Verb.LOCATE, hit, view, main=hit.status != LOCATED)]
        acts += [(Verb.REPORT, act) for act in _forms(Verb.REPORT, hit, view, main=True)]
    if not file.confirm_as:  # where nothing is confirmed, a report is what the owner waits for
        acts.sort(key=lambda pair: pair[0] is Verb.MESSAGE)
    return acts


def _asking(hit: Hit, file: File, view: View, *, again: bool) -> list[tuple[Verb, Act]]:
    for form in view.catalogue.forms.values():
        if form.verb is (Verb.CONFIRM if file.confirm_as else Verb.MESSAGE) and _shown(form, view):
            word = "Ask again:" if again else "Confirm with" if file.confirm_as else "Write to"
            name = f"{word} {hit.owner}"
            go = _address(form, (numbered(hit) if file.confirm_as else ("TO", hit.owner)), view)
            return [(form.verb, Act(title=name, name=f"{name}: {hit.number}", go=go, main=not again))]
    return []


def _forms(verb: Verb, hit: Hit, view: View, *, main: bool) -> list[Act]:
    """The acts of one verb with a record."""
    number = numbered(hit)
    acts = []
    for form in _by_file(view.catalogue).get((hit.file, verb), ()):
        over = form.report is not None and any(when.holds(_values(hit)) for when in form.report.unless)
        if over or not _shown(form, view) or form.field(number[0]) is None:
            continue
        title = TITLES.get(verb, form.title)
        name = f"{title}: {hit.number}"
        if verb in AT_ONCE:
            acts.append(Act(title=title, name=name, send=write(Message(form.key, (number,))), main=main))
        else:
            acts.append(Act(title=title, name=name, go=_address(form, number, view), main=main))
    return acts


def _shown(form: Form, view: View) -> bool:
    return view.may(form) and (view.place != "car" or form.verb in IN_THE_CAR)


def _address(form: Form, said: tuple[str, str], view: View, *more: tuple[str, str]) -> str:
    place = (("place", "car"),) if view.place == "car" else ()
    return f"/form/{form.key}?{urlencode((said, *more, *place))}"


def _opened(acts: list[Act]) -> tuple[Act, ...]:
    """At most so many stand open, the first ones; the first of all is put forward, unless it was done already."""
    main = [act for act in acts if act.main][:MAIN_MAX]
    rest = [msgspec.structs.replace(act, main=False) for act in acts if act not in main]
    return (*(msgspec.structs.replace(act, strong=act is acts[0]) for act in main), *rest)


def of_request(delivery: Delivery, view: View) -> tuple[Act, ...]:
    """The answers to a request, each a form that comes filled in; and a look at the record, where it names one."""
    number = request_of(delivery, view.catalogue)
    verb = ANSWERED_BY.get(verb_of(delivery.asked, view.catalogue))
    said = dict(pairs(delivery.asked)[1])
    record = said.get("FCN") or said.get("NIC") or ""
    answered = verb in view.done(number, delivery)
    acts = []
    for form in view.catalogue.forms.values():
        if form.verb is not verb or not _shown(form, view) or answered or not number:
            continue
        field = next(one for one in form.fields if isinstance(one.kind, Code) and one.required)
        assert isinstance(field.kind, Code), "an answer is a code"
        for code in sorted(table(field.kind.table), key=ANSWERS.find):
            title = spoken(field.kind.table, code).partition(":")[0]
            go = _address(form, ("REF", number), view, (field.code, code))
            acts.append(Act(title=title, name=f"{title}: {record or number}", go=go, main=True))
    look = Act(title="Look at the record", name=f"Look at the record {record}", ask=record)
    return (*acts, *((look,) if record else ()))


@lru_cache(maxsize=8)
def _by_file(catalogue: Catalogue) -> Mapping[tuple[str, Verb], tuple[Form, ...]]:
    """The keys of each file, by what they do."""
    found: dict[tuple[str, Verb], tuple[Form, ...]] = {}
    for form in catalogue.forms.values():
        for file in form.files:
            found[file.code, form.verb] = (*found.get((file.code, form.verb), ()), form)
    return found


def _values(hit: Hit) -> Mapping[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    for code, value in hit.fields:
        values[code] = (*values.get(code, ()), value)
    return values
