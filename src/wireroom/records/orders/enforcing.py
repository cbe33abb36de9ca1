"""What an officer may enforce of an order now, and its terms as sentences to be read out: that reading is service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from wireroom.catalog.tables import spoken
from wireroom.message.local import timed
from wireroom.records.orders import nature
from wireroom.records.orders.order import FIREARMS, SEE_REMARKS, VISITS, Order
from wireroom.records.orders.standing import Standing, standing
from wireroom.records.orders.words import Language, language, plain, short, spoken_name, spoken_names

SURRENDER = timedelta(hours=24)
RECEIPT = timedelta(hours=48)
OTHER_PLACE = "OTHER"
# As they are shown: what keeps people apart first, what is allowed in spite of it last.
ORDER_OF_SHOWING = ("05", "04", "03", "01", "02", "09", "07", "08", "06")


def enforceable(order: Order, at: datetime) -> tuple[str, ...]:
    """What an officer may enforce at a moment, in short lines of capitals; one line where that is nothing."""
    at, lines = at.astimezone(UTC), short().lines
    stands = standing(order, at)
    if stands is Standing.OVER:
        return (lines["OVER"],)
    if stands is Standing.COMING:
        begins = order.begins is not None and at < order.begins
        when = order.begins if begins else order.hearing
        return (lines["COMING" if begins else "HEARING"].format(when=timed(when) if when else ""),)
    return (
        stands.words,
        *_service(order),
        *(lines["PROTECTS"].format(name=plain(one.name)) for one in order.protected if one.name),
        *_terms_in_short(order),
        *_firearms_in_short(order, at),
        *_exceptions_in_short(order),
        _until(order),
    )


def conditions_in_words(order: Order, code: str = "en") -> tuple[str, ...]:
    """The conditions of an order as sentences, one for each of its codes."""
    words = language(code)
    return tuple(_condition(order, words, one) for one in _in_order(order))


def terms(order: Order, code: str, *, court: str = "", at: datetime | None = None) -> tuple[str, ...]:
    """The terms of an order as sentences to be read out to the restrained person, in en or es.

    `court` is the court's name where the caller knows it. What an order says in its own words stands there as it is,
    in English. Nobody is sent to the hearing in which the order was made. At a moment `at` no hearing is told that is
    over by then, and an order that is over has no terms; without one, the caller has asked whether it is in force.
    """
    words = language(code)
    if at is not None and standing(order, at) is Standing.OVER:
        return ()
    return (
        *_what_it_is(order, words),
        *_what_is_barred(order, words),
        *_what_of_firearms(order, words),
        *_how_long(order, words, at),
        *_what_follows(order, words, court),
    )


def _in_order(order: Order, without: tuple[str, ...] = ()) -> list[str]:
    """The codes of an order's conditions as they are shown. One that is not of the table is a defect and stops here."""
    return sorted(set(order.conditions) - set(without), key=ORDER_OF_SHOWING.index)


# ------------------------------------------------------------------------------------------ for the officer's screen


def _service(order: Order) -> Iterator[str]:
    lines, service = short().lines, order.service
    if not service.served:
        yield lines["ADVISE"]
        if service.attempts:
            yield lines["ATTEMPTS"].format(count=service.attempts)
        return
    how = spoken("service_manner", service.manner or ("C" if service.in_court else "")).upper()
    when = timed(service.at) if service.at and service.hour else service.day
    told = " ".join(filter(None, (how, when)))
    if told:
        yield lines["SERVED"].format(how=told)


def _terms_in_short(order: Order) -> Iterator[str]:
    lines, conditions = short().lines, short().conditions
    for code in _in_order(order, without=(VISITS, FIREARMS)):
        yield conditions[code].format(remarks=plain(order.remarks))
    for place, yards in order.stays:
        shape = lines["STAY_ONE" if yards == 1 else "STAY"]
        yield shape.format(yards=yards, place=short().places[place])
    if order.moves_out:
        yield lines["MOVES_OUT"]
    if order.animals:
        yield lines["ANIMALS"]
    if order.monitored:
        yield lines["MONITORED"]
    if order.custody:
        yield lines["CUSTODY"].format(text=plain(order.custody))


def _firearms_in_short(order: Order, at: datetime) -> Iterator[str]:
    lines, firearms, served_at = short().lines, order.firearms, order.service.at
    if firearms.armor_barred:
        yield lines["ARMOR"]
    if not firearms.barred:
        return
    yield lines["WEAPONS" if FIREARMS in order.conditions else "GUNS"]
    if nature.gun_violence(order.kind):
        yield lines["GUN_VIOLENCE"]
    if firearms.has == "Y" and not firearms.given_up:
        yield lines["ARMED"]
    if firearms.has == "N":
        return
    if not order.service.served or served_at is None:
        if not firearms.given_up:
            yield lines["GUNS_DUE"]
        return
    due = {"when": timed(served_at + SURRENDER), "receipt": timed(served_at + RECEIPT)}
    if not firearms.given_up:
        yield lines["GUNS_LATE" if at >= served_at + SURRENDER else "GUNS_BY"].format(**due)
    if not firearms.receipt and at >= served_at + RECEIPT:
        yield lines["RECEIPT_LATE"].format(when=due["receipt"])


