"""Prints a record as this terminal was shown it: an order's summary and its proof of service, a restricted record.

Who gets the paper and what for is asked first and written down before it is made; the paper is marked with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from importlib import resources

import msgspec
import typst
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wireroom.catalog.file import TOLD, Field, File
from wireroom.catalog.kinds import Code
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.message.answer import Hit
from wireroom.message.envelope import Fault
from wireroom.message.local import timed
from wireroom.message.passing import FILE, MARKED, Passing, faults
from wireroom.message.reply import named
from wireroom.web import beside
from wireroom.web.acts import guarded, numbered
from wireroom.web.door import Door, text
from wireroom.web.filled import record_before
from wireroom.web.house import Session

SERVED, SERVICE = ("SVC", ("1",)), ("SVD", "SVT", "SVM", "SVN", "SVA", "SAN", "SAD", "PRS")
COURT = ("TYO", "PNO", "CTI", "DPT", "JDG", "SBA", "ISD", "IST", "EXP", "EXT", "HRD", "HRT")
OTHERS = frozenset({*TOLD, "ENF", "PRE", "RPT", "BRW"})
AT_ONCE = 2  # papers that are set at a time: each takes a core for some hundredths of a second


class Part(msgspec.Struct, frozen=True):
    """A heading with rows of title and value, or with paragraphs."""

    title: str
    rows: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on one paper."""

    title: str = ""
    under: str
    foot: str = ""
    marking: str = MARKED  # on each page
    mark: str = ""
    now: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    sign: tuple[str, ...] = ()


