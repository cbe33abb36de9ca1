"""The demonstration: everything in one go, with invented people, on the embedded database."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import shlex
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import msgspec

from wireroom.app import AppError
from wireroom.app.assemble import Running, database_name, engine, now, running
from wireroom.app.database import connect, open_as
from wireroom.app.engine import Embedded
from wireroom.app.keys import Keys, keys_of
from wireroom.app.living import catalogue_of
from wireroom.app.partners import NAMES
from wireroom.app.populate import fill, is_empty, make_fit, seat_agencies, seat_interfaces, state_of
from wireroom.app.pretended_cad import tell
from wireroom.app.roles import WEB
from wireroom.app.sending import Sender, Sent, send
from wireroom.app.settings import Loaded, load
from wireroom.catalog.file import Source
from wireroom.lab.population import Examples, State, examples
from wireroom.message.envelope import Way
from wireroom.policy import Taken
from wireroom.policy.approvals import Approval, approve
from wireroom.policy.cad import Unit, Word
from wireroom.policy.people import People, Person
from wireroom.policy.ruling import Role
from wireroom.policy.secret import new_otp_secret
from wireroom.web.house import Persona

FOLDER = Path(".wireroom")
SEED = 2026
PEOPLE = 20_000
AGENCY, COURT = "CA0990100", "CA099023J"
INTERFACE = "ZZ01"  # the terminal that `wireroom send` signs on at
INVENTED = "invented.json"  # in the data folder: how many people were invented, and from which seed
PORTS = {"wire": 7700, "web": 8700, "NCIC": 7801, "DMV": 7802, "NLETS": 7803}
PARTNER_READY_S = 30.0
HTTP_S = 20.0
FIRST_DAY = datetime(2026, 11, 1, tzinfo=UTC)  # of the invented state, so that it is the same on every day

PEOPLE_OF_THE_DEMO = (
    ("ada.dispatch", "Ada Dispatcher", Role.OPERATOR, "Dispatcher at a desk", "Z001"),
    ("omar.officer", "Omar Officer", Role.OPERATOR, "Officer in a car", "Z005"),
    ("cleo.clerk", "Cleo Clerk", Role.CLERK, "Records clerk", "Z002"),
    ("sara.super", "Sara Supervisor", Role.SUPERVISOR, "Supervisor, approves what goes to many", "Z006"),
    ("ines.inquiry", "Ines Inquiry", Role.INQUIRY, "May ask, may not enter", "Z003"),
    ("alan.admin", "Alan Administrator", Role.ADMINISTRATOR, "Administers, may not ask", "Z004"),
    ("lars.lapsed", "Lars Lapsed", Role.OPERATOR, "Dispatcher whose training has lapsed", "Z001"),
    ("carla.court", "Carla Court", Role.COURT, "Clerk of a court, enters orders", "Z015"),
)
LAPSED = {"lars.lapsed": timedelta(days=25 * 365 // 12)}  # so long ago their papers are from
AGENCY_OF = {Role.COURT: (COURT, "Superior Court of Specimen County")}  # all others are of the police
POLICE = (AGENCY, "Example City Police Department")


class Invented(msgspec.Struct, frozen=True):
    """The invented state that a system was filled with."""

    people: int = PEOPLE
    seed: int = SEED
    whole: bool = True  # False while it is being filled


class Tried(msgspec.Struct, frozen=True):
    """One printed example, and what it must give."""

    text: str
    expect: str  # what the answers come to
    words: str  # the same for people
    purpose: str = "C"
    says: str = ""  # what must stand in an answer


def tries(found: Examples) -> tuple[Tried, ...]:
    """The examples that the demo prints."""
    return (
        Tried(found.stolen_plate, "hit", "a hit", says="STOLEN VEHICLE"),
        Tried(found.absent_plate, "no record", "no record anywhere"),
        Tried(f"{found.wanted_name} {found.wanted_born}", "hit", "a hit", says="WANTED PERSON"),
        Tried(found.clean_licence, "record", "a licence, and no want"),
        Tried(
            f"QV LIC/{found.clean_plate} PUR/I", "refused", "a refusal: that purpose is never allowed here"
        ),
        Tried(f"QG {found.gun_serial}", "hit", "a stolen gun, and who had bought it", says="STOLEN GUN"),
        Tried(
            f"YQ TO/{found.gun_owner} RTY/SG PRI/R FCN/{found.gun_number}",
            "accepted",
            "its agency is asked to confirm that hit within the hour",
            says="WAS ASKED TO CONFIRM",
        ),
        Tried(f"QB {found.boat}", "hit", "a stolen boat, its owner, and the DMV's stop", says="STOP PLACED"),
        Tried(
            f"QVC {found.supervised_name} {found.supervised_born}",
            "hit",
            "somebody on supervision, and under which conditions",
            says="SUPERVISED PERSON",
        ),
        Tried(
            f"QVA {found.armed_name} {found.armed_born}",
            "hit",
            "somebody who may have no gun, and bought one",
            says="ARMED AND PROHIBITED",
        ),
        Tried(f"KQ {found.driver}", "record", "what a driver was convicted of", says="CNV/"),
        Tried(
            f"DQ {found.other_licence} OLS/{found.other_state}",
            "record",
            "a licence of another state, which answers through Nlets",
            says=f"ORI/{found.other_owner}",
        ),
    )


def invented(loaded: Loaded) -> Invented | None:
    """What was noted of the invented state, if anything was."""
    try:
        return msgspec.json.decode((loaded.data_folder / INVENTED).read_bytes(), type=Invented)
    except (OSError, msgspec.MsgspecError):
        return None


def note_invented(loaded: Loaded, what: Invented) -> None:
    """Note it, so that a later start, or a load, asks for people who are there."""
    (loaded.data_folder / INVENTED).write_bytes(msgspec.json.encode(what))


def unfinished(loaded: Loaded) -> bool:
    """Whether somebody stopped a demo while it was inventing, so that half a state lies there."""
    found = invented(loaded)
    return found is not None and not found.whole


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[str]:
    """Only one demo runs in a folder. Gives an empty text, or who runs here already and what to do about it."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / "demo.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(lock, 20).decode("ascii", errors="replace") or "unknown"
            yield f"a demo runs in this folder already, as process {holder}: use that one, or stop it first"
            return
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        yield ""
    finally:
        os.close(lock)


