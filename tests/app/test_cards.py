"""Controls about PIV cards: which are taken, at a door that asks for one, and for whom each answers."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx
import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.app.card_pki import CLIENT, DAY, SERVER, Card, CardPki, fasc_n, listed
from tests.app.own_login import Login
from tests.app.pki import POLICE, Pki
from tests.app.test_elsewhere import City
from tests.app.test_house_doors import World, world
from tests.policy.conftest import PASSWORD, SECRET
from tests.web.fake_house import FakeHouse
from wireroom.app import AppError, cards
from wireroom.app.assemble import now
from wireroom.app.cards import card_of, cards_of, text_of
from wireroom.app.doors import open_web
from wireroom.app.elsewhere import CARD, NO_CARD
from wireroom.app.settings import Loaded
from wireroom.app.settings_devices import Mode
from wireroom.app.tls import Guard
from wireroom.journal.tags import Tag
from wireroom.policy.authenticators import STALE
from wireroom.policy.elsewhere import Shown
from wireroom.policy.passkeys import Unproven
from wireroom.policy.people import Person
from wireroom.web.card_door import card_door

__all__ = ["world"]  # the fixture


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> CardPki:
    return CardPki(tmp_path_factory.mktemp("cards"))


# --------------------------------------------------------------------------- which cards are taken


def test_IA_2_12_a_card_of_a_listed_authority_is_known_by_its_own_name(pki: CardPki) -> None:
    judge = pki.cards()
    one, newer, two = (judge.judged(pki.card(number).der) for number in (1, 1, 2))
    old, other = (judge.judged(pki.card(names=fasc_n(number)).der) for number in (1, 2))
    assert all(isinstance(shown, Shown) and shown.kind == "card" for shown in (one, newer, two, old, other))
    assert one == newer, "the same card with a newer certificate"
    assert len({str(shown) for shown in (one, two, old, other)}) == 4
    for shown in (one, Unproven(cards.REVOKED)):
        assert card_of(text_of(shown)) == shown


def test_IA_2_12_a_card_that_is_wrong_in_anything_proves_nobody(pki: CardPki, tmp_path: Path) -> None:
    judge, stranger = pki.cards(), CardPki(tmp_path / "stranger")
    mail = x509.RFC822Name("pat.vale@city.example")
    wrong = {
        cards.UNKNOWN: [stranger.card(), pki.card(of=stranger.issuing)],
        cards.OUT_OF_TIME: [pki.card(ends=-timedelta(minutes=1)), pki.card(begins=timedelta(minutes=1))],
        cards.NOT_FOR_CLIENTS: [pki.card(uses=()), pki.card(uses=(SERVER,))],
        cards.NO_POLICY: [pki.card(policy=""), pki.card(policy="2.16.840.1.101.3.2.1.3.7")],
        cards.NAMES_NOBODY: [pki.card(names=mail), pki.card(names=x509.UniformResourceIdentifier("urn:x:1"))],
    }
    for cause, those in wrong.items():
        assert [judge.judged(one.der) for one in those] == [Unproven(cause)] * len(those)
    assert isinstance(judge.judged(pki.card(uses=(SERVER, CLIENT)).der), Shown)
    for odd in (b"", b"x", pki.card().der[:-3]):
        assert judge.judged(odd) == Unproven(cards.UNREADABLE)
    for authority in (pki.root, pki.issuing):
        assert judge.judged(authority.certificate.public_bytes(Encoding.DER)) == Unproven(cards.UNKNOWN)
    # by the same name, and not by its key: who copies the issuer's name has not signed
    same_name = CardPki(tmp_path / "same")
    assert judge.judged(same_name.card().der) == Unproven(cards.UNKNOWN)


def test_IA_2_12_a_card_counts_only_while_a_list_in_force_says_that_it_is_not_revoked(tmp_path: Path) -> None:
    pki = CardPki(tmp_path)
    judge, card, other = pki.cards(), pki.card(), pki.card(2)
    assert isinstance(judge.judged(card.der), Shown)

    def judged_after(change: Callable[[], object]) -> list[str]:
        change()
        for file in pki.lists:  # as another second would
            if file.exists():
                stamp = file.stat().st_mtime_ns + 10_000_000
                os.utime(file, ns=(stamp, stamp))
        found = [judge.judged(one.der) for one in (card, other)]
        return [one.cause if isinstance(one, Unproven) else "" for one in found]

    assert judged_after(lambda: pki.revoke(card.certificate)) == [cards.REVOKED, ""]
    assert judged_after(lambda: pki.revoke(pki.issuing.certificate)) == [cards.REVOKED] * 2
    assert judged_after(pki.revoke) == ["", ""]
    assert judged_after(lambda: pki.revoke(ago=2 * DAY)) == [cards.NO_LIST] * 2  # it is over
    assert judged_after(lambda: pki.revoke(ago=-DAY)) == [cards.NO_LIST] * 2  # it does not count yet
    pki.revoke()
    forged = listed(type(pki.issuing)(pki.issuing.certificate, pki.root.key), [])
    by_nobody = forged.public_bytes(Encoding.DER)
    assert judged_after(lambda: pki.lists[1].write_bytes(by_nobody)) == [cards.NO_LIST] * 2
    assert judged_after(lambda: pki.lists[1].write_bytes(b"no list")) == [cards.NO_LIST] * 2
    assert judged_after(lambda: pki.lists[1].unlink()) == [cards.NO_LIST] * 2
    pem = listed(pki.issuing, []).public_bytes(Encoding.PEM)
    assert judged_after(lambda: pki.lists[1].write_bytes(pem)) == ["", ""]


def test_IA_8_1_a_card_of_another_agency_is_taken_where_its_authority_is_listed_and_makes_none_of_ours(
    pki: CardPki, tmp_path: Path
) -> None:
    other = CardPki(tmp_path, "Cards of Sample County")
    assert pki.cards().judged(other.card().der) == Unproven(cards.UNKNOWN)
    judge = pki.cards(other)
    ours, theirs = judge.judged(pki.card(1).der), judge.judged(other.card(1).der)
    assert isinstance(ours, Shown)
    assert isinstance(theirs, Shown)
    assert ours.credential != theirs.credential, "whoever issues cards elsewhere cannot copy one of ours"


def test_IA_5_2_the_certificate_of_a_device_is_no_card(pki: CardPki, tmp_path: Path) -> None:
    devices = Pki(tmp_path)
    assert pki.cards().judged(devices.device().certificate.public_bytes(Encoding.DER)) == Unproven(
        cards.UNKNOWN
    )
    listed_too = pki.cards()
    listed_too._authorities += (x509.load_pem_x509_certificate(devices.authority.pem.encode()),)
    assert isinstance(listed_too.judged(devices.device().certificate.public_bytes(Encoding.DER)), Unproven)


def test_the_door_does_not_open_with_files_that_are_none(pki: CardPki, tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("nothing")
    good = Pki(tmp_path / "switch").loaded()
    assert cards_of(good, now) is None
    for wrong in (
        {"authorities": ("x.pem",)},
        {"revocation_lists": ("x.pem",)},
        {"authorities": ("none.pem",)},
    ):
        section = msgspec.structs.replace(
            pki.section(), **{k: (str(tmp_path / v[0]),) for k, v in wrong.items()}
        )
        settings = msgspec.structs.replace(good.settings, cards=section)
        with pytest.raises(AppError, match=r"\[cards\]"):
            cards_of(Loaded(settings=settings, file=None), now)


# --------------------------------------------------------------------------- the door


@pytest.mark.anyio
async def test_IA_2_12_the_door_hears_only_whoever_shows_a_certificate_of_a_cards_authority(
    pki: CardPki, tmp_path: Path
) -> None:
    switch = Pki(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    good = switch.loaded()
    loaded = Loaded(settings=msgspec.structs.replace(good.settings, cards=pki.section(port)), file=None)
    house = FakeHouse()
    async with AsyncExitStack() as stack:
        assert await open_web(loaded, house, Guard(Mode.OFF, None), stack) != port  # type: ignore[arg-type]  # a fake

        async def asks(context: ssl.SSLContext) -> bytes:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=context, server_hostname="localhost"
            )
            try:
                writer.write(b"GET /?state=s.1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                async with asyncio.timeout(20):
                    return await reader.read()
            finally:
                writer.transport.abort()

        async def is_heard(context: ssl.SSLContext) -> bool:
            try:
                return bool(await asks(context))
            except (ssl.SSLError, ConnectionError):
                return False

        answer = (await asks(pki.card().context(switch.trust))).lower()
        assert answer.startswith(b"http/1.1 303")
        assert b"set-cookie" not in answer
        # a card that was taken out since shows nobody: neither the line nor the TLS session is taken up again
        assert b"connection: close" in answer
        older = pki.card().context(switch.trust)
        older.maximum_version = ssl.TLSVersion.TLSv1_2
        assert not await is_heard(older)
        assert house.elsewhere.acts == [("card", "s.1")]
        stranger = CardPki(tmp_path / "stranger")
        wrong = [stranger.card(), pki.card(ends=-timedelta(minutes=1)), pki.card(uses=(SERVER,))]
        contexts = [one.context(switch.trust) for one in wrong]
        contexts += [
            switch.device().context(switch.trust),
            ssl.create_default_context(cafile=str(switch.trust)),
        ]
        assert [await is_heard(context) for context in contexts] == [False] * 5
        assert len(house.elsewhere.acts) == 1


# --------------------------------------------------------------------------- the whole way


class Desk(City):
    """A desk where people sign in with cards."""

    def __init__(self, world: World, pki: CardPki) -> None:
        super().__init__(world, Login(world.stage.clock))
        self.pki = pki
        self.house.elsewhere.adopt((), pki.cards())
        self.door = card_door(self.house)

    async def bind_card(self, card: Card, person: str = "p.vale") -> str:
        shown = self.pki.cards().judged(card.der)
        assert isinstance(shown, Shown)
        return await self.people.keys.bind_shown(person, "PIV card", shown, by="alan.admin", now=self.clock())

    async def shows(self, card: Card | None, address: str) -> httpx.Response:
        """A browser at the door for cards, as the listener hands its certificate on."""
        chain = (ssl.DER_cert_to_PEM_cert(card.der),) if card else ()

        async def with_card(scope: dict[str, object], receive: object, send: object) -> None:
            scope["extensions"] = {"tls": {"client_cert_chain": chain}}
            await self.door(scope, receive, send)  # type: ignore[arg-type]  # as ASGI has it

        there = urlsplit(address)
        assert (there.scheme, there.netloc) == ("https", "testserver:8701")
        transport = httpx.ASGITransport(app=with_card)  # type: ignore[arg-type]  # as ASGI has it
        async with httpx.AsyncClient(transport=transport, base_url="https://testserver:8701") as client:
            return await client.get(f"/?{there.query}")

    async def proof(self, card: Card, address: str) -> dict[str, str]:
        went = await self.shows(card, address)
        assert went.status_code == 303, went.text
        back = urlsplit(went.headers["location"])
        assert (back.scheme, back.netloc, back.path) == ("http", "testserver", "/sign-in/back")
        return {name: values[0] for name, values in parse_qs(back.query).items()}


@pytest.fixture
def desk(world: World, pki: CardPki) -> Desk:
    return Desk(world, pki)


@pytest.mark.anyio
async def test_IA_2_12_a_person_comes_in_and_unlocks_with_their_card_and_nobody_elses_does(
    desk: Desk,
) -> None:
    mine, other = desk.pki.card(1), desk.pki.card(2)
    async with desk.browser() as browser:
        assert "Sign in with a card" in (await browser.client.get("/sign-in")).text
        nobody = await desk.proof(mine, await browser.leaves(way=CARD))
        await desk.refused(await browser.comes_back(nobody), "names nobody who is bound")
        key = await desk.bind_card(mine)
        brought = await desk.proof(mine, await browser.leaves(way=CARD, place="car"))
        came = await browser.comes_back(brought)
        assert (came.status_code, came.headers.get("location")) == (303, "/car"), came.text
        assert [one["authenticator"] for one in await desk.told(Tag.SESSION_OPENED)] == [key]
        token = browser.client.cookies["session"]
        # a locked screen: another's card does not open it, one's own does
        another = Person(id="o.ther", name="O Ther", ori=POLICE, role="operator")
        await desk.people.add(another, password=PASSWORD, otp_secret=SECRET, now=desk.clock())
        await desk.bind_card(other, "o.ther")
        desk.clock.tick(31 * 60)
        still = await browser.comes_back(await desk.proof(other, await browser.leaves_locked(CARD)))
        assert "It is still locked" in still.text
        assert "the card of somebody else" in str((await desk.told(Tag.SESSION_REFUSED))[-1]["cause"])
        opened = await browser.comes_back(await desk.proof(mine, await browser.leaves_locked(CARD)))
        assert (opened.status_code, opened.headers.get("location")) == (303, "/car")
        assert await desk.house.session(token) is None
        # a card that is lost opens nothing any more, and is never bound again
        await desk.people.keys.lost("p.vale", desk.clock(), by="p.vale", which=[key])
        await browser.door()
        gone = await desk.proof(mine, await browser.leaves(way=CARD))
        await desk.refused(await browser.comes_back(gone), "names nobody who is bound")
        wrong = await desk.proof(desk.pki.card(policy=""), await browser.leaves(way=CARD))
        await desk.refused(await browser.comes_back(wrong), cards.NO_POLICY)


@pytest.mark.anyio
async def test_IA_2_8_what_a_card_answered_counts_once_in_the_browser_that_asked(desk: Desk) -> None:
    card = desk.pki.card()
    await desk.bind_card(card)
    async with desk.browser() as browser, desk.browser() as thief:
        # a thief has somebody show their card for a question of the thief's: the proof goes to who showed it
        address = await thief.leaves(way=CARD)
        state = parse_qs(urlsplit(address).query)["state"][0]
        stolen = await desk.proof(card, address)
        await desk.refused(await thief.comes_back({"state": state, "code": "0" * 64}), NO_CARD)
        await desk.refused(await thief.comes_back(stolen), STALE)  # a guess uses the question up
        await browser.door()
        address = await thief.leaves(way=CARD)
        await desk.refused(await browser.comes_back(await desk.proof(card, address)), STALE)
        address = await browser.leaves(way=CARD)
        unanswered = parse_qs(urlsplit(address).query)["state"][0]
        await desk.refused(await browser.comes_back({"state": unanswered, "code": "0" * 64}), NO_CARD)
        desk.clock.tick(16 * 60)
        address = await browser.leaves(way=CARD)
        brought = await desk.proof(card, address)
        assert (await desk.shows(card, address)).status_code == 403  # answered already
        assert (await browser.comes_back(brought)).status_code == 303
        await browser.door()
        await desk.refused(await browser.comes_back(brought), STALE)
        for state in ("", "x", "sign-in.desk." + "0" * 64):
            assert (await desk.shows(card, f"https://testserver:8701/?state={state}")).status_code == 403
        address = await browser.leaves(way=CARD)
        desk.clock.tick(5 * 60)
        assert (await desk.shows(card, address)).status_code == 403
        address = await browser.leaves(way=CARD)
        none = await desk.shows(None, address)  # the listener lets nobody in without one; if it did, this
        brought = {name: one[0] for name, one in parse_qs(urlsplit(none.headers["location"]).query).items()}
        await desk.refused(await browser.comes_back(brought), cards.UNREADABLE)
    assert len(await desk.told(Tag.SESSION_OPENED)) == 1
