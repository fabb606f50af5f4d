"""Every bench, in the order in which the book builds the blocks."""

from types import ModuleType

from zhenwu.cosim.hbm import (
    activate_window,
    address_map,
    admission,
    bank_machine,
    controller,
    direction,
    dq_path,
    refresher,
    request_queue,
    return_buffer,
    scheduler,
    timing_gate,
    write_buffer,
)
from zhenwu.cosim.numerics import (
    block_scale,
    e2m1_decode,
    e8m0_decode,
    fp32_add,
    fp32_add_pipelined,
    lane_dot,
    mx_dot,
    mx_quantise,
    scale_round,
    term_round,
)
from zhenwu.cosim.slice import slice
from zhenwu.cosim.stream import arbiter, fifo
from zhenwu.cosim.tile import (
    counters,
    dot_unit,
    drain,
    mac_array,
    mma_issue,
    mover,
    mx_lines,
    operand_banks,
    residual_add,
    residual_buffer,
    scratchpad,
    sequencer,
    store_path,
    tile,
    trap_check,
)

BLOCKS: tuple[ModuleType, ...] = (
    e2m1_decode,
    e8m0_decode,
    block_scale,
    mx_quantise,
    mx_dot,
    scale_round,
    fp32_add,
    fp32_add_pipelined,
    lane_dot,
    term_round,
    fifo,
    arbiter,
    dot_unit,
    mac_array,
    mma_issue,
    operand_banks,
    residual_buffer,
    scratchpad,
    mover,
    drain,
    residual_add,
    mx_lines,
    store_path,
    trap_check,
    sequencer,
    counters,
    address_map,
    timing_gate,
    activate_window,
    bank_machine,
    request_queue,
    direction,
    refresher,
    scheduler,
    admission,
    write_buffer,
    return_buffer,
    dq_path,
    controller,
    tile,
    slice,
)


def block_name(module: ModuleType) -> str:
    """The name of the block that a bench module checks: its file stem."""
    return module.__name__.rpartition(".")[2]


def find(name: str) -> ModuleType:
    """The bench of block `name`; ValueError lists the names if there is none."""
    for module in BLOCKS:
        if block_name(module) == name:
            return module
    names = ", ".join(block_name(module) for module in BLOCKS)
    raise ValueError(f"--block {name}: there is no such block; expected one of {names}")
