"""The demonstration: everything in one go, with invented people, on the embedded database."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import secrets
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import msgspec

from wireroom.app import AppError
from wireroom.app.assemble import Running, catalogue_of, database_name, engine, now, running
from wireroom.app.database import open_database
from wireroom.app.keys import Keys
from wireroom.app.partners import NAMES
from wireroom.app.populate import fill, is_empty, seat_agencies, seat_interfaces, state_of
from wireroom.app.roles import WEB
from wireroom.app.sending import Sender, Sent, send
from wireroom.app.settings import Loaded, load
from wireroom.catalog.file import Source
from wireroom.lab.population import Examples, examples
from wireroom.policy.people import People, Person
from wireroom.policy.ruling import Role
from wireroom.policy.secret import new_otp_secret
from wireroom.web.house import Persona

FOLDER = Path(".wireroom")
SEED = 2026
PEOPLE = 20_000
AGENCY = "CA0990100"
INTERFACE = "ZZ01"  # the terminal that `wireroom send` signs on at
PORTS = {"wire": 7700, "web": 8700, "NCIC": 7801, "DMV": 7802}
PARTNER_READY_S = 30.0
HTTP_S = 20.0
FIRST_DAY = datetime(2026, 11, 1, tzinfo=UTC)  # of the invented state, so that it is the same on every day

PEOPLE_OF_THE_DEMO = (
    ("ada.dispatch", "Ada Dispatcher", Role.OPERATOR, "Dispatcher at a desk", "Z001"),
    ("omar.officer", "Omar Officer", Role.OPERATOR, "Officer in a car", "Z005"),
    ("cleo.clerk", "Cleo Clerk", Role.CLERK, "Records clerk", "Z002"),
    ("ines.inquiry", "Ines Inquiry", Role.INQUIRY, "May ask, may not enter", "Z003"),
    ("alan.admin", "Alan Administrator", Role.ADMINISTRATOR, "Administers, may not ask", "Z004"),
)


class Tried(msgspec.Struct, frozen=True):
    """One printed example, and what it must give."""

    text: str
    expect: str
    purpose: str = "C"


def tries(found: Examples) -> tuple[Tried, ...]:
    """The examples that the demo prints."""
    name = f"{found.wanted_name} {found.wanted_born}"
    return (
        Tried(found.stolen_plate, "hit"),
        Tried(found.absent_plate, "no record"),
        Tried(name, "hit"),
        Tried(found.clean_licence, "record"),
        Tried(f"QV LIC/{found.clean_plate} PUR/I", "refused"),
    )


def settings(folder: Path) -> Loaded:
    """The demo's settings, written to demo.toml in its folder so that every other command uses the same."""
    folder.mkdir(parents=True, exist_ok=True)
    ports = {name: _free(port) for name, port in PORTS.items()}
    links = "".join(f'\n[[links]]\nname = "{name}"\nport = {ports[name]}\n' for name in ("NCIC", "DMV"))
    text = (
        "# Written by `wireroom demo`. Everything in this system is invented.\n"
        '[database]\ndata_folder = "."\n\n[demo]\nenabled = true\n\n'
        f"[wire]\nport = {ports['wire']}\n\n[web]\nport = {ports['web']}\n{links}"
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
    people: int,
    say: Callable[[str], None],
    progress: Callable[[int, int], None] | None = None,
) -> AsyncIterator[tuple[Running, Examples, dict[str, int]]]:
    """Everything runs while this is open: databases, partners as programs, the switch and its doors."""
    keys = Keys(loaded.secrets_folder)
    state = state_of(people, SEED, FIRST_DAY.date())
    async with contextlib.AsyncExitStack() as stack:
        dsns = {}
        say("Starting the database")
        for source in (Source.STATE, Source.NCIC, Source.DMV):
            name = database_name(loaded, "" if source is Source.STATE else source.value.lower())
            dsns[source] = await stack.enter_async_context(engine(loaded, name))
        if await is_empty(dsns[Source.STATE]):
            say(f"Inventing {people:,} people, their licences, vehicles and records")
            filled = await fill(state, catalogue_of(loaded), keys, dsns, FIRST_DAY, progress)
            say(
                f"  {filled.state:,} records at the state, {filled.dmv:,} at the DMV, {filled.ncic:,} at NCIC"
            )
        await seat_agencies(state, dsns[Source.STATE], now())
        await seat_interfaces(dsns[Source.STATE], AGENCY, [INTERFACE], now())
        await _people(dsns[Source.STATE], keys)
        say("Starting the partners NCIC and DMV")
        pids = {name: _start_partner(name, loaded, stack) for name in NAMES}
        say("Starting the switch")
        ready = await stack.enter_async_context(running(loaded))
        ready.house.personas = _personas(keys)
        for partner in ready.partners:
            await partner.link.linked_within(PARTNER_READY_S)
        yield ready, examples(state), pids


