"""Orders of courts as documents: JSON and XML say what a dotted text says, and every fault tells where it stands."""

from __future__ import annotations

import gc
import json
import resource
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.catalog.inventing import TODAY
from tests.message.messages import CATALOGUE, messages, reading_of
from wireroom.catalog.file import Field
from wireroom.catalog.kinds_of_order import Protected, StayAway
from wireroom.message import by_name, niem
from wireroom.message.dialects import document_of, read_as
from wireroom.message.document import DOCUMENT_CHARACTERS_MAX, FAULTS_TOLD_MAX, forms_of, pieces
from wireroom.message.envelope import Fault, Message, Reading, Way
from wireroom.message.niem_map import PATHS, PIECES
from wireroom.message.write import write

GOLDEN = Path(__file__).parent / "golden"
JSON, XML = ((GOLDEN / name).read_text("utf-8") for name in ("order.json", "order.xml"))
TEXT = (
    "EPO.NAM/TESTCASE, JOHN MARK JR.AKA/SAMPLE, JACK.SEX/M.RAC/W.DOB/19790303.HGT/511.WGT/180.EYE/BRO.HAI/BRO."
    "ADR/999 OAK AVE.CTY/EXAMPLE CITY.STA/CA.ZIP/00999.TYO/OAH.PNO/FL990017.CTI/CA099023J.DPT/DEPT 99."
    "JDG/SPECIMEN, J.ISD/20261120.IST/1430.EXP/20291120.HRD/20261120.PPN/EXAMPLE, JANE ANN;F;19810606;FS;N."
    "PPN/EXAMPLE, OLGA;F;9;CC;N.PCO/01.PCO/04.PCO/05.PCO/07.STY/HOME 100.STY/SCHOOL 100.MOV/N.PCX/Y."
    "CUS/SATURDAYS AT THE SPECIMEN FAMILY CENTER.FRA/U.FND/Y.SVC/2.PRS/N.OCA/FL-990017."
    "MIS/THE CHILD GOES TO THE INVENTED ELEMENTARY SCHOOL"
)
KEYS = tuple(forms_of(CATALOGUE))
FIELDS: dict[str, Field] = {
    field.code: field for form in forms_of(CATALOGUE).values() for field in form.fields
}
WAYS = (Way.JSON, Way.NIEM)
SLOW = settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=40)


def read(way: Way, text: str) -> Reading:
    return read_as(way, text, CATALOGUE, ori="CA099023J", today=TODAY)


def written(way: Way, message: Message) -> str:
    return niem.write(message, CATALOGUE) if way is Way.NIEM else by_name.write(message, CATALOGUE)


def faults(way: Way, text: str) -> list[tuple[str, str, str]]:
    """The place, the field and the reason of every fault."""
    reading = read(way, text)
    assert reading.message is None
    assert all(fault.at for fault in reading.faults), reading.faults
    return [(fault.at, fault.field, fault.reason) for fault in reading.faults]


def changed(**parts: object) -> str:
    """The golden JSON with other values in its parts; None takes a part out."""
    told = json.loads(JSON)
    for name, value in parts.items():
        if isinstance(value, dict):
            told[name] = told.get(name, {}) | value
        else:
            told[name] = value
    return json.dumps(told)


# --------------------------------------------------------------------------- one meaning


def test_the_golden_documents_and_a_dotted_text_are_one_message() -> None:
    message = reading_of(TEXT).message
    assert message is not None
    assert read(Way.JSON, JSON).message == read(Way.NIEM, XML).message == message


def test_a_document_is_written_as_the_golden_one_is() -> None:
    message = reading_of(TEXT).message
    assert message is not None
    sent = {one.field.code for one in document_of(Way.JSON, JSON, CATALOGUE, TODAY).given}
    plain = Message(message.key, tuple(pair for pair in message.fields if pair[0] in sent))
    assert by_name.write(plain, CATALOGUE) + "\n" == JSON
    assert niem.write(plain, CATALOGUE) == XML


@pytest.mark.parametrize("way", WAYS)
@SLOW
@given(st.data())
def test_every_message_comes_back_from_its_document(way: Way, data: st.DataObject) -> None:
    message = reading_of(write(data.draw(messages(KEYS)))).message
    if message is None:  # what the rules or the clock do not allow
        return
    reading = read(way, written(way, message))
    assert reading.message == message, reading.faults


