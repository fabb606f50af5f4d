"""What both compiled simulators share: a small C interface round a model, built once, and called for many cycles.

    make() -> model      play(model, in, in_step, out, stride, cycles)      drop(model)

`play` takes a row of input words a cycle (`in_step` words further each time: 0 holds the first), and writes a row of
output words every `stride` cycles, as they stand just before the rising edge. One call for all cycles is what makes it
fast: a call a cycle would cost more than the simulation. A built model is kept in build/models, under a name made of
all that it was made from.
"""

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from hdl.bench.trace import Trace
from hdl.designs import Design
from hdl.emit import ROOT
from zhenwu.cosim.backends.pins import Pin, laid_out, packed, row_words, sources, unpacked
from zhenwu.cosim.missing_tool import MissingTool

MODELS = ROOT / "build/models"
TIME_LIMIT_S = 1200
QUICK, FAST = "-O0", "-O2"  # of the C++ compiler: soon there for thousands of cycles, or worth it for millions

LOOP = """
extern "C" void *make() { return new Model; }
extern "C" void drop(void *model) { delete static_cast<Model *>(model); }
extern "C" void play(void *handle, const uint32_t *in, uint64_t in_step, uint32_t *out, uint64_t stride,
                     uint64_t cycles) {
    Model &model = *static_cast<Model *>(handle);
    for (uint64_t cycle = 1; cycle <= cycles; cycle++, in += in_step) {
        bool shown = cycle % stride == 0;
        if (in_step || cycle == 1) model.load(in);
        model.low(shown || in_step || cycle == 1);
        if (shown) { model.store(out); out += OUT_WORDS; }
        model.high();
    }
}
"""


class BuildError(Exception):
    """What a tool refused, in its own words."""


def need_compiler() -> None:
    """Raise MissingTool unless there is a C++ compiler."""
    if shutil.which("g++") is None:
        raise MissingTool("g++ is not installed: run `apt-get install g++`")


def run_tool(
    call: Sequence[str], folder: Path, environment: dict[str, str] | None = None, limit_s: float = TIME_LIMIT_S
) -> str:
    """What a tool prints, run in `folder`; BuildError with a line of its own words if it fails or does not end."""
    try:
        done = subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, timeout=limit_s,
                              check=False)
    except subprocess.TimeoutExpired:
        raise BuildError(f"{Path(call[0]).name} was not done after {limit_s} s") from None
    if done.returncode:
        lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        said = [line for line in lines if "rror" in line] or lines[-1:] or ["nothing"]
        raise BuildError(f"{Path(call[0]).name} ended {done.returncode}: {said[0]}")
    return done.stdout


class Library:
    """A built model, as a class whose instances can be played."""

    def __init__(self, path: Path, inputs: Sequence[Pin], outputs: Sequence[Pin]):
        self.inputs, self.outputs = inputs, outputs
        self.calls = ctypes.CDLL(str(path))
        self.calls.make.restype = ctypes.c_void_p
        self.calls.drop.argtypes = [ctypes.c_void_p]
        pointer = np.ctypeslib.ndpointer(np.uint32, flags="C_CONTIGUOUS")
        count = ctypes.c_uint64
        self.calls.play.argtypes = [ctypes.c_void_p, pointer, count, pointer, count, count]


class Model:
    """One instance, from power-on; `seconds` is the time spent in simulation."""

    def __init__(self, library: Library):
        self.library = library
        self.handle = library.calls.make()
        self.seconds = 0.0

    def close(self) -> None:
        """Free it."""
        self.library.calls.drop(self.handle)

    def play(self, rows: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """A cycle for each row of inputs; the outputs, a row a cycle."""
        return self._run(rows, rows.shape[1], 1, len(rows))

    def hold(self, row: NDArray[np.uint32], cycles: int, stride: int) -> NDArray[np.uint32]:
        """Many cycles with the same inputs; the outputs just before every `stride`-th edge."""
        return self._run(row, 0, stride, cycles)

    def _run(self, rows: NDArray[np.uint32], step: int, stride: int, cycles: int) -> NDArray[np.uint32]:
        out = np.zeros((cycles // stride, row_words(self.library.outputs)), np.uint32)
        start = perf_counter()
        self.library.calls.play(self.handle, np.ascontiguousarray(rows), step, out, stride, cycles)
        self.seconds += perf_counter() - start
        return out


def library(verilog: Path, flags: str, version: str, build: Callable[[Path, list[Path], str, Path], None]) -> Library:
    """The model of the module that `verilog` is named after, built by `build` unless it was before."""
    need_compiler()
    files = sources(verilog.resolve())
    text = files[0].read_text(encoding="utf-8")
    inputs, outputs = laid_out(text, "input"), laid_out(text, "output")
    made_from = [version, flags, LOOP, *(file.read_text(encoding="utf-8") for file in files)]
    name = hashlib.sha256("\0".join(made_from).encode()).hexdigest()[:24]
    path = MODELS / f"{verilog.stem}-{name}.so"
    if not path.exists():
        MODELS.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=MODELS) as folder:
            out = Path(folder) / "model.so"
            build(Path(folder), files, flags, out)
            os.replace(out, path)
    return Library(path, inputs, outputs)


def played(design: Design, trace: Trace, model: Library) -> Trace:
    """The outputs for the inputs in `trace`."""
    rows = packed(trace, model.inputs, design.name)
    instance = Model(model)
    try:
        return Trace(unpacked(instance.play(rows), model.outputs), instance.seconds)
    finally:
        instance.close()


def constants(outputs: Sequence[Pin]) -> str:
    """What the loop must know of the pins."""
    return f"#include <cstdint>\n#include <cstring>\nstatic const uint64_t OUT_WORDS = {row_words(outputs)};\n"