async def forget(loaded: Loaded) -> None:
    """Throw away the demo's databases. What else lies in the folder, a system in earnest for instance, stays."""
    server = Embedded(loaded.data_folder, shared_buffers_mb=loaded.settings.database.shared_buffers_mb)
    await asyncio.to_thread(server.start)
    try:
        async with connect(server.dsn("postgres")) as connection:
            for name in (database_name(loaded, partner) for partner in ("", *NAMES)):
                await connection.execute(f"drop database if exists {name} with (force)")
    finally:
        await asyncio.to_thread(server.stop)
    (loaded.data_folder / INVENTED).unlink(missing_ok=True)


def settings(folder: Path, local_files: Sequence[Path] = ()) -> Loaded:
    """The demo's settings, written to demo.toml in its folder so that every other command uses the same."""
    folder.mkdir(parents=True, exist_ok=True)
    ports = {name: _free(port) for name, port in PORTS.items()}
    links = "".join(f'\n[[links]]\nname = "{name}"\nport = {ports[name]}\n' for name in NAMES.values())
    text = (
        "# Written by `wireroom demo`. Everything in this system is invented.\n"
        '[database]\ndata_folder = "."\n\n[demo]\nenabled = true\n\n'
        "# Whoever tries a load here asks for more than any person does.\n"
        "[reasons]\nunexplained_an_hour = 0\nall_an_hour = 0\n\n"
        f"[wire]\nport = {ports['wire']}\n\n[web]\nport = {ports['web']}\n\n"
        f"[catalogue]\nlocal_files = {json.dumps([str(path.resolve()) for path in local_files])}\n{links}"
    )
    path = folder / "demo.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def _free(port: int) -> int:
    """The port itself where it is free, else any that is."""
    for candidate in (port, 0):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            found: int = trial.getsockname()[1]
            return found
    raise AppError("no free port on 127.0.0.1")


