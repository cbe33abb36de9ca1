"""Finds the records that a batch of inquiries asks for, in a few statements whatever the number of files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import asyncpg
import msgspec

from wireroom.catalog.file import File, Source
from wireroom.catalog.index import Catalogue
from wireroom.catalog.kinds_of_person import parts
from wireroom.message.answer import Answer, Hit, Question, State
from wireroom.message.envelope import Message
from wireroom.records.life import IN_FORCE, Status, ends_at, history_ends, valued
from wireroom.records.matching.evidence import POSSIBLE, STRONG, WIDE, Line, explained
from wireroom.records.matching.keeping import called
from wireroom.records.matching.people import Match, Matches, People
from wireroom.records.matching.probing import Sought
from wireroom.records.matching.published import Rule, search_published
from wireroom.records.near import differences, near
from wireroom.records.near_found import Sought as Number
from wireroom.records.near_found import near_found, part_found
from wireroom.records.orders.telling import told_of
from wireroom.records.parts_known import IN_PART, pattern_of
from wireroom.records.shape import Fields, book_of, from_json, of_book, readable
from wireroom.records.vault import Vault
from wireroom.records.ways import Asking, Ways, agrees, lives_up, of_a_state_asked, parting

HITS_MAX = 25  # more candidates than this: the reader is asked to narrow, nothing is cut in silence
PROBES_MAX = 20
STRANGERS_MAX = 1.2  # expected among the uncertain finds that one inquiry shows
CROWD_MAX = 3  # without a birth date, more uncertain people than this are counted, not shown
WIDE_ASKED = "W"
NUMBER_BITS, NEAR_NUMBER_BITS = (
    26.0,
    14.0,
)  # what a number of the same person is worth, whole and with one slip

SLIP_ALONE = -3.0  # a number with one slip that no name agrees with: possible, and no more

BY_IDENTIFIER = """
select q.n, r.file, r.id, r.number, r.owner, r.status, r.fields::text as fields, r.due_at, q.kind as how, '' as value
  from unnest($1::int[], $2::text[], $3::text[], $4::bool[]) as q(n, kind, value, test)
  join identifier i on i.kind = q.kind and i.value = q.value
  join record r on r.file = i.file and r.id = i.record and r.test = q.test
"""
BY_PLACE = """
select q.n, r.file, r.id, r.number, r.owner, r.status, r.fields::text as fields, r.due_at, 'NAM' as how, '' as value
  from unnest($1::int[], $2::text[], $3::bigint[]) as q(n, file, id)
  join record r on r.file = q.file and r.id = q.id
