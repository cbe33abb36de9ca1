"""Wireroom: an open law-enforcement message switch, with its record files, journal and links."""

__version__ = "0.1.0"
