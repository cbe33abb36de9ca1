"""What the assembly hands to the browser doors and the HTTP API: everything they may do, and nothing more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Delivery, Hit, Receipt
from wireroom.message.deadlines import Board
from wireroom.message.envelope import Arrival, Reading, Seat
from wireroom.message.passing import Passing
from wireroom.message.reason import Reason
from wireroom.policy.cad import Kept as Taken
from wireroom.policy.cad import Word
from wireroom.policy.elsewhere import Answer
from wireroom.policy.posture import Claim
from wireroom.policy.posture import Taken as Measured
from wireroom.switch import Busy
from wireroom.switch import JournalDown as JournalDown  # the doors' callers find all trouble in one place
from wireroom.switch import KeyTaken as KeyTaken
from wireroom.switch.reasons import Kept
from wireroom.web.office_house import Office
from wireroom.web.session import UNFIT as UNFIT
from wireroom.web.session import Admitting
from wireroom.web.session import Refusal as Refusal
from wireroom.web.session import Session as Session


class Locked(msgspec.Struct, frozen=True, kw_only=True):
    """A session that was idle too long: its person unlocks it with both factors, or it ends."""

    person: str
    name: str
    terminal: str
    ori: str = ""


class Persona(msgspec.Struct, frozen=True, kw_only=True):
    """An invented person whom a visitor of the demo may become with one press."""

    person: str
    name: str
    role: str  # in words: "Dispatcher"
    agency: str
    terminal: str
    password: str  # printed on the demo's sign-in page; there are none outside the demo
    code: str = ""  # the current one-time code, which the demo fills in

    def __repr__(self) -> str:
        return f"Persona({self.person}, …)"


class LinkState(msgspec.Struct, frozen=True, kw_only=True):
    """One source and whether it can be asked now."""

    name: str
    up: bool
    since: str  # ISO 8601, UTC
    waiting: int = 0  # questions that have no answer yet


class HouseBusy(Busy):
    """There is more to do than can be done in time: nothing was taken, and the same may be sent again."""

    def __init__(self, wait_seconds: int = 1, why: str = "") -> None:
        """`why` is what the switch says, where it says more than that there is too much to do."""
        super().__init__(why or f"the switch is busy: send the same again in {wait_seconds} s")
        self.wait_seconds, self.why = wait_seconds, why


class OwnKey(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticator that is, or was, a person's own. Times are ISO 8601, UTC; empty where it was not yet."""

    id: str
    kind: str  # "code" or "passkey"
    name: str  # as the person calls it
    bound: str
    bound_by: str  # a person, or "console" for a command on the machine itself
    used: str = ""
    ended: str = ""
    ended_by: str = ""
    ended_for: str = ""  # "ended", "lost", "replaced"


class OwnKeys(msgspec.Struct, frozen=True, kw_only=True):
    """Every authenticator that a person ever had, first to last, and whether they may add or end one now."""

    keys: tuple[OwnKey, ...]
    proven: bool  # both factors were shown within the last 30 minutes
    person: str


class Keyring(Protocol):
    """Signing in with passkeys, and what people do with their own authenticators. Raises JournalDown as House does.

    A `token` is a session's; a refusal with the code "session" says that it stands no more.
    """

    @property
    def origin(self) -> str:
        """The one address at which passkeys count; empty where there are none."""
        ...

    async def question(self, purpose: str, holder: str, peer: str) -> str | Refusal:
        """What a browser asks its devices for, as JSON, for "sign-in", "unlock", "confirm" or "bind".

        `holder` is the cookie to which the answer is bound: the door's for "sign-in", else the session's token.
        """
        ...

    async def sign_in(
        self, *, answer: str, door: str, terminal: str, peer: str, notice: str, device: str = ""
    ) -> Session | Refusal: ...

    async def unlock(self, token: str, *, answer: str, peer: str, device: str = "") -> Session | Refusal: ...

    async def confirm(
        self, token: str, *, password: str, code: str, answer: str, peer: str
    ) -> Session | Refusal:
        """Both factors again, by a passkey or else by password and code: a new session in place of this one."""
        ...

    async def own(self, token: str) -> OwnKeys | Refusal: ...

    async def bind(self, token: str, *, name: str, answer: str) -> Refusal | None: ...

    async def end(self, token: str, key: str) -> Refusal | None: ...

    async def lost(self, token: str, key: str) -> Refusal | None:
        """One is lost: it counts no more, and every session of the person has ended, this one too."""
        ...


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A place other than ours where people prove who they are."""

    name: str  # as the sign-in page calls it
    ori: str  # the agency whose people it knows; empty: of whichever


class Elsewhere(Protocol):
    """Signing in by what proves elsewhere who a person is. Raises JournalDown as House does.

    The question is bound to the cookie of the browser that asks, as a passkey's is.
    """

    @property
    def ways(self) -> tuple[Way, ...]:
        """All of them; empty where none is set up."""
        ...

    async def ask(
        self, way: str, *, door: str, terminal: str, place: str, peer: str, notice: str, device: str = ""
    ) -> str | Refusal:
        """Where the browser goes to prove who its person is. The device is judged before it."""
        ...

    async def ask_again(
        self, way: str, token: str, *, place: str, peer: str, device: str = ""
    ) -> str | Refusal:
        """The same for whoever locked the session of a token."""
        ...

    async def card(self, state: str, certificate: bytes) -> str | Refusal:
        """What a browser shows at the door for cards: where it goes back to."""
        ...

    async def sign_in(
        self, answer: Answer, *, door: str, peer: str, device: str = ""
    ) -> Session | Refusal: ...

    async def unlock(
        self, answer: Answer, token: str, *, peer: str, device: str = ""
    ) -> Session | Refusal: ...


class OrderWords(msgspec.Struct, frozen=True, kw_only=True):
    """An order in words."""

    now: tuple[str, ...]  # what may be enforced at this moment, in capitals
    english: tuple[str, ...]  # the terms, to be read out
    spanish: tuple[str, ...]


class Explaining(Protocol):
    """What the house may do about reasons. Whoever looks is written down first, refused or not."""

    async def own_incidents(self, seat: Seat) -> tuple[tuple[str, str], ...]:
        """The references and kinds of the incidents that a person is on, or was until lately."""
        ...

    async def explain(self, seat: Seat, transaction: int, reason: Reason) -> Refusal | None:
        """What a person says afterwards of an inquiry of theirs."""
        ...

    async def unexplained(self, seat: Seat) -> tuple[Kept, ...] | Refusal:
        """Inquiries of the seat's agency that nothing explains, for its coordinator and its auditor."""
        ...

    async def runs(self, seat: Seat) -> tuple[Kept, ...]:
        """What others asked in the person's name."""
        ...

    async def cad(self, terminal: str, secret: str, peer: str, words: Sequence[Word]) -> Taken | Refusal:
        """What a CAD says, by its interface terminal and that one's secret. Raises BadWords."""
        ...


