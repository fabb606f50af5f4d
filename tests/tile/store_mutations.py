"""Slips in the blocks that store results, as in `tests/mutations.py`."""

STORE_MUTATIONS: dict[str, dict[str, tuple[str, str]]] = {
    "hdl/tile/residual_buffer.py": {
        "the halves overlap": ("int(line.half) * HALF_LINES", "int(line.half) * (HALF_LINES - 1)"),
        "rows overlap": ("int(line.row) * RESIDUAL_STEPS", "int(line.row) * (RESIDUAL_STEPS - 1)"),
        "it writes what is not offered": ("if line.valid:", "if line.valid or not line.valid:"),
    },
    "hdl/tile/residual_add.py": {
        "every beat adds the first part of the line": ("line >> (int(chunk) * (32 * cols))", "line >> 0"),
        "every column adds the first word": ("addends(32 * (index + 1), 32 * index)", "addends(32, 0)"),
        "one column too many is kept": ("if index < kept:", "if index <= kept:"),
        "zero is added where nothing is": (
            "            if adding:\n                value", "            if kept > 0:\n                value"
        ),
    },
    "hdl/tile/mx_lines.py": {
        "a row is read before it is complete": (
            "shown.next = row_next < complete", "shown.next = row_next <= complete"
        ),
        "the next block overwrites the row at hand": ("or src.row < read_row", "or src.row <= read_row"),
        "the halves of a line change places": ("ConcatSignal(codes, lower_codes)", "ConcatSignal(lower_codes, codes)"),
        "MXFP4 does not wait for block 1": ("scaling or (encoded.valid and not keeps)", "scaling or encoded.valid"),
        "padding has scale 0": ("UNIT_SCALE = E8M0_BIAS", "UNIT_SCALE = E8M0_BIAS - 127"),
        "the last matrix's scales stay": ("if part < 2:", "if part > 3:"),
        "block 1's scales lie on block 0's": ("int(upper) * STEP_ROWS + int(row)", "int(row)"),
        "the rule is always floor": ("scale_rule.next = rule", "scale_rule.next = 0"),
        "rceil becomes even": ("scale_rule.next = rule", "scale_rule.next = rule % 2"),
        "even becomes floor": ("scale_rule.next = rule", "scale_rule.next = (int(rule) // 2) * 2"),
        "elements are always E2M1": ("elements.fmt.next = wide", "elements.fmt.next = False"),
        "words beyond the last column count": ("elements.count.next = last_count", "elements.count.next = LINE_FLOATS"),
        "block 1 lies two lines behind": ("(int(base) + int(part) // 2)", "(int(base) + int(part))"),
        "a matrix ends with its first line": (
            "dst.last.next = scaling or (", "dst.last.next = scaling or closing or ("
        ),
        "a word is taken before the scales have left": ("busy.next = closing", "busy.next = False"),
        "a block waits for 16 rows": ("last_row.next = m - 1", "last_row.next = 15"),
    },
    "hdl/tile/store_path.py": {
        "a short line keeps old words": ("elif chunk == 0:", "elif chunk == beats:"),
        "poisoned data are written": ("cmd.valid.next = not suppress", "cmd.valid.next = True"),
        "a row begins behind the last one": (
            "line_address.next = (int(row_address) + int(row_stride)) % 2**ADDRESS_BITS",
            "line_address.next = (int(line_address) + 1) % 2**ADDRESS_BITS",
        ),
        "a beat is taken that does not fit": ("room.next = not complete or leaves", "room.next = True"),
        "beats that none asks for stay": ("or (discard and not active)", "or (discard and active)"),
        "columns beyond n are stored": ("kept.next = tail", "kept.next = cols"),
        "a residual is not waited for": ("waiting.next = add == 1 and (", "waiting.next = add == 2 and ("),
        "the other half is added": ("int(add_half) * residual", "(1 - int(add_half)) * residual"),
        "every part adds the first columns": ("HALF_LINES + int(part) * PART_LINES", "HALF_LINES"),
        "a half is given back with every row": (
            "if take and ending and gives_back", "if take and beat == last_beat and gives_back"
        ),
        "the other half is given back": ("residual_free.next = 1 + int(half)", "residual_free.next = 2 - int(half)"),
        "float32 overtakes a block": ("(stays or block_word.ready)", "(stays or fmt == 0 or block_word.ready)"),
        "an end is lost": ("owed.next = (written and held) or", "owed.next = (written and owed and held) or"),
        "a part that stays open is not reported": (
            "held.next = take and ending and silent", "held.next = take and ending and silent and ends_block"
        ),
        "a quantised line is lost where memory waits": ("mx_line.ready.next = out_free", "mx_line.ready.next = True"),
        "a block ends with its first part": ("part % 2 == 0 and closes == 0", "part % 2 == 1 and closes == 0"),
    },
}
