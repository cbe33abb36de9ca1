"""Controls about signing in through an agency's own directory, over a whole switch and two directories on loopback."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx2 as httpx
import msgspec
import pytest

from tests.app.own_login import LONGEST, Browser, Login
from tests.app.test_house_doors import World, world
from tests.app.test_key_controls import Desk
from tests.policy.conftest import PASSWORD, SECRET
from tests.policy.own_directory import CITY, SUBJECT
from tests.policy.own_directory import key as key_of
from wireroom.journal.tags import Tag
from wireroom.policy import Taken, Unfit, elsewhere
from wireroom.policy.authenticators import STALE
from wireroom.policy.elsewhere import Shown, credential_of
from wireroom.policy.people import Person
from wireroom.web import house as doors
from wireroom.web.site import site

with warnings.catch_warnings():
    import authlib.deprecate  # type: ignore[import-untyped]  # noqa: F401 - which sets a filter of its own

    warnings.simplefilter("ignore")  # the provider asks a library for a part that is going to leave it
    import oidc_provider_mock  # type: ignore[import-untyped]  # it brings no types

__all__ = ["world"]  # the fixture
pytestmark = pytest.mark.anyio
WORDS = "Sign-in refused: what was shown elsewhere and this terminal do not go together"


class City(Desk):
    """A desk of an agency with a directory of its own, and browsers before it."""

    def __init__(self, world: World, login: Login) -> None:
        super().__init__(world)
        self.login = login
        place = self.people.keys.place
        assert place is not None
        self.people.keys.place = msgspec.structs.replace(place, origin="http://testserver")
        self.app = site(self.house)

    async def bind(self, person: str = "p.vale", subject: str = SUBJECT, ori: str = CITY.ori) -> str:
        shown = Shown(credential=credential_of(self.login.issuer, subject), kind="directory", ori=ori)
        return await self.people.keys.bind_shown(person, CITY.name, shown, by="alan.admin", now=self.clock())

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        here, from_there = (
            httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url="http://testserver")
            for _ in range(2)
        )
        async with here, from_there:
            yield Browser(here, from_there)

    async def refused(self, answer: httpx.Response, cause: str) -> None:
        """In the same words whatever the cause, which stands in the journal; and no session."""
        assert (answer.status_code, WORDS in answer.text) == (403, True), answer.text
        assert "session" not in answer.headers.get("set-cookie", "")
        assert cause in str((await self.told(Tag.SESSION_REFUSED))[-1]["cause"])


@pytest.fixture
async def city(world: World) -> AsyncIterator[City]:
    async with Login(world.stage.clock).open() as login:
        city = City(world, login)
        city.house.elsewhere.providers = (login.provider(),)
        yield city
        for one in city.house.elsewhere.providers:
            one.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the provider's own, in its threads
async def test_IA_2_a_person_comes_in_through_a_directory_and_unlocks_through_it(world: World) -> None:
    """The whole way, with a real provider of somebody else's making."""
    now = int(datetime.now(UTC).timestamp())
    person = oidc_provider_mock.User(sub=SUBJECT, claims={"amr": ["pwd", "otp"], "auth_time": now})
    clock = world.stage.clock
    with oidc_provider_mock.run_server_in_thread(user_claims=[person]) as server:
        login = Login(clock)
        login.issuer = f"http://localhost:{server.server_port}"
        city = City(world, login)
        provider = login.provider()
        city.house.elsewhere.providers = (provider,)
        clock.now = datetime.now(UTC)
        await world.pool.execute("UPDATE account SET active_at = $1", clock())
        key = await city.bind()
        async with city.browser() as browser, httpx.AsyncClient() as network:

            async def shows(address: str) -> dict[str, str]:
                back = await network.post(address, data={"sub": SUBJECT})
                assert back.status_code == 302, back.text[:3000]
                url = httpx.URL(back.headers["location"])
                assert str(url).startswith("http://testserver/sign-in/back?")
                return dict(url.params)

            page = (await browser.client.get("/sign-in")).text
            assert "Sign in with Example City" in page
            came = await browser.comes_back(await shows(await browser.leaves(place="car")))
            assert (came.status_code, came.headers.get("location")) == (303, "/car"), came.text
            assert "SameSite=strict" in came.headers["set-cookie"]
            token = browser.client.cookies["session"]
            standing = await city.house.session(token)
            assert standing is not None
            assert (standing.seat.person, standing.seat.terminal) == ("p.vale", "Z001")
            clock.tick(31 * 60)
            assert (await browser.client.get("/desk")).headers["location"] == "/locked"
            clock.now = datetime.now(
                UTC
            )  # the directory's clock cannot be moved: the session is made older instead
            await world.pool.execute("UPDATE session SET seen_at = seen_at - interval '31 minutes'")
            back = await browser.comes_back(await shows(await browser.leaves_locked()))
            assert (back.status_code, back.headers.get("location")) == (303, "/car"), back.text
            assert browser.client.cookies["session"] != token
            assert await city.house.session(token) is None
        provider.close()
    opened = await city.told(Tag.SESSION_OPENED)
    assert [one["authenticator"] for one in opened] == [key, key]
    assert all(one["notice"] for one in opened)


