"""`zhenwu regress`: all runs of a plan on all cores, noted one by one, and what is left of those that go wrong."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from hdl.designs import DesignError
from hdl.emit import emit
from zhenwu.console import console
from zhenwu.cosim.backends import verilator
from zhenwu.cosim.backends.compiled import BuildError
from zhenwu.cosim.missing_tool import MissingTool
from zhenwu.cosim.regress import reproduction
from zhenwu.cosim.regress.harnesses import HARNESSES
from zhenwu.cosim.regress.native import native_speed
from zhenwu.cosim.regress.notes import Notes, key
from zhenwu.cosim.regress.plan import Run, plan
from zhenwu.cosim.regress.progress import Progress
from zhenwu.cosim.regress.run import BACKENDS, Result, compare, load
from zhenwu.cosim.regress.shrink import LONGEST, NotShrunk, shrink
from zhenwu.cosim.regress.summary import show

FOLDER = Path("build/regress")
POLL_S = 0.3
REFUSED = MissingTool, BuildError, DesignError  # what ends a call before anything has run


class Options(NamedTuple):
    """What the user asked for."""

    designs: Sequence[str]
    cycles: int | None
    seed: int
    backend: str
    fresh: bool


def regress(options: Options, folder: Path = FOLDER, longest: int = LONGEST) -> int:
    """Run the plan; 0 if all agreed, else 1. One of REFUSED before anything ran."""
    out, start = console(), time.perf_counter()

    def say(text: str) -> None:
        out.print(text, highlight=False, soft_wrap=True, markup=False)

    BACKENDS[options.backend][0]()
    runs = plan(options.designs, options.cycles, options.seed)
    say(f"{len(runs)} runs, seed {options.seed}: " + ", ".join(
        f"{name} {sum(run.cycles for run in runs if run.design == name):,} cycles" for name in options.designs
    ))
    verilog = folder / "verilog"
    build(options, verilog, say)
    notes = Notes(folder / "state.json", key(verilog.glob("*.v"), runs, options.backend), options.fresh)
    waiting = [run for run in runs if run.name not in notes.done]
    if not waiting:
        say("All of them are done already and nothing has changed since: --fresh runs them again, --seed N others")
    elif len(waiting) < len(runs):
        say(f"{len(runs) - len(waiting)} of {len(runs)} runs are done already")
    for design in options.designs:
        if design not in notes.native:
            notes.native[design] = native_speed(HARNESSES[design])
    notes.save()
    results = dict(notes.done)
    for run, result in all_results(waiting, options.backend, verilog):
        results[run.name] = result
        notes.enter(run, result)
    show([(run, results[run.name]) for run in runs], notes.native, time.perf_counter() - start, out)
    wrong = [(run, results[run.name]) for run in runs if not results[run.name].ok]
    for design in options.designs:
        of_design = [each for each in wrong if each[0].design == design]
        if of_design:
            explain(*min(of_design, key=lambda each: each[1].cycles), folder, say, longest)
    if wrong:
        say(f"FAILED: {len(wrong)} of {len(runs)} runs: {', '.join(run.name for run, _ in wrong)}")
        return 1
    say(f"All {len(runs)} runs agree: {sum(run.cycles for run in runs):,} cycles, 0 mismatches.")
    return 0


def build(options: Options, verilog: Path, say: Callable[[str], None]) -> None:
    """Write the Verilog and compile what is not compiled yet."""
    say("Writing the Verilog and compiling it: a minute or two where it is new, once")
    complaints = emit([HARNESSES[name].design for name in options.designs], verilog)
    if complaints:
        raise DesignError(next(iter(complaints.values())))
    if options.backend == "verilator":
        verilator.runtime()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda name: load(options.backend, verilog, name), options.designs))


def explain(run: Run, result: Result, folder: Path, say: Callable[[str], None], longest: int) -> None:
    """Say what went wrong in a run, and write what repeats it."""
    manner = "restless" if run.restless else "steady"
    say(f"\nFirst mismatch of the {run.design}: run {run.number}, seed {run.seed}, {manner}")
    if result.fault:
        say(f"  within {result.cycles:,} cycles the model itself is at fault: {result.fault}")
    if result.look is None:
        return
    say(f"  the signature is wrong in cycle {result.look:,}")
    try:
        verilator.need()
    except MissingTool as error:
        say(f"  it cannot be made short: {error}")
        return
    found = shrink(run, result.look, folder / "verilog", lambda text: say(f"  {text}"), longest)
    if isinstance(found, NotShrunk):
        say(f"  its first wrong cycle is {found.cycle:,}, and MyHDL is right from each state down to that in cycle "
            f"{found.earliest:,}: suspect the Verilog or the simulator, or a fault that lies further back")
        return
    path = reproduction.write(found, folder / f"failure-{run.design}-{run.seed}")
    for line in reproduction.what(run, found.shown, found.expected[found.short.cycle - found.long.cycle :]):
        say(f"  {line}")
    before = found.shown.cycle - found.short.cycle
    say(f"  MyHDL shows it from cycle {found.short.cycle:,} on, {before:,} cycles before; the earliest state from "
        f"which it does is that of cycle {found.long.cycle:,}")
    if found.shown.other:
        say(f"  {found.shown.other}: what MyHDL shows may have another cause")
    say(f"  again: zhenwu regress --reproduce {path}")
    say(f"  waves: {path.with_name(reproduction.VCD)}  {path.with_name(reproduction.SVG)}")


def all_results(runs: Sequence[Run], backend: str, verilog: Path) -> Iterator[tuple[Run, Result]]:
    """Every run with its result, as they come; how far they are is shown on stderr."""
    if not runs:
        return
    context = get_context("spawn")  # no fork while the bars have a thread
    done, stop = context.Array("Q", len(runs), lock=False), context.Value("b", 0, lock=False)
    workers = min(len(runs), os.cpu_count() or 1)
    shared = (done, stop, os.getpid())
    with ProcessPoolExecutor(workers, context, initializer=begin, initargs=shared) as pool, Progress(runs) as progress:
        waiting: dict[Future, Run] = {
            pool.submit(work, index, run, backend, verilog): run for index, run in enumerate(runs)
        }
        try:
            while waiting:
                ended, _ = wait(waiting, timeout=POLL_S, return_when=FIRST_COMPLETED)
                for future in ended:
                    run, result = waiting.pop(future), future.result()
                    progress.ended(result)
                    yield run, result
                progress.update(done)
        finally:
            stop.value = 1
            pool.shutdown(cancel_futures=True)


shared: tuple = ()  # in a worker: cycles done of each run, whether to stop, the parent's process


def begin(*given) -> None:
    """The first that a worker does: Ctrl-C is its parent's business."""
    global shared
    shared = given
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def work(index: int, run: Run, backend: str, verilog: Path) -> Result | None:
    """One run in a worker, until the parent wants no more or is no more."""
    done, stop, parent = shared

    def seen(cycles: int) -> bool:
        done[index] = cycles
        return not stop.value and os.getppid() == parent

    return compare(load(backend, verilog, run.design), run, seen)


