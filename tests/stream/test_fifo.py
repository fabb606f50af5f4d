"""The queue: order, fill level and timing."""

import pytest

from hdl.bench.run import forgotten_signals, simulate
from hdl.bench.script import script
from hdl.stream.fifo import fifo, ports
from zhenwu.cosim.stream import fifo as cosim


def test_hdl_gives_back_what_it_got_under_stalls_and_reset():
    evidence = cosim.run(seed=1, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}


def waves(depth: int, offered: str, taken: str) -> tuple[str, str]:
    """What src.ready and dst.valid look like from the first edge after reset: '-' is high, '_' low."""
    with forgotten_signals():
        pins = ports(data=8)
        clk, rst, src, dst = (pins[name] for name in ("clk", "rst", "src", "dst"))
        seen = []

        def steps():
            for offer, take in zip(offered, taken, strict=True):
                src.valid.next, dst.ready.next = offer == "-", take == "-"
                yield
                seen.append((bool(src.ready), bool(dst.valid)))

        def shifted():  # what is driven at one edge is seen at the next
            yield from steps()
            while True:
                yield

        parts = [fifo(**pins, depth=depth), script(clk, rst, shifted)]
        simulate(parts, clk=clk, rst=rst, budget_cycles=len(offered) + 8)
    return tuple("".join("_-"[pair[index]] for pair in seen) for index in (0, 1))


def test_a_payload_is_offered_the_cycle_after_it_came():
    ready, valid = waves(2, "-____", "_____")
    assert (ready, valid) == ("-----", "_----")


def test_a_full_queue_is_not_ready_and_takes_again_the_cycle_after_it_gave():
    ready, valid = waves(2, "-------", "___-___")
    assert (ready, valid) == ("--__-__", "_------")


def test_one_payload_passes_every_cycle():
    ready, valid = waves(2, "------", "------")
    assert (ready, valid) == ("------", "_-----")


def test_a_queue_of_one_is_refused():
    with pytest.raises(AssertionError, match="depth = 1: a queue holds at least 2 payloads"):
        fifo(**ports(data=8), depth=1)
