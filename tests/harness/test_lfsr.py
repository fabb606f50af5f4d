"""The shift register visits every value, and draws what its plain form draws; so the signature."""

import random

import pytest

from hdl.bench.run import forgotten_signals, simulate
from hdl.harness import lfsr as registers
from hdl.harness import signature as signatures
from hdl.harness.lfsr import DRAW_BITS, MASK, lfsr
from hdl.harness.signature import SIGNATURE_BITS, signature
from zhenwu.cosim.harness.signature import advanced, first_draw, next_draw, next_signature

CYCLES = 300


def applied(columns: list[int], bits: int) -> int:
    """A linear map, given by the images of the single bits, applied to `bits`."""
    total = 0
    for index, column in enumerate(columns):
        if bits >> index & 1:
            total ^= column
    return total


def test_the_register_visits_all_values_but_zero():
    """The step is linear; its period divides 2**31 - 1, a prime, if its 2**31st power is itself."""
    step = [next_draw(1 << index) for index in range(DRAW_BITS)]
    power = step
    for _ in range(DRAW_BITS):
        power = [applied(power, column) for column in power]
    assert power == step and step != [1 << index for index in range(DRAW_BITS)]
    assert next_draw(0) == 0, "the only value outside"


@pytest.mark.parametrize(("seed", "salt"), [(0, 0), (5, 5), (MASK, 1), (123456789, 99)])
def test_no_seed_starts_at_zero(seed, salt):
    assert 0 < first_draw(seed, salt) <= MASK


@pytest.mark.parametrize("seed", [0, 1, 0x5EED])
def test_hardware_draws_and_folds_as_the_plain_forms_do(seed):
    with forgotten_signals():
        pins, folded = registers.ports(), signatures.ports(words=3)
        clk, rst = pins["clk"], pins["rst"]
        random_pins = random.Random(seed)
        seen = []

        def watch():
            draw = value = 0
            pins["seed"].next = seed
            while True:
                yield clk.posedge
                if rst:
                    draw, value = first_draw(seed, 77), 0
                else:
                    seen.append((int(pins["draw"]), draw, int(folded["value"]), value))
                    draw, value = next_draw(draw), next_signature(value, int(folded["pins"].val))
                folded["pins"].next = random_pins.getrandbits(3 * SIGNATURE_BITS)

        parts = [lfsr(**pins, salt=77), signature(**folded | {"clk": clk, "rst": rst}, words=3), watch()]
        simulate(parts, clk=clk, rst=rst, budget_cycles=CYCLES)
    assert len(seen) == CYCLES - 2
    assert all(drawn == draw and shown == value for drawn, draw, shown, value in seen)
    assert len({draw for draw, *_ in seen}) == len({value for *_, value in seen[2:]}) + 2 == len(seen)


def test_one_wrong_bit_changes_the_signature_for_good():
    values = [0, 0]
    for cycle in range(CYCLES):
        pins = random.Random(cycle).getrandbits(96)
        values = [next_signature(values[0], pins), next_signature(values[1], pins ^ (cycle == 7) << 50)]
        assert (values[0] != values[1]) == (cycle >= 7)


@pytest.mark.parametrize("cycles", [1, 2, 31, 32, 63, 64, 96, 128, 256])
def test_a_wrong_bit_shows_for_however_long_it_stands(cycles):
    value = 0
    for _ in range(cycles):
        value = next_signature(value, 1 << 9)
    assert value


def test_the_signature_alone_comes_back_after_2_to_the_32_less_1_cycles():
    """Its step is linear: that power of it is the identity, and no power by a greatest part of the number is."""
    identity = [1 << index for index in range(SIGNATURE_BITS)]
    step = [advanced(column) for column in identity]

    def power(exponent: int) -> list[int]:
        result, square = identity, step
        while exponent:
            if exponent & 1:
                result = [applied(square, column) for column in result]
            square = [applied(square, column) for column in square]
            exponent >>= 1
        return result

    period = (1 << SIGNATURE_BITS) - 1
    assert power(period) == identity
    assert all(power(period // prime) != identity for prime in (3, 5, 17, 257, 65537))
