"""Orders of courts over HTTP: as JSON and as XML, once for each key, with every fault at its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from starlette.testclient import TestClient

from tests.message.test_documents import JSON, XML
from tests.web.fake_house import SESSION, part
from tests.web.fakes import ProgramsHouse, client_of, trouble
from wireroom.message.answer import Delivery, Hit, Receipt, State
from wireroom.message.dialects import read_as
from wireroom.message.envelope import Arrival, Way
from wireroom.message.local import day_of
from wireroom.message.niem import schema
from wireroom.message.niem_map import NAMESPACES
from wireroom.web import api, openapi, orders

FCN = "9992600100014"
MPO = {"key": "MPO", "file_control_number": FCN, "terms": {"must_move_out": True}}


class CourtHouse(ProgramsHouse):
    """Takes what can be read, and answers as the state's files do."""

    def __init__(self) -> None:
        super().__init__()
        self.files = State.ACCEPTED
        self.answers = self.answered
        self.mute = False
        self._receipts: dict[str, Receipt] = {}

    async def transact(self, arrival: Arrival) -> Receipt:
        if self.refuse or self.trouble is not None:
            return await super(ProgramsHouse, self).transact(arrival)
        if arrival.key in self._receipts:
            return msgspec.structs.replace(self._receipts[arrival.key], state="repeat")
        today = day_of(arrival.at)
        reading = read_as(arrival.way, arrival.text, self.catalogue, ori=arrival.seat.ori, today=today)
        if reading.message is None:
            told = tuple((fault.field, fault.reason) for fault in reading.faults)
            places = tuple(fault.at for fault in reading.faults)
            return Receipt(number=self.number(), state="faulty", faults=told, places=places)
        receipt = await super(ProgramsHouse, self).transact(arrival)
        self._receipts[arrival.key] = receipt
        return receipt

    def answered(self, arrival: Arrival, number: int) -> list[Delivery]:
        if self.mute:
            return [part(number - 1, number - 4096, "STATE", State.NO_RECORD)]
        today = day_of(arrival.at)
        message = read_as(
            arrival.way, arrival.text, self.catalogue, ori=arrival.seat.ori, today=today
        ).message
        assert message is not None
        fields = tuple(pair for pair in message.fields if pair[0] not in {"FCN", "CTA", "PUR"})
        hit = Hit(
            file="order", number=FCN, owner=arrival.seat.ori, status="active", fields=(*fields, ("LATE", "X"))
        )
        word = "ENTERED" if self.files is State.ACCEPTED else "ON FILE ALREADY"
        hits = (hit,) if self.files is State.ACCEPTED else ()
        other = part(number - 1, number - 4096, "STATE", State.NO_RECORD)
        return [other, part(number + 1, number, "STATE", self.files, title=f"{word} FCN/{FCN}", hits=hits)]


@pytest.fixture
def house() -> CourtHouse:
    return CourtHouse()


@pytest.fixture
def client(house: CourtHouse) -> Iterator[TestClient]:
    with client_of(house) as client:
        yield client


def post(
    client: TestClient, body: object, *, key: str = "k1", media: str = "application/json", query: str = ""
) -> Any:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    headers = {"Content-Type": media, "Idempotency-Key": key}
    response: httpx2.Response = client.post(f"/api/v1/orders{query}", content=content, headers=headers)
    return response


def xml(response: httpx2.Response) -> Any:
    """The answer as XML that its schema allows; finds texts by a path with our prefixes."""
    root = etree.fromstring(response.content)
    assert response.headers["content-type"].startswith("application/xml")
    assert schema().validate(root), str(schema().error_log)
    return lambda path: [one.text for one in root.findall(path, dict(NAMESPACES))]


# --------------------------------------------------------------------------- taken


