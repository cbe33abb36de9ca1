"""Administration over HTTP: which door each way is at, what it takes, and how lists are shown in parts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.web.fakes import BEARER, SIGN_IN, ProgramsHouse, client_of
from wireroom.web.house import UNFIT, Refusal
from wireroom.web.office_api import office_site
from wireroom.web.site import site
from wireroom.web.way import At, Way
from wireroom.web.ways import METHODS, WAYS

TIME = {"since": "2026-11-01T00:00:00Z", "until": "2026-11-08T00:00:00Z"}
BODIES = {
    "fact": {"person": "p.vale", "kind": "review"}, "review": {"person": "p.vale"},
    "change_account": {"person": "p.vale", "act": "stop"}, "change_role": {"person": "p.vale", "role": "clerk"},
    "request": {"person": "j.doe", "name": "Jo Doe", "role": "operator", "words": "a new dispatcher"},
    "decide": {"request": "r1", "approve": True}, "first_password": {"request": "r1"},
    "posture": {"serial": "0aF", "encrypted": True, "managed": True, "located": True},
    "revoke": {"name": "ZD01", "why": "retired"}, "lost": {"name": "ZD01", "words": "in a taxi"},
    "change_terminal": {"terminal": "ZD01", "enabled": False},
    "agree": {"ori": "CA0990100", "files": ["vehicle"], "until": "2027-12-31T00:00:00Z"},
}  # fmt: skip
OFFICE = [way for way in WAYS if way.at is At.ADMINISTRATION]
MESSAGES = [way for way in WAYS if way.at is At.MESSAGES]


@pytest.fixture(scope="module")
def house() -> ProgramsHouse:
    return ProgramsHouse()


@pytest.fixture(scope="module")
def apart(house: ProgramsHouse) -> Iterator[TestClient]:
    """Administration's own door."""
    with TestClient(office_site(house), headers=BEARER | {"Need": "the yearly review"}) as client:  # type: ignore[arg-type]
        yield client


def routes(app: Starlette) -> set[tuple[str, str]]:
    found = set()
    for route in app.routes:
        assert isinstance(route, Route), "a mount or a socket would need a rule of its own here"
        found |= {(method, route.path) for method in (route.methods or set()) - {"HEAD"}}
    return found


def of(*doors: At) -> set[tuple[str, str]]:
    return {(way.method, way.path) for way in WAYS if way.at in doors}


def ask(client: TestClient, way: Way, **more: object) -> int:
    body = BODIES.get(way.does, {}) if way.method == "POST" else None
    params = TIME | {"person": "p.vale"} if way.method == "GET" else None
    status: int = client.request(way.method, way.path, json=body, params=params, **more).status_code  # type: ignore[arg-type]
    return status


def test_SC_2_every_route_of_both_doors_says_at_which_door_it_is_and_stands_there_alone(
    house: ProgramsHouse,
) -> None:
    """A walk of all routes: no page and no way of messages is at administration's door, and the other way round."""
    rest = {(method, "/api/{rest:path}") for method in METHODS}
    own = routes(office_site(house))  # type: ignore[arg-type]
    assert own - rest == of(At.ADMINISTRATION, At.BOTH) | {("GET", "/{rest:path}")}
    without = ProgramsHouse()
    without.administers = False
    ordinary = routes(site(without))
    assert {one for one in ordinary - rest if one[1].startswith("/api/")} | {("GET", "/health")} == of(
        At.MESSAGES, At.BOTH
    )
    pages = {one for one in ordinary if not one[1].startswith("/api/") and one[1] != "/health"}
    assert len(pages) > 20
    assert not pages & own
    assert routes(site(house)) == ordinary | of(At.ADMINISTRATION), "beside, where administration has no door"
    assert len(OFFICE) > 20


def test_SC_2_a_way_that_does_not_say_its_door_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="at"):
        Way(method="GET", path="/api/v1/new", does="new", title="New", gives=((200, None),))  # type: ignore[call-arg]


def test_SC_2_with_a_door_of_its_own_the_ordinary_one_knows_no_administration(house: ProgramsHouse) -> None:
    without = ProgramsHouse()
    without.administers = False
    client = client_of(without)
    assert {ask(client, way) for way in OFFICE} == {404}
    assert {
        method for way in OFFICE for method in METHODS if client.request(method, way.path).status_code != 404
    } == set()
    assert without.calls == []


