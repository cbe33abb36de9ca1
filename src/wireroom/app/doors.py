"""Opens the doors: the wire for stations, the pages and the HTTP API for browsers and programs, each with its guard."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable
from contextlib import AsyncExitStack

import msgspec
import uvicorn

from wireroom.app import AppError
from wireroom.app.house import AppHouse
from wireroom.app.line_door import WireDoor
from wireroom.app.listener import Patience, config
from wireroom.app.settings import Loaded
from wireroom.app.settings_devices import Mode
from wireroom.app.tls import Guard, cards_context, guard_of
from wireroom.policy.devices import Register
from wireroom.web.card_door import card_door
from wireroom.web.site import site
from wireroom.wire.server import Server
from wireroom.wire.session import Limits


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
    settings, waits = loaded.settings.web, patience or Patience()
    proxies = loaded.settings.devices.proxies
    how = config(site(house), context=guard.context, proxies=proxies, patience=waits)
    port = await serving(how, settings.host, settings.port, "web.port", stack)
    if loaded.settings.cards.port:
        cards = loaded.settings.cards
        how = config(card_door(house), context=cards_context(loaded), proxies=(), patience=Patience())
        await serving(how, cards.host, cards.port, "cards.port", stack)
    return port


async def serving(how: uvicorn.Config, host: str, port: int, key: str, stack: AsyncExitStack) -> int:
    """An application on a port, open until the stack closes; which port that is."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    stack.callback(listener.close)

    async def bind() -> None:
        listener.bind((host, port))
        listener.listen()  # from now on a browser waits, and is not refused, until uvicorn takes over

    await listening(bind(), "browsers", key, port)
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


async def listening(starting: Awaitable[None], whom: str, key: str, port: int) -> None:
    """Waits for a door to open; a taken port is told in words that say what to do."""
    try:
        await starting
    except OSError as error:
        raise AppError(
            f"port {port} for {whom} cannot be used: {error.strerror or error}; is another Wireroom running here? "
            f"Stop it, or set {key} in wireroom.toml to another port, or to 0 for any"
        ) from error
