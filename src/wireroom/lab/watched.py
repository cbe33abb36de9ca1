"""Records about people whom others must know of: supervised, registered, restrained, missing, robbed of their name."""

from __future__ import annotations

from random import Random

from wireroom.lab.crime import ARMED_ROBBERY
from wireroom.lab.scene import Draft, Known, Scene, several, weighed

_SUPERVISIONS = {"PROB": 45, "PAROLE": 25, "PRCS": 15, "MAND": 7, "PROBSUM": 8}
_FELONIES = ("2202", "2404", "3572", "1315", "2605", ARMED_ROBBERY)
_MISDEMEANOURS = ("5404", "2303", "1313")
_CONDITIONS = ("SRCH", "DRUG", "ALC", "STAY", "GANG", "GPS")
_ORDERS = {"OAH": 40, "CPO": 25, "CHO": 20, "TCH": 8, "EPO": 4, "OGV": 3}
# Whether temporary, at most how many days ago it was issued, and for how many days in all.
_LIVES = {
    "OAH": (False, 700, 1_825), "CPO": (False, 700, 3_650), "CHO": (False, 700, 1_825), "TCH": (True, 15, 21),
    "EPO": (True, 1, 5), "OGV": (False, 300, 1_825), "FOR": (False, 700, 1_825),
}  # fmt: skip
_ALLOWED_GUNS = ("CHO", "TCH")  # orders that do not always take the firearms away
_GANGS = ("SPECIMEN STREET", "MOCKUP BOYS", "PRETEND CREW", "DUMMY CREEK", "TEMPLATE SET", "INVENTED KINGS",
          "FIXTURE PARK", "NOSUCH GROVE", "EXAMPLE HEIGHTS", "DRAFT RIVER")  # fmt: skip
_MENTAL = {"HOLD": 60, "TRT": 20, "DAN": 8, "CON": 6, "INC": 3, "NGI": 1, "THR": 2}
_PHONE = "555-01{:02d}"
_DAYS_OF_LIFE = 18 * 366


def supervised(scene: Scene, dice: Random, n: int) -> Draft:
    """Somebody on probation or parole, with officer and agency."""
    place = _another(scene, scene.supervised, dice)
    scene.supervised.append(place)
    felony = dice.random() < 0.6 or (scene.block.index == 0 and n == 1)  # of the example that is armed
    conditions = ("SRCH", *(one for one in several(_CONDITIONS[1:], dice, 3)))
    if felony:
        conditions = (*conditions, "WEAP")
    since = scene.since(place, dice, 20, 200 if n < 2 else 1_000)  # the examples' goes on for years
    kind = weighed(_SUPERVISIONS, dice)
    given = scene.who(place, dice) | scene.home(place) | {
        "CII": scene.cii(place), "STY": kind,
        "SAG": "STATE PAROLE, INVENTED OFFICE" if kind == "PAROLE" else "SPECIMEN COUNTY PROBATION",
        "SOF": _officer(scene, dice), "SPH": _PHONE.format(dice.randrange(100)),
        "SDT": scene.ago(since), "EXP": scene.ago(since - 1_095 - dice.randint(0, 730)),
        "OFF": dice.choice(_FELONIES if felony else _MISDEMEANOURS), "FEL": "Y" if felony else "N",
        "COND": conditions, "SCP": "PERSON, VEHICLE AND RESIDENCE", "OCA": scene.case(since, dice),
    }  # fmt: skip
    if dice.random() < 0.03 and n > 1:
        given["PAL"] = "Y"
    return Draft(given, since, place)


def registrant(scene: Scene, dice: Random, n: int) -> Draft:
    """Somebody who must register, with the address and when to come again."""
    [place] = scene.some(dice, 1)
    first = scene.since(place, dice, 100, 3_000)
    sex = dice.random() < 0.93
    last = min(first, dice.randint(5, 380))
    status = weighed({"CUR": 84, "TRA": 6, "VIO": 6, "ABS": 4}, dice)
    given = scene.who(place, dice) | scene.home(place) | scene.car(place) | {
        "CII": scene.cii(place), "RTP": "S" if sex else "A", "RSS": status,
        "OFF": dice.choice(("3601", "1103", "1116") if sex else ("2099", "2005")),
        "CRR": "288(A) PC" if sex else "451(D) PC", "ORD": scene.ago(first), "LRD": scene.ago(last),
        "NRD": scene.ago(last - 365), "OCA": scene.case(first, dice),
    }  # fmt: skip
    if sex:
        given |= {
            "TIER": weighed({"1": 60, "2": 28, "3": 12}, dice),
            "OFS": "01" if status == "ABS" else "05",
        }
    return Draft(given, first, place)


