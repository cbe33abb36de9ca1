"""Records about things: guns and who bought them, boats, articles, what was pawned, parts, securities."""

from __future__ import annotations

from random import Random

from wireroom.lab.dmv import papers_on, styled
from wireroom.lab.scene import Draft, Known, Scene, weighed

# Make, model, calibre, type.
_GUNS = (
    ("SW", "M AND P 9", "9", "PI"), ("GLC", "19", "9", "PI"), ("SIG", "P320", "9", "PI"), ("BER", "92FS", "9", "PI"),
    ("CLT", "1911", "45", "PI"), ("SW", "686", "38", "PR"), ("MOS", "500", "12", "SP"), ("REM", "700", "223", "RB"),
    ("WIN", "94", "30", "RL"),
)  # fmt: skip
_ARTICLES = (
    ("BBICYCL", "", 30), ("DCELLPH", "APPLE", 25), ("DCELLPH", "SAMSUN", 12), ("DCOMPUT", "APPLE", 12),
    ("DCOMPUT", "H PACK", 8), ("CCAMERA", "CANON", 8), ("CCAMERA", "SONY", 5),
)  # fmt: skip
_BOATS = (
    ("BIY", "RUN", "OB"),
    ("SER", "CRU", "IN"),
    ("BWC", "RUN", "OB"),
    ("YAM", "JSK", "IN"),
    ("CTY", "SAL", "SA"),
)
_COLOURS = {"WHI": 70, "BLU": 15, "RED": 8, "GRY": 7}
_DEALERS = ("SPECIMEN GUNS 1", "MOCKUP ARMS 2", "PLACEHOLDER SPORTS 3")
_LOCKERS = ("SPECIMEN LOCKER 1", "NOSUCH PAWN 2", "EXAMPLE LOANS 3")
_PARTS = {"EN": 40, "TN": 25, "AB": 25, "BB": 10}
_MAKERS_OF_PARTS = {"HOND": 50, "FORD": 30, "CHEV": 20}
_SECURITIES = (("CS", "100"), ("MO", "500"), ("TC", "50"), ("BD", "1000"))


def gun_history(scene: Scene, dice: Random, n: int) -> Draft:
    """A dealer's record of the sale of a gun to an adult. The first of all meets a prohibition: an example."""
    example = n == 0 and scene.block.index == 0 and len(scene.supervised) > 1
    place = scene.supervised[1] if example else scene.some(dice, 1)[0]
    adult_days = max(1, scene.person(place).days - 18 * 366)
    days = min(adult_days, dice.randint(20, 6_000))
    gun = _gun(scene, dice)
    who = scene.who(place, dice)
    scene.guns.append({**gun, "NAM": who["NAM"], "DOB": who["DOB"]})
    given = who | scene.home(place) | gun | {
        "CAT": weighed({"D": 90, "V": 6, "P": 4}, dice), "DTR": scene.ago(days), "DRN": f"{dice.randrange(10**8):08d}",
        "DLR": dice.choice(_DEALERS), "OCA": scene.case(days, dice),
    }  # fmt: skip
    return Draft(given, days, place)


def gun(scene: Scene, dice: Random, n: int) -> Draft:
    """A gun that was stolen from its owner, mostly; else lost, found or used in a crime."""
    mine = scene.guns[n + 1] if n + 1 < len(scene.guns) else _gun(scene, dice)
    category = "S" if n == 0 else weighed({"S": 80, "L": 8, "R": 8, "C": 4}, dice)
    days = dice.randint(2, 1_500)
    kept = mine if category in ("S", "L") else {code: mine[code] for code in ("MAK", "MOD", "CAL", "TYP")}
    given = {"SER": scene.serial()} | kept | {"CAT": category, "FIN": "BLK", "DOT": scene.ago(days),
                                             "OCA": scene.case(days, dice)}  # fmt: skip
    return Draft(given, days - 1)


def _gun(scene: Scene, dice: Random) -> Known:
    make, model, calibre, kind = dice.choice(_GUNS)
    return {"SER": scene.serial(), "MAK": make, "MOD": model, "CAL": calibre, "TYP": kind}


