"""Reading the fields of a JSON object one by one; what is missing or of the wrong kind is a CheckpointError."""

from collections.abc import Mapping
from typing import Any

from zhenwu.qwen.checkpoint_error import CheckpointError

REQUIRED = object()


class Fields:
    """A JSON object and the place it came from, such as "m/config.json: rope_parameters."."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self.values = values
        self.where = where

    def refuse(self, name: str, expected: str) -> CheckpointError:
        """The error for field `name`: what it is, and what was expected."""
        value = self.values.get(name)
        found = "is missing" if value is None else f"is {value!r}"
        return CheckpointError(f"{self.where}{name} {found}; expected {expected}")

    def _read(self, name: str, default: Any, expected: str, fits: Any) -> Any:
        value = self.values.get(name)
        if value is None and default is not REQUIRED:
            return default
        if not fits(value):
            raise self.refuse(name, expected)
        return value

    def integer(self, name: str, default: Any = REQUIRED, least: int = 1) -> int:
        fits = lambda v: type(v) is int and least <= v < 2**31  # noqa: E731
        return self._read(name, default, f"a whole number of at least {least}", fits)

    def positive(self, name: str, default: Any = REQUIRED) -> float:
        fits = lambda v: type(v) in (int, float) and 0 < v < float("inf")  # noqa: E731
        value = self._read(name, default, "a number above 0", fits)
        return value if value is None else float(value)

    def flag(self, name: str, default: Any = REQUIRED) -> bool:
        return self._read(name, default, "true or false", lambda v: type(v) is bool)

    def text(self, name: str, choices: tuple[str, ...], default: Any = REQUIRED) -> str:
        return self._read(name, default, f"one of {', '.join(choices)}", lambda v: v in choices)

    def texts(self, name: str, choices: tuple[str, ...], length: int) -> tuple[str, ...] | None:
        fits = lambda v: isinstance(v, list) and len(v) == length and all(x in choices for x in v)  # noqa: E731
        value = self._read(name, None, f"a list of {length}, each of them {' or '.join(choices)}", fits)
        return None if value is None else tuple(value)

    def integers(self, name: str) -> list[int]:
        fits = lambda v: isinstance(v, list) and all(type(x) is int for x in v)  # noqa: E731
        return self._read(name, [], "a list of whole numbers", fits)

    def table(self, name: str) -> "Fields | None":
        value = self._read(name, None, "an object", lambda v: isinstance(v, dict))
        return None if value is None else Fields(value, f"{self.where}{name}.")
