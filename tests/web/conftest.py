"""A site over a fake house, and two who come to it: a stranger and the dispatcher."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.web.fake_house import TOKEN, FakeHouse, stolen
from wireroom.web.site import site


@pytest.fixture
def house() -> FakeHouse:
    return FakeHouse(answers=stolen)


@pytest.fixture
def stranger(house: FakeHouse) -> Iterator[TestClient]:
    """Somebody who has not signed in."""
    with TestClient(site(house), follow_redirects=False) as client:
        yield client


@pytest.fixture
def client(stranger: TestClient) -> TestClient:
    """The dispatcher, signed in."""
    stranger.cookies.set("session", TOKEN)
    return stranger
