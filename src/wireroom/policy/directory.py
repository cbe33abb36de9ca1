"""Agencies and terminals: adding and listing them, and the directory that routing looks into."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from wireroom.catalog.file import COURT
from wireroom.catalog.reach import STATEWIDE, Reach, name_of, reach_of, region_of
from wireroom.message.acting import As, transaction
from wireroom.policy import Taken, Unfit, Unknown
from wireroom.policy.agreement import NO_AGREEMENT, Agreement
from wireroom.policy.approvals import Approval, approvals, by_agency, ways_of

if TYPE_CHECKING:  # generic in the stubs only
    Pool = asyncpg.Pool[asyncpg.Record] | As
else:
    Pool = asyncpg.Pool

TITLE_MAX = 100
# The last letter of the ORI of those that are no law enforcement, hospitals and courts: what goes to all agencies of a
# place is not for them (general knowledge). They are written to by their own address, or as members of a group.
NO_LAW_ENFORCEMENT = ("N", COURT)
_ORI = re.compile(r"[A-Z]{2}[A-Z0-9]{7}", re.ASCII)
MNEMONIC = re.compile(r"[A-Z0-9]{4}", re.ASCII)


class TerminalKind(StrEnum):
    """What stands at the end of the line."""

    FIXED = "fixed"
    MOBILE = "mobile"
    PRINTER = "printer"  # receives only: nobody can sign in at it
    INTERFACE = "interface"  # another system: a CAD, a records system


class Device(StrEnum):
    """What an idle limit makes of a terminal. Set by administrators alone, never by whoever sits there."""

    ORDINARY = "ordinary"
    VEHICLE = "vehicle"  # part of a police vehicle: it does not lock when idle
    DISPATCH = "dispatch"  # of a dispatcher, in a secure room: nor does this; a printer so is one to print on
    RECEIVE_ONLY = "receive-only"  # it only receives: nor does this


class Agency(msgspec.Struct, frozen=True, kw_only=True):
    """Who may hold terminals. The terminals of a test agency meet training records only."""

    ori: str
    name: str
    county: str = ""
    phone: str = ""
    test: bool = False
    agreed_files: tuple[str, ...] = ()  # what its agreement with the state covers; empty: every file
    agreed_until: datetime | None = None  # when that ends; None: until it is ended
    serves: tuple[str, ...] = ()  # agencies for which it asks too

    @property
    def agreement(self) -> Agreement:
        """What it agreed with the state."""
        return Agreement(files=self.agreed_files, until=self.agreed_until, serves=self.serves)


class Terminal(msgspec.Struct, frozen=True, kw_only=True):
    """Where messages come from and go to."""

    mnemonic: str
    ori: str
    kind: str = TerminalKind.FIXED.value
    title: str = ""
    enabled: bool = True
    test: bool = False
    device: str = Device.ORDINARY.value


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A broadcast group: whom a message to it reaches, agencies by their ORI and terminals by their mnemonic."""

    title: str
    members: tuple[str, ...] = ()


Groups = Mapping[str, Group]  # by their names, without what an address puts before them


def no_groups() -> Groups:
    """None."""
    return {}


