"""Claims about reading a file of records: nothing in it can stop the reader, and a line is read as a message is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.catalog.inventing import TODAY, full, replaced, with_bicycles, without
from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue, Form
from wireroom.message.read import checked
from wireroom.records.importing import CannotImport
from wireroom.records.importing.checking import SAMPLE, Checker, Chunk
from wireroom.records.importing.lines import LINE_BYTES_MAX, Format, Lines, Reader, format_of, joined, split
from wireroom.records.importing.rows import moment
from wireroom.records.importing.twins import Twins
from wireroom.records.importing.twins import fields_of as stored_fields
from wireroom.records.life import due, lateness
from wireroom.records.matching.keeping import Called
from wireroom.records.shape import identifiers, named
from wireroom.records.vault import Vault

CATALOGUE = with_bicycles()
VEHICLE = CATALOGUE.forms["EV"]
VAULT = Vault(b"v" * 32, Random(3).randbytes)
AT = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
HEADER = b"LIC,LIS,VYR,VMA,DOT,OCA,MIS\n"
GOOD = b"7QQQ001,CA,2019,TOYT,20260301,99-1,\n"
ENTERING = [
    CATALOGUE.forms[one.key]
    for file in CATALOGUE.files.values()
    if Source.STATE in file.held_by
    for one in file.enters
]
Pairs = Sequence[tuple[str, str]]


def chunks(
    content: bytes, written: Format, form: Form = VEHICLE, size: int = 1000
) -> list[tuple[Lines, Chunk]]:
    reader = Reader(io.BytesIO(content), written, form)
    checker = Checker(form, VAULT, parted=written is Format.CSV)
    found = []
    while (lines := reader.read(size)) is not None:
        found.append((lines, checker.check(lines, AT)))
    assert reader.offset >= len(content), "all was read"
    return found


def faults(
    content: bytes, written: Format = Format.CSV, form: Form = VEHICLE, size: int = 100
) -> list[tuple[int, str, str]]:
    """Line, field and reason of every fault."""
    return [
        (lines.numbers[place], *fault)
        for lines, chunk in chunks(content, written, form, size)
        for place, several in chunk.faulty
        for fault in several
    ]


def entered(
    content: bytes, written: Format = Format.CSV, form: Form = VEHICLE, size: int = 100
) -> list[tuple[tuple[str, str], ...]]:
    return [
        stored_fields(form.files[0], stored, VAULT)
        for _, chunk in chunks(content, written, form, size)
        for stored in chunk.stored
    ]


def as_csv(rows: Sequence[Pairs], form: Form) -> bytes:
    codes = list(dict.fromkeys(code for row in rows for code, _ in row))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(codes)
    for row in rows:
        cells = []
        for code in codes:
            values = [value for one, value in row if one == code]
            field = form.by_code[code]
            cells.append(joined(values) if field.many > 1 else values[0] if values else "")
        writer.writerow(cells)
    return out.getvalue().encode()


def as_jsonl(rows: Sequence[Pairs]) -> bytes:
    lines = []
    for row in rows:
        given: dict[str, object] = {}
        for code in dict.fromkeys(code for code, _ in row):
            values = [value for one, value in row if one == code]
            given[code] = values[0] if len(values) == 1 else values
        lines.append(json.dumps(given, ensure_ascii=False))
    return "\n".join(lines).encode()


# --------------------------------------------------------------------------- a line is read as a message is


def own(form: Form, pairs: Pairs) -> list[tuple[str, str]]:
    """What a line says: the record's own fields, without what the key says by itself."""
    says = dict(form.says)
    codes = {field.code for field in form.files[0].fields} - set(says)
    return [pair for pair in pairs if pair[0] in codes]