class House(Admitting, Protocol):
    """The rooms behind the doors. Every method may be called by many requests at once.

    `transact` raises HouseBusy, KeyTaken or JournalDown, and then it took nothing.
    """

    @property
    def catalogue(self) -> Catalogue: ...

    @property
    def demo(self) -> bool: ...

    @property
    def keyring(self) -> Keyring: ...

    @property
    def elsewhere(self) -> Elsewhere: ...

    @property
    def personas(self) -> tuple[Persona, ...]: ...

    async def sign_in_as(self, persona: str, peer: str) -> Session | Refusal:
        """Only in the demo, by the persona's `person`; refuses everywhere else."""
        ...

    async def locked(self, token: str, *, device: str = "") -> Locked | None:
        """Who may unlock the session of a token, where it is locked because nobody used it."""
        ...

    async def unlock(
        self, token: str, *, password: str, code: str, peer: str, device: str = ""
    ) -> Session | Refusal:
        """The same person with both factors at the same terminal again, under a new token."""
        ...

    def understand(self, text: str, seat: Seat) -> Reading:
        """What the one box makes of a text, without sending anything."""
        ...

    async def transact(self, arrival: Arrival) -> Receipt:
        """Durable when it returns. The answers come as deliveries at the seat's terminal."""
        ...

    def mailbox(self, terminal: str) -> AbstractAsyncContextManager[AsyncIterator[Delivery]]:
        """What came for a terminal and is not acknowledged, first to last, and then what comes, for ever."""
        ...

    async def acknowledge(self, seat: Seat, numbers: Sequence[int]) -> None: ...

    def order_words(self, hit: Hit) -> OrderWords:
        """What is said of an order now, by its record as it was shown."""
        ...

    async def deadlines(self, seat: Seat) -> Board | Refusal:
        """What must be done in time by a seat's agency, or with records that name it; written down before it is shown.

        Raises JournalDown, and then nothing is shown.
        """
        ...

    def asks_for(self, seat: Seat) -> tuple[tuple[str, str], ...]:
        """The agencies for which a seat's agency asks, itself first, by ORI and name; empty: for itself alone."""
        ...

    def printers(self, seat: Seat) -> tuple[tuple[str, str], ...]:
        """The printers of a seat's agency that are said to stand in a secure place: mnemonic and title."""
        ...

    async def pass_on(self, seat: Seat, passing: Passing, what: str, hits: Sequence[Hit]) -> int:
        """Writes down what goes on to whom, before it is made; the number of its entry. Raises JournalDown."""
        ...

    async def seen(self, seat: Seat, number: int) -> None:
        """The person says that they have seen a hit (its transaction) or a message (its delivery)."""
        ...

    def links(self) -> tuple[LinkState, ...]: ...

    async def posture(
        self, terminal: str, secret: str, peer: str, claims: Sequence[Claim]
    ) -> Measured | Refusal:
        """What an agency's device management measured, by its terminal and that one's secret. Raises BadClaims."""
        ...

    @property
    def office(self) -> Office | None:
        """Administration, where it is beside the pages; None where it has a door of its own, or none."""
        ...

    @property
    def explaining(self) -> Explaining:
        """Why things were asked, and what a CAD says of it."""
        ...
