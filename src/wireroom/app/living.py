"""Takes local record files into force while everything runs: one that came, changed or went, without a restart."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from wireroom.app import AppError, SettingsError
from wireroom.app.settings import LOCAL_FILES_MAX, Loaded, load
from wireroom.catalog.index import Catalogue
from wireroom.catalog.local import LocalFileError, decode

log = logging.getLogger(__name__)
LOOK_EVERY_S = 1.0

Seen = tuple[tuple[str, int, int], ...]


def local_paths(loaded: Loaded) -> list[Path]:
    """The files that declare record files: those named, and all *.toml in the folders named."""
    found: list[Path] = []
    for name in loaded.settings.catalogue.local_files:
        path = loaded.path(name)
        found += sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if len(found) > LOCAL_FILES_MAX:
        raise AppError(f"{len(found)} local files are more than {LOCAL_FILES_MAX}")
    return found


def catalogue_of(loaded: Loaded) -> Catalogue:
    """The catalogue with the local files that the settings name."""
    catalogue = Catalogue()
    try:
        for path in local_paths(loaded):
            catalogue = catalogue.with_files([decode(path.read_text("utf-8"), path.name)])
    except OSError as error:
        raise AppError(f"the local file {error.filename} cannot be read: {error.strerror}") from None
    except (LocalFileError, ValueError) as error:
        raise AppError(f"a local file cannot be used: {error}") from error
    return catalogue


def _anew(loaded: Loaded) -> Loaded:
    """The settings as their file says now; only the list of local files counts while everything runs."""
    if loaded.file is None:
        return loaded
    try:
        return load(loaded.file)
    except (SettingsError, OSError) as error:
        log.warning("the settings cannot be read now, so the local files stay as they are: %s", error)
        return loaded


def _seen(loaded: Loaded) -> Seen:
    """What tells whether anything changed: which files there are, how long, and of when."""
    seen = []
    for path in (*([loaded.file] if loaded.file else []), *local_paths(loaded)):
        status = path.stat()
        seen.append((str(path), status.st_mtime_ns, status.st_size))
    return tuple(seen)


async def keep_living(
    loaded: Loaded,
    adopt: Callable[[Catalogue], Awaitable[None]],
    rest: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(LOOK_EVERY_S),
) -> None:
    """Looks for changes of the local files until cancelled. One that cannot be used is told, and changes nothing."""
    seen: Seen | None = None  # what is in force is what the settings named when this began
    bad: Seen | None = None
    with contextlib.suppress(AppError, OSError):
        seen = _seen(loaded)
    while True:
        await rest()
        try:
            loaded = _anew(loaded)
            now = _seen(loaded)
            if now in (seen, bad):
                continue
            try:
                catalogue = catalogue_of(loaded)
            except AppError:
                bad = now
                raise
            await adopt(catalogue)
            seen, bad = now, None
            log.info("the local record files were taken into force anew")
        except (AppError, OSError) as error:
            log.error("a local record file cannot be used, so nothing is changed: %s", error)
        except Exception as error:  # of the database, for instance: whatever it is, the next look comes
            log.error("local record files could not be taken into force, and will be tried again: %s", error)
