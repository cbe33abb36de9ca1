"""The board of deadlines: what should have been done with records by now, clock by clock, and how well each is kept."""

from __future__ import annotations

from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wireroom.catalog.file import File
from wireroom.message.deadlines import Board, Group, Kept, Open, after, due, limit
from wireroom.message.envelope import Message
from wireroom.message.local import HERE
from wireroom.message.write import write
from wireroom.web.door import Door
from wireroom.web.house import Refusal

NUMBER = "FCN"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One record on the board."""

    when: str
    late: bool
    limit: str
    due_at: str  # ISO 8601
    about: str
    number: str
    ask: str  # what asks for the record; empty where its file cannot be asked
    whose: str


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How well a clock was kept over some days."""

    days: int
    in_time: int
    late: int
    share: str
    median: str
    worst: str


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """One clock."""

    id: str
    title: str
    file: str
    overdue: int
    soon: int
    later: int
    lines: tuple[Line, ...]
    hidden: int  # overdue or due soon, and not shown
    counts: tuple[Count, ...]


class Deadlines:
    """The page."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def routes(self) -> list[Route]:
        return [Route("/deadlines", self.page)]

    async def page(self, request: Request) -> Response:
        session = await self.door.session(request)
        board = await self.door.house.deadlines(session.seat)
        if isinstance(board, Refusal):
            return self.door.words(
                request, 403, board.reason.rstrip("."), "Ask whoever gives out the rights."
            )
        files = self.door.house.catalogue.files
        panels = [panel(group, files[group.file], board.at, session.seat.ori) for group in board.groups]
        values = {
            "board": board,
            "panels": panels,
            "share": share_of(board),
            "as_of": f"{board.at.astimezone(HERE):%H:%M}",
        }
        return self.door.render(request, "deadlines.html", session, values=values)


def share_of(board: Board) -> str:
    """How much was done in time in the last month: `41 of 44`."""
    in_time, late = board.kept(30)
    return f"{in_time} of {in_time + late}"


def panel(group: Group, file: File, now: datetime, ori: str) -> Panel:
    """A clock as the page shows it to an agency."""
    return Panel(
        id=f"{group.file}-{group.clock}".lower(),
        title=group.title[:1].upper() + group.title[1:],
        file=file.title,
        overdue=group.overdue,
        soon=group.soon,
        later=group.later,
        lines=tuple(_line(one, file, now, ori) for one in group.rows),
        hidden=group.overdue + group.soon - len(group.rows),
        counts=tuple(map(_count, group.kept)),
    )


def _line(one: Open, file: File, now: datetime, ori: str) -> Line:
    ask = write(Message(file.inquire, ((NUMBER, one.number),))) if file.inquire else ""
    return Line(
        when=due(one.due_at, now),
        late=one.due_at <= now,
        limit=limit(one.due_at),
        due_at=one.due_at.isoformat(),
        about=one.about,
        number=one.number,
        ask=ask,
        whose="your record" if one.owner == ori else f"record of {one.owner}",
    )


def _count(one: Kept) -> Count:
    return Count(
        days=one.days,
        in_time=one.in_time,
        late=one.late,
        share=f"{100 * one.in_time / (one.in_time + one.late):.0f}%",
        median=after(one.median_s),
        worst=after(one.worst_s),
    )
