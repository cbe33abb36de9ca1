"""Judges signed checkpoints against the published examples of the form, and against forgery."""

from __future__ import annotations

from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wireroom.journal import BadCheckpoint
from wireroom.journal.checkpoint import (
    WITNESS_KEY,
    Checkpoint,
    Key,
    Signer,
    open_checkpoint,
    read_checkpoint,
    read_key,
    read_note,
)

NAME = "wireroom.example/journal"
SIGNER = Signer(NAME, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
CHECKPOINT = Checkpoint(NAME, 20852163, bytes(range(32)))
NOTE = SIGNER.sign(CHECKPOINT)

# The example of c2sp.org/tlog-cosignature: a log's signature and a witness's.
PUBLISHED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGz"
    "Gku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1n"
    "PZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


def cosigned(note: str, witness: Ed25519PrivateKey, name: str, seconds: int) -> tuple[str, Key]:
    """What a witness does to a note."""
    key = Key(name, WITNESS_KEY, witness.public_key().public_bytes_raw())
    text = read_note(note).text
    signature = witness.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
    line = b64encode(key.identifier + seconds.to_bytes(8) + signature).decode()
    return f"{note}\u2014 {name} {line}\n", key


def test_a_checkpoint_reads_as_it_was_signed() -> None:
    assert open_checkpoint(NOTE, [SIGNER.key]).checkpoint == CHECKPOINT


def test_the_note_has_the_published_form() -> None:
    root = b64encode(bytes(range(32))).decode()
    assert NOTE.startswith(f"{NAME}\n20852163\n{root}\n\n\u2014 {NAME} ")
    assert NOTE.count("\n") == 5
    assert len(b64decode(NOTE.split()[-1])) == 4 + 64


def test_the_published_example_reads() -> None:
    note = read_note(PUBLISHED)
    assert [line.name for line in note.signatures] == [
        "example.com/behind-the-sofa",
        "witness.example.com/w1",
    ]
    assert [len(line.signature) for line in note.signatures] == [64, 72]
    assert read_checkpoint(note.text).size == 20852163


def test_extension_lines_are_kept_and_signed() -> None:
    checkpoint = Checkpoint(NAME, 1, bytes(32), ("one more line",))
    assert open_checkpoint(SIGNER.sign(checkpoint), [SIGNER.key]).checkpoint == checkpoint


def test_a_witness_that_is_known_is_named_and_one_that_is_not_is_passed_over() -> None:
    note, known = cosigned(NOTE, Ed25519PrivateKey.generate(), "witness.example/one", 1_772_467_200)
    note, _ = cosigned(note, Ed25519PrivateKey.generate(), "witness.example/two", 1_772_467_201)
    opened = open_checkpoint(note, [SIGNER.key, known])
    assert (opened.log, opened.witnesses) == (NAME, ("witness.example/one",))


def test_a_witness_alone_does_not_make_a_checkpoint() -> None:
    note, known = cosigned(NOTE, Ed25519PrivateKey.generate(), "witness.example/one", 1)
    with pytest.raises(BadCheckpoint, match="none of the log's known keys"):
        open_checkpoint(note, [known])


def test_a_wrong_signature_of_a_known_witness_is_refused() -> None:
    other = SIGNER.sign(Checkpoint(NAME, 1, bytes(32)))
    note, known = cosigned(other, Ed25519PrivateKey.generate(), "witness.example/one", 1)
    moved = NOTE + note.splitlines(keepends=True)[-1]
    with pytest.raises(BadCheckpoint, match=r"witness\.example/one"):
        open_checkpoint(moved, [SIGNER.key, known])


def test_no_letter_of_a_checkpoint_can_be_changed() -> None:
    for at in range(len(NOTE)):
        for letter in ("A", "1", "\n", " "):
            if NOTE[at] != letter:
                with pytest.raises(BadCheckpoint):
                    open_checkpoint(NOTE[:at] + letter + NOTE[at + 1 :], [SIGNER.key])


def test_another_key_under_the_same_name_is_not_believed() -> None:
    impostor = Signer(NAME, Ed25519PrivateKey.generate())
    with pytest.raises(BadCheckpoint, match="none of the log's known keys"):
        open_checkpoint(impostor.sign(CHECKPOINT), [SIGNER.key])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        "a\nx\nAAAA\n",
        "a\n01\nAAAA\n",
        "a\n1\nAAAA\n",
        "a\n-1\nAAAA\n",
        "\n1\nAAAA\n",
        "a\n1\nAA=A\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadCheckpoint):
        read_checkpoint(text)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\nno dash\n",
        "text\n\n\u2014 name\n",
        "text\n\n\u2014 n+e AAAAAAAA\n",
        "text\n\n\u2014 name AAAA\n",
        "te\txt\n\n\u2014 name AAAAAAAA\n",
        "x" * 70_000 + "\n\n\u2014 name AAAAAAAA\n",
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(BadCheckpoint):
        read_note(note)


def test_a_public_key_comes_back_from_its_text() -> None:
    assert read_key(SIGNER.key.vkey) == SIGNER.key


def test_no_letter_of_a_public_key_can_be_changed() -> None:
    vkey = SIGNER.key.vkey
    for at in range(len(vkey)):
        with pytest.raises(BadCheckpoint):
            read_key(vkey[:at] + ("A" if vkey[at] != "A" else "B") + vkey[at + 1 :])


def test_a_key_comes_back_from_its_file_which_only_its_owner_may_read(tmp_path: Path) -> None:
    path = tmp_path / "journal.key"
    made = Signer.create(path, NAME)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Signer.load(path).key == made.key
    assert open_checkpoint(Signer.load(path).sign(CHECKPOINT), [made.key]).log == NAME


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "journal.key"
    Signer.create(path, NAME)
    with pytest.raises(FileExistsError):
        Signer.create(path, NAME)


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.key"
    Signer.create(path, NAME)
    path.chmod(0o640)
    with pytest.raises(BadCheckpoint, match="chmod 600"):
        Signer.load(path)


@pytest.mark.parametrize(
    "text", ["", "hello", "PRIVATE+KEY+name+00000000+AAAA", "PRIVATE+KEY+name+00+" + "A" * 44]
)
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "journal.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(BadCheckpoint):
        Signer.load(path)


def test_a_key_file_with_another_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.key"
    Signer.create(path, NAME)
    path.write_text(path.read_text().replace("wireroom.example", "elsewhere.example"))
    with pytest.raises(BadCheckpoint, match="damaged"):
        Signer.load(path)


def test_a_signer_prints_itself_without_its_secret(tmp_path: Path) -> None:
    path = tmp_path / "journal.key"
    signer = Signer.create(path, NAME)
    assert path.read_text().strip().split("+", 4)[4] not in repr(signer)


def test_a_name_that_would_break_the_form_is_refused() -> None:
    with pytest.raises(BadCheckpoint, match="cannot name a key"):
        Signer("two words", Ed25519PrivateKey.generate())
