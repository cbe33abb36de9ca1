"""What it costs to know that somebody may: session, rules and a sealed field, beside a bare transaction."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import asyncpg
import msgspec

from benchmarks.result import Result
from wireroom.app.accounts import people_of
from wireroom.app.assemble import connect, database_name, engine, now
from wireroom.app.database import open_as
from wireroom.app.keys import Keys
from wireroom.app.roles import WEB
from wireroom.app.settings import Loaded
from wireroom.catalog.index import Catalogue
from wireroom.lab import fit
from wireroom.message.acting import BATCH, acting
from wireroom.message.envelope import Arrival, Message
from wireroom.message.local import day_of
from wireroom.policy.devices import Authority, Certificate, Register
from wireroom.policy.directory import Agency, Pool, Terminal, add_agency, add_terminal
from wireroom.policy.engine import Policies, built_in
from wireroom.policy.people import Claim, Opened, People, Person
from wireroom.policy.request import Case, request_of
from wireroom.policy.ruling import Rulebook
from wireroom.policy.secret import code_at, new_otp_secret

ORI, TERMINAL, PASSWORD = "CA0990100", "ZB01", "a long invented phrase 77"
DEVICE, AUTHORITY = "d" * 64, "a" * 64
ROUNDS, PASSES = 300, 7
TARGET = "under 1000 us at the median"
MESSAGE = Message("QW", (("NAM", "TAYLOR, RYAN"), ("DOB", "19850412"), ("SOC", "900990001"), ("PUR", "C")))
_LOOK_UP = "SELECT file, record FROM identifier WHERE kind = $1 AND value = $2 LIMIT 10"
Act = Callable[[], Awaitable[object]]


async def run(loaded: Loaded) -> dict[str, Result]:
    """Each alone and all together, in turn with a transaction that does nothing; medians of the passes."""
    keys = Keys(loaded.secrets_folder)
    async with engine(loaded, database_name(loaded)) as dsn:
        pool = await open_as(dsn, WEB, 1)
        lane = await connect(dsn, acts=BATCH)
        try:
            people = people_of(loaded, pool, keys, now())
            await _places(pool)
            tokens = await _signed_in(people, "bench.desk"), await _signed_in(people, "bench.device", DEVICE)
            return await _measured(people, tokens, lane, keys)
        finally:
            await lane.close()
            await pool.close()


async def _places(pool: Pool) -> None:
    """An invented terminal, and a certificate of it."""
    await add_agency(pool, Agency(ori=ORI, name="Example City Police"), now())
    await add_terminal(pool, Terminal(mnemonic=TERMINAL, ori=ORI), now())
    register, ends_at = Register(pool), now() + timedelta(days=90)
    await register.add_authority(
        Authority(fingerprint=AUTHORITY, ori=ORI, subject="Invented", pem="", ours=True, ends_at=ends_at),
        now(),
    )
    await register.add(
        Certificate(fingerprint=DEVICE, serial="0d", authority=AUTHORITY, terminal=TERMINAL, ori=ORI, issued_at=now(),
                    issued_by="console", ends_at=ends_at)
    )  # fmt: skip


async def _signed_in(people: People, identifier: str, device: str = "") -> str:
    """The token of an invented person, added now."""
    secret = new_otp_secret()
    person = Person(id=identifier, name=identifier.title(), ori=ORI, role="operator")
    await people.add(person, password=PASSWORD, otp_secret=secret, now=now())
    claim = Claim(
        person=identifier, password=PASSWORD, code=code_at(secret, now()), terminal=TERMINAL, peer="127.0.0.1",
        device=device,
    )  # fmt: skip
    opened = await people.sign_in(claim, now())
    assert isinstance(opened, Opened), "the benchmark's person signs in"
    return opened.token


def _sessions(people: People, tokens: tuple[str, str]) -> tuple[Act, Act]:
    """Looking up the session of a terminal without a certificate, and of one with it."""

    def looked_up(token: str) -> Act:
        async def session() -> object:
            standing = await people.session(token, now(), used=False)
            assert standing is not None, "the session stands"
            return standing

        return session

    return looked_up(tokens[0]), looked_up(tokens[1])


async def _measured(
    people: People, tokens: tuple[str, str], lane: asyncpg.Connection, keys: Keys
) -> dict[str, Result]:
    session, device = _sessions(people, tokens)
    form, vault = Catalogue().forms[MESSAGE.key], keys.vault()
    book, cold = Rulebook(), Policies(built_in())
    sealed = vault.seal("wanted", "SOC", "900990001")
    standing = await people.session(tokens[0], now(), used=False)
    assert standing is not None, "the session stands"
    seat = msgspec.structs.replace(standing.seat, facts=fit.facts(ORI, day_of(now())))
    arrival = Arrival(text="", seat=seat, key="k", at=now())
    assert book.rule(MESSAGE, form, arrival).allowed, "the benchmark's inquiry may go"
    request = request_of(Case(MESSAGE, form, arrival))

    async def rules() -> object:
        return book.rule(MESSAGE, form, arrival)

    async def first() -> object:
        return cold.weigh([(request.role, request.verb, request.context)])

    async def sealed_field() -> object:
        await lane.fetch(_LOOK_UP, "SOC", vault.blind("SOC", "900990001"))
        return vault.open("wanted", "SOC", sealed)

    async def together() -> object:
        return await session(), await rules(), await sealed_field()

    async def said() -> object:
        async with acting(lane, BATCH):
            return await lane.fetchval("SELECT 1")

    async def bare() -> object:
        async with lane.transaction():
            return await lane.fetchval("SELECT 1")

    acts: dict[str, Act] = {
        "access, session, rules and a sealed field": together,
        "access, session alone": session,
        "access, session of a device alone": device,
        "access, rules alone": rules,
        "access, rules alone, of a kind not seen before": first,
        "access, sealed field alone": sealed_field,
        "access, a transaction that says who acts": said,
    }
    return await _in_turn(acts, bare)


async def _in_turn(acts: Mapping[str, Act], bare: Act) -> dict[str, Result]:
    """Medians of single acts, the passes of all in turn."""
    took: dict[str, list[float]] = {name: [] for name in (*acts, "bare")}
    for _ in range(PASSES):
        for name, act in {**acts, "bare": bare}.items():
            for _ in range(ROUNDS):
                begun = time.perf_counter()
                await act()
                took[name].append((time.perf_counter() - begun) * 1e6)
    base = statistics.median(took["bare"])
    found = {}
    for name in acts:
        middle = statistics.median(took[name])
        found[name] = Result(
            value=round(middle, 1), unit="us", baseline=round(base, 1), baseline_name="a transaction that does nothing",
            ratio=round(middle / base, 2), target=TARGET if name.endswith("a sealed field") else "",
            runs=ROUNDS * PASSES, more={"p99 us": round(sorted(took[name])[int(len(took[name]) * 0.99)], 1)},
        )  # fmt: skip
    return found
