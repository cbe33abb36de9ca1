"""Commands about data: what may be said, the journal, the lab."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import click
import msgspec

from wireroom.app import AppError
from wireroom.app.assemble import database_name, engine, now
from wireroom.app.broken import report_broken
from wireroom.app.console import (
    FROM_OUTSIDE,
    bar,
    config_option,
    json_option,
    loaded_from,
    print_json,
    print_table,
    run,
    show,
)
from wireroom.app.database import open_as
from wireroom.app.demo import AGENCY, FIRST_DAY, SEED, Invented, invented, note_invented
from wireroom.app.keys import Keys, keys_of
from wireroom.app.living import catalogue_of
from wireroom.app.manual import catalogue_pages, page_of
from wireroom.app.noting import note_down
from wireroom.app.populate import fill, is_empty, seat_agencies, seat_interfaces, state_of
from wireroom.app.roles import OVERSIGHT, WEB
from wireroom.app.settings import Loaded
from wireroom.catalog.file import File, Source
from wireroom.catalog.index import Form
from wireroom.journal import BadCheckpoint
from wireroom.journal.sealing import Texts
from wireroom.journal.tags import Tag
from wireroom.lab.load import LoadPlan, load
from wireroom.lab.report import LoadReport
from wireroom.message.acting import READER, As
from wireroom.oversight.reading import LIMIT_MAX, Found, TooWide, Wanted, find, newest_checkpoint
from wireroom.oversight.verifying import Verdict, verify
from wireroom.policy.directory import terminals
from wireroom.wire.payload import Logon

STATIONS_MAX = 2_000
KNOWN_AFTER_S = 6.0  # a switch reads its directory anew every five seconds


@click.group()
def catalog() -> None:
    """What may be said and what is kept."""


@catalog.command("list")
@click.option("--keys", is_flag=True, help="Key by key, with the fields that each takes.")
@json_option
@config_option
def catalog_list(keys: bool, as_json: bool, config: Path | None) -> None:
    """Every record file with its keys, and every message; or every key."""
    catalogue = catalogue_of(loaded_from(config))
    forms = catalogue.forms.values()
    if as_json:
        files = [_file_summary(file) for file in catalogue.files.values()]
        print_json({"files": files, "keys": [_key_summary(form) for form in forms]})
    elif keys:
        rows = [(f.key, f.title, " ".join(field.code for field in f.fields)) for f in forms]
        print_table(("Key", "Does", "Fields"), rows)
    else:
        print_table(
            ("File", "Is", "Known as", "NIC", "Held by", "Keys"),
            [
                (
                    file.code,
                    file.title,
                    file.source,
                    file.letter,
                    " ".join(source.value for source in file.held_by),
                    " ".join(dict.fromkeys((*(key for _, key in file.keys), *file.inquiries))),
                )
                for file in catalogue.files.values()
            ],
        )


def _file_summary(file: File) -> dict[str, object]:
    """A record file and every key that its declaration names, by what the key does."""
    keys: dict[str, list[str]] = {}
    for verb, key in file.keys:
        keys.setdefault(verb.value, []).append(key)
    return {
        "file": file.code,
        "title": file.title,
        "known_as": file.source,
        "letter": file.letter,
        "held_by": [source.value for source in file.held_by],
        "keys": keys | {"inquire": list(file.inquiries)},
        "fields": [field.code for field in file.fields],
    }


def _key_summary(form: Form) -> dict[str, object]:
    return {
        "key": form.key,
        "verb": form.verb,
        "title": form.title,
        "files": [one.code for one in form.files],
        "fields": [field.code for field in form.fields],
    }


@catalog.command("show")
@click.argument("code")
@json_option
@config_option
def catalog_show(code: str, as_json: bool, config: Path | None) -> None:
    """One record file by its code, or what a message key belongs to."""
    catalogue = catalogue_of(loaded_from(config))
    form = catalogue.forms.get(code.upper())
    shown = catalogue.files.get(code.lower()) or (form and (form.files[0] if form.files else form.notice))
    if shown is None:
        raise AppError(f"{code} is neither a record file nor a message key; see `wireroom catalog list`")
    if as_json:
        print_json(shown)
    else:
        page = f"{code.lower()}.md" if form is None or code.lower() in catalogue.files else page_of(form)
        click.echo(catalogue_pages(catalogue)[page])


@catalog.command("manual")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@config_option
def catalog_manual(folder: Path, config: Path | None) -> None:
    """Write the manual's pages, one for each file, into FOLDER."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = catalogue_pages(catalogue_of(loaded_from(config)))
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    click.echo(f"{len(pages)} pages in {folder}")


@asynccontextmanager
async def oversight(
    loaded: Loaded, tag: Tag, detail: dict[str, object]
) -> AsyncIterator[tuple[As, Texts, int]]:
    """The journal for reading, what opens its entries, and the number of the entry that says so, written first."""
    async with engine(loaded, database_name(loaded)) as dsn:
        number = await note_down(loaded, dsn, tag, FROM_OUTSIDE, detail)
        pool = await open_as(dsn, OVERSIGHT, 2, actor=READER)
        try:
            yield pool, keys_of(loaded).texts(dsn, now), number
        finally:
            await pool.close()