class Directory:
    """All agencies, terminals and groups as they were when it was read. Immutable: a change makes a new one."""

    def __init__(
        self,
        agencies: Iterable[Agency] = (),
        terminals: Iterable[Terminal] = (),
        approvals: Iterable[Approval] = (),
        *,
        groups: Groups | None = None,
    ) -> None:
        self._approvals = by_agency(approvals)
        self.groups: Groups = MappingProxyType(dict(groups or {}))
        self.agencies: Mapping[str, Agency] = MappingProxyType({agency.ori: agency for agency in agencies})
        self.terminals: Mapping[str, Terminal] = MappingProxyType({one.mnemonic: one for one in terminals})
        held: dict[str, list[str]] = {ori: [] for ori in self.agencies}
        for terminal in self.terminals.values():
            if terminal.enabled:
                held.setdefault(terminal.ori, []).append(terminal.mnemonic)
        self.terminals_of: Mapping[str, tuple[str, ...]] = MappingProxyType(
            {ori: tuple(sorted(mnemonics)) for ori, mnemonics in held.items()}
        )

    def ori_of(self, mnemonic: str) -> str:
        """The agency of a terminal; empty where there is no such terminal."""
        terminal = self.terminals.get(mnemonic)
        return terminal.ori if terminal else ""

    def name_of(self, ori: str) -> str:
        """The name of an agency; the ORI itself where it is not ours."""
        agency = self.agencies.get(ori)
        return agency.name if agency else ori

    def called(self, ori: str) -> str:
        """The name of an agency and its telephone, as whoever must call it reads them; empty where it is not ours."""
        agency = self.agencies.get(ori)
        return f"{agency.name} {agency.phone}".strip().upper() if agency else ""

    def ways_of(self, ori: str, at: datetime) -> frozenset[str]:
        """On which ways an agency is approved to enter orders of a court."""
        return ways_of(self._approvals.get(ori, ()), at)

    def agreement_of(self, ori: str, asked_for: str = "") -> Agreement:
        """What an agency agreed with the state: nothing, where it is not ours. With that of one it serves and names."""
        agency = self.agencies.get(ori)
        agreed = agency.agreement if agency else NO_AGREEMENT
        if asked_for not in agreed.serves:
            return agreed
        return msgspec.structs.replace(agreed, asked_for=self.agreement_of(asked_for))

    def is_test(self, mnemonic: str) -> bool:
        """Whether a terminal is for training; one that is unknown is, so that nothing live meets it."""
        terminal = self.terminals.get(mnemonic)
        agency = self.agencies.get(terminal.ori) if terminal else None
        return terminal is None or agency is None or terminal.test or agency.test

    @cached_property
    def _of_county(self) -> Mapping[str, tuple[str, ...]]:
        """The agencies of each county, by its three digits."""
        found: dict[str, list[str]] = {}
        for agency in self.agencies.values():
            if not agency.ori.endswith(NO_LAW_ENFORCEMENT):
                found.setdefault(county_of(agency), []).append(agency.ori)
        return {county: tuple(oris) for county, oris in found.items()}

    def members(self, address: str) -> tuple[str, ...]:
        """The agencies and terminals that an address of many stands for; none where it is not one, or nobody's."""
        name = name_of(address)
        match reach_of(address):
            case Reach.STATE:
                return tuple(ori for oris in self._of_county.values() for ori in oris)
            case Reach.REGION:
                several = self._of_county.items()
                return tuple(ori for county, oris in several if region_of(county) == name for ori in oris)
            case Reach.COUNTY:
                return self._of_county.get(name, ())
            case Reach.GROUP:
                return self.groups[name].members if name in self.groups else ()
        return ()

    def reach(self, address: str, *, test: bool) -> tuple[str, ...]:
        """The enabled terminals that an address stands for, for a training seat or a live one.

        Training reaches training and live reaches live; none where nobody has the address. What goes to many agencies
        reaches their desks, and not their cars.
        """
        if reach_of(address) > Reach.AGENCY:
            found = (one for member in self.members(address) for one in self.desks(member, test=test))
            return tuple(dict.fromkeys(found))
        terminal = self.terminals.get(address)
        if terminal is not None:
            mnemonics: tuple[str, ...] = (address,) if terminal.enabled else ()
        else:
            mnemonics = self.terminals_of.get(address, ())
        return tuple(mnemonic for mnemonic in mnemonics if self.is_test(mnemonic) is test)

    def asks_for(self, ori: str) -> tuple[tuple[str, str], ...]:
        """The agencies for which one asks, itself first, by ORI and name; empty where it asks for itself alone."""
        serves = self.agreement_of(ori).serves
        return tuple((one, self.name_of(one)) for one in (ori, *serves)) if serves else ()

    def printers(self, ori: str, *, test: bool) -> tuple[tuple[str, str], ...]:
        """The printers of an agency on which papers may come out, each with its title: those in a secure place.

        Administrators say of a printer that it stands in one as they say it of a dispatcher's terminal.
        """
        held = [self.terminals[one] for one in self.terminals_of.get(ori, ())]
        return tuple(
            (one.mnemonic, one.title)
            for one in held
            if one.kind == TerminalKind.PRINTER and one.device == Device.DISPATCH
            and self.is_test(one.mnemonic) is test
        )  # fmt: skip

    def desks(self, address: str, *, test: bool) -> tuple[str, ...]:
        """As `reach`, but of an agency only the terminals that are not in cars, where it has any.

        What an agency as a whole must do something about is no business of a driver, and would pile up in a parked car.
        """
        found = self.reach(address, test=test)
        if address in self.terminals:
            return found
        fixed = tuple(one for one in found if self.terminals[one].kind != TerminalKind.MOBILE)
        return fixed or found


def county_of(agency: Agency) -> str:
    """The three digits of an agency's county: as it was added, or else as its ORI says."""
    county = agency.county if agency.county.isdigit() else agency.ori[2:5]
    return county.zfill(3)


# --------------------------------------------------------------------------- in the database

_AGENCIES = (
    "SELECT ori, name, county, phone, test, agreed_files, agreed_until, serves FROM agency ORDER BY ori"
)
_TERMINALS = "SELECT mnemonic, ori, kind, title, enabled, test, device FROM terminal ORDER BY mnemonic"
_ADD_AGENCY = (
    "INSERT INTO agency (ori, name, county, phone, test, added_at, agreed_files, agreed_until, serves) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
)
_ADD_TERMINAL = (
    "INSERT INTO terminal (mnemonic, ori, kind, title, enabled, test, added_at, device) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
)
_AGREE = "UPDATE agency SET agreed_files = $2, agreed_until = $3, serves = $4 WHERE ori = $1 RETURNING ori"
_DEVICE = "UPDATE terminal SET device = $2 WHERE mnemonic = $1 RETURNING mnemonic"
_ENABLE = "UPDATE terminal SET enabled = $2 WHERE mnemonic = $1 RETURNING mnemonic"