@SLOW
@given(messages(KEYS))
def test_what_is_written_is_as_the_schema_has_it(message: Message) -> None:
    assert niem.schema().validate(niem.element_of(message, CATALOGUE)), str(niem.schema().error_log)


@pytest.mark.parametrize("way", WAYS)
@SLOW
@given(messages(KEYS), st.sampled_from(sorted(FIELDS)))
def test_a_document_has_the_faults_of_the_same_text(way: Way, message: Message, without: str) -> None:
    less = Message(message.key, tuple(pair for pair in message.fields if pair[0] != without))
    by_text, by_document = reading_of(write(less)), read(way, written(way, less))
    assert by_text.message == by_document.message
    assert {(f.field, f.reason) for f in by_text.faults} == {(f.field, f.reason) for f in by_document.faults}


# --------------------------------------------------------------------------- the tables


def test_every_field_has_one_place_in_xml_and_one_name_in_json() -> None:
    assert set(PATHS) == set(FIELDS)
    assert len(set(PATHS.values())) == len(PATHS)
    for key, form in forms_of(CATALOGUE).items():
        named: Counter[str] = Counter()
        for held in by_name.names(form).values():
            named.update([held.code] if isinstance(held, Field) else [field.code for field in held.values()])
        assert set(named) == {field.code for field in form.fields}, key
        assert set(named.values()) == {1}, key


def test_every_value_of_several_pieces_has_a_place_for_each() -> None:
    assert {code for code, field in FIELDS.items() if isinstance(field.kind, Protected | StayAway)} == set(
        PIECES
    )
    for code, paths in PIECES.items():
        assert set(paths) == {piece.name for piece in pieces(FIELDS[code].kind)}


def test_a_place_is_told_for_every_field() -> None:
    form = forms_of(CATALOGUE)["EPO"]
    assert by_name.place_of(form, "DOB") == "$.restrained.birth_date"
    assert by_name.place_of(form, "PPN") == "$.protected"
    assert by_name.place_of(form, "CTA") == "$.entered_as_a_courtesy_for"
    assert by_name.place_of(form, "XXX") == "$"


def test_a_change_is_a_document_that_names_its_key() -> None:
    message = reading_of("MPO.FCN/9992600100014.STY/HOME 150").message
    assert message is not None
    told = json.loads(written(Way.JSON, message))
    assert told == {
        "key": "MPO",
        "terms": {"stays_away_from": [{"place": "HOME", "yards": 150}]},
        "file_control_number": "9992600100014",
    }
    assert (
        read(Way.JSON, json.dumps(told)).message
        == read(Way.NIEM, written(Way.NIEM, message)).message
        == message
    )


def test_an_endless_order_and_what_is_not_known_are_told_by_nil() -> None:
    message = reading_of(
        TEXT.replace("EXP/20291120", "EXP/NONEXP").replace("TYO/OAH", "TYO/CPO.SBA/136")
    ).message
    assert message is not None
    text = written(Way.NIEM, message)
    assert '<order:OrderExpirationDate xsi:nil="true"/>' in text
    assert '<order:FirearmsHeldIndicator xsi:nil="true"/>' in text
    assert read(Way.NIEM, text).message == message
    assert json.loads(written(Way.JSON, message))["order"]["last_day"] == "NONEXP"


# --------------------------------------------------------------------------- faults in JSON


