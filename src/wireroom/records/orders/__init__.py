"""Thinking about orders of courts: which are in force, which goes first, what may be enforced, and in which words."""
