"""The 64 symbols of the small agent's language: a token is a character.

    _ padding          ? read a key       + - an amount
    a .. z  keys, tickets   > next page        ~ busy
    0 .. 9  digits          @ new ticket       ^ ticket expired
    # context begins   = compaction       ! no more pages
    : , ; list         . report           % context full
"""

import numpy as np
from numpy.typing import NDArray

LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
SYMBOLS = "_" + LETTERS + DIGITS + "#:,;?>@=.+-~^!%"  # by token id
VOCABULARY = 64  # ids that no symbol has stay unused: a round width for the tile
PADDING = SYMBOLS.index("_")
IDS = {symbol: token for token, symbol in enumerate(SYMBOLS)}


def encode(text: str) -> NDArray[np.int64]:
    """The token ids int64[len(text)] of a text; a character outside the 64 raises ValueError."""
    try:
        return np.array([IDS[symbol] for symbol in text], dtype=np.int64)
    except KeyError as error:
        raise ValueError(f"the character {error.args[0]!r}: expected one of {SYMBOLS}") from None


def decode(tokens: NDArray[np.integer]) -> str:
    """The text of token ids; an id that no symbol has reads as a space."""
    return "".join(SYMBOLS[token] if token < len(SYMBOLS) else " " for token in tokens)
