"""Building a block quickly, however deep the caller stands.

MyHDL reads the whole call stack, source lines included, at every block and process that it instantiates. Under
pytest that is 50 frames and most of the time of a bench; in a thread of its own it is five.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def elaborate(make: Callable[..., Result], *arguments: object) -> Result:
    """`make(*arguments)`, called in a fresh thread while this one waits; what it raises is raised here."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(make, *arguments).result()
