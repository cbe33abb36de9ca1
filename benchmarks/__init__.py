"""Measurements, each a ratio to a named baseline taken in the same run: run them with `make bench`."""