def test_each_fault_in_json_names_its_path() -> None:
    text = changed(
        restrained={"birth_date": "1979-13-03", "alias": ["SAMPLE, JACK", "JACK"], "shoe_size": 9},
        protected=[
            {"name": "EXAMPLE, JANE", "sex": "Q", "born": "2031-01-01"},
            {"name": "EXAMPLE, OLGA", "born": "1990-01-01", "age": 36},
            {"name": "EXAMPLE, PIA", "hat": "RED"},
            7,
        ],
        terms={
            "stays_away_from": [{"place": "MOON", "yards": 100}, {"place": "HOME"}],
            "must_move_out": "PERHAPS",
        },
        case={"court_case_number": None},
        order=None,
    )
    told = {(at, field): reason for at, field, reason in faults(Way.JSON, text)}
    assert told["$.restrained.birth_date", "DOB"] == "is not a day of the calendar"
    assert told["$.restrained.alias[1]", "AKA"] == "is not LAST, FIRST MIDDLE with one comma"
    assert "is not a name here" in told["$.restrained.shoe_size", "TEXT"]
    assert told["$.protected[0].sex", "PPN"] == "is not a code of the table sex"
    assert told["$.protected[0].born", "PPN"] == "is in the future"
    assert told["$.protected[1]", "PPN"] == "has a birth date and an age: leave the age out"
    assert "is not a name here" in told["$.protected[2].hat", "PPN"]
    assert told["$.protected[3]", "PPN"].startswith("is not LAST, FIRST MIDDLE")
    assert told["$.terms.stays_away_from[0].place", "STY"] == "is not a code of the table stay_away"
    assert told["$.terms.stays_away_from[1]", "STY"] == "is not a place and yards, HOME 100"
    assert told["$.terms.must_move_out", "MOV"] == "is not a code of the table yes_no"
    assert told["$.case.court_case_number", "PNO"].startswith("is missing")
    assert told["$.order.type_of_order", "TYO"].startswith("is missing")


@pytest.mark.parametrize(
    ("text", "at", "reason"),
    [
        ("", "$", "is not JSON"),
        ("[]", "$", "is not an object of JSON"),
        ('{"court": {}, "court": {}}', "$", "has the name 'court' twice"),
        ('{"a": NaN}', "$", "holds NaN"),
        ("[" * 60_000, "$", "is not JSON that can be read"),
        ('{"a": ' + "9" * 5_000 + "}", "$", "is not JSON that can be read"),
        ("{}" + " " * DOCUMENT_CHARACTERS_MAX, "$", f"is longer than {DOCUMENT_CHARACTERS_MAX}"),
        ('{"key": 5}', "$.key", "is not a text"),
        ('{"key": "QPO"}', "$.key", "is not one of EPO"),
        ('{"key": "SPO"}', "$.key", "is not one of EPO"),
        ('{"court": "CA099023J"}', "$.court", "is not an object"),
        ('{"restrained": {"weight": 1.5}}', "$.restrained.weight", "is not pounds"),
        ('{"restrained": {"weight": -5}}', "$.restrained.weight", "is not pounds"),
        ('{"restrained": {"name": true}}', "$.restrained.name", "is not a name"),
        ('{"restrained": {"name": {"last": "X"}}}', "$.restrained.name", "is not a name"),
        ('{"protected": [{"name": ["X"]}]}', "$.protected[0].name", "is not a name"),
        ('{"remarks": "ONE. TWO"}', "$.remarks", "holds a period"),
        ('{"restraint": {}}', "$.restraint", "perhaps restrained"),
    ],
)
def test_what_cannot_be_in_json_is_told_with_its_place(text: str, at: str, reason: str) -> None:
    assert any(place == at and reason in why for place, _, why in faults(Way.JSON, text)), faults(
        Way.JSON, text
    )


def test_what_has_no_value_may_be_said_to_have_none() -> None:
    told = json.loads(JSON)
    told["protected"][0]["age"] = told["restrained"]["place_of_birth"] = told["service"][
        "date_of_service"
    ] = None
    assert read(Way.JSON, json.dumps(told)).message == read(Way.JSON, JSON).message


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({f"hat{n}": 1 for n in range(3_000)}),
        json.dumps({"protected": [{f"hat{n}": 1 for n in range(300)}] * 3}),
        XML.replace("<nc:ActivityCategoryText>", "<nc:Hat/>" * 3_000 + "<nc:ActivityCategoryText>"),
    ],
)
def test_of_faults_without_number_so_many_are_told_as_help(text: str) -> None:
    way = Way.NIEM if text.startswith("<") else Way.JSON
    assert 100 < len(faults(way, text)) <= FAULTS_TOLD_MAX


def test_a_value_that_is_there_too_often_is_told_at_the_last() -> None:
    told = faults(Way.JSON, changed(terms={"conditions": ["01"] * 10}))
    assert [(at, field) for at, field, why in told if "may stand only 9 times" in why] == [
        ("$.terms.conditions[9]", "PCO")
    ]


