"""Claims about the vocabulary: what is near a token is found, all of it and nothing else, however the tokens came."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from tests.records.matching.index import word
from wireroom.records.matching.sounds import close, even, loose
from wireroom.records.matching.vocabulary import PREFIX, TRUNCATED_FROM, TWO_EDITS_FROM, Near, Vocabulary

TOKENS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=40)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def made(tokens: Sequence[str], batches: int = 1) -> Vocabulary:
    """A vocabulary of tokens numbered from 10, that came in so many batches."""
    vocabulary = Vocabulary()
    rows = [(10 + n, token, n % 7, n % 5) for n, token in enumerate(tokens)]
    for cut in range(batches):
        vocabulary.add(rows[cut * len(rows) // batches : (cut + 1) * len(rows) // batches])
    return vocabulary


def words(size: int, seed: int = 2) -> list[str]:
    """Made-up names, a third of them with a slip, so that many are near one another."""
    dice = Random(seed)
    found = dict.fromkeys(word(dice) for _ in range(size))
    for name in list(found)[: size // 2]:
        found[slipped(name, dice)] = None
    return list(found)[:size]


def slipped(name: str, dice: Random) -> str:
    """A name with one letter wrong, missing, one too many, or two transposed."""
    place = dice.randrange(len(name))
    kind = dice.randrange(4)
    if kind == 0:
        return name[:place] + dice.choice(LETTERS) + name[place + 1 :]
    if kind == 1 and len(name) > 2:
        return name[:place] + name[place + 1 :]
    if kind == 2 and place:
        return name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :]
    return name[:place] + dice.choice(LETTERS) + name[place:]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return made(words(3_000))


def texts(vocabulary: Vocabulary, slots: Sequence[int]) -> set[str]:
    return {vocabulary.tokens[slot] for slot in slots}


def asked(vocabulary: Vocabulary) -> list[str]:
    dice = Random(8)
    known = dice.sample(vocabulary.tokens, 120)
    return [*known, *(slipped(name, dice) for name in known), "LEE", "LI", "A", "BRANDARDELLKORVUL", "ZZZZZ"]


def test_all_tokens_within_the_promised_edits_are_found_and_no_other(vocabulary: Vocabulary) -> None:
    for token in asked(vocabulary):
        near, allowed = vocabulary.near(token), 2 if len(token) >= TWO_EDITS_FROM else 1
        found = dict(
            zip((vocabulary.tokens[s] for s in near.edits.tolist()), near.distances.tolist(), strict=True)
        )
        within = {other: d for other in vocabulary.tokens if 0 < (d := OSA.distance(token, other)) <= allowed}
        promised = {o: d for o, d in within.items() if OSA.distance(token[:PREFIX], o[:PREFIX]) <= allowed}
        assert found.items() <= within.items()
        assert promised.items() <= found.items()


def test_tokens_that_sound_alike_are_found(vocabulary: Vocabulary) -> None:
    codes = {other: close(other) for other in vocabulary.tokens}
    evens = {other: even(code) for other, code in codes.items()}
    looses = {other: loose(code) for other, code in codes.items()}
    for token in asked(vocabulary):
        near, code = vocabulary.near(token), close(token)
        assert {o for o in codes if codes[o] == code} <= texts(vocabulary, near.close.tolist())
        assert {o for o in codes if evens[o] == even(code)} <= texts(vocabulary, near.even.tolist())
        if loose(code):
            assert {o for o in codes if looses[o] == loose(code)} <= texts(vocabulary, near.loose.tolist())


def test_tokens_that_begin_with_the_one_asked_are_found(vocabulary: Vocabulary) -> None:
    for whole in asked(vocabulary):
        for length in range(1, len(whole) + 1):
            token = whole[:length]
            longer = {o for o in vocabulary.tokens if o.startswith(token) and o != token}
            found = texts(vocabulary, vocabulary.near(token).longer.tolist())
            assert found == (longer if length >= TRUNCATED_FROM else set())


@pytest.mark.parametrize("batches", [2, 7, 60])
def test_tokens_that_came_in_batches_are_found_as_if_they_came_at_once(
    vocabulary: Vocabulary, batches: int
) -> None:
    in_parts = made(vocabulary.tokens, batches)
    assert in_parts.newest == vocabulary.newest
    assert in_parts.slots == vocabulary.slots
    for token in asked(vocabulary)[:80]:
        one, other = vocabulary.near(token), in_parts.near(token)
        for field in Near.__struct_fields__:
            assert np.array_equal(getattr(one, field), getattr(other, field)), (token, field)


@given(st.lists(TOKENS, min_size=1, max_size=30, unique=True), TOKENS)
def test_any_token_may_be_added_and_asked_for(tokens: list[str], token: str) -> None:
    vocabulary = made(tokens, 3)
    near = vocabulary.near(token)
    for slots in (near.edits, near.close, near.even, near.loose, near.longer):
        assert set(slots.tolist()) <= set(range(len(tokens)))
    for other in tokens:
        assert vocabulary.tokens[vocabulary.slots[other]] == other
        if (
            len(token) > 1
            and OSA.distance(token, other) == 1
            and OSA.distance(token[:PREFIX], other[:PREFIX]) <= 1
        ):
            assert vocabulary.slots[other] in near.edits


def test_an_empty_vocabulary_knows_nothing() -> None:
    vocabulary = Vocabulary()
    vocabulary.add([])
    assert (len(vocabulary), vocabulary.newest, vocabulary.slot_of(3)) == (0, 0, -1)
    assert not len(vocabulary.near("SMITH").edits)


def test_a_token_is_found_by_its_number() -> None:
    vocabulary = made(["SMITH", "JONES"])
    assert [vocabulary.slot_of(number) for number in (9, 10, 11, 12)] == [-1, 0, 1, -1]


def test_new_counts_take_the_place_of_the_old_and_a_token_that_is_gone_counts_nothing() -> None:
    vocabulary = made(["SMITH", "JONES", "BROWN"])
    vocabulary.count(np.array([(10, 7, 0), (12, 1, 2), (99, 5, 5)]))
    assert vocabulary.last.tolist() == [7, 0, 1]
    assert vocabulary.given.tolist() == [0, 0, 2]


def test_a_word_that_was_removed_and_came_back_goes_by_its_newest_number() -> None:
    vocabulary = made(["SMITH"])
    vocabulary.add([(50, "SMITH", 0, 0)])
    assert vocabulary.ids[vocabulary.slots["SMITH"]] == 50
    assert vocabulary.newest == 50
