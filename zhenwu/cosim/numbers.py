"""How a bit pattern reads as a number, for the report of a mismatch."""

from collections.abc import Callable

import numpy as np

from zhenwu.spec.hbm3 import COMMANDS

Reading = Callable[[int], str]


def float32(bits: int) -> str:
    """The float32 with these bits, in the fewest digits that identify it: `float32(0x3DCCCCCD)` is `0.1`."""
    return str(np.array(bits, np.uint32).view(np.float32))


def integer(value: int) -> str:
    """The value itself, in decimal; a signed signal's value is signed already."""
    return str(value)


def command(code: int) -> str:
    """The command of the memory with this code, or that there is none."""
    return COMMANDS[code] if 0 < code < len(COMMANDS) else "no command"


def scaled(exponent: int) -> Reading:
    """Readings of an integer in units of 2^exponent, such as an exact dot product."""
    return lambda value: repr(value * 2.0**exponent)
