"""Issue: an mma becomes steps of the array, one per pass over a group of k and sub-tile of the result.

A rows x cols array covers the 16 x 16 results of an mma in sub-tiles. Groups of k are outermost, so that a
sub-tile recurs only after all others had their turn. The passes of one group are innermost: between them a dot unit
keeps its exact sum.
"""

from dataclasses import dataclass

from zhenwu.spec.isa import STEP_ROWS, Mma
from zhenwu.spec.mma_formats import MMA_CODES, STEP_WORDS
from zhenwu.spec.trap import fault


@dataclass(frozen=True)
class Step:
    """One cycle of the array: where both operands stand in the banks, and which accumulators take the terms."""

    a_address: int  # word in every element bank of A
    b_address: int
    a_scale_address: int  # word in the scale bank of A
    b_scale_address: int
    sub_row: int  # the sub-tile: rows sub_row * rows .. + rows - 1 of the step
    sub_col: int
    slot: int  # accumulator of every dot unit: buffer * sub-tiles + the sub-tile
    fmt: int
    upper: int  # the second pass over the group
    closes: int  # the last pass over the group: its sum goes to the accumulators
    first: int  # add to +0
    last: int  # the last step of the result


def mma_issue(mma: Mma, buffer: int, rows: int, cols: int, half_steps: int) -> list[Step]:
    """The steps of one mma into accumulator buffer 0 or 1, in order.

    Sub-tiles wholly outside m x n are skipped. `last` is set on the final step of an mma with `last`; the next
    mma then takes the other buffer. ValueError for an mma that would trap (`trap.fault`).
    """
    reason = fault(mma, half_steps)
    if reason:
        raise ValueError(f"{mma}: {reason}")
    fmt = MMA_CODES[mma.fmt]
    sub_rows, sub_cols = STEP_ROWS // rows, STEP_ROWS // cols
    used_rows, used_cols = -(-mma.m // rows), -(-mma.n // cols)
    a_word = (mma.a_half * half_steps + mma.a_step) * STEP_WORDS
    b_word = (mma.b_half * half_steps + mma.b_step) * STEP_WORDS
    a_block = mma.a_half * half_steps * STEP_WORDS + mma.a_step * (STEP_WORDS // fmt.a_words)
    b_block = mma.b_half * half_steps * STEP_WORDS + mma.b_step * (STEP_WORDS // fmt.b_words)
    steps = []
    for group in range(mma.k_groups):
        for i in range(used_rows):
            for j in range(used_cols):
                for passed in range(fmt.passes):
                    closes = passed == fmt.passes - 1
                    final = closes and (group, i, j) == (mma.k_groups - 1, used_rows - 1, used_cols - 1)
                    steps.append(
                        Step(
                            a_address=(a_word + group * fmt.a_words + passed % fmt.a_words) * sub_rows + i,
                            b_address=(b_word + group * fmt.b_words + passed % fmt.b_words) * sub_cols + j,
                            a_scale_address=a_block + group,
                            b_scale_address=b_block + group,
                            sub_row=i,
                            sub_col=j,
                            slot=(buffer * sub_rows + i) * sub_cols + j,
                            fmt=fmt.code,
                            upper=passed,
                            closes=int(closes),
                            first=int(mma.first and group == 0),
                            last=int(mma.last and final),
                        )
                    )
    return steps
