"""An agency's own record files, written in TOML and decoded into the same declarations."""

from __future__ import annotations

import msgspec

from wireroom.catalog.file import File


class LocalFileError(ValueError):
    """A local file's declaration cannot be used; the text says where and why."""


def decode(text: str, name: str) -> File:
    """The file that a TOML text declares. `name` is where the text came from, for the error's words.

    Raises LocalFileError with the path inside the text, unknown keys included.
    """
    try:
        return msgspec.toml.decode(text, type=File)
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError, LookupError) as error:
        raise LocalFileError(f"{name}: {error}") from error
