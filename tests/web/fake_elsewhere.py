"""A directory without a directory: it holds what a test puts in, and remembers what was asked of it."""

from __future__ import annotations

from wireroom.policy.elsewhere import Answer
from wireroom.web.house import Refusal, Session, Way

THERE = 'https://login.city.example/go?a=1&b="2'
CODE = "a right code"
NO = Refusal(reason="That did not work.")


class FakeElsewhere:
    """Follows the Elsewhere protocol. `session` is what a right code opens."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.ways: tuple[Way, ...] = ()
        self.there = THERE
        self.refusal: Refusal | None = None
        self.acts: list[tuple[str, ...]] = []

    async def ask(
        self, way: str, *, door: str, terminal: str, place: str, peer: str, notice: str, device: str = ""
    ) -> str | Refusal:
        self.acts.append(("ask", way, door, terminal, place, notice))
        return self.refusal or self.there

    async def ask_again(
        self, way: str, token: str, *, place: str, peer: str, device: str = ""
    ) -> str | Refusal:
        self.acts.append(("ask_again", way, token, place))
        return self.refusal or self.there

    async def card(self, state: str, certificate: bytes) -> str | Refusal:
        self.acts.append(("card", state))
        return self.refusal or self.there

    async def sign_in(self, answer: Answer, *, door: str, peer: str, device: str = "") -> Session | Refusal:
        self.acts.append(("sign_in", answer.state, answer.code, answer.issuer, answer.error, door))
        return self.session if answer.code == CODE else self.refusal or NO

    async def unlock(self, answer: Answer, token: str, *, peer: str, device: str = "") -> Session | Refusal:
        self.acts.append(("unlock", answer.state, answer.code, token))
        return self.session if answer.code == CODE else self.refusal or NO