def test_what_a_document_says_badly_is_not_told_as_missing_too() -> None:
    told = faults(Way.JSON, changed(case={"court_case_number": 2**40}))
    assert [(field, why) for _, field, why in told if field == "PNO"] == [
        ("PNO", "is not text of at most 15 characters")
    ]


# --------------------------------------------------------------------------- faults in XML

_O = "/order:ProtectionOrderMessage/j:ProtectionOrder"
_PERSON = f"{_O}/j:ProtectionOrderRestrictedPerson"
_ADDRESS = XML[XML.index("<nc:PersonResidenceAddress>") : XML.index("</nc:PersonResidenceAddress>") + 28]


def test_each_fault_in_xml_names_its_element() -> None:
    text = (
        XML.replace("1979-03-03", "1979-02-30")
        .replace("<ncic:PersonSexCode>M</ncic:PersonSexCode>", "<ncic:PersonSexCode>Q</ncic:PersonSexCode>")
        .replace("<nc:Date>1981-06-06</nc:Date>", "<nc:Date>2081-06-06</nc:Date>")
        .replace("<order:StayAwayYardsQuantity>100<", "<order:StayAwayYardsQuantity>9999<", 1)
        .replace("<nc:ActivityCategoryText>OAH</nc:ActivityCategoryText>", "")
        .replace("<order:OrderIssuingTime>14:30:00<", "<order:OrderIssuingTime>25:30:00<")
    )
    told = {(at, field): reason for at, field, reason in faults(Way.NIEM, text)}
    assert told[f"{_PERSON}/nc:PersonBirthDate/nc:Date", "DOB"] == "is not a day of the calendar"
    assert told[f"{_PERSON}/ncic:PersonSexCode", "SEX"] == "is not a code of the table sex"
    protected = "/order:ProtectionOrderMessage/j:ProtectionOrderProtectedPersonAssociation[1]/nc:Person"
    assert told[f"{protected}/nc:PersonBirthDate/nc:Date", "PPN"] == "is in the future"
    more = f"{_O}/order:ProtectionOrderAugmentation"
    assert told[f"{more}/order:StayAwayLocation[1]/order:StayAwayYardsQuantity", "STY"].startswith(
        "is not a number"
    )
    assert told[f"{_O}/nc:ActivityCategoryText", "TYO"].startswith("is missing")
    assert told[f"{more}/order:OrderIssuingTime", "IST"] == "is not a time of day"
    assert all("as the schema has it" not in reason for reason in told.values())


@pytest.mark.parametrize(
    ("old", "new", "at", "reason"),
    [
        (JSON, JSON, "/", "is not XML"),
        ("order:ProtectionOrderMessage", "order:Other", "/order:Other", "is no order:ProtectionOrderMessage"),
        ("urn:wireroom:order:1", "urn:other", "/{urn:other}ProtectionOrderMessage", "is no order:Protection"),
        ("<nc:ActivityCategoryText>", "<nc:Hat/><nc:ActivityCategoryText>", f"{_O}/nc:Hat", "not an element that may"),
        ("<nc:ActivityCategoryText>", "X<nc:ActivityCategoryText>", _O, "has text between its elements"),
        (_ADDRESS, _ADDRESS * 2, f"{_PERSON}/nc:PersonResidenceAddress[2]", "may stand only once"),
        ("<ncic:PersonSexCode>M", "<ncic:PersonSexCode><nc:Date/>M", f"{_PERSON}/ncic:PersonSexCode", "holds elements"),
        ("<ncic:PersonSexCode>M", '<ncic:PersonSexCode xsi:nil="true">', f"{_PERSON}/ncic:PersonSexCode", "no value"),
        ("<nc:PersonName>", '<nc:PersonName s:ref="a">', f"{_O}/j:CourtOrderIssuingJudicialOfficial/nc:PersonName",
         "refers to another element"),
        ("<nc:PersonGivenName>JOHN", "<nc:PersonGivenName>A</nc:PersonGivenName><nc:PersonGivenName>JOHN",
         f"{_PERSON}/nc:PersonName/nc:PersonGivenName[2]", "may stand only once"),
        ("<order:MoveOutIndicator>false", "<order:MoveOutIndicator>perhaps",
         f"{_O}/order:ProtectionOrderAugmentation/order:MoveOutIndicator", "is not a code of the table yes_no"),
        ("<order:MoveOutIndicator>false", '<order:MoveOutIndicator hat="red">false',
         f"{_O}/order:ProtectionOrderAugmentation/order:MoveOutIndicator", "as the schema has it"),
        ("<order:RelationshipCode>FS", '<order:RelationshipCode xsi:nil="1">',
         "/order:ProtectionOrderMessage/j:ProtectionOrderProtectedPersonAssociation[1]/order:ProtectedPersonAugmentation"
         "/order:RelationshipCode", "has no value"),
        ("<order:RelationshipCode>FS", "<order:Hat/><order:RelationshipCode>FS",
         "/order:ProtectionOrderMessage/j:ProtectionOrderProtectedPersonAssociation[1]/order:ProtectedPersonAugmentation"
         "/order:Hat", "not an element that may"),
        ("<order:RelationshipCode>FS", "<order:RelationshipCode>FS</order:RelationshipCode><order:RelationshipCode>FS",
         "/order:ProtectionOrderMessage/j:ProtectionOrderProtectedPersonAssociation[1]/order:ProtectedPersonAugmentation"
         "/order:RelationshipCode[2]", "may stand only once"),
    ],
)  # fmt: skip
def test_what_cannot_be_in_xml_is_told_with_its_element(old: str, new: str, at: str, reason: str) -> None:
    text = XML.replace("xmlns:xsi=", f'xmlns:s="{niem._REF[1:].partition("}")[0]}" xmlns:xsi=')
    text = (
        new
        if old is JSON
        else text.replace(old, new)
        if "order" in old[:6] or "urn" in old
        else text.replace(old, new, 1)
    )
    told = faults(Way.NIEM, text)
    assert any(place == at and reason in why for place, _, why in told), told


