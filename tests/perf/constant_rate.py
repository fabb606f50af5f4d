"""The tile's cycle model on a memory of constant rate."""

from zhenwu.cosim.tile.sweep import Shape, job_of
from zhenwu.cycle.memory import Memory
from zhenwu.cycle.tile.tile import Tile


def model_cycles(shape: Shape) -> int:
    """Cycles from start to done, over all programs, as `Host` counts them."""
    tile = Tile(
        rows=shape.rows, cols=shape.cols, half_steps=shape.half_steps, program_depth=shape.program_depth,
        queue_depth=shape.queue_depth, outstanding=shape.outstanding, formats=(shape.fmt,), latency=shape.latency,
    )
    memory = Memory(shape.memory_latency, shape.cycles_per_line)
    now = total = 0

    def step(code: tuple[int, int] | None = None, start: bool = False, length: int = 0) -> None:
        nonlocal now
        seen = tile.cmd, tile.wdata is not None, tile.rdata_ready
        tile.step(code, start, length, memory.cmd_ready, memory.wdata_ready, memory.rdata_valid)
        memory.step(now, *seen)
        now += 1

    for words in job_of(shape).programs:
        step()  # the host sees `done`, and drives the first word in the next cycle
        for place, word in enumerate(words):
            step((place, word))
        began = now
        step(None, True, len(words))
        while not tile.sequencer.done:
            step(None, False, len(words))
        total += now - began
    return total
