"""The contrast of every pair of colours that the style sheets use, in every light (WCAG 2.2: 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from importlib import resources

import pytest

STATIC = resources.files("wireroom.web").joinpath("static")
TOKENS = STATIC.joinpath("tokens.css").read_text()
SHEETS = STATIC.joinpath("page.css").read_text() + STATIC.joinpath("desk.css").read_text()
LIGHTS = ("day", "dusk", "night", "auto")
SURFACES = ("ground", "surface", "chosen", "key")
# What is written on what: 4.5 to 1.
WRITTEN = [
    *((ink, on) for ink in ("ink", "soft") for on in SURFACES),
    *((ink, on) for ink in ("link", "alarm", "good", "doubt", "told") for on in ("ground", "surface", "chosen")),
    ("bar-ink", "bar"), ("bar-soft", "bar"), ("act-ink", "act"), ("hit-ink", "hit"), ("caution-ink", "caution"),
    ("demo-ink", "demo"),
]  # fmt: skip
# What must be seen to find and use a control: 3 to 1.
SEEN = [
    *((edge, on) for edge in ("edge", "focus", "act") for on in ("ground", "surface", "chosen")),
    *((edge, "surface") for edge in ("alarm", "doubt")),
    ("bar-ink", "bar"),
]  # fmt: skip


def colours(light: str) -> dict[str, str]:
    found = re.search(rf'\[data-light="{light}"\]\s*{{(.*?)}}', TOKENS, re.DOTALL)
    assert found, light
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", found[1]))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("light", LIGHTS)
def test_what_is_written_can_be_read(light: str) -> None:
    values = colours(light)
    weak = {
        pair: round(got, 2) for pair in WRITTEN if (got := contrast(values[pair[0]], values[pair[1]])) < 4.5
    }
    assert not weak


@pytest.mark.parametrize("light", LIGHTS)
def test_controls_and_focus_can_be_seen(light: str) -> None:
    values = colours(light)
    weak = {pair: round(got, 2) for pair in SEEN if (got := contrast(values[pair[0]], values[pair[1]])) < 3}
    assert not weak


def test_every_light_has_every_role_and_auto_is_night() -> None:
    roles = set(colours("day"))
    assert all(set(colours(light)) == roles for light in LIGHTS)
    assert colours("auto") == colours("night")


def test_style_sheets_take_every_colour_from_the_roles() -> None:
    used = set(re.findall(r"var\(--([\w-]+)\)", SHEETS)) - {"sans", "mono", "target"}
    assert used <= set(colours("day"))
    bare = set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s])", SHEETS)) - {
        "#000"
    }  # the blank screen is black in every light
    assert not bare


def test_every_pair_that_a_rule_sets_is_computed() -> None:
    known = {*WRITTEN, *SEEN}
    for rule in re.findall(r"{([^{}]*)}", SHEETS):
        ink = re.search(r"(?<![-\w])color:\s*var\(--([\w-]+)\)", rule)
        ground = re.search(r"background:\s*var\(--([\w-]+)\)", rule)
        if ink and ground:
            assert (ink[1], ground[1]) in known, rule
