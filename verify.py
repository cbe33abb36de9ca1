#!/usr/bin/env python3
"""Checks an export of a Wireroom journal with nothing but Python: no package, no network, no trust in us.

    python verify.py EXPORT [--key VKEY]... [--checkpoint FILE]...

It recomputes every leaf from its salt and body (leaf data = SHA-256(salt || body)) and the tree over them as
RFC 6962 says, and compares the root with each signed checkpoint (C2SP signed-note and tlog-checkpoint,
Ed25519 of RFC 8032). It prints "OK" and exits with 0, or names the first wrong place and exits with 1; 2 is
wrong use.

--key: the log's public key, as you got it from elsewhere. Without it the export's own word is taken.
--checkpoint: a checkpoint that you kept from earlier, or that a witness gave you. It shows whether history
was rewritten or cut off: an export cannot show by itself that its newest entries were left out together
with their checkpoints.

What this cannot show: that what was first written was true.
"""

from __future__ import annotations

import argparse
import json
import sys
from base64 import b64decode, b64encode
from hashlib import sha256, sha512
from typing import IO, Any

FORMAT = "wireroom-journal/1"
LINE_MAX = 1 << 23  # bytes; an entry has at most one million
LEAF_KEYS = ({"leaf", "number", "salt", "hash", "body"}, {"leaf", "number", "salt", "hash", "body64"})


class Trouble(Exception):
    """The first thing found wrong, in words that name the place."""


# --- Ed25519, verification only (RFC 8032, 5.1). Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)
Point = tuple[int, int, int, int]


def add(a: Point, b: Point) -> Point:
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def decode_point(data: bytes) -> Point | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P  # D*y*y + 1 is never 0: -1/D is no square
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * SQRT_MINUS_1 % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def sum_of_products(a: int, p: Point, b: int, q: Point) -> Point:
    """a*p + b*q, both at once, bit by bit."""
    table = {(1, 0): p, (0, 1): q, (1, 1): add(p, q)}
    total: Point = NEUTRAL
    for bit in range(max(a.bit_length(), b.bit_length()) - 1, -1, -1):
        total = add(total, total)
        if step := table.get((a >> bit & 1, b >> bit & 1)):
            total = add(total, step)
    return total


