"""The record files, one module each."""

from importlib import import_module

from wireroom.catalog.file import File


def declared(module: str) -> File:
    """The one file that a module of this folder declares."""
    found = import_module(f"{__name__}.{module}")
    files = [one for one in vars(found).values() if isinstance(one, File)]
    assert len(files) == 1, f"{found.__name__} declares {len(files)} files: a module declares one"
    return files[0]