@click.group()
def journal() -> None:
    """The journal: search it, prove it, export it."""


@journal.command("find")
@click.option("--person", default="", help="Who asked.")
@click.option("--ori", default="", help="Which agency.")
@click.option("--terminal", default="", help="From which terminal.")
@click.option(
    "--tag",
    type=click.Choice([tag.value for tag in Tag], case_sensitive=False),
    metavar="TAG",
    help="Kind of entry, inquiry:asked for instance.",
)
@click.option("--text", default="", help="Anywhere in the entry: a plate, a name.")
@click.option("--number", default=0, help="A journal number: the entry, or all of its transaction.")
@click.option("--since", type=click.DateTime(), help="From when, UTC; without it the last seven days.")
@click.option("--until", type=click.DateTime(), help="Until when, UTC.")
@click.option(
    "--limit",
    type=click.IntRange(1, LIMIT_MAX),
    default=100,
    show_default=True,
    help="At most so many, the newest first.",
)
@json_option
@config_option
def journal_find(  # noqa: PLR0913 - one parameter for each option
    person: str,
    ori: str,
    terminal: str,
    tag: str | None,
    text: str,
    number: int,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
    config: Path | None,
) -> None:
    """Search the journal. The search itself is written down."""
    loaded = loaded_from(config, made=True)
    wanted = Wanted(
        person=person, ori=ori, terminal=terminal, tag=tag or "", text=text, number=number, since=since and utc(since),
        until=until and utc(until), limit=limit,
    )  # fmt: skip

    async def work() -> list[Found]:
        detail: dict[str, object] = {"wanted": msgspec.to_builtins(wanted)}
        async with oversight(loaded, Tag.JOURNAL_SEARCHED, detail) as (pool, texts, _):
            return await find(pool, wanted, texts=texts, now=now())

    try:
        found = run(work())
    except TooWide as error:
        raise AppError(str(error)) from error
    if as_json:
        print_json(found)
    else:
        rows = [
            (
                f.entry.number,
                "" if f.leaf is None else f.leaf,
                f"{f.entry.at:%Y-%m-%d %H:%M:%S}",
                f.entry.tag,
                f.entry.ori,
                f.entry.terminal,
                f.entry.person,
                f.trouble or _short(f.entry.detail),
            )
            for f in found
        ]
        print_table(("Number", "Leaf", "Time (UTC)", "What", "ORI", "Terminal", "Person", "Detail"), rows)


def utc(at: datetime) -> datetime:
    """A moment that was typed, in UTC."""
    return at.replace(tzinfo=now().tzinfo)


def _short(detail: dict[str, object]) -> str:
    shown = msgspec.json.encode(detail).decode()
    return shown if len(shown) <= 120 else shown[:117] + "..."


@journal.command("verify")
@click.option(
    "--checkpoint",
    "kept",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A signed checkpoint that was kept elsewhere.",
)
@json_option
@config_option
def journal_verify(kept: tuple[Path, ...], as_json: bool, config: Path | None) -> None:
    """Recompute the whole journal and compare it with its signed checkpoints. Exit code 1 where it is not whole."""
    loaded = loaded_from(config, made=True)

    async def work() -> Verdict:
        async with oversight(loaded, Tag.JOURNAL_VERIFIED, {}) as (pool, texts, _):
            total = await pool.fetchval("select coalesce(max(size), 0) from journal_tree")
            with bar("Verifying") as progress:
                return await verify(
                    pool,
                    [vkey(loaded)],
                    texts=texts,
                    now=now(),
                    kept=[path.read_text("utf-8") for path in kept],
                    progress=lambda done: progress(done, total),
                )

    try:
        verdict = run(work())
    except (BadCheckpoint, UnicodeDecodeError) as error:
        raise AppError(f"a checkpoint given with --checkpoint cannot be used: {error}") from error
    if as_json:
        print_json(verdict)
    else:
        click.echo(verdict.words())
    if not verdict.whole:
        click.echo(run(report_broken(loaded, verdict)), err=True)
    raise SystemExit(0 if verdict.whole else 1)


@journal.command("checkpoint")
@config_option
def journal_checkpoint(config: Path | None) -> None:
    """Print the newest signed checkpoint, to be kept where those who run the switch cannot change it.

    Later, `journal verify --checkpoint FILE`, or `python verify.py EXPORT --checkpoint FILE`, proves that nothing it
    covers was changed or cut off since.
    """
    loaded = loaded_from(config, made=True)

    async def work() -> str:
        async with oversight(loaded, Tag.JOURNAL_EXPORTED, {"what": "newest checkpoint"}) as (pool, _, _):
            return await newest_checkpoint(pool)

    note = run(work())
    if not note:
        raise AppError("no checkpoint was signed yet: let the switch run for a second and try again")
    click.echo(note, nl=False)


def vkey(loaded: Loaded) -> str:
    return keys_of(loaded).signer(loaded.settings.journal.origin).key.vkey


