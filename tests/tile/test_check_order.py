"""Loads and stores of the same lines: what may come too early is refused, what surely does not is let pass."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.cycle.memory import Memory
from zhenwu.cycle.tile.program_run import run_programs
from zhenwu.cycle.tile.tile import Tile
from zhenwu.golden.tile.assembly import assemble
from zhenwu.golden.tile.check_order import check_order, stored_lines
from zhenwu.golden.tile.check_program import Refused, check_program
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import plan
from zhenwu.golden.tile.mover import mover
from zhenwu.golden.tile.sequencer import sequencer
from zhenwu.golden.tile.store_path import store_path
from zhenwu.spec.isa import FINISHED, Load, Store, Wait, decode, encode, status
from zhenwu.spec.mma_formats import ALL_FORMATS, MMA_FORMATS

HALF_STEPS = 8
A0 = "load a.0 rows=16 k_steps=1 elements=0+1 scales=16+1\n"
A1 = A0.replace("a.0", "a.1")
B0 = "load b.0 rows=16 k_steps=1 elements=32+1 scales=48+1\n"
MMA = "mma a.0[0] b.0[0] m=16 n=16 k_groups=2 first last\n"
MMA1 = MMA.replace("a.0", "a.1")
STORE = "store m=16 n=16 lines=100+2\n"
OVER_A = STORE.replace("100", "15")
R0 = "load r.0 rows=16 k_steps=2 elements=100+2\n"
QUANTISED = "store m=16 n=16 lines=100+1 mxfp8 scales=0 part={}\n"


def check(text):
    """Check a program given as text, which `check_program` lets pass."""
    instructions = [decode(word) for word in assemble(text)]
    check_program(instructions, HALF_STEPS)
    check_order(instructions, HALF_STEPS)


@pytest.mark.parametrize(
    "text",
    [
        A0 + B0 + MMA + STORE,
        A0 + B0 + MMA + OVER_A,
        A0 + B0 + MMA + STORE + "wait\n" + R0,
        A0 + B0 + A1.replace("elements=0", "elements=200") + MMA + STORE,
        B0 + A1 + A0 + MMA + OVER_A,  # A1 came before A0, which is used
        A0 + B0 + R0 + MMA + STORE.replace("100", "300") + MMA + STORE.replace("\n", " add r.0\n") + MMA + STORE,
        "loop 9 times length=4 result=+32+0\n" + A1 + "mma a.1[0] b.0[0] m=16 n=16 k_groups=2 first last release_a\n"
        + STORE + "wait\n",
    ],
)
def test_accepts(text):
    check(text if "b.0 rows" in text else B0 + text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (A0 + B0 + MMA + OVER_A + A1, "4 loads line 0xf, which instruction 3 stores, with no wait between them: lo"),
        (A0 + B0 + MMA + STORE + R0, "4 loads line 0x64, which instruction 3 stores, with no wait between them: lo"),
        (A0 + B0 + A1 + MMA + OVER_A, "4 stores line 0xf, which instruction 2 has perhaps not loaded yet: store"),
        (A0 + B0 + A1 + MMA + MMA1 + OVER_A + STORE, "5 stores line 0xf, which instruction 2 has perhaps not"),
        (A0 + B0 + R0 + MMA + STORE, "4 stores line 0x64, which instruction 2 has perhaps not loaded yet"),
        (A0 + B0 + MMA + STORE + "wait\n" + A1 + MMA + OVER_A, "7 stores line 0xf, which instruction 5 has perhaps"),
        (A0 + B0 + A1 + MMA + QUANTISED.format("0 closes"), "4 stores line 0x0, which instruction 2 has"),
        (
            "loop 2 times length=3 a=+85+0\n" + A0 + MMA.strip() + " release_a\n" + STORE,
            "2 loads line 0x64, which instruction 4 stores, with no wait",
        ),
    ],
)
def test_refuses(text, message):
    with pytest.raises(Refused, match=f"^instruction {message}"):
        check(text if "b.0 rows" in text else text.replace("loop", B0 + "loop"))


@given(
    m=st.integers(1, 16), n=st.integers(1, 16), fmt=st.integers(0, 2), part=st.integers(0, 3), closes=st.integers(0, 1),
    base=st.sampled_from([0, 77, (1 << 23) - 5]), stride=st.integers(0, 9),
)
def test_the_lines_of_a_store_are_those_that_it_writes(m, n, fmt, part, closes, base, stride):
    n = n if closes or not fmt else 16
    store = Store(m, n, base, stride, fmt, 0, part, closes, scale_base=5)
    before = [np.zeros((m, 16), np.uint32) for _ in range(part if fmt else 0)]
    beats = np.zeros((m * -(-n // 4), 4), np.uint32)
    assert stored_lines(store) == [address for address, _ in store_path(store, beats, open_parts=before)]


class Watched(Memory):
    """A memory that notes its reads and writes by line, in their order."""

    def __init__(self, latency, cycles_per_line):
        super().__init__(latency, cycles_per_line)
        self.seen = defaultdict(list)

    def step(self, now, cmd, wdata, rdata_ready):
        """One rising edge."""
        if cmd is not None and self.cmd_ready:
            self.seen[cmd[1]].append(cmd[0])
        super().step(now, cmd, wdata, rdata_ready)


def in_program_order(words):
    """For each line, whether its accesses are writes, one instruction after the other."""
    wanted = defaultdict(list)
    for each in sequencer(words, HALF_STEPS)[0]:
        lines = [write.line_address for write in mover(each, HALF_STEPS)] if isinstance(each, Load) else []
        for line in stored_lines(each) if isinstance(each, Store) else lines:
            wanted[line].append(isinstance(each, Store))
    return wanted


def keeps_order(words, side, latency):
    """Whether the tile reads and writes each line in program order."""
    memory = Watched(latency, 1)
    tile = Tile(rows=side, cols=side, half_steps=HALF_STEPS, program_depth=256, queue_depth=2, outstanding=64,
                formats=ALL_FORMATS, latency=1)
    (ran,) = run_programs([words], tile, memory, budget=50_000)
    assert ran.status == status(FINISHED)
    return memory.seen == in_program_order(words)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    shape=st.tuples(st.integers(1, 40), st.integers(1, 60), st.integers(1, 130)), fmt=st.sampled_from(ALL_FORMATS),
    place=st.floats(0, 1), waits=st.booleans(), side=st.sampled_from([2, 4, 8]), latency=st.sampled_from([2, 40, 200]),
)
def test_what_passes_reads_and_writes_each_line_in_program_order(shape, fmt, place, waits, side, latency):
    """A product into its own operands, twice, with a wait between or without."""
    a, b, c = plan(*shape, fmt=MMA_FORMATS[fmt])
    (program, *_) = compile_matmul(a, b, type(c)(int(place * c.base), c.stride, c.rows, c.columns), HALF_STEPS)
    program = program + program if waits else [each for each in program + program if not isinstance(each, Wait)]
    if len(program) > 256:
        return
    try:
        check_order(program, HALF_STEPS)
    except Refused:
        return
    assert keeps_order([encode(each) for each in program], side, latency)


def test_what_is_refused_does_come_too_early():
    assert not keeps_order(assemble(A0 + B0 + MMA + OVER_A + A1), 8, 2)
    assert keeps_order(assemble(A0 + B0 + MMA + OVER_A + "wait\n" + A1), 8, 2)
