"""Compares the program's own files with those that were installed, and says which are not as they were.

What was installed says the RECORD of each package, which its installer wrote; over that, and over our own files, a seal
may be made, signed with a key of this installation. A program that runs from a folder of sources has a seal or nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wireroom.app import AppError

PACKAGE = "wireroom"
SEAL_NAME = "integrity.json"
SEAL_BYTES_MAX = 16 << 20
PIECE_BYTES = 1 << 20
OURS = Path(__file__).resolve().parents[2]  # the folder of the package
IGNORED = ("__pycache__",)  # Python makes these again; start it with -B on a system that nobody may change


class Difference(msgspec.Struct, frozen=True):
    """One file that is not as it was installed."""

    file: str
    what: str  # changed, missing, added

    def __str__(self) -> str:
        return f"{self.file} ({self.what})"


class Expected(msgspec.Struct, frozen=True):
    """A file as it was installed."""

    name: str  # as it is told
    path: Path
    sha256: str  # hex


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken for right, and when."""

    made_at: str
    files: dict[str, str]  # sha256 by the path from our package's folder
    records: dict[str, str]  # sha256 of the RECORD of each installed package
    signature: str = ""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    files: int
    packages: int
    sealed_at: str  # empty: nobody sealed them, so that who changes a file may change its RECORD too
    wrong: tuple[Difference, ...]


# --------------------------------------------------------------------------- hashes


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def compare(expected: Iterable[Expected]) -> Iterator[Difference]:
    """Those files that are not as they were."""
    for one in expected:
        try:
            found = sha256_of(one.path)
        except OSError:
            yield Difference(one.name, "missing")
        else:
            if found != one.sha256:
                yield Difference(one.name, "changed")


def added(folder: Path, known: Iterable[Path]) -> Iterator[Difference]:
    """Files in a package's folder that were not installed with it."""
    there = {path.resolve() for path in known}
    for path in walk(folder):
        if path.resolve() not in there:
            yield Difference(path.relative_to(folder.parent).as_posix(), "added")


def walk(folder: Path) -> Iterator[Path]:
    """Every file of a package's folder that is not made by Python itself."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part in IGNORED for part in path.parts):
            yield path


# --------------------------------------------------------------------------- what was installed


def record_of(package: Distribution) -> tuple[Expected, ...]:
    """The files of a package with a hash in its RECORD. Files that an installer made afterwards have none."""
    found = []
    for file in package.files or ():
        if file.hash is None or file.hash.mode != "sha256":
            continue
        raw = base64.urlsafe_b64decode(file.hash.value + "=" * (-len(file.hash.value) % 4))
        found.append(Expected(file.as_posix(), Path(str(package.locate_file(file))), raw.hex()))
    return tuple(found)


def record_file(package: Distribution) -> Path | None:
    """Where a package's RECORD is."""
    found = next((one for one in package.files or () if one.name == "RECORD"), None)
    return None if found is None else Path(str(package.locate_file(found)))


def records_of(packages: Iterable[Distribution]) -> dict[str, str]:
    """The hash of each package's RECORD, by its name."""
    return {
        one.metadata["Name"]: sha256_of(path)
        for one in packages
        if (path := record_file(one)) is not None and path.is_file()
    }


# --------------------------------------------------------------------------- the seal


class Sealer:
    """Signs seals of one installation, and knows its own."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)

    def seal(
        self, at: datetime, *, folder: Path | None = None, packages: Iterable[Distribution] | None = None
    ) -> Seal:
        """What is there now, taken for right."""
        folder, packages = folder or OURS, distributions() if packages is None else packages
        files = {path.relative_to(folder.parent).as_posix(): sha256_of(path) for path in walk(folder)}
        made = Seal(made_at=at.isoformat(timespec="seconds"), files=files, records=records_of(packages))
        signature = base64.b64encode(self._private.sign(_signed(made))).decode()
        return msgspec.structs.replace(made, signature=signature)

    def believed(self, seal: Seal) -> bool:
        """Whether nothing of a seal was changed since it was made."""
        try:
            signature = base64.b64decode(seal.signature, validate=True)
            self._private.public_key().verify(signature, _signed(seal))
        except (InvalidSignature, ValueError):
            return False
        return True


def _signed(seal: Seal) -> bytes:
    plain = [seal.made_at, sorted(seal.files.items()), sorted(seal.records.items())]
    return b"wireroom integrity 1\n" + msgspec.json.encode(plain)


def digest_of(seal: Seal) -> str:
    """What stands for a seal in the journal."""
    return hashlib.sha256(_signed(seal)).hexdigest()


def write_seal(path: Path, seal: Seal) -> None:
    """Puts a seal in place of the one before, whole or not at all. Raises AppError."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(msgspec.json.format(msgspec.json.encode(seal), indent=1))
        part.replace(path)
    except OSError as error:
        raise AppError(f"{path} cannot be written: {error.strerror or error}") from error


def read_seal(path: Path, sealer: Sealer) -> Seal | None:
    """The seal in a file, if there is one. Raises AppError where it is not as it was made."""
    try:
        if path.stat().st_size > SEAL_BYTES_MAX:
            raise AppError(f"{path} is larger than any seal: find out who wrote it, then seal anew")
        seal = msgspec.json.decode(path.read_bytes(), type=Seal)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise AppError(
            f"{path} cannot be read: {error}: find out why, then run `wireroom integrity seal`"
        ) from error
    if not sealer.believed(seal):
        raise AppError(
            f"{path} is not as it was sealed: find out who changed it, then run `wireroom integrity seal`"
        )
    return seal


# --------------------------------------------------------------------------- checking


def check(
    seal: Seal | None, *, folder: Path | None = None, packages: Iterable[Distribution] | None = None
) -> Checked:
    """Compares our own files and those of every package. Raises AppError where nothing says how ours were."""
    folder, installed = folder or OURS, tuple(distributions() if packages is None else packages)
    records: Mapping[str, tuple[Expected, ...]] = {one.metadata["Name"]: record_of(one) for one in installed}
    ours = _ours(seal, folder, records.get(PACKAGE, ()))
    wrong = [*compare(ours), *added(folder, (one.path for one in ours))]
    files = len(ours)
    for name, expected in records.items():
        others = tuple(one for one in expected if name != PACKAGE or folder not in one.path.resolve().parents)
        wrong += [msgspec.structs.replace(one, file=f"{name}: {one.file}") for one in compare(others)]
        files += len(others)
    if seal is not None:
        now = records_of(installed)
        names = sorted({*now, *seal.records})
        told = {(True, False): "missing", (False, True): "added"}
        wrong += [
            Difference(f"{name}: RECORD", told.get((name in seal.records, name in now), "changed"))
            for name in names
            if now.get(name) != seal.records.get(name)
        ]
    sealed_at = seal.made_at if seal else ""
    return Checked(files=files, packages=len(records), sealed_at=sealed_at, wrong=tuple(wrong))


def _ours(seal: Seal | None, folder: Path, recorded: tuple[Expected, ...]) -> tuple[Expected, ...]:
    """Our own files as they were: by the seal, else by the RECORD."""
    if seal is not None:
        return tuple(Expected(name, folder.parent / name, sha) for name, sha in sorted(seal.files.items()))
    inside = tuple(one for one in recorded if folder in one.path.resolve().parents)
    if not inside:
        raise AppError(
            f"the program runs from a folder of sources, {folder}, and nothing says how its files were: look at them, "
            "then run `wireroom integrity seal`"
        )
    return inside