async def test_IA_2_8_what_came_back_counts_once_in_the_browser_that_asked(city: City) -> None:
    await city.bind()
    async with city.browser() as browser, city.browser() as other:
        brought = city.login.code(await browser.leaves())
        await other.door()
        await city.refused(await other.comes_back(brought), STALE)
        await city.refused(await browser.comes_back(brought), STALE)  # it was used up by whoever tried
        brought = city.login.code(await browser.leaves())
        assert (await browser.comes_back(brought)).status_code == 303
        await browser.door()
        await city.refused(await browser.comes_back(brought), STALE)
        one, two = await browser.leaves(), await browser.leaves()
        mixed = city.login.code(one) | {
            "state": city.login.code(two)["state"]
        }  # the code of another question
        await city.refused(await browser.comes_back(mixed), "it answered 400")
        brought = city.login.code(await browser.leaves())
        city.clock.tick(5 * 60)
        await city.refused(await browser.comes_back(brought), STALE)
        for odd in (
            "",
            "sign-in.desk.",
            "sign-in.desk." + "0" * 64,
            "unlock.desk." + "0" * 64,
            "\x00" * 64,
            "é" * 64,
        ):
            answer = await browser.comes_back({"state": odd, "code": "c"})
            if odd.startswith("unlock"):
                assert answer.headers["location"] == "/"  # nothing is locked
            else:
                await city.refused(answer, STALE)
        city.clock.tick(16 * 60)
        address = await browser.leaves()
        denied = {"state": city.login.code(address)["state"], "error": "access_denied", "code": "c"}
        await city.refused(await browser.comes_back(denied), "no code but access_denied")
        brought = city.login.code(await browser.leaves()) | {"iss": "https://another.example"}
        await city.refused(await browser.comes_back(brought), elsewhere.WRONG_ISSUER)
    assert len(await city.told(Tag.SESSION_OPENED)) == 1


