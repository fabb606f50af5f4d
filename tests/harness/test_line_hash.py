"""A line out of 31 bits: hardware and plain form agree, and the signature tells any two lines apart."""

from random import Random

import pytest

from hdl.bench.run import forgotten_signals, simulate
from hdl.bundle import DQ_BITS, LINE_BITS, wire
from hdl.harness.controller_pins import DQ_TURN, RDATA_TURN
from hdl.harness.device import LINES
from hdl.harness.lfsr import DRAW_BITS, MASK
from hdl.harness.line_hash import STEPS, line_hash, ports
from zhenwu.cosim.harness.content import line_of, unwritten
from zhenwu.cosim.harness.controller import turned_words
from zhenwu.cosim.harness.signature import next_draw

CYCLES = 200


def rank(vectors: list[int]) -> int:
    """Of these the most that are linearly independent, where addition is XOR."""
    basis: list[int] = []
    for vector in vectors:
        for known in basis:
            vector = min(vector, vector ^ known)
        if vector:
            basis.append(vector)
    return len(basis)


def test_hardware_makes_the_same_lines():
    random, seen = Random(1), []
    with forgotten_signals():
        pins, clk = ports(), wire(1)

        def drive():
            while True:
                value = random.getrandbits(DRAW_BITS)
                pins["value"].next = value
                yield clk.posedge
                seen.append((int(pins["line"].val), line_of(value)))

        simulate([line_hash(**pins), drive()], clk=clk, rst=wire(1), budget_cycles=CYCLES, reset_cycles=0)
    assert len(seen) == CYCLES and all(got == expected for got, expected in seen)


def test_a_line_s_step_is_a_draw_seen_in_a_mirror():
    def mirrored(bits: int) -> int:
        return int(f"{bits:0{DRAW_BITS}b}"[::-1], 2)

    for value in (1, 0x1234567, MASK):
        draw = mirrored(value)
        for _ in range(STEPS):
            draw = next_draw(draw)
        assert line_of(value) >> LINE_BITS - DRAW_BITS == mirrored(draw)


def test_each_bit_of_a_line_is_another_sum_of_bits():
    images = [line_of(1 << bit) for bit in range(DRAW_BITS)]
    sums = {sum((image >> place & 1) << bit for bit, image in enumerate(images)) for place in range(LINE_BITS)}
    assert len(sums) == LINE_BITS and 0 not in sums


@pytest.mark.parametrize("turn", [0, RDATA_TURN, DQ_TURN])
def test_no_two_lines_have_one_word_and_hardly_one_that_of_its_halves_exchanged(turn):
    low = (1 << DQ_BITS) - 1
    images = [line_of(1 << bit) for bit in range(DRAW_BITS)]
    assert rank([turned_words(line, turn) for line in images]) == DRAW_BITS
    assert rank([turned_words(line & low, turn) for line in images]) == DRAW_BITS
    assert rank([turned_words(line >> DQ_BITS, turn) for line in images]) == DRAW_BITS
    exchanged = [turned_words(line, turn) ^ turned_words((line & low) << DQ_BITS | line >> DQ_BITS, turn)
                 for line in images]
    assert rank(exchanged) == DRAW_BITS - 3, "of 2**28 lines one has halves that differ by no more than the turn"


def test_lines_never_written_differ_and_are_not_0():
    lines = {unwritten(line) for line in range(LINES)} | {unwritten(row << 9) for row in range(1 << 14)}
    assert len(lines) == LINES + (1 << 14) - 4 and 0 not in lines
