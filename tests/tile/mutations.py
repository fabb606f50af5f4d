"""Wrong lines of the tile's operands and their issue, as `tests/mutations.py` has them for the other blocks."""

OPERAND_MUTATIONS: dict[str, dict[str, tuple[str, str]]] = {
    "hdl/tile/mma_issue.py": {
        "rows are counted as columns": ("(int(m) - 1) >> row_shift", "(int(m) - 1) >> col_shift"),
        "a buffer is taken before it is drained": ("if ((int(waiting) >> next_buffer) & 1) == 1", "if waiting == 3"),
        "old flags are believed": ("step.ready and ending and frees == 0", "step.ready and ending"),
        "every block starts from zero": ("step.first.next = False", "step.first.next = step.first"),
        "b's half is not waited for": ("(int(full) >> (2 + int(b_half)))", "(int(full) >> int(a_half))"),
        "the first pass closes": ("closes = step.upper or not a_twice", "closes = not step.upper or not a_twice"),
        "both passes take the first word of a": ("if step.upper and a_twice", "if step.upper and not a_twice"),
        "both passes take the first word of b": ("if step.upper and b_twice", "if step.upper and not b_twice"),
        "a's second word lies beside the first": ("a_place = a_place + sub_rows", "a_place = a_place + 1"),
        "the next group of a begins at the second word": (
            "a_word.next = a_word + 2 * sub_rows", "a_word.next = a_word + sub_rows"
        ),
        "the next group of b begins at the second word": (
            "b_word.next = b_word + 2 * sub_cols", "b_word.next = b_word + sub_cols"
        ),
        "W4A8 takes a word of A a group": ("a_twice.next = fmt == MXFP8 or fmt == W4A8", "a_twice.next = fmt == MXFP8"),
        "W4A8 takes two words of B a group": (
            "b_twice.next = fmt == MXFP8", "b_twice.next = fmt == MXFP8 or fmt == W4A8"
        ),
        "MXFP8 has two blocks of a in a step": (
            "int(a_half) * (half_steps * STEP_WORDS) + int(a_step)",
            "int(a_half) * (half_steps * STEP_WORDS) + int(a_step) * STEP_WORDS",
        ),
        "MXFP8 has two blocks of b in a step": (
            "int(b_half) * (half_steps * STEP_WORDS) + int(b_step)",
            "int(b_half) * (half_steps * STEP_WORDS) + int(b_step) * STEP_WORDS",
        ),
        "W4A8 has one block of b in a step": (
            "if fmt == MXFP8:\n                step.b_scale",
            "if fmt == MXFP8 or fmt == W4A8:\n                step.b_scale",
        ),
        "a pause is a cycle short": ("pause.next = latency - group", "pause.next = latency - group - 1"),
        "a second pass is no cycle of the pause": ("group = 2 * group", "group = 1 * group"),
        "a result's end is paused behind": ("if not (ending and makes_result)", "if not (ending and frees)"),
        "the next result waits for the last one's sums": ("(pause == 0 or makes_result)", "pause == 0"),
        "the next mma does not wait for the pause": ("not at_work and rest <= 1", "not at_work"),
        "the next mma waits a cycle more": ("not at_work and rest <= 1", "not at_work and rest == 0"),
    },
    "hdl/tile/operand_banks.py": {
        "the second word lies beside the first": ("held_place.next = place + sub_rows", "held_place.next = place + 1"),
        "a line meets the held word": ("line.ready.next = not (held and held_bank == bank)", "line.ready.next = True"),
        "a step's scales lie on each other": ("held_place.next = place + 1", "held_place.next = place"),
        "the halves overlap": ("int(line.half) * half_steps", "int(line.half) * (half_steps - 1)"),
        "the halves of the scales overlap": (
            "int(line.half) * (half_steps * STEP_WORDS)", "int(line.half) * half_steps"
        ),
        "steps overlap by a word": ("(STEP_WORDS * sub_rows) + row", "sub_rows + row"),
        "scales begin at even blocks": (
            "(half_steps * STEP_WORDS) + step", "(half_steps * STEP_WORDS) + step - step % 2"
        ),
    },
    "hdl/tile/scratchpad.py": {
        "free does not clear full": ("filled = filled & (ALL_FLAGS - int(free))", "filled = filled & ALL_FLAGS"),
        "free does not clear reserved": ("int(reserve)) & (ALL_FLAGS - int(free))", "int(reserve)) & ALL_FLAGS"),
        "any line fills a half": ("if line.valid and line.ready and line.last", "if line.valid and line.ready"),
        "b's lines all go to half 0": ("b_line.half.next = line.half", "b_line.half.next = 0"),
        "the residual's lines all go to half 0": ("r_line.half.next = line.half", "r_line.half.next = 0"),
        "the residual's lines go by their row": ("r_line.step.next = line.step", "r_line.step.next = line.row"),
        "b's lines go to the residual": ("line.operand == RESIDUAL", "line.operand != 0"),
        "the residual waits for b's banks": ("line.ready.next = True", "line.ready.next = b_line.ready"),
        "a start keeps the full flags": ("spoken_for = 0\n            filled = 0", "spoken_for = 0"),
    },
    "hdl/tile/mover.py": {
        "every panel takes the first one's scales": (
            "panel_scale_base.next = (int(panel_scale_base) + int(panel_scale_stride)) % 2**ADDRESS_BITS",
            "panel_scale_base.next = panel_scale_base",
        ),
        "later steps come from the first panel": (
            "panel_base.next = (int(panel_base) + int(stride) * STEP_ROWS) % 2**ADDRESS_BITS",
            "panel_base.next = panel_base",
        ),
        "a reserved half is filled": (
            "ready.next = not active and ((int(reserved) >> flag) & 1) == 0",
            "ready.next = not active",
        ),
        "another line is called poisoned": ("address.next = answer.line_address", "address.next = address"),
        "the load ends before its last line": ("line.ready and answer.last", "answer.last"),
        "the residual has the flags of a": ("flag = int(operand) * 2", "flag = (int(operand) & 1) * 2"),
        "MXFP8 has scales behind each step": ("each_step.next = fmt == MXFP4", "each_step.next = fmt <= MXFP8"),
        "a last step alone has no scales": ("== 1 or closes_k)", "== 1)"),
        "scales come a step early": ("(int(k_step) & 1) == 1 or", "(int(k_step) & 1) == 0 or"),
        "BF16 has scales": ("each_two.next = fmt == MXFP8", "each_two.next = fmt != MXFP4"),
        "a line of scales is left out": ("line_of_scales = int(k_step) >> 1", "line_of_scales = int(k_step)"),
        "scales begin at even blocks": ("int(step) - (int(k_step) & 1)", "int(step) - (int(step) & 1)"),
        "MXFP4 has a block in a step": ("(2 * int(step)) % 256", "int(step)"),
        "scales come before the last row": ("scales_due.next = closes_panel and due", "scales_due.next = due"),
    },
}
