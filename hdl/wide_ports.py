"""Lists of signals as ports of a design: each becomes one wide port, its first signal in the lowest bits.

Blocks inside a design may share a list of signals, such as the requests of a queue; MyHDL converts no list at the
top. `widened` wraps such a block; the simulation never sees the wrapper.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MethodType

from myhdl import ConcatSignal, SignalType, always_comb, block
from myhdl.conversion._analyze import expandinterface

from hdl.bundle import wire


def widened(
    make: Callable, pins: Mapping[str, object], parameters: Mapping[str, object]
) -> tuple[object, dict[str, object]]:
    """An instance of the block `make` on `pins`, and its pins, with one wide signal in place of each list.

    Without lists it is the block itself.
    """
    lists = {name: pin for name, pin in pins.items() if isinstance(pin, list)}
    if not lists:
        return make(**pins, **parameters), dict(pins)
    wide = dict(pins) | {name: wire(sum(map(len, pin))) for name, pin in lists.items()}

    @block
    def shell():
        inner = make(**pins, **parameters)
        driven = set(driven_lists(inner))
        outputs = [gather(pin, wide[name]) for name, pin in lists.items() if id(pin) in driven]
        inputs = [spread(wide[name], pin) for name, pin in lists.items() if id(pin) not in driven]
        return inner, outputs, inputs

    instance = shell()
    instance._inferInterface = MethodType(lambda self: name_ports(self, wide), instance)
    return instance, wide


def name_ports(instance, pins: Mapping[str, object]) -> None:
    """Tell MyHDL the ports of a block without arguments, under the names of a block with `pins` as arguments."""
    instance.argnames, instance.argdict = [], {}
    for name, pin in pins.items():
        if isinstance(pin, SignalType):
            pin._name = name
            instance.argnames.append(name)
            instance.argdict[name] = pin
        else:
            expandinterface(instance, name, pin)


def driven_lists(instance) -> Iterator[int]:
    """The identities of all lists that a process in `instance` writes."""
    for inner in instance.subs:
        if hasattr(inner, "subs"):
            yield from driven_lists(inner)
        else:
            yield from (id(inner.symdict[name]) for name in inner.outputs)


@block
def gather(signals, wide):
    """`wide` shows the list's signals."""
    whole = signals[0] if len(signals) == 1 else ConcatSignal(*reversed(signals))

    @always_comb
    def show():
        wide.next = whole

    return show


@block
def spread(wide, signals):
    """The list's signals take the bits of `wide`."""
    inside = wire(len(wide))  # MyHDL slices no port of a wrapper

    @always_comb
    def copy():
        inside.next = wide

    lows = [sum(map(len, signals[:index])) for index in range(len(signals))]
    return copy, [take(inside, signal, low) for signal, low in zip(signals, lows, strict=True)]


@block
def take(wide, signal, low):
    """One signal of a list."""
    part = wide(low) if len(signal) == 1 else wide(low + len(signal), low)

    @always_comb
    def cut():
        signal.next = part

    return cut