def order(scene: Scene, dice: Random, n: int) -> Draft:
    """An order between two of one household, or neighbours."""
    [place] = scene.some(dice, 1)
    at_home = scene.household(place)
    protected = at_home or [one for one in scene.some(dice, 2) if one != place][:1]
    kind = "FOR" if scene.away else weighed(_ORDERS, dice)
    temporary, longest, lives = _LIVES[kind]
    issued = scene.since(place, dice, 1, longest)
    guns_barred = kind not in _ALLOWED_GUNS or dice.random() < 0.5
    given = scene.who(place, dice) | scene.home(place) | {
        "TYO": kind, "TRM": "T" if temporary else "F", "PNO": f"ZZ{dice.randrange(10**6):06d}",
        "CTI": f"{scene.here}099023J", "ISD": scene.ago(issued),
        "IST": f"{dice.randrange(8, 17):02d}{dice.randrange(60):02d}",
        "EXP": scene.ago(issued - lives), "PCO": ("01", "04", "05", "07") if guns_barred else ("01", "04"),
        "STY": ("PERSON 100", "HOME 100"), "FRP": "Y" if guns_barred else "N", "OCA": scene.case(issued, dice),
        "BRD": "Y" if guns_barred and at_home and kind in ("OAH", "CPO") else "N",
    }  # fmt: skip
    if kind != "OGV":  # those protect nobody by name
        given["PPN"] = tuple(_protected(scene, one, at_home=bool(at_home)) for one in protected[:3])
    if temporary and kind != "EPO":
        given["HRD"] = given["EXP"]
    if kind == "CPO":
        given["SBA"] = "273"
    if kind == "EPO":
        given["RQO"] = _officer(scene, dice)
    if dice.random() < 0.8:
        given |= {"SVC": "1", "SVD": scene.ago(max(0, issued - 3)), "SVM": "P", "SVN": _officer(scene, dice)}
    else:
        given["SVC"] = "2"
    return Draft(given, issued, place)


def _protected(scene: Scene, place: int, *, at_home: bool) -> str:
    """Whom an order protects, as the record has it."""
    one = scene.person(place)
    return f"{one.name};{one.sex[1]};{one.born};{'SP;Y' if at_home else 'NB;N'}"


def violent(scene: Scene, dice: Random, n: int) -> Draft:
    """Somebody who hurt or threatened those who met them."""
    [place] = scene.some(dice, 1)
    days = scene.since(place, dice, 30, 2_000)
    given = scene.who(place, dice) | scene.home(place) | scene.car(place)
    given |= {"VPC": dice.choice("123"), "OFF": "1315", "DCV": scene.ago(days), "CMC": "05",
              "OCA": scene.case(days, dice)}  # fmt: skip
    return Draft(given, days, place)


def gang_of(number: int) -> str:
    """The name of one of the state's gangs."""
    turn, first = divmod(number, len(_GANGS))
    return f"{_GANGS[first]} {turn + 1}" if turn else _GANGS[first]


