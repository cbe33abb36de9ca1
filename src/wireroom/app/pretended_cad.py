"""A pretended CAD: a program that tells the switch of invented incidents, over HTTP as a vendor's would."""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import msgspec

from wireroom.app import AppError
from wireroom.policy.cad import WORDS_MAX, Word
from wireroom.web.explaining import CadGiven, CadTaken

TIMEOUT_S = 20.0
BODY_WORDS = min(100, WORDS_MAX)  # that fit into one request's bytes


def tell(
    address: str,
    terminal: str,
    secret: str,
    words: Sequence[Word],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> CadTaken:
    """Tells of incidents at an address such as http://127.0.0.1:8700, and what became of all of them.

    What was told before counts as repeated, so it may be run again after any trouble. Raises AppError.
    """
    taken = repeated = overtaken = done = 0
    late: list[str] = []
    for several in _several(words):
        said = _post(f"{address}/api/v1/cad", terminal, secret, CadGiven(tuple(several)))
        taken, repeated = taken + said.taken, repeated + said.repeated
        overtaken += said.overtaken
        late += said.afterwards
        done += len(several)
        progress(done, len(words))
    return CadTaken(taken=taken, repeated=repeated, overtaken=overtaken, afterwards=tuple(late))


def _several(words: Sequence[Word]) -> Iterator[list[Word]]:
    rest = iter(words)
    while several := list(islice(rest, BODY_WORDS)):
        yield several


def _post(url: str, terminal: str, secret: str, body: CadGiven) -> CadTaken:
    known = base64.b64encode(f"{terminal}:{secret}".encode()).decode()
    request = urllib.request.Request(  # noqa: S310 - an address of the settings
        url,
        msgspec.json.encode(body),
        {"Content-Type": "application/json", "Authorization": f"Basic {known}"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return msgspec.json.decode(answer.read(), type=CadTaken)
    except urllib.error.HTTPError as error:
        said = error.read().decode("utf-8", "replace")[:300]
        raise AppError(
            f"the switch did not take what the CAD said, with status {error.code}: {said}"
        ) from None
    except (OSError, msgspec.MsgspecError) as error:
        raise AppError(f"no answer from {url}: {error}; is `wireroom serve` running, on this port?") from None
