"""A journal that does not verify is an incident of the switch itself, one a day."""

from __future__ import annotations

from datetime import datetime

from wireroom.app.assemble import connect, database_name, engine, now
from wireroom.app.incidents import ITSELF, Incidents, new
from wireroom.app.keys import keys_of
from wireroom.app.settings import Loaded
from wireroom.journal import JournalError
from wireroom.message.acting import COMMAND
from wireroom.oversight import OversightError
from wireroom.oversight.incidents import Kind
from wireroom.oversight.verifying import Verdict


async def report_broken(loaded: Loaded, verdict: Verdict) -> str:
    """Open the incident, and say so; in words too where the journal takes nothing any more."""
    at: datetime = now()
    async with engine(loaded, database_name(loaded)) as dsn:
        connection = await connect(dsn, acts=COMMAND)
        try:
            incidents = Incidents(connection, keys_of(loaded).texts(dsn, now), now)
            made = new(Kind.JOURNAL, "", discovered_at=at, now=at, origin=f"journal/{at:%Y-%m-%d}")
            opened = await incidents.seen(made, " ".join(verdict.words().split())[:1_000])
        except (OversightError, JournalError) as error:
            return f"no incident was opened by {ITSELF}: {error}"
        finally:
            await connection.close()
    return f"incident {opened.number} is open: tell the security officer within an hour"