def gangs(blocks: int) -> int:
    """How many gangs a state has: the first blocks have one each."""
    return max(1, blocks // 10)


def gang_group(scene: Scene, dice: Random, n: int) -> Draft:
    """The gang of a block; a stranger's where it is away."""
    home = dict(scene.person(0).home)
    days = dice.randint(100, 1_500)
    return Draft(
        {"GNG": gang_of(scene.block.index), "CTY": home["CTY"], "STA": scene.here, "SGP": scene.away and "NORTH",
         "PHO": _PHONE.format(dice.randrange(100)), "OCA": scene.case(days, dice)},
        days,
    )  # fmt: skip


def gang_member(scene: Scene, dice: Random, n: int) -> Draft:
    """A member of one of the state's gangs."""
    [place] = scene.some(dice, 1)
    days = scene.since(place, dice, 10, 700)
    given = scene.who(place, dice) | scene.home(place) | {
        "GNG": gang_of(dice.randrange(gangs(scene.land.blocks))), "ECR": several("AEF", dice, 2),
        "DNT": scene.ago(days), "DOP": scene.ago(days - 1_826), "OCA": scene.case(days, dice),
    }  # fmt: skip
    return Draft(given, days, place)


def identity_theft(scene: Scene, dice: Random, n: int) -> Draft:
    """Somebody whose name another used."""
    [place] = scene.some(dice, 1)
    days = dice.randint(10, 900)
    given = scene.who(place, dice) | {
        "IDT": several(("ACCT", "CFRD", "GOVT", "LOAN", "NETT"), dice, 2), "DOT": scene.ago(days),
        "PWD": f"INVENTED {dice.randrange(10**4):04d}", "CNS": "Y", "DOP": scene.ago(days - 1_826),
        "OCA": scene.case(days, dice),
    }  # fmt: skip
    return Draft(given, days, place)


def mental(scene: Scene, dice: Random, n: int) -> Draft:
    """Somebody who may have no firearm for a while."""
    [place] = scene.some(dice, 1)
    days = scene.since(place, dice, 5, 1_500)
    given = scene.who(place, dice) | {
        "MHC": weighed(_MENTAL, dice), "EVD": scene.ago(days), "FAC": "SPECIMEN GENERAL HOSPITAL, INVENTED",
        "EXP": scene.ago(days - 1_826), "OCA": scene.case(days, dice),
    }  # fmt: skip
    return Draft(given, days, place)


def missing(scene: Scene, dice: Random, n: int) -> Draft:
    """A young person who ran away, or now and then somebody older."""
    young = [place for place, one in enumerate(scene.block.people) if 3_650 < one.days < 6_500]
    place = dice.choice(young) if young and (n == 0 or dice.random() < 0.6) else scene.some(dice, 1)[0]
    juvenile = scene.person(place).days < _DAYS_OF_LIFE
    days = dice.randint(1, 300)
    given = scene.who(place, dice) | {
        "CAT": "J" if juvenile else weighed({"E": 3, "D": 3, "I": 1}, dice), "MNP": "MP",
        "MRT": "RUN" if juvenile else "UNK", "DLC": scene.ago(days), "DRP": scene.ago(days),
        "TRP": f"{dice.randrange(24):02d}{dice.randrange(60):02d}", "PLC": dict(scene.person(place).home)["CTY"],
        "CLO": dice.choice(("BLUE JEANS, WHITE SHIRT", "GREY HOODIE, BLACK TROUSERS", "RED JACKET")),
        "OCA": scene.case(days, dice),
    }  # fmt: skip
    if juvenile:
        given["MPC"] = "R"
    elif dice.random() < 0.5:
        given["ARK"] = "M"
    return Draft(given, days, place)


def unidentified(scene: Scene, dice: Random, n: int) -> Draft:
    """Somebody whom nobody could name."""
    days = dice.randint(30, 4_000)
    given: Known = {
        "CAT": "D", "DBF": scene.ago(days), "BPS": "ALL", "SEX": dice.choice("FM"), "RAC": dice.choice("WBAU"),
        "HGT": f"5{dice.randrange(12):02d}", "HAI": dice.choice(("BRO", "BLK", "GRY")),
        "PFD": f"SHORE AT {dict(scene.person(0).home)['CTY']}", "CDA": "U", "OCA": scene.case(days, dice),
    }  # fmt: skip
    return Draft(given, days)


def _another(scene: Scene, taken: list[int], dice: Random) -> int:
    free = [place for place in scene.some(dice, len(taken) + 1) if place not in taken]
    return free[0]


def _officer(scene: Scene, dice: Random) -> str:
    return f"{scene.land.names.surnames.draw(dice)}, {dice.choice('ABCDEFGHJKLM')}"
