"""Sourced: the trail of a number, its kind and its unit through arithmetic."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.spec import units
from zhenwu.spec.sourced import KINDS, Source, Sourced

CAPACITY = Sourced(144, "GB", Source("newsroom", "https://example.org", "2026"), "reported", key="capacity")
RATE = Sourced(4.0, "TB/s", "estimate", "assumed", key="rate")
SECRET = Sourced(None, "W", "not disclosed", "unknown", key="power")


def test_kinds_stand_in_order_of_strength():
    assert KINDS == ("published", "reported", "measured", "derived", "assumed", "unknown")


def test_a_sentence_becomes_a_source():
    assert RATE.source == (Source("estimate"),)
    assert CAPACITY.source[0].url == "https://example.org"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, "GB", "x", "guessed"), "expected one of published, reported"),
        ((None, "GB", "x", "reported"), "expected unknown to mean None"),
        ((1, "GB", "x", "unknown"), "expected unknown to mean None"),
        ((1, "GB", "", "reported"), "expected a title or a reason"),
        ((1, "GB", (), "reported"), "expected a title or a reason"),
    ],
)
def test_a_record_that_hides_its_origin_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Sourced(*arguments)


def test_the_result_is_derived_and_keeps_its_inputs():
    half = CAPACITY / 2
    assert (half.value, half.unit, half.kind, half.inputs) == (72, "GB", "derived", (CAPACITY,))
    assert half.source == (Source("capacity / 2"),)


def test_an_assumption_taints_everything_made_from_it():
    seconds = (CAPACITY / RATE).to("ms")
    total = 2 * (seconds + Sourced(1, "ms", "measured", "measured"))
    assert total.kind == "assumed"
    assert {CAPACITY, RATE} <= set(total.ancestors())


def test_ancestors_come_once_each_and_nearest_first():
    square = RATE * RATE
    assert (square + square).ancestors() == (square, RATE)


def test_the_formula_names_its_parts():
    assert ((CAPACITY / RATE) * 3).source[0].title == "(capacity / rate) * 3"
    assert ((CAPACITY / RATE).named("fill time") * 3).source[0].title == "fill time * 3"


def test_units_multiply_divide_and_cancel():
    assert (CAPACITY * RATE).unit == "GB*TB/s"
    assert (RATE / RATE).unit == ""
    assert (1 / Sourced(0.5, "s", "x", "measured")).unit == "1/s"


def test_conversion_is_exact_and_keeps_the_kind():
    converted = CAPACITY.to("B")
    assert (converted.value, converted.kind, converted.inputs) == (144 * 10**9, "reported", (CAPACITY,))
    assert Sourced(256, "KiB", "x", "published").to("B").value == 256 * 1024
    assert (CAPACITY / RATE).to("ms").value == 36
    assert Sourced(4, "bit", "x", "published").to("B").value == 0.5
    assert (1 / Sourced(1.6, "GHz", "x", "published")).to("ns").value == pytest.approx(0.625, abs=1e-15)
    assert Sourced(0.6, "PFLOPS", "x", "reported").to("TFLOPS").value == pytest.approx(600)


@pytest.mark.parametrize("other", [RATE, 1, Sourced(1, "GiB", "x", "published")])
def test_unlike_units_do_not_add(other):
    for nonsense in (lambda: CAPACITY + other, lambda: other + CAPACITY, lambda: CAPACITY - other):
        with pytest.raises(ValueError, match="expected equal units"):
            nonsense()


def test_bytes_do_not_convert_to_seconds():
    with pytest.raises(ValueError, match='cannot convert "GB" to "s"'):
        CAPACITY.to("s")


@pytest.mark.parametrize("use", [lambda x: x + x, lambda x: x * 2, lambda x: -x, lambda x: x.to("kW"), float, int])
def test_an_unknown_value_refuses_arithmetic_with_its_name(use):
    with pytest.raises(ValueError, match="power is unknown"):
        use(SECRET)


@pytest.mark.parametrize("value", ["HBM3", True, (4.0, 4.9)])
def test_text_truth_and_ranges_refuse_arithmetic(value):
    with pytest.raises(ValueError, match="expected one number"):
        Sourced(value, "", "x", "reported") * 2


def test_a_foreign_operand_is_refused():
    with pytest.raises(ValueError, match="expected a Sourced or a plain number"):
        CAPACITY * "3"


def test_division_by_zero_is_one_sentence():
    with pytest.raises(ValueError, match="cannot divide capacity by 0"):
        CAPACITY / 0


def test_a_range_is_picked_apart():
    low = Sourced((4.0, 4.9), "TB/s", "x", "derived", key="range").pick(0)
    assert (low.value, low.unit, low.kind, low.source[0].title) == (4.0, "TB/s", "derived", "range[0]")
    with pytest.raises(ValueError, match="expected a range to pick from"):
        CAPACITY.pick(0)


def test_whole_numbers_only_become_int():
    assert int(Sourced(8.0, "", "x", "derived")) == 8
    with pytest.raises(ValueError, match="expected a whole number"):
        int(Sourced(2.5, "", "x", "derived"))


numbers = st.integers(-(10**6), 10**6)


@given(numbers, numbers.filter(bool))
def test_arithmetic_agrees_with_plain_numbers(x, y):
    a, b = Sourced(x, "s", "x", "measured"), Sourced(y, "s", "y", "measured")
    assert ((a + b).value, (a - b).value, (a * b).value, (-a).value) == (x + y, x - y, x * y, -x)
    assert Fraction((a / b).value) == Fraction(x, y) if x % y == 0 else (a / b).value == x / y
    assert ((3 - a / b).unit, (2 * a).unit, (a * b).unit) == ("", "s", "s*s")


symbols = st.sampled_from(sorted(units.SCALES))


@given(symbols, symbols, symbols)
def test_division_undoes_multiplication_of_units(x, y, z):
    unit = f"{x}*{y}/{z}"
    assert units.parse(units.multiply(units.multiply(unit, z), f"{x}*{y}", -1)) == {}
    assert units.parse(units.text(units.parse(unit))) == units.parse(unit)


@given(symbols)
def test_conversion_there_and_back_is_one(symbol):
    base, factor = units.SCALES[symbol]
    assert units.conversion(symbol, base) == factor
    assert units.conversion(symbol, base) * units.conversion(base, symbol) == 1