def password_of(keys: Keys, person: str) -> str:
    """The password of an invented person: the same for as long as the demo's folder stands."""
    return (
        "demo-"
        + hmac.digest(keys.partner_secret("demo").encode(), person.encode(), hashlib.sha256).hex()[:12]
    )


@contextlib.asynccontextmanager
async def demo(
    loaded: Loaded,
    people: int | None,
    say: Callable[[str], None],
    progress: Callable[[int, int], None] | None = None,
) -> AsyncIterator[tuple[Running, Examples, dict[str, int]]]:
    """Everything runs while this is open: databases, partners as programs, the switch and its doors."""
    keys = keys_of(loaded)
    async with contextlib.AsyncExitStack() as stack:
        dsns = {}
        say("Starting the database")
        for source in Source:
            name = database_name(loaded, "" if source is Source.STATE else source.value.lower())
            dsns[source] = await stack.enter_async_context(engine(loaded, name))
        state = await _filled(loaded, people, keys, dsns, say, progress)
        await seat_agencies(state, dsns[Source.STATE], now())
        await seat_interfaces(dsns[Source.STATE], AGENCY, [INTERFACE], now())
        await _people(dsns[Source.STATE], keys)
        await _court(dsns[Source.STATE])
        say("Starting the partners NCIC, DMV and Nlets")
        pids = {name: _start_partner(name, loaded, stack) for name in NAMES}
        say("Starting the switch")
        ready = await stack.enter_async_context(running(loaded))
        ready.house.personas = _personas(keys)
        for partner in ready.partners:
            await partner.link.linked_within(PARTNER_READY_S)
        await asyncio.to_thread(_on_duty, ready.web_port, keys, now())
        yield ready, examples(state), pids


def _on_duty(port: int, keys: Keys, at: datetime) -> None:
    """The pretended CAD tells that the officer is on an incident, so that what he asks is explained by it."""
    stop = Word(
        key=f"demo/{at:%Y%m%d%H%M%S}", reference=f"{at:%y}-{at:%j}001", at=at, opened=at, by=PEOPLE_OF_THE_DEMO[0][0],
        kind="TRAFFIC STOP", place="999 OAK AVE", units=(Unit(unit="12A", people=(PEOPLE_OF_THE_DEMO[1][0],)),),
    )  # fmt: skip
    tell(f"http://127.0.0.1:{port}", INTERFACE, keys.interface_secret(INTERFACE), [stop])


async def _filled(
    loaded: Loaded,
    people: int | None,
    keys: Keys,
    dsns: dict[Source, str],
    say: Callable[[str], None],
    progress: Callable[[int, int], None] | None,
) -> State:
    """The invented state that is there, or a new one."""
    found = invented(loaded)
    if not await is_empty(dsns[Source.STATE]):
        found = found or Invented()
        if people not in (None, found.people):
            say(
                f"There are {found.people:,} invented people here already, and they stay; --fresh invents others"
            )
        state = state_of(found.people, found.seed, FIRST_DAY.date())
        if await is_empty(dsns[Source.NLETS]):  # filled by a version before the other states
            say("Inventing what other states hold")
            nlets = {Source.NLETS: dsns[Source.NLETS]}
            await fill(state, catalogue_of(loaded), keys, nlets, FIRST_DAY, progress)
        return state
    found = Invented(people or PEOPLE)
    note_invented(loaded, msgspec.structs.replace(found, whole=False))
    catalogue = catalogue_of(loaded)
    state = state_of(found.people, found.seed, FIRST_DAY.date(), catalogue.files.values())
    say(f"Inventing {found.people:,} people, their licences, vehicles and records")
    filled = await fill(state, catalogue, keys, dsns, FIRST_DAY, progress, today=now().date())
    note_invented(loaded, found)
    say(
        f"  {filled.state:,} records at the state, {filled.dmv:,} at the DMV, {filled.ncic:,} at NCIC, "
        f"{filled.nlets:,} at other states"
    )
    return state


