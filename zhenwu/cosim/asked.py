"""The options of `zhenwu sim --a --b`, as typed. No block is imported here: `--ranges` must come before the first."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.isa import STORE_FORMATS
from zhenwu.spec.tile import SIM_TILE


@dataclass(frozen=True)
class Asked:
    """What a user asks of the tile, as typed."""

    array: str = "4x4"
    fmt: str = "mxfp4"
    store: str = STORE_FORMATS[0]
    rule: str = SCALE_RULES[0]
    latency: str = str(SIM_TILE.adder_latency.value)
    residual: Path | None = None

    @property
    def options(self) -> str:
        """The command line's options that ask for it, those of their default values left out."""
        default = Asked()
        given = {
            name: getattr(self, field)
            for name, field in OPTIONS.items()
            if getattr(self, field) != getattr(default, field)
        }
        return "".join(f" {name} {shlex.quote(str(value))}" for name, value in given.items())


OPTIONS = {
    "--array": "array", "--format": "fmt", "--store": "store", "--rule": "rule", "--latency": "latency",
    "--residual": "residual",
}