def spoilt(form: Form, pairs: Pairs, dice: Random) -> list[tuple[str, str]]:
    """The same line with something changed: a field gone, or with another text in it."""
    code = dice.choice(pairs)[0]
    if dice.random() < 0.5:
        return without(list(pairs), code)
    odd = dice.choice(
        ["?", "x" * 900, "19", "20991231", "ZZZZ", "A|B\\", 'say "so"', "Ünï", "1\t2", "\u2028", "01"]
    )
    return replaced(list(pairs), code, odd)


@pytest.mark.parametrize("form", ENTERING, ids=lambda form: form.key)
@pytest.mark.parametrize("written", list(Format))
def test_columns_are_read_as_each_line_would_be_by_itself(form: Form, written: Format) -> None:
    dice = Random(f"{form.key}")
    good = [own(form, full(form, dice)) for _ in range(4)]
    rows = [*good, *(spoilt(form, one, dice) for one in good for _ in range(6))]
    rows = [row for row in rows if row]
    content = as_csv(rows, form) if written is Format.CSV else as_jsonl(rows)
    [(lines, chunk)] = chunks(content, written, form)
    file = form.files[0]
    told = dict(chunk.faulty)
    stored = dict(zip(chunk.places, chunk.stored, strict=True))
    called: dict[int, list[tuple[str, tuple[Called, ...]]]] = {}
    for book, place, who in chunk.called:
        called.setdefault(place, []).append((book, who))
    found = {(place, kind, value) for kind, one in chunk.found.items() for value, place in one.pairs()}
    expected = set()
    assert len(lines.numbers) == len(rows)
    for place, row in enumerate(rows):
        given = [(form.by_code[c], v.replace("\t", " ")) for c, v in row if v.strip()]  # blank: left out
        reading = checked("", form, given, TODAY)
        if reading.message is None:
            assert told[place] == tuple((fault.field, fault.reason) for fault in reading.faults)
            continue
        assert place not in told
        fields = reading.message.fields
        late = lateness(file, fields, AT)
        kept = stored_fields(file, stored[place], VAULT)
        assert sorted(kept) == sorted((*fields, *([("LATE", late)] if late else [])))
        ends, _ = due(file, fields, AT)
        assert stored[place].endswith(moment(ends))
        assert called.get(place, []) == [one for one in named(file, fields) if one[1]]
        expected |= {(place, kind, value) for kind, value in identifiers(file, fields, VAULT)}
    assert found == expected
    for pairs in (list(one.pairs()) for one in chunk.found.values()):
        assert pairs == sorted(set(pairs))


def test_a_column_in_which_no_text_comes_again_is_read_as_any() -> None:
    dice = Random(8)
    lines = [
        GOOD.replace(b"7QQQ001", b"7QQ%05d" % n).replace(b"99-1", b"99-%d" % n) for n in range(SAMPLE + 200)
    ]
    for place in dice.sample(range(len(lines)), 60):
        odd = dice.choice([b"", b" ", b"?", b"7-qq 9", "Ünï".encode(), b"9%s"])
        lines[place] = lines[place].replace(*dice.choice([(b"7QQ", odd), (b"99-", odd), (b"CA", odd)]))
    content = HEADER + b"".join(lines)
    assert entered(content) == entered(content, size=SAMPLE + 200), "in small chunks all is remembered"
    assert faults(content) == faults(content, size=SAMPLE + 200)
    assert faults(content)


@given(st.binary(max_size=400), st.sampled_from(list(Format)))
@settings(max_examples=400)
def test_nothing_in_a_file_stops_the_reader(content: bytes, written: Format) -> None:
    whole = HEADER + GOOD + content + b"\n" + GOOD if written is Format.CSV else b"\n" + content
    for lines, chunk in chunks(whole, written, size=3):
        assert sorted([*chunk.places, *(place for place, _ in chunk.faulty)]) == list(
            range(len(lines.numbers))
        )


