"""Who speaks over the API for a system of an agency: by its interface terminal and that one's own secret."""

from __future__ import annotations

import hmac

from wireroom.app.keys import Keys
from wireroom.journal.tags import Tag
from wireroom.message.envelope import Seat
from wireroom.policy.directory import Book, TerminalKind
from wireroom.switch.transaction import Switch
from wireroom.switch.work import Note
from wireroom.web.house import Refusal
from wireroom.web.trouble import INTERFACE

NOT_AN_INTERFACE = (
    "The terminal is no interface in use, or the secret is not its own; see `wireroom terminal secret`."
)


async def speaker(
    switch: Switch, book: Book, keys: Keys, said: tuple[str, str], peer: str, door: str
) -> Seat | Refusal:  # fmt: skip
    """The seat of an interface, from its terminal and secret as said; a refusal is written down."""
    terminal, secret = said
    found = book.directory.terminals.get(terminal)
    good = hmac.compare_digest(keys.interface_secret(terminal).encode(), secret.encode())
    if found is None or found.kind != TerminalKind.INTERFACE or not found.enabled or not good:
        detail: dict[str, object] = {"cause": "wrong secret", "peer": peer, "door": door}
        await switch.note(Note(tag=Tag.SESSION_REFUSED, terminal=terminal[:9], detail=detail))
        return Refusal(reason=NOT_AN_INTERFACE, code=INTERFACE)
    return Seat(terminal=terminal, ori=found.ori, person="", role="interface")
