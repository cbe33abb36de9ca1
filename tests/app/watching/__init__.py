"""Tests of how the system watches itself."""
