"""Turns every trouble of the HTTP API into its one shape of error, with the status that fits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from wireroom.message.answer import Receipt
from wireroom.message.envelope import Fault
from wireroom.switch import Busy
from wireroom.web.house import HouseBusy, JournalDown, KeyTaken
from wireroom.web.shapes import Error, FieldFault, Trouble, received

log = logging.getLogger(__name__)

JSON = "application/json"
INTERFACE = "interface"  # the code of a refusal to a program that shows a terminal's secret
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Refuse(Exception):
    """The request goes no further; the sender is told this."""

    def __init__(self, status: int, code: str, reason: str, *, wait_seconds: int = 0) -> None:
        super().__init__(reason)
        self.status, self.wait_seconds = status, wait_seconds
        self.trouble = Trouble(code=code, reason=reason)


def as_json(body: object, status: int = 200) -> Response:
    """A response with a body of JSON that nobody may store."""
    return Response(msgspec.json.encode(body), status_code=status, headers=NO_STORE, media_type=JSON)


def refused(status: int, trouble: Trouble, *, wait_seconds: int = 0) -> Response:
    """The one shape of every error."""
    response = as_json(Error(trouble), status)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Basic" if trouble.code == INTERFACE else "Bearer"
    if wait_seconds:
        response.headers["Retry-After"] = str(wait_seconds)
    return response


FAULTS = "The text has faults: correct every field named here and send it under a new key."


def faulty(faults: Sequence[Fault] | Sequence[tuple[str, str]], transaction: str | None = None) -> Response:
    """Every fault of a text, all at once."""
    fields = tuple(
        FieldFault(fault.field, fault.reason) if isinstance(fault, Fault) else FieldFault(*fault)
        for fault in faults
    )
    return refused(422, Trouble(code="faults", reason=FAULTS, fields=fields, transaction=transaction))


def of_receipt(receipt: Receipt) -> Response:
    """The response to a receipt: taken, taken before, or why it was not taken."""
    number = str(receipt.number)
    match receipt.state:
        case "accepted":
            return as_json(received(receipt), 202)
        case "repeat":
            return as_json(received(receipt), 200)
        case "refused":
            return refused(403, Trouble(code=receipt.rule, reason=receipt.reason, transaction=number))
        case "faulty":
            return faulty(receipt.faults, number)
        case "busy":
            raise HouseBusy(1, receipt.reason)
        case state:
            raise AssertionError(f"a receipt has no state {state!r}")


def sentence(words: str) -> str:
    """The switch's words as a sentence."""
    return f"{words[:1].upper()}{words[1:].rstrip('.')}." if words else ""


async def answering(act: Callable[[], Awaitable[Response]], within_s: float) -> Response:
    """The response of an act, or of the trouble that it met, within a time."""
    try:
        async with asyncio.timeout(within_s):
            return await act()
    except Refuse as refusal:
        return refused(refusal.status, refusal.trouble, wait_seconds=refusal.wait_seconds)
    except KeyTaken:
        reason = "This key came before today with another text. Nothing was sent: use a new key."
        return refused(409, Trouble(code="key-taken", reason=reason))
    except Busy as busy:
        wait, why = (busy.wait_seconds, busy.why) if isinstance(busy, HouseBusy) else (1, "")
        said = sentence(why) or "There is too much to do now."
        reason = f"{said} Nothing was sent: send the same again, with the same key."
        return refused(429, Trouble(code="busy", reason=reason), wait_seconds=wait)
    except JournalDown:
        reason = "The journal cannot be written, so nothing was sent. Tell the operator of the switch."
        return refused(503, Trouble(code="journal", reason=reason), wait_seconds=5)
    except TimeoutError:
        reason = "This took too long. Send the same again, with the same key: it cannot happen twice."
        return refused(504, Trouble(code="too-slow", reason=reason), wait_seconds=1)
    except ClientDisconnect:
        return refused(400, Trouble(code="gone", reason="The request ended before its body did."))
    except Exception:
        log.exception("a request of the API failed")
        reason = "The fault is ours. Send the same again, with the same key; if it stays, tell the operator."
        return refused(500, Trouble(code="ours", reason=reason))