@given(st.text(alphabet=st.sampled_from(',"\n\r\\|A1 é\x00\ud7ff'), max_size=60))
@settings(max_examples=400)
def test_quotes_and_line_ends_anywhere_never_lose_the_lines_before(text: str) -> None:
    content = HEADER + GOOD + text.encode()
    assert entered(content)[0][0] == ("LIC", "7QQQ001")


@given(st.lists(st.text(alphabet="ab|\\ ", min_size=1), min_size=1, max_size=4))
def test_several_values_in_a_cell_come_apart_as_they_were(values: list[str]) -> None:
    assert list(split(joined(values))) == values


# --------------------------------------------------------------------------- the form of a file


def test_every_fault_of_a_line_is_told_with_its_line_and_field() -> None:
    content = HEADER + GOOD + b"7QQQ002,,19,TOYOTA,20991231,,\n"
    assert [(line, field) for line, field, _ in faults(content)] == [
        (3, "VYR"), (3, "VMA"), (3, "DOT"), (3, "OCA"), (3, "LIC"), (3, "LIS"),
    ]  # fmt: skip


def test_a_quoted_cell_may_hold_commas_quotes_and_line_ends() -> None:
    content = HEADER + GOOD + b'7QQQ002,CA,2019,TOYT,20260301,99-2,"RED, ""HOT""\nAND OLD"\n' + b"x\n"
    assert dict(entered(content)[1])["MIS"] == 'RED, "HOT" AND OLD'
    assert faults(content) == [(5, "TEXT", "has 1 columns, and the header has 7")]


def test_a_quote_that_is_never_closed_takes_only_its_own_line_with_it() -> None:
    content = HEADER + b'"7QQQ002,CA\n' + GOOD
    assert [(line, field) for line, field, _ in faults(content)] == [(2, "TEXT")]
    assert len(entered(content)) == 1


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_windows_and_blank_lines_are_read_like_any(end: bytes, bom: bytes) -> None:
    content = bom + (HEADER + GOOD + b"\n" + GOOD.replace(b"001", b"002")).replace(b"\n", end)
    assert [dict(one)["LIC"] for one in entered(content)] == ["7QQQ001", "7QQQ002"]
    assert not faults(content)
    line = json.dumps(
        {"LIC": "7QQQ001", "LIS": "CA", "VYR": "2019", "VMA": "TOYT", "DOT": "20260301", "OCA": "1"}
    )
    assert len(entered(bom + line.encode() + end + end + line.encode(), Format.JSONL)) == 2


def test_what_is_not_utf_8_is_told_by_its_line() -> None:
    assert faults(HEADER + GOOD + GOOD.replace(b"TOYT", b"T\xff"))[0] == (3, "TEXT", "is not UTF-8")
    assert faults(b'{"LIC":"\xff"}', Format.JSONL) == [(1, "TEXT", "is not UTF-8")]


@pytest.mark.parametrize("written", list(Format))
def test_a_line_of_ten_megabytes_is_refused_and_the_next_is_read(written: Format) -> None:
    long = b"x" * 10_000_000 + b"\n"
    good = b'{"LIC":"7QQQ001","LIS":"CA","VYR":"2019","VMA":"TOYT","DOT":"20260301","OCA":"1"}\n'
    content = HEADER + GOOD + long + GOOD if written is Format.CSV else good + long + good
    [fault] = faults(content, written)
    assert fault[1:] == ("TEXT", f"is longer than {LINE_BYTES_MAX} bytes")
    assert len(entered(content, written)) == 2
    assert max(len(raw) for lines, _ in chunks(content, written) for raw in lines.raws) < LINE_BYTES_MAX


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (b"", "the file is empty"),
        (b"LIC,PLATE\n", "column 2 of the header, PLATE, is no field of EV, which takes CAT, LIC"),
        (b"LIC,PUR\n", "PUR, is no field of EV"),
        (b"LIC,,LIS\n", "column 2 of the header, without a name"),
        (b"LIC,LIS,LIC\n", "names LIC twice"),
        (b'"LIC\n', "the first line is no header"),
        ("LIC,LIS\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_a_header_that_cannot_be_is_told(header: bytes, told: str) -> None:
    with pytest.raises(CannotImport, match=told):
        Reader(io.BytesIO(header), Format.CSV, VEHICLE)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"[1]", ("TEXT", "is not a JSON object of fields")),
        (b'{"LIC":', ("TEXT", "is not JSON: Input data was truncated")),
        (b'{"LIC":{"A":1}}', ("LIC", "is neither text nor a list of texts")),
        (b"[" * 5000, None),
        (b'{"LIC":"1","PUR":"C"}', None),
    ],
)
def test_a_line_that_is_no_object_of_texts_is_told(line: bytes, fault: tuple[str, str] | None) -> None:
    [(_, field, reason)] = faults(line, Format.JSONL)
    assert fault is None or (field, reason) == fault


