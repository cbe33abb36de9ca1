"""A whole switch under watch: what grew old is an alarm within one look, and a backup is made when it is due."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import timedelta
from functools import partial
from pathlib import Path

from tests.app.test_commands import config, system
from tests.sealed import entries
from wireroom.app.assemble import connect, now
from wireroom.app.database import open_as
from wireroom.app.roles import SWITCH, WEB
from wireroom.app.settings import Loaded, load
from wireroom.app.watching import alarms, backups, chores
from wireroom.app.watching.running import Watched, duties_of
from wireroom.journal.tags import Tag
from wireroom.message.acting import UPKEEP

__all__ = ["config"]  # a fixture


def test_SI_4_a_running_switch_tells_of_what_grew_old_and_makes_its_backups(
    config: Path, database: str
) -> None:
    """CP-9 too."""
    known = config.parent / "known.txt"
    known.write_text("password1\n")
    old = (now() - timedelta(days=93)).timestamp()
    os.utime(known, (old, old))
    more = f'[people]\nknown_passwords_file = "{known}"\n[backups]\nfolder = "kept"\n[alarms]\nlook_seconds = 600\n'
    config.write_text(config.read_text() + more)
    loaded = load(config)
    made = asyncio.run(watched(config, loaded))
    assert [str(one) for one in backups.made(config.parent / "kept")] == [json.loads(made)["path"]]
    tags = [one.tag for one in entries(database, config.parent / "secrets")]
    assert tags[:3] == [Tag.SWITCH_STARTED, Tag.SETTINGS_CHANGED, Tag.ALARM_BEGUN]
    assert Tag.DATABASE_BACKED_UP in tags


async def watched(config: Path, loaded: Loaded) -> str:
    """One look at a whole switch, and one backup of it; what the backup says."""
    async with system(config) as ready:
        assert ready.house.watchman is not None
        await ready.house.watchman.round()
        assert [one.watch for one in ready.house.watchman.open] == ["passwords-old"]
        assert ready.house.alarms == 1
        pool, people = [await open_as(ready.dsn, role, 1, actor=UPKEEP) for role in (SWITCH, WEB)]
        over = Watched(
            loaded=loaded, dsn=ready.dsn, connect=partial(connect, acts=UPKEEP), pool=pool,
            people_pool=people, keys=ready.keys, switch=ready.switch, partners=(), clock=now,
        )  # fmt: skip
        backup, files = duties_of(over)
        assert (backup.name, files.name) == (chores.BACKUP, chores.FILES)
        made = await backup.work()
        assert [one.watch for one in await alarms.listed(pool)] == ["passwords-old"]
        await pool.close()
        await people.close()
    return made
