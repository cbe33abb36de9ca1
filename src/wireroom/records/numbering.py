"""Gives new records their numbers: FCN at the state, NIC at NCIC."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from wireroom.catalog.file import File, Source
from wireroom.catalog.kinds_of_number import luhn_digit
from wireroom.message.local import day_of

STATE_SERIALS_MAX, NATIONAL_SERIALS_MAX = 100_000, 100_000_000

NEXT_SERIAL = """
insert into fcn_counter (agency, day, next) values ($1, $2, 1)
on conflict (agency, day) do update set next = fcn_counter.next + 1 returning next
"""


async def new_number(
    connection: asyncpg.Connection, source: Source, file: File, owner: str, at: datetime
) -> str:
    """A number that no other record of this holder has; empty where all of the day are used.

    At the state: agency (from its ORI), year and day of year, serial of the agency's day. At NCIC: the file's letter,
    eight digits and a check digit. The DMV gives none: what it holds of ours bears our number.
    """
    if source is Source.NCIC:
        serial = int(await connection.fetchval(NEXT_SERIAL, f"NIC/{file.letter}", ""))
        digits = f"{serial:08d}"
        return "" if serial >= NATIONAL_SERIALS_MAX else f"{file.letter}{digits}{luhn_digit(digits)}"
    agency, day = owner[2:5] if owner[2:5].isdigit() else "999", f"{day_of(at):%y%j}"
    serial = int(await connection.fetchval(NEXT_SERIAL, agency, day))
    return "" if serial >= STATE_SERIALS_MAX else f"{agency}{day}{serial:05d}"
