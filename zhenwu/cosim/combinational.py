"""The bench of a combinational block: it stands as a wire between a source and a sink.

    source --> inputs  [ block ] outputs --> sink         valid and ready pass straight through

Each vector is one transfer: the source drives the block's inputs, and what the outputs are at the transfer is
held against the golden result. A vector may wait several cycles for the sink; the outputs must hold still.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from myhdl import ResetSignal

from hdl.bench.stalls import Stalls
from hdl.bundle import Stream, wire
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.first_mismatch import first_mismatch
from zhenwu.cosim.numbers import Reading, integer
from zhenwu.cosim.profiles import BURSTS, NONE, RANDOM, Profile
from zhenwu.cosim.stream_bench import Bench, Outcome, run_once

STALLED = 8  # one vector in so many goes to each of the two profiles with stalls

def check_combinational(
    block: Callable,
    ports: Callable[..., dict],
    *,
    inputs: Mapping[str, Sequence[int]],
    outputs: Mapping[str, Sequence[int]],
    bins: Mapping[str, int],
    planned: Mapping[str, str],
    oracle: str,
    not_checked: str,
    seed: int,
    numbers: Mapping[str, Reading] | None = None,
    parameters: Mapping[str, object] | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Evidence:
    """Hold `block(**ports(**sizes), **parameters)` against `outputs` for each vector of `inputs` (one value a vector
    and port).

    Each vector is simulated once, most of them without stalls. `bins` are coverage
    hits that the caller counted on the vectors.
    """
    parameters = parameters or {}
    name = block.func.__name__
    driven, checked = _vectors(inputs), _vectors(outputs)
    if len(driven) != len(checked):
        raise ValueError(f"{name}: {len(driven)} input vectors but {len(checked)} expected outputs")
    numbers = numbers or {}

    def run(profile: Profile, part: slice, window: tuple[int, int] | None = None) -> Outcome:
        def make(stalls: Callable[[str], Stalls]) -> Bench:
            pins = ports(**(sizes or {}))
            src, dst = Stream(), Stream()
            dst.valid, dst.ready = src.valid, src.ready
            vars(src).update((port, pins[port]) for port in inputs)
            vars(dst).update((port, pins[port]) for port in outputs)
            clocked = {"clk": wire(1), "rst": ResetSignal(0, active=1, isasync=False), "src": src, "dst": dst}
            dut = block(**pins, **parameters)
            return Bench(dut, clocked, inputs={"src": driven[part]}, outputs={"dst": checked[part]})

        budget_cycles = window[1] + 1 if window else 100 + 20 * len(driven)
        return run_once(make, profile, seed, budget_cycles, window=window)

    outcomes = []
    cut = len(driven) // STALLED
    for profile, part in ((RANDOM, slice(cut)), (BURSTS, slice(cut, 2 * cut)), (NONE, slice(2 * cut, None))):
        outcomes.append(run(profile, part))
        if not outcomes[-1].ok:
            break
    last = outcomes[-1]
    mismatch = None
    if last.mismatches:
        mismatch = first_mismatch(name, last, lambda window: run(profile, part, window), seed, numbers)
        given = driven[part][mismatch.index]
        reads = (f"{port} = {value:#x} ({numbers.get(port, integer)(value)})" for port, value in given.items())
        mismatch = replace(mismatch, given=", ".join(reads))
    return Evidence(
        block=name,
        oracle=oracle,
        cases=sum(outcome.cases for outcome in outcomes),
        cycles=sum(outcome.cycles for outcome in outcomes),
        mismatches=sum(outcome.mismatches for outcome in outcomes),
        bins={bin_name: int(bins[bin_name]) for bin_name in planned},
        planned=dict(planned),
        seconds=sum(outcome.seconds for outcome in outcomes),
        seed=seed,
        not_checked=not_checked,
        first_mismatch=mismatch,
        violations=tuple(text for outcome in outcomes for text in outcome.violations),
    )


def _vectors(values: Mapping[str, Sequence[int]]) -> list[dict[str, int]]:
    """One dict a vector out of one sequence a port; numpy integers become ints here."""
    columns = [[int(value) for value in column] for column in values.values()]
    return [dict(zip(values, row, strict=True)) for row in zip(*columns, strict=True)]