class Printing:
    """The papers of records: of orders, and of those that are guarded as criminal history is."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._papers: Mapping[str, tuple[str, Callable[[Hit, Session], Paper]]] = {
            "order": ("Order summary", self._summary),
            "service": ("Proof of service", self._proof),
            "record": ("Record", self._record),
        }

    def routes(self) -> list[Route]:
        return [
            Route("/paper/{number:str}/{name:str}.pdf", self.paper, methods=["POST"]),
            Route("/paper/{number:str}/{name:str}", self.ask),
        ]

    async def ask(self, request: Request) -> Response:
        """Who gets the paper: the page that comes before it."""
        session = await self.door.session(request)
        hit = self._hit(request, session)
        if isinstance(hit, Response):
            return hit
        return self._draw(
            request,
            session,
            hit,
            Passing(recipient=session.name, agency=session.agency, purpose="", printer=""),
        )

    async def paper(self, request: Request) -> Response:
        """The paper, as its record stood when this terminal was shown it; whom it goes to is written down first."""
        session = await self.door.session(request)
        form = await self.door.form(request, session)
        hit = self._hit(request, session)
        if isinstance(hit, Response):
            return hit
        passing = Passing(**{name: " ".join(text(form, name).split()) for name in Passing.__struct_fields__})
        printers = self.door.house.printers(session.seat)
        if wrong := faults(passing, tuple(mnemonic for mnemonic, _ in printers)):
            return self._draw(request, session, hit, passing, wrong)
        title, draw = self._papers[request.path_params["name"]]
        event = await self.door.house.pass_on(session.seat, passing, title, (hit,))
        foot = self._foot(hit, session, passing, event)
        return await self._set(msgspec.structs.replace(draw(hit, session), title=title, foot=foot))

    def _draw(
        self, request: Request, session: Session, hit: Hit, passing: Passing, wrong: Sequence[Fault] = ()
    ) -> Response:
        name = request.path_params["name"]
        values = {
            "title": self._papers[name][0],
            "go": f"/paper/{request.path_params['number']}/{name}.pdf",
            "what": f"{self.door.house.catalogue.files[hit.file].title} {hit.number}",
            "passing": passing,
            "printers": self.door.house.printers(session.seat),
            "file": FILE,
            "wrong": {fault.field: fault.reason for fault in wrong},
        }
        return self.door.render(request, "paper.html", session, status=422 if wrong else 200, values=values)

    def _hit(self, request: Request, session: Session) -> Hit | Response:
        """The record of a paper, or why there is none here."""
        number, name = request.path_params["number"], request.path_params["name"]
        before = record_before(self.door.recent.of(session.seat.terminal), number)
        file = self.door.house.catalogue.files.get(before.hit.file) if before else None
        if before is None or file is None or name not in _of(before.hit, file):
            return self.door.words(
                request,
                404,
                "This terminal was not shown that record lately",
                "Ask for it first, by its number.",
            )
        code, served = SERVED
        if name == "service" and dict(before.hit.fields).get(code) not in served:
            return self.door.words(request, 409, "This order is not served", "Report the service first: SPO.")
        return before.hit

    async def _set(self, paper: Paper) -> Response:
        said = msgspec.json.encode(paper).decode()
        source = resources.files("wireroom.web.papers").joinpath("order.typ").read_bytes()
        async with self._turn:
            made = await asyncio.to_thread(_pdf, source, said)
        name = f'inline; filename="{paper.title.lower().replace(" ", "-")}.pdf"'
        return Response(made, media_type="application/pdf", headers={"Content-Disposition": name})

    # ----------------------------------------------------------------------- what stands on them

    def _summary(self, hit: Hit, session: Session) -> Paper:
        file = self.door.house.catalogue.files[hit.file]
        words = self.door.house.order_words(hit)
        people = tuple(
            (str(place), file.field(code).kind.show(value))
            for place, (code, value) in enumerate((p for p in hit.fields if p[0] in file.parties), 1)
        )
        spoken = {*COURT, *SERVICE, *file.parties}
        rest = [field.code for field in file.fields if field.code not in spoken and field.code not in OTHERS]
        return Paper(
            under=f"{self._kind(file, hit)}: {dict(hit.fields).get('NAM', '')}",
            mark=self._mark(session),
            now=tuple(beside.dated(line).upper() for line in words.now),
            parts=(
                Part("The order", self._said(file, hit, COURT)),
                Part("Protected persons", people)
                if people
                else Part("Protected persons", (), ("None by name.",)),
                Part("Terms, as they are read out to the person", (), words.english),
                Part("Service", self._said(file, hit, ("SVC", *SERVICE))),
                Part("Restrained person, and all else on file", self._said(file, hit, rest)),
                Part("Reports", (), beside.reports(file, dict(hit.fields).get("RPT", "")) or ("None.",)),
            ),
        )

    def _proof(self, hit: Hit, session: Session) -> Paper:
        file = self.door.house.catalogue.files[hit.file]
        name = next((f.code for f in file.fields if isinstance(f.kind, PersonName)), "NAM")
        return Paper(
            under=f"{self._kind(file, hit)}, case {dict(hit.fields).get('PNO', '')}",
            mark=self._mark(session),
            parts=(
                Part("The order", self._said(file, hit, COURT)),
                Part("Who was served", self._said(file, hit, (name, "DOB", "SEX", "RAC"))),
                Part("How", self._said(file, hit, SERVICE)),
                Part("Declaration", (), (
                    "I served this order on the person named above, as stated. I am a peace officer, or not a party to "
                    "the case and at least 18 years old. I declare under penalty of perjury under the laws of the "
                    "State of California that this is true.",
                )),
            ),
            sign=("Date, and signature of who served it", "Name and badge, printed"),
        )  # fmt: skip

    def _record(self, hit: Hit, session: Session) -> Paper:
        file = self.door.house.catalogue.files[hit.file]
        known = [field.code for field in file.fields if field.code not in OTHERS]
        say = named(hit, self.door.house.catalogue)
        return Paper(
            under=f"{file.title}: {dict(hit.fields).get('NAM', '')}",
            mark=self._mark(session),
            now=tuple(words for words in say if words),
            parts=(Part("What is on file", self._said(file, hit, known)),),
        )

    def _said(self, file: File, hit: Hit, codes: tuple[str, ...] | list[str]) -> tuple[tuple[str, str], ...]:
        return tuple(
            (_title(file.field(code)), _spoken(file.field(code), value))
            for code in codes
            for known, value in hit.fields
            if known == code
        )

    def _kind(self, file: File, hit: Hit) -> str:
        """What kind of order it is."""
        return next((words for _, words in self._said(file, hit, ("TYO",))), file.title)

    def _mark(self, session: Session) -> str:
        if session.seat.test:
            return "TRAINING: NOT A RECORD"
        return "DEMONSTRATION: EVERYTHING HERE IS INVENTED" if self.door.house.demo else ""

    def _foot(self, hit: Hit, session: Session, passing: Passing, event: int) -> str:
        at = beside.dated(timed(self.door.house.now()))
        where = f"on printer {passing.printer}" if passing.printer != FILE else "into a file"
        seat, by = session.seat, f"{hit.owner} {hit.agency}".rstrip()
        return (
            f"{numbered(hit)[0] or 'number'} {hit.number}, entered by {by}. "
            f"Printed {at} by {session.name} ({seat.person}) at {seat.ori}/{seat.terminal} {where}, "
            f"event {event}, for {passing.recipient}, {passing.agency}: {passing.purpose}. "
            "Confirm with the entering agency before any arrest."
        )


def _of(hit: Hit, file: File) -> tuple[str, ...]:
    """The papers that there are of a record."""
    if file.orders:
        return ("order", "service")
    return ("record",) if guarded(hit, file) else ()


def _pdf(source: bytes, said: str) -> bytes:
    made = typst.compile(source, format="pdf", sys_inputs={"said": said})
    assert isinstance(made, bytes), "a PDF is one file"
    return made


def _spoken(field: Field, value: str) -> str:
    """A value without its code, for whoever reads paper; a condition keeps its number, by which courts name it."""
    words = field.kind.show(value)
    return words.removeprefix(f"{value} ") if isinstance(field.kind, Code) and field.many == 1 else words


def _title(field: Field) -> str:
    return field.title[:1].upper() + field.title[1:]