def test_a_field_that_the_message_has_not_is_told() -> None:
    text = XML.replace(
        "</order:ProtectionOrderMessage>",
        "<order:ClearedReasonCode>R</order:ClearedReasonCode></order:ProtectionOrderMessage>",
    )
    assert faults(Way.NIEM, text) == [
        ("/order:ProtectionOrderMessage/order:ClearedReasonCode", "CLR", "is not a field of EPO")
    ]


def test_a_prefix_for_two_namespaces_does_not_hide_a_fault() -> None:
    hat = '<x:Hat xmlns:x="urn:one"/><x:Hat xmlns:x="urn:two"/>'
    text = XML.replace("<nc:ActivityCategoryText>", f"{hat}<nc:ActivityCategoryText>")
    told = faults(Way.NIEM, text)
    assert [at for at, _, _ in told[:2]] == [f"{_O}/{{urn:one}}Hat", f"{_O}/{{urn:two}}Hat"]


def test_elements_in_another_order_are_told_as_the_schema_has_them() -> None:
    date, name = "<nc:PersonBirthDate>", "<ncic:PersonEyeColorCode>BRO</ncic:PersonEyeColorCode>"
    text = XML.replace(name, "").replace(date, f"{name}{date}", 1)
    ((at, field, reason),) = faults(Way.NIEM, text)
    assert (at, field) == (f"{_PERSON}/nc:PersonBirthDate", "TEXT")
    assert reason.startswith("is not as the schema has it: This element is not expected. Expected is")


def test_another_prefix_a_default_one_and_the_full_name_are_read_alike() -> None:
    text = XML.replace("<nc:", "<core:").replace("</nc:", "</core:").replace("xmlns:nc=", "xmlns:core=")
    text = text.replace("<order:", "<").replace("</order:", "</").replace("xmlns:order=", "xmlns=")
    given = text.index("<core:PersonName>", text.index("EyeColor"))
    after = text.index("</core:PersonName>", given)
    whole = "<core:PersonName><core:PersonFullName>Testcase, John Mark Jr.</core:PersonFullName>"
    assert read(Way.NIEM, text).message == read(Way.NIEM, XML).message
    assert read(Way.NIEM, text[:given] + whole + text[after:]).message == read(Way.NIEM, XML).message


# --------------------------------------------------------------------------- nothing that harms

_LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))


_BOMBS = [
    f"<!DOCTYPE x SYSTEM 'http://127.0.0.1:1/x.dtd'>{XML.partition('?>')[2]}",
    f'<!DOCTYPE x [<!ENTITY l0 "ha">{_LAUGHS}]>{XML.partition("?>")[2].replace("OAH", "&l9;")}',
    f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{XML.partition("?>")[2].replace("OAH", "&e;")}',
]


