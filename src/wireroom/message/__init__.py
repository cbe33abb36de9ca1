"""Turns wire text into a checked Message, or into every fault found in it; and back; in every dialect."""
