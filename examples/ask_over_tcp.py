"""Asks one question over TCP and prints each source's answer: the whole line protocol with Python's own socket.

    export SECRET=$(.venv/bin/wireroom terminal secret ZZ01)
    python examples/ask_over_tcp.py 5HUQ021

Copy it to connect a product. Ends with 0 for a hit, 1 without one, 3 when it was refused, 4 when it was not sent or
nobody answered.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import struct
import sys
import uuid
from typing import Any

HIT, NO_HIT, REFUSED, NOT_SENT = 0, 1, 3, 4
ANSWERS_WITHIN_S = 12.0
HEAD = struct.Struct(">IB")  # length of what follows (kind and payload), kind


class Line:
    """One connection. A frame is its length in four bytes, big-endian, a letter for its kind, and JSON."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=ANSWERS_WITHIN_S)
        self.file = self.socket.makefile("rb")

    def say(self, kind: str, content: dict[str, Any] | None = None) -> None:
        payload = b"" if content is None else json.dumps(content).encode()
        self.socket.sendall(HEAD.pack(len(payload) + 1, ord(kind)) + payload)

    def hear(self) -> tuple[str, dict[str, Any]]:
        """The next frame that is more than a sign of life. Raises OSError when the line is gone or silent."""
        while True:
            head = self.file.read(HEAD.size)
            if len(head) < HEAD.size:
                raise ConnectionError("the switch closed the line")
            length, kind = HEAD.unpack(head)
            payload = self.file.read(length - 1)
            if chr(kind) == "K":
                self.say("L")  # KEEPALIVE wants ALIVE
            elif chr(kind) != "L":
                return chr(kind), json.loads(payload) if payload else {}


def sign_on(line: Line, station: argparse.Namespace) -> None:
    """HELLO, then WELCOME with the seat and the limits. Raises PermissionError with the switch's reason."""
    line.say(
        "H",
        {
            "terminal": station.terminal,
            "person": station.person,  # for whom the station speaks
            "secret": station.secret,
            "purpose": station.purpose,  # stands for texts that name none
            "case": station.case,
            "version": 1,
        },
    )
    kind, said = line.hear()
    if kind != "W":
        raise PermissionError(said.get("reason", "the sign-on was refused"))


def send(line: Line, text: str, key: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """SEND, then RECEIPT, durable when it comes; and what was delivered before it.

    No receipt? Connect again and send the same key: it cannot be carried out twice.
    """
    line.say("S", {"sequence": 1, "key": key, "text": text})
    early: list[dict[str, Any]] = []
    while True:
        kind, said = line.hear()
        if kind == "R":
            receipt: dict[str, Any] = said["receipt"]
            return receipt, early
        if kind == "D":
            early.append(said)
        elif kind in "NB":
            raise ConnectionError(said.get("reason", "the switch took nothing"))


def answers(line: Line, receipt: dict[str, Any], early: list[dict[str, Any]]) -> set[str]:
    """One delivery for each source. What is shown is acknowledged; what is not comes again."""
    states, waiting = set(), len(receipt["sources"])
    while waiting:
        kind, delivery = ("D", early.pop(0)) if early else line.hear()
        if kind == "B":
            raise ConnectionError(delivery.get("reason", "the switch ended the line"))
        if kind != "D":
            continue
        print(f"{delivery['source']}: {delivery['title']}\n{delivery['text']}\n")
        line.say("A", {"numbers": [delivery["number"]]})
        if delivery["transaction"] == receipt["number"]:  # else mail, or an answer of an earlier line
            states.add(delivery["state"])
            waiting -= 1
    return states


def outcome(line: Line, station: argparse.Namespace) -> int:
    """Sign on, ask, and say goodbye; the exit code."""
    sign_on(line, station)
    receipt, early = send(line, station.text, key=uuid.uuid4().hex)
    print(f"Journal {receipt['number']}: {receipt['state']} {receipt['understood']}".rstrip())
    if receipt["state"] != "accepted":
        print(receipt["reason"], file=sys.stderr)
        return NOT_SENT if receipt["state"] == "busy" else REFUSED
    states = answers(line, receipt, early)
    line.say("B")
    if "hit" in states:
        return HIT
    return NO_HIT if states - {"no answer", "out of service"} else NOT_SENT


def main() -> int:
    parser = argparse.ArgumentParser(description="Ask one question over TCP.")
    parser.add_argument("text", help="dotted text, or what the one box takes")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7700)
    parser.add_argument("--terminal", default="ZZ01", help="an interface terminal")
    parser.add_argument("--secret", default=os.environ.get("SECRET", ""), help="or the variable SECRET")
    parser.add_argument("--person", default="example", help="for whom the question is asked")
    parser.add_argument("--purpose", default="C")
    parser.add_argument("--case", default="")
    station = parser.parse_args()
    try:
        return outcome(Line(station.host, station.port), station)
    except PermissionError as error:
        print(error, file=sys.stderr)
        return REFUSED
    except OSError as error:
        print(f"not sent: {error}", file=sys.stderr)
        return NOT_SENT


if __name__ == "__main__":
    sys.exit(main())
