"""Wrong lines of the tile's array, of what leaves it, and of the tile, as `tests/mutations.py` has them for others."""

ARRAY_MUTATIONS: dict[str, dict[str, tuple[str, str]]] = {
    "hdl/tile/dot_unit.py": {
        "the sum is not passed on": ("accumulate and slot == fetch_slot", "accumulate and slot != slot"),
        "the first sum adds to the old one": ("psum.next = 0", "psum.next = accumulators[int(fetch_slot)]"),
        "a's scale stands for b's": (
            "scale_round(dot_held, a_scale_held, b_scale_held", "scale_round(dot_held, a_scale_held, a_scale_held"
        ),
        "the term is a cycle early": ("fp32_add_pipelined(clk, psum, term_held", "fp32_add_pipelined(clk, psum, term"),
        "the adder is a cycle short": ("total, latency=latency", "total, latency=max(latency - 1, 1)"),
        "a gap between the passes loses the first one": (
            "if valid:", "if not valid:\n            high_held.next = 0\n        if valid:"
        ),
        "a gap between the passes forgets a NaN": (
            "if valid:", "if not valid:\n            nan_held.next = False\n        if valid:"
        ),
        "the second pass is the first": ("if upper:", "if False:"),
        "the first pass is forgotten in the upper half": ("high_held + high", "high"),
        "the first pass is forgotten in the lower half": ("low_held + low", "low"),
        "W4A8 has the unit of MXFP8": (
            "W4A8_MMA.unit_exponent - 2 * E8M0_BIAS", "MXFP8_MMA.unit_exponent - 2 * E8M0_BIAS"
        ),
        "BF16 has scales": ("if fmt == BF16:", "if fmt > BF16:"),
        "BF16 loses its exponent": ("exponent.next = largest + BF16_UNIT", "exponent.next = BF16_UNIT"),
        "a NaN scale of a is ignored": ("a_scale == E8M0_NAN or b_scale == E8M0_NAN", "b_scale == E8M0_NAN"),
        "a NaN scale of b is ignored": ("a_scale == E8M0_NAN or b_scale == E8M0_NAN", "a_scale == E8M0_NAN"),
        "a NaN of the first pass is forgotten": ("nan_held or nan or scale_nan", "nan or scale_nan"),
        "a NaN of the second pass is forgotten": ("nan_held or nan or scale_nan", "nan_held or scale_nan"),
        "a NaN element of one pass is a number": ("nan_held.next = nan or scale_nan", "nan_held.next = scale_nan"),
        "an infinity loses its sign": ("minus_held.next = minus_infinity", "minus_held.next = plus_infinity"),
        "an infinity is a number": ("plus_held.next = plus_infinity", "plus_held.next = False"),
    },
    "hdl/tile/mac_array.py": {
        "all take the first sub-tile's scales": ("int(subtile) * lanes + index", "index"),
        "columns take the rows' sub-tile": ("lane(b_words, b_scales, sub_col", "lane(b_words, b_scales, sub_row"),
        "the result names the other buffer": ("result.buffer.next = buffer", "result.buffer.next = not buffer"),
        "the result is as wide as high": ("result.n.next = n", "result.n.next = m"),
        "each pass closes its group": ("moved & int(step.closes)", "moved"),
        "no group begins with a second pass": ("upper.next = step.upper", "upper.next = False"),
        "a step's format comes a step late": ("fmt.next = step.fmt", "fmt.next = fmt"),
        "a second pass does not count": ("valid.next = step.valid and", "valid.next = not step.upper and"),
        "a sum begins a step early": ("first.next = first_now", "first.next = step.first"),
        "a sum is collected a cycle late": ("added, cycles=latency", "added, cycles=latency + 1"),
        "an accumulator is fetched a cycle early": ("fetched, cycles=2", "fetched, cycles=1"),
        "the result comes a cycle early": ("cycles=2 + latency", "cycles=1 + latency"),
        "a longer delay is a cycle short": ("dst.next = between[cycles - 2]", "dst.next = between[max(cycles - 3, 0)]"),
        "all rows show the first one": ("column[int(row)]", "column[0]"),
    },
    "hdl/tile/drain.py": {
        "one column too many is kept": ("int(n) - int(at_col) * cols", "int(n) - int(at_col) * cols + 1"),
        "the buffer is freed a beat early": ("closing.next = shown_last", "closing.next = ending"),
        "the other buffer is freed": ("freed.next = 1 + int(closing_buffer)", "freed.next = 2 - int(closing_buffer)"),
        "as many rows as columns": ("last_row.next = result.m - 1", "last_row.next = result.n - 1"),
        "a waiting beat is overwritten": ("move.next = shown and (dst.ready or not dst.valid)", "move.next = shown"),
    },
    "hdl/tile/counters.py": {
        "blocked comes before busy": ("if busy:", "if busy and not blocked:"),
        "draining comes before blocked": ("elif blocked:", "elif blocked and not draining:"),
        "what does not drain drains": ("elif draining:", "elif not draining:"),
        "cycles between programs count": ("elif running:", "else:"),
        "a start keeps the conflicts": ("counts.conflicts.next = 0", "counts.conflicts.next = counts.conflicts"),
        "a start keeps the starved cycles": ("counts.starved.next = 1", "counts.starved.next = counts.starved + 1"),
        "every cycle has a conflict": ("if conflict:", "if conflict or busy:"),
    },
    "hdl/tile/tile.py": {
        "b reads a's scale address": ("step.b_scale_address, a_words", "step.a_scale_address, a_words"),
        "half 1 begins a step early for the array": (
            "half_steps=half_steps, latency=latency", "half_steps=half_steps - 1, latency=latency"
        ),
        "poison does not arrive": (
            "store_done, freed,\n        poison, poison_address, discard",
            "store_done, freed,\n        discard, poison_address, discard",
        ),
        "a start while a program runs clears the flags": ("start and code.ready", "start"),
        "writes are never suppressed": ("residual_free, discard, suppress", "residual_free, discard, poison"),
        "a residual's half is freed as b's": ("int(residual_free) << OPERAND_FLAGS", "int(residual_free) << 2"),
        "a residual is added before it is there": ("int(full) >> OPERAND_FLAGS", "(int(full) >> OPERAND_FLAGS) | 3"),
        "issue leaves no room for the adder": (
            "half_steps=half_steps, latency=latency", "half_steps=half_steps, latency=1"
        ),
        "a start while a program runs clears the counters": ("counters(clk, rst, accepted", "counters(clk, rst, start"),
        "blocked counts as draining": ("busy, blocked, closing, conflict", "busy, closing, blocked, conflict"),
        "every line has a conflict": ("line.valid and not line.ready", "line.valid"),
    },
}
