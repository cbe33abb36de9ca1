"""The example for a program's HTTP request does what its page says, against a whole switch."""

from __future__ import annotations

import pytest

from tests.examples.conftest import PASSWORD, Place
from tests.examples.run import example


async def ask(place: Place, text: str, code: str = "") -> tuple[int, str, str]:
    base = f"http://127.0.0.1:{place.ready.web_port}/api/v1"
    return await example(
        "ask_over_http.py", "--base", base, "--code", code or place.code, text, PASSWORD=PASSWORD
    )


@pytest.mark.anyio
async def test_every_source_is_told_with_its_verdict(place: Place) -> None:
    code, said, _ = await ask(place, "9ZZZ001")
    assert code == 1
    assert "asking STATE" in said
    assert "STATE: NO RECORD" in said


@pytest.mark.anyio
async def test_a_text_with_faults_ends_with_three_and_every_fault(place: Place) -> None:
    code, _, complained = await ask(place, "QV.LIC/$.LIS/ZZ")
    assert code == 3
    assert "    LIC is not letters and digits" in complained
    assert "    LIS is not a code" in complained


@pytest.mark.anyio
async def test_a_wrong_code_ends_with_three(place: Place) -> None:
    code, _, complained = await ask(place, "9ZZZ001", code="abcdef")
    assert (code, "Sign-in refused" in complained) == (3, True)


@pytest.mark.anyio
async def test_without_a_switch_it_ends_with_four() -> None:
    code, _, complained = await example(
        "ask_over_http.py", "--base", "http://127.0.0.1:1", "--code", "1", "9ZZZ001"
    )
    assert (code, complained.startswith("not sent")) == (4, True)
