"""Judges the tree against the vectors of Certificate Transparency, and against damage."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.journal.tree import (
    EMPTY_ROOT,
    Frontier,
    commitment,
    consistency_proof,
    grew,
    includes,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    split,
)

# The inputs and roots that implementations of RFC 6962 have shared since its beginning.
DATA = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAVES = [leaf_hash(data) for data in DATA]


def many(count: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4)) for number in range(count)]


def plain_root(leaves: list[bytes]) -> bytes:
    """The definition, as the RFC writes it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return node_hash(plain_root(leaves[:middle]), plain_root(leaves[middle:]))


@pytest.mark.parametrize("size", range(9))
def test_the_known_roots_come_out(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size]


def test_a_known_inclusion_proof_comes_out() -> None:
    proof = [step.hex() for step in inclusion_proof(LEAVES, 5)]
    assert proof == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_a_known_consistency_proof_comes_out() -> None:
    proof = [step.hex() for step in consistency_proof(LEAVES, 6)]
    assert proof == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(st.lists(st.integers(0, 40), max_size=8))
def test_appending_in_any_portions_gives_the_root_of_the_whole(portions: list[int]) -> None:
    frontier = Frontier()
    leaves = many(sum(portions))
    at = 0
    for portion in portions:
        frontier = Frontier.load(frontier.size, frontier.dump())
        frontier.extend(leaves[at : at + portion])
        at += portion
    assert frontier.size == len(leaves)
    assert frontier.root() == plain_root(leaves) == root_of(leaves)


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert Frontier().root() == EMPTY_ROOT == plain_root([])


@pytest.mark.parametrize(("size", "stored"), [(1, b""), (3, bytes(32)), (-1, b""), (2, bytes(31))])
def test_a_frontier_that_cannot_be_is_refused(size: int, stored: bytes) -> None:
    with pytest.raises(ValueError, match="cannot have a frontier"):
        Frontier.load(size, stored)


def test_every_proof_of_every_small_tree_holds_and_no_other_place_or_size_passes() -> None:
    leaves = many(34)
    for size in range(1, 35):
        root = root_of(leaves[:size])
        for index in range(size):
            proof = inclusion_proof(leaves[:size], index)
            assert includes(root, size, index, leaves[index], proof)
            assert not includes(root, size, (index + 1) % (size + 1), leaves[index], proof)
            assert not includes(root, size, index, leaves[index], [*proof, bytes(32)])
            assert not proof or not includes(root, size, index, leaves[index], proof[:-1])


def test_every_growth_of_every_small_tree_is_shown_and_no_other() -> None:
    leaves = many(34)
    roots = [root_of(leaves[:size]) for size in range(35)]
    for new in range(1, 35):
        for old in range(1, new + 1):
            proof = consistency_proof(leaves[:new], old)
            assert grew((old, roots[old]), (new, roots[new]), proof)
            assert not grew((old, roots[old - 1]), (new, roots[new]), proof)
            assert not grew((old, roots[old]), (new, roots[new - 1]), proof)
            assert not grew((old, roots[old]), (new, roots[new]), [*proof, bytes(32)])
            assert not proof or not grew((old, roots[old]), (new, roots[new]), proof[:-1])


@given(st.data())
def test_any_changed_bit_of_an_inclusion_proof_fails(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 70))
    index = data.draw(st.integers(0, size - 1))
    leaves = many(size)
    whole = [root_of(leaves), leaves[index], *inclusion_proof(leaves, index)]
    which = data.draw(st.integers(0, len(whole) - 1))
    whole[which] = _flipped(whole[which], data.draw(st.integers(0, 255)))
    root, leaf, *proof = whole
    assert not includes(root, size, index, leaf, proof)


@given(st.data())
def test_any_changed_bit_of_a_consistency_proof_fails(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 70))
    old = data.draw(st.integers(1, size - 1))
    leaves = many(size)
    whole = [root_of(leaves[:old]), root_of(leaves), *consistency_proof(leaves, old)]
    which = data.draw(st.integers(0, len(whole) - 1))
    whole[which] = _flipped(whole[which], data.draw(st.integers(0, 255)))
    old_root, root, *proof = whole
    assert not grew((old, old_root), (size, root), proof)


def _flipped(data: bytes, bit: int) -> bytes:
    return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


def test_hostile_proofs_are_refused_and_do_not_crash() -> None:
    leaves = many(5)
    root = root_of(leaves)
    assert not includes(root, 5, 5, leaves[0], inclusion_proof(leaves, 0))
    assert not includes(root, 5, -1, leaves[0], inclusion_proof(leaves, 0))
    assert not includes(root, 5, 0, leaves[0], [b"short", *inclusion_proof(leaves, 0)[1:]])
    assert not includes(root, 0, 0, leaves[0], [])
    assert not grew((0, EMPTY_ROOT), (5, root), [])
    assert not grew((6, root), (5, root), [])
    assert not grew((3, root_of(leaves[:3])), (5, root), [])
    assert not grew((4, root_of(leaves[:4])), (5, root), [])
    assert not grew((5, root), (5, root), [leaves[0]])
    assert not grew((4, root_of(leaves[:4])), (5, root), [b"short"])


def test_a_proof_for_a_leaf_or_size_that_is_not_there_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="no leaf 3"):
        inclusion_proof(many(3), 3)
    with pytest.raises(ValueError, match="did not grow"):
        consistency_proof(many(3), 4)


def test_a_leaf_cannot_be_passed_off_as_a_node() -> None:
    left, right = many(2)
    assert leaf_hash(left + right) != node_hash(left, right)


def test_the_same_body_under_another_salt_has_another_commitment() -> None:
    assert commitment(bytes(16), b"body") != commitment(bytes(15) + b"\1", b"body")


def test_hashes_in_a_row_come_apart_again() -> None:
    assert split(b"".join(LEAVES)) == LEAVES
