"""The house rules that no linter knows, checked over every file of the repository."""

from __future__ import annotations

import ast
import csv
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "wireroom"

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 50
ROOMS = (
    "app",
    "lab",
    "web",
    "switch",
    "oversight",
    "policy",
    "journal",
    "records",
    "gateways",
    "wire",
    "message",
    "catalog",
)
NAMES_THAT_SAY_NOTHING = {"utils", "util", "common", "core", "helpers", "services", "models", "managers"}

# Functions that may be longer than a screen: "path:function", and why.
LONG_FUNCTIONS: dict[str, str] = {}
# A migration is one act, read once, from top to bottom.
LONG_FUNCTIONS_ANYWHERE_IN = ("src/wireroom/app/migrations/versions/",)
# Modules beside the command line whose business is to print, and why.
PRINTERS: dict[str, str] = {}

# Put together from pieces, so that this file does not break its own rule.
REGISTRIES = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "golang" + ".org/",
    "crates" + ".io",
    "docker" + ".io",
    "ghcr" + ".io",
)
INDEX_OPTION = re.compile(r"(?<![\w-])--(?:extra-)?index" + r"-url|--find" + r"-links|--trusted" + r"-host")
MACHINE_PATH = re.compile(r"(?<![\w.\]<>-])/(?:work|root|home)/\w")
TO_DO = re.compile(r"\bTO" + r"DO\b(?!\(#\d+\))")
SOCIAL_SECURITY = re.compile(r"(?<![\w-])(\d{3})-\d{2}-\d{4}(?![\w-])")
ORI_IN_CALIFORNIA = re.compile(r"\bCA(\d{3})\d{2}(?:00|\d[A-Z])\b")
CLAIM = re.compile(r"\b(?:certified|compl" + r"iant|in compl" + r"iance with)\b", re.IGNORECASE)
DENIAL = re.compile(r"\b(?:no|not|nor|never|nothing|neither)\b", re.IGNORECASE)


# --------------------------------------------------------------------------- what is looked at


