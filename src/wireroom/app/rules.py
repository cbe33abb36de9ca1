"""Keeps the rules in force as the database has them, and writes down what was decided by them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import asyncpg

from wireroom.app.keys import Keys
from wireroom.journal.tags import Tag
from wireroom.message.local import day_of
from wireroom.policy import PolicyError
from wireroom.policy.directory import Pool
from wireroom.policy.engine import Policies
from wireroom.policy.fitness import Demands
from wireroom.policy.rulesets import in_force
from wireroom.policy.ruling import Rulebook, usual
from wireroom.policy.tally import Tally, write
from wireroom.switch import Busy, JournalDown
from wireroom.switch.transaction import Switch
from wireroom.switch.work import Note

log = logging.getLogger(__name__)

WRITE_EVERY = timedelta(minutes=1)


class Rules:
    """The rules in force, and the counts of what was decided by them."""

    def __init__(
        self,
        people: Pool,
        switch: Pool,
        keys: Keys,
        demands: Demands,
        clock: Callable[[], datetime],
    ) -> None:
        self._people, self._switch_pool, self._demands, self._clock = people, switch, demands, clock
        self._signer, self._marker = keys.rules_signer(), keys.marker()
        self._tally = Tally(clock)
        self._in_force = usual()
        self._written = clock()

    async def begin(self) -> Rulebook:
        """The rules that are in force at the start. Raises PolicyError where those kept are not to be trusted."""
        return self._adopt(await self._kept())

    async def keep(self, switch: Switch) -> None:
        """Take newer rules into force, written down before they are; and write down what was decided, now and then.

        Where those kept are not to be trusted, the rules stay as they are, and the log says so each time.
        """
        try:
            newer = await self._kept()
        except PolicyError as error:
            log.critical("%s", error)
            return
        if newer.digest != self._in_force.digest:
            detail: dict[str, object] = {"policy": newer.digest, "before": self._in_force.digest}
            try:
                await switch.note(Note(tag=Tag.RULES_CHANGED, detail=detail))
            except (Busy, JournalDown) as error:
                log.warning("the rules stay as they were: the change cannot be written down: %s", error)
                return
            await self.write()  # counts belong to the rules by which they were decided
            switch.rulebook = self._adopt(newer)
        if self._clock() - self._written >= WRITE_EVERY:
            await self.write()

    async def _kept(self) -> Policies:
        """The rules that the database says are in force."""
        held = await in_force(self._people, self._signer, self._clock())
        if held is None:
            return usual()
        if held.digest == self._in_force.digest:
            return self._in_force
        policies = Policies(held.text, held.local)
        if policies.digest != held.digest:
            raise PolicyError(
                f"the rules {held.digest} mean something else to this program: approve them anew"
            )
        return policies

    def _adopt(self, policies: Policies) -> Rulebook:
        self._in_force = policies
        return Rulebook(policies, demands=self._demands, own=self._marker.own, tally=self._tally)

    async def write(self) -> None:
        """Write down the counts of what was decided since the last time."""
        self._written = self._clock()
        held = self._tally.take()
        try:
            await write(self._switch_pool, held, self._in_force.digest, day_of(self._clock()))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            self._tally.put_back(held)
            log.warning("what was decided could not be counted: %s", error)
