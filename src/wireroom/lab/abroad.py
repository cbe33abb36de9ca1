"""Records that only NCIC holds: entered by agencies of the nation and of other countries, never by the state."""

from __future__ import annotations

from random import Random

from wireroom.lab.scene import Draft, Known, Scene, weighed


def _stranger(scene: Scene, dice: Random) -> tuple[int, int, Known]:
    [place] = scene.some(dice, 1)
    days = scene.since(place, dice, 5, 2_000)
    return place, days, scene.who(place, dice) | {"OCA": scene.case(days, dice)}


def foreign_fugitive(scene: Scene, dice: Random, n: int) -> Draft:
    """Somebody whom another country wants."""
    place, days, given = _stranger(scene, dice)
    given |= {"CTR": weighed({"CD": 5, "FN": 1, "IT": 1}, dice), "OFF": "2610", "DOW": scene.ago(days),
              "WNO": f"W{dice.randrange(10**6):06d}"}  # fmt: skip
    return Draft(given, days, place)


def immigration(scene: Scene, dice: Random, n: int) -> Draft:
    """A deported felon or another whom the immigration authority seeks."""
    place, days, given = _stranger(scene, dice)
    given |= {"IVC": weighed({"FEL": 3, "ABS": 6, "NSR": 1}, dice), "DTO": scene.ago(days), "PHO": "555-0199"}
    return Draft(given, days, place)


def protective(scene: Scene, dice: Random, n: int) -> Draft:
    """Somebody who threatened a person under protection."""
    place, days, given = _stranger(scene, dice)
    return Draft(given | scene.home(place) | {"DTT": scene.ago(days), "PHO": "555-0199"}, days, place)


def terrorist(scene: Scene, dice: Random, n: int) -> Draft:
    """Somebody on the list of the screening centre."""
    place, days, given = _stranger(scene, dice)
    return Draft(given | {"HND": weighed({"3": 6, "4": 3, "2": 1}, dice)}, days, place)
