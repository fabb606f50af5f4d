"""One wrong line at a time: what `make sim BLOCK=name` must notice in each block.

Each is a slip that somebody could make: a tie rounded the other way, a flag not cleared, a counter that wraps one
early. `tests/test_mutations.py` applies them to copies of the code.
"""

from tests.hbm.mutations import HBM_MUTATIONS
from tests.numerics.lane_mutations import LANE_MUTATIONS
from tests.numerics.mutations import ADDER_MUTATIONS, QUANTISER_MUTATIONS
from tests.tile.array_mutations import ARRAY_MUTATIONS
from tests.tile.mutations import OPERAND_MUTATIONS
from tests.tile.sequencer_mutations import SEQUENCER_MUTATIONS
from tests.tile.store_mutations import STORE_MUTATIONS

# file of the block: {what goes wrong: (what stands there, exactly once; what the slip makes of it)}
MUTATIONS: dict[str, dict[str, tuple[str, str]]] = {
    **HBM_MUTATIONS, **LANE_MUTATIONS, **ADDER_MUTATIONS, **QUANTISER_MUTATIONS, **OPERAND_MUTATIONS,
    **SEQUENCER_MUTATIONS, **STORE_MUTATIONS, **ARRAY_MUTATIONS,
    "hdl/numerics/e2m1_decode.py": {
        "the sign is ignored": ("[int(code)]", "[int(code) & 7]"),
        "zero reads as a half": ("[int(code)]", "[max(int(code), 1)]"),
    },
    "hdl/numerics/e8m0_decode.py": {
        "byte 255 becomes infinity": ("if code == E8M0_NAN", "if code > E8M0_NAN"),
        "byte 0 becomes zero": ("value.next = SMALLEST_SCALE", "value.next = 0"),
    },
    "hdl/numerics/mx_dot.py": {
        "a sign bit is cut off": ("[(b_piece >> (4 * i)) & 0xF]", "[(b_piece >> (4 * i)) & 0x7]"),
        "the last elements are left out": ("for piece in range(PIECES)", "for piece in range(PIECES - 1)"),
        "a lane reads its neighbour": ("[(a_piece >> (4 * i)) & 0xF]", "[(a_piece >> (4 * (i - i // 6))) & 0xF]"),
    },
    "hdl/numerics/scale_round.py": {
        "ties go away from zero": ("dropped > half or (dropped == half and", "dropped >= half or (dropped == half and"),
        "an underflow loses its sign": ("= SIGN | magnitude", "= SIGN * (magnitude > 0) | magnitude"),
        "infinity begins a binade late": ("if exponent >= INFINITY_EXPONENT", "if exponent > INFINITY_EXPONENT"),
        "a NaN scale of b is ignored": ("if a == E8M0_NAN or b == E8M0_NAN", "if a == E8M0_NAN"),
        "the shift stops two places early": ("DOT_BITS = 14", "DOT_BITS = 12"),
    },
    "hdl/numerics/fp32_add.py": {
        "ties go away from zero": ("rest == HALF and (significand & 1) == 1", "rest == HALF"),
        "ties go towards zero": ("rest == HALF and (significand & 1) == 1", "rest == HALF and (significand & 1) == 2"),
        "alignment drops the sticky bit": ("aligned = aligned | 1", "aligned = aligned | 0"),
        "the carry drops the sticky bit": ("(significand >> 1) | (significand & 1)", "significand >> 1"),
        "a shift by 8 counts as 7": ("exponent = exponent - 8", "exponent = exponent - 7"),
        "a subnormal weighs half": ("smaller_exponent = 1\n", "smaller_exponent = 0\n"),
        "x - x takes the sign of x": ("magnitude = 0\n            negative = False", "magnitude = 0"),
    },
    "hdl/stream/fifo.py": {
        "a full queue says ready": ("src.ready.next = level < depth", "src.ready.next = level <= depth"),
        "the head wraps one early": ("if head == depth - 1", "if head == depth - 2"),
        "a payload overtakes another": ("= push and (level == 0 or (level == 1 and pop))", "= push and level < 2"),
        "the last payload stays": ("dst.valid.next = level > 0", "dst.valid.next = level > 1"),
    },
    "hdl/stream/arbiter.py": {
        "a standing command gives way": ("standing.next = not dst.ready", "standing.next = False"),
        "the first side always wins": ("choice.next = not owner", "choice.next = False"),
        "the id is the other side's": ("dst.id.next = second.id", "dst.id.next = first.id"),
    },
    "hdl/slice.py": {
        "the controller sits on a port of its own": (
            "controller(clk, rst, port, bus", "controller(clk, rst, MemoryPort(), bus"
        ),
        "the controller has its default depths": ("dq, **controller_sizes)", "dq)"),
        "the tile waits for fewer reads": ("port, **tile_sizes)", "port, **tile_sizes | {'outstanding': 20})"),
        "a reset does not reach the controller": (
            "memory = controller(clk, rst, port", "memory = controller(clk, tile_ports()[\"rst\"], port"
        ),
    },
}
