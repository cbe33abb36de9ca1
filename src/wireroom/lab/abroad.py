"""Records that only NCIC holds: entered by agencies of the nation and of other countries, never by the state."""

from __future__ import annotations

from random import Random

from wireroom.lab.scene import Draft, Known, Scene, weighed

INVENTED = "INVENTED: NO RECORD OF ANYBODY"


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


def _fingerprinted(scene: Scene, n: int) -> tuple[int, int, Known]:
    """Somebody with a criminal history: the same person for the index and for the record behind it."""
    dice = Random(f"{scene.land.seed}/{scene.block.index}/history/{n}")
    [place] = scene.some(dice, 1)
    number = scene.cii(place)[1:]
    given = scene.who(place, dice) | {"FBI": f"{number[:8]}Z", "SID": f"CA{number[:8]}", "MIS": INVENTED}
    return place, scene.since(place, dice, 400, 4_000), given


def identity(scene: Scene, dice: Random, n: int) -> Draft:
    """That there is a history, and where."""
    place, days, given = _fingerprinted(scene, n)
    return Draft(given | {"HBY": "CA"}, days, place)


def history(scene: Scene, dice: Random, n: int) -> Draft:
    """An arrest and what became of it."""
    place, days, given = _fingerprinted(scene, n)
    later, ended = scene.ago(days - 120), scene.ago(days - 150)
    what = weighed({"459 PC BURGLARY F": 3, "484 PC THEFT M": 5, "23152 VC DUI M": 4}, dice)
    given |= {
        "ARR": f"{scene.ago(days)} CA0990100 {what}", "CRT": f"{later} CA099013J CONVICTED {what}",
        "SPV": f"{ended} TEST COUNTY PROBATION 2 YEARS",
    }  # fmt: skip
    return Draft(given, days, place)
