"""Every file of the catalogue is told of: its keys are sent in a story; its rules are broken in those of its folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

import pytest

from tests.conversations import story
from tests.conversations.test_conversations import STORIES
from wireroom.catalog.file import File, Verb
from wireroom.catalog.index import FILES, Catalogue
from wireroom.catalog.rules import Excludes, Needs, NotBefore, OnlyWith, Rule, Together
from wireroom.message.command import command
from wireroom.message.read import form_of

CATALOGUE = Catalogue()
STORIES_MIN = 5
STAND_IN_ORI, STAND_IN_DAY = "CA0990100", date(2026, 11, 23)
_PAIR = re.compile(r"\b([A-Z]{3})/(.*?)(?= [A-Z]{3}/|$)")
_DAY = re.compile(r"\{today([+-][0-9]+)?\}")
# The work of any record, and not of a file's own.
SHARED = frozenset({Verb.VERIFY, Verb.VALIDATE, Verb.RESTRAIN, Verb.LIST})


def stories_of(file: File) -> list[list[story.Step]]:
    """The steps of every story in a file's folder."""
    return [story.parsed(text)[1] for name, text in STORIES.items() if name.startswith(f"{file.code}/")]


def sent(file: File) -> Iterator[story.Step]:
    """What terminals sent in a file's stories."""
    return (step for steps in stories_of(file) for step in steps if step.act == ">")


@cache
def key_of(text: str) -> str:
    """The key of a text, or what the one box makes of it; empty where it is no message at all."""
    form = form_of(text.replace(".", " ").split()[0], CATALOGUE)
    if form is not None:
        return form.key
    reading = command(text, CATALOGUE, ori=STAND_IN_ORI, today=STAND_IN_DAY)
    return reading.message.key if reading.message else ""


def keys_of(file: File) -> set[str]:
    """Every key of a file that a terminal has: stops, for instance, are placed by the state alone."""
    own = {form.key for form in CATALOGUE.forms.values() if form.verb not in SHARED and form.files == (file,)}
    return own | set(file.inquiries)


@cache
def taken() -> frozenset[str]:
    """Every key that a story sends and the switch takes."""
    steps = (step for text in STORIES.values() for step in story.parsed(text)[1] if step.act == ">")
    return frozenset(
        key_of(step.words) for step in steps if step.told and step.told[0].startswith("< accepted")
    )


def values_of(text: str) -> dict[str, tuple[str, ...]]:
    """What a text of a story says, field by field, were it sent on a day like any other."""
    text = _DAY.sub(lambda found: f"{STAND_IN_DAY + timedelta(days=int(found[1] or 0)):%Y%m%d}", text)
    values: dict[str, tuple[str, ...]] = {}
    for code, value in _PAIR.findall(text):
        values[code] = (*values.get(code, ()), value)
    return values


def broken(rule: Rule, file: File) -> set[tuple[str, str]]:
    """Every fault that a rule can give, by field and words; of one that weighs values, those of the file's stories."""
    values: list[dict[str, tuple[str, ...]]]
    if isinstance(rule, Together):
        values = [{code: ("",)} for code in rule.fields]
    elif isinstance(rule, Needs):
        values = [{rule.field: (value,)} for value in rule.values]
    elif isinstance(rule, OnlyWith):
        values = [{rule.field: ("",)}]
    elif isinstance(rule, Excludes):
        values = [{rule.field: (a,), rule.other: (b,)} for a in rule.values for b in rule.those]
    elif isinstance(rule, NotBefore):
        values = [{rule.field: ("1",), rule.first: ("2",)}]
    else:
        values = [{}, *(values_of(step.words) for step in sent(file))]
    return {fault for one in values for fault in rule.check(one)}


def refusals(file: File) -> set[str]:
    """Every refusal in a file's stories, as capitals: the field and why."""
    lines = [line for step in sent(file) for line in step.told]
    heads = ("< REJECT - ", "< TXT/")
    said = [line.removeprefix(head).upper() for line in lines for head in heads if line.startswith(head)]
    return {one.strip() for line in said for one in line.split(";")}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.code)
def test_a_file_has_five_stories(file: File) -> None:
    assert len(stories_of(file)) >= STORIES_MIN


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.code)
def test_every_key_of_a_file_is_taken_in_a_story(file: File) -> None:
    missing = keys_of(file) - taken()
    assert not missing, f"no story sends the keys {sorted(missing)} of {file.code}"


@pytest.mark.parametrize("file", [file for file in FILES if file.enters and keys_of(file) - set(file.inquiries)],
                         ids=lambda file: file.code)  # fmt: skip
def test_every_rule_of_a_file_is_broken_in_a_story(file: File) -> None:
    said = refusals(file)
    whole = [
        rule
        for rule in file.rules
        if not any(f"{code} {why}".upper() in said for code, why in broken(rule, file))
    ]
    assert not whole, f"no story of {file.code} breaks: {' '.join(rule.words for rule in whole)}"
