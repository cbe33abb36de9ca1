"""Tests of the wire: bytes, frames, sessions and both ends of a line."""
