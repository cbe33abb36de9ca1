"""Records that stand on others of the same block, as what the parties of an order tell law enforcement alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

from wireroom.catalog.file import File
from wireroom.lab.filling import filled, invent
from wireroom.lab.invented import Entry, Fields
from wireroom.lab.scene import Scene

ATTACHED_SHARE, SAID_SHARE = 0.5, 0.6  # of records that have one, and of its fields that say something


def attached(
    files: Sequence[File], known: Iterable[tuple[Entry, str, str]], scene: Scene
) -> list[tuple[Entry, str]]:
    """Each with its owner; `known` are entries with their numbers and owners. The first of a block always has one."""
    found: list[tuple[Entry, str]] = []
    for file in (one for one in files if one.attached is not None):
        dice = Random(f"{scene.land.seed}/{scene.block.index}/{file.code}")
        assert file.attached is not None, "those that are attached were chosen"
        below = [one for one in known if one[0].file.code == file.attached.to]
        for place, (entry, number, owner) in enumerate(below):
            if dice.random() < ATTACHED_SHARE or place == 0:
                said = _said(file, file.attached.field, number, dice, scene)
                found.append((Entry(file, said, entry.entered), owner))
    return found


def _said(file: File, link: str, number: str, dice: Random, scene: Scene) -> Fields:
    others = [field for field in file.fields if field.code != link and dice.random() < SAID_SHARE]
    given = {link: number} | {field.code: invent(field, dice, scene.today) for field in others}
    return filled(file, given, dice, scene.today)
