"""What every reader of traces holds a field to, and how a wrong one is repeated in a sentence."""

MOST_TOKENS = 2**53  # what a float64 counts exactly
MOST_SECONDS = 10**10  # more than any clock that counts seconds from 1970 says
SHOWN = 40  # characters of a wrong field that are repeated


def repeated(text: str) -> str:
    """A wrong field within a sentence: on one line, and not too long."""
    part = text if len(text) <= SHOWN else text[:SHOWN] + "..."
    return part if part.isprintable() else ascii(part)
