"""Wrong lines of the pipelined adder, one at a time, as `tests/mutations.py` has them for the other blocks."""

ADDER_MUTATIONS: dict[str, dict[str, tuple[str, str]]] = {
    "hdl/numerics/fp32_add_pipelined.py": {
        "ties go away from zero": ("rest == HALF and (significand & 1) == 1", "rest == HALF"),
        "ties go towards zero": ("rest == HALF and (significand & 1) == 1", "rest == HALF and (significand & 1) == 2"),
        "infinity begins a binade late": ("if room >= INFINITY_EXPONENT", "if room > INFINITY_EXPONENT"),
        "alignment drops the sticky bit": ("addend = addend | 1", "addend = addend | 0"),
        "alignment forgets the last bit dropped": ("(1 << places) - 1 for", "(1 << places) // 2 for"),
        "the smallest normal numbers are subnormal": ("if y_exponent == 0", "if y_exponent <= 1"),
        "the shift stops two places early": ("REACH = SIGNIFICAND_BITS ", "REACH = SIGNIFICAND_BITS - 2 "),
        "the carry drops the sticky bit": ("(significand >> 1) | (significand & 1)", "significand >> 1"),
        "a shift by 16 counts as 15": ("room = room - 16", "room = room - 15"),
        "a shift by 8 counts as 7": ("room = room - 8", "room = room - 7"),
        "a shift by 4 stops a place early": ("and room >= 4", "and room > 4"),
        "a shift by 2 comes a place late": ("(1 << (LEADING_BIT - 1))", "(1 << (LEADING_BIT - 2))"),
        "the last shift is left out": ("significand << 1\n", "significand\n"),
        "a NaN of y is a number": ("if larger > INFINITY or", "if (larger > INFINITY and x_negative) or"),
        "infinity less infinity is infinity": ("(smaller == INFINITY and subtract)", "smaller > INFINITY"),
        "x - x takes the sign of x": ("exponent = 1\n            negative = False", "exponent = 1"),
        "a NaN keeps its sign": ("if head >= NAN:", "if head >= NAN and head < NAN + NEGATIVE:"),
        "the head is a cycle late": (
            "    def hold():\n        held.head.next = here.head\n        held.significand.next = here.significand\n\n",
            "    def hold():\n        held.head.next = held.head\n        held.significand.next = here.significand\n\n",
        ),
        "latency 3 has two stages": ("3: (1, 2)", "3: (2,)"),
    },
}
