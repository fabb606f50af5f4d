"""The pins of all that `make sim` runs: every bench, every stall profile, every choice of sizes.

A bench gives its block what pins and parameters it likes. Each combination is a design of its own, with Verilog of its
own; one that equals an entry of `DESIGNS` goes by that name, the others are numbered.
"""

import inspect
from collections.abc import Collection
from dataclasses import dataclass, field
from types import ModuleType

from hdl.bench.run import watched
from hdl.bench.trace import Recorder, Trace
from hdl.designs import DESIGNS, Design, fresh_ports
from hdl.pin_shape import shapes


@dataclass
class Case:
    """A design, and its pins in each run of a bench."""

    design: Design
    recorders: list[Recorder] = field(default_factory=list)

    @property
    def traces(self) -> list[Trace]:
        """One for each run."""
        return [Trace(recorder.columns) for recorder in self.recorders if recorder.rows]


def record(module: ModuleType, seed: int, quick: bool = False) -> list[Case]:
    """What a bench does to its block; RuntimeError if the bench itself finds something wrong."""
    cases: list[Case] = []

    def watch(parts: Collection, clk) -> list:
        recording = []
        for part in parts:
            if is_dut(part):
                pins, parameters = arguments(part)
                case = case_of(cases, part.func, pins, parameters)
                case.recorders.append(Recorder(pins))
                recording.append(case.recorders[-1].record(clk))
        return recording

    with watched(watch):
        evidence = module.run(seed, quick)
    if not evidence.ok:
        raise RuntimeError(f"{evidence.block}: its own bench fails: run `make sim BLOCK={evidence.block}` first")
    return cases


def is_dut(part: object) -> bool:
    """Whether a part of a bench is a block of the hardware."""
    return hasattr(part, "subs") and hasattr(part, "func") and not part.func.__module__.startswith("hdl.bench")


def arguments(instance) -> tuple[dict[str, object], dict[str, object]]:
    """The pins and the parameters of a block instance: parameters are its keyword-only arguments."""
    signature = inspect.signature(instance.func)
    given = signature.bind(*instance.args, **instance.kwargs).arguments
    keyword_only = {name for name, each in signature.parameters.items() if each.kind is each.KEYWORD_ONLY}
    pins = {name: value for name, value in given.items() if name not in keyword_only}
    return pins, {name: value for name, value in given.items() if name in keyword_only}


def case_of(cases: list[Case], function, pins: dict[str, object], parameters: dict[str, object]) -> Case:
    """The case of this block with these parameters on such pins, a new one if there is none yet."""
    form = shapes(pins)
    for case in cases:
        if case.design.parameters == parameters and case.design.shapes == form:
            return case
    design = Design(function.__name__, function.__module__, {}, dict(parameters), form)
    named = next((entry for entry in DESIGNS if same(entry, design)), None)
    name = named.name if named else f"{function.__name__}_case{len(cases)}"
    cases.append(Case(design._replace(name=name)))
    return cases[-1]


def same(entry: Design, design: Design) -> bool:
    """Whether an entry of DESIGNS is this block with these parameters on such pins."""
    return (entry.module, entry.parameters) == (design.module, design.parameters) and (
        shapes(fresh_ports(entry)) == design.shapes
    )