async def _people(dsn: str, keys: Keys) -> None:
    pool = await open_database(dsn, WEB, 2)
    try:
        people = People(pool, keys.seal(), demo=True)
        known = {person.id for person in await people.people()}
        for person, name, role, _, _ in PEOPLE_OF_THE_DEMO:
            if person not in known:
                await people.add(
                    Person(id=person, name=name, ori=AGENCY, role=role.value),
                    password=password_of(keys, person),
                    otp_secret=new_otp_secret(),
                    now=now(),
                )
    finally:
        await pool.close()


def _personas(keys: Keys) -> tuple[Persona, ...]:
    return tuple(
        Persona(
            person=person,
            name=name,
            role=words,
            agency="Example City Police Department",
            terminal=terminal,
            password=password_of(keys, person),
        )
        for person, name, _, words, terminal in PEOPLE_OF_THE_DEMO
    )


def _start_partner(name: str, loaded: Loaded, stack: contextlib.AsyncExitStack) -> int:
    """A partner as a program of its own. It ends with us, however we end: its input is ours."""
    log = (loaded.data_folder / f"{name}.log").open("ab")
    stack.callback(log.close)
    command = [sys.executable, "-m", "wireroom", "partner", name, "--config", str(loaded.file), "--until-eof"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True)

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


def words(ready: Running, found: Examples, pids: dict[str, int], keys: Keys, loaded: Loaded) -> str:
    """What the demo prints when it is ready."""
    lines = [
        "",
        "Wireroom is ready. Everything in it is invented.",
        "",
        f"  Desk and car    http://127.0.0.1:{ready.web_port}/",
        f"  Stations (TCP)  127.0.0.1:{ready.wire_port}      HTTP API  http://127.0.0.1:{ready.web_port}/api/v1/openapi.json",
        "",
        "Sign in as one of these with one press, or with the password and a code from `wireroom person code NAME`:",
        *(
            f"  {person:14} {words_:26} terminal {terminal}  password {password_of(keys, person)}"
            for person, _, _, words_, terminal in PEOPLE_OF_THE_DEMO
        ),
        "",
        "Type into the box, or send from another terminal with `.venv/bin/wireroom send`:",
        *(f"  {one.text:46} gives {_gives(one)}" for one in tries(found)),
        "",
        "Stop a partner and see it go out of service, then start it again:",
        *(f"  kill {pid}   then   .venv/bin/wireroom partner {name}" for name, pid in pids.items()),
        "",
        "Stop everything with Ctrl-C.",
    ]
    return "\n".join(lines)


def _gives(one: Tried) -> str:
    return {
        "hit": "a hit",
        "no record": "no record anywhere",
        "record": "a licence, and no want",
        "refused": "a refusal: that purpose is never allowed here",
    }[one.expect]


async def check(
    ready: Running, found: Examples, keys: Keys, loaded: Loaded, say: Callable[[str], None]
) -> list[str]:
    """Run the printed examples over the TCP socket and one over HTTP; what is not as it should be."""
    wrong = []
    for one in tries(found):
        sender = Sender(
            host="127.0.0.1",
            port=ready.wire_port,
            terminal=INTERFACE,
            person="demo.check",
            purpose=one.purpose,
            case="",
            keys=keys,
            answer_seconds_max=loaded.settings.switch.answer_seconds_max,
        )
        sent = await send(sender, one.text)
        got = _got(sent)
        say(f"{one.text}: {got}  (journal {sent.receipt.number})")
        for answer in sent.answers:
            say(f"    {answer.source}: {answer.title}")
        if sent.receipt.reason:
            say(f"    {sent.receipt.reason}")
        if got != one.expect:
            wrong.append(f"{one.text}: expected {one.expect}, got {got}")
    wrong.extend(await _check_http(ready, found, keys, say))
    return wrong


def _got(sent: Sent) -> str:
    if sent.receipt.state in ("refused", "faulty"):
        return sent.receipt.state
    states = {answer.state for answer in sent.answers}
    for state in ("hit", "record", "no answer", "out of service"):
        if state in states:
            return state
    return "no record" if states == {"no record"} else "nothing"


async def _check_http(ready: Running, found: Examples, keys: Keys, say: Callable[[str], None]) -> list[str]:
    """Sign in over HTTP with password and one-time code, ask, and read the stream of answers."""
    person, terminal = PEOPLE_OF_THE_DEMO[0][0], PEOPLE_OF_THE_DEMO[0][4]
    code = await ready.people.code_of(person, now())
    base = f"http://127.0.0.1:{ready.web_port}/api/v1"
    claim = {"person": person, "password": password_of(keys, person), "code": code, "terminal": terminal}
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


def _post(url: str, body: dict[str, str], headers: dict[str, str]) -> tuple[int, str]:
    """One POST to our own server; status and whole text."""
    data = json.dumps(body).encode()
    request = urllib.request.Request(
        url, data, {"Content-Type": "application/json", **headers}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=HTTP_S) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


async def wait_for_ever() -> None:
    """Until cancelled."""
    await asyncio.Event().wait()