def test_SC_2_the_door_of_administration_answers_nothing_of_inquiries(
    house: ProgramsHouse, apart: TestClient
) -> None:
    for way in MESSAGES:
        assert (
            apart.request(way.method, way.path, json={"text": "QV.LIC/9ZZZ001.LIS/CA"}).status_code == 404
        ), way.path
    for page in ("/", "/sign-in", "/desk", "/car", "/static/site.css"):
        assert apart.get(page).status_code == 404
    assert house.arrivals == []


def test_AC_14_at_the_door_of_administration_nothing_but_signing_in_and_health_answers_a_stranger(
    house: ProgramsHouse, apart: TestClient
) -> None:
    before = len(house.calls)
    for way in OFFICE:
        assert ask(apart, way, headers={"Authorization": ""}) == 401, way.path
        assert (
            ask(apart, way, headers={"Authorization": "", "Cookie": "session=token-of-the-dispatcher"}) == 401
        )
    assert len(house.calls) == before
    assert apart.get("/health", headers={"Authorization": ""}).json() == {"state": "ok", "alarms": 0}


def test_every_way_of_administration_takes_what_it_says_and_carries_need_and_seat(
    house: ProgramsHouse, apart: TestClient
) -> None:
    for way in OFFICE:
        before = len(house.calls)
        assert ask(apart, way) == way.gives[0][0], way.path
        [(_, call, _)] = house.calls[before:]
        assert (call.need, call.peer, call.seat.person) == ("the yearly review", "testclient", "dispatcher")


@pytest.mark.parametrize(
    ("code", "status"), [("role-may", 403), ("confirm", 403), ("need", 422), (UNFIT, 422)]
)
def test_AC_17_a_refusal_of_administration_names_its_rule(
    house: ProgramsHouse, apart: TestClient, code: str, status: int
) -> None:
    house.staff = Refusal(reason="Not so.", code=code)
    try:
        for way in OFFICE:
            assert ask(apart, way) == status, way.path
        assert apart.get("/api/v1/terminals").json()["error"]["code"] == code
    finally:
        house.staff = ()


def test_IA_11_both_factors_again_give_a_new_token_and_the_old_one_is_worth_nothing() -> None:
    house = ProgramsHouse()
    client = client_of(house)
    path = "/api/v1/sessions/current/factors"
    assert client.post(path, json={"password": "guess", "code": "123456"}).status_code == 401
    shown = client.post(path, json={"password": "invented-1", "code": "123456"})
    assert (shown.status_code, shown.json()["token"]) == (201, "token-proven-anew")
    assert client.get("/api/v1/people").status_code == 401
    client.headers["Authorization"] = f"Bearer {shown.json()['token']}"
    assert client.get("/api/v1/people").status_code == 200


def test_a_list_is_shown_in_parts_and_a_limit_is_within_its_own(apart: TestClient) -> None:
    first = apart.get("/api/v1/terminals", params={"limit": "2"}).json()
    assert [one["terminal"] for one in first["terminals"]] == ["ZD01", "ZD02"]
    rest = apart.get("/api/v1/terminals", params={"limit": "3", "after": first["after"]}).json()
    assert [one["terminal"] for one in rest["terminals"]] == ["ZD03", "ZD04", "ZD05"]
    assert rest["after"] == ""
    for wrong in ("0", "1001", "-1", "x", "²"):
        assert apart.get("/api/v1/terminals", params={"limit": wrong}).status_code == 422
    for name in ("since", "until"):
        for wrong in ("", "yesterday", "2026-11-01", "2026-11-01T00:00:00", "9999-01-01T00:00:00Z"):
            asked = TIME | {name: wrong}
            assert apart.get("/api/v1/reports/access", params=asked).status_code == 422, wrong


def test_the_description_of_the_door_of_administration_names_its_ways_and_no_message(
    apart: TestClient,
) -> None:
    document = apart.get("/api/v1/openapi.json").json()
    named = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert named == of(At.ADMINISTRATION, At.BOTH)
    assert "QV" not in document["components"]["schemas"]
    operation = document["paths"]["/api/v1/reports/access"]["get"]
    assert {one["name"] for one in operation["parameters"]} == {"Need", "since", "until", "after", "limit"}
    assert operation["x-door"] == "administration"
    assert apart.post("/api/v1/sessions", json=SIGN_IN).status_code == 201
