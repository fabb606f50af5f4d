"""Issue: an mma becomes steps of the array, one per block of k and sub-tile of the result.

A rows x cols array covers the 16 x 16 results of an mma in sub-tiles. Blocks of k are outermost, so that a
sub-tile recurs only after all others had their turn.
"""

from dataclasses import dataclass

from zhenwu.spec.isa import STEP_BLOCKS, STEP_ROWS, Mma, fault


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
    first: int  # add to +0
    last: int  # the last step of the result


def mma_issue(mma: Mma, buffer: int, rows: int, cols: int, half_steps: int) -> list[Step]:
    """The steps of one mma into accumulator buffer 0 or 1, in order.

    Sub-tiles wholly outside m x n are skipped. `last` is set on the final step of an mma with `last`; the next
    mma then takes the other buffer. ValueError for an mma that would trap (`isa.fault`).
    """
    reason = fault(mma, half_steps)
    if reason:
        raise ValueError(f"{mma}: {reason}")
    sub_rows, sub_cols = STEP_ROWS // rows, STEP_ROWS // cols
    used_rows, used_cols = -(-mma.m // rows), -(-mma.n // cols)
    a_place = (mma.a_half * half_steps + mma.a_step) * STEP_BLOCKS
    b_place = (mma.b_half * half_steps + mma.b_step) * STEP_BLOCKS
    steps = []
    for block in range(mma.k_blocks):
        for i in range(used_rows):
            for j in range(used_cols):
                final = (block, i, j) == (mma.k_blocks - 1, used_rows - 1, used_cols - 1)
                steps.append(
                    Step(
                        a_address=(a_place + block) * sub_rows + i,
                        b_address=(b_place + block) * sub_cols + j,
                        a_scale_address=a_place + block,
                        b_scale_address=b_place + block,
                        sub_row=i,
                        sub_col=j,
                        slot=(buffer * sub_rows + i) * sub_cols + j,
                        first=int(mma.first and block == 0),
                        last=int(mma.last and final),
                    )
                )
    return steps
