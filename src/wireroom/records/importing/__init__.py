"""Enters a whole file of records: read line by line, checked like messages, stored chunk by chunk."""


class CannotImport(Exception):
    """A file that cannot be imported at all, in words that say what is wrong with it and what to do."""