def test_an_order_in_json_is_answered_with_its_number_and_what_was_worked_out(
    client: TestClient, house: CourtHouse
) -> None:
    response = post(client, JSON)
    assert response.status_code == 201
    body = response.json()
    assert (body["file_control_number"], body["owner"], body["status"]) == (FCN, SESSION.seat.ori, "active")
    assert body["text"] == f"ENTERED FCN/{FCN}"
    worked = {one["field"]: one["value"] for one in body["worked_out"]}
    assert worked["$.order.temporary_or_final"] == "F"
    assert worked["$.firearms.firearms_and_ammunition_barred"] == "Y"
    assert "$.restrained.name" not in worked
    assert body["order"]["restrained"]["name"] == "TESTCASE, JOHN MARK JR"
    assert body["order"]["key"] == "MPO"  # the record in the shape of the message that would change it
    (arrival,) = house.arrivals
    assert (arrival.way, arrival.text, arrival.key, arrival.seat) == (Way.JSON, JSON, "k1", SESSION.seat)
    assert house.acknowledged == []


@pytest.mark.parametrize("media", ["application/xml", "text/xml; charset=utf-8"])
def test_an_order_in_xml_is_answered_in_xml(client: TestClient, house: CourtHouse, media: str) -> None:
    response = post(client, XML, media=media)
    assert response.status_code == 201
    found = xml(response)
    assert found("order:AnswerStateCode") == ["accepted"]
    assert found("order:ProtectionOrderMessage/order:FileControlNumberID") == [FCN]
    assert "TRM" in found("order:WorkedOutFieldCode")
    assert "NAM" not in found("order:WorkedOutFieldCode")
    person = "order:ProtectionOrderMessage/j:ProtectionOrder/j:ProtectionOrderRestrictedPerson"
    assert found(f"{person}/nc:PersonName/nc:PersonSurName") == ["TESTCASE"]
    assert house.arrivals[0].way is Way.NIEM


def test_a_change_makes_nothing_new(client: TestClient) -> None:
    response = post(client, MPO)
    assert (response.status_code, response.json()["worked_out"]) == (200, [])


def test_a_repeat_gets_the_same_number_while_its_answer_waits(client: TestClient, house: CourtHouse) -> None:
    first, again = post(client, JSON), post(client, JSON)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert len(house.arrivals) == 1


def test_a_repeat_whose_answer_was_acknowledged_still_says_that_it_was_taken(
    client: TestClient, house: CourtHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "ANSWERED_BEFORE_S", 0.05)
    first = post(client, JSON, query="?acknowledge=true")
    assert house.acknowledged == [int(first.json()["delivery"])]
    again = post(client, JSON, query="?acknowledge=true")
    assert (again.status_code, again.json()["state"], again.json()["number"]) == (
        202, "repeat", first.json()["number"],
    )  # fmt: skip


@pytest.mark.parametrize("within_s", [0.0, 0.05])
def test_an_answer_that_does_not_come_in_time_is_told_with_the_receipt(
    house: CourtHouse, within_s: float
) -> None:
    house.mute = True  # something else came, which is no answer to it
    with client_of(house, api.Limits(answers_within_s=within_s)) as client:
        response = post(client, JSON)
    assert (response.status_code, response.json()["state"]) == (202, "accepted")


# --------------------------------------------------------------------------- not taken


def test_every_fault_in_json_has_its_path_and_its_field(client: TestClient, house: CourtHouse) -> None:
    told = json.loads(JSON)
    told["restrained"]["birth_date"] = "yesterday"
    told["protected"][1]["sex"] = "Q"
    del told["case"]
    response = post(client, told)
    assert response.status_code == 422
    body = trouble(response)
    found = {(one["at"], one["field"]) for one in body["fields"]}
    assert {
        ("$.restrained.birth_date", "DOB"),
        ("$.protected[1].sex", "PPN"),
        ("$.case.court_case_number", "PNO"),
    } <= found
    assert body["transaction"].isdigit()
    assert house.arrivals == []


@pytest.mark.parametrize(
    ("media", "place"),
    [
        ("application/json", "$.entered_as_a_courtesy_for"),
        ("application/xml", "/order:ProtectionOrderMessage/order:CourtesyAgencyID"),
    ],
)
def test_what_the_switch_alone_can_find_has_the_place_of_its_field(
    client: TestClient, house: CourtHouse, monkeypatch: pytest.MonkeyPatch, media: str, place: str
) -> None:
    async def courtesy(arrival: Arrival) -> Receipt:
        return Receipt(number=1, state="faulty", faults=(("CTA", "nobody has this address"),))

    monkeypatch.setattr(house, "transact", courtesy)
    response = post(client, JSON if media.endswith("json") else XML, media=media)
    if media.endswith("json"):
        assert trouble(response)["fields"][0]["at"] == place
    else:
        assert xml(response)("order:Fault/order:FaultElementText") == [place]