def vessel(scene: Scene, dice: Random, n: int) -> Draft:
    """A boat that is registered to an adult."""
    [place] = scene.some(dice, 1)
    boat = _boat(scene, dice)
    scene.boats.append({**boat, "NAM": scene.person(place).name})
    ends = dice.randint(-700, -1)
    given = boat | dict(scene.person(place).home) | {"NAM": scene.person(place).name, "STA": "VALID",
                                                     "EXP": scene.ago(ends)}  # fmt: skip
    return Draft(given)


def _boat(scene: Scene, dice: Random) -> Known:
    make, kind, drive = dice.choice(_BOATS)
    year = scene.today.year - dice.randrange(25)
    reg = scene.boat()
    return {
        "REG": reg, "BHN": f"0WR{reg[-6:]}{year % 100:02d}", "BYR": str(year), "BMA": make, "BTY": kind,
        "BLE": str(dice.randint(9, 34)), "BCO": weighed(_COLOURS, dice), "HUL": "PL", "PRO": drive,
    }  # fmt: skip


def boat(scene: Scene, dice: Random, n: int) -> Draft:
    """A stolen boat: one of those that are registered here."""
    mine = dict(scene.boats[n] if n < len(scene.boats) else _boat(scene, dice))
    days = dice.randint(2, 900)
    mine |= {"RES": scene.here, "DOT": scene.ago(days), "OCA": scene.case(days, dice)}
    return Draft(mine, days - 1)


def article(scene: Scene, dice: Random, n: int) -> Draft:
    """A stolen thing with a number."""
    days = dice.randint(2, 500)
    return Draft(_article(scene, dice) | {"DOT": scene.ago(days), "OCA": scene.case(days, dice)}, days - 1)


def pawn(scene: Scene, dice: Random, n: int) -> Draft:
    """A thing that somebody brought to a dealer."""
    [place] = scene.some(dice, 1)
    days = dice.randint(2, 300)
    given = scene.who(place, dice) | dict(scene.person(place).home) | _article(scene, dice) | {
        "DTP": scene.ago(days), "PBN": dice.choice(_LOCKERS), "AMT": str(dice.randint(10, 400)),
        "OCA": scene.case(days, dice),
    }  # fmt: skip
    return Draft(given, days - 1)


def _article(scene: Scene, dice: Random) -> Known:
    kind, brand, _ = dice.choices(_ARTICLES, [weight for _, _, weight in _ARTICLES])[0]
    return {"TYP": kind, "BRA": brand, "SER": scene.serial()}


def part(scene: Scene, dice: Random, n: int) -> Draft:
    """A part that was taken out of a vehicle."""
    days = dice.randint(2, 900)
    given: Known = {"PCT": weighed(_PARTS, dice), "SER": scene.serial(), "BRA": weighed(_MAKERS_OF_PARTS, dice),
                    "DOT": scene.ago(days), "OCA": scene.case(days, dice)}  # fmt: skip
    return Draft(given, days - 1)


def security(scene: Scene, dice: Random, n: int) -> Draft:
    """A paper that is worth money, or bait."""
    kind, worth = dice.choice(_SECURITIES)
    days = dice.randint(2, 900)
    given: Known = {"TYP": kind, "DEN": worth, "SER": scene.serial(), "DOT": scene.ago(days),
                    "OCA": scene.case(days, dice)}  # fmt: skip
    return Draft(given, days - 1)


def canadian_vehicle(scene: Scene, dice: Random, n: int) -> Draft:
    """A vehicle that Canada's police report to NCIC."""
    looks = styled(papers_on(scene.today), dice)
    days = dice.randint(2, 900)
    plate = scene.land.reserved.plate_elsewhere(500_000 + scene.block.index)
    given: Known = {"LIC": plate, "LIS": dice.choice(("ON", "BC", "AB", "PQ")), **dict(looks.fields),
                    "DOT": scene.ago(days), "OCA": scene.case(days, dice)}  # fmt: skip
    return Draft(given, days - 1)
