"""Journeys of a reason over real sockets: given, not known yet and confirmed by the CAD later, and none at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from tests.conversations.stage import CITY, PATIENCE_S, Stage, staged
from wireroom.app import AppError, assemble
from wireroom.app import database as db
from wireroom.app.engine import Embedded
from wireroom.app.pretended_cad import tell
from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Receipt
from wireroom.policy.cad import Unit, Word
from wireroom.web.explaining import CadTaken

pytestmark = pytest.mark.anyio
PLATE = "QV.LIC/7ABQ909.LIS/CA"


@pytest.fixture(scope="module")
async def stage(
    server: Embedded, template: str, tmp_path_factory: pytest.TempPathFactory, anyio_backend: object
) -> AsyncIterator[Stage]:
    async with staged(server, template, tmp_path_factory.mktemp("stage"), Catalogue()) as opened:
        yield opened


async def cad_says(stage: Stage, reference: str, person: str = "ada.dispatch") -> CadTaken:
    """The pretended CAD tells over HTTP that a person is on an incident that opened a moment ago."""
    now = assemble.now()
    word = Word(key=f"{reference}/{now}", reference=reference, at=now, opened=now - timedelta(minutes=1), by="cad.user",
                units=(Unit(unit="12A", people=(person,)),))  # fmt: skip
    secret = stage.running.keys.interface_secret("Z901")
    address = f"http://127.0.0.1:{stage.running.web_port}"
    return await asyncio.to_thread(tell, address, "Z901", secret, [word])


async def kept(stage: Stage, receipt: Receipt) -> dict[str, Any]:
    """A reason as it stands."""
    async with db.connect(stage.running.dsn) as connection:
        row = await connection.fetchrow("select * from reason where transaction = $1", receipt.number)
    assert row is not None
    return dict(row)


async def test_a_reference_that_the_cad_told_of_is_confirmed_as_it_is_given(stage: Stage) -> None:
    assert (await cad_says(stage, "26-000901")).taken == 1
    receipt, answers = await (await stage.station("Z901")).ask(f"{PLATE}.CAS/26-000901")
    assert len(answers) == 3
    found = await kept(stage, receipt)
    assert (found["verdict"], found["incident"], found["person"]) == (
        "confirmed",
        "26-000901",
        "ada.dispatch",
    )


async def test_a_reference_of_which_the_cad_tells_late_is_answered_at_once_and_confirmed_later(
    stage: Stage,
) -> None:
    receipt, answers = await (await stage.station("Z902")).ask(f"{PLATE}.CAS/26-000902")
    assert len(answers) == 3
    assert (await kept(stage, receipt))["verdict"] == "unknown"
    await cad_says(stage, "26-000902", "cleo.clerk")
    stage.clock.ahead += timedelta(minutes=16)
    async with asyncio.timeout(PATIENCE_S):
        while (await kept(stage, receipt))["verdict"] == "unknown":  # noqa: ASYNC110 - it only lets the switch go on
            await asyncio.sleep(0)
    assert (await kept(stage, receipt))["verdict"] == "confirmed"
    entries = await journal(stage, receipt)
    assert [tag for tag in entries if tag.startswith("reason")] == ["reason:checked"]


async def test_an_inquiry_without_a_reason_is_answered_and_its_person_asked(stage: Stage) -> None:
    receipt, answers = await (await stage.station("Z951")).ask(PLATE)
    assert (len(answers), receipt.unexplained) == (3, True)
    assert (await kept(stage, receipt))["verdict"] == "none"


async def test_a_cad_with_a_wrong_secret_tells_of_nothing(stage: Stage) -> None:
    address = f"http://127.0.0.1:{stage.running.web_port}"
    with pytest.raises(AppError, match="with status 401"):
        await asyncio.to_thread(tell, address, "Z901", "0" * 64, [Word(
            key="x", reference="26-000903", at=assemble.now(), opened=assemble.now())])  # fmt: skip
    async with db.connect(stage.running.dsn) as connection:
        assert (
            await connection.fetchval("select count(*) from cad_incident where reference = '26-000903'") == 0
        )


async def journal(stage: Stage, receipt: Receipt) -> list[str]:
    """The tags of all that is written down of an inquiry."""
    async with db.connect(stage.running.dsn) as connection:
        rows = await connection.fetch(
            "select tag from journal where transaction = $1 and ori = $2 order by number",
            receipt.number,
            CITY,
        )
    return [row["tag"] for row in rows]