async def test_IA_2_no_word_of_a_directory_opens_a_session_with_less_than_two_factors_of_the_bound_person(
    city: City,
) -> None:
    login = city.login
    async with city.browser() as browser:

        async def tried(cause: str, **says: object) -> None:
            login.says = says
            city.clock.tick(16 * 60)  # so that no refusal comes from the throttle
            await city.refused(await browser.comes_back(login.code(await browser.leaves())), cause)

        await tried("names nobody who is bound")
        key = await city.bind()
        await tried(elsewhere.ONE_FACTOR, amr=["pwd"])
        await tried(elsewhere.ONE_FACTOR, amr=None)
        await tried("nonce", nonce="another")
        await tried("aud", aud="another")
        await tried("iss", iss="https://another.example")
        await tried(
            elsewhere.LONG_AGO, auth_time=int(city.clock().timestamp())
        )  # 16 minutes before the question
        await tried("names nobody who is bound", sub="emp-0043")
        login.signs_with = newer = key_of("k9")
        await tried(elsewhere.NO_SUCH_KEY)
        asked = login.asked.count("/keys")
        login.says = {}
        for _ in range(3):  # a key that nobody knows is looked for once a minute, whoever asks
            await city.refused(
                await browser.comes_back(login.code(await browser.leaves())), elsewhere.NO_SUCH_KEY
            )
        assert login.asked.count("/keys") == asked
        login.keys = [newer]
        city.clock.tick(16 * 60)
        assert (await browser.comes_back(login.code(await browser.leaves()))).status_code == 303
        await browser.door()
        # what the person reports lost is worth nothing from then on, and may be bound anew by an administrator
        await city.people.keys.lost("p.vale", city.clock(), by="p.vale", which=[key])
        await tried("names nobody who is bound")
        again = await city.bind()
        assert again != key
        with pytest.raises(Taken):
            await city.bind()
        login.says = {}
        await city.people.disable("p.vale", "stopped", city.clock())
        await tried("disabled, ended or locked")


async def test_IA_2_a_directory_speaks_for_people_of_its_own_agency_alone(city: City) -> None:
    other = Person(id="s.heriff", name="O Ther", ori="CA0980100", role="operator")
    await city.people.add(other, password=PASSWORD, otp_secret=SECRET, now=city.clock())
    with pytest.raises(Unfit, match="CA0990100 only"):
        await city.bind("s.heriff")
    await city.bind("s.heriff", ori="")  # as if they had moved after they were bound
    async with city.browser() as browser:
        await city.refused(
            await browser.comes_back(city.login.code(await browser.leaves())), "of another agency"
        )
        # whose screen is locked, only its own person unlocks
        session = await city.signed_in()
        browser.client.cookies.set("session", session.token)
        city.clock.tick(31 * 60)
        answer = await browser.comes_back(city.login.code(await browser.leaves_locked()))
        assert (answer.status_code, "It is still locked" in answer.text) == (403, True)
        assert "of another agency" in str((await city.told(Tag.SESSION_REFUSED))[-1]["cause"])
    [row] = await city.world.pool.fetch("SELECT failures FROM account WHERE id = 's.heriff'")
    assert len(row["failures"]) == 1  # counted as any guess is; what was older fell out of the window


async def test_AC_7_a_silent_or_boundless_directory_stops_nobody_else(city: City) -> None:
    city.login.is_silent = True
    city.house.elsewhere.providers = (city.login.provider(deadline_s=0.2),)
    async with city.browser() as browser:
        form = {"door": await browser.door(), "terminal": "z001", "read": "yes", "way": CITY.name}
        page = await browser.client.post("/sign-in/elsewhere", data=form)
        assert (page.status_code, "Example City does not answer now" in page.text) == (403, True)
        assert isinstance(await city.signed_in(), doors.Session)
        asked = len(city.login.asked)
        await browser.client.post("/sign-in/elsewhere", data=form)
        assert len(city.login.asked) <= asked + 1
        city.login.is_silent = False
        city.login.instead["/.well-known/openid-configuration"] = LONGEST
        city.clock.tick(6)
        assert "does not answer now" in (await browser.client.post("/sign-in/elsewhere", data=form)).text
        del city.login.instead["/.well-known/openid-configuration"]
        city.clock.tick(6)
        city.login.instead["/token"] = LONGEST
        city.house.elsewhere.providers = (city.login.provider(),)
        await city.refused(
            await browser.comes_back(city.login.code(await browser.leaves())), "longer than 256 KB"
        )
        for wrong, says in (
            ({"read": ""}, 422),
            ({"terminal": ""}, 403),
            ({"way": "x"}, 403),
            ({"door": "x"}, 403),
        ):
            assert (await browser.client.post("/sign-in/elsewhere", data=form | wrong)).status_code == says
