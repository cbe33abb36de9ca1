"""Claims about likeness: the nearer name is worth more, the commoner less, and what is remembered stays true."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records.matching.test_vocabulary import made, words
from wireroom.records.matching.likeness import BITS_MAX, EXPANSION_MAX, WORDS, Expansion, Likeness, Likenesses
from wireroom.records.matching.vocabulary import Vocabulary

TOKENS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=12)


def counted(*tokens: tuple[str, int, int]) -> Likenesses:
    """Likenesses over tokens that so many people have as last and as given name."""
    vocabulary = Vocabulary()
    vocabulary.add([(n, token, last, given) for n, (token, last, given) in enumerate(tokens, 1)])
    likenesses = Likenesses(vocabulary)
    likenesses.recount()
    return likenesses


def kinds(likenesses: Likenesses, token: str) -> dict[str, Likeness]:
    vocabulary, expansion = likenesses.vocabulary, likenesses.expand(token)
    return {
        vocabulary.tokens[vocabulary.slot_of(number)]: Likeness(kind)
        for number, (kind, _, _) in expansion.known.items()
    }


@pytest.mark.parametrize(
    ("asked", "held", "kind"),
    [
        ("SMITH", "SMITH", Likeness.EXACT),
        ("BRANTIK", "BRANTYK", Likeness.LETTER_AND_SOUND),
        ("MARTINEZ", "MARTINEK", Likeness.LETTER),
        ("MARTINEZ", "MARTNIZ", Likeness.LETTERS),
        ("ROBERT", "BOB", Likeness.NICKNAME),
        ("MUHAMMAD", "MOHAMED", Likeness.SPELLING),
        ("CRUZ", "DELACRUZ", Likeness.PARTICLE),
        ("DELACRUZ", "CRUZ", Likeness.PARTICLE),
        ("PHILLIPS", "FILIPS", Likeness.SOUND),
        ("CHRISTOPHER", "CHRISTOP", Likeness.CUT),
        ("CHRISTOP", "CHRISTOPHER", Likeness.CUT),
    ],
)
def test_each_likeness_has_its_kind(asked: str, held: str, kind: Likeness) -> None:
    likenesses = counted((held, 1, 1), ("QUX", 5, 5))
    assert kinds(likenesses, asked).get(held) is kind
    assert "QUX" not in kinds(likenesses, asked)
    assert WORDS[kind]


def worth(likenesses: Likenesses, asked: str, held: str) -> tuple[float, float]:
    vocabulary = likenesses.vocabulary
    return likenesses.expand(asked).known[int(vocabulary.ids[vocabulary.slots[held]])][1:]


def test_the_same_name_is_worth_more_than_one_that_is_like_it() -> None:
    likenesses = counted(("BRANTIK", 9, 9), ("BRANTYK", 9, 9), ("BRANTIM", 9, 9), ("OTHER", 9_000, 9_000))
    exact = worth(likenesses, "BRANTIK", "BRANTIK")
    for other in ("BRANTYK", "BRANTIM"):
        last, given = worth(likenesses, "BRANTIK", other)
        assert 0 < last < exact[0]
        assert 0 < given < exact[1]


def test_a_common_name_is_worth_less_than_a_rare_one() -> None:
    likenesses = counted(("SMITH", 9_000, 9_000), ("KRISHNAMURTHY", 3, 3), ("OTHER", 90_000, 90_000))
    assert worth(likenesses, "KRISHNAMURTHY", "KRISHNAMURTHY") > worth(likenesses, "SMITH", "SMITH")
    assert max(worth(likenesses, "KRISHNAMURTHY", "KRISHNAMURTHY")) <= BITS_MAX


def test_a_slip_in_a_rare_name_is_worth_more_than_in_a_common_one() -> None:
    likenesses = counted(
        ("MARTIN", 500, 500), ("MARTIM", 1, 1), ("KRISHNAMURTHY", 1, 1), ("KRISHNAMURTHI", 1, 1),
        ("OTHER", 90_000, 90_000),
    )  # fmt: skip
    assert worth(likenesses, "KRISHNAMURTHI", "KRISHNAMURTHY") > worth(likenesses, "MARTIM", "MARTIN")


def test_a_name_of_many_likenesses_is_cut_to_those_of_most_bits() -> None:
    likenesses = Likenesses(
        made([f"MARTIN{a}{b}" for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"])
    )
    likenesses.recount()
    expansion = likenesses.expand("MARTINAA")
    assert len(expansion.known) <= EXPANSION_MAX
    assert expansion.known[int(likenesses.vocabulary.ids[likenesses.vocabulary.slots["MARTINAA"]])][0] == 0


def same(one: Expansion, other: Expansion) -> bool:
    return one.known == other.known and all(
        np.array_equal(a, b)
        for a, b in ((one.ids, other.ids), (one.last, other.last), (one.given, other.given))
    )


@pytest.mark.parametrize(
    "new",
    [
        "SMITH",
        "SMYTHE",
        "SMIHT",
        "SMITHSON",
        "DELASMITH",
        "SMI",
        "ZMITH",
        "SMATH",
        "XXXXX",
        "SAMEDH",
        "SMITHEEEE",
    ],
)
def test_an_expansion_that_was_remembered_takes_in_every_newer_token(new: str) -> None:
    vocabulary = made(words(300))
    likenesses = Likenesses(vocabulary)
    likenesses.recount()
    before = likenesses.expand("SMITH")
    if new in vocabulary.slots:
        return
    vocabulary.add([(vocabulary.newest + 1, new, 0, 0)])
    after, fresh = likenesses.expand("SMITH"), Likenesses(vocabulary)
    fresh.last_people, fresh.given_people = likenesses.last_people, likenesses.given_people
    assert same(after, fresh.expand("SMITH"))
    assert (vocabulary.newest in after.known) >= (
        new in ("SMITH", "SMYTHE", "SMIHT", "SMITHSON", "SMI", "ZMITH")
    )
    assert before.upto < after.upto


@given(st.lists(TOKENS, min_size=2, max_size=40, unique=True), TOKENS, st.integers(1, 39))
def test_what_is_remembered_equals_what_is_made_anew(tokens: list[str], asked: str, cut: int) -> None:
    cut = min(cut, len(tokens) - 1)
    vocabulary = made(tokens[:cut])
    likenesses = Likenesses(vocabulary)
    likenesses.recount()
    likenesses.expand(asked)
    for number, token in enumerate(tokens[cut:], vocabulary.newest + 1):
        vocabulary.add([(number, token, 0, 0)])
        likenesses.expand(asked)
    fresh = Likenesses(vocabulary)
    fresh.last_people, fresh.given_people = likenesses.last_people, likenesses.given_people
    assert same(likenesses.expand(asked), fresh.expand(asked))


def test_new_counts_change_what_is_worth_what() -> None:
    likenesses = counted(("SMITH", 10, 10), ("OTHER", 10_000, 10_000))
    before = worth(likenesses, "SMITH", "SMITH")
    likenesses.vocabulary.count(np.array([(1, 5_000, 5_000), (2, 10_000, 10_000)]))
    assert worth(likenesses, "SMITH", "SMITH") == before, "what is remembered stays until all is counted"
    likenesses.recount()
    assert worth(likenesses, "SMITH", "SMITH") < before


@given(TOKENS)
def test_any_token_may_be_asked_of_any_vocabulary(token: str) -> None:
    for likenesses in (Likenesses(Vocabulary()), counted((token, 0, 0))):
        expansion = likenesses.expand(token)
        assert len(expansion.known) == len(expansion.ids) == len(expansion.last) == len(expansion.given)
        assert (np.diff(expansion.ids) > 0).all(), "a search looks numbers up in their order"
