"""What the invented DMV holds beside licences and registrations: histories, dealers, citations, trucks, directories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from random import Random

from wireroom.catalog.file import Source
from wireroom.catalog.files.driver_history import DRIVER_HISTORY
from wireroom.lab.filling import filled
from wireroom.lab.invented import Fields, Invented
from wireroom.lab.names import rows
from wireroom.lab.places import DMV, Agency
from wireroom.lab.scene import ANSWERS_FROM_DAYS, Draft, Known, Scene, weighed

HISTORY_SHARE = 0.03  # of drivers whose licence is not suspended or revoked
OFFICERS = 0.7  # of a thousand people, whose address is confidential
_OFTEN = {"22350": 30, "22349": 20, "21453": 8, "22450": 8, "23152": 5, "14601": 3, "22107": 4, "21658": 4}
LOST = frozenset((("STA", "SUSPENDED"), ("STA", "REVOKED")))
_COURT = "COURT 99023"
_OF_A_HISTORY = ("OLN", "OLS", "NAM", "DOB", "SEX", "ADR", "CTY", "ZIP", "CLS", "STA", "CNF")
_OCCUPATIONS = {"SP": 60, "DL": 12, "DI": 10, "VV": 8, "TV": 5, "AD": 5}
_PLACES_OF_WORK = ("SPECIMEN MOTORS 1", "MOCKUP CARS 2", "PRETEND DRIVING SCHOOL 3")
_TRUCKS = ("FRHT", "PTRB", "KW")


@cache
def _sections() -> tuple[tuple[str, ...], tuple[str, ...], tuple[int, ...]]:
    """Sections with their codes, the points of each, and how often."""
    found = list(rows("violation_points"))
    sections = tuple(f"{row['section']} {row['code']}" for row in found)
    return (
        sections,
        tuple(row["points"] for row in found),
        tuple(_OFTEN.get(row["section"], 1) for row in found),
    )


def histories(
    scene: Scene, licences: Sequence[Invented], dice: Random, alone: frozenset[int]
) -> list[Invented]:
    """The histories of those who have one; `alone` are ranks of which none is invented. One at least, where it can."""
    found: list[Invented] = []
    for rank, record in enumerate(licences):
        lost = not LOST.isdisjoint(record.fields)
        forced = scene.block.index == 0 and not found and ("STA", "VALID") in record.fields
        if rank not in alone and (dice.random() < HISTORY_SHARE or lost or forced):
            drives_for = scene.person(scene.block.licensed[rank]).days - ANSWERS_FROM_DAYS
            fields = history(scene, dict(record.fields), dice, days=drives_for, lost=lost)
            found.append(Invented(Source.DMV, DRIVER_HISTORY.code, DMV, record.number, fields))
    return found


def history(scene: Scene, licence: Mapping[str, str], dice: Random, *, days: int, lost: bool) -> Fields:
    """What the driver of a licence did. `days` since that one may drive: nothing was done before."""
    today = scene.today
    given: dict[str, str | tuple[str, ...]] = {
        code: licence[code] for code in _OF_A_HISTORY if code in licence
    }
    sections, points, often = _sections()
    most = min(days, 1_400)
    agos = sorted(dice.sample(range(10, most), dice.choice((1, 1, 1, 2, 2, 3))))
    chosen = dice.choices(range(len(sections)), often, k=len(agos))
    given["CNV"] = tuple(
        f"{scene.ago(ago)} {sections[one]} {points[one]}PT {scene.ago(max(1, ago - 60))} {_COURT} "
        f"D{dice.randrange(10**6):06d}"
        for ago, one in zip(agos, chosen, strict=True)
    )
    for code, within in (("PTS", 365), ("PT2", 730), ("PT3", 1_095)):
        total = sum(int(points[one]) for ago, one in zip(agos, chosen, strict=True) if ago <= within)
        given[code] = str(total)
    if dice.random() < 0.15:
        given["FTA"] = (
            f"{scene.ago(dice.randint(30, min(most, 700)))} 40508 VC {_COURT} D{dice.randrange(10**6):06d}"
        )
    if dice.random() < 0.3:
        fault = weighed({"FAULT": 3, "NOFAULT": 5, "UNKNOWN": 2}, dice)
        given["ACC"] = (
            f"{scene.ago(dice.randint(30, min(most, 1_000)))} {fault} {licence['CTY']} {dice.randrange(10**5):05d}"
        )
    if lost:
        since = dice.randint(10, 300)
        verb, until = ("REV", 1_000) if licence["STA"] == "REVOKED" else ("SUSP", 365)
        section = weighed({"13353": 5, "13365": 3, "16070": 2}, dice)
        given["ACT"] = f"{scene.ago(since)} {verb} {section} VC UNTIL {scene.ago(since - until)}"
    if dice.random() < 0.7:
        given["PIR"] = f"{today + timedelta(days=dice.randint(5, 360)):%Y%m%d}"
    return filled(DRIVER_HISTORY, given, dice, today)


def confidential(record: Invented, agency: Agency) -> Invented:
    """A record whose address no reader is shown: that of a peace officer."""
    fields: Fields = (*record.fields, ("CNF", f"{agency.name.upper()}, {agency.ori}"[:60]))
    return Invented(record.source, record.file, record.owner, record.number, fields)


def occupational(scene: Scene, dice: Random, n: int) -> Draft:
    """Somebody who sells vehicles or teaches driving."""
    [place] = scene.some(dice, 1)
    person, since = scene.person(place), dice.randint(10, 700)
    given: Known = {
        "OCN": scene.serial(), "NAM": person.name, "DOB": person.born, "OCC": weighed(_OCCUPATIONS, dice),
        "EMP": dice.choice(_PLACES_OF_WORK), **dict(person.home), "STA": "VALID", "ISS": scene.ago(since),
        "EXP": scene.ago(since - 730),
    }  # fmt: skip
    return Draft(given)


def parking(scene: Scene, dice: Random, n: int) -> Draft:
    """A parking or toll violation that is held against a vehicle."""
    vehicle, days = dice.choice(scene.vehicles), dice.randint(5, 700)
    toll = dice.random() < 0.4
    given: Known = {
        "LIC": vehicle.plate[1], "LIS": "CA", "LIT": "PC", "CIT": scene.serial(), "VKD": "T" if toll else "P",
        "VDT": scene.ago(days), "VTM": f"{dice.randrange(24):02d}{dice.randrange(60):02d}",
        "SEC": "23302 VC" if toll else "22500 VC", "AMT": str(dice.choice((8, 25, 48, 73, 98))),
        "STA": weighed({"OPEN": 6, "HOLD": 3, "PAID": 1}, dice),
        "AGN": "SPECIMEN TOLL ROAD" if toll else "EXAMPLE CITY",
    }  # fmt: skip
    return Draft(given)


def irp(scene: Scene, dice: Random, n: int) -> Draft:
    """A truck that is registered in several states."""
    reserved, index = scene.land.reserved, scene.block.index
    year = scene.today.year - dice.randrange(15)
    given: Known = {
        "LIC": reserved.plate_apportioned(index), "LIS": "CA", "LIT": "AP", "LIY": str(scene.today.year + 1),
        "VYR": str(year), "VMA": dice.choice(_TRUCKS), "UNT": f"U-{dice.randrange(1000)}",
        "CAR": "SPECIMEN TRUCKING", "USD": scene.serial(), "GVW": "80000",
        "JUR": ("AZ", "CA", "NV", "OR"), "STA": "VALID", "EXP": scene.ago(-dice.randint(30, 365)),
    }  # fmt: skip
    return Draft(given)


def agencies_of(scene: Scene) -> list[Known]:
    """What NCIC's directory has from this block: some of the state's agencies, and one of another state."""
    index, known = scene.block.index, scene.land.agencies
    places = range(min(8, len(known))) if index == 0 else (index // 10,) if index % 10 == 0 else ()
    return [_agency(known[place]) for place in places if place < len(known) and (index == 0 or place >= 8)]


def _agency(agency: Agency) -> Known:
    name = agency.name.upper()
    city = next((one for one in (" POLICE DEPARTMENT", " SHERIFF") if name.endswith(one)), "")
    kind = "2" if " COUNTY" in name else "3"
    return {
        "AGY": agency.ori, "LOC": (name.removesuffix(city) if city else "SPECIMEN")[:30], "TTL": name[:60], "AGT": kind,
        "RES": "CA", "PHO": f"99955501{sum(map(ord, agency.ori)) % 100:02d}", "HRS": "24 HOURS",
    }  # fmt: skip
