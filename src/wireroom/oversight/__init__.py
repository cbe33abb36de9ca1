"""Reads the journal afterwards: explanation, misuse detection, cases, reports, retention."""
