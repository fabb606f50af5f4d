"""Hardware as Verilog inside a chapter: converted here, shown beside its Python, and computed by Verilog's rules."""

import importlib.util
import inspect
import re
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

from hdl.bench.run import forgotten_signals
from hdl.designs import Design, design, elaborate
from hdl.emit import emit, write
from hdl.range_check import CheckedLoader, OutOfRange
from hdl.scan import Finding, scan_python
from zhenwu.chapter import traps
from zhenwu.chapter.show import Html
from zhenwu.cosim.verilog_value import verilog_value

RESET = re.compile(r"if \(rst == 1\) begin\n(.*?)\n    end", re.S)
REGISTER = re.compile(r"^reg (?:signed )?(?:\[(\d+):0\] )? *(\w+)(?: \[0:(\d+)-1\])?;", re.M)


def verilog_of(*names: str) -> dict[str, str]:
    """The Verilog of some designs by name, as `make verilog` writes it, with the modules that they instantiate."""
    with tempfile.TemporaryDirectory() as folder:
        for complaint in emit(map(design, names), folder).values():
            raise RuntimeError(complaint)
        return {path.stem: path.read_text(encoding="utf-8") for path in sorted(Path(folder).glob("*.v"))}


def flat(name: str) -> str:
    """A design as MyHDL writes it by itself: one module, each instance spelled out."""
    with tempfile.TemporaryDirectory() as folder, forgotten_signals():
        instance, _ = elaborate(design(name))
        write(design(name), instance, Path(folder))
        return Path(folder, f"{name}.v").read_text(encoding="utf-8")


class Trap(NamedTuple):
    """A block of `traps.py`: its process in Python, what MyHDL makes of it, and what the scan says of both."""

    python: str
    verilog: str
    findings: Sequence[Finding]


def trap(name: str) -> Trap:
    """Convert a trap and scan it."""
    block, ports = traps.TRAPS[name]
    source = inspect.getsource(block.func)
    found = scan_python("traps.py", source)
    with tempfile.TemporaryDirectory() as folder, forgotten_signals():
        found += write(Design(name, "zhenwu.chapter.traps"), block(**ports()), Path(folder))
    with tempfile.TemporaryDirectory() as folder, forgotten_signals(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a port that is not used any more is one of the traps
        block(**ports()).convert(hdl="Verilog", path=folder, name=name, testbench=False, initial_values=False,
                                 no_myhdl_header=True)
        text = Path(folder, f"{name}.v").read_text(encoding="utf-8")
    return Trap(dedent(source), text, found)


def in_python(name: str, checked: bool = False, **inputs: int) -> int | str:
    """What a trap gives in MyHDL; `checked`: under the debug mode of int locals, whose complaint comes instead."""
    source = traps
    if checked:
        loader = CheckedLoader("checked_traps", traps.__file__)
        spec = importlib.util.spec_from_file_location("checked_traps", traps.__file__, loader=loader)
        source = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(source)
    with forgotten_signals():
        block, ports = source.TRAPS[name]
        pins = ports()
        for pin, value in inputs.items():
            pins[pin].next = value
            pins[pin]._update()
        try:
            block(**pins).subs[0].func()
        except OutOfRange as error:
            return str(error)
        return int(pins["y"].next)


def in_verilog(name: str, verilog: str, **inputs: int) -> int:
    """What a trap's Verilog gives by the rules of its standard."""
    return verilog_value(verilog, inputs)["y"]


def process(text: str, name: str) -> str:
    """One process of a Verilog module, with its declarations."""
    start = re.search(rf"^always @.*: {name}$", text, re.M).start()
    return text[start : text.index("\nend\n", start) + 4]


def state_bits(text: str) -> tuple[int, int]:
    """Bits of registers that a reset sets, and bits of registers and memories that none does, in a module.

    What a combinational process writes is no state. A memory is none of the former, whatever its size.
    """
    reset = {name for body in RESET.findall(text) for name in re.findall(r"^\s*(\w+)(?:\[\d+\])? <= ", body, re.M)}
    clocked = set(re.findall(r"^\s*(?:if .*begin )?(\w+)(?:\[.*?\])* <= ", text, re.M))
    totals = [0, 0]
    for high, name, words in REGISTER.findall(text):
        if name in clocked:
            totals[name not in reset] += (int(high or 0) + 1) * int(words or 1)
    return totals[0], totals[1]


def beside(texts: Mapping[str, str], caption: str) -> Html:
    """Listings side by side where there is room, each under its name."""
    boxes = "".join(
        f'<div style="flex: 1 1 20em; min-width: 0"><p><strong>{escape(name)}</strong></p>'
        f'<pre tabindex="0" role="region" aria-label="{escape(name)}: {escape(caption)}" '
        f'style="overflow-x: auto; margin: 0">{escape(text)}</pre></div>'
        for name, text in texts.items()
    )
    html = f'<figure class="drawing"><div style="display: flex; flex-wrap: wrap; gap: 1em">{boxes}</div>' \
           f"<figcaption>{escape(caption)}</figcaption></figure>"
    return Html(html, caption + "\n" + "\n\n".join(f"{name}\n{text}" for name, text in texts.items()))
