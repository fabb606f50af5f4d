"""The one driver of all block benches: sources, sinks, monitors, contract, watchdog and scoreboards round a block.

    items -> source --> [ block ] --> sink         every stream: contract, watchdog
                  \\-- monitor   monitor --/
                         |          |
                    scoreboard  scoreboard <- expected (golden)

The same bench runs under each stall profile. On a mismatch it runs again with the same seed, recording the pins.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from hdl.bench.clock import cycle
from hdl.bench.contract import ContractViolation, contract, probe
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import monitor
from hdl.bench.payload import Payload, as_dicts
from hdl.bench.run import BudgetExceeded, Run, forgotten_signals, simulate
from hdl.bench.scoreboard import Scoreboard
from hdl.bench.sink import sink
from hdl.bench.source import source
from hdl.bench.stalls import Stalls
from hdl.bench.trace import Recorder
from hdl.bench.watchdog import Deadlock, watchdog
from hdl.bundle import MemoryPort, Stream
from zhenwu.cosim.elaborate import elaborate
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.first_mismatch import first_mismatch
from zhenwu.cosim.numbers import Reading
from zhenwu.cosim.profiles import BURSTS, NONE, RANDOM, RESET, Profile

PATIENCE_CYCLES = 1000


@dataclass(frozen=True)
class Bench:
    """A block on fresh pins and what to do with them.

    dut     : the block (or a list of blocks)
    pins    : clk, rst, streams, ports and signals by name; `pins["port"].cmd` is the stream "port.cmd"
    inputs  : items to offer, by stream; a source is attached
    outputs : transfers expected, by stream; a sink is attached. A dict may leave out fields that do not matter
    extra   : further generators, such as a memory or a coverage watch
    done    : must also hold before the run may end
    after   : further scoreboards by name, filled when asked after the run
    patience: cycles without a transfer on any stream that count as a deadlock
    """

    dut: object
    pins: Mapping[str, object]
    inputs: Mapping[str, Iterable[Payload]] = field(default_factory=dict)
    outputs: Mapping[str, Iterable[Payload]] = field(default_factory=dict)
    extra: Sequence = ()
    done: Callable[[], bool] | None = None
    after: Callable[[], Mapping[str, Scoreboard]] | None = None
    patience: int = PATIENCE_CYCLES


MakeBench = Callable[[Callable[[str], Stalls]], Bench]


@dataclass(frozen=True)
class Outcome:
    """One run: `boards` by stream name (inputs too), what broke, and the trace if one was asked for."""

    profile: Profile
    cycles: int
    seconds: float
    boards: Mapping[str, Scoreboard]
    compared: tuple[str, ...]
    violations: tuple[str, ...]
    trace: Recorder | None = None

    @property
    def cases(self) -> int:
        """Transfers held against an expected one."""
        return sum(min(self.boards[name].received, len(self.boards[name].expected)) for name in self.compared)

    @property
    def mismatches(self) -> int:
        """Wrong, extra and missing transfers of all boards."""
        return sum(board.mismatches for board in self.boards.values())

    @property
    def ok(self) -> bool:
        """Whether the run showed nothing wrong."""
        return not (self.mismatches or self.violations)


def streams_of(pins: Mapping[str, object]) -> dict[str, Stream]:
    """The streams among `pins` by name, those of memory ports as "port.cmd"."""
    streams = {}
    for name, pin in pins.items():
        if isinstance(pin, Stream):
            streams[name] = pin
        elif isinstance(pin, MemoryPort):
            streams.update({f"{name}.{inner}": stream for inner, stream in vars(pin).items()})
    return streams


def run_once(
    make: MakeBench,
    profile: Profile,
    seed: int,
    budget_cycles: int,
    *,
    reset_at: Sequence[int] = (),
    window: tuple[int, int] | None = None,
) -> Outcome:
    """Build the bench and run it under one profile; with a `window` of cycles, record the pins in it."""

    def stalls(name: str) -> Stalls:
        return profile.pattern(f"{seed}/{name}")

    with forgotten_signals():
        bench = elaborate(make, stalls)
        clk, rst = bench.pins["clk"], bench.pins["rst"]
        streams = streams_of(bench.pins)
        violations: list[ContractViolation] = []
        boards: dict[str, Scoreboard] = {}
        parts = [bench.dut, *bench.extra, contract(clk, rst, streams, violations)]
        if streams:  # without one there is nobody to wait; the cycle budget remains
            parts.append(watchdog(clk, rst, streams, bench.patience))
        for name, items in (*bench.inputs.items(), *bench.outputs.items()):
            stream = streams[name]
            boards[name] = Scoreboard(as_dicts(tuple(stream.payload()), items))
            parts.append(monitor(clk, rst, stream, boards[name].receive))
            if name in bench.inputs:
                parts.append(source(clk, rst, stream, boards[name].expected, stalls(name)))
            else:
                parts.append(sink(clk, rst, stream, stalls(name), profile.wait_for_valid))
                parts.append(probe(name, stream, violations))
        trace = None
        if window is not None:
            trace = Recorder(bench.pins, *window)
            parts.append(trace.record(clk))

        waited_for = tuple(boards.values())

        def done() -> bool:
            return all(board.complete for board in waited_for) and (bench.done is None or bench.done())

        def restart() -> None:
            for board in waited_for:
                board.restart()

        broken: list[str] = []
        start = perf_counter()
        try:
            run = simulate(
                parts, clk=clk, rst=rst, budget_cycles=budget_cycles, done=done, reset_at=reset_at, on_reset=restart
            )
        except (Deadlock, BudgetExceeded) as error:
            run = Run(cycle(), perf_counter() - start)
            broken.append(f"{error} (stalls: {profile.name})")
        compared = tuple(bench.outputs)
        if bench.after is not None:
            further = bench.after()
            boards.update(further)
            compared += tuple(further)
    broken += [f"{violation} (stalls: {profile.name})" for violation in violations]
    return Outcome(profile, run.cycles, run.seconds, boards, compared, tuple(broken), trace)


def check_streams(
    block: str,
    make: MakeBench,
    *,
    seed: int,
    coverage: Coverage,
    budget_cycles: int,
    oracle: str,
    not_checked: str,
    numbers: Mapping[str, Reading] | None = None,
    achieved: float | Callable[[Outcome], float] | None = None,
    bound: float | None = None,
    profiles: Sequence[Profile] = (NONE, RANDOM, BURSTS, RESET),
    resets: Callable[[int], Sequence[int]] = lambda cycles: (cycles // 2,),
    notes: tuple[str, ...] = (),
) -> Evidence:
    """Run the bench without stalls, with random ones, with bursts and with a reset in the middle, or as `profiles` say.

    `resets` gives the cycles of the resets, from what the random run took; after each of them everything must come
    again from the start.
    `numbers` say how to read a field in the report of a mismatch. `achieved` may be asked of the first
    run. The first profile that fails ends the bench.
    """
    hits_before = dict(coverage.hits)
    outcomes: list[Outcome] = []
    for profile in profiles:
        reset_at = resets(_cycles(outcomes)) if profile is RESET else ()
        outcomes.append(run_once(make, profile, seed, budget_cycles, reset_at=reset_at))
        if not outcomes[-1].ok:
            break
    last = outcomes[-1]
    mismatch = None
    if last.mismatches:

        def again(window: tuple[int, int]) -> Outcome:
            return run_once(make, last.profile, seed, window[1] + 1, reset_at=reset_at, window=window)

        mismatch = first_mismatch(block, last, again, seed, numbers or {})
    return Evidence(
        block=block,
        oracle=oracle,
        cases=sum(outcome.cases for outcome in outcomes),
        cycles=sum(outcome.cycles for outcome in outcomes),
        mismatches=sum(outcome.mismatches for outcome in outcomes),
        bins={name: hits - hits_before[name] for name, hits in coverage.hits.items()},
        planned=dict(coverage.planned),
        seconds=sum(outcome.seconds for outcome in outcomes),
        seed=seed,
        not_checked=not_checked,
        achieved=achieved(outcomes[0]) if callable(achieved) else achieved,
        bound=bound,
        first_mismatch=mismatch,
        violations=tuple(text for outcome in outcomes for text in outcome.violations),
        notes=notes,
    )


def _cycles(outcomes: Sequence[Outcome]) -> int:
    """How long the work takes: the random run, whose stalls are those of RESET, or else the last."""
    alike = [outcome for outcome in outcomes if outcome.profile is RANDOM] or outcomes[-1:]
    if not alike:
        raise ValueError("profiles: expected another profile before RESET, to know how long the work takes")
    return alike[-1].cycles
