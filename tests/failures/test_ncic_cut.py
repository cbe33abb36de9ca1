"""The link to NCIC is cut for a thousand entries, changes and clears, and comes back: both hold the same records."""

from __future__ import annotations

import asyncio
from itertools import count
from pathlib import Path
from random import Random

import pytest

from tests.conversations.stage import PATIENCE_S, Stage, staged
from wireroom.app import database as db
from wireroom.app.engine import Embedded
from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Receipt
from wireroom.records.life import IN_FORCE
from wireroom.records.shape import from_json

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]
CATALOGUE = Catalogue()
CHANGES = 1000
AT_ONCE = 50
BESIDE = {"FCN", "NIC"}
_keys = count(1)


async def test_after_a_thousand_changes_without_a_line_both_agree_record_by_record(
    server: Embedded, template: str, tmp_path: Path
) -> None:
    async with staged(server, template, tmp_path, CATALOGUE) as stage:
        before = await _told(stage, [_entry(place) for place in range(AT_ONCE)])
        await stage.calm()
        await stage.stop("NCIC")
        numbers = await _history(stage, Random(11), before)
        assert await _agreed(stage) is None, "while it is down they cannot agree"
        await stage.start("NCIC")
        await stage.calm()
        both = await _agreed(stage)
        assert both is not None, "the holders do not agree"
        assert 100 < both < len(numbers)


def _entry(place: int) -> str:
    if place % 3:
        return f"EV.LIC/7CUT{place:04}.LIS/CA.VYR/2019.VMA/TOYT.DOT/20260301.OCA/99-{place:06}"
    letters = "".join("ABCDEFGHIJ"[int(digit)] for digit in f"{place:04}")
    return (
        f"EW.NAM/TESTCASE, {letters}.SEX/F.RAC/W.DOB/19900101.OFF/1313.DOW/20260301.EXL/01.OCA/99-{place:06}"
    )


async def _told(stage: Stage, texts: list[str], terminal: str = "Z901") -> list[str]:
    """What a terminal sends, all at once; the file control numbers that come back."""
    station = await stage.station(terminal)
    receipts: list[Receipt] = await asyncio.gather(
        *(station.client.send(one, key=f"cut-{next(_keys)}") for one in texts)
    )
    assert {receipt.state for receipt in receipts} == {"accepted"}, receipts
    expected = {receipt.number: None for receipt in receipts}
    found: dict[int, str] = {}
    async with asyncio.timeout(PATIENCE_S * 5):
        while len(found) < len(expected):
            delivery = await station.next()
            if delivery.transaction in expected:
                found[delivery.transaction] = delivery.hits[0].number if delivery.hits else ""
    return [found[number] for number in expected]


async def _history(stage: Stage, dice: Random, living: list[str]) -> list[str]:
    """A thousand entries, changes, locates and clears in any order; all the numbers that there were."""
    every, done, place = list(living), 0, AT_ONCE
    while done < CHANGES:
        entries = [_entry(place + n) for n in range(AT_ONCE // 2)]
        place += len(entries)
        chosen = dice.sample(living, min(len(living), AT_ONCE // 2))
        kinds = dict(await _kinds(stage, chosen))
        texts = [_change(dice, number, kinds[number]) for number in chosen]
        await _told(stage, texts)
        new = await _told(stage, entries)
        every += new
        living = [n for n in living if n not in _ended(texts)] + new
        done += len(texts) + len(entries)
    return every


def _change(dice: Random, number: str, file: str) -> str:
    letter = "V" if file == "vehicle" else "W"
    field = (
        f"VCO/{dice.choice(('RED', 'BLU', 'WHI'))}" if letter == "V" else f"EYE/{dice.choice(('BLU', 'BRO'))}"
    )
    kinds = (
        f"M{letter}.FCN/{number}.{field}",
        f"C{letter}.FCN/{number}.DCL/20260302",
        f"X{letter}.FCN/{number}",
    )
    return dice.choices(kinds, (6, 3, 1))[0]


def _ended(texts: list[str]) -> set[str]:
    return {text.split("FCN/")[1][:13] for text in texts if text[0] in "CX"}


async def _kinds(stage: Stage, numbers: list[str]) -> list[tuple[str, str]]:
    async with db.connect(stage.running.dsn) as connection:
        rows = await connection.fetch(
            "select number, file from record where number = any($1::text[])", numbers
        )
        return [(row["number"], row["file"]) for row in rows]


async def _agreed(stage: Stage) -> int | None:
    """How many records both hold, if they say the same of each; None where they do not."""
    ours = await _said(stage, stage.running.dsn, ours=True)
    theirs = await _said(stage, stage.dsn_of("NCIC"), ours=False)
    return len(ours) if ours == theirs else None


async def _said(stage: Stage, dsn: str, *, ours: bool) -> dict[str, object]:
    """What a holder says of every record in force, by the state's number."""
    vault = stage.running.keys.vault()
    found: dict[str, object] = {}
    async with db.connect(dsn) as connection:
        for row in await connection.fetch(
            "select file, number, owner, status, fields::text as fields from record where status = any($1::text[])",
            list(IN_FORCE),
        ):
            fields = from_json(CATALOGUE.files[row["file"]], row["fields"], vault)
            national = row["number"] if not ours else dict(fields).get("NIC", "")
            number = row["number"] if ours else dict(fields)["FCN"]
            said = frozenset(pair for pair in fields if pair[0] not in BESIDE)
            found[number] = (row["file"], row["owner"], row["status"], national, said)
    return found


def test_what_is_told_there_is_held_there() -> None:
    assert all(
        Source.NCIC in CATALOGUE.files[forward.file or file.code].held_by
        for file in CATALOGUE.files.values()
        for forward in file.forwards
        if forward.to is Source.NCIC
    )
