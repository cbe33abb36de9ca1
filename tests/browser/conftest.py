"""One browser for each file of tests: Playwright's own loop must not be there when other files run theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.stage import Stage, browsing, staged
from tests.web.fake_house import FakeHouse, stolen
from tests.web.test_deadlines import BOARD
from tests.web.test_whys import KEPT


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A stage where every question about a vehicle is answered by a hit, and something is overdue."""
    house = FakeHouse(answers=stolen)
    house.board = BOARD
    house.explaining.kept = (KEPT,)
    with staged(house) as stage:
        yield stage
