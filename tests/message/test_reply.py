"""Claims about replies: what was written is read back, and no value becomes another field or another record."""

from __future__ import annotations

import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.catalog.inventing import ORI, TODAY
from tests.message.messages import CATALOGUE, HOSTILE, free, typed
from wireroom.catalog.file import Field, File
from wireroom.catalog.kinds import Prose, Text
from wireroom.catalog.kinds_of_number import Serial
from wireroom.message.answer import Answer, Hit, State
from wireroom.message.envelope import Fault, Message
from wireroom.message.reply import (
    REPLY_CHARACTERS_MAX,
    ReplyError,
    prose_of,
    read_reply,
    title,
    wording,
    write_faults,
    write_reply,
)

# A file whose records hold prose, which is the worst that a value can be, and whose advice looks like a field.
DIARY = File(
    code="diary",
    title="Diary",
    hit="DIARY",
    confirm="ASK/THE OWNER",
    inquire="QDI",
    fields=(
        Field("TAG", "tag", Serial(index="TAG")),
        Field("MIS", "remarks", Text(max=100)),
        Field("NOTE", "notes", Prose()),
    ),
    found_by=(("TAG",),),
)
WITH_DIARY = CATALOGUE.with_files([DIARY])
ASKED = Message("QV", (("LIC", "7ABQ123"), ("LIS", "CA"), ("PUR", "C"), ("CAS", "26-1")))
CAR = Hit(
    file="vehicle",
    number="9902632700001",
    owner="CA0990200",
    status="active",
    fields=(("LIC", "7ABQ123"), ("LIS", "CA"), ("DOT", "20261101"), ("OCA", "26-1")),
    why="LIC exact",
)
DRIVER = Hit(
    file="licence", number="X1234567", owner="CA0990099", status="active", fields=(("OLN", "X1234567"),)
)


def answer(state: State, *hits: Hit, text: str = "") -> Answer:
    return Answer(source="STATE", state=state, hits=hits, text=text)


def there_and_back(said: Answer, *, control: str = "A123456789") -> Answer:
    text = write_reply(said, ASKED, WITH_DIARY, control=control, ori=ORI)
    told, read_back = read_reply(text, WITH_DIARY, source=said.source)
    assert told == control
    return read_back


@st.composite
def hits(draw: st.DrawFn) -> Hit:
    file = WITH_DIARY.files[draw(st.sampled_from(sorted(WITH_DIARY.files)))]
    dice = Random(draw(st.integers(0, 999)))
    fields = []
    for field in file.fields:
        wild = isinstance(field.kind, Prose) or (isinstance(field.kind, Text) and not field.kind.pattern)
        for _ in range(draw(st.integers(0, min(field.many, 2)))):
            fields.append((field.code, draw(free(field)) if wild else field.kind.invent(dice, TODAY)))
    number, owner = draw(st.sampled_from(["", "9902632700001"])), draw(st.sampled_from(["", "CA0990200"]))
    why = draw(st.just("") | typed())
    status = draw(st.sampled_from(["active", "located"]))
    return Hit(file=file.code, number=number, owner=owner, status=status, fields=tuple(fields), why=why)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    state = draw(st.sampled_from(list(State)))
    found = draw(st.lists(hits(), min_size=1 if state in (State.HIT, State.RECORD) else 0, max_size=3))
    text = draw(st.just("") | typed() | st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
    return Answer(
        source=draw(st.sampled_from(["STATE", "DMV", "NCIC"])), state=state, hits=tuple(found), text=text
    )


@settings(max_examples=200)
@given(answers())
def test_an_answer_is_read_back_as_it_was_written(said: Answer) -> None:
    assert there_and_back(said) == said


@settings(max_examples=150)
@given(hits(), st.sampled_from(HOSTILE) | typed(), st.data())
def test_what_a_value_holds_moves_no_other_field_and_makes_no_other_record(
    hit: Hit, junk: str, data: st.DataObject
) -> None:
    if not hit.fields:
        return
    place = data.draw(st.integers(0, len(hit.fields) - 1))
    code, value = hit.fields[place]
    changed = (*hit.fields[:place], (code, value + junk), *hit.fields[place + 1 :])
    said = answer(State.HIT, Hit(file=hit.file, number="1", owner=ORI, status="active", fields=changed), CAR)
    assert there_and_back(said) == said


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        (answer(State.NO_RECORD), ["STATE NO RECORD", "NO STATE RECORD LIC/7ABQ123", "NO STATE RECORD LIS/CA"]),
        (answer(State.OUT_OF_SERVICE), ["STATE OUT OF SERVICE", "NOT ASKED LIC/7ABQ123", "NOT ASKED LIS/CA"]),
        (answer(State.NO_ANSWER), ["STATE NO ANSWER YET", "NO ANSWER TO LIC/7ABQ123", "NO ANSWER TO LIS/CA"]),
        (answer(State.ACCEPTED), ["STATE ACCEPTED"]),
        (answer(State.REFUSED, text="NOT ON FILE\nFCN/1"), ["STATE REJECTED", "TXT/NOT ON FILE", "TXT/FCN/1"]),
        (answer(State.HIT, CAR), ["STATE HIT", "", "MKE/STOLEN VEHICLE", "FILE/vehicle", "STS/ACTIVE", "ORI/CA0990200",
         "NBR/9902632700001", "LIC/7ABQ123", "LIS/CA", "DOT/20261101", "OCA/26-1", "WHY/LIC exact",
         "CONFIRM WITH THE ENTERING AGENCY BEFORE ANY ARREST OR SEIZURE"]),
        (answer(State.RECORD, DRIVER), ["STATE RECORD", "", "MKE/DRIVER LICENCE", "FILE/licence", "STS/ACTIVE",
         "ORI/CA0990099", "NBR/X1234567", "OLN/X1234567"]),
    ],
    ids=lambda value: value.state if isinstance(value, Answer) else "",
)  # fmt: skip
def test_a_reply_has_a_header_an_ori_a_state_and_then_what_was_found(said: Answer, lines: list[str]) -> None:
    text = write_reply(said, ASKED, CATALOGUE, control="913275489374208000", ori=ORI)
    assert text.split("\n") == ["1L01913275489374208000", ORI, *lines]


