"""One module for the dot unit, instantiated: hierarchy where MyHDL would write the same logic once an instance.

MyHDL flattens a design into one module, so an 8 x 8 array would hold 64 copies of a dot unit's processes, and every
tool would read and optimise each of them. `take_out` keeps the instances of one block apart: their place in the flat
module becomes an instantiation, and the caller writes the block as a module of its own, once, in a file of its own.
"""

import inspect
from collections.abc import Iterator

from myhdl import SignalType
from myhdl._block import _Block
from myhdl._extractHierarchy import _UserVerilogCode

from hdl.designs import DESIGNS, Design

LEAF = "dot_unit"


class Instantiation(_UserVerilogCode):
    """The text that stands for an instance; MyHDL asks for it when all signals have their names."""

    def __init__(self, module: str, unit: _Block, pins: dict[str, SignalType]):
        super().__init__("", {}, unit.name, unit.func, "", 0)
        self.namespace = {"module": module, "instance": unit.name, "pins": pins}

    def __str__(self) -> str:
        pins = self.namespace["pins"]
        connections = ",\n".join(f"    .{port}({signal._name})" for port, signal in pins.items())
        return f"\n{self.namespace['module']} {self.namespace['instance']} (\n{connections}\n);\n"


def take_out(instance: _Block) -> Design | None:
    """Replace every LEAF below `instance` by an instantiation; the design that they instantiate, None without one.

    Instances of unlike parameters raise ValueError.
    """
    leaf = None
    for unit in below(instance):
        if unit.func.__name__ != LEAF:
            continue
        pins, parameters = arguments(unit)
        if leaf is None:
            leaf = leaf_design(parameters)
        elif leaf.parameters != parameters:
            raise ValueError(f"{LEAF} with {leaf.parameters} and with {parameters}: expected one module for all")
        outputs = set(driven(unit))
        for signal in pins.values():
            if id(signal) in outputs:
                signal._driven = "wire"
            else:
                signal._markRead()
            signal._markUsed()
        unit.verilog_code = Instantiation(leaf.name, unit, pins)
        unit.subs, unit.sigdict, unit.memdict = [], {}, {}
    return leaf


def arguments(instance: _Block) -> tuple[dict[str, object], dict[str, object]]:
    """The pins and the parameters of a block instance: parameters are its keyword-only arguments."""
    signature = inspect.signature(instance.func)
    given = signature.bind(*instance.args, **instance.kwargs).arguments
    keyword_only = {name for name, each in signature.parameters.items() if each.kind is each.KEYWORD_ONLY}
    pins = {name: value for name, value in given.items() if name not in keyword_only}
    return pins, {name: value for name, value in given.items() if name in keyword_only}


def leaf_design(parameters: dict[str, object]) -> Design:
    """The design of these parameters, or a new one that has them in its name: dot_unit_128_mxfp4_bf16_2."""
    for entry in DESIGNS:
        if entry.block == LEAF and entry.parameters == parameters:
            return entry
    words = [word for value in parameters.values() for word in (value if isinstance(value, tuple) else (value,))]
    name = "_".join([LEAF, *map(str, words)])
    return Design(name, f"hdl.tile.{LEAF}", {"slots": parameters["slots"]}, dict(parameters))


def below(instance: _Block) -> Iterator[_Block]:
    """Every block instance inside this one."""
    for inner in list(instance.subs):
        if isinstance(inner, _Block):
            yield inner
            yield from below(inner)


def driven(instance: _Block) -> Iterator[int]:
    """The identities of all signals that a process in `instance` writes."""
    for inner in instance.subs:
        if isinstance(inner, _Block):
            yield from driven(inner)
        else:
            yield from (id(inner.symdict[name]) for name in inner.outputs)
