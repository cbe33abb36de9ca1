"""Claims about the program's own files: whatever is changed, added or taken away after the installation is found."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import msgspec
import pytest

from tests.app.watching.facts import AT
from wireroom.app import AppError
from wireroom.app.watching import integrity
from wireroom.app.watching.integrity import Checked, Difference, Seal, Sealer

SEALER = Sealer(b"s" * 32)


class Site:
    """A folder of packages as an installer leaves it: ours, and one more."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ours = folder / "wireroom"
        self.packages: list[Distribution] = [
            self.install("wireroom", {"wireroom/__init__.py": "a", "wireroom/app/cli.py": "b", "wireroom/x.sql": "c"}),
            self.install("otherpack", {"otherpack/__init__.py": "d"}),
        ]  # fmt: skip

    def install(self, name: str, files: dict[str, str]) -> Distribution:
        info = self.folder / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        rows = []
        for path, text in (
            files | {f"{info.name}/METADATA": f"Metadata-Version: 2.1\nName: {name}\n"}
        ).items():
            where = self.folder / path
            where.parent.mkdir(parents=True, exist_ok=True)
            where.write_text(text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
            rows.append(f"{path},sha256={digest},{len(text)}")
        rows += [f"{info.name}/RECORD,,", f"{name}/__pycache__/x.pyc,,"]
        (info / "RECORD").write_text("\n".join(rows) + "\n")
        return PathDistribution(info)

    def check(self, seal: Seal | None = None) -> Checked:
        return integrity.check(seal, folder=self.ours, packages=self.packages)

    def seal(self) -> Seal:
        return SEALER.seal(AT, folder=self.ours, packages=self.packages)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def flip(path: Path) -> None:
    """Changes one bit."""
    raw = path.read_bytes()
    path.write_bytes(bytes((raw[0] ^ 1,)) + raw[1:])


Harm = Callable[[Site], object]
HARMS: dict[str, tuple[Harm, Difference]] = {
    "one byte of ours": (lambda s: flip(s.ours / "app/cli.py"), Difference("wireroom/app/cli.py", "changed")),
    "one byte that is no code": (lambda s: flip(s.ours / "x.sql"), Difference("wireroom/x.sql", "changed")),
    "one of ours gone": (lambda s: (s.ours / "app/cli.py").unlink(), Difference("wireroom/app/cli.py", "missing")),
    "one put among ours": (
        lambda s: (s.ours / "app/evil.py").write_text("x"), Difference("wireroom/app/evil.py", "added")
    ),
    "one byte of another": (
        lambda s: flip(s.folder / "otherpack/__init__.py"), Difference("otherpack: otherpack/__init__.py", "changed")
    ),
}  # fmt: skip


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("harm", HARMS)
def test_SI_7_1_whatever_is_done_to_a_file_after_the_installation_is_found_and_named(
    site: Site, harm: str, sealed: bool
) -> None:
    seal = site.seal() if sealed else None
    whole = site.check(seal)
    assert whole.wrong == ()
    assert whole.files >= 4
    assert whole.packages == 2
    act, found = HARMS[harm]
    act(site)
    assert site.check(seal).wrong == (found,)


def test_SI_7_1_who_changes_a_file_and_its_record_is_found_by_the_seal(site: Site) -> None:
    seal = site.seal()
    (site.folder / "otherpack/__init__.py").write_text("evil")
    (site.folder / "otherpack-1.0.dist-info/RECORD").write_text("otherpack-1.0.dist-info/RECORD,,\n")
    assert site.check().wrong == ()  # nobody else says how it was
    assert site.check(seal).wrong == (Difference("otherpack: RECORD", "changed"),)
    site.packages.append(site.install("morepack", {"morepack.py": "x"}))
    assert Difference("morepack: RECORD", "added") in site.check(seal).wrong


def test_SI_7_1_a_seal_that_was_changed_is_not_believed(site: Site, tmp_path: Path) -> None:
    path = tmp_path / integrity.SEAL_NAME
    assert integrity.read_seal(path, SEALER) is None
    seal = site.seal()
    integrity.write_seal(path, seal)
    assert integrity.read_seal(path, SEALER) == seal
    forged = msgspec.structs.replace(seal, files=seal.files | {"wireroom/x.sql": "0" * 64})
    integrity.write_seal(path, forged)
    with pytest.raises(AppError, match="is not as it was sealed"):
        integrity.read_seal(path, SEALER)
    integrity.write_seal(path, seal)
    with pytest.raises(AppError, match="is not as it was sealed"):
        integrity.read_seal(path, Sealer(b"t" * 32))
    path.write_text("no seal")
    with pytest.raises(AppError, match="cannot be read"):
        integrity.read_seal(path, SEALER)


def test_SI_7_1_a_folder_of_sources_that_nobody_sealed_is_not_called_whole(site: Site) -> None:
    (site.folder / "wireroom-1.0.dist-info/RECORD").write_text("wireroom.pth,,\n")
    with pytest.raises(AppError, match=r"runs from a folder of sources.*wireroom integrity seal"):
        site.check()
    assert site.check(site.seal()).wrong == ()