def test_only_a_source_that_looked_says_that_there_is_no_record() -> None:
    """A source that was not asked, or has not answered, must never be read as one that found nothing."""
    for state in State:
        text = write_reply(answer(state), ASKED, CATALOGUE, control="1", ori=ORI)
        assert ("NO STATE RECORD" in text) is (state is State.NO_RECORD)


def test_a_caution_stands_in_the_first_line_of_its_record() -> None:
    armed = Hit(file="vehicle", number="", owner="", status="located", fields=(("CMC", "00"),))
    text = write_reply(answer(State.HIT, armed), ASKED, CATALOGUE, control="1", ori=ORI)
    assert "MKE/STOLEN VEHICLE - CAUTION\nFILE/vehicle\nSTS/LOCATED\nORI/\nNBR/\nCMC/00" in text


def test_a_value_of_several_lines_goes_on_behind_a_blank() -> None:
    hit = Hit(
        file="diary", number="1", owner=ORI, status="active", fields=(("NOTE", "ONE\n\nMKE/TWO\n THREE"),)
    )
    text = write_reply(answer(State.HIT, hit), ASKED, WITH_DIARY, control="1", ori=ORI)
    assert "NOTE/ONE\n \n MKE/TWO\n  THREE\nASK/THE OWNER" in text
    assert there_and_back(answer(State.HIT, hit)).hits == (hit,)


def test_a_reply_tells_which_question_it_belongs_to() -> None:
    first = write_reply(answer(State.NO_RECORD), ASKED, CATALOGUE, control="A1", ori=ORI)
    other = write_reply(answer(State.HIT, CAR), ASKED, CATALOGUE, control="A2", ori=ORI)
    assert [read_reply(text, CATALOGUE, source="STATE")[0] for text in (first, other)] == ["A1", "A2"]


GOOD = write_reply(answer(State.HIT, CAR), ASKED, CATALOGUE, control="A1", ori=ORI)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "does not begin with a header"),
        ("1L01A1", "does not begin with a header"),
        ("1L01\n\n\n", "does not begin with a header"),
        (f"1L01{'A' * 21}\nCA0990100\nSTATE HIT", "does not begin with a header"),
        (f"X{GOOD}", "does not begin with a header"),
        ("1L01A1\nCA0990100\nHIT", "states 'HIT', which is not a state of STATE"),
        ("1L01A1\nCA0990100\nDMV HIT", "states 'DMV HIT', which is not a state of STATE"),
        ("1L01A1\nCA0990100\nSTATE MAYBE", "which is not a state of STATE"),
        ("1L01A1\nCA0990100\nSTATE HIT", "states 'STATE HIT' and holds no record"),
        ("1L01A1\nCA0990100\nSTATE RECORD\nTXT/X", "states 'STATE RECORD' and holds no record"),
        (
            GOOD.replace("FILE/vehicle", "FILE/nothing"),
            "names the file 'nothing', which is not declared here",
        ),
        (GOOD.replace("FILE/vehicle\n", ""), "begins with 'STS/ACTIVE', not with FILE/"),
        (GOOD.replace("STS/ACTIVE\n", ""), "begins with 'ORI/CA0990200', not with STS/"),
        (GOOD.partition("\nORI/")[0], "names the file 'vehicle'"),
        (GOOD.replace("DOT/20261101", "STOLEN"), "has the line 'STOLEN', which is not FIELD/value"),
        (GOOD.replace("DOT/20261101", "DOT/1\n\nMKE/X"), "begins with 'OCA/26-1', not with FILE/"),
        ("1L01A1\n" + "X" * REPLY_CHARACTERS_MAX, "characters, more than"),
    ],
)
def test_what_is_no_reply_is_refused_with_the_line_that_is_wrong(text: str, words: str) -> None:
    with pytest.raises(ReplyError, match=words):
        read_reply(text, CATALOGUE, source="STATE")


