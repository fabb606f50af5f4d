"""Making a file of this package anew from a trace, as `python -m zhenwu.agent.committed` and its like do."""

import sys
from collections.abc import Callable
from pathlib import Path

from zhenwu.agent.traces import Trace, read

DATA = Path(__file__).resolve().parents[1] / "data"


def remake(module: str, file: str, text_of: Callable[[Trace], str]) -> None:
    """Read the trace that the command line names, write what `text_of` makes of it; a bad one ends with a sentence."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: python -m {module} FOLDER_OR_FILE")
    try:
        text = text_of(read(sys.argv[1]))
    except ValueError as error:
        sys.exit(str(error))
    half = (DATA / file).with_suffix(".part")
    half.write_text(text, encoding="utf-8")
    half.replace(DATA / file)
    print(f"{file}: {len(text.encode()):,} bytes")
