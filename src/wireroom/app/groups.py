"""The broadcast groups: a file that people read, one table for each group, taken into force while everything runs."""

from __future__ import annotations

import json
import logging
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from wireroom.app import AppError
from wireroom.catalog.reach import GROUP_NAME, Reach, canonical, reach_of
from wireroom.policy.directory import Group, Groups

log = logging.getLogger(__name__)

GROUPS_MAX, MEMBERS_MAX, TITLE_MAX = 500, 500, 80
FILE_BYTES_MAX = 4 << 20
_NAME = re.compile(GROUP_NAME, re.ASCII)
HEAD = """# Broadcast groups: whom a message TO/GRP-NAME reaches, agencies by their ORI and terminals by their mnemonic.
# Written by `wireroom group`; it may be edited. A switch that runs takes it into force within five seconds.
"""


def read_groups(path: Path) -> dict[str, Group]:
    """The groups of a file; none where there is no file. Raises AppError with what is wrong and where."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise AppError(f"the groups in {path} cannot be read: {error.strerror}") from None
    if len(data) > FILE_BYTES_MAX:
        raise AppError(f"{path} is longer than {FILE_BYTES_MAX:,} bytes")
    try:
        groups = msgspec.toml.decode(data, type=dict[str, Group])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AppError(f"{path} holds no groups: {error}") from None
    if wrong := faults(groups):
        raise AppError(f"{path}: {'; '.join(wrong)}")
    return groups


def faults(groups: Groups) -> list[str]:
    """Everything wrong with groups, each in words; whether there are such members only the directory knows."""
    wrong = [f"{len(groups)} groups are more than {GROUPS_MAX}"] if len(groups) > GROUPS_MAX else []
    for name, group in groups.items():
        if not _NAME.fullmatch(name):
            wrong.append(f"{name!r} is not a name of 2 to 12 capital letters and digits, a letter first")
        if not 0 < len(group.title) <= TITLE_MAX or not group.title.isprintable():
            wrong.append(f"group {name}: give a title of at most {TITLE_MAX} characters, in one line")
        if not 0 < len(group.members) <= MEMBERS_MAX:
            wrong.append(f"group {name}: give from 1 to {MEMBERS_MAX} members")
        strange = [one for one in group.members if not _is_member(one)]
        if strange:
            wrong.append(f"group {name}: neither an ORI nor a mnemonic: {', '.join(strange[:5])}")
    return wrong


def _is_member(text: str) -> bool:
    """Whether a text is an agency or a terminal as the directory writes it: a group holds no groups."""
    return canonical(text, wide=False) == text and reach_of(text) <= Reach.AGENCY


def write_groups(path: Path, groups: Groups) -> None:
    """Puts the groups into their file, all of them or none. Raises AppError."""
    text = HEAD + "".join(_table(name, groups[name]) for name in sorted(groups))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as half:
            half.write(text)
            half.flush()
            os.fsync(half.fileno())
        Path(half.name).replace(path)
    except OSError as error:
        raise AppError(f"the groups cannot be written into {path}: {error.strerror}") from None


def _table(name: str, group: Group) -> str:
    """One group in TOML, whose strings are those of JSON but for pairs of escapes."""
    members = ", ".join(json.dumps(one) for one in group.members)
    return f"\n[{name}]\ntitle = {json.dumps(group.title, ensure_ascii=False)}\nmembers = [{members}]\n"


class LivingGroups:
    """The groups in force, and a look at whether their file says something else by now."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._bad = ""
        self.groups: Mapping[str, Group] = read_groups(path)

    def newer(self) -> dict[str, Group] | None:
        """What the file says, where that is not in force; None else. A file that cannot be used is told once."""
        try:
            found = read_groups(self._path)
        except AppError as error:
            if str(error) != self._bad:
                log.error("the broadcast groups stay as they were: %s", error)
            self._bad = str(error)
            return None
        self._bad = ""
        return found if found != self.groups else None

    def adopt(self, groups: Groups) -> None:
        """Other groups are in force from now on."""
        self.groups = groups