@settings(max_examples=150)
@given(st.text(alphabet=st.characters(codec=None), max_size=100), st.integers(0, len(GOOD)), st.booleans())
def test_a_reply_with_something_in_it_is_read_or_refused(junk: str, cut: int, replace: bool) -> None:
    text = GOOD[:cut] + junk + GOOD[cut + (len(junk) if replace else 0) :]
    try:
        control, said = read_reply(text, CATALOGUE, source="STATE")
    except ReplyError:
        return
    assert control
    assert title(said, CATALOGUE)


def test_the_longest_reply_is_read_in_a_tenth_of_a_second() -> None:
    for text in (GOOD + "\nMIS/A" * 40_000, GOOD + "\n X" * 80_000, GOOD + "\n\nMKE/X" * 30_000):
        began = time.process_time()
        with pytest.raises(ReplyError):
            read_reply(text[: REPLY_CHARACTERS_MAX - 1] + "\n?", CATALOGUE, source="STATE")
        assert time.process_time() - began < 0.5


def test_the_fullest_answer_fits() -> None:
    dice = Random(1)
    for file in CATALOGUE.files.values():
        fields = tuple(
            (field.code, "X" * field.kind.length_max) for field in file.fields for _ in range(field.many)
        )
        full = Hit(file=file.code, number="9" * 20, owner=ORI, status="active", fields=fields, why="X" * 80)
        text = write_reply(
            answer(State.HIT, *[full] * 25), ASKED, CATALOGUE, control=str(dice.random())[:20], ori=ORI
        )
        assert len(text) < REPLY_CHARACTERS_MAX


# --------------------------------------------------------------------------- the verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        (answer(State.HIT, CAR), "STOLEN VEHICLE - CONFIRM FIRST"),
        (answer(State.HIT, CAR, CAR), "STOLEN VEHICLE AND 1 MORE - CONFIRM FIRST"),
        (answer(State.HIT, DRIVER, CAR), "STOLEN VEHICLE - CONFIRM FIRST"),
        (
            answer(State.HIT, Hit(file="vehicle", number="", owner="", status="located", fields=())),
            "LOCATED STOLEN VEHICLE - CONFIRM FIRST",
        ),
        (answer(State.HIT), "HIT"),
        (answer(State.HIT, DRIVER), "HIT"),
        (answer(State.RECORD, DRIVER), "DRIVER LICENCE"),
        (answer(State.RECORD, DRIVER, DRIVER), "2 RECORDS: DRIVER LICENCE"),
        (answer(State.RECORD), "RECORD"),
        (answer(State.NO_RECORD), "NO RECORD"),
        (answer(State.NO_ANSWER, text="WHY"), "NO ANSWER YET"),
        (answer(State.OUT_OF_SERVICE), "OUT OF SERVICE"),
        (answer(State.ACCEPTED, CAR, text="ENTERED FCN/1\nMORE"), "ENTERED FCN/1"),
        (answer(State.REFUSED, text="NOT ON FILE"), "NOT ON FILE"),
        (answer(State.REFUSED), "REJECTED"),
    ],
)
def test_the_verdict_is_one_line(said: Answer, verdict: str) -> None:
    assert title(said, CATALOGUE) == verdict


def test_every_state_has_words_of_its_own() -> None:
    words = [wording()[f"state.{state.name.lower()}"] for state in State]
    assert len(set(words)) == len(words)
    assert all(word == word.strip().upper() for word in words)


def test_faults_are_told_one_on_a_line() -> None:
    faults = (Fault("LIC", "is empty"), Fault("LIS", "is not a code of the table state", "ZZ"))
    assert write_faults(faults) == "REJECT - LIC is empty\nREJECT - LIS is not a code of the table state (ZZ)"


def test_the_prose_of_a_message_is_found_by_its_kind() -> None:
    assert prose_of(Message("AM", (("TO", "Z001"), ("TXT", "HELLO"))), CATALOGUE) == "HELLO"
    assert prose_of(ASKED, CATALOGUE) == ""