def test_every_fault_in_xml_has_its_element_and_its_field(client: TestClient) -> None:
    response = post(client, XML.replace("1979-03-03", "yesterday"), media="application/xml")
    assert response.status_code == 422
    found = xml(response)
    assert found("order:AnswerStateCode") == ["faults"]
    assert found("order:Fault/order:FaultFieldCode") == ["DOB"]
    (place,) = found("order:Fault/order:FaultElementText")
    assert place.endswith("/j:ProtectionOrderRestrictedPerson/nc:PersonBirthDate/nc:Date")


@pytest.mark.parametrize("media", ["application/json", "application/xml"])
def test_a_refusal_names_its_rule_in_the_dialect_of_the_document(
    client: TestClient, house: CourtHouse, media: str
) -> None:
    house.refuse = "Your court is not approved to enter orders in this way."
    response = post(client, JSON if media.endswith("json") else XML, media=media)
    assert response.status_code == 403
    if media.endswith("json"):
        assert trouble(response)["reason"] == house.refuse
    else:
        assert xml(response)("order:AnswerText") == [house.refuse]


@pytest.mark.parametrize("media", ["application/json", "application/xml"])
def test_what_the_files_do_not_take_is_told_with_why(
    client: TestClient, house: CourtHouse, media: str
) -> None:
    house.files = State.REFUSED
    response = post(client, JSON if media.endswith("json") else XML, media=media)
    assert response.status_code == 409
    said = trouble(response)["reason"] if media.endswith("json") else xml(response)("order:AnswerText")[0]
    assert said == f"ON FILE ALREADY FCN/{FCN}"


@pytest.mark.parametrize("media", ["", "text/plain", "application/xhtml+xml"])
def test_another_media_type_is_not_taken(client: TestClient, house: CourtHouse, media: str) -> None:
    assert post(client, JSON, media=media).status_code == 415
    assert house.arrivals == []


def test_a_body_that_is_not_utf_8_is_not_taken(client: TestClient) -> None:
    for content in (b'{"a": "\xff"}', XML.encode("utf-16")):
        assert post(client, content, media="application/xml").status_code == 400


def test_an_order_needs_a_key_and_a_session(client: TestClient) -> None:
    assert post(client, JSON, key="").status_code == 400
    del client.headers["Authorization"]
    assert post(client, JSON).status_code == 401


def test_a_busy_house_is_busy(client: TestClient, monkeypatch: pytest.MonkeyPatch, house: CourtHouse) -> None:
    async def busy(arrival: object) -> Receipt:
        return Receipt(number=0, state="busy")

    monkeypatch.setattr(house, "transact", busy)
    assert post(client, JSON).status_code == 429


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["application/json", "application/xml"]))
def test_no_body_is_met_with_a_fault_of_ours(client: TestClient, body: bytes, media: str) -> None:
    assert post(client, body, media=media).status_code in {400, 422}


# --------------------------------------------------------------------------- described


def test_the_documents_shape_is_described_from_the_catalogue(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    operation = document["paths"]["/api/v1/orders"]["post"]
    assert set(operation["requestBody"]["content"]) == {"application/json", "application/xml"}
    assert {"201", "200", "202", "403", "409", "422"} <= set(operation["responses"])
    shape = document["components"]["schemas"]["OrderDocument"]
    for name, value in json.loads(JSON).items():
        described = shape["properties"][name]
        if isinstance(value, dict):
            assert set(value) <= set(described["properties"]), name
    person = shape["properties"]["protected"]["items"]["properties"]
    assert (person["household"], person["age"]["type"]) == ({"type": "boolean"}, "integer")
    assert "MPO" in shape["properties"]["key"]["enum"]
    assert "QPO" not in shape["properties"]["key"]["enum"]


def test_without_orders_there_is_nothing_to_describe(house: CourtHouse) -> None:
    bare = type(house.catalogue)(files=())
    assert openapi.describe(bare)["components"]["schemas"]["OrderDocument"]["properties"] == {}
