"""What one card says of everything that came to a question."""

from __future__ import annotations

import msgspec
import pytest

from tests.web.fake_house import REGISTERED, STOLEN, message, part
from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Delivery, Hit, State
from wireroom.message.envelope import Message
from wireroom.web import cards
from wireroom.web.acts import View
from wireroom.web.cards import Card
from wireroom.web.recent import DELIVERIES_MAX, Asked, Recent, Shelf

CATALOGUE = Catalogue()
QUESTION = Asked(
    transaction=7,
    text="QV.LIC/9QZZ123.LIS/CA",
    understood="Plate 9QZZ123, California",
    at="2026-11-23T14:02:00+00:00",
    sources=("STATE", "DMV", "NCIC"),
)


def drawn(*came: Delivery, asked: Asked | None = QUESTION, seen: bool = False) -> Card:
    return cards.card(7, asked, came, View(catalogue=CATALOGUE), seen=seen)


def told(source: str, state: State, place: int, number: int = 0) -> Delivery:
    return part(number or 10 + place, 7, source, state, place=(place, 3))


def test_a_hit_outweighs_everything_else() -> None:
    hit = part(
        12, 7, "STATE", State.HIT, place=(1, 3), title="STOLEN VEHICLE - CONFIRM FIRST", hits=(STOLEN,)
    )
    card = drawn(told("DMV", State.NO_RECORD, 2), hit)
    assert (card.look, card.sentence) == (cards.HIT, "STOLEN VEHICLE — CONFIRM FIRST")
    assert [p.source for p in card.parts] == ["STATE", "DMV"]
    assert (card.got, card.of, card.waiting) == (2, 3, ("NCIC",))
    assert card.cautions == ("Armed and dangerous",)
    assert card.tone == "hit"
    assert drawn(hit, seen=True).tone == ""


@pytest.mark.parametrize(
    ("states", "look", "sentence"),
    [
        ((), "waiting", "Waiting: STATE, DMV, NCIC not heard yet"),
        ((State.NO_RECORD,), "waiting", "No record so far: DMV, NCIC not heard yet"),
        ((State.NO_RECORD, State.RECORD), "waiting", "Record found, more to come: NCIC not heard yet"),
        ((State.NO_RECORD,) * 3, "none", "No record"),
        (
            (State.NO_RECORD, State.NO_RECORD, State.NO_ANSWER),
            "doubt",
            "No record so far, but NCIC did not answer",
        ),
        (
            (State.NO_RECORD, State.RECORD, State.OUT_OF_SERVICE),
            "doubt",
            "Record found, but NCIC did not answer",
        ),
        ((State.NO_ANSWER,) * 3, "doubt", "No answer from STATE, DMV, NCIC"),
        ((State.NO_RECORD, State.RECORD, State.NO_RECORD), "record", "RECORD"),
        ((State.ACCEPTED,) * 3, "done", "ACCEPTED"),
        ((State.NO_RECORD, State.REFUSED), "refused", "REFUSED"),
        ((State.REFUSED, State.HIT), "hit", "HIT"),
    ],
)
def test_the_verdict_never_says_more_than_was_heard(
    states: tuple[State, ...], look: str, sentence: str
) -> None:
    sources = ("STATE", "DMV", "NCIC")
    card = drawn(*(told(sources[at], state, at + 1) for at, state in enumerate(states)))
    assert (card.look.name, card.sentence) == (look, sentence)


def test_a_late_answer_replaces_the_silence_and_is_marked() -> None:
    card = drawn(told("STATE", State.NO_ANSWER, 1), told("STATE", State.NO_RECORD, 1, number=99))
    (answer,) = card.parts
    assert (answer.look.name, answer.late) == ("none", True)


def test_an_answer_can_be_read_without_its_question() -> None:
    card = drawn(told("STATE", State.NO_RECORD, 1), asked=None)
    assert card.what == "9QZZ123 CA"
    assert card.waiting == ("another source", "another source")


def test_an_owner_is_one_press_from_a_question_with_nothing_that_is_not_theirs() -> None:
    card = drawn(part(12, 7, "DMV", State.RECORD, hits=(REGISTERED,)))
    asks = {row.code: row.ask for row in card.parts[0].records[0].rows if row.ask}
    assert asks["OWN"] == "QW.NAM/TESTCASE, JANE M"
    assert asks["VIN"] == "QV.VIN/0WRABCDE80AW00001"
    assert "LIC" not in asks  # the question that was asked already


def test_a_record_begins_with_what_it_is() -> None:
    card = drawn(part(12, 7, "STATE", State.HIT, hits=(STOLEN,)))
    headline = card.parts[0].records[0].headline
    assert headline.lower() == "2003 · honda motor co., ltd · acc · silver · 9qzz123 · california"


@pytest.mark.parametrize(
    ("tier", "words"),
    [("", ""), ("possible", "Possible: may be somebody else"), ("wide", "Wide search: likely somebody else")],
)
def test_a_record_that_may_be_somebody_elses_says_so(tier: str, words: str) -> None:
    found = msgspec.structs.replace(STOLEN, tier=tier)
    [record] = drawn(part(12, 7, "STATE", State.HIT, hits=(found,))).parts[0].records
    assert record.tier == words


