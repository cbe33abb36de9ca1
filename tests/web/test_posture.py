"""Claims about measured devices over HTTP: by the secret of an interface, each fault by field, and within limits."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.web.test_whys import BEARER, basic

CLAIM = {"device": "ab12", "at": "2026-11-22T11:00:00Z", "encrypted": True, "managed": True, "located": True,
         "rooted": False, "patched": "2026-11-01"}  # fmt: skip


def test_Policy_5_13_a_device_management_says_what_it_measured(client: TestClient) -> None:
    given = {"devices": [CLAIM, CLAIM | {"rooted": True}]}
    said = client.post("/api/v1/posture", json=given, headers=basic())
    assert (said.status_code, said.json()) == (200, {"taken": 2, "overtaken": 0, "bad": ["ab12"]})


@pytest.mark.parametrize("headers", [{}, BEARER, basic(secret="wrong"), {"Authorization": "Basic !"}])
def test_Policy_5_13_nobody_else_measures(client: TestClient, headers: dict[str, str]) -> None:
    said = client.post("/api/v1/posture", json={"devices": [CLAIM]}, headers=headers)
    assert (said.status_code, said.json()["error"]["code"]) == (401, "interface")


def test_what_is_said_wrong_is_told_by_field(client: TestClient) -> None:
    wrong = CLAIM | {"device": "cd34", "at": "2027-01-01T00:00:00Z", "patched": "2027-01-01"}
    said = client.post("/api/v1/posture", json={"devices": [CLAIM, wrong]}, headers=basic())
    assert said.status_code == 422
    assert [one["field"] for one in said.json()["error"]["fields"]] == [
        "devices[1].device", "devices[1].at", "devices[1].patched",
    ]  # fmt: skip
    shapeless: object
    for shapeless in ({"devices": []}, {"devices": [CLAIM] * 501}, {"devices": [{"device": "ab12"}]},
                      {"devices": [CLAIM | {"device": "x" * 65}]}, {"devices": [CLAIM | {"more": 1}]}):  # fmt: skip
        assert client.post("/api/v1/posture", json=shapeless, headers=basic()).status_code in (400, 413)