async def _people(dsn: str, keys: Keys) -> None:
    pool = await open_as(dsn, WEB, 2)
    try:
        people = People(pool, keys.seal(), demo=True)
        known = {person.id for person in await people.people()}
        for person, name, role, _, _ in PEOPLE_OF_THE_DEMO:
            if person not in known:
                await people.add(
                    Person(id=person, name=name, ori=AGENCY_OF.get(role, POLICE)[0], role=role.value),
                    password=password_of(keys, person),
                    otp_secret=new_otp_secret(),
                    now=now(),
                )
        await make_fit(pool, now(), LAPSED)
    finally:
        await pool.close()


async def _court(dsn: str) -> None:
    """The court of the demo may enter orders, at a page, as JSON and as XML."""
    pool = await open_as(dsn, WEB, 2)
    try:
        for way in (Way.FORM, Way.JSON, Way.NIEM):
            with contextlib.suppress(Taken):
                await approve(pool, Approval(ori=COURT, way=way, since=now(), by="demo"))
    finally:
        await pool.close()


def _personas(keys: Keys) -> tuple[Persona, ...]:
    return tuple(
        Persona(
            person=person,
            name=name,
            role=words,
            agency=AGENCY_OF.get(role, POLICE)[1],
            terminal=terminal,
            password=password_of(keys, person),
        )
        for person, name, role, words, terminal in PEOPLE_OF_THE_DEMO
    )


def _start_partner(name: str, loaded: Loaded, stack: contextlib.AsyncExitStack) -> int:
    """A partner as a program of its own. It ends with us, however we end: its input is ours."""
    log = (loaded.data_folder / f"{name}.log").open("ab")
    stack.callback(log.close)
    command = [sys.executable, "-m", "wireroom", "partner", name, "--config", str(loaded.file), "--until-eof"]
    process = subprocess.Popen(  # noqa: S603 - ourselves
        command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
    )

    def end() -> None:
        assert process.stdin is not None, "the partner was started with a pipe"
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)

    stack.callback(end)
    return process.pid


def words(ready: Running, found: Examples, pids: dict[str, int], keys: Keys) -> str:
    """What the demo prints when it is ready."""
    web = f"http://127.0.0.1:{ready.web_port}"
    lines = [
        "",
        "Wireroom is ready. Everything in it is invented.",
        "",
        f"  Desk and car    {web}/",
        f"  HTTP API        {web}/api/v1/      stations (TCP)  127.0.0.1:{ready.wire_port}      see docs/connecting.md",
        "",
        "Sign in as one of these with one press, or with the password and a code from `wireroom person code NAME`:",
        *(
            f"  {person:14} {words_:26} terminal {terminal}  password {password_of(keys, person)}"
            for person, _, _, words_, terminal in PEOPLE_OF_THE_DEMO
        ),
        "",
        "Type into the box without the quotes, or give to `.venv/bin/wireroom send` in another terminal:",
        *_examples(found),
        "",
        "Stop a partner and see it go out of service, then start it again:",
        *(f"  kill {pid}   then   .venv/bin/wireroom partner {name}" for name, pid in pids.items()),
        f"With --down {found.other_state} behind the last, that state alone is out of service.",
        "",
        "Stop everything with Ctrl-C.",
    ]
    return "\n".join(lines)


def _examples(found: Examples) -> list[str]:
    """A line for each example: what to type, and what it gives."""
    quoted = [(shlex.quote(one.text), one.words) for one in tries(found)]
    width = max(len(text) for text, _ in quoted)
    return [f"  {text:{width}}  {words}" for text, words in quoted]


