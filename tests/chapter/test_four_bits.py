"""What the chapter on numbers in four bits computes with, and its quantiser in hardware."""

import sys

import ml_dtypes
import numpy as np
import pytest

from hdl.numerics import mx_quantise as quantise_rtl
from zhenwu.chapter import changed
from zhenwu.chapter.four_bits import bell, error, largest_kept, neighbours, peaks, rounded, scale_of, size
from zhenwu.chapter.quantised import quantised
from zhenwu.golden import numerics
from zhenwu.spec.formats import E2M1, E4M3, SCALE_RULES
from zhenwu.spec.rounding_study import GAUSS_ERRORS


@pytest.mark.parametrize("form", GAUSS_ERRORS, ids=" ".join)
def test_errors_on_a_bell_curve_are_those_of_the_study(form):
    x = bell(256, seed=3, blocks=64)
    assert error(rounded(x, *form), x) == pytest.approx(GAUSS_ERRORS[form].value, abs=5e-4)


def test_an_error_is_relative_to_the_exact_numbers():
    assert error(np.array([3.0, 5.0]), np.array([3.0, 4.0])) == pytest.approx(0.2)
    assert size(np.array([3, -4], np.float32)) == pytest.approx(12.5**0.5)


def test_the_values_of_scale_bytes_are_those_of_ml_dtypes():
    codes = np.arange(255, dtype=np.uint8)
    assert (scale_of(codes) == codes.view(ml_dtypes.float8_e8m0fnu).astype(np.float64)).all()


def test_peaks_of_known_blocks():
    alike, alone = np.full((1, 32), -2, np.float32), np.eye(1, 32, dtype=np.float32)
    assert peaks(np.concatenate([alike, alone])).tolist() == pytest.approx([1, 32**0.5])


def test_a_larger_element_costs_its_neighbours_more_and_rotated_less():
    plain, turned = neighbours((2, 8, 200)), neighbours((2, 8, 200), numerics.hadamard)
    assert [found[0] for found in plain] == [2, 8, 200]
    assert plain[0][1] < plain[1][1] < plain[2][1] and turned[1][1] < plain[1][1]
    assert plain[2][1:] == (1, 1)  # all of them are gone


def test_what_is_left_of_the_largest_element_by_each_rule():
    floor, even, rceil = (dict(largest_kept(rule, steps=8)) for rule in SCALE_RULES)
    assert floor[1.5] == even[1.5] == rceil[1.5] == 1 and floor[1.875] == pytest.approx(0.8)
    assert even[1.625] == pytest.approx(1.5 / 1.625) and even[1.75] == pytest.approx(2 / 1.75)
    assert rceil[1.625] == pytest.approx(1.5 / 1.625)  # the scale moves up, and the element ties down to the even code
    assert all(share <= 1.25 for share in (*floor.values(), *even.values(), *rceil.values()))


@pytest.mark.parametrize("element", [E2M1, E4M3])
@pytest.mark.parametrize("rule", SCALE_RULES)
def test_the_quantiser_gives_what_the_golden_model_gives_two_cycles_after_a_block_s_last_beat(element, rule):
    x = bell(5, blocks=3)
    run, (codes, scale) = quantised(x, element, rule), numerics.mx_quantise(x, element, rule)
    assert (run.codes == codes).all() and (run.scale == scale).all() and run.wait == 2
    assert run.pins["dst_valid"][1].count(1) == scale.size and run.pins["dst_codes"][0] == 32 * element.bits


@pytest.mark.parametrize(("old", "new", "said"), [
    ("full.next = src.last", "full.next = src.last and src.count == 1", "blocks ended in cycles .* and came in"),
    ("halves[HALVES // 2 + i // 4].next = 0", "halves[HALVES // 2 + i // 4].next = 1", "expected 128 bits at most"),
])
def test_a_quantiser_that_gives_too_little_or_too_much_is_named(monkeypatch, old, new, said):
    monkeypatch.setitem(sys.modules, quantise_rtl.__name__, changed(quantise_rtl, old, new))
    with pytest.raises(ValueError, match=said):
        quantised(bell(1))
