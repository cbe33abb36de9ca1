"""The pretended partners as programs: NCIC, the DMV and Nlets, each with its own database, behind a real socket."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Collection, Sequence

import asyncpg

from wireroom.app import AppError
from wireroom.app.assemble import clock_ms, database_name, engine, now
from wireroom.app.database import open_as
from wireroom.app.doors import listening
from wireroom.app.keys import keys_of
from wireroom.app.living import catalogue_of
from wireroom.app.roles import SWITCH
from wireroom.app.settings import Loaded
from wireroom.app.settings_links import Link
from wireroom.catalog.file import Source
from wireroom.catalog.tables import table
from wireroom.gateways.pretend import PretendedPartner
from wireroom.gateways.states import States
from wireroom.message.acting import BATCH
from wireroom.message.answer import Answer, Question
from wireroom.records.answerer import RecordFiles
from wireroom.records.matching.published import Rule
from wireroom.wire.server import Server
from wireroom.wire.session import Limits

NAMES = {"ncic": Source.NCIC, "dmv": Source.DMV, "nlets": Source.NLETS}


def link_to(source: Source, loaded: Loaded) -> Link:
    """The link of the settings that leads to a partner, whose port the partner listens on."""
    for link in loaded.settings.links:
        if link.name == source.value:
            return link
    raise AppError(
        f"no [[links]] in the settings has the name {source.value}, so there is no port to listen on"
    )


async def run(name: str, loaded: Loaded, *, until_eof: bool, down: Collection[str] = ()) -> None:
    """Answers as one partner until told to stop, or until standard input ends. `down`: states that Nlets cannot ask."""
    source = NAMES[name]
    _refuse_unknown(source, down)
    link = link_to(source, loaded)
    if link.authority_file:
        raise AppError(
            f"a pretended partner speaks in clear: leave authority_file out of the link {link.name}"
        )
    catalogue = catalogue_of(loaded)
    keys = keys_of(loaded)
    secret = loaded.secret(link.secret_file) if link.secret_file else keys.partner_secret(link.name)
    async with engine(loaded, database_name(loaded, name)) as dsn:
        pool = await open_as(dsn, SWITCH, 2, actor=BATCH)
        rule = Rule.NCIC if source is Source.NCIC else Rule.BITS  # the FBI's searches as published
        files = RecordFiles(catalogue.of(source), source, keys.vault(), rule)

        async def ask(questions: Sequence[Question]) -> list[Answer]:
            async with pool.acquire() as connection:
                return await files.ask(_plain(connection), questions)

        if source is Source.NLETS:
            asking = States(catalogue, ask, down).ask
        else:
            asking = ask
        partner = PretendedPartner(
            source, catalogue, asking, secret=secret, clock=now, first=clock_ms() << 20
        )
        answering = asyncio.create_task(partner.run())
        server = Server(partner, Limits(window=4096, deliveries_max=4096))
        try:
            await listening(
                server.start(link.host, link.port), f"the link to {source.value}", "links.port", link.port
            )
            await (_end_of_input() if until_eof else asyncio.Event().wait())
        finally:
            await server.close()
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)
            await pool.close()


def _refuse_unknown(source: Source, down: Collection[str]) -> None:
    """Raises AppError where a state that is to be down is none, or the partner has no states."""
    if down and source is not Source.NLETS:
        raise AppError("only nlets has states: leave --down out")
    if unknown := sorted(set(down) - set(table("nlets_destination"))):
        raise AppError(
            f"{', '.join(unknown)}: not a state behind Nlets; give its two letters, as in --down NV"
        )


def _plain(connection: object) -> asyncpg.Connection:
    """A pool's connection is a proxy with the same methods; the files take either."""
    return connection  # type: ignore[return-value]


async def _end_of_input() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(1024):
        pass