async def check(loaded: Loaded, say: Callable[[str], None]) -> list[str]:
    """Run the printed examples over the TCP socket and one over HTTP; what is not as it should be.

    The demo whose settings these are must be running, here or in another process.
    """
    keys = keys_of(loaded)
    what = invented(loaded) or Invented()
    found = examples(state_of(what.people, what.seed, FIRST_DAY.date()))
    wrong = []
    for one in tries(found):
        sent = await send(_sender(loaded, keys, one.purpose), one.text)
        got = _got(sent)
        say(f"{one.text}: {got}  (journal {sent.receipt.number})")
        for answer in sent.answers:
            say(f"    {answer.source}: {answer.title}")
        if sent.receipt.reason:
            say(f"    {sent.receipt.reason}")
        if got != one.expect:
            wrong.append(f"{one.text}: expected {one.expect}, got {got}")
        elif not any(one.says in f"{answer.title}\n{answer.text}" for answer in sent.answers) and one.says:
            wrong.append(f"{one.text}: no answer says {one.says}")
    wrong.extend(await _check_http(loaded, found, keys, say))
    if not wrong:
        say("All of it is as it should be.")
    return wrong


def _sender(loaded: Loaded, keys: Keys, purpose: str) -> Sender:
    return Sender(
        host="127.0.0.1",
        port=loaded.settings.wire.port,
        terminal=INTERFACE,
        person="demo.check",
        purpose=purpose,
        case="",
        keys=keys,
        answer_seconds_max=loaded.settings.switch.answer_seconds_max,
    )


def _got(sent: Sent) -> str:
    if sent.receipt.state in ("refused", "faulty"):
        return sent.receipt.state
    states = {answer.state for answer in sent.answers}
    for state in ("hit", "record", "no answer", "out of service", "accepted"):
        if state in states:
            return state
    return "no record" if states == {"no record"} else "nothing"


async def _check_http(loaded: Loaded, found: Examples, keys: Keys, say: Callable[[str], None]) -> list[str]:
    """Sign in over HTTP with password and one-time code, ask, and read the stream of answers."""
    person, terminal = PEOPLE_OF_THE_DEMO[0][0], PEOPLE_OF_THE_DEMO[0][4]
    code = await _code_of(loaded, keys, person)
    base = f"http://127.0.0.1:{loaded.settings.web.port}/api/v1"
    claim: dict[str, object] = {
        "person": person,
        "password": password_of(keys, person),
        "code": code,
        "terminal": terminal,
    }
    claim["acknowledged"] = True  # the notice, by the demo's person
    status, text = await asyncio.to_thread(_post, f"{base}/sessions", claim, {})
    if status != HTTPStatus.CREATED:
        return [f"HTTP sign-in gave {status}: {text[:200]}"]
    headers = {
        "Authorization": f"Bearer {json.loads(text)['token']}",
        "Accept": "text/event-stream",
        "Idempotency-Key": f"check-{secrets.token_hex(8)}",
    }
    body = {"text": found.stolen_plate, "purpose": "C"}
    status, text = await asyncio.to_thread(_post, f"{base}/transactions?acknowledge=true", body, headers)
    say(f"HTTP {found.stolen_plate}: status {status}, {text.count('event: answer')} answers")
    if status >= HTTPStatus.BAD_REQUEST or "STOLEN VEHICLE" not in text:
        return [f"HTTP inquiry gave {status}: {text[:300]}"]
    return []


def _post(url: str, body: Mapping[str, object], headers: dict[str, str]) -> tuple[int, str]:
    """One POST to our own server; status and whole text."""
    data = json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 - our own address
        url, data, {"Content-Type": "application/json", **headers}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=HTTP_S) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


async def _code_of(loaded: Loaded, keys: Keys, person: str) -> str:
    async with engine(loaded, database_name(loaded)) as dsn:
        pool = await open_as(dsn, WEB, 2)
        try:
            return await People(pool, keys.seal(), demo=True).code_of(person, now())
        finally:
            await pool.close()
