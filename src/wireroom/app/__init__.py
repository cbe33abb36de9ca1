"""Puts the rooms together from settings, and offers the command line."""


class AppError(Exception):
    """What keeps Wireroom from starting or going on. Its text says what is wrong and what to do next."""


class SettingsError(AppError):
    """The settings file cannot be used as it stands."""


class EngineError(AppError):
    """The database server cannot be started, reached or written to."""


class DatabaseError(AppError):
    """The database is there, but this program must not use it as it stands."""