def test_repeated_columns_and_parted_cells_are_the_same() -> None:
    form = CATALOGUE.forms["EV"]
    twice = b"LIC,LIS,VYR,VMA,DOT,OCA,CMC,CMC\n7QQQ001,CA,2019,TOYT,20260301,99-1,00,05\n"
    parted = b"LIC,LIS,VYR,VMA,DOT,OCA,CMC\n7QQQ001,CA,2019,TOYT,20260301,99-1,00|05\n"
    assert entered(twice, form=form) == entered(parted, form=form)
    assert [value for code, value in entered(parted, form=form)[0] if code == "CMC"] == ["00", "05"]


def test_reading_goes_on_in_the_middle_as_if_it_had_begun_there() -> None:
    content = HEADER + b"".join(GOOD.replace(b"001", b"%03d" % n) for n in range(20)) + b"bad\n"
    whole = [number for lines, _ in chunks(content, Format.CSV, size=4) for number in lines.numbers]
    reader = Reader(io.BytesIO(content), Format.CSV, VEHICLE)
    seen = []
    while (lines := reader.read(4)) is not None:
        seen += lines.numbers
        reader = Reader(io.BytesIO(content), Format.CSV, VEHICLE, offset=reader.offset, line=reader.line)
    assert seen == whole == list(range(2, 23))


def test_a_line_that_repeats_one_not_yet_stored_is_seen() -> None:
    twins = Twins(VEHICLE.files[0], VAULT)
    other_state = GOOD.replace(b"CA", b"NV")
    first, second = (
        chunk
        for content in (HEADER + GOOD + other_state + GOOD, HEADER + GOOD)
        for _, chunk in chunks(content, Format.CSV)
    )
    assert twins.find(first) == [(2, 0, 0)]
    assert twins.find(second) == [(0, 1, 0), (0, 1, 2)]


def test_the_format_follows_from_the_name_unless_it_is_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("named")
    assert format_of(folder / "A.CSV", None) is Format.CSV
    assert format_of(folder / "a.ndjson", None) is Format.JSONL
    assert format_of(folder / "a.txt", "csv") is Format.CSV
    with pytest.raises(CannotImport, match="--format"):
        format_of(folder / "a.txt", None)


def test_a_key_that_says_something_says_it_of_every_line() -> None:
    assert dict(entered(HEADER + GOOD, form=Catalogue().forms["EF"])[0])["CAT"] == "F"


def test_in_the_evening_here_the_day_of_a_line_is_not_yet_the_next() -> None:
    evening = datetime(2026, 3, 3, 2, tzinfo=UTC)  # six in the evening of the second
    reader = Reader(io.BytesIO(HEADER + GOOD + GOOD.replace(b"20260301", b"20260303")), Format.CSV, VEHICLE)
    lines = reader.read(10)
    assert lines is not None
    chunk = Checker(VEHICLE, VAULT, parted=True).check(lines, evening)
    assert [fault[0] for _, several in chunk.faulty for fault in several] == ["DOT"]
    assert len(chunk.stored) == 1
