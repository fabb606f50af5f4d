"""Where a product goes: stores and residual loads by example, what is written together, and targets that are none."""

import pytest

from zhenwu.golden.tile.assembly import assemble
from zhenwu.golden.tile.layout import Operand, Result
from zhenwu.golden.tile.target import Target, stores
from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.isa import encode
from zhenwu.spec.mma_formats import BF16_OPERAND, FLOAT32_RESIDUAL, MXFP4_OPERAND, MXFP8_OPERAND

FLOATS = Result(base=0x100, stride=20, rows=20, columns=150)
RESIDUAL = Result(base=0x800, stride=19, rows=20, columns=150)


def quantised(fmt):
    """A place of 20 x 150 in a format."""
    return Operand(0x100, 7, 0x400, 5, rows=20, k=150, fmt=fmt)


def text_of(target, row_panel, column_panel, matrices=0):
    """The words of what brings one result into memory."""
    return [encode(each) for each in stores(target, row_panel, column_panel, matrices)]


# by example


@pytest.mark.parametrize(
    ("row", "column", "line"),
    [
        (0, 0, "store m=16 n=16 lines=0x100+20"),
        (0, 3, "store m=16 n=16 lines=0x106+20"),  # two lines of a row to a panel
        (1, 0, "store m=4 n=16 lines=0x240+20"),
        (1, 9, "store m=4 n=6 lines=0x252+20"),
    ],
)
def test_float32_goes_where_it_lies(row, column, line):
    assert text_of(Target(FLOATS), row, column) == assemble(line)


@pytest.mark.parametrize(
    ("fmt", "row", "column", "line"),
    [
        (MXFP4_OPERAND, 0, 0, "store m=16 n=16 lines=0x100+7 mxfp4 even part=0 scales=0x400"),
        (MXFP4_OPERAND, 0, 3, "store m=16 n=16 lines=0x100+7 mxfp4 even part=3 scales=0x400 closes"),
        (MXFP4_OPERAND, 0, 4, "store m=16 n=16 lines=0x101+7 mxfp4 even part=0 scales=0x401"),
        (MXFP4_OPERAND, 1, 9, "store m=4 n=6 lines=0x172+7 mxfp4 even part=1 scales=0x407 closes"),
        (MXFP8_OPERAND, 0, 1, "store m=16 n=16 lines=0x100+7 mxfp8 even part=1 scales=0x400"),
        (MXFP8_OPERAND, 0, 4, "store m=16 n=16 lines=0x102+7 mxfp8 even part=0 scales=0x401"),
        (MXFP8_OPERAND, 1, 9, "store m=4 n=6 lines=0x174+7 mxfp8 even part=1 scales=0x407 closes"),
    ],
)
def test_four_results_side_by_side_are_one_quantised_matrix(fmt, row, column, line):
    assert text_of(Target(quantised(fmt), "even"), row, column) == assemble(line)


def test_a_residual_of_float32_comes_with_each_result_and_is_released_with_it():
    target = Target(FLOATS, residual=RESIDUAL)
    assert text_of(target, 1, 9, matrices=3) == assemble("""
        load r.1 rows=4 k_steps=1 elements=0x942+19
        store m=4 n=6 lines=0x252+20 add r.1 release
    """)


def test_a_residual_of_a_quantised_matrix_comes_with_its_first_part_and_is_released_with_its_last():
    target = Target(quantised(MXFP4_OPERAND), residual=RESIDUAL)
    place = "lines=0x101+7 mxfp4 scales=0x401"
    assert text_of(target, 0, 4, matrices=1) == assemble(f"""
        load r.1 rows=16 k_steps=8 elements=0x808+19
        store m=16 n=16 {place} part=0 add r.1
    """)
    assert text_of(target, 0, 6, matrices=1) == assemble(f"store m=16 n=16 {place} part=2 add r.1")
    assert text_of(target, 0, 7, matrices=1) == assemble(f"store m=16 n=16 {place} part=3 closes add r.1 release")
    assert text_of(target, 0, 8, matrices=2) == assemble("""
        load r.0 rows=16 k_steps=3 elements=0x810+19
        store m=16 n=16 lines=0x102+7 mxfp4 scales=0x402 add r.0
    """)


@pytest.mark.parametrize("rule", SCALE_RULES)
def test_the_rule_is_its_place_among_the_rules(rule):
    (store,) = stores(Target(quantised(MXFP8_OPERAND), rule), 0, 0, 0)
    assert store.rule == SCALE_RULES.index(rule)


# laws


def test_a_float32_result_closes_itself_and_a_quantised_one_with_its_fourth_or_last_part():
    assert all(Target(FLOATS).closes(panel) for panel in range(10))
    assert [panel for panel in range(10) if Target(quantised(MXFP4_OPERAND)).closes(panel)] == [3, 7, 9]


@pytest.mark.parametrize("place", [FLOATS, quantised(MXFP4_OPERAND), quantised(MXFP8_OPERAND)])
@pytest.mark.parametrize("residual", [None, RESIDUAL])
def test_no_result_takes_more_instructions_than_it_says(place, residual):
    target = Target(place, residual=residual)
    counts = [len(stores(target, row, column, 0)) for row in range(2) for column in range(10)]
    assert max(counts) == target.most_instructions
    assert (target.rows, target.columns) == (20, 150)


# bad input


@pytest.mark.parametrize("fmt", [BF16_OPERAND, FLOAT32_RESIDUAL], ids=lambda fmt: fmt.name)
def test_a_format_that_no_store_quantises_to_is_refused(fmt):
    with pytest.raises(ValueError, match=f"a quantised result in {fmt.name}: expected mxfp4 or mxfp8"):
        Target(quantised(fmt))


def test_a_rule_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="scale rule 'nearest': expected one of floor, even, rceil"):
        Target(FLOATS, "nearest")


@pytest.mark.parametrize("size", [(20, 149), (21, 150), (150, 20)])
def test_a_residual_of_another_size_is_refused(size):
    rows, columns = size
    with pytest.raises(ValueError, match=f"the residual is {rows} x {columns}: expected 20 x 150, as the result"):
        Target(FLOATS, residual=Result(0x800, 19, rows, columns))
