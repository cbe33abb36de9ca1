"""The messages that touch no file, one module each."""
