"""The Merkle tree of RFC 6962 in plain hashlib: growing it, proving with it, checking proofs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def commitment(salt: bytes, body: bytes) -> bytes:
    """The leaf's data: binds to the body, and tells nothing of it to whoever lacks the salt."""
    return sha256(salt + body).digest()


def leaf_hash(data: bytes) -> bytes:
    """A leaf; the 0x00 keeps it from being passed off as a node."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Two subtrees joined."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the perfect subtrees on a tree's right edge: enough to append, and to know the root."""

    __slots__ = ("_roots", "size")

    def __init__(self) -> None:
        self.size = 0
        self._roots: list[bytes] = []  # largest subtree first

    @classmethod
    def load(cls, size: int, stored: bytes) -> Frontier:
        """From what `dump` wrote; ValueError where size and bytes cannot belong together."""
        if size < 0 or len(stored) != HASH_SIZE * size.bit_count():
            raise ValueError(f"a tree of {size} leaves cannot have a frontier of {len(stored)} bytes")
        frontier = cls()
        frontier.size = size
        frontier._roots = [stored[at : at + HASH_SIZE] for at in range(0, len(stored), HASH_SIZE)]
        return frontier

    def dump(self) -> bytes:
        """The subtrees' roots, one after the other, largest first."""
        return b"".join(self._roots)

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Appends leaf hashes, in order."""
        roots = self._roots
        size = self.size
        for hashed in leaves:
            carry = size
            while carry & 1:  # the new leaf completes a subtree as large as the last one
                hashed = sha256(b"\x01" + roots.pop() + hashed).digest()
                carry >>= 1
            roots.append(hashed)
            size += 1
        self.size = size

    def root(self) -> bytes:
        """The hash of the whole tree."""
        if not self._roots:
            return EMPTY_ROOT
        hashed = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            hashed = node_hash(left, hashed)
        return hashed


def split(hashes: bytes) -> list[bytes]:
    """Concatenated hashes as a list."""
    return [hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """What it takes to get from one leaf to the root (RFC 6962, 2.1.1)."""
    if not 0 <= index < len(leaves):
        raise ValueError(f"a tree of {len(leaves)} leaves has no leaf {index}")
    if len(leaves) == 1:
        return []
    middle = _split_at(len(leaves))
    if index < middle:
        return [*inclusion_proof(leaves[:middle], index), root_of(leaves[middle:])]
    return [*inclusion_proof(leaves[middle:], index - middle), root_of(leaves[:middle])]


def consistency_proof(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """What it takes to show that the tree over the first `size` leaves grew into this one (2.1.2)."""
    if not 0 < size <= len(leaves):
        raise ValueError(f"a tree of {len(leaves)} leaves did not grow from one of {size}")
    return _consistency(leaves, size, whole=True)


def _consistency(leaves: Sequence[bytes], size: int, *, whole: bool) -> list[bytes]:
    if size == len(leaves):
        return [] if whole else [root_of(leaves)]
    middle = _split_at(len(leaves))
    if size <= middle:
        return [*_consistency(leaves[:middle], size, whole=whole), root_of(leaves[middle:])]
    return [*_consistency(leaves[middle:], size - middle, whole=False), root_of(leaves[:middle])]


def _split_at(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1


def includes(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the leaf stands at the index under the root."""
    if not 0 <= index < size:
        return False
    place, last, hashed = index, size - 1, leaf
    for sibling in proof:
        if last == 0 or len(sibling) != HASH_SIZE:
            return False
        if place & 1 or place == last:
            hashed = node_hash(sibling, hashed)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            hashed = node_hash(hashed, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and hashed == root


def grew(old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree `old` (size, root) grew into `new` by appending only."""
    (old_size, old_root), (new_size, new_root) = old, new
    if not 0 < old_size <= new_size or any(len(step) != HASH_SIZE for step in proof):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    steps = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not steps:
        return False
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    from_old = from_new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            from_old, from_new = node_hash(step, from_old), node_hash(step, from_new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            from_new = node_hash(from_new, step)
        place, last = place >> 1, last >> 1
    return last == 0 and from_old == old_root and from_new == new_root