def repeat(path: Path) -> int:
    """`--reproduce`: run MyHDL from the states in a file; 1 if it is still wrong, 0 if it agrees from one of them."""
    given, out = reproduction.read(path), console()

    def say(text: str) -> None:
        out.print(text, highlight=False, soft_wrap=True, markup=False)

    run = Run(given.design, 0, given.seed, given.restless, 0)
    tried = []
    for start in given.starts:
        tried.append(reproduction.repeat(given, start))
        shown, expected = tried[-1]
        if shown.other and len(tried) == 1:
            say(f"The hardware has changed: {shown.other}")
        if shown.agrees:
            say(f"Agrees now: {run.design}, seed {run.seed}, {len(expected):,} cycles of MyHDL from cycle "
                f"{start.cycle:,} on, every pin as expected")
            if len(tried) > 1:
                say(f"The state of cycle {given.starts[0].cycle:,} held the fault already, which shows whatever the "
                    "hardware does")
            return 0
    shown, expected = tried[0]
    reproduction.draw(run, shown, expected, path.parent)
    for line in reproduction.what(run, shown, expected):
        say(line)
    say(f"{len(shown.rows):,} cycles of MyHDL from cycle {shown.start:,} on; waves: "
        f"{path.with_name(reproduction.VCD)}  {path.with_name(reproduction.SVG)}")
    say("FAILED: still wrong" + (", from the earlier state as well" if len(tried) > 1 else ""))
    return 1