def _exceptions_in_short(order: Order) -> Iterator[str]:
    lines = short().lines
    if VISITS in order.conditions:
        yield short().conditions[VISITS]
    if order.peaceful_contact:
        yield lines["PEACEFUL"]
    if order.firearms.at_work and order.firearms.barred:
        yield lines["AT_WORK"]


def _until(order: Order) -> str:
    lines = short().lines
    if order.ends is not None and not order.last_hour:
        return lines["THROUGH"].format(day=order.last_day)
    if order.ends is not None:
        return lines["UNTIL"].format(when=timed(order.ends))
    return lines["ENDLESS" if order.endless else "NO_END"]


# ------------------------------------------------------------------------------------------ for the restrained person


def _them(order: Order, words: Language) -> str:
    return words.them[len(order.protected) != 1]


def _condition(order: Order, words: Language, code: str) -> str:
    return words.conditions[code].format(them=_them(order, words), remarks=plain(order.remarks))


def _what_it_is(order: Order, words: Language) -> Iterator[str]:
    say = words.say
    yield say["kind"].format(kind=words.kinds.get(order.kind, order.kind))
    if name := spoken_name(order.restrained.name):
        yield say["against"].format(name=name)
    if order.issued_day:
        yield say["issued"].format(day=words.spoken_day(order.issued_day))
    if names := spoken_names(one.name for one in order.protected):
        yield say["protects"].format(names=words.listed(names))
    else:
        yield say["about_guns" if nature.gun_violence(order.kind) else "protects_none"]


def _what_is_barred(order: Order, words: Language) -> Iterator[str]:
    say, them = words.say, _them(order, words)
    for code in _in_order(order, without=(FIREARMS, SEE_REMARKS)):
        yield _condition(order, words, code)
    if order.stays:
        yield say["stays"].format(places=_distances(order, words))
    if order.moves_out:
        yield say["moves_out"]
    if order.peaceful_contact:
        yield say["peaceful"].format(them=them)
    if order.custody:
        yield say["custody"].format(text=plain(order.custody))
    for said, sentence in (
        (order.animals, "animals"), (order.monitored, "monitored"), (order.may_record, "may_record"),
    ):  # fmt: skip
        if said:
            yield say[sentence]
    remarks = SEE_REMARKS in order.conditions or any(place == OTHER_PLACE for place, _ in order.stays)
    if remarks and order.remarks:
        yield _condition(order, words, SEE_REMARKS)


def _distances(order: Order, words: Language) -> str:
    """Places of one distance together, in the order of the record."""
    by_yards: dict[int, list[str]] = {}
    for place, yards in order.stays:
        by_yards.setdefault(yards, []).append(place)
    several = len(order.protected) != 1
    return "; ".join(
        f"{words.spoken_yards(yards)} {words.spoken_places(places, several=several)}"
        for yards, places in by_yards.items()
    )


def _what_of_firearms(order: Order, words: Language) -> Iterator[str]:
    say, firearms = words.say, order.firearms
    if firearms.barred:
        yield say["guns_and_weapons" if FIREARMS in order.conditions else "guns"]
        if nature.gun_violence(order.kind):
            yield say["guns_officer"]
        since = say["service" if order.service.served else "now"]
        if not firearms.given_up:
            yield say["guns_due"].format(since=since)
        if not firearms.receipt:
            yield say["receipt_due"].format(since=since)
        if firearms.at_work:
            yield say["at_work"]
    if firearms.armor_barred:
        yield say["armor"]


def _how_long(order: Order, words: Language, at: datetime | None) -> Iterator[str]:
    say = words.say
    if order.first_day:
        yield _dated(words, "starts", order.first_day, order.first_hour)
    if order.endless:
        yield say["endless"]
    elif order.ends is None:
        yield say["no_end"]
    elif order.last_hour == "0000":
        yield say["until_midnight"].format(day=words.spoken_day(order.last_day))
    else:
        yield _dated(words, "until", order.last_day, order.last_hour)
    if (
        order.hearing is not None
        and order.hearing_day > order.issued_day
        and (at is None or at < order.hearing)
    ):
        yield _dated(words, "hearing", order.hearing_day, order.hearing_hour)
        yield say["hearing_go"]


def _dated(words: Language, about: str, day: str, hour: str) -> str:
    """A sentence with a day, or with a day and an hour."""
    if hour:
        return words.say[f"{about}_hour"].format(day=words.spoken_day(day), hour=words.spoken_hour(hour))
    return words.say[f"{about}_day"].format(day=words.spoken_day(day))


def _what_follows(order: Order, words: Language, court: str) -> Iterator[str]:
    say = words.say
    where = say["court"].format(name=plain(court)) if court else ""
    where += say["department"].format(name=_department(order.department)) if order.department else ""
    yield say["copy"].format(court=where)
    if order.case:
        yield say["case"].format(case=plain(order.case))
    yield say["crime"]
    yield say["only_judge"]
    if not nature.gun_violence(order.kind):
        yield say["whatever"]
    yield say["served_before" if order.service.served else "served_now"]


def _department(text: str) -> str:
    """The department without the word itself, which the sentence has."""
    words = plain(text).split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in ("DEPT", "DEPARTMENT") else words)