@pytest.mark.parametrize("text", _BOMBS)
def test_a_document_type_is_refused_before_anything_is_read(text: str) -> None:
    assert faults(Way.NIEM, text) == [("/", "TEXT", "has a document type or an entity: leave it out")]


@pytest.mark.parametrize(
    "text",
    [
        XML.replace("OAH", "&e;"),
        "<a>" * 20_000,
        "<a>" * 1_000 + "</a>" * 1_000,
        XML + " " * DOCUMENT_CHARACTERS_MAX,
        XML.replace("OAH", "\ud800"),
        XML.replace("OAH", "\x00"),
        "\ufeff",
        '<?xml version="1.0" encoding="utf-16"?><a/>',
    ],
)
def test_what_is_no_xml_for_us_is_one_fault(text: str) -> None:
    ((at, field, _),) = faults(Way.NIEM, text)
    assert (at, field) in {("/", "TEXT"), ("/a", "TEXT")}


def test_threat_23_ten_thousand_hostile_documents_leave_no_memory_behind() -> None:
    """What is held by the whole process, so what the library beneath holds counts too."""
    ways = [
        *((Way.NIEM, text) for text in _BOMBS),
        (Way.NIEM, "<a>" * 2_000),
        (Way.JSON, '{"order": ' + "[" * 2_000 + "]" * 2_000 + "}"),
    ]

    def held() -> int:
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    def attack(times: int) -> None:
        for n in range(times):
            assert faults(*ways[n % len(ways)])

    attack(500)  # what is made once
    before = held()
    attack(10_000)
    assert held() - before < 8 * 1024 * 1024


def test_the_encoding_that_a_document_declares_does_not_count() -> None:
    assert read(Way.NIEM, XML.replace("utf-8", "iso-8859-1")).message == read(Way.NIEM, XML).message


def test_comments_and_instructions_say_nothing() -> None:
    text = XML.replace("OAH", "O<!-- TRO -->A<?x TRO?>H").replace(
        "<j:ProtectionOrder>", "<!-- x --><j:ProtectionOrder>"
    )
    assert read(Way.NIEM, text).message == read(Way.NIEM, XML).message


@pytest.mark.parametrize("way", WAYS)
@SLOW
@given(st.data())
def test_no_text_breaks_the_reader(way: Way, data: st.DataObject) -> None:
    golden = XML if way is Way.NIEM else JSON
    start = data.draw(st.integers(0, len(golden)))
    end = data.draw(st.integers(start, min(len(golden), start + 60)))
    put = data.draw(
        st.text(max_size=20) | st.sampled_from(["<", ">", "/>", "{", "]", '"', "\\u", "null", "&#0;", ";;"])
    )
    text = data.draw(st.sampled_from([golden[:start] + put + golden[end:], put, golden[start:end]]))
    reading = read(way, text)
    assert (reading.message is None) is bool(reading.faults)
    assert all(isinstance(fault, Fault) and fault.at for fault in reading.faults)


def test_a_catalogue_without_orders_takes_no_document() -> None:
    bare = type(CATALOGUE)(files=())
    for way, text in ((Way.JSON, JSON), (Way.NIEM, XML)):
        reading = read_as(way, text, bare, ori="", today=TODAY)
        assert reading.faults[0].field == "KEY"


# --------------------------------------------------------------------------- the manual

MANUAL = (Path(__file__).parents[2] / "docs" / "courts.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The examples of the manual's page in one language."""
    return [part.partition("\n```")[0] for part in MANUAL.split(f"```{language}\n")[1:]]


def test_the_examples_of_the_manual_are_read() -> None:
    entry, change, answer = blocks("json")
    (document,) = blocks("xml")
    assert (entry + "\n", document + "\n") == (JSON, XML)
    message = read(Way.JSON, change).message
    assert message is not None
    assert message.fields == (("FCN", "9992600100014"), ("STY", "HOME 150"))
    form = forms_of(CATALOGUE)["EPO"]
    for one in json.loads(answer)["worked_out"]:
        assert one["field"] in {by_name.place_of(form, code) for code in FIELDS}
