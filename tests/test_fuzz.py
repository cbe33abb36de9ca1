"""The fuzzer itself finds what it looks for, and a short run of it finds nothing."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable

import pytest

from tests import fuzz
from wireroom.message.envelope import Fault, Message, Reading

SEED = 20261123


def test_five_thousand_bad_texts_neither_break_nor_slow_nor_fool_the_readers() -> None:
    result = fuzz.run(5_000, SEED)
    assert result.failures == []
    assert result.texts == result.accepted + result.refused == 5_000
    assert result.frames > 500
    assert result.accepted > 100, "most mutations are refused, but not all: else nothing is tried"


def test_the_same_seed_tries_the_same() -> None:
    first, second = fuzz.Inputs(7), fuzz.Inputs(7)
    assert [first.text() for _ in range(200)] == [second.text() for _ in range(200)]


def _raises(text: str, *_: object, **__: object) -> Reading:
    raise KeyError(text)


def _accepts_all(text: str, *_: object, **__: object) -> Reading:
    return Reading(text, Message("QV", (("LIC", "A.B"),)))


def _says_nothing(text: str, *_: object, **__: object) -> Reading:
    return Reading(text, None)


def _of_another(text: str, *_: object, **__: object) -> Reading:
    return Reading("", None, (Fault("TEXT", "is bad"),))


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        (_raises, "raised KeyError"),
        (_accepts_all, "not canonical"),
        (_says_nothing, "refused without a fault"),
        (_of_another, "the reading is of another text"),
    ],
)
def test_a_reader_that_breaks_its_promise_is_found(
    reader: Callable[..., Reading], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz, "command", reader)
    result = fuzz.run(50, SEED)
    assert any(words in failure.what for failure in result.failures)
    assert words in fuzz.summary(result, SEED, 1.0)


def test_a_slow_reader_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(10**6))
    monkeypatch.setattr(time, "perf_counter", lambda: float(next(ticks)))
    assert "took 1000 ms" in fuzz.run(1, SEED).failures[0].what


def test_the_command_prints_its_seed_its_progress_and_what_was_slowest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert fuzz.main(["--texts", "5000", "--seed", "3"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("fuzz: seed 3\n")
    assert "5,000 of 5,000 texts" in said
    assert re.search(r"slowest \d+\.\d ms", said)


def test_the_command_fails_where_something_was_found(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz, "command", _raises)
    assert fuzz.main(["--texts", "20"]) == 1
    assert "raised KeyError" in capsys.readouterr().out


def test_on_a_screen_the_bar_is_drawn_over_itself() -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    fuzz.bar(5, 10, 0.0, screen)
    fuzz.bar(10, 10, 0.0, screen)
    assert screen.getvalue().count("\r") == 2
    assert screen.getvalue().endswith("\n")