@cache
def _ignored() -> tuple[str, ...]:
    lines = (ROOT / ".gitignore").read_text().split()
    return (".git", *(line.strip("/") for line in lines if not line.startswith("#")))


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if any(fnmatch(path.name, pattern) for pattern in _ignored()):
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository, which is every file that .gitignore does not name."""
    return tuple(_walk(ROOT))


@cache
def texts() -> dict[str, str]:
    """Every file that is text, by its path from the top, with its contents."""
    found = {}
    for path in tracked():
        raw = path.read_bytes()
        if b"\0" not in raw[:8192]:
            found[name_of(path)] = raw.decode("utf-8", errors="replace")
    return found


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def python() -> dict[str, ast.Module]:
    """Every Python file of ours, parsed."""
    return {name: ast.parse(text, name) for name, text in texts().items() if name.endswith(".py")}


def source() -> dict[str, ast.Module]:
    return {name: tree for name, tree in python().items() if name.startswith("src/")}


def _lines_with(pattern: re.Pattern[str], *, among: dict[str, str] | None = None) -> list[str]:
    """Where a pattern stands: "path:line: the line", for a message that one can act on."""
    return [
        f"{name}:{number}: {line.strip()[:160]}"
        for name, text in (texts() if among is None else among).items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def _dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute chain; an empty string for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (head := _dotted(node.value)):
        return f"{head}.{node.attr}"
    return ""


def _calls(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (called := _dotted(node.func)):
            yield called, node.lineno


# --------------------------------------------------------------------------- sizes, names, first lines


def test_no_file_is_longer_than_one_can_keep_in_mind() -> None:
    ours = (".py", ".js", ".css", ".html", ".sql")
    long = {
        name: len(text.splitlines())
        for name, text in texts().items()
        if name.endswith(ours) and len(text.splitlines()) > FILE_LINES_MAX
    }
    assert not long, f"longer than {FILE_LINES_MAX} lines: split by what the parts are for: {long}"


def _functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_every_function_fits_a_screen() -> None:
    long = {
        f"{name}:{function}": lines
        for name, tree in python().items()
        if not name.startswith(LONG_FUNCTIONS_ANYWHERE_IN)
        for function, lines in _functions(tree)
        if lines > FUNCTION_LINES_MAX
    }
    unexcused = {where: lines for where, lines in long.items() if where not in LONG_FUNCTIONS}
    assert not unexcused, f"longer than {FUNCTION_LINES_MAX} lines: {unexcused}"
    assert set(LONG_FUNCTIONS) <= set(long), "an excuse that is no longer needed"


def test_no_name_is_a_drawer_for_everything() -> None:
    named = [
        name for name in texts() if NAMES_THAT_SAY_NOTHING & {part.split(".")[0] for part in name.split("/")}
    ]
    assert not named, f"name it for what it does: {named}"


def test_every_module_opens_with_one_sentence() -> None:
    silent = []
    for name, tree in python().items():
        if name.startswith("tests/") and not tree.body:
            continue  # an empty __init__.py only makes a folder a package
        first = (ast.get_docstring(tree) or "").split("\n\n")[0].strip()
        if not first or first[-1] not in ".?!" or first[0].islower():
            silent.append(name)
    assert not silent, f"open with a sentence that says what the module is for: {silent}"


def test_every_folder_of_tests_is_a_package() -> None:
    """Otherwise two files of one name, in two rooms, are one module to the tools."""
    folders = {
        path.parent for path in tracked() if path.suffix == ".py" and path.is_relative_to(ROOT / "tests")
    }
    loose = [name_of(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()]
    assert not loose, f"give it an __init__.py: {loose}"


def test_an_unfinished_thing_names_its_issue() -> None:
    prose = {
        name: text for name, text in texts().items() if not name.endswith(".csv")
    }  # there it is a surname
    found = _lines_with(TO_DO, among=prose)
    assert not found, "write TO" + f"DO(#number) or nothing: {found}"


# --------------------------------------------------------------------------- clock, dice, printing


def test_only_the_command_line_prints() -> None:
    found = [
        f"{name}:{line}"
        for name, tree in source().items()
        if not name.startswith("src/wireroom/app/cli") and name not in PRINTERS
        for called, line in _calls(tree)
        if called == "print"
    ]
    assert not found, f"return it, or log it: {found}"


CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "date.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
}


def test_the_clock_and_the_dice_are_arguments() -> None:
    found = [
        f"{name}:{line}: {called}()"
        for name, tree in source().items()
        if not name.startswith("src/wireroom/app/")
        for called, line in _calls(tree)
        if called in CLOCKS or (called.startswith("random.") and called != "random.Random")
    ]
    assert not found, f"take a clock or a random.Random as an argument: {found}"


def _is_the_name_of_a_file(node: ast.expr) -> bool:
    if not isinstance(node, ast.Attribute) or node.attr not in {"name", "code"}:
        return False
    owner = _dotted(node.value).rsplit(".", 1)[-1]
    return owner == "file" or owner.endswith("_file")


def _is_one_in_particular(node: ast.expr) -> bool:
    """A string in quotes, a handful of them, or the code of a declaration by its name (`BOAT.code`)."""
    if isinstance(node, ast.Tuple | ast.Set | ast.List):
        return any(_is_one_in_particular(part) for part in node.elts)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.value != ""
    return _dotted(node).split(".")[0].isupper()


def test_no_code_treats_one_record_file_apart() -> None:
    found = []
    for name, tree in source().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                if any(map(_is_the_name_of_a_file, sides)) and any(map(_is_one_in_particular, sides)):
                    found.append(f"{name}:{node.lineno}")
            if isinstance(node, ast.Match) and _is_the_name_of_a_file(node.subject):
                found.append(f"{name}:{node.lineno}")
    assert not found, f"let the file declare a named rule instead: {found}"


# --------------------------------------------------------------------------- rooms


def _rooms() -> dict[str, str]:
    """The rooms as they are, each with the sentence of its __init__."""
    return {
        folder.name: ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
        for folder in sorted(SOURCE.iterdir())
        if (folder / "__init__.py").is_file()
    }


def test_there_are_twelve_rooms_and_nothing_beside_them() -> None:
    assert set(_rooms()) == set(ROOMS)
    loose = {path.name for path in SOURCE.glob("*.py")} - {"__init__.py", "__main__.py"}
    assert not loose, f"which room is it for? {loose}"


def test_the_readme_draws_the_rooms_that_exist() -> None:
    drawn = dict(re.findall(r"^\s*([a-z]+)/ {2,}(\S.*?)\s*$", (ROOT / "README.md").read_text(), re.MULTILINE))
    drawn = {room: sentence for room, sentence in drawn.items() if room in ROOMS}
    assert drawn == _rooms()


def test_the_walls_name_every_room_once() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = settings["tool"]["importlinter"]["contracts"][0]
    named = [room.strip() for layer in contract["layers"] for room in layer.split("|")]
    assert tuple(named) == ROOMS
    assert contract["exhaustive"] is True


# --------------------------------------------------------------------------- code tables


def _day(text: str) -> date | None:
    """A day as the catalogue writes it, CCYYMMDD."""
    return date.fromisoformat(text) if re.fullmatch(r"\d{8}", text) else None


CODE_TABLES = sorted((SOURCE / "catalog" / "codes").glob("*.csv"))


def test_there_are_code_tables() -> None:
    assert CODE_TABLES


@pytest.mark.parametrize("table", CODE_TABLES, ids=lambda path: path.stem)
def test_a_code_table_is_in_order(table: Path) -> None:
    raw = table.read_bytes()
    assert raw.isascii(), "a code table is ASCII"
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    header, *rows = csv.reader(raw.decode().splitlines())
    assert header == ["code", "meaning", "since", "until"]
    assert rows, "a code table has a code"
    codes = [row[0] for row in rows]
    assert codes == sorted(codes), "sorted by code"
    assert len(set(codes)) == len(codes), "each code once"
    for code, meaning, since, until in rows:
        assert code, "an empty code"
        assert code == code.strip(), f"{code!r}: spaces round it"
        assert meaning.strip(), f"{code}: no meaning"
        first, last = _day(since), _day(until)
        assert (first is not None) == bool(since), f"{code}: since is no day (CCYYMMDD): {since}"
        assert (last is not None) == bool(until), f"{code}: until is no day (CCYYMMDD): {until}"
        assert first is None or last is None or first <= last, f"{code}: ends before it begins"


# --------------------------------------------------------------------------- what must not stand in any file


def test_no_file_names_a_package_registry() -> None:
    hosts = re.compile("|".join(map(re.escape, REGISTRIES)), re.IGNORECASE)
    found = _lines_with(hosts) + _lines_with(INDEX_OPTION)
    assert not found, f"where packages come from is the machine's business: {found}"


def test_no_file_names_a_folder_of_one_machine() -> None:
    found = _lines_with(MACHINE_PATH)
    assert not found, f"write it from the top of the repository: {found}"


def test_every_pinned_package_has_its_hash() -> None:
    for name in ("run", "test", "build"):
        blocks = re.split(r"\n(?=[a-z])", texts()[f"requirements/{name}.txt"].strip())
        bare = [block.split()[0] for block in blocks if "--hash=sha256:" not in block or "==" not in block]
        assert not bare, f"requirements/{name}.txt: no hash: {bare}"


def test_SI_12_2_a_social_security_number_is_one_that_nobody_can_have() -> None:
    found = [
        where
        for where in _lines_with(SOCIAL_SECURITY)
        if any(not number.startswith("9") for number in SOCIAL_SECURITY.findall(where))
    ]
    assert not found, f"invented numbers begin with 9: {found}"


def test_an_agency_in_an_example_is_in_a_county_that_does_not_exist() -> None:
    """California's counties are 001 to 058, so an ORI with 059 to 099 is nobody's (decision 0009)."""
    shown = {name: text for name, text in texts().items() if not name.endswith(".csv")}
    found = [
        where
        for where in _lines_with(ORI_IN_CALIFORNIA, among=shown)
        if any(not 59 <= int(county) <= 99 for county in ORI_IN_CALIFORNIA.findall(where))
    ]
    assert not found, f"take a county from 059 to 099, as in CA0990100: {found}"


def test_nothing_claims_to_be_certified() -> None:
    prose = {
        name: text
        for name, text in texts().items()
        if name.endswith((".md", ".html")) and not name.startswith("LICENSE")
    }
    found = [where for where in _lines_with(CLAIM, among=prose) if not DENIAL.search(where)]
    assert not found, f"name the control and show the test instead: {found}"


# --------------------------------------------------------------------------- the papers agree with the house


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    version = re.search(r'__version__ = "([^"]+)"', (SOURCE / "__init__.py").read_text())
    newest = re.search(r"^## (\S+)", texts()["CHANGELOG.md"], re.MULTILINE)
    assert version is not None
    assert newest is not None
    assert newest[1] == version[1]


def test_every_test_that_the_threat_table_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", texts()["THREATS.md"])
    assert named
    missing = []
    for path, claim in named:
        tree = python().get(path)
        claims = {name for name, _ in _functions(tree)} if tree else set()
        if tree is None or (claim and claim not in claims):
            missing.append(f"{path}::{claim}" if claim else path)
    assert not missing, f"a promise without its proof: {sorted(missing)}"


def test_the_threat_table_says_each_thing_once_and_tells_of_those_that_were_asked_for() -> None:
    rows = re.findall(r"^\| (?!scenario|---)([^|]+?) \|", texts()["THREATS.md"], re.MULTILINE)
    twice = {row for row in rows if rows.count(row) > 1}
    assert not twice, f"merge these rows: {sorted(twice)}"
    numbered = {int(number) for row in rows for number in re.findall(r"\((\d+)[;)]", row)}
    assert {*range(1, 9), 15, 16, 19, 20, *range(23, 31)} <= numbered


def test_a_link_between_papers_leads_somewhere() -> None:
    broken = []
    for name, text in texts().items():
        if not name.endswith(".md"):
            continue
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if not re.match(r"[a-z]+:", target) and not ((ROOT / name).parent / target).exists():
                broken.append(f"{name}: {target}")
    assert not broken, f"leads nowhere: {broken}"


def test_every_verb_that_a_paper_names_is_in_the_makefile() -> None:
    verbs = set(re.findall(r"^([a-z]+):", texts()["Makefile"], re.MULTILINE))
    spoken = re.compile(r"(?:`|^)make ([a-z]+)", re.MULTILINE)
    named = {
        (name, verb)
        for name, text in texts().items()
        if name.endswith(".md")
        for verb in spoken.findall(text)
    }
    unknown = sorted(f"{name}: make {verb}" for name, verb in named if verb not in verbs)
    assert not unknown, f"no such verb: {unknown}"


def test_the_one_command_of_the_machine_can_be_run() -> None:
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111, "chmod +x .ci/run"
