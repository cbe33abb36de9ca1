"""Asks one question over the HTTP API and prints each source's answer, with nothing but Python's own library.

    export PASSWORD=demo-…                         # as the demo printed it
    python examples/ask_over_http.py --code "$(.venv/bin/wireroom person code ada.dispatch)" 5HUQ021

Ends with 0 for a hit, 1 without one, 3 when it was refused, 4 when it was not sent or nobody answered.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Any

HIT, NO_HIT, REFUSED, NOT_SENT = 0, 1, 3, 4
WITHIN_S = 20.0  # the switch tells after twelve seconds at most which sources were silent
TRIES = 3


def call(url: str, body: dict[str, Any], headers: dict[str, str]) -> HTTPResponse:
    """One POST of JSON. Raises HTTPError for a refusal, URLError where nobody listens."""
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers})  # noqa: S310
    answer: HTTPResponse = urllib.request.urlopen(request, timeout=WITHIN_S)  # noqa: S310
    return answer


def events(stream: HTTPResponse) -> Iterator[tuple[str, dict[str, Any]]]:
    """Server-sent events: lines `event: …` and `data: …`, and an empty line behind each event."""
    name, data = "", []
    for raw in stream:
        line = raw.decode().rstrip("\n")
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            data.append(line.removeprefix("data: "))
        elif not line and data:
            yield name, json.loads("\n".join(data))
            name, data = "", []


def sign_in(base: str, who: argparse.Namespace) -> str:
    """The token of a new session. It is told once, and goes into the header of every request.

    `acknowledged` says that the person has read the notice; leave it out, and the refusal tells the notice.
    """
    claim = {"person": who.person, "password": who.password, "code": who.code, "terminal": who.terminal}
    claim |= {"acknowledged": True}
    with call(f"{base}/sessions", claim, {}) as answer:
        token: str = json.load(answer)["token"]
        return token


def ask(base: str, token: str, question: argparse.Namespace) -> set[str]:
    """Send the text and print its answers as they come; their states.

    The key is made once and kept for every try: if the line breaks, sending the same again cannot happen twice.
    """
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "text/event-stream",
        "Idempotency-Key": uuid.uuid4().hex,
    }
    body = {"text": question.text, "purpose": question.purpose, "case": question.case, "box": True}
    for last in (False,) * (TRIES - 1) + (True,):
        try:
            return told(call(f"{base}/transactions?acknowledge=true", body, headers))
        except urllib.error.HTTPError:
            raise  # an answer, though not the one hoped for
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if last:
                raise
    raise AssertionError("the last try returns or raises")


def told(stream: HTTPResponse) -> set[str]:
    """Print a receipt and its answers."""
    states = set()
    with stream:
        for name, what in events(stream):
            if name == "receipt":
                print(f"Journal {what['number']}: {what['understood']}; asking {', '.join(what['sources'])}")
            elif name == "answer":
                states.add(what["state"])
                print(f"{what['source']}: {what['title']}")
                for hit in what["hits"]:
                    print("   ", ", ".join(f"{one['field']} {one['value']}" for one in hit["fields"]))
            elif name == "end" and what["reason"] != "complete":
                print("Not everybody has answered. This is not the same as no record.")
    return states


def refusal(error: urllib.error.HTTPError) -> None:
    """Every error has one shape: a code for programs, a reason for people, and the faults by field."""
    trouble = json.load(error)["error"]
    print(f"{trouble['code']}: {trouble['reason']}", file=sys.stderr)
    for fault in trouble["fields"]:
        print(f"    {fault['field']} {fault['reason']}", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description="Ask one question over HTTP.")
    parser.add_argument("text", help="what the one box takes: a plate, a name with a birth date, a key")
    parser.add_argument("--base", default="http://127.0.0.1:8700/api/v1")
    parser.add_argument("--person", default="ada.dispatch")
    parser.add_argument("--password", default=os.environ.get("PASSWORD", ""), help="or the variable PASSWORD")
    parser.add_argument("--code", required=True, help="six digits from the authenticator")
    parser.add_argument("--terminal", default="Z001")
    parser.add_argument("--purpose", default="C")
    parser.add_argument("--case", default="")
    question = parser.parse_args()
    try:
        states = ask(question.base, sign_in(question.base, question), question)
    except urllib.error.HTTPError as error:
        refusal(error)
        return REFUSED if error.code in (401, 403, 422) else NOT_SENT
    except OSError as error:
        print(f"not sent: {error}", file=sys.stderr)
        return NOT_SENT
    if "hit" in states:
        return HIT
    return NO_HIT if states - {"no answer", "out of service"} else NOT_SENT


if __name__ == "__main__":
    sys.exit(main())
