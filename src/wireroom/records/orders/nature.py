"""What follows from the kind of an order alone. One whose kind is not known is a civil order that bars no firearms."""

from __future__ import annotations

from wireroom.catalog.courts.kinds import Rank, Stage, kinds

GUN_VIOLENCE = "gun"


def temporary(kind: str) -> bool:
    """Whether it lasts to a hearing, or for a few days."""
    return kind in kinds() and kinds()[kind].stage in (Stage.EMERGENCY, Stage.TEMPORARY)


def emergency(kind: str) -> bool:
    """Whether it is the emergency protective order that the rules of precedence speak of."""
    return kind in kinds() and kinds()[kind].rank is Rank.EMERGENCY


def criminal(kind: str) -> bool:
    return kind in kinds() and kinds()[kind].rank is Rank.CRIMINAL


def gun_violence(kind: str) -> bool:
    """Whether it is about firearms alone, and protects nobody by name."""
    return kind in kinds() and kinds()[kind].family == GUN_VIOLENCE


def bars_firearms(kind: str) -> bool:
    """Whether it bars firearms even where it says nothing of them."""
    return kind in kinds() and kinds()[kind].firearms
