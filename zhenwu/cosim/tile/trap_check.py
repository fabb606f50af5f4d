"""Cosimulation of the check for traps: instructions that just fit, words that just do not, and any words."""

from random import Random

from hdl.bench.coverage import Coverage
from hdl.tile.trap_check import ports, trap_check
from zhenwu.cosim.combinational import check_combinational
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.tile.random_program import bad_words, some_instruction
from zhenwu.golden.tile.trap_check import trap_check as golden
from zhenwu.spec.isa import (
    INSTRUCTION_BITS,
    OPCODE_BITS,
    OPCODES,
    RESIDUAL,
    RESIDUAL_STEPS,
    STEP_ROWS,
    Instruction,
    Load,
    Mma,
    decode,
    encode,
    used_bits,
)
from zhenwu.spec.mma_formats import ALL_FORMATS, MMA_CODES, STEP_WORDS
from zhenwu.spec.trap import fault

ORACLE = "golden trap_check, which is isa.decode and trap.fault"
NOT_CHECKED = "nothing: words of every kind are tried, with a half of 8 and of 128 steps and four lists of formats"
# What a reason of trap.fault begins or goes on with, by bin
REASONS = {
    "cp_load_of_nothing": "a load of nothing",
    "cp_load_too_large": "panels x ",
    "cp_operand": "operand 3: ",
    "cp_operand_format": " of an operand: ",
    "cp_residual_format": " of a residual: ",
    "cp_residual_too_large": "exceed a residual",
    "cp_mma_of_nothing": "an mma over no groups",
    "cp_mma_too_far": " groups exceed a half",
    "cp_mma_format": " of a product: ",
    "cp_shape": "expected 1 .. 16 each",
    "cp_store_format": ", scale rule ",
    "cp_loop_of_nothing": "a loop of nothing",
}
BINS = {
    "cp_unknown_opcode": "a word of no opcode, above all 0, which was never written",
    "cp_reserved_bit": "a bit that no field covers: a later instruction set may use it",
    "cp_load_of_nothing": "no rows or no steps",
    "cp_load_too_large": "more steps than a half has",
    "cp_operand": "an operand that there is not",
    "cp_operand_format": "elements that no product of this tile has",
    "cp_residual_format": "a residual is float32",
    "cp_residual_too_large": "a residual has 16 rows of at most 8 lines",
    "cp_mma_of_nothing": "no groups of k",
    "cp_mma_too_far": "a product reads beyond its half",
    "cp_mma_format": "a product that this tile has not built in",
    "cp_shape": "m or n is 0 or above 16",
    "cp_store_format": "a format or a rule that a store has not",
    "cp_loop_of_nothing": "no instructions or no rounds",
    "cp_exact_fit": "an instruction that ends with its half, or with the residual's buffer, does not trap",
    "cp_some_formats": "a tile with some formats takes theirs",
}
SIZES = {8: (ALL_FORMATS, ("mxfp8", "bf16")), 128: (("w4a8",), ("mxfp4",))}
LEGAL = 60  # instructions of each kind


def run(seed: int, quick: bool = False) -> Evidence:
    """For each size and list of formats valid instructions, bad words, and words that are valid but for a field."""
    random, coverage, parts = Random(seed), Coverage(BINS), []
    for half_steps, lists in SIZES.items():
        for formats in lists:
            words = list(some_words(random, half_steps, formats, LEGAL // 4 if quick else LEGAL))
            random.shuffle(words)
            hits = dict(coverage.hits)
            for word in words:
                coverage.hit(*situation(word, half_steps, formats))
            parts.append(
                check_combinational(
                    trap_check, ports, inputs={"word": words},
                    outputs={"legal": [int(golden(word, half_steps, formats)) for word in words]},
                    bins={name: count - hits[name] for name, count in coverage.hits.items()}, planned=BINS,
                    oracle=ORACLE, not_checked=NOT_CHECKED, seed=seed,
                    parameters={"half_steps": half_steps, "formats": formats},
                )
            )
    return merge("trap_check", *parts)


def some_words(random: Random, half_steps: int, formats: tuple[str, ...], count: int) -> list[int]:
    """Words of every kind."""
    words = [0]
    for opcode, (record, layout) in OPCODES.items():
        used = [bit for bit in range(INSTRUCTION_BITS) if used_bits(layout) >> bit & 1]
        for _ in range(count):
            word = encode(some_instruction(record, random, half_steps, formats))
            words += [word, word ^ 1 << random.choice(used)]
        words += [random.getrandbits(INSTRUCTION_BITS) & used_bits(layout) & -16 | opcode for _ in range(count)]
    for _ in range(3):
        words += bad_words(random, half_steps, formats)
    return words


def situation(word: int, half_steps: int, formats: tuple[str, ...]) -> tuple[str, bool]:
    """The bin of a word, and whether it is in it."""
    if word % (1 << OPCODE_BITS) not in OPCODES:
        return "cp_unknown_opcode", True
    try:
        instruction = decode(word)
    except ValueError:
        return "cp_reserved_bit", True
    reason = fault(instruction, half_steps, formats)
    if reason:
        return next(name for name, text in REASONS.items() if text in reason), True
    if fits_exactly(instruction, half_steps):
        return "cp_exact_fit", True
    return "cp_some_formats", formats != ALL_FORMATS and isinstance(instruction, Load | Mma)


def fits_exactly(instruction: Instruction, half_steps: int) -> bool:
    """Whether one step or group more would be too much for a valid load or mma."""
    match instruction:
        case Load(operand=operand, rows=rows, k_steps=k_steps):
            if operand == RESIDUAL:
                return (rows, k_steps) == (STEP_ROWS, RESIDUAL_STEPS)
            return -(-rows // STEP_ROWS) * k_steps == half_steps
        case Mma(k_groups=groups, a_step=a_step, b_step=b_step, fmt=fmt):
            fmt = MMA_CODES[fmt]
            ends = (STEP_WORDS * a_step + groups * fmt.a_words, STEP_WORDS * b_step + groups * fmt.b_words)
            return max(ends) == STEP_WORDS * half_steps
    return False
