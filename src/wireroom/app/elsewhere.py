"""People who prove elsewhere who they are: asked here, sent away, and let in by what they come back with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from urllib.parse import urlencode

import msgspec

from wireroom.app.authenticators import NOTHING_LOCKED
from wireroom.app.cards import Cards, card_of, text_of
from wireroom.app.directories import Provider
from wireroom.app.door_trouble import database
from wireroom.policy import Unfit
from wireroom.policy.authenticators import STALE, Purpose, Question, proves
from wireroom.policy.elsewhere import Answer, Shown, asked_of
from wireroom.policy.passkeys import Unproven
from wireroom.policy.people import Claim, Opened, People, Refused
from wireroom.web import house as doors

BACK = "/sign-in/back"  # the one address to which a directory may send browsers
NO_SUCH = doors.Refusal(reason="Nobody signs in here that way: reload the page.", code="elsewhere")
NO_TERMINAL = doors.Refusal(
    reason="Type the terminal, which stands on the label of this device, then press the same again.",
    code="elsewhere",
)
CARD = "a card"
NO_CARD = "no card was shown, or in another browser"
OVER = doors.Refusal(
    reason="This question is over, or was answered. Begin again at the sign-in page.", code="over"
)
PLACES = ("desk", "car")

_Answered = Awaitable[doors.Session | doors.Refusal]


class _About(msgspec.Struct, frozen=True):
    """What is kept with a question: of whom it was asked, and what the session will need."""

    way: str
    terminal: str = ""
    notice: str = ""


class Elsewhere:
    """The doors' Elsewhere. Whoever comes back is let in, or not, exactly as with any other factors."""

    def __init__(
        self,
        people: People,
        clock: Callable[[], datetime],
        *,
        opened: Callable[[Opened | Refused, str, str, str, str], _Answered],
        admit: Callable[[str, str, str], Awaitable[str | Refused]],
    ) -> None:
        self._people, self._clock, self._opened, self._admit = people, clock, opened, admit
        self.providers: tuple[Provider, ...] = ()
        self.cards: Cards | None = None

    def adopt(self, providers: tuple[Provider, ...], cards: Cards | None) -> None:
        """From now on these prove who somebody is."""
        self.providers, self.cards = providers, cards

    @property
    def ways(self) -> tuple[doors.Way, ...]:
        """Cards, and every directory that is set up; none where browsers have no address to come back to."""
        if not self._origin:
            return ()
        card = () if self.cards is None else (doors.Way(name=CARD, ori=""),)
        known = (one.directory for one in self.providers)
        return (*card, *(doors.Way(name=one.name, ori=one.ori) for one in known))

    @property
    def _origin(self) -> str:
        place = self._people.keys.place
        return "" if place is None else place.origin

    async def ask(
        self, way: str, *, door: str, terminal: str, place: str, peer: str, notice: str, device: str = ""
    ) -> str | doors.Refusal:
        """Where the browser goes to prove who its person is. The device is judged before it."""
        said = terminal.upper()[:9]
        with database():
            admitted = await self._admit(device, said, peer)
        if isinstance(admitted, Refused):
            refused = await self._opened(admitted, "", said, peer, device)
            assert isinstance(refused, doors.Refusal), "whoever is not admitted is not let in"
            return refused
        if not admitted:
            return NO_TERMINAL
        about = _About(way, admitted, notice)
        return await self._sent(about, Purpose.SIGN_IN, door, place, peer)

    async def ask_again(
        self, way: str, token: str, *, place: str, peer: str, device: str = ""
    ) -> str | doors.Refusal:
        """The same for whoever locked the session of a token."""
        with database():
            held = await self._people.locked(token, self._clock(), device=device)
        if held is None:
            return NOTHING_LOCKED
        return await self._sent(_About(way), Purpose.UNLOCK, token, place, peer)

    async def _sent(
        self, about: _About, purpose: Purpose, holder: str, place: str, peer: str
    ) -> str | doors.Refusal:
        """Put a question, and where the browser goes with it."""
        provider, cards = self._provider(about.way), self.cards if about.way == CARD else None
        if (provider is None and cards is None) or not self._origin:
            return NO_SUCH
        now = self._clock()
        if early := self._people.too_often(peer, now):
            return doors.Refusal(reason=early.reason, wait_seconds=early.wait_seconds)
        with database():
            try:
                kept = msgspec.json.encode(about).decode()
                nonce = await self._people.keys.put(purpose, holder, peer, now, about=kept)
            except Unfit as error:
                return doors.Refusal(reason=str(error), code="elsewhere")
        state = f"{purpose}.{place if place in PLACES else PLACES[0]}.{nonce.hex()}"
        if cards is not None:
            return cards.address(self._origin, state)
        assert provider is not None, "looked at above"
        address = await provider.address(asked_of(state, holder, self._origin + BACK))
        if isinstance(address, Unproven):
            return doors.Refusal(
                reason=f"{about.way} does not answer now. Sign in with a passkey, or with password and code.",
                code="elsewhere",
            )
        return address

    async def sign_in(
        self, answer: Answer, *, door: str, peer: str, device: str = ""
    ) -> doors.Session | doors.Refusal:
        """A session for whom the answer proves, at the terminal where it was asked. The device is judged again."""
        with database():
            shown, about = await self._shown(answer, Purpose.SIGN_IN, door, peer)
            admitted = await self._admit(device, about.terminal, peer)
            if isinstance(admitted, Refused):
                return await self._opened(admitted, "", about.terminal, peer, device)
            claim = Claim(
                person="", password="", code="", terminal=admitted, peer=peer, notice=about.notice, shown=shown,
                device=device,
            )  # fmt: skip
            opened = await self._people.sign_in(claim, self._clock())
        return await self._opened(opened, "", claim.terminal, peer, device)

    async def unlock(
        self, answer: Answer, token: str, *, peer: str, device: str = ""
    ) -> doors.Session | doors.Refusal:
        """The person of a locked session comes back, proved anew, at the session's own device."""
        with database():
            held = await self._people.locked(token, self._clock(), device=device)
            if held is None:
                return NOTHING_LOCKED
            shown, _ = await self._shown(answer, Purpose.UNLOCK, token, peer)
            claim = Claim(
                person="", password="", code="", terminal="", peer=peer, shown=shown, replaces=token
            )
            opened = await self._people.renew(held, claim, self._clock())
        return await self._opened(opened, held.seat.person, held.seat.terminal, peer, held.device)

    async def _shown(
        self, answer: Answer, purpose: Purpose, holder: str, peer: str
    ) -> tuple[Shown | Unproven, _About]:
        """Use the question up, then look at the proof: one question never costs others two answers."""
        question = await self._question(answer.state, purpose, holder)
        if question is None:
            return Unproven(STALE), _About("")
        about = msgspec.json.decode(question.about, type=_About)
        if about.way == CARD:
            shown = card_of(question.shown) if proves(answer.code, question) else Unproven(NO_CARD)
            return shown, about
        provider = self._provider(about.way)
        if provider is None:
            return Unproven("the directory is not set up any more"), about
        if early := self._people.too_often(peer, self._clock()):
            return Unproven(early.cause), about
        asked = asked_of(answer.state, holder, self._origin + BACK)
        return await provider.proof(answer, asked, question.made_at), about

    async def card(self, state: str, certificate: bytes) -> str | doors.Refusal:
        """What a browser shows at the door for cards, as DER: where it goes back to with the proof of that.

        The card is not believed here: whose it is goes back with the question, whose browser alone may use it.
        """
        nonce = _nonce_of(state)
        with database():
            about = await self._people.keys.about(nonce) if nonce else ""
            if self.cards is None or not about or msgspec.json.decode(about, type=_About).way != CARD:
                return OVER
            shown = self.cards.judged(certificate)
            proof = await self._people.keys.answered(nonce, about, text_of(shown), self._clock())
        if proof is None:
            return OVER
        return f"{self._origin}{BACK}?{urlencode({'state': state, 'code': proof})}"

    async def _question(self, state: str, purpose: Purpose, holder: str) -> Question | None:
        """What is kept of the question of a state. Any text may come here."""
        nonce = _nonce_of(state)
        found = await self._people.keys.used_up(nonce, purpose, holder, self._clock()) if nonce else None
        return found if found is not None and found.about else None

    def _provider(self, way: str) -> Provider | None:
        return next((one for one in self.providers if one.directory.name == way), None)


def _nonce_of(state: str) -> bytes:
    """The question that a state names; empty where it names none."""
    nonce = state.rpartition(".")[2]
    if len(nonce) != 64 or not nonce.isascii() or not nonce.isalnum():
        return b""
    try:
        return bytes.fromhex(nonce)
    except ValueError:
        return b""
