"""Prints an order as this terminal was shown it: a summary, and the proof that it was served."""

from __future__ import annotations

import asyncio
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
from wireroom.message.local import timed
from wireroom.web import beside
from wireroom.web.door import Door
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

    title: str
    under: str
    foot: str
    mark: str = ""
    now: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    sign: tuple[str, ...] = ()


class Printing:
    """The papers of records that are orders."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self._turn = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[Route]:
        return [
            Route("/paper/{number:str}/order.pdf", self.order),
            Route("/paper/{number:str}/service.pdf", self.service),
        ]

    async def order(self, request: Request) -> Response:
        """The summary of an order, as it stood when this terminal was shown it."""
        session = await self.door.session(request)
        hit = self._hit(request, session)
        if hit is None:
            return self._missing(request)
        return await self._set(self._summary(hit, session))

    async def service(self, request: Request) -> Response:
        """The proof of service: for the court, signed by who served."""
        session = await self.door.session(request)
        hit = self._hit(request, session)
        if hit is None:
            return self._missing(request)
        code, served = SERVED
        if dict(hit.fields).get(code) not in served:
            return self.door.words(request, 409, "This order is not served", "Report the service first: SPO.")
        return await self._set(self._proof(hit, session))

    def _hit(self, request: Request, session: Session) -> Hit | None:
        before = record_before(self.door.recent.of(session.seat.terminal), request.path_params["number"])
        file = self.door.house.catalogue.files.get(before.hit.file) if before else None
        return before.hit if before and file and file.orders else None

    def _missing(self, request: Request) -> Response:
        return self.door.words(
            request,
            404,
            "This terminal was not shown that order lately",
            "Ask for it first: QPO with its number.",
        )

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
            title="Order summary",
            under=f"{self._kind(file, hit)}: {dict(hit.fields).get('NAM', '')}",
            foot=self._foot(hit, session),
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
            title="Proof of service",
            under=f"{self._kind(file, hit)}, case {dict(hit.fields).get('PNO', '')}",
            foot=self._foot(hit, session),
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

    def _foot(self, hit: Hit, session: Session) -> str:
        at = beside.dated(timed(self.door.house.now()))
        return (
            f"FCN {hit.number}, entered by {f'{hit.owner} {hit.agency}'.rstrip()}. Printed {at} by {session.name} at "
            f"{session.seat.ori}/{session.seat.terminal}. Confirm with the entering agency before any arrest."
        )


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
