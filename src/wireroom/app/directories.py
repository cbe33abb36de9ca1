"""Agencies' own directories: what each says of itself, its keys, and its word about somebody, fetched when needed."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any

from wireroom.app.settings import Loaded
from wireroom.app.settings_directories import Directory as Section
from wireroom.gateways.caller import Caller, CallerTerms, NoAnswer
from wireroom.policy import elsewhere
from wireroom.policy.elsewhere import Answer, Asked, Directory, Endpoints, Shown
from wireroom.policy.passkeys import Unproven

log = logging.getLogger(__name__)

WELL_KNOWN = "/.well-known/openid-configuration"
BELIEVED_FOR = timedelta(hours=1)  # what it says of itself
KEYS_EVERY = timedelta(minutes=1)  # its keys are fetched at most so often, whatever tokens name
AGAIN_AFTER = timedelta(
    seconds=5
)  # what failed is not tried before: a crowd does not wait in a row for a dead server
_ERROR = re.compile(r"[a-z_]{1,40}", re.ASCII)


class Provider:
    """One directory. Never raises for the trouble of the other side."""

    def __init__(self, directory: Directory, caller: Caller, clock: Callable[[], datetime]) -> None:
        self.directory = directory
        self._caller, self._clock = caller, clock
        self._places: tuple[Endpoints | Unproven, datetime] | None = None
        self._keys: Mapping[str, Mapping[str, Any]] = {}  # Any: JSON of others, read by the library
        self._keys_at: datetime | None = None
        self._one = asyncio.Lock()  # a crowd at the door asks for a document once

    async def address(self, asked: Asked) -> str | Unproven:
        """Where the browser goes with a question."""
        places = await self._endpoints()
        return places if isinstance(places, Unproven) else elsewhere.address(self.directory, places, asked)

    async def proof(self, answer: Answer, asked: Asked, asked_at: datetime) -> Shown | Unproven:
        """Who it is, by what the browser came back with. The caller has used the question up before."""
        if answer.error or not 0 < len(answer.code) <= elsewhere.CODE_CHARACTERS_MAX:
            told = answer.error if _ERROR.fullmatch(answer.error) else "nothing that can be read"
            return Unproven(f"the directory sent no code but {told}")
        places = await self._endpoints()
        if isinstance(places, Unproven):
            return places
        if (answer.issuer or places.says_issuer) and answer.issuer != self.directory.issuer:
            return Unproven(elsewhere.WRONG_ISSUER)
        body, headers = elsewhere.redemption(self.directory, places, asked, answer.code)
        document = await self._fetched(places.token, body, headers)
        token = document if isinstance(document, Unproven) else elsewhere.id_token(document)
        if isinstance(token, Unproven):
            return token
        key = await self._key(places, token)
        if isinstance(key, Unproven):
            return key
        subject = elsewhere.judged(
            self.directory, token, key, nonce=asked.nonce, asked_at=asked_at, now=self._clock()
        )
        if isinstance(subject, Unproven):
            return subject
        credential = elsewhere.credential_of(self.directory.issuer, subject)
        return Shown(credential=credential, kind="directory", ori=self.directory.ori)

    async def _endpoints(self) -> Endpoints | Unproven:
        async with self._one:
            now = self._clock()
            if self._places is not None:
                known, at = self._places
                if now - at < (AGAIN_AFTER if isinstance(known, Unproven) else BELIEVED_FOR):
                    return known
            document = await self._fetched(self.directory.issuer.rstrip("/") + WELL_KNOWN)
            found = (
                document if isinstance(document, Unproven) else elsewhere.endpoints(self.directory, document)
            )
            if isinstance(found, Unproven):
                log.warning("the directory %s cannot be used: %s", self.directory.name, found.cause)
            self._places = (found, self._clock())
            return found

    async def _key(self, places: Endpoints, token: str) -> Mapping[str, Any] | Unproven:
        """The key that a token names; where it is not known they are fetched anew, not more often than each minute."""
        named = elsewhere.key_id(token)
        if isinstance(named, Unproven):
            return named
        async with self._one:
            now = self._clock()
            age = None if self._keys_at is None else now - self._keys_at
            is_over = age is None or age >= BELIEVED_FOR  # what it shows no more signs nothing any more
            if is_over or (self._picked(named) is None and age is not None and age >= KEYS_EVERY):
                document = await self._fetched(places.keys)
                keys = document if isinstance(document, Unproven) else elsewhere.signing_keys(document)
                if isinstance(keys, Unproven):
                    self._keys, self._keys_at = {}, self._clock() - KEYS_EVERY + AGAIN_AFTER
                    return keys
                self._keys, self._keys_at = keys, now
        return self._picked(named) or Unproven(elsewhere.NO_SUCH_KEY)

    def _picked(self, named: str) -> Mapping[str, Any] | None:
        """A token that names no key is signed with the only one."""
        if not named and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(named)

    async def _fetched(
        self, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes | Unproven:
        try:
            return await self._caller.call(url, body, headers)
        except NoAnswer as error:
            log.warning("the directory %s gave nothing: %s", self.directory.name, error)
            return Unproven(f"the directory gave nothing: {error}")

    def close(self) -> None:
        """It is asked no more."""
        self._caller.close()


def directory_of(section: Section, secret: str) -> Directory:
    """A directory as the settings have it."""
    return Directory(
        name=section.name, ori=section.ori, issuer=section.issuer, client_id=section.client_id, secret=secret,
        claim=section.claim, acr=section.two_factor_acr,
        amr=tuple(frozenset(one.split("+")) for one in section.two_factor_amr),
    )  # fmt: skip


def providers_of(
    loaded: Loaded, clock: Callable[[], datetime], stack: AsyncExitStack
) -> tuple[Provider, ...]:
    """Every directory of the settings, asked until the stack closes. Raises SettingsError for an unreadable secret."""
    found = []
    for section in loaded.settings.directories:
        ca_file = str(loaded.path(section.authorities_file)) if section.authorities_file else ""
        caller = Caller(section.name, CallerTerms(ca_file=ca_file, deadline_s=section.deadline_seconds))
        directory = directory_of(section, loaded.secret(section.client_secret_file))
        found.append(Provider(directory, caller, clock))
        stack.callback(caller.close)
    return tuple(found)
