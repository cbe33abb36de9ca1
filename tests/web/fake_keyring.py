"""A keyring without devices: it holds what a test puts in, and remembers what was asked of it."""

from __future__ import annotations

from wireroom.web.house import OwnKey, OwnKeys, Refusal, Session

CODES = OwnKey(
    id="0a1b2c3d4e5f6071", kind="code", name="One-time codes", bound="2026-01-05T08:00:00+00:00", bound_by="console",
    used="2026-11-23T13:00:00+00:00",
)  # fmt: skip
BLACK = OwnKey(
    id="1a1b2c3d4e5f6071", kind="passkey", name="black key <b>", bound="2026-11-20T08:00:00+00:00",
    bound_by="dispatcher",
)  # fmt: skip
FORMER = OwnKey(
    id="2a1b2c3d4e5f6071", kind="passkey", name="old duty phone", bound="2026-02-20T08:00:00+00:00",
    bound_by="dispatcher", used="2026-09-01T08:00:00+00:00", ended="2026-09-02T08:00:00+00:00", ended_by="alan.admin",
    ended_for="lost",
)  # fmt: skip
QUESTION = '{"challenge":"AAAA"}'
RIGHT = "a right answer"
NO = Refusal(reason="That did not work.")


class FakeKeyring:
    """Follows the Keyring protocol. `session` is what a right answer opens."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.origin = "http://testserver"
        self.keys: tuple[OwnKey, ...] = (CODES, BLACK, FORMER)
        self.proven = True
        self.refusal: Refusal | None = None
        self.acts: list[tuple[str, ...]] = []

    async def question(self, purpose: str, holder: str, peer: str) -> str | Refusal:
        self.acts.append(("question", purpose, holder))
        return self.refusal or QUESTION

    async def sign_in(
        self, *, answer: str, door: str, terminal: str, peer: str, notice: str, device: str = ""
    ) -> Session | Refusal:
        self.acts.append(("sign_in", answer, door, terminal, notice))
        return self.session if answer == RIGHT else self.refusal or NO

    async def unlock(self, token: str, *, answer: str, peer: str, device: str = "") -> Session | Refusal:
        self.acts.append(("unlock", token, answer))
        return self.session if answer == RIGHT else self.refusal or NO

    async def confirm(
        self, token: str, *, password: str, code: str, answer: str, peer: str
    ) -> Session | Refusal:
        self.acts.append(("confirm", password, code, answer))
        right = answer == RIGHT or (password, code) == ("invented-1", "123456")
        return self.session if right else self.refusal or NO

    async def own(self, token: str) -> OwnKeys | Refusal:
        if self.refusal is not None and self.refusal.code == "session":
            return self.refusal
        return OwnKeys(keys=self.keys, proven=self.proven, person="dispatcher")

    async def bind(self, token: str, *, name: str, answer: str) -> Refusal | None:
        self.acts.append(("bind", name, answer))
        return self.refusal

    async def end(self, token: str, key: str) -> Refusal | None:
        self.acts.append(("end", key))
        return self.refusal

    async def lost(self, token: str, key: str) -> Refusal | None:
        self.acts.append(("lost", key))
        return self.refusal
