"""Of which file a thousand people have how many records, and who writes them: the one table of the lab's rates."""

from __future__ import annotations

from collections.abc import Callable, Collection
from random import Random

import msgspec

from wireroom.catalog.file import File
from wireroom.catalog.index import FILES
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.catalog.kinds_of_time import BirthDay
from wireroom.lab import abroad, driving, things, watched
from wireroom.lab.filling import filled
from wireroom.lab.invented import Entry
from wireroom.lab.scene import Draft, Known, Scene

Write = Callable[[Scene, Random, int], Draft]
_BY_CODE = {file.code: file for file in FILES}


class Recipe(msgspec.Struct, frozen=True):
    """How the records of one file are made."""

    file: File
    write: Write
    thousand: float = 0.0  # records of a thousand people, at who holds them here
    away: float = 0.0  # as many again of other states' agencies, at NCIC
    least: int = 1  # in the first block, so that no file is empty


def _recipe(code: str, write: Write, thousand: float, away: float = 0.0, least: int = 1) -> Recipe:
    return Recipe(_BY_CODE[code], write, thousand, away, least)


GUN_HISTORIES = 20.0
# In this order: a stolen gun had an owner first, a stolen boat was registered, who is armed was prohibited.
STATE: tuple[Recipe, ...] = (
    _recipe("supervised", watched.supervised, 5.4, 0.5, least=2),
    _recipe("registrant", watched.registrant, 2.3, 0.3),
    _recipe("order", watched.order, 3.0, 0.4),
    _recipe("violent", watched.violent, 0.25, 0.05),
    _recipe("gang_member", watched.gang_member, 0.8, 0.1),
    _recipe("gang_group", watched.gang_group, 0.0, 0.02, least=0),
    _recipe("identity_theft", watched.identity_theft, 0.4, 0.1),
    _recipe("mental", watched.mental, 1.1),
    _recipe("missing", watched.missing, 0.45, 0.3),
    _recipe("unidentified", watched.unidentified, 0.1, 0.05),
    _recipe("gun_history", things.gun_history, GUN_HISTORIES, least=3),
    _recipe("gun", things.gun, 1.5, 0.7),
    _recipe("boat", things.boat, 0.25, 0.1),
    _recipe("article", things.article, 2.0, 0.6),
    _recipe("pawn", things.pawn, 2.5),
    _recipe("part", things.part, 0.6, 0.2),
    _recipe("security", things.security, 0.3, 0.2),
)
DMV: tuple[Recipe, ...] = (
    _recipe("vessel", things.vessel, 8.0),
    _recipe("occupational", driving.occupational, 1.6),
    _recipe("parking", driving.parking, 8.0),
    _recipe("irp", driving.irp, 0.4),
)
NCIC: tuple[Recipe, ...] = (
    _recipe("foreign_fugitive", abroad.foreign_fugitive, 0.05),
    _recipe("immigration", abroad.immigration, 0.1),
    _recipe("protective", abroad.protective, 0.02),
    _recipe("terrorist", abroad.terrorist, 0.02),
    _recipe("identity", abroad.identity, 2.0, least=2),
    _recipe("history", abroad.history, 2.0, least=2),
    _recipe("canadian_vehicle", things.canadian_vehicle, 0.3),
)
LOCAL = 0.5  # of a thousand people, of a file that is declared elsewhere
# Those that are not of the table: what follows from others, what the state's first part makes, a directory.
MADE_OTHERWISE = frozenset(
    (
        "wanted",
        "vehicle",
        "plate",
        "licence",
        "registration",
        "driver_history",
        "armed",
        "stop",
        "ori",
        "confidential",
    )
)


def entries(recipe: Recipe, scene: Scene) -> list[Entry]:
    """The records of one file from one block, or from strangers where the scene is away."""
    code = recipe.file.code
    dice = Random(f"{scene.land.seed}/{scene.block.index}/{code}{scene.away and '/away'}")
    rate = recipe.away if scene.away else recipe.thousand
    count = int(rate * scene.share + dice.random())
    if scene.block.index == 0 and not scene.away:
        count = max(count, recipe.least)
    found = []
    for n in range(count):
        draft = recipe.write(scene, dice, n)
        fields = filled(recipe.file, draft.given, dice, scene.today)
        found.append(Entry(recipe.file, fields, scene.entered(draft.days), draft.person))
    return found


def others(files: Collection[File]) -> tuple[Recipe, ...]:
    """Recipes of files that no table knows, those of agencies for instance: of anybody, or of anything."""
    known = {recipe.file.code for recipe in (*STATE, *DMV, *NCIC)} | MADE_OTHERWISE
    return tuple(Recipe(file, _anything(file), LOCAL) for file in files if file.code not in known)


def _anything(file: File) -> Write:
    """A record of a file of which nothing is known but its declaration."""
    named = any(isinstance(field.kind, PersonName) for field in file.fields)
    born = any(isinstance(field.kind, BirthDay) for field in file.fields)

    def write(scene: Scene, dice: Random, n: int) -> Draft:
        days = dice.randint(2, 500)
        given: Known = {}
        place = -1
        if named and born:
            [place] = scene.some(dice, 1)
            given = scene.who(place, dice) | scene.home(place)
        for field in file.fields:
            shown = field.code in file.headline or (field.code,) in file.found_by
            if shown and field.code not in given:
                given[field.code] = field.kind.invent(dice, scene.today)
        return Draft(given, days, place)

    return write
