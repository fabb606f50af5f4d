"""What `hdl/harness/tile_host.py` drives, in plain Python; `isa.encode` makes the words."""

from collections.abc import Sequence

from hdl.harness.lfsr import DRAW_BITS
from hdl.harness.operand_hash import ELEMENTS, REGION_LSB, RESULTS, SCALES
from hdl.harness.tile_host import AGAIN, AGAIN_BITS, NEAR_MASK, SUMS
from hdl.harness.tile_words import PLACE_MASK, READ_BACK_MASK, RESULT_MASK, UPPER_HALF
from zhenwu.spec.isa import (
    OPCODE_BITS,
    STEP_ROWS,
    Instruction,
    Load,
    LoadFields,
    Mma,
    MmaFields,
    Store,
    StoreFields,
    Wait,
    encode,
)

Draws = Sequence[int]  # for the host, elements, strides, scales, and one for others
RESERVED_LSB = 119  # of the reserved bits that every instruction has


class Held:
    """What stands in the half of an operand that was loaded last."""

    def __init__(self):
        self.loaded = False
        self.half = self.two = self.rows = self.k_steps = 0


class TileHost:
    """`code` is (index, word) on offer or None, `start` and `length` as on the pins. `state` names a method."""

    def __init__(self, half_steps: int):
        self.half_steps = half_steps
        self.state = "pause"
        self.code: tuple[int, int] | None = None
        self.start, self.length = False, 0
        self.wait = self.more = self.parity = self.count = 0
        self.faulty = self.near = self.small = False
        self.first, self.sums = False, 0
        self.m = self.n = 0
        self.deferred: tuple[int, int] | None = None
        self.a, self.b = Held(), Held()

    def step(self, draws: Draws, code_ready: bool, done: bool) -> None:
        """One rising edge."""
        self.start = False
        if self.code is not None and not code_ready:
            return
        self.code = None
        draw = draws[0]
        if self.state in ("pause", "launch", "launched", "run"):
            getattr(self, self.state)(draw, done)
        elif draw & 3:
            instruction = getattr(self, self.state)(draws)
            if instruction is not None:
                self.code = self.count, self.worded(instruction, draw)
                self.count += 1

    def pause(self, draw: int, done: bool) -> None:
        """Wait, then begin a program."""
        if self.wait:
            self.wait -= 1
            return
        self.more, self.faulty, self.near = draw & 3, not draw >> 2 & 3, bool(draw >> 12 & 1)
        self.small = not draw >> 13 & 3
        if self.small:
            self.more = draw >> DRAW_BITS - 3
        self.parity ^= 1
        self.count = 0
        self.deferred = None
        self.a.loaded = self.b.loaded = False
        self.first, self.sums = True, 0
        self.m, self.n = 1 + (draw >> 4 & 15), 1 + (draw >> 8 & 15)
        self.state = "load_a"

    def launch(self, draw: int, done: bool) -> None:
        """All words are with the tile."""
        self.start, self.length, self.state = True, self.count, "launched"

    def launched(self, draw: int, done: bool) -> None:
        """`done` may still be the last program's."""
        self.state = "run"

    def run(self, draw: int, done: bool) -> None:
        """Wait for the end; now and then a start too many."""
        if done:
            self.state, self.wait = "pause", draw >> 8 & draw >> 14 & 63
        else:
            self.start = draw & (1 << AGAIN_BITS) - 1 == AGAIN

    def load_a(self, draws: Draws) -> Instruction | None:
        """A, unless it is there."""
        self.state = "load_b"
        return self.load(0, self.a, self.m, draws)

    def load_b(self, draws: Draws) -> Instruction | None:
        """B, likewise."""
        self.state = "multiply"
        return self.load(1, self.b, self.n, draws)

    def load(self, operand: int, held: Held, needed: int, draws: Draws) -> Instruction | None:
        """Panels for at least `needed` rows."""
        if held.loaded:
            return None
        draw, element_draw, stride_draw, scale_draw, _ = draws
        held.loaded = True
        held.two = draw >> 2 & draw >> 3 & 1
        held.k_steps = 1 + ((draw >> 4 & 15) * (self.half_steps >> held.two) >> 4)
        rows = 1 + (draw >> 8 & 15)
        if self.small:
            held.two, held.k_steps, rows = 0, 1, 1 + (draw >> 8 & 3)
        held.rows = max(needed, rows)
        held.half ^= (draw >> 12 | draw >> 13) & 1
        if draw >> 14 & 3:
            base = ELEMENTS + (draw >> 16 & 1) << REGION_LSB | element_draw & PLACE_MASK
            stride = self.stride(stride_draw)
        else:
            base = RESULTS + 1 - self.parity << REGION_LSB | element_draw & RESULT_MASK
            stride = self.stride(stride_draw) & READ_BACK_MASK
        return Load(
            operand, held.half, held.rows + STEP_ROWS * held.two, held.k_steps, base, stride,
            SCALES << REGION_LSB | scale_draw & PLACE_MASK, element_draw >> UPPER_HALF ^ stride_draw >> UPPER_HALF,
        )

    def multiply(self, draws: Draws) -> Instruction:
        """An mma on what is held."""
        draw, a, b = draws[0], self.a, self.b
        a_step = b_step = 0
        if not draw >> 2 & 3:
            a_step, b_step = (draw >> 4 & 7) * a.k_steps >> 3, (draw >> 7 & 7) * b.k_steps >> 3
        room = min(a.k_steps - a_step, b.k_steps - b_step)
        blocks = 1 + ((draw >> 10 & 15) * 2 * room >> 4)
        a_step += a.k_steps * (a.two & draw >> 14)
        b_step += b.k_steps * (b.two & draw >> 15)
        last = int(self.sums == SUMS or bool(draw >> 16 & 3))
        releases = draw >> 18 & (draw >> 20 if self.small else 3) & 3
        release_a, release_b = releases & 1, releases >> 1
        instruction = Mma(
            a.half, b.half, int(self.first), last, release_a, release_b, self.m, self.n, blocks, a_step, b_step
        )
        a.loaded, b.loaded = not release_a, not release_b
        self.first = bool(last)
        if last:
            self.sums, self.state = 0, "keep"
        else:
            self.sums, self.state = self.sums + 1, "load_a"
        return instruction

    def keep(self, draws: Draws) -> Instruction | None:
        """The store of the oldest result; one that stands alone may be put off."""
        draw, element_draw, stride_draw, *_ = draws
        if self.deferred is None and self.more and not draw >> 2 & 3:
            self.deferred, self.state = (self.m, self.n), "round_off"
            return None
        if self.deferred is not None:
            (m, n), self.deferred = self.deferred, None
        else:
            (m, n), self.state = (self.m, self.n), "round_off"
        base = RESULTS + self.parity << REGION_LSB | element_draw & RESULT_MASK
        return Store(m, n, base, self.stride(stride_draw))

    def stride(self, draw: int) -> int:
        """Lines from one row to the next."""
        return draw & (NEAR_MASK if self.near else 0xFFFF)

    def round_off(self, draws: Draws) -> Instruction | None:
        """Perhaps a wait; then the next result, or the end."""
        draw, mask = draws[0], 3 if self.small else 15
        self.m, self.n = 1 + (draw >> 4 & mask), 1 + (draw >> 8 & mask)
        if self.a.loaded:
            self.m = min(self.m, self.a.rows)
        if self.b.loaded:
            self.n = min(self.n, self.b.rows)
        self.state = "load_a" if self.more else "launch"
        self.more -= bool(self.more)
        return None if draw >> 2 & 3 else Wait()

    def worded(self, instruction: Instruction, draw: int) -> int:
        """The word of an instruction, or, in a faulty program now and then, a bad one."""
        word = encode(instruction)
        if not self.faulty or draw >> 22 & 15:
            return word
        way = draw >> 26 & 3
        if way == 0:
            return word >> OPCODE_BITS << OPCODE_BITS
        if way == 1:
            return word | 1 << OPCODE_BITS - 1
        if way == 2:
            return word | 1 << RESERVED_LSB + (draw >> 28 & 7)
        match instruction:
            case Load():
                return word | 255 << LoadFields.k_steps.lsb
            case Mma():
                return word & ~(0x1FF << MmaFields.k_groups.lsb)
            case Store():
                return word | 31 << StoreFields.m.lsb
        return word | 1 << 32
