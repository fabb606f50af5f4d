"""Where commands print: a terminal, or a pipe or file that must cut nothing off."""

import sys

from rich.console import Console

PIPE_WIDTH = 10_000  # columns: no table is as wide as this


def console(stderr: bool = False) -> Console:
    """A console that cuts nothing off when its output is not a terminal."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream) if stream.isatty() else Console(file=stream, width=PIPE_WIDTH, color_system=None)
