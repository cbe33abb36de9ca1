"""The HTTP API of an agency's people: what it shows, what it takes, and whom it refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.web.fakes import ProgramsHouse, client_of
from wireroom.policy.facts import Fact, FactKind
from wireroom.policy.staff import Member
from wireroom.web.house import UNFIT, Refusal

JOINED = datetime(2026, 1, 1, tzinfo=UTC)
EXAM = Fact(person="p.vale", kind=FactKind.EXAMINATION, day=date(2020, 1, 2), score=71, ori="CA0990100",
            recorded_by="a.dean", recorded_at=JOINED)  # fmt: skip
MEMBER = Member(id="p.vale", name="Pat Vale", ori="CA0990100", role="operator", enabled=True, added_at=JOINED,
                test=False, held={FactKind.EXAMINATION: EXAM})  # fmt: skip


@pytest.fixture
def house() -> ProgramsHouse:
    return ProgramsHouse()


def test_a_coordinator_sees_the_newest_facts_and_what_is_wanting(house: ProgramsHouse) -> None:
    house.staff = (MEMBER,)
    [person] = client_of(house).get("/api/v1/people").json()["people"]
    assert (person["person"], person["enabled"]) == ("p.vale", True)
    assert person["facts"] == [
        {"kind": "examination", "day": "2020-01-02", "good": True, "score": 71, "word": "", "until": None,
         "ori": "CA0990100", "recorded_by": "a.dean", "recorded_at": "2026-01-01T00:00:00Z"}
    ]  # fmt: skip
    assert [one["rule"] for one in person["wanting"]] == [
        "cleared",
        "statement-signed",
        "trained",
        "authorised",
    ]


def test_what_is_due_is_told_by_its_day(house: ProgramsHouse) -> None:
    house.staff = (MEMBER,)
    found = client_of(house).get("/api/v1/people/due").json()["due"]
    assert {one["what"] for one in found} >= {"clear", "sign", "train", "disable"}
    assert found == sorted(found, key=lambda one: str(one["by"]))


def test_a_fact_is_taken_as_it_was_sent_and_its_day_is_today_where_none_was(house: ProgramsHouse) -> None:
    client = client_of(house)
    sent = {"person": "p.vale", "kind": "examination", "score": 92}
    assert client.post("/api/v1/people/facts", json=sent).status_code == 204
    assert client.post("/api/v1/people/facts", json=sent | {"day": "2026-01-02"}).status_code == 204
    first, second = house.facts
    assert first == Fact(person="p.vale", kind=FactKind.EXAMINATION, day=house.now().date(), score=92)
    assert second.day == date(2026, 1, 2)


@pytest.mark.parametrize(
    "changed",
    [{"kind": "rumour"}, {"score": 101}, {"day": "yesterday"}, {"recorded_by": "me"}, {"ori": "CA0980100"},
     {"until": "2026-01-02T00:00:00"}],
)  # fmt: skip
def test_what_is_no_fact_is_refused_and_nobody_says_who_records_it(
    house: ProgramsHouse, changed: dict[str, object]
) -> None:
    sent = {"person": "p.vale", "kind": "examination", "score": 92} | changed
    assert client_of(house).post("/api/v1/people/facts", json=sent).status_code == 400
    assert house.facts == []


@pytest.mark.parametrize(("code", "status"), [("role-may", 403), ("trained", 403), (UNFIT, 422)])
def test_AC_6_a_refusal_names_its_rule(house: ProgramsHouse, code: str, status: int) -> None:
    house.staff = Refusal(reason="Not you.", code=code)
    client = client_of(house)
    sent = {"person": "p.vale", "kind": "review"}
    for answer in (client.get("/api/v1/people"), client.get("/api/v1/people/due"),
                   client.post("/api/v1/people/facts", json=sent)):  # fmt: skip
        assert answer.status_code == status
        assert answer.json()["error"] == {
            "code": code,
            "reason": "Not you.",
            "fields": [],
            "transaction": None,
        }