"""
_Rows = dict[int, list[asyncpg.Record]]


class Found(msgspec.Struct, frozen=True):
    """One record that an inquiry reached, and why it may be the one asked for."""

    file: File
    id: int
    number: str
    owner: str
    status: str
    fields: Fields
    why: str
    bits: float
    sure: bool = False  # reached by a whole number: shown whatever else is said of it
    exact: bool = False  # name and birth date are just as asked: shown whatever the strength
    asks: bool = False  # its reader has to act: a hit, and no record that only informs
    party: str = ""  # the field of who was found, where it is another than the record's own person
    told: Fields = ()  # what is said of it beside its fields
    rank: int = 0  # among those that ask for an act: what is in force and known comes first

    @property
    def place(self) -> tuple[str, int]:
        """Its file and number in the database."""
        return self.file.code, self.id


class Finder:
    """Answers inquiries for one holder of files from one database. `rule`: what an inquiry that names none goes by."""

    def __init__(
        self, catalogue: Catalogue, source: Source, vault: Vault, people: People, rule: Rule = Rule.BITS
    ) -> None:
        self.source = source
        self._files = catalogue.files
        self._places = {code: place for place, code in enumerate(catalogue.files)}
        self._asking = Asking(catalogue, source)
        self._vault = vault
        self._people = people
        self._rule = rule

    async def find(self, connection: asyncpg.Connection, questions: Sequence[Question]) -> list[Answer]:
        """One answer to each question, in their order."""
        ways = [self._asking.ways(question.message) for question in questions]
        rows: _Rows = defaultdict(list)
        exact, partly, nearly = self._numbers(questions, ways)
        if exact:
            _by_place(rows, await connection.fetch(BY_IDENTIFIER, *zip(*exact, strict=True)))
        if partly:
            _by_place(rows, await part_found(connection, partly))
        slips: _Rows = defaultdict(list)
        if nearly:
            _by_place(slips, await near_found(connection, self._vault, nearly))
        named = {
            place: parts(question.message.get(ways[place].name_code))
            for place, question in enumerate(questions)
            if ways[place].names
        }
        matches: dict[int, Matches] = {}
        if named:
            matches = await self._named(connection, questions, ways, named, (rows, slips))
            missing = self._unread(matches, (rows, slips))
            if missing:
                _by_place(rows, await connection.fetch(BY_PLACE, *zip(*missing, strict=True)))
        return [
            self._answer(question, ways[place], rows[place], slips[place], matches.get(place))
            for place, question in enumerate(questions)
        ]

    # ----------------------------------------------------------------------- what is asked

    def _numbers(
        self, questions: Sequence[Question], ways: Sequence[Ways]
    ) -> tuple[list[tuple[int, str, str, bool]], list[Number], list[Number]]:
        """Every number that may be answered by: whole, known in part, and those looked for with a slip as well.

        A slip is looked for where a name can tell whether it is one, and where a wide search is asked for.
        """
        exact: list[tuple[int, str, str, bool]] = []
        partly: list[Number] = []
        nearly: list[Number] = []
        for place, question in enumerate(questions):
            message, test = question.message, question.seat.test
            for code, value in message.fields[:PROBES_MAX]:
                if code not in ways[place].indexes:
                    continue
                index, secret = ways[place].indexes[code]
                number = Number(
                    place=place, index=index, value=value, files=",".join(ways[place].files), test=test,
                    secret=secret, narrow=self._narrow(ways[place], index, message),
                )  # fmt: skip
                pattern = pattern_of(index, value)
                if pattern:
                    partly.append(number)
                if not pattern or ("?" not in value and "*" not in value):
                    exact.append((place, index, self._vault.blind(index, value) if secret else value, test))
                    named = bool(ways[place].names) and index not in IN_PART
                    if named or message.get("SRH") == WIDE_ASKED:
                        nearly.append(number)
        return exact, partly, nearly

    def _narrow(self, ways: Ways, index: str, message: Message) -> tuple[tuple[str, str], ...]:
        codes = dict.fromkeys(code for file in ways.files.values() for code in parting(file, index))
        return tuple((code, message.get(code)) for code in codes if len(message.all(code)) == 1)

    async def _named(
        self,
        connection: asyncpg.Connection,
        questions: Sequence[Question],
        ways: Sequence[Ways],
        named: Mapping[int, tuple[str, str, str, str]],
        reached: tuple[_Rows, _Rows],
    ) -> dict[int, Matches]:
        """Who may be meant by each inquiry that has a name, by the rule that it goes by."""
        await self._people.refresh(connection)
        number = self._people.books.number
        by_rule: dict[Rule, dict[tuple[int, bool], Sought]] = defaultdict(dict)
        for place, over in ((place, over) for place in named for over in (False, True)):
            message, test = questions[place].message, questions[place].seat.test
            if over and message.get("HST") != "Y":
                continue
            books = {book: number(book, test) for book in ways[place].books(message.get("PTY"), over=over)}
            asked = message.get("SRH")
            rule = Rule(asked) if asked in (Rule.NCIC, Rule.III) else self._rule
            if rule is Rule.NCIC and ways[place].indexes and not message.get("DOB"):
                continue  # by that rule a number without a birth date ends the search by name
            known = [
                (books.get(book_of(row["file"], over=over), 0), row["id"])
                for rows in reached for row in rows[place] if (row["status"] not in IN_FORCE) is over
            ]  # fmt: skip
            by_rule[rule][place, over] = Sought(
                called(*named[place], dob=int(message.get("DOB") or 0), sex=message.get("SEX")),
                tuple(book for book in books.values() if book),
                tuple(one for one in dict.fromkeys(known) if one[0]),
                WIDE if asked == WIDE_ASKED else POSSIBLE,
            )
        found: dict[int, Matches] = {}
        for rule, sought in by_rule.items():
            several = (
                await self._people.search(connection, list(sought.values()))
                if rule is Rule.BITS
                else await search_published(connection, self._people, rule, list(sought.values()))
            )
            for (place, _), matches in zip(sought, several, strict=True):  # what is in force comes first
                found[place] = joined(found[place], matches) if place in found else matches
        return found

    def _unread(
        self, matches: Mapping[int, Matches], reached: tuple[_Rows, _Rows]
    ) -> list[tuple[int, str, int]]:
        """The records matched by name that no number has brought."""
        wanted: list[tuple[int, str, int]] = []
        for place, several in matches.items():
            here = {(row["file"], row["id"]) for rows in reached for row in rows[place]}
            files = [self._place(match) for match in several.found[:HITS_MAX]]
            wanted.extend((place, *one) for one in files if one not in here)
        return wanted

    # ----------------------------------------------------------------------- what is answered

    def _answer(
        self,
        question: Question,
        ways: Ways,
        rows: Iterable[asyncpg.Record],
        slips: Iterable[asyncpg.Record],
        matches: Matches | None,
    ) -> Answer:
        found: dict[tuple[str, int], Found] = {}  # a record may be reached in several ways, and counts once
        others: set[tuple[str, int]] = set()  # of the name, but of another city, or not in force
        strength: dict[tuple[str, int], Match] = {}
        for match in () if matches is None else matches.found:
            strength.setdefault(self._place(match), match)  # the strongest is the first
        for row, slip in (*((row, False) for row in rows), *((row, True) for row in slips)):
            place = (row["file"], row["id"])
            if place not in found and (one := self._found(question, ways, row, slip, strength.get(place))):
                found[place] = one
            elif place not in found and row["how"] == "NAM":
                others.add(place)
        shown, hidden = self._shown(question.message, self._weighed(found.values(), question))
        numbered = sum(one.sure for one in shown)
        if numbered > HITS_MAX:
            return self._refused(f"MORE THAN {HITS_MAX} RECORDS MATCH: ADD A BIRTH DATE OR A NUMBER")
        if matches is not None:
            unseen = (*matches.namesakes, *matches.unweighed)
            hidden |= {self._where(book, record) for book, record in unseen}
            # Rivals may have weakened them all: that there are many is no reason to say that there is none.
            crowd = [match for match in matches.found if match.alone >= POSSIBLE > match.bits]
            hidden |= {self._place(match) for match in crowd}
            hidden |= {self._place(match) for match in matches.found[HITS_MAX:] if match.bits >= STRONG}
        if len(shown) > HITS_MAX and not any(one.asks for one in shown):
            return self._refused(f"MORE THAN {HITS_MAX} RECORDS MATCH: {_narrowing(question.message)}")
        hidden |= {one.place for one in shown[HITS_MAX:]}
        shown = shown[:HITS_MAX]
        hidden -= (others - found.keys()) | {one.place for one in shown}
        return self._composed(question, shown, len(hidden))

    def _place(self, match: Match) -> tuple[str, int]:
        return self._where(match.book, match.record)

    def _where(self, book: int, record: int) -> tuple[str, int]:
        return of_book(self._people.books.file(book)[0])[0], record

    def _found(
        self, question: Question, ways: Ways, row: asyncpg.Record, slip: bool, match: Match | None
    ) -> Found | None:
        """A row as a record found; None where it is not the one meant."""
        file, how, message = ways.files.get(row["file"]), row["how"], question.message
        recalled = file is not None and file.recalled and message.get("HST") == "Y"
        if (
            file is None
            or (how == "NAM" and match is None)
            or (row["status"] not in IN_FORCE and not recalled)
        ):
            return None
        fields = from_json(file, row["fields"], self._vault)
        status = row["status"]
        if status not in IN_FORCE and row["due_at"] is not None and row["due_at"] <= question.at:
            return None  # its history has had its time as well
        ends = ends_at(file, valued(fields)) if status in IN_FORCE else None
        if ends is not None and ends <= question.at:
            status = Status.EXPIRED  # nobody has noted it yet
            if not recalled or history_ends(ends) <= question.at:
                return None
        if how == "NAM" and not lives_up(file, message, dict(fields)):
            return None
        if not of_a_state_asked(file, self.source, message, dict(fields)):
            return None
        if how != "NAM" and not agrees(file, how, message, dict(fields)):
            if match is None:
                return None
            how = "NAM"  # the number is another's, but the name may find it
        sure = how != "NAM" and not slip
        if match is None:
            if slip and message.get("SRH") != WIDE_ASKED:
                return None
            why, bits = self._by_number(message, file, row, slip).text, SLIP_ALONE if slip else NUMBER_BITS
        elif how == "NAM":
            why, bits = explained(match.lines, match.bits), match.bits
        else:
            line = self._by_number(message, file, row, slip)
            bits = match.bits + line.bits
            why = explained((line, *match.lines), bits)
        exact = match is not None and match.exact
        asks = bool(file.named(valued(fields))[0])
        party = (
            of_book(self._people.books.file(match.book)[0])[1] if match is not None and how == "NAM" else ""
        )
        return Found(
            file, row["id"], row["number"], row["owner"], status, fields, why, bits, sure, exact, asks, party
        )

    def _weighed(self, found: Iterable[Found], question: Question) -> list[Found]:
        """What is said of orders beside their fields: whether each is in force, and which of several prevails."""
        found = list(found)
        orders = [one for one in found if one.file.orders]
        told = dict(
            zip((one.place for one in orders), told_of(orders, question.at, self.source), strict=True)
        )
        return [
            one if one.place not in told else msgspec.structs.replace(
                one, told=told[one.place].fields, rank=told[one.place].rank,
                asks=bool(one.file.named(valued((*told[one.place].fields, *one.fields)))[0]),
            )
            for one in found
        ]  # fmt: skip

    def _by_number(self, message: Message, file: File, row: asyncpg.Record, slip: bool) -> Line:
        """Why a number reached a record, and what that is worth."""
        how = row["how"]
        code = next((f.code for f in file.fields if f.kind.identifies == how and message.get(f.code)), how)
        secret = slip and file.field(code).secret
        return number_line(row, message.get(code), slip=slip, secret=secret)

    def _shown(self, message: Message, found: Iterable[Found]) -> tuple[list[Found], set[tuple[str, int]]]:
        """What is shown, the strongest first, and the uncertain ones that are not."""
        wide = message.get("SRH") == WIDE_ASKED
        shown = [
            one
            for one in found
            if one.sure
            or one.bits >= STRONG
            or (one.bits >= POSSIBLE and one.asks)
            or (one.bits >= WIDE and wide)
        ]
        shown.sort(key=self._order)
        if wide:
            return shown, set()
        uncertain = [one for one in shown if not (one.sure or one.exact or one.bits >= STRONG)]
        fit = few_enough([one.bits for one in uncertain], dated=bool(message.get("DOB")))
        hidden = {one.place for one in uncertain[fit:]}
        return [one for one in shown if one.place not in hidden], hidden

    def _order(self, one: Found) -> tuple[bool, bool, int, bool, int, float, int]:
        """What asks for an act first, and danger before all else; of the person just as asked, a warrant before others.

        How strong the evidence is says nothing between records of that person: files differ only in their size.
        """
        certain = one.sure or one.exact
        careful = certain and "CMC" in dict(one.fields)
        place = self._places[one.file.code] if certain else len(self._places)
        return not one.sure, not one.asks, one.rank, not careful, place, -round(one.bits, 6), one.id

    def _composed(self, question: Question, shown: Sequence[Found], hidden: int) -> Answer:
        more = _narrowing(question.message)
        source = self.source.value
        if not shown:
            if hidden:
                records = "1 RECORD" if hidden == 1 else f"{hidden} RECORDS"
                return self._refused(f"{records} OF LIKE NAME, NONE SURE ENOUGH TO SHOW: {more}")
            return Answer(source=source, state=State.NO_RECORD)
        hits = tuple(_hit(one) for one in shown)
        state = State.HIT if any(one.asks for one in shown) else State.RECORD
        text = (
            f"{hidden} MORE OF LIKE NAME {'IS' if hidden == 1 else 'ARE'} NOT SHOWN: {more}" if hidden else ""
        )
        return Answer(source=source, state=state, hits=hits, text=text)

    def _refused(self, text: str) -> Answer:
        return Answer(source=self.source.value, state=State.REFUSED, text=text)


def _narrowing(message: Message) -> str:
    """What would tell whom is meant."""
    return "ADD A MIDDLE NAME OR A NUMBER" if message.get("DOB") else "ADD A BIRTH DATE OR A NUMBER"


def joined(one: Matches, more: Matches) -> Matches:
    """What two searches found, as of one; the first comes first."""
    namesakes, unweighed = (*one.namesakes, *more.namesakes), (*one.unweighed, *more.unweighed)
    return msgspec.structs.replace(
        one, found=(*one.found, *more.found), namesakes=namesakes, unweighed=unweighed
    )


def _by_place(into: _Rows, rows: Iterable[asyncpg.Record]) -> None:
    for row in rows:
        into[row["n"]].append(row)


def number_line(row: asyncpg.Record, asked: str, *, slip: bool, secret: bool) -> Line:
    """The evidence of a number that reached a record: whole, by its known part, or with a slip."""
    how = row["how"]
    if not slip:
        return Line(f"{how} fits {asked}" if pattern_of(how, asked) else f"{how} exact", NUMBER_BITS)
    held = near(how, asked)[row["rank"] - 1] if secret else row["value"]
    return Line(f"{how} {differences(asked, held)}", NEAR_NUMBER_BITS)


def tier_of(bits: float, *, sure: bool = False) -> str:
    """How strong a find is: strong, possible, wide, or beyond what is ever shown. A whole number is always strong."""
    if sure or bits >= STRONG:
        return "strong"
    return "possible" if bits >= POSSIBLE else "wide" if bits >= WIDE else "beyond"


def few_enough(uncertain: Sequence[float], *, dated: bool) -> int:
    """How many of the uncertain finds of an inquiry are shown, by their bits, the strongest first.

    So many that about one of them is a stranger, and one in any case: people whose names are shared by many are not to
    be shown as possible more often than others. Without a birth date more than a few are all counted, none shown.
    """
    if len(uncertain) > CROWD_MAX and not dated:
        return 0
    strangers = 0.0
    for place, bits in enumerate(uncertain):
        strangers += 1 / (1 + 2.0**bits)
        if place and strangers > STRANGERS_MAX:
            return place
    return len(uncertain)


def _hit(found: Found) -> Hit:
    tier = tier_of(found.bits, sure=found.sure)
    return Hit(
        file=found.file.code,
        number=found.number,
        owner=found.owner,
        status=found.status,
        fields=(*found.told, *readable(found.file, found.fields)),
        tier={"strong": "", "beyond": "wide"}.get(tier, tier),
        why=found.why,
    )
