"""Finds lines of a file that repeat an earlier line which is not stored yet, so that no search would find it."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise

from wireroom.catalog.file import File
from wireroom.records.importing import rows
from wireroom.records.importing.checking import Chunk, Found
from wireroom.records.same import is_same, probed
from wireroom.records.shape import Fields, from_json
from wireroom.records.vault import Vault

# Earlier lines of one number with which a line is compared: a case of a thousand guns is not a million questions.
CANDIDATES_MAX = 50


def fields_of(file: File, stored: bytes, vault: Vault) -> Fields:
    """The canonical fields of what a chunk has for COPY."""
    return from_json(file, rows.fields_of(stored), vault)


class Twins:
    """Compares each chunk with itself and with the one before it: by then the one before that is stored."""

    def __init__(self, file: File, vault: Vault) -> None:
        self._file, self._vault = file, vault
        self._before: Chunk | None = None
        self._kinds = sorted(probed(file))

    def find(self, chunk: Chunk) -> list[tuple[int, int, int]]:
        """Triples: a line's place, how many chunks back the one it repeats is (0 or 1), and that one's place."""
        before, self._before = self._before, chunk
        found: set[tuple[int, int, int]] = set()
        for kind in self._kinds:
            here = chunk.found.get(kind, Found())
            former = before.found.get(kind, Found()) if before else Found()
            shared = set(here.values).intersection(former.values)
            again = shared.union(
                one for one, other in pairwise(here.values) if one == other
            )  # they are sorted
            if not again:
                continue
            pairs = [pair for pair in here.pairs() if pair[0] in again]
            earlier = [(value, 1, place) for value, place in former.pairs() if value in shared]
            for how, other, place in self._candidates(pairs, earlier):
                if self._same(kind, chunk, place, before if how else chunk, other):
                    found.add((place, how, other))
        return sorted(found)

    def _candidates(
        self, pairs: list[tuple[str, int]], earlier: list[tuple[str, int, int]]
    ) -> list[tuple[int, int, int]]:
        """Chunks back, place there, and place here, of lines that share a number."""
        known: dict[str, list[tuple[int, int]]] = {}
        for value, back, place in earlier:
            known.setdefault(value, []).append((back, place))
        candidates = []
        for value, place in sorted(pairs, key=lambda pair: pair[1]):
            several = known.setdefault(value, [])
            candidates += [
                (back, other, place)
                for back, other in several[:CANDIDATES_MAX]
                if (back, other) != (0, place)
            ]
            several.append((0, place))
        return candidates

    def _same(self, kind: str, chunk: Chunk, place: int, other_chunk: Chunk | None, other: int) -> bool:
        assert other_chunk is not None, "a line one chunk back is in a chunk"
        fields, held = self._fields(chunk, place), self._fields(other_chunk, other)
        return is_same(self._file, kind, fields, held)

    def _fields(self, chunk: Chunk, place: int) -> Fields:
        return fields_of(self._file, chunk.stored[bisect_left(chunk.places, place)], self._vault)
