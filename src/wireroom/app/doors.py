"""Opens the doors: the wire for stations, the pages and the HTTP API for browsers and programs, each with its guard."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable
from contextlib import AsyncExitStack

import msgspec
import uvicorn

from wireroom.app import AppError
from wireroom.app.house import AppHouse
from wireroom.app.line_door import WireDoor
from wireroom.app.listener import Patience, config
from wireroom.app.office import Office, OfficeDoor
from wireroom.app.settings import Loaded
from wireroom.app.settings_administration import place_of
from wireroom.app.settings_devices import Mode, is_loopback
from wireroom.app.tls import Guard, cards_context, guard_of, office_guard
from wireroom.policy.devices import Register
from wireroom.web.card_door import card_door
from wireroom.web.office_api import office_site
from wireroom.web.site import site
from wireroom.wire.server import Server
from wireroom.wire.session import Limits

log = logging.getLogger(__name__)


class Guards(msgspec.Struct, frozen=True):
    """How the two doors are guarded."""

    wire: Guard
    web: Guard


async def guards_of(loaded: Loaded, register: Register, *, doors: bool) -> Guards:
    """The guards as the settings say; none where no door opens. Raises AppError where one cannot be made."""
    if not doors:
        return Guards(Guard(Mode.OFF, None), Guard(Mode.OFF, None))
    settings, authorities = loaded.settings, await register.authorities()
    return Guards(
        guard_of(loaded, settings.wire.host, "wire.host", authorities),
        guard_of(loaded, settings.web.host, "web.host", authorities),
    )


async def open_wire(loaded: Loaded, door: WireDoor, guard: Guard, stack: AsyncExitStack) -> Server:
    """The door for stations, open until the stack closes. Raises AppError where its port is taken."""
    settings = loaded.settings.wire
    limits = Limits(
        frame_bytes_max=settings.frame_bytes_max,
        idle_s=settings.idle_seconds,
        stations_max=settings.stations_max,
    )
    server = Server(door, limits)
    starting = server.start(settings.host, settings.port, tls=guard.context)
    await listening(starting, "stations", "wire.port", settings.port)
    stack.push_async_callback(server.close)
    return server


async def open_web(
    loaded: Loaded, house: AppHouse, guard: Guard, stack: AsyncExitStack, patience: Patience | None = None
) -> int:
    """The door for browsers and programs, open until the stack closes; its port. Raises AppError where it is taken."""
    settings = loaded.settings.web
    place = Place(host=settings.host, port=settings.port, key="web.port", whom="browsers")
    how = config(
        site(house), context=guard.context, proxies=loaded.settings.devices.proxies,
        patience=patience or Patience(),
    )  # fmt: skip
    port = await _open(place, how, stack)
    if loaded.settings.cards.port:
        cards = loaded.settings.cards
        place = Place(host=cards.host, port=cards.port, key="cards.port", whom="cards")
        how = config(card_door(house), context=cards_context(loaded), proxies=(), patience=Patience())
        await _open(place, how, stack)
    return port


async def open_office(loaded: Loaded, house: OfficeDoor, guard: Guard, stack: AsyncExitStack) -> int:
    """The door of administration, open until the stack closes; its port. No proxy's word counts there."""
    settings = loaded.settings.administration
    place = Place(host=settings.host, port=settings.port, key="administration.port", whom="administrators")
    how = config(office_site(house), context=guard.context, proxies=(), patience=Patience())
    return await _open(place, how, stack)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a door listens, for whom, and the setting that says so."""

    host: str
    port: int
    key: str
    whom: str


async def _open(place: Place, how: uvicorn.Config, stack: AsyncExitStack) -> int:
    listener = socket.socket(socket.AF_INET6 if ":" in place.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    stack.callback(listener.close)

    async def bind() -> None:
        listener.bind((place.host, place.port))
        listener.listen()  # from now on a browser waits, and is not refused, until uvicorn takes over

    await listening(bind(), place.whom, place.key, place.port)
    server = uvicorn.Server(how)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]  # ours end the program
    task = asyncio.create_task(server.serve(sockets=[listener]))

    async def end() -> None:
        server.should_exit = True
        server.force_exit = True
        await task

    stack.push_async_callback(end)
    opened: int = listener.getsockname()[1]
    return opened


async def administration(
    loaded: Loaded, house: AppHouse, office: Office, register: Register, stack: AsyncExitStack
) -> tuple[int, OfficeDoor | None]:
    """Administration where the settings say: beside the pages, at a door of its own, or nowhere. Its own port, or 0.

    Where the pages are for others than this machine, it is not beside them by itself: that is said, with what to set.
    """
    settings, web = loaded.settings.administration, loaded.settings.web
    where = place_of(settings, web.host, demo=loaded.settings.demo.enabled)
    if where == "beside":
        house.office = office
        if not is_loopback(web.host):
            log.warning(
                "administration is at the address of the pages, %s, as administration.door says", web.host
            )
        return 0, None
    if where == "none":
        log.warning(
            "administration over HTTP is off: others reach the pages at %s. Set [administration] door to apart, with "
            "an authority of its own, or use the command line", web.host,
        )  # fmt: skip
        return 0, None
    door = house.office_door(office)
    guard = office_guard(loaded, await register.authorities())
    return await open_office(loaded, door, guard, stack), door


async def listening(starting: Awaitable[None], whom: str, key: str, port: int) -> None:
    """Waits for a door to open; a taken port is told in words that say what to do."""
    try:
        await starting
    except OSError as error:
        raise AppError(
            f"port {port} for {whom} cannot be used: {error.strerror or error}; is another Wireroom running here? "
            f"Stop it, or set {key} in wireroom.toml to another port, or to 0 for any"
        ) from error