@click.group()
def lab() -> None:
    """Invented people, and load."""


@lab.command("populate")
@click.option(
    "--people",
    type=click.IntRange(1_000, 40_000_000),
    default=20_000,
    show_default=True,
    help="How many people.",
)
@click.option("--seed", default=SEED, show_default=True, help="The same seed gives the same state.")
@json_option
@config_option
def lab_populate(people: int, seed: int, as_json: bool, config: Path | None) -> None:
    """Invent a state, into our files and the partners'.

    People, households, licences, vehicles, records and agencies; only into an empty system.
    """
    loaded = loaded_from(config)

    async def work() -> dict[str, int]:
        async with (
            engine(loaded, database_name(loaded)) as ours,
            engine(loaded, database_name(loaded, "ncic")) as ncic,
            engine(loaded, database_name(loaded, "dmv")) as dmv,
            engine(loaded, database_name(loaded, "nlets")) as nlets,
        ):
            if not await is_empty(ours):
                raise AppError("there are records in this database already; populate only an empty one")
            catalogue = catalogue_of(loaded)
            state = state_of(people, seed, FIRST_DAY.date(), catalogue.files.values())
            dsns = {Source.STATE: ours, Source.NCIC: ncic, Source.DMV: dmv, Source.NLETS: nlets}
            with bar("Inventing") as progress:
                keys = keys_of(loaded)
                filled = await fill(state, catalogue, keys, dsns, FIRST_DAY, progress, today=now().date())
            note_invented(loaded, Invented(people, seed))
            await seat_agencies(state, ours, now())
            return {"people": people, "seed": seed, **msgspec.structs.asdict(filled)}

    counts = run(work())
    if as_json:
        print_json(counts)
    else:
        click.echo(
            f"{counts['people']:,} people: {counts['state']:,} records at the state, {counts['dmv']:,} at the DMV, "
            f"{counts['ncic']:,} at NCIC, {counts['nlets']:,} at other states"
        )


@lab.command("load")
@click.option(
    "--rate",
    default=100.0,
    show_default=True,
    help="Messages a second in all; 0: as fast as the answers come.",
)
@click.option("--seconds", default=10.0, show_default=True, help="For how long.")
@click.option(
    "--stations",
    type=click.IntRange(1, STATIONS_MAX),
    default=64,
    show_default=True,
    help="How many stations.",
)
@click.option(
    "--mix",
    type=click.Choice(["numbers", "field"]),
    default="field",
    show_default=True,
    help="What is asked.",
)
@click.option(
    "--people", type=int, help="How many people were invented here; left out: as many as were noted then."
)
@click.option("--seed", type=int, help="From which seed they were invented; left out: as was noted then.")
@json_option
@config_option
def lab_load(
    rate: float,
    seconds: float,
    stations: int,
    mix: str,
    people: int | None,
    seed: int | None,
    as_json: bool,
    config: Path | None,
) -> None:
    """Drive stations over the real socket of a switch that runs.

    Says how long answers took, from the moment at which each was due to be asked, and what was lost.
    """
    loaded = loaded_from(config, made=True)
    keys = keys_of(loaded)
    mnemonics = [station_name(place) for place in range(stations)]
    there = invented(loaded) or Invented()
    state = state_of(people or there.people, there.seed if seed is None else seed, FIRST_DAY.date())

    async def work() -> LoadReport:
        await _seated(loaded, mnemonics)
        plan = load_plan(loaded, keys, mnemonics, rate=rate, seconds=seconds, mix=mix)
        with bar("Loading") as progress:
            return await load(plan, state, progress=lambda p: progress(int(p.seconds), int(seconds)))

    report = run(work())
    if as_json:
        print_json(report.as_json())
    else:
        show(report.as_table())


async def _seated(loaded: Loaded, mnemonics: list[str]) -> None:
    """The load's stations, made where they are missing; a switch that runs hears of new ones after a while."""
    async with engine(loaded, database_name(loaded)) as dsn:
        pool = await open_as(dsn, WEB, 2)
        try:
            known = {terminal.mnemonic for terminal in await terminals(pool)}
        finally:
            await pool.close()
        if set(mnemonics) <= known:
            return
        await seat_interfaces(dsn, AGENCY, mnemonics, now())
    click.echo("The load's stations are new; waiting until the switch knows them", err=True)
    await asyncio.sleep(KNOWN_AFTER_S)


def station_name(place: int) -> str:
    """The mnemonic of a load's station: Y000 and on."""
    return f"Y{place:03X}"


def load_plan(
    loaded: Loaded, keys: Keys, mnemonics: list[str], *, rate: float, seconds: float, mix: str
) -> LoadPlan:
    """A plan whose stations sign on as interfaces."""
    stations = tuple(
        Logon(terminal=one, person="lab.load", secret=keys.interface_secret(one), purpose="C")
        for one in mnemonics
    )
    wire = loaded.settings.wire
    return LoadPlan(
        host=wire.host,
        port=wire.port,
        stations=stations,
        rate=rate,
        seconds=seconds,
        mix=mix,
        run=f"load-{secrets.token_hex(4)}",
    )