def test_what_a_source_says_beside_its_records_is_shown() -> None:
    told = part(12, 7, "STATE", State.HIT, title="STOLEN VEHICLE AND 24 MORE - CONFIRM FIRST", hits=(STOLEN,))
    more = "7 MORE OF LIKE NAME ARE NOT SHOWN: ADD A MIDDLE NAME OR A NUMBER"
    reply = f"1L01900000000000000012\nCA0990100\nSTATE HIT\nTXT/{more}\n\nMKE/STOLEN VEHICLE\nMIS/TXT/NO"
    assert drawn(msgspec.structs.replace(told, text=reply)).parts[0].text == more
    assert drawn(told).parts[0].text == ""


def test_a_message_can_be_answered_where_its_sender_has_an_address() -> None:
    assert (
        cards.mail(message(5, "HELLO", "TEXT", source="ZE02"), View(catalogue=CATALOGUE), seen=False).sender
        == "ZE02"
    )
    assert (
        cards.mail(
            message(5, "HELLO", "TEXT", source="THE SWITCH"), View(catalogue=CATALOGUE), seen=False
        ).sender
        == ""
    )


def test_officer_safety_sounds_until_it_is_read() -> None:
    assert (
        cards.mail(message(5, "OFFICER SAFETY", "TEXT"), View(catalogue=CATALOGUE), seen=False).tone
        == "safety"
    )
    assert cards.mail(message(5, "OFFICER SAFETY", "TEXT"), View(catalogue=CATALOGUE), seen=True).tone == ""


def test_a_text_is_shortened_to_what_it_asks_by() -> None:
    assert cards.short("QW.NAM/DOE, JANE.DOB/19900131.PUR/C", CATALOGUE) == "DOE, JANE 19900131"
    assert cards.short("QW.NAM/DOE, JANE.SRH/W.PUR/C", CATALOGUE) == "DOE, JANE"
    assert cards.short("AM.TO/ZE02.TXT/A. B/C", CATALOGUE) == "AM ZE02"


def test_a_shelf_forgets_the_oldest_and_keeps_its_limit() -> None:
    shelf = Recent().of("ZD01")
    assert isinstance(shelf, Shelf)
    for number in range(1, DELIVERIES_MAX + 6):
        shelf.add(part(number, number, "STATE", State.NO_RECORD))
    assert len(shelf.deliveries) == DELIVERIES_MAX
    assert not shelf.answers(5)
    assert shelf.answers(6)


def test_only_what_is_there_can_be_seen() -> None:
    shelf = Shelf()
    shelf.see(5)
    assert not shelf.seen


def listed(
    *hits: Hit, state: State = State.RECORD, asked: str = "WL.LST/VERIFY", title: str = "RECORD"
) -> Card:
    return drawn(part(12, 7, "STATE", state, hits=hits, asked=asked, title=title), asked=None)


def test_a_list_says_how_much_waits() -> None:
    several = listed(STOLEN, STOLEN)
    assert (several.look, several.sentence, several.what) == (cards.LIST, "2 wait", "WL VERIFY")
    assert several.parts[0].title == ""
    assert listed(STOLEN).sentence == "1 waits"
    none = listed(state=State.NO_RECORD)
    assert (none.look, none.sentence) == (cards.NOTHING, "Nothing waits in this list")
    told = listed(state=State.ACCEPTED, asked="YL.LST/OWED", title="3 WAIT")
    assert (told.look, told.sentence) == (cards.LIST, "3 WAIT")
    assert listed(state=State.REFUSED).look is cards.REFUSED


def test_what_a_request_asks_for_is_shortened_to_its_record() -> None:
    asked = "YQ.TO/CA0990200.RTY/SV.PRI/U.FCN/9012632700001.LIC/9QZZ123.LIS/CA.RNA/A"
    assert cards.short(asked, CATALOGUE) == "YQ 9012632700001 9QZZ123"
    assert cards.short("EWJ.NAM/DOE, JANE.CAT/J", CATALOGUE) == "EWJ DOE, JANE"


def test_a_yes_in_a_sentence_says_to_what_and_a_long_meaning_is_cut() -> None:
    asked = Message("EPO", (("NAM", "TESTCASE, JOHN"), ("PCO", "01"), ("MOV", "Y"), ("SVC", "2")))
    said = cards.words_of(asked, CATALOGUE)
    assert said.startswith("Enter: protection order: name TESTCASE, JOHN")
    assert "must move out yes" in said
    assert "Not served" in said
    assert "harassing" not in said


def test_the_sentence_of_a_whole_order_ends_where_it_says_how_much_more_there_is() -> None:
    pairs = (("NAM", "TESTCASE, JOHN"), *(("AKA", f"TESTCASE, J{letter}") for letter in "ABCDEFGHIJ"))
    asked = Message("EPO", (*pairs, ("SEX", "M"), ("RAC", "W"), ("DOB", "19900101")))
    assert cards.words_of(asked, CATALOGUE).endswith("and 2 more")


@pytest.mark.parametrize(
    ("text", "words"), [("QV.LIC/9QZZ123", "nothing was asked"), ("EPO.NAM/A, B", "nothing was done")]
)
def test_a_refusal_says_what_did_not_happen(text: str, words: str) -> None:
    asked = msgspec.structs.replace(QUESTION, text=text, state="refused", sources=())
    assert drawn(asked=asked).sentence == f"Refused: {words}"
