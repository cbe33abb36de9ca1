"""The example for a vendor's socket does what its page says, against a whole switch."""

from __future__ import annotations

import pytest

from tests.examples.conftest import Place
from tests.examples.run import example

STOLEN = "EV.LIC/9ZZZ001.LIS/CA.VYR/2019.VMA/TOYT.DOT/20260101.OCA/99-000001"


async def ask(place: Place, text: str, secret: str = "") -> tuple[int, str, str]:
    secret = secret or place.interface_secret
    return await example("ask_over_tcp.py", "--port", str(place.ready.wire_port), text, SECRET=secret)


@pytest.mark.anyio
async def test_what_is_entered_is_then_a_hit(place: Place) -> None:
    code, said, _ = await ask(place, STOLEN)
    assert code == 1
    assert "STATE: ENTERED FCN/" in said
    code, said, _ = await ask(place, "QV.LIC/9ZZZ001.LIS/CA")
    assert code == 0
    assert "STATE: STOLEN VEHICLE - CONFIRM FIRST" in said


@pytest.mark.anyio
async def test_what_nobody_has_ends_with_one(place: Place) -> None:
    code, said, _ = await ask(place, "9ZZZ002")
    assert code == 1
    assert "STATE: NO RECORD" in said


@pytest.mark.anyio
async def test_a_refused_text_and_a_refused_sign_on_end_with_three_and_the_reason(place: Place) -> None:
    code, _, complained = await ask(place, "QV.LIC/9ZZZ001.PUR/I")
    assert (code, "immigration" in complained) == (3, True)
    code, _, complained = await ask(place, "9ZZZ001", secret="wrong")
    assert (code, "Sign-on refused" in complained) == (3, True)


@pytest.mark.anyio
async def test_without_a_switch_it_ends_with_four() -> None:
    code, _, complained = await example("ask_over_tcp.py", "--port", "1", "9ZZZ001")
    assert (code, complained.startswith("not sent")) == (4, True)
