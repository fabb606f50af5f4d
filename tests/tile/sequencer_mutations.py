"""Wrong lines of the sequencer and its check for traps, as `tests/mutations.py` has them for the other blocks."""

SEQUENCER_MUTATIONS: dict[str, dict[str, tuple[str, str]]] = {
    "hdl/tile/trap_check.py": {
        "reserved bits of a load are not checked": ("load_fits and (seen & LOAD_RESERVED) == 0", "load_fits"),
        "reserved bits of an mma are not checked": ("mma_fits and (seen & MMA_RESERVED) == 0", "mma_fits"),
        "reserved bits of a store are not checked": ("store_fits and (seen & STORE_RESERVED) == 0", "store_fits"),
        "reserved bits of a wait are not checked": ("(seen & WAIT_RESERVED) == 0", "True"),
        "reserved bits of a loop are not checked": ("count != 0 and (seen & LOOP_RESERVED) == 0", "count != 0"),
        "a load may be of no rows": ("if rows != 0 and k_steps != 0:", "if k_steps != 0:"),
        "a load may be of no steps": ("if rows != 0 and k_steps != 0:", "if rows != 0:"),
        "a load may be a step too large": ("int(k_steps) <= half_steps", "int(k_steps) <= half_steps + 1"),
        "a load that just fits traps": ("int(k_steps) <= half_steps", "int(k_steps) < half_steps"),
        "operand 3 is an operand": ("elif operand < RESIDUAL:", "else:"),
        "a load may have any format": ("((operands >> int(load_format)) & 1) == 1 and panels", "panels"),
        "a residual may have any format": ("load_format == FLOAT32 and rows", "rows"),
        "a residual may have a second panel": ("rows <= STEP_ROWS and", "rows <= STEP_ROWS + 1 and"),
        "a residual may be 9 lines wide": ("k_steps <= RESIDUAL_STEPS", "k_steps <= RESIDUAL_STEPS + 1"),
        "an mma may have any format": ("((products >> fmt) & 1) == 1\n            and groups", "groups"),
        "an mma may be of no groups": ("            and groups != 0\n", ""),
        "a may leave the scratchpad": ("a_words * groups <= half_words", "a_words * groups <= half_words + 1"),
        "b may leave the scratchpad": ("b_words * groups <= half_words", "b_words * groups <= half_words + 1"),
        "b has as many words as a": ("b_words = B_WORDS[fmt]", "b_words = A_WORDS[fmt]"),
        "a shape may have no rows": ("m != 0 and m <= STEP_ROWS", "m <= STEP_ROWS"),
        "a shape may have 17 columns": ("n <= STEP_ROWS", "n <= STEP_ROWS + 1"),
        "a store may have a fourth format": ("store_format < FORMATS", "store_format <= FORMATS"),
        "a store may have a fourth rule": ("rule < RULES", "rule <= RULES"),
        "a loop may be of no instructions": ("length != 0 and count != 0", "count != 0"),
        "a loop may be of no rounds": ("length != 0 and count != 0", "length != 0"),
    },
    "hdl/tile/sequencer.py": {
        "wait does not wait": ("not poisoned and stores == 0", "not poisoned"),
        "the last poison is reported": ("elif poison and not poisoned", "elif poison"),
        "a program ends before its loads": ("FINISH and loads == 0 and mmas == 0", "FINISH and mmas == 0"),
        "the index of the bad one is one off": ("BAD_INSTRUCTION | (int(index)", "BAD_INSTRUCTION | (int(index + 1)"),
        "a loop may end behind the program": ("last < length)", "last <= length)"),
        "a loop that ends with the program traps": ("last < length)", "last + 1 < length)"),
        "a loop may end behind the one round it": ("last <= ends[0])", "last < length)"),
        "two loops may not end together": ("last <= ends[0])", "last < ends[0])"),
        "no loop stands in a loop": ("(depth == 1 and last", "(depth == 3 and last"),
        "a loop goes round once more": ("rounds[top].next = count - 1", "rounds[top].next = count"),
        "the outer loop is not gone round": ("ends[0] and rounds[0] != 0", "ends[0] and rounds[0] > 4095"),
        "the inner loop is not left": (
            "        elif depth == 2 and index == ends[1]:\n            depth_there.next = 1\n", ""
        ),
        "the outer loop is not left": (
            "        elif depth != 0 and index == ends[0]:\n            depth_there.next = 0\n", ""
        ),
        "an inner loop begins where memory does": ("offsets[here + i].next = offsets[i]", "offsets[here + i].next = 0"),
        "an outer loop begins where the last one ended": (
            "                if depth == 0:\n                    offsets[here + i].next = 0\n                else:\n",
            "                if depth != 0:\n",
        ),
        "the scales of b advance as its elements": ("2 * int(operand) + 1]", "2 * int(operand)]"),
        "the scales of a residual advance": ("if operand < RESIDUAL:", "if operand <= RESIDUAL:"),
        "results advance as residuals": ("offsets[here + STREAMS - 2]", "offsets[here + STREAMS - 3]"),
        "results advance as their scales": ("offsets[here + STREAMS - 2]", "offsets[here + STREAMS - 1]"),
        "addresses behind a loop are moved": (
            "depth != 0 and opcode == LOAD and", "opcode == LOAD and"
        ),
        "a trap leaves the next program in a loop": (
            "                depth.next = 0\n                trapped.next", "                trapped.next"
        ),
        "a poisoned wait goes on": ("and legal and not poisoned and stores", "and legal and stores"),
        "results leave while an mma is under way": (
            "closing.next = loads == 0 and mmas == 0 and", "closing.next = loads == 0 and"
        ),
        "results are swallowed while a store is under way": (
            "discard.next = state == FINISH and stores == 0", "discard.next = state == FINISH"
        ),
        "the formats are all built in": ("half_steps=half_steps, formats=formats)", "half_steps=half_steps)"),
    },
}
