"""The HTTP API described for people and programs: its ways, and every message key as a schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from wireroom import __version__
from wireroom.catalog.file import Field
from wireroom.catalog.index import Catalogue, Form
from wireroom.catalog.kinds import Code
from wireroom.catalog.kinds_of_time import Hour
from wireroom.catalog.tables import choices
from wireroom.web.catalogue_shown import catalogue_shown as catalogue_shown
from wireroom.web.order_schema import CHOICES_SHOWN_MAX, Described, order_schema
from wireroom.web.order_schema import NAME as ORDER
from wireroom.web.orders import XML
from wireroom.web.shapes import Error
from wireroom.web.way import Way
from wireroom.web.ways import METHODS as METHODS
from wireroom.web.ways import WAYS as WAYS

_JSON = "application/json"
_EVENTS = "text/event-stream"


_WORDS = {
    200: "As asked; for a transaction: taken before under this key, with its first receipt",
    201: "Made: a session, or a record",
    202: "In the journal; the answers follow",
    204: "Done",
    400: "The body or a header cannot be read",
    401: "No session stands for the token, or nobody was signed in",
    403: "A rule refuses; the code names it",
    409: "The key came before with another text, or the state's files did not take it",
    413: "The body is too long",
    415: "The body is of no media type that is taken here",
    422: "The text has faults, field by field",
    429: "Too much at once; Retry-After says when to come again",
    503: "The journal cannot be written, so nothing was sent",
    504: "It took too long; send the same again with the same key",
}


# --------------------------------------------------------------------------- the document


def describe(catalogue: Catalogue | None, ways: Iterable[Way] = WAYS) -> Described:
    """The OpenAPI 3.1 document of these ways over a catalogue; without one where nothing is asked of records."""
    ways = tuple(ways)
    shapes = {shape for way in ways for shape in (way.takes, *way.events, *(given for _, given in way.gives))}
    ordered = sorted(
        (shape for shape in {*shapes, Error} if shape is not None), key=lambda shape: shape.__name__
    )
    _, schemas = msgspec.json.schema_components(ordered, ref_template="#/components/schemas/{name}")
    forms: dict[str, Described] = {}
    if catalogue is not None:
        forms = {key: message_schema(form) for key, form in sorted(catalogue.forms.items())}
        forms[ORDER] = order_schema(catalogue)
    paths: dict[str, Described] = {}
    for way in ways:
        paths.setdefault(way.path, {})[way.method.lower()] = _operation(way)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Wireroom",
            "version": __version__,
            "summary": "An open law-enforcement message switch: ask, answer, write down, deliver.",
            "description": "The schemas in capitals are the message keys and their fields. A text is "
            "written from them as KEY.FIELD/value.FIELD/value.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "session": {"type": "http", "scheme": "bearer"},
                "interface": {"type": "http", "scheme": "basic"},
            },
            "schemas": {**schemas, **forms},
        },
        "security": [{"session": []}],
    }


def _operation(way: Way) -> Described:
    answers: dict[str, Described] = {}
    for status, shape in way.gives:
        answers[str(status)] = {"description": _WORDS[status]} | _content(way, shape)
    for status in way.refuses:
        answers[str(status)] = {"description": _WORDS[status], "content": {_JSON: {"schema": _ref(Error)}}}
    operation: Described = {
        "operationId": way.does,
        "summary": way.title,
        "x-door": way.at.value,
        "responses": answers,
    }
    if way.takes is not None:
        operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": _ref(way.takes)}}}
    if way.document:
        text = {
            "schema": {"type": "string", "description": "a document of the namespace urn:wireroom:order:1"}
        }
        document = {"schema": {"$ref": f"#/components/schemas/{ORDER}"}}
        operation["requestBody"] = {"required": True, "content": {_JSON: document, XML: text}}
    if way.keyed:
        operation["parameters"] = [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "Yours, new for each message: a repeat from the same terminal and day "
                "gets the first receipt and sends nothing.",
                "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,64}$"},
            },
            {"name": "acknowledge", "in": "query", "schema": {"type": "boolean", "default": False}},
        ]
    if way.need or way.asks:
        operation["parameters"] = [*_asked(way)]
    if way.open or way.interface:
        operation["security"] = [{"interface": []}] if way.interface else []
    return operation


def _asked(way: Way) -> Iterator[Described]:
    """The need in a header, and what stands in the address."""
    if way.need:
        yield {
            "name": "Need",
            "in": "header",
            "required": False,
            "description": "What it is needed for, in words, 8 to 200 characters. Without it only calls from the "
            "switch's own machine are done. It stands in the journal.",
            "schema": {"type": "string", "minLength": 8, "maxLength": 200},
        }
    for name, words, must in way.asks:
        yield {
            "name": name,
            "in": "query",
            "required": must,
            "description": words,
            "schema": {"type": "string"},
        }


def _content(way: Way, shape: type | None) -> Described:
    content: Described = {}
    if shape is not None and not way.only_events:
        content[_JSON] = {"schema": _ref(shape)}
    if way.events:
        content[_EVENTS] = {"schema": {"anyOf": [_ref(one) for one in way.events]}}
    if way.does == "document":
        content[_JSON] = {"schema": {"type": "object"}}
    return {"content": content} if content else {}


def _ref(shape: type) -> Described:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def message_schema(form: Form) -> Described:
    """The schema of one message key: its fields, what each may hold, and the rules in words."""
    return {
        "type": "object",
        "title": f"{form.key}: {form.title}",
        "description": " ".join(rule.words for rule in form.rules),
        "properties": {field.code: _property(field) for field in form.fields},
        "required": [field.code for field in form.fields if field.required],
        "additionalProperties": False,
        "x-verb": form.verb.value,
        **({"x-says": dict(form.says)} if form.says else {}),
    }


def _property(field: Field) -> Described:
    kind = field.kind
    value: Described = {
        "type": "string",
        "minLength": 1,
        "maxLength": kind.length_max,
        "description": f"{field.title}: {kind.words}",
        "examples": [kind.example],
    }
    if isinstance(kind, Code):
        codes = kind.among or choices(kind.table)
        if len(codes) <= CHOICES_SHOWN_MAX:
            value["enum"] = list(codes)
    elif isinstance(kind, Hour):
        value["pattern"] = "^([01][0-9]|2[0-3]):?[0-5][0-9]$"
    return (
        value if field.many == 1 else {"type": "array", "items": value, "minItems": 1, "maxItems": field.many}
    )
