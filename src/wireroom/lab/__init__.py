"""Invented people and vehicles, simulated stations, load, trouble, training, certification."""
