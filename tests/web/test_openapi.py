"""The description of the API: every way and every key, and no reference into nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.web.fakes import (
    OPEN,
    ProgramsHouse,
    client_of,
)
from wireroom.catalog.file import Verb
from wireroom.web import openapi
from wireroom.web.house import LinkState


@pytest.fixture
def house() -> ProgramsHouse:
    return ProgramsHouse()


@pytest.fixture
def client(house: ProgramsHouse) -> Iterator[TestClient]:
    with client_of(house) as client:
        yield client


def test_the_catalogue_names_every_key_and_field_in_words(client: TestClient, house: ProgramsHouse) -> None:
    forms = {form["key"]: form for form in client.get("/api/v1/catalogue").json()["forms"]}
    assert set(forms) == set(house.catalogue.forms)
    plate = next(field for field in forms["QV"]["fields"] if field["code"] == "LIC")
    assert (plate["title"], plate["required"], plate["many"]) == ("plate", False, 1)
    assert plate["words"]
    assert next(field for field in forms["QV"]["fields"] if field["code"] == "LIS")["table"] == "state"
    assert forms["EV"]["rules"]


def test_the_description_names_every_way_and_every_key_and_all_its_references_lead_somewhere(
    client: TestClient, house: ProgramsHouse
) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert described == {(way.method, way.path) for way in openapi.WAYS}
    schemas = document["components"]["schemas"]
    assert set(house.catalogue.forms) <= set(schemas)
    for reference in _references(document):
        assert reference.removeprefix("#/components/schemas/") in schemas
    unlocked = {
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if operation.get("security") == []
    }
    assert unlocked == OPEN


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def test_a_keys_schema_says_what_the_catalogue_says(house: ProgramsHouse) -> None:
    for key, form in house.catalogue.forms.items():
        schema = openapi.message_schema(form)
        assert schema["required"] == [field.code for field in form.fields if field.required], key
        assert set(schema["properties"]) == {field.code for field in form.fields}
        for field in form.fields:
            described = schema["properties"][field.code]
            one = described["items"] if field.many > 1 else described
            assert len(one["examples"][0]) <= one["maxLength"]
            assert one["examples"][0] in one.get("enum", one["examples"])


def test_codes_that_may_not_stand_are_not_described(client: TestClient, house: ProgramsHouse) -> None:
    category = openapi.message_schema(house.catalogue.forms["EF"])["properties"]["CAT"]
    assert category["enum"] == ["F"]
    assert openapi.message_schema(house.catalogue.forms["EF"])["x-says"] == {"CAT": "F"}
    form = next(one for one in client.get("/api/v1/catalogue").json()["forms"] if one["key"] == "EF")
    assert form["says"] == [{"field": "CAT", "value": "F"}]
    assert next(field for field in form["fields"] if field["code"] == "CAT")["among"] == ["F"]


def test_every_verb_and_every_kind_of_value_is_described(client: TestClient, house: ProgramsHouse) -> None:
    schemas = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    assert set(schemas["Verb"]["enum"]) == {verb.value for verb in Verb}
    hour = openapi.message_schema(house.catalogue.forms["SRC"])["properties"]["CHR"]
    assert re.fullmatch(hour["pattern"], hour["examples"][0])
    assert not re.fullmatch(hour["pattern"], "2460")


def test_a_change_of_the_catalogue_changes_its_description(client: TestClient, house: ProgramsHouse) -> None:
    before = client.get("/api/v1/openapi.json").content
    assert client.get("/api/v1/openapi.json").content == before
    house.catalogue = type(house.catalogue)(files=())
    after = client.get("/api/v1/openapi.json").json()
    assert "QV" not in after["components"]["schemas"]
    assert [form["key"] for form in client.get("/api/v1/catalogue").json()["forms"]] == [
        "AM",
        "AMA",
        "AML",
        "YL",
        "YQ",
        "YR",
    ]


def test_the_links_and_the_health(client: TestClient, house: ProgramsHouse) -> None:
    shown = client.get("/api/v1/links").json()["links"]
    assert shown[2] == {"name": "NCIC", "up": False, "since": "2026-11-23T10:40:00+00:00", "waiting": 3}
    assert client.get("/health").json() == {"state": "degraded", "alarms": 0}
    house.down = (LinkState(name="NCIC", up=True, since="2026-11-23T10:40:00+00:00"),)
    assert client.get("/health").json() == {"state": "ok", "alarms": 0}
