"""Lets `python -m wireroom` run the command line."""

from wireroom.app.cli import main

main()