BASE = decode_point((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or NEUTRAL


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether S*B = R + k*A, asked as S*B + k*(-A) = R."""
    key, r = decode_point(public), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(public) != 32 or len(signature) != 64 or key is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    x, y, z, _ = sum_of_products(s, BASE, k, (P - key[0], key[1], 1, P - key[3]))
    return (x - r[0] * z) % P == 0 and (y - r[1] * z) % P == 0


# --- Keys and checkpoints.


def from64(text: Any, what: str) -> bytes:
    """Strict: one text for each run of bytes, so that any changed letter is a change."""
    try:
        data = b64decode(text, validate=True)
    except (ValueError, TypeError):
        raise Trouble(f"{what} is not base64") from None
    if b64encode(data).decode() != text:
        raise Trouble(f"{what} is not in the one right form of base64")
    return data


def encode(text: str) -> bytes:
    """UTF-8, also of what is no proper text: that fails later, at the comparison."""
    return text.encode("utf-8", "surrogatepass")


def key_identifier(name: str, public: bytes) -> bytes:
    return sha256(encode(name) + b"\n\x01" + public).digest()[:4]


def read_key(vkey: str) -> tuple[str, bytes]:
    """The name and the public key from NAME+IDENTIFIER+BASE64."""
    name, _, rest = vkey.strip().partition("+")
    identifier, _, encoded = rest.partition("+")
    data = from64(encoded, f"the key {vkey[:60]!r}")
    right = len(data) == 33 and data[0] == 1 and key_identifier(name, data[1:]).hex() == identifier
    if not right or not name.isprintable():
        raise Trouble(f"the key {vkey[:60]!r} is not an Ed25519 key of a log, or was damaged")
    return name, data[1:]


def open_checkpoint(note: str, keys: list[tuple[str, bytes]], what: str) -> tuple[int, bytes, str]:
    """Size, root and origin of a checkpoint that a known key signed; signatures of others are passed over."""
    text, _, lines = note.rpartition("\n\n")
    text += "\n"
    good = False
    for line in lines.splitlines():
        dash, name, encoded = ([*line.split(" "), "", ""])[:3]
        signature = from64(encoded, f"a signature of {what}")
        for known, public in keys:
            if dash == "\u2014" and name == known and signature[:4] == key_identifier(known, public):
                if not signed(public, encode(text), signature[4:]):
                    raise Trouble(
                        f"{what}: the signature of {known} does not fit; the checkpoint was changed"
                    )
                good = True
    if not good:
        raise Trouble(f"{what}: not signed by the log's key")
    origin, size, root = text.split("\n")[:3]
    if not (size.isascii() and size.isdigit() and len(size) < 20 and origin.isprintable()):
        raise Trouble(f"{what}: its origin or its size cannot be read")
    return int(size), from64(root, f"the root of {what}"), origin


# --- The tree (RFC 6962, 2.1), kept as the roots of its perfect subtrees, largest first.


class Tree:
    def __init__(self) -> None:
        self.size = 0
        self.roots: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        carry, self.size = self.size, self.size + 1
        while carry & 1:
            leaf = sha256(b"\x01" + self.roots.pop() + leaf).digest()
            carry >>= 1
        self.roots.append(leaf)

    def root(self) -> bytes:
        if not self.roots:
            return sha256(b"").digest()
        root = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            root = sha256(b"\x01" + left + root).digest()
        return root


# --- The export.


class Lines:
    """The lines of the export, counted, and the digest of those read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.number = 0
        self.digest = sha256()
        self.raw = b""

    def next(self, what: str) -> dict[str, Any]:
        self.digest.update(self.raw)
        self.number += 1
        self.raw = self.file.readline(LINE_MAX)
        if not self.raw:
            raise Trouble(f"line {self.number}: {what} is missing; the export was cut off here")
        try:
            content = json.loads(self.raw)
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict) or not self.raw.endswith(b"\n"):
            raise Trouble(f"line {self.number}: {what} should stand here, and it cannot be read")
        return content


def leaf_hash_of(line: dict[str, Any], leaf: int, where: str) -> bytes:
    """Checks one leaf's line and gives the hash that salt and body make."""
    place = f"leaf {leaf} ({where})"
    if "end" in line:
        raise Trouble(f"{place}: it is missing; the export ends before it and the header tells of more")
    if set(line) not in LEAF_KEYS or type(line["leaf"]) is not int or type(line["number"]) is not int:
        raise Trouble(f"{place}: the line is not that of a leaf")
    if line["leaf"] != leaf:
        how = "it was taken out or moved" if line["leaf"] > leaf else "a line was put in or moved"
        raise Trouble(f"{place}: leaf {line['leaf']}, entry {line['number']}, stands in its place; {how}")
    place = f"entry {line['number']} (leaf {leaf}, {where})"
    salt = from64(line["salt"], f"{place}: the salt")
    try:
        body = from64(line["body64"], f"{place}: the body") if "body64" in line else encode(line["body"])
        told = json.loads(body)["number"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Trouble(f"{place}: the body is not an entry") from None
    hashed = sha256(b"\x00" + sha256(salt + body).digest()).digest()
    if hashed.hex() != line["hash"]:
        raise Trouble(f"{place}: body does not match its commitment; body, salt or hash was changed")
    if type(told) is not int or told != line["number"]:
        raise Trouble(f"{place}: the body belongs to entry {told!r:.40}; the number was changed")
    return hashed


def read_head(lines: Lines, trusted: list[str]) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
    header = lines.next("the header")
    if header.get("format") != FORMAT or not isinstance(header.get("keys"), list):
        raise Trouble(f"line 1: not an export that this program can read; it reads {FORMAT}")
    if any(type(header.get(name)) is not int or header[name] < 1 for name in ("leaves", "checkpoints")):
        raise Trouble("line 1: the header does not tell of one leaf and one checkpoint at least")
    return header, [read_key(str(key)) for key in trusted or header["keys"]]


def check(file: IO[bytes], trusted: list[str], kept: list[str]) -> tuple[int, int, str]:
    """Goes through an export once. Returns the numbers of entries and checkpoints, and the origin."""
    lines = Lines(file)
    header, keys = read_head(lines, trusted)
    claims = []  # size, root, whose
    for text in kept:
        size, root, origin = open_checkpoint(text, keys, "the checkpoint that you kept")
        if origin != header.get("origin"):
            raise Trouble(f"the checkpoint that you kept is of another log, {origin}")
        claims.append((size, root, f"the checkpoint of {size} entries that you kept"))
    last = 0
    for count in range(1, header["checkpoints"] + 1):
        note = str(lines.next(f"checkpoint {count}").get("checkpoint"))
        told = note.partition("\n")[2].partition("\n")[0]
        what = f"line {lines.number}: checkpoint {count}, which says that it covers {told!r:.24} leaves"
        size, root, origin = open_checkpoint(note, keys, what)
        if origin != header.get("origin") or size <= last:
            raise Trouble(f"{what}: it is of another log, or not in order")
        last = size
        claims.append((size, root, f"checkpoint {count} (line {lines.number})"))
    if last != header["leaves"]:
        raise Trouble(
            f"line 1: the header tells of {header['leaves']} leaves, the newest checkpoint of {last}"
        )
    compare(lines, last, sorted(claims, key=lambda claim: claim[0]))
    lines.next("the end line")
    digest = lines.digest.hexdigest()
    if lines.raw != b'{"end":%d,"sha256":"%s"}\n' % (last, digest.encode()) or file.read(1):
        raise Trouble(
            f"line {lines.number}, after leaf {last - 1}: the end line does not fit. Every entry is right; "
            "something that is not an entry was changed, or added behind the end"
        )
    return last, header["checkpoints"], str(header["origin"])


def compare(lines: Lines, leaves: int, claims: list[tuple[int, bytes, str]]) -> None:
    """Grows the tree leaf by leaf and compares it wherever somebody signed."""
    tree = Tree()
    good = 0
    for size, root, whose in claims:
        while tree.size < min(size, leaves):
            line = lines.next(f"leaf {tree.size}")
            tree.append(leaf_hash_of(line, tree.size, f"line {lines.number}"))
        if size > leaves:
            raise Trouble(
                f"leaf {leaves}: the export ends before it, but {whose} has it: history was cut off"
            )
        if tree.root() != root:
            raise Trouble(
                f"leaves {good} to {size - 1}: they are not what {whose} signed. Each agrees with its own "
                "hash, so one was changed with its hash, put in, taken out or moved, the rest numbered anew"
            )
        good = size


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Checks an export of a Wireroom journal.")
    parser.add_argument("export")
    parser.add_argument("--key", action="append", default=[], help="the log's public key, from elsewhere")
    parser.add_argument(
        "--checkpoint", action="append", default=[], help="file with a checkpoint that you kept"
    )
    given = parser.parse_args(arguments)
    try:
        kept = []
        for path in given.checkpoint:
            with open(path, encoding="utf-8", newline="") as note:
                kept.append(note.read(LINE_MAX))
        with open(given.export, "rb") as file:
            leaves, checkpoints, origin = check(file, given.key, kept)
    except (OSError, UnicodeDecodeError) as fault:
        sys.stderr.write(f"cannot read: {fault}\n")
        return 2
    except Trouble as fault:
        sys.stdout.write(f"NOT WHOLE: {fault}\n")
        return 1
    say = sys.stdout.write
    say(f"OK: {leaves} entries, leaf 0 to {leaves - 1}, are as {checkpoints} checkpoints of {origin} say.\n")
    if not given.key:
        say("Note: the key was taken from the export itself. Give one that you got elsewhere with --key.\n")
    if not kept:
        say(
            "Note: without a checkpoint kept from elsewhere (--checkpoint) it cannot be seen whether the\n"
            "newest entries were cut off together with their checkpoints.\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
