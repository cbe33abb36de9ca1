"""The records of all files of one block, beside its licences, vehicles and the first of its crimes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from wireroom.catalog.file import File, Source
from wireroom.catalog.files.ori import ORI
from wireroom.catalog.files.registration import REGISTRATION
from wireroom.lab.attached import attached
from wireroom.lab.block import BLOCK_PEOPLE, Block
from wireroom.lab.driving import OFFICERS, agencies_of, confidential, histories
from wireroom.lab.filling import filled
from wireroom.lab.invented import Entry, Fields, Invented
from wireroom.lab.other_states import STATES
from wireroom.lab.people import Makers, people
from wireroom.lab.places import DMV as DMV_ORI
from wireroom.lab.recipes import DMV, NCIC, STATE, Recipe, entries, others
from wireroom.lab.scene import STRANGERS_MAX, Land, Scene, weighed
from wireroom.lab.telling import armed, state_and_copies
from wireroom.lab.watched import gang_group, gangs

STATES_MAX = 42_000  # blocks
FIRST, FURTHER = 128, 100  # file numbers set aside for a block's first crimes, and for all its other records
AWAY_FROM, AWAY = 10_000_000, 64  # numbers at NCIC of what other agencies than the state's entered
_NATION = "DC"  # whose agencies enter what no state does


def first_number(block: int) -> int:
    """Where the numbers of a block's first crimes begin, in each holder's series."""
    return block * FIRST


class Further:
    """Writes what a block has of every file that the catalogue, or an agency, declares."""

    def __init__(self, land: Land, makers: Makers, files: Sequence[File]) -> None:
        self._land, self._makers = land, makers
        self._files = tuple(files)
        extra = others(files)
        self._state = (*STATE, *(one for one in extra if Source.STATE in one.file.held_by))
        rest = [one for one in extra if Source.STATE not in one.file.held_by]
        self._ncic = (*NCIC, *(one for one in rest if Source.NCIC in one.file.held_by))
        away = (Source.NCIC, Source.NLETS)
        self._dmv = (*DMV, *(one for one in rest if not set(away).intersection(one.file.held_by)))

    def records(self, block: Block, crimes: Sequence[Entry], dice: Random) -> list[Invented]:
        """What the block holds at everybody; `dice` choose the agencies of the crimes."""
        scene = Scene(self._land, block, crimes)
        numbered = [
            (crime, dice.choice(self._land.owners), number)
            for number, crime in enumerate(crimes, first_number(block.index))
        ]
        papers = self._at_dmv(scene)  # first: a stolen boat is a registered one
        own = [entry for recipe in self._state for entry in entries(recipe, scene)]
        if block.index < gangs(self._land.blocks):
            own.append(self._gang(scene))
        choice = Random(f"{self._land.seed}/{block.index}/owners")
        base = STATES_MAX * FIRST + block.index * FURTHER
        numbered += [(entry, self._owner(entry, scene, choice), n) for n, entry in enumerate(own, base)]
        reserved, found = self._land.reserved, papers
        fcns = [reserved.fcn(number, entry.entered) for entry, _, number in numbered]
        known = [(entry, fcn, owner) for (entry, owner, _), fcn in zip(numbered, fcns, strict=True)]
        for n, (entry, owner) in enumerate(attached(self._files, known, scene), base + len(own)):
            numbered.append((entry, owner, n))
            fcns.append(reserved.fcn(n, entry.entered))
        count = len(numbered) - len(crimes)
        assert count <= FURTHER, f"block {block.index} has {count} records, more than are numbered"
        for (entry, owner, number), fcn in zip(numbered, fcns, strict=True):
            found += state_and_copies(entry, owner, fcn, reserved.nic(entry.file.letter, number))
        found += armed((entry, fcn) for entry, fcn, _ in known)
        found += self._of_others(block, scene)
        return found

    def _owner(self, entry: Entry, scene: Scene, dice: Random) -> str:
        """Any agency; of the first block's records one that is not the demo's own, so that it can be asked."""
        owners = self._land.owners
        return dice.choice(owners[1:] if scene.block.index == 0 else owners)

    def _gang(self, scene: Scene) -> Entry:
        dice = Random(f"{self._land.seed}/{scene.block.index}/gang")
        draft = gang_group(scene, dice, 0)
        file = next(recipe.file for recipe in STATE if recipe.write is gang_group)
        return Entry(file, filled(file, draft.given, dice, scene.today), scene.entered(draft.days))

    # ----------------------------------------------------------------------- the DMV

    def _at_dmv(self, scene: Scene) -> list[Invented]:
        return [
            Invented(
                Source.DMV, recipe.file.code, DMV_ORI, _own_number(recipe.file, entry.fields), entry.fields
            )
            for recipe in self._dmv
            for entry in entries(recipe, scene)
        ]

    def drivers(self, block: Block, papers: list[Invented]) -> list[Invented]:
        """Histories of the block's drivers. In `papers`, licences first, officers get a confidential address."""
        scene = Scene(self._land, block)
        dice = Random(f"{self._land.seed}/{block.index}/drivers")
        ranks = {place: rank for rank, place in enumerate(block.licensed)}
        alone = frozenset(
            ranks[place] for place in block.licensed if block.index == 0 and place not in scene.adults
        )
        found = histories(scene, papers[: len(block.licensed)], dice, alone)
        count = max(int(OFFICERS * scene.share + dice.random()), block.index == 0)
        officers = set(dice.sample([one for one in scene.adults if one in ranks], count))
        agency = dice.choice(self._land.agencies)
        for place in officers:
            papers[ranks[place]] = confidential(papers[ranks[place]], agency)
        for slot, vehicle in enumerate(block.vehicles, len(block.licensed)):
            if vehicle.owner in officers and papers[slot].file == REGISTRATION.code:
                papers[slot] = confidential(papers[slot], agency)
        return found

    # ----------------------------------------------------------------------- NCIC

    def _of_others(self, block: Block, scene: Scene) -> list[Invented]:
        """What NCIC holds of agencies that are not the state's: of other states, of the nation, and its directory."""
        dice = Random(f"{self._land.seed}/{block.index}/away")
        away = self._strangers(block, weighed(STATES, dice), dice)
        nation = self._strangers(block, _NATION, dice, beyond=STRANGERS_MAX // 2)
        told = [
            (entry, away.owner(dice)) for recipe in STATE if recipe.away for entry in entries(recipe, away)
        ]
        for recipe in self._ncic:
            told += [
                (entry, nation.owner(dice)) for entry in self._of_the_nation(recipe, nation, block.index)
            ]
        told += [
            (Entry(ORI, filled(ORI, one, dice, scene.today), ""), str(one["AGY"]))
            for one in agencies_of(scene)
        ]
        assert len(told) <= AWAY, (
            f"block {block.index} has {len(told)} records of others, more than are numbered"
        )
        base = AWAY_FROM + block.index * AWAY
        return [
            Invented(
                Source.NCIC,
                entry.file.code,
                owner,
                self._land.reserved.nic(entry.file.letter, n),
                entry.fields,
            )
            for n, (entry, owner) in enumerate(told, base)
        ]

    def _of_the_nation(self, recipe: Recipe, scene: Scene, block: int) -> Iterator[Entry]:
        here = Recipe(recipe.file, recipe.write, away=max(recipe.thousand, 1.0 / scene.share * (block == 0)))
        yield from entries(here, scene)

    def _strangers(self, block: Block, state: str, dice: Random, *, beyond: int = 0) -> Scene:
        count = max(4, round(STRANGERS_MAX / 2 * len(block.people) / BLOCK_PEOPLE))
        found = people(self._makers, dice, count)
        adults = tuple(n for n, one in enumerate(found) if one.days >= self._makers.adult_days) or (0,)
        folk = Block(block.index, tuple(found), adults, (), ())
        scene = Scene(self._land, folk, away=state, beyond=beyond)
        scene.share = len(block.people) / BLOCK_PEOPLE
        return scene


def _own_number(file: File, fields: Fields) -> str:
    """By what the DMV names a record: the first value that finds it."""
    values = dict(fields)
    return next((values[code] for group in file.found_by for code in group if code in values), "")