async def agencies(pool: Pool) -> tuple[Agency, ...]:
    """All agencies in the order of their ORI."""
    return tuple(_agency(row) for row in await pool.fetch(_AGENCIES))


def _agency(row: asyncpg.Record) -> Agency:
    return Agency(**{**row, "agreed_files": tuple(row["agreed_files"]), "serves": tuple(row["serves"])})


async def terminals(pool: Pool) -> tuple[Terminal, ...]:
    """All terminals in the order of their mnemonics, disabled ones too."""
    return tuple(Terminal(**row) for row in await pool.fetch(_TERMINALS))


async def load(pool: Pool, groups: Groups | None = None) -> Directory:
    """The directory as the database has it now, with these groups."""
    async with transaction(pool, isolation="repeatable_read", readonly=True) as connection:
        held = [_agency(row) for row in await connection.fetch(_AGENCIES)]
        seats = [Terminal(**row) for row in await connection.fetch(_TERMINALS)]
        return Directory(held, seats, await approvals(connection), groups=groups)


class Book:
    """The directory in force, which `refresh` replaces as a whole: readers never see half a change.

    `groups` gives the broadcast groups, which are not in the database.
    """

    def __init__(
        self, pool: Pool, directory: Directory | None = None, *, groups: Callable[[], Groups] = no_groups
    ) -> None:
        self._pool, self._groups = pool, groups
        self.directory = directory or Directory()

    async def refresh(self) -> Directory:
        """Read it anew. Where that fails, the one in force stays."""
        self.directory = await load(self._pool, self._groups())
        return self.directory


async def add_agency(pool: Pool, agency: Agency, now: datetime) -> None:
    """Add an agency. Raises Unfit or Taken."""
    if not _ORI.fullmatch(agency.ori) or agency.ori == STATEWIDE:
        raise Unfit(
            f"{agency.ori!r} is not an ORI: two letters, then seven letters or digits, as in CA0990100"
        )
    if not 0 < len(agency.name) <= TITLE_MAX:
        raise Unfit(f"agency {agency.ori}: give a name of at most {TITLE_MAX} characters")
    values = (agency.ori, agency.name, agency.county, agency.phone, agency.test, now)
    agreed = (list(agency.agreed_files), agency.agreed_until, list(agency.serves))
    try:
        await pool.execute(_ADD_AGENCY, *values, *agreed)
    except asyncpg.UniqueViolationError as error:
        raise Taken(f"there is an agency {agency.ori} already") from error


async def agree(pool: Pool, ori: str, agreement: Agreement) -> None:
    """What an agency agreed with the state from now on; the former agreement is in the journal.

    Raises as `check_serves` does.
    """
    await check_serves(pool, ori, agreement.serves)
    if (
        await pool.fetchval(_AGREE, ori, list(agreement.files), agreement.until, list(agreement.serves))
        is None
    ):
        raise Unknown(f"there is no agency {ori}: add it first")


async def check_serves(pool: Pool, ori: str, serves: Sequence[str]) -> None:
    """Raises Unknown where an agency, or one that it would serve, is not ours; Unfit where that is itself."""
    if ori in serves:
        raise Unfit(f"{ori} asks for itself anyhow: name only the others that it serves")
    known = {one.ori for one in await agencies(pool)}
    for one in (ori, *serves):
        if one not in known:
            raise Unknown(f"there is no agency {one}: add it first")


async def add_terminal(pool: Pool, terminal: Terminal, now: datetime) -> None:
    """Add a terminal to an agency. Raises Unfit, Taken or Unknown."""
    if not MNEMONIC.fullmatch(terminal.mnemonic):
        raise Unfit(f"{terminal.mnemonic!r} is not a mnemonic: four letters or digits, as in Z001")
    if terminal.kind not in set(TerminalKind):
        raise Unfit(f"terminal {terminal.mnemonic}: the kind is one of {', '.join(TerminalKind)}")
    if terminal.device not in set(Device):
        raise Unfit(f"terminal {terminal.mnemonic}: the device is one of {', '.join(Device)}")
    values = (terminal.mnemonic, terminal.ori, terminal.kind, terminal.title, terminal.enabled, terminal.test)
    try:
        await pool.execute(_ADD_TERMINAL, *values, now, terminal.device)
    except asyncpg.UniqueViolationError as error:
        raise Taken(f"there is a terminal {terminal.mnemonic} already") from error
    except asyncpg.ForeignKeyViolationError as error:
        raise Unknown(f"there is no agency {terminal.ori}: add it first") from error


async def enable_terminal(pool: Pool, mnemonic: str, enabled: bool) -> None:
    """Let a terminal be used again, or no more: its sessions end with its next request. Raises Unknown."""
    if await pool.fetchval(_ENABLE, mnemonic, enabled) is None:
        raise Unknown(f"there is no terminal {mnemonic}")


async def set_device(pool: Pool, mnemonic: str, device: Device) -> None:
    """Say what class of device a terminal is; its sessions follow with their next request. Raises Unknown."""
    if await pool.fetchval(_DEVICE, mnemonic, device.value) is None:
        raise Unknown(f"there is no terminal {mnemonic}")
