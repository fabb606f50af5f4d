"""What a user gave and cannot be used: shared by all commands of `zhenwu`."""

import re


class BadInput(Exception):
    """What the user gave cannot be used: one sentence that names it and says what was expected."""


def seed_of(text: str) -> int:
    """The whole number that --seed gives; BadInput for anything else."""
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
        raise BadInput(f"--seed {text}: expected a whole number of 0 or more, such as 1")
    return int(text)
