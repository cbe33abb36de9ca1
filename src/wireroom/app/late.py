"""What must be done in time with records: for the board of the doors, and for the command line."""

from __future__ import annotations

from wireroom.app import AppError
from wireroom.app.assemble import connect, database_name, engine, now
from wireroom.app.console import FROM_OUTSIDE
from wireroom.app.keys import keys_of
from wireroom.app.living import catalogue_of
from wireroom.app.noting import note_down
from wireroom.app.roles import OVERSIGHT
from wireroom.app.settings import Loaded
from wireroom.catalog.kinds import Bad
from wireroom.catalog.kinds_of_number import Ori
from wireroom.journal.tags import Tag
from wireroom.message.acting import COMMAND
from wireroom.message.deadlines import Board
from wireroom.message.local import day_of
from wireroom.records.deadlines import Whose, board


async def late(loaded: Loaded, *, ori: str, court: str, test: bool) -> Board:
    """What must be done in time by an agency, or with records that name a court, or by all; written down first."""
    whose = Whose(owner=_ori("--ori", ori), other=_ori("--court", court), test=test)
    vault = keys_of(loaded).vault()
    async with engine(loaded, database_name(loaded)) as dsn:
        detail: dict[str, object] = {"ori": whose.owner, "court": whose.other, "test": test}
        await note_down(
            loaded, dsn, Tag.RECORDS_LISTED, FROM_OUTSIDE, {key: one for key, one in detail.items() if one}
        )
        connection = await connect(dsn, OVERSIGHT, COMMAND)
        try:
            return await board(connection, catalogue_of(loaded), vault, whose, now())
        finally:
            await connection.close()


def _ori(option: str, text: str) -> str:
    read = Ori().read(text, day_of(now())) if text else ""
    if isinstance(read, Bad):
        raise AppError(f"{option} {text} {read.reason}")
    return read
