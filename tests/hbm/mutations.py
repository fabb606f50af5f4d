"""Wrong lines of the memory controller, one at a time, as `tests/mutations.py` has them for the other blocks."""

HBM_MUTATIONS: dict[str, dict[str, tuple[str, str]]] = {
    "hdl/hbm/address_map.py": {
        "bank and bank group change places": (
            "bank_group.next = (line >> group_lsb)", "bank_group.next = (line >> bank_lsb)"
        ),
        "the map is always the same": ("for part in ADDRESS_MAPS[map_name]", "for part in ADDRESS_MAPS['RoBaCoBg']"),
    },
    "hdl/hbm/timing_gate.py": {
        "a gate opens a CK early": ("if left > LOOK_AHEAD:", "if left > LOOK_AHEAD + 1:"),
        "a gate opens a CK late": ("if left > LOOK_AHEAD:", "if left > LOOK_AHEAD - 1:"),
        "the last command counts, not the longest gap": ("if column_gap > left and", "if column_gap > 0 and"),
        "lanes are mixed up": ("fall_gap > left and fall_lane == lane", "fall_gap > left and rise_lane == lane"),
        "a row command opens what a column command shut": ("left = rise_gap", "left = 1"),
        "an open gate's old stamp counts": ("if ((closed >> lane) & 1) == 1:", "if ck > 0:"),
        "a reset leaves gates shut": ("shut[kind].next = 0", "shut[kind].next = shut[kind]"),
    },
    "hdl/hbm/activate_window.py": {
        "five fit the window": ("shut.next = count == window", "shut.next = count > window"),
        "the window is a CK short": ("(ck + LOOK_AHEAD) & last_ck", "(ck + LOOK_AHEAD + 1) & last_ck"),
        "the window is a CK long": ("(ck + LOOK_AHEAD) & last_ck", "(ck + 1) & last_ck"),
    },
    "hdl/hbm/bank_machine.py": {
        "every precharge closes all": ("if fall.op == PREAB:", "if fall.op:"),
        "PREab is not seen": (
            "            opened = 0\n        elif", "            opened = opened & 0xFFFF\n        elif"
        ),
        "the opener is never served": ("if column.op:", "if column.op == PREAB:"),
        "an opener is always a read": ("if act_for_write:", "if act_for_write and fall.op == PREAB:"),
        "the group counts as the bank": (
            "bank = int(rise.bank) * BANK_GROUPS + int(rise.bank_group)",
            "bank = int(rise.bank_group) * BANK_GROUPS + int(rise.bank)",
        ),
    },
    "hdl/hbm/request_queue.py": {
        "those behind move up too far": ("if i <= gap:", "if i < gap:"),
        "the stamps stay behind": (
            "stamps[place].next = stamps[older]", "stamps[place].next = stamps[place]",
        ),
        "the oldest stamp is forgotten": ("if position == 0:", "if position == 1:"),
        "data go to the newest request": (
            "stamps[(first + int(ready)) % entries]", "stamps[(first + int(count)) % entries]"
        ),
        "the oldest place stays where it was": ("head.next = (int(head) + 1) % entries", "head.next = head"),
    },
    "hdl/hbm/direction.py": {
        "the high watermark is one too high": ("to_write = writes >= high or", "to_write = writes > high or"),
        "the low watermark is one too low": ("(writes <= low and reads > 0)", "(writes < low and reads > 0)"),
        "writes starve": ("write_late = writes > 0 and write_age > max_age", "write_late = False"),
        "max_age itself is overdue": ("read_age > max_age", "read_age >= max_age"),
        "the younger of two overdue decides": ("write_age > read_age", "write_age < read_age"),
    },
    "hdl/hbm/refresher.py": {
        "it never calls": ("due.next = enable", "due.next = False"),
        "it always calls": ("due.next = enable", "due.next = True"),
        "the interval is a CK long": ("count.next = interval - 1", "count.next = interval - 2"),
        "any row command ends the call": ("if rise_op == REFAB:", "if rise_op:"),
        "the start value is not heeded": ("intbv(start - 1,", "intbv(interval - 1,"),
    },
    "hdl/hbm/scheduler.py": {
        "a younger hit goes first": (
            "hit_found = True\n                        searching = False", "hit_found = True",
        ),
        "hits go before openers": ("not settled and (own &", "not settled and not hit_found and (own &"),
        "an overdue request waits for openers": ("if overdue and i == 0:", "if overdue and i == entries:"),
        "all that are overdue go before openers": ("if overdue and i == 0:", "if overdue:"),
        "leftovers are forgotten": ("if left != 0 and column_free:", "if left > 65535 and column_free:"),
        "younger hits pass a conflict": ("unserved = unserved | mask", "unserved = unserved | 0"),
        "a protected row is closed": ("int(bank_shut[PRECHARGE_KIND]) | waits", "int(bank_shut[PRECHARGE_KIND])"),
        "the bank that is served may close": (
            "precharge_shut = precharge_shut | (1 << (int(column.bank) * BANK_GROUPS + int(column.bank_group)))",
            "precharge_shut = precharge_shut | 0",
        ),
        "a closing bank is read": ("column_shut = column_shut | closing", "column_shut = column_shut | 0"),
        "no pause after ACT": ("or window_shut or rise.op != NOP:", "or window_shut:"),
        "the bank group's gate is not heeded": (
            "int(bank_shut[READ_KIND]) | (int(group_shut[READ_KIND]) * GROUP_OF)", "int(bank_shut[READ_KIND])"
        ),
        "rows open although a refresh is due": ("if act_found and not hold:", "if act_found:"),
        "a refresh does not wait for openers": ("if due and waits == 0 and rise", "if due and rise"),
        "REFab comes with rows open": ("if opened != 0:", "if opened > 65535:"),
        "overdue does not hold anybody": ("hold = due or (overdue and left != 0)", "hold = bool(due)"),
    },
    "hdl/hbm/admission.py": {
        "the oldest write is forwarded": (
            "if (request & PLACE_MASK) == place:", "if (request & PLACE_MASK) == place and not match:"
        ),
        "a write passes an older read": (
            "                        conflict = True", "                        conflict = False"
        ),
        "the read entering now is not seen": ("conflict = entering.read and new_place == place", "conflict = False"),
        "the write entering now is not seen": (
            "if entering.write and new_place == place:", "if entering.write and match:"
        ),
        "the slot of the write entering now is given away": (
            "not queued[i] and (not entering.write or new_slot != i)", "not queued[i]"
        ),
        "one line is never promised": ("taken = in_use < return_entries", "taken = in_use < return_entries - 1"),
        "a write that leaves makes no room": ("if leave_write:", "if leave_write and waiting < write_entries:"),
        "only one command is held": ("cmd.ready.next = filled < 2", "cmd.ready.next = filled < 1"),
    },
    "hdl/hbm/write_buffer.py": {
        "the slot of a write stays present": ("present[slot].next = False", "present[slot].next = present[slot]"),
        "a slot stays in use": ("queued[int(sent_slot)].next = False", "queued[int(sent_slot)].next = True"),
        "both halves are the second": (
            "early_first[int(newest)].next = wdata.data[DQ_BITS:]",
            "early_first[int(newest)].next = wdata.data[:DQ_BITS]",
        ),
        "one beat too few is let in": ("ready.next = filled < entries", "ready.next = filled < entries - 1"),
        "data come without a command": ("level > 0 and write_ready < write_count", "level > 0"),
    },
    "hdl/hbm/return_buffer.py": {
        "a forwarded read does not wait for its data": ("from_write = bool(present[source])", "from_write = True"),
        "lines overtake each other": ("head.next = (slot + 1) % entries", "head.next = (slot + 2) % entries"),
        "the second half is old": (
            "second_line[int(fill_slot)].next = dq_read", "second_line[int(fill_slot)].next = half"
        ),
        "a waiting line is overwritten": ("if not rdata.valid or rdata.ready:", "if not rdata.valid or rdata.valid:"),
        "a copy is forgotten": ("filled.next[i] = True", "filled.next[i] = filled[i]"),
        "a read that has its copy looks at the write buffer": (
            "forwarded.next[i] = False", "forwarded.next[i] = forwarded[i]"
        ),
        "all that are forwarded get the copy": (
            "if forwarded[i] and sources[i] == sent_slot:\n                    filled",
            "if forwarded[i]:\n                    filled",
        ),
        "the copy has the first half twice": (
            "second_line[i].next = second_half[int(sent_slot)]", "second_line[i].next = first_half[int(sent_slot)]"
        ),
        "the id is the slot": ("ids[slot].next = entering.id", "ids[slot].next = slot % 16"),
    },
    "hdl/hbm/dq_path.py": {
        "reads are taken a CK late": ("(int(now) + read_latency) & last_ck", "(int(now) + read_latency + 1) & last_ck"),
        "writes are driven a CK early": (
            "(int(now) + write_latency - 1) & last_ck", "(int(now) + write_latency - 2) & last_ck"
        ),
        "the second half is the first": (
            "dq.write.next = second_half[int(driven)]", "dq.write.next = first_half[int(driven)]"
        ),
        "the slot is freed a CK early": ("sent.next = second", "sent.next = starts"),
        "DQ stays driven": ("            dq.drive.next = False", "            dq.drive.next = dq.drive"),
    },
    "hdl/hbm/controller.py": {
        "the first refresh comes an interval late": (
            'interval=timing.total("nREFI"), start=first_refresh',
            'interval=timing.total("nREFI"), start=timing.total("nREFI")',
        ),
        "writes count as ready before their data": (
            "entering.write, entering.request, arrive, leave_write",
            "entering.write, entering.request, entering.write, leave_write",
        ),
        "the window rule counts bank groups": ('window=window, gap=window_gap', 'window=window + 1, gap=window_gap'),
        "read and write latencies change places": (
            'read_latency=timing.total("nCL"), write_latency=timing.total("nCWL")',
            'read_latency=timing.total("nCWL"), write_latency=timing.total("nCL")',
        ),
        "the bank groups' rules are forgotten": (
            '(BANK_GROUPS, GROUP_KINDS, ("bank_group",))', '(BANK_GROUPS, GROUP_KINDS, ())'
        ),
    },
}
