"""The HTTP API described for people and programs: its ways, and every message key as a schema."""

from __future__ import annotations

import msgspec

from wireroom import __version__
from wireroom.catalog.file import Field, Verb
from wireroom.catalog.index import Catalogue, Form
from wireroom.catalog.kinds import Code
from wireroom.catalog.kinds_of_time import Hour
from wireroom.catalog.tables import choices
from wireroom.web.explaining import CadGiven, CadTaken, ReasonGiven, ReasonsShown
from wireroom.web.order_schema import CHOICES_SHOWN_MAX, Described, order_schema
from wireroom.web.order_schema import NAME as ORDER
from wireroom.web.orders import XML, Entered
from wireroom.web.people import DueShown, FactGiven, PeopleShown
from wireroom.web.posture import PostureGiven, PostureTaken
from wireroom.web.shapes import (
    Acknowledgement,
    Delivered,
    End,
    Error,
    Health,
    Links,
    Received,
    SignedIn,
    SignIn,
    Transaction,
    Value,
)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_JSON = "application/json"
_EVENTS = "text/event-stream"


class FieldShown(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a message key."""

    code: str
    title: str
    words: str  # what is expected
    example: str
    length_max: int
    required: bool
    many: int
    table: str = ""  # the code table, where the value is one of its codes
    among: tuple[str, ...] = ()  # the codes of the table that may stand here; empty: all
    note: str = ""


class FormShown(msgspec.Struct, frozen=True, kw_only=True):
    """One message key: what it does and takes."""

    key: str
    verb: Verb
    title: str
    files: tuple[str, ...]
    fields: tuple[FieldShown, ...]
    rules: tuple[str, ...]
    says: tuple[Value, ...] = ()  # what the key says by itself, and need not be sent


class CatalogueShown(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that may be said."""

    forms: tuple[FormShown, ...]


def catalogue_shown(catalogue: Catalogue) -> CatalogueShown:
    """The forms of a catalogue in the order of their keys, in words."""
    return CatalogueShown(forms=tuple(_form(form) for _, form in sorted(catalogue.forms.items())))


def _form(form: Form) -> FormShown:
    return FormShown(
        key=form.key,
        verb=form.verb,
        title=form.title,
        files=tuple(file.code for file in form.files),
        fields=tuple(_field(field) for field in form.fields),
        rules=tuple(rule.words for rule in form.rules),
        says=tuple(Value(code, value) for code, value in form.says),
    )


def _field(field: Field) -> FieldShown:
    kind = field.kind
    return FieldShown(
        code=field.code,
        title=field.title,
        words=kind.words,
        example=kind.example,
        length_max=kind.length_max,
        required=field.required,
        many=field.many,
        note=field.note,
        table=kind.table if isinstance(kind, Code) else "",
        among=kind.among if isinstance(kind, Code) else (),
    )


# --------------------------------------------------------------------------- the ways


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One address and method: from this list come the routes and their description, so the two agree."""

    method: str
    path: str
    does: str  # the method of the API that answers
    title: str
    gives: tuple[tuple[int, type | None], ...]
    takes: type | None = None
    refuses: tuple[int, ...] = ()
    events: tuple[type, ...] = ()  # what comes as server-sent events where the reader accepts them
    only_events: bool = False
    keyed: bool = False  # needs an Idempotency-Key
    open: bool = False  # without a session
    interface: bool = False  # by an interface terminal and its secret
    document: bool = False  # takes an order as JSON or XML, whose shape the catalogue gives


WAYS: tuple[Way, ...] = (
    Way(
        method="POST",
        path="/api/v1/sessions",
        does="sign_in",
        title="Sign in with both factors at a terminal",
        takes=SignIn,
        gives=((201, SignedIn),),
        refuses=(400, 401, 403, 413, 415, 429, 503),
        open=True,
    ),
    Way(
        method="DELETE",
        path="/api/v1/sessions/current",
        does="sign_out",
        title="Sign out",
        gives=((204, None),),
        refuses=(401,),
    ),
    Way(
        method="POST",
        path="/api/v1/transactions",
        does="transact",
        title="Send one text. The receipt comes at once; the answers come to the terminal, or in this "
        "response as events `receipt`, `answer` and `end` where it accepts text/event-stream. With "
        "?acknowledge=true the answers so sent are acknowledged.",
        takes=Transaction,
        gives=((202, Received), (200, Received)),
        events=(Received, Delivered, End),
        refuses=(400, 401, 403, 409, 413, 415, 422, 429, 503, 504),
        keyed=True,
    ),
    Way(
        method="POST",
        path="/api/v1/orders",
        does="order",
        title="Enter or change an order of a court, as JSON or as NIEM XML. The answer has the record as it stands, "
        "and comes to the terminal too; with ?acknowledge=true it need not be acknowledged.",
        gives=((201, Entered), (200, Entered), (202, Received)),
        refuses=(400, 401, 403, 409, 413, 415, 422, 429, 503, 504),
        keyed=True,
        document=True,
    ),
    Way(
        method="GET",
        path="/api/v1/deliveries",
        does="deliveries",
        title="All that comes for the terminal, without end: what is not acknowledged first. The event is "
        "the delivery's kind and its id the delivery's number.",
        gives=((200, None),),
        events=(Delivered,),
        only_events=True,
        refuses=(401, 429),
    ),
    Way(
        method="POST",
        path="/api/v1/acknowledgements",
        does="acknowledge",
        title="Say that deliveries were shown; they are not sent again",
        takes=Acknowledgement,
        gives=((204, None),),
        refuses=(400, 401, 413, 415, 422),
    ),
    Way(
        method="GET",
        path="/api/v1/catalogue",
        does="catalogue",
        title="Every message key with its fields",
        gives=((200, CatalogueShown),),
        refuses=(401,),
    ),
    Way(
        method="GET",
        path="/api/v1/links",
        does="links",
        title="Every source, and whether it can be asked",
        gives=((200, Links),),
        refuses=(401,),
    ),
    Way(
        method="GET",
        path="/api/v1/people",
        does="people",
        title="What stands of the people of one's own agency, and what is wanting. For its administrators",
        gives=((200, PeopleShown),),
        refuses=(401, 403, 503),
    ),
    Way(
        method="POST",
        path="/api/v1/people/facts",
        does="fact",
        title="Record a fact of somebody of one's own agency, never of oneself. For its administrators",
        takes=FactGiven,
        gives=((204, None),),
        refuses=(400, 401, 403, 413, 415, 422, 503),
    ),
    Way(
        method="GET",
        path="/api/v1/people/due",
        does="due",
        title="Who of one's own agency must be cleared, trained, disabled or reviewed, and by when. "
        "For its administrators",
        gives=((200, DueShown),),
        refuses=(401, 403, 503),
    ),
    Way(
        method="POST",
        path="/api/v1/cad",
        does="cad",
        title="Tell of incidents as they stand in an agency's CAD, each after one change there; all are kept, or none",
        takes=CadGiven,
        gives=((200, CadTaken),),
        refuses=(400, 401, 413, 415, 422, 503),
        interface=True,
    ),
    Way(
        method="POST",
        path="/api/v1/posture",
        does="posture",
        title="Tell what an agency's device management measured of its devices; all is kept, or nothing",
        takes=PostureGiven,
        gives=((200, PostureTaken),),
        refuses=(400, 401, 413, 415, 422, 503),
        interface=True,
    ),
    Way(
        method="GET",
        path="/api/v1/reasons",
        does="unexplained",
        title="Inquiries of one's own agency that nothing explains, the newest first. For its administrators and "
        "auditors",
        gives=((200, ReasonsShown),),
        refuses=(401, 403, 503),
    ),
    Way(
        method="POST",
        path="/api/v1/reasons",
        does="explain",
        title="Say afterwards what an inquiry of one's own was for",
        takes=ReasonGiven,
        gives=((204, None),),
        refuses=(400, 401, 403, 413, 415, 422, 503),
    ),
    Way(
        method="GET",
        path="/api/v1/runs",
        does="runs",
        title="What others asked in one's own name, the newest first",
        gives=((200, ReasonsShown),),
        refuses=(401, 503),
    ),
    Way(
        method="GET",
        path="/api/v1/openapi.json",
        does="document",
        title="This description",
        gives=((200, None),),
        refuses=(401,),
    ),
    Way(
        method="GET",
        path="/health",
        does="health",
        title="Whether all is well",
        gives=((200, Health),),
        open=True,
    ),
)
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


def describe(catalogue: Catalogue) -> Described:
    """The OpenAPI 3.1 document of this API over a catalogue."""
    shapes = {shape for way in WAYS for shape in (way.takes, *way.events, *(given for _, given in way.gives))}
    ordered = sorted(
        (shape for shape in {*shapes, Error} if shape is not None), key=lambda shape: shape.__name__
    )
    _, schemas = msgspec.json.schema_components(ordered, ref_template="#/components/schemas/{name}")
    forms = {key: message_schema(form) for key, form in sorted(catalogue.forms.items())}
    paths: dict[str, Described] = {}
    for way in WAYS:
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
            "schemas": {**schemas, **forms, ORDER: order_schema(catalogue)},
        },
        "security": [{"session": []}],
    }


def _operation(way: Way) -> Described:
    answers: dict[str, Described] = {}
    for status, shape in way.gives:
        answers[str(status)] = {"description": _WORDS[status]} | _content(way, shape)
    for status in way.refuses:
        answers[str(status)] = {"description": _WORDS[status], "content": {_JSON: {"schema": _ref(Error)}}}
    operation: Described = {"operationId": way.does, "summary": way.title, "responses": answers}
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
    if way.open or way.interface:
        operation["security"] = [{"interface": []}] if way.interface else []
    return operation


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
