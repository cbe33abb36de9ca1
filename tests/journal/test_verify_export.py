"""Judges verify.py, which a stranger runs: it passes what is whole, and names the place of every damage.

What "names the place" means: for a damage to entries, the first leaf told of is the damaged one. A line that
was put in twice is seen at the place after it, where another leaf should stand, hence one further. A changed
checkpoint is named by its line. Whoever also restates an entry's hash, or numbers leaves anew, is found
between two checkpoints, and that stretch is named.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import anyio
import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.journal.invented import Journal
from wireroom.journal.checkpoint import Checkpoint, Signer
from wireroom.oversight.exporting import export

PROGRAM = Path(__file__).resolve().parents[2] / "verify.py"
Line = dict[str, Any]


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("stand_alone_verify", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verify = _load()


class Export:
    """An export, to be damaged and judged."""

    def __init__(self, path: Path, newest: str, key: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.newest = newest
        self.key = key
        self._capsys = capsys
        self.lines = path.read_bytes().splitlines(keepends=True)
        header = json.loads(self.lines[0])
        self.first = 1 + header["checkpoints"]  # the line, from 0, of leaf 0
        self.leaves = header["leaves"]

    def judge(self, lines: list[bytes], *options: str) -> tuple[int, str]:
        """What verify.py says of these lines instead."""
        self.path.write_bytes(b"".join(lines))
        code = verify.main([str(self.path), *options])
        return code, self._capsys.readouterr().out

    def changed(self, leaf: int, change: Callable[[Line], None]) -> list[bytes]:
        return _changed(self.lines, self.first + leaf, change)


def _write(content: Line) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _changed(lines: list[bytes], at: int, change: Callable[[Line], None]) -> list[bytes]:
    content = json.loads(lines[at])
    change(content)
    return [*lines[:at], _write(content), *lines[at + 1 :]]


def _restated(lines: list[bytes]) -> list[bytes]:
    """With an end line that fits, as a careful forger would leave it."""
    end = json.loads(lines[-1])
    end["sha256"] = sha256(b"".join(lines[:-1])).hexdigest()
    return [*lines[:-1], _write(end)]


@pytest.fixture
async def whole(journal: Journal, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Export:
    """Sixty entries in four rounds: checkpoints of 12, 25, 40 and 60."""
    await journal.fill((5, 7), (13,), (1, 14), (20,))
    path = tmp_path / "export.jsonl"
    done = await export(journal.pool, path, keys=journal.keys, texts=journal.texts)
    return Export(path, done.newest, journal.keys[0], capsys)


# --------------------------------------------------------------------------- one hundred damages


def _edit_body(whole: Export, leaf: int, dice: Random) -> list[bytes]:
    def change(line: Line) -> None:
        at = dice.randrange(len(line["body"]))
        letter = dice.choice([letter for letter in "QXZ%" if letter != line["body"][at]])
        line["body"] = line["body"][:at] + letter + line["body"][at + 1 :]

    return whole.changed(leaf, change)


def _edit_salt(whole: Export, leaf: int, dice: Random) -> list[bytes]:
    def change(line: Line) -> None:
        salt = bytearray(b64decode(line["salt"]))
        salt[dice.randrange(16)] ^= 1 << dice.randrange(8)
        line["salt"] = b64encode(salt).decode()

    return whole.changed(leaf, change)


def _edit_number(whole: Export, leaf: int, dice: Random) -> list[bytes]:
    return whole.changed(leaf, lambda line: line.update(number=line["number"] + dice.choice((-1, 1, 4096))))


def _delete(whole: Export, leaf: int, _: Random) -> list[bytes]:
    at = whole.first + leaf
    return whole.lines[:at] + whole.lines[at + 1 :]


def _swap(whole: Export, leaf: int, dice: Random) -> list[bytes]:
    lines = list(whole.lines)
    one, other = whole.first + leaf, whole.first + dice.choice(range(leaf + 1, whole.leaves))
    lines[one], lines[other] = lines[other], lines[one]
    return lines


def _cut_off(whole: Export, leaf: int, dice: Random) -> list[bytes]:
    at = whole.first + leaf
    return [*whole.lines[:at], whole.lines[at][: dice.choice((0, 10))]]


def _duplicate(whole: Export, leaf: int, _: Random) -> list[bytes]:
    at = whole.first + leaf
    return [*whole.lines[: at + 1], *whole.lines[at:]]


DAMAGES = (_edit_body, _edit_salt, _edit_number, _delete, _swap, _cut_off, _duplicate)


@pytest.mark.anyio
async def test_one_hundred_of_one_hundred_damages_are_found_and_their_place_is_named(whole: Export) -> None:
    missed = []
    for seed in range(100):
        dice = Random(seed)
        leaf = dice.randrange(whole.leaves - 1)
        damage = (*DAMAGES, _edit_checkpoint)[seed % 8]
        code, said = whole.judge(damage(whole, leaf, dice))
        if damage is _edit_checkpoint:
            named = bool(re.search(r"line [2-5]: checkpoint [1-4], .* leaves", said))
        else:
            first = re.search(r"leaf (\d+)", said)
            named = first is not None and int(first[1]) - leaf in ((1,) if damage is _duplicate else (0,))
        if code != 1 or not said.startswith("NOT WHOLE: ") or not named:
            missed.append((seed, damage.__name__, leaf, code, said))
    assert not missed


def _edit_checkpoint(whole: Export, _: int, dice: Random) -> list[bytes]:
    def change(line: Line) -> None:
        note = line["checkpoint"]
        at = dice.choice([at for at, letter in enumerate(note) if letter.isalnum()])
        line["checkpoint"] = note[:at] + ("7" if note[at] != "7" else "8") + note[at + 1 :]

    return _changed(whole.lines, dice.randrange(1, whole.first), change)


@pytest.mark.anyio
async def test_AU_9_no_byte_of_an_export_can_be_changed(whole: Export) -> None:
    raw = b"".join(whole.lines)
    dice = Random(11)
    passed = []
    for at in [*dice.sample(range(len(raw)), 150), *range(len(raw) - 120, len(raw))]:
        code, said = whole.judge([raw[:at], bytes([raw[at] ^ 1 << dice.randrange(8)]), raw[at + 1 :]])
        if code != 1 or not said.startswith("NOT WHOLE: "):
            passed.append((at, code, said))
    assert not passed


# --------------------------------------------------------------------------- careful forgers


def _stretch(said: str) -> range:
    found = re.search(r"leaves (\d+) to (\d+)", said)
    assert found is not None, said
    return range(int(found[1]), int(found[2]) + 1)


@pytest.mark.anyio
async def test_an_entry_changed_together_with_its_hash_is_found_between_two_checkpoints(
    whole: Export,
) -> None:
    def change(line: Line) -> None:
        line["body"] = line["body"].replace("QV.", "QW.")
        data = sha256(b64decode(line["salt"]) + line["body"].encode()).digest()
        line["hash"] = sha256(b"\x00" + data).hexdigest()

    for leaf in (0, 11, 12, 39, 59):
        code, said = whole.judge(_restated(whole.changed(leaf, change)), "--key", whole.key)
        assert code == 1
        assert leaf in _stretch(said)
        assert len(_stretch(said)) <= 20


def _numbered_anew(whole: Export, lines: list[bytes], leaves: int) -> list[bytes]:
    body = lines[whole.first : whole.first + leaves]
    anew = [_write({**json.loads(line), "leaf": leaf}) for leaf, line in enumerate(body)]
    return [*lines[: whole.first], *anew, *lines[whole.first + leaves :]]


@pytest.mark.anyio
async def test_entries_swapped_and_numbered_anew_are_found(whole: Export) -> None:
    lines = _swap(whole, 14, Random(1))
    lines = _numbered_anew(whole, lines, whole.leaves)
    code, said = whole.judge(_restated(lines))
    assert code == 1
    assert 14 in _stretch(said)


@pytest.mark.anyio
async def test_an_entry_taken_out_and_the_rest_numbered_anew_is_found(whole: Export) -> None:
    lines = _delete(whole, 30, Random(1))
    lines = _numbered_anew(whole, lines, whole.leaves - 1)
    code, said = whole.judge(_restated(lines))
    assert code == 1
    assert 30 in _stretch(said)


def _shortened(whole: Export, checkpoints: int, leaves: int) -> list[bytes]:
    """Everything after the leaves taken away, with the checkpoints over it, and every count restated."""
    header = json.loads(whole.lines[0])
    header.update(checkpoints=checkpoints, leaves=leaves)
    kept = whole.lines[1 : 1 + checkpoints] + whole.lines[whole.first : whole.first + leaves]
    return _restated([_write(header), *kept, _write({"end": leaves, "sha256": ""})])


@pytest.mark.anyio
async def test_a_tail_cut_off_with_its_checkpoints_is_seen_by_a_checkpoint_kept_elsewhere(
    whole: Export, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.write_text(whole.newest)
    lines = _shortened(whole, 3, 40)
    code, said = whole.judge(lines)
    assert code == 0, "nothing within the export can show it"
    assert "it cannot be seen" in said
    code, said = whole.judge(lines, "--checkpoint", str(kept))
    assert code == 1
    assert "leaf 40: the export ends before it" in said


@pytest.mark.anyio
async def test_another_history_signed_by_the_same_key_is_seen_by_a_checkpoint_kept_from_before(
    whole: Export, tmp_path: Path
) -> None:
    signer = Signer("wireroom.example/journal", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    kept = tmp_path / "kept"
    kept.write_text(signer.sign(Checkpoint("wireroom.example/journal", 30, bytes(32))))
    code, said = whole.judge(whole.lines, "--checkpoint", str(kept))
    assert code == 1
    assert "leaves 25 to 29" in said


@pytest.mark.anyio
async def test_checkpoints_kept_from_any_time_agree_with_an_export_that_is_whole(
    whole: Export, tmp_path: Path
) -> None:
    options = []
    for number in range(1, whole.first):
        kept = tmp_path / f"kept{number}"
        kept.write_text(json.loads(whole.lines[number])["checkpoint"])
        options += ["--checkpoint", str(kept)]
    code, said = whole.judge(whole.lines, "--key", whole.key, *options)
    assert code == 0
    assert said == "OK: 60 entries, leaf 0 to 59, are as 4 checkpoints of wireroom.example/journal say.\n"


@pytest.mark.anyio
async def test_a_checkpoint_of_another_log_is_no_help(whole: Export, tmp_path: Path) -> None:
    signer = Signer("wireroom.example/journal", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    kept = tmp_path / "kept"
    kept.write_text(signer.sign(Checkpoint("elsewhere.example/journal", 30, bytes(32))))
    code, said = whole.judge(whole.lines, "--checkpoint", str(kept))
    assert code == 1
    assert "another log" in said


@pytest.mark.anyio
async def test_an_export_signed_by_another_key_than_the_trusted_one_is_refused(whole: Export) -> None:
    other = Signer("wireroom.example/journal", Ed25519PrivateKey.generate())
    code, said = whole.judge(whole.lines, "--key", other.key.vkey)
    assert code == 1
    assert "not signed by the log's key" in said


@pytest.mark.anyio
async def test_a_header_that_would_have_nothing_checked_is_refused(whole: Export) -> None:
    hostile: list[tuple[Line, int]] = [
        ({"leaves": 0, "checkpoints": 0}, 0),
        ({"leaves": -1, "checkpoints": 0}, -1),
        ({"leaves": True, "checkpoints": True}, 1),
        ({"keys": []}, 60),
        ({"keys": "all"}, 60),
        ({"keys": ["\ud800+00000000+AAAA"]}, 60),
        ({"format": "wireroom-journal/2"}, 60),
    ]
    for header, end in hostile:
        first = {**json.loads(whole.lines[0]), **header}
        lines = [json.dumps(first).encode() + b"\n", *whole.lines[1:-1], _write({"end": end, "sha256": ""})]
        code, said = whole.judge(_restated(lines if first["checkpoints"] else [lines[0], lines[-1]]))
        assert (code, said[:11]) == (1, "NOT WHOLE: "), header


@pytest.mark.anyio
async def test_a_line_that_cannot_be_read_is_named(whole: Export) -> None:
    deep, huge = b"[" * 100_000 + b"\n", b'{"leaf":' + b"9" * 5000 + b"}\n"
    for raw in (b"", b"\n", b"[]\n", b"{}\n", b"\xff\n", deep, huge):
        code, said = whole.judge([*whole.lines[: whole.first + 7], raw, *whole.lines[whole.first + 8 :]])
        assert code == 1
        assert "leaf 7" in said


@pytest.mark.anyio
async def test_a_leaf_of_the_wrong_shape_is_named(whole: Export) -> None:
    bodies: list[Line] = [{"body": None}, {"body": "\ud800"}, {"body": "[]"}, {"body": "7"}, {"body": "{}"}]
    others: list[Line] = [
        {"salt": 5},
        {"hash": None},
        {"leaf": "7"},
        {"number": 1.0},
        {"more": 1},
        {"body64": ""},
    ]
    at = whole.first + 7
    for change in bodies + others:
        content = {**json.loads(whole.lines[at]), **change}
        lines = [*whole.lines[:at], json.dumps(content).encode() + b"\n", *whole.lines[at + 1 :]]
        code, said = whole.judge(lines)
        assert code == 1
        assert "leaf 7" in said


# --------------------------------------------------------------------------- the program itself


@pytest.mark.anyio
async def test_it_needs_nothing_but_python(whole: Export) -> None:
    command = [sys.executable, "-I", "-S", str(PROGRAM), str(whole.path), "--key", whole.key]
    done = await anyio.run_process(command, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"OK: 60 entries")
    whole.path.write_bytes(b"".join(_delete(whole, 8, Random(1))))
    done = await anyio.run_process(command, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"leaf 8" in done.stdout


@pytest.mark.anyio
async def test_it_says_what_it_could_not_check(whole: Export) -> None:
    code, said = whole.judge(whole.lines)
    assert code == 0
    assert "the key was taken from the export itself" in said
    assert "it cannot be seen whether" in said


def test_a_file_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    assert verify.main([str(tmp_path / "nothing")]) == 2


# RFC 8032, 7.1: secret key aside, public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_its_signature_check_passes_the_published_vectors(public: str, message: str, signature: str) -> None:
    assert verify.signed(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


def test_its_signature_check_agrees_with_another_implementation_and_refuses_every_forgery() -> None:
    dice = Random(5)
    for _ in range(25):
        private = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32))
        public = private.public_key().public_bytes_raw()
        message = dice.randbytes(dice.randrange(100))
        signature = private.sign(message)
        assert verify.signed(public, message, signature)
        assert not verify.signed(public, message + b"\0", signature)
        bit = dice.randrange(512)
        forged = bytearray(signature)
        forged[bit // 8] ^= 1 << bit % 8
        assert not verify.signed(public, message, bytes(forged))
        s = int.from_bytes(signature[32:], "little") + verify.ORDER  # the same modulo the order, another text
        assert not verify.signed(public, message, signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize(
    ("public", "signature"), [(b"", bytes(64)), (bytes(32), b""), (b"\xff" * 32, bytes(64))]
)
def test_its_signature_check_refuses_what_is_no_key_or_no_signature(public: bytes, signature: bytes) -> None:
    assert not verify.signed(public, b"", signature)


@pytest.mark.anyio
async def test_checkpoints_are_thinned_and_the_newest_is_always_there(
    journal: Journal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await journal.fill(*[(1,)] * 23)
    done = await export(
        journal.pool, tmp_path / "e", keys=journal.keys, texts=journal.texts, checkpoints_max=5
    )
    assert (done.leaves, done.checkpoints) == (23, 5)
    assert verify.main([str(tmp_path / "e")]) == 0
    assert "5 checkpoints" in capsys.readouterr().out


@pytest.mark.anyio
async def test_two_exports_of_a_growing_journal_agree(
    pool: asyncpg.Pool[asyncpg.Record], clock: Callable[[], datetime], tmp_path: Path
) -> None:
    journal = Journal(pool, clock)
    await journal.fill((3, 4))
    early = await export(pool, tmp_path / "early", keys=journal.keys, texts=journal.texts)
    (tmp_path / "kept").write_text(early.newest)
    await journal.fill((5,))
    await export(pool, tmp_path / "late", keys=journal.keys, texts=journal.texts)
    assert verify.main([str(tmp_path / "late"), "--checkpoint", str(tmp_path / "kept")]) == 0
