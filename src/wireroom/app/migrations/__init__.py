"""The steps by which a database comes to the shape that this program knows, forwards only."""

SCHEMA = 20  # the newest migration: what this program reads and writes
