"""The vectors of the live cells: the right block passes, and each answer that is wrong but plausible is found.

Played with the code that plays them in the reader's browser.
"""

import json
from functools import cache
from pathlib import Path

import pytest

from hdl.bench.attempt import attempt
from hdl.bench.played import report
from tests.mutations import MUTATIONS
from zhenwu.cosim.live import LIVE, live

ROOT = Path(__file__).resolve().parents[2]
TURN = "choice.next = not owner"
# Written again in another way, or solved: also right.
RIGHT = {
    "mx_dot": [
        ("PIECES = -(-BLOCK_SIZE // CODES)", "PIECES = 5"),
        ("for i in range(CODES)", "for i in range(6, -1, -1)"),
    ],
    "mx_quantise": [
        ("code = code + negative", "code = code | negative"),
        ("if (kept & 2) != 0 or (kept << shift) != significand:", "if (kept & 2) or significand > (kept << shift):"),
    ],
    "scale_round": [("DOT_BITS = 14", "DOT_BITS = 16")],
    "dot_unit": [
        ("if accumulate:\n            accumulators", "if accumulate == 1:\n            accumulators"),
        ("STAGES = 2", "STAGES = 1 + 1"),
    ],
    "e2m1_decode": [
        (
            "halves.next = E2M1_HALVES[int(code)]",
            "magnitude = int(code) & 7\n"
            "        if magnitude >= 4:\n"
            "            magnitude = (2 + (magnitude & 1)) << ((magnitude >> 1) - 1)\n"
            "        halves.next = -magnitude if code >= 8 else magnitude",
        )
    ],
    "e8m0_decode": [("int(code) << FRACTION_BITS", "(int(code) << FRACTION_BITS) & 0x7fffffff")],
    "arbiter": [
        (TURN, "choice.next = 1 - owner"),
        ("dst.valid.next = first.valid or second.valid", "dst.valid.next = second.valid or first.valid"),
    ],
    "arbiter_stores_first": [(TURN, "choice.next = True"), (TURN, "choice.next = second.valid")],
    "refresher": [("count == 0", "not count")],
    "fifo": [("src.ready.next = level < depth", "src.ready.next = level != depth")],
    "signature": [("total.next = before ^ own", "total.next = own ^ before")],
    "trap_check": [("(int(rows) + STEP_ROWS - 1) // STEP_ROWS", "(int(rows) + 15) >> 4")],
    "mover": [("(int(address) + int(stride)) %", "(int(stride) + int(address)) %")],
    "mma_issue": [("if group < latency:", "if latency > group:")],
    "activate_window": [
        ("& last_ck) == ((ck + LOOK_AHEAD) & last_ck)", "- ck) & last_ck == LOOK_AHEAD"),
        ("if count > 0:", "if count >= 1:"),
    ],
    "starved_tile": [("CYCLES_PER_LINE = 1 ", f"CYCLES_PER_LINE = {rate} ") for rate in (2, 5, 16)],
}
# Besides the slips of tests/mutations.py.
WRONG = {
    "mx_dot": {
        "minus zero is worth a little": (
            "E2M1_HALVES[(a_piece >> (4 * i)) & 0xF]",
            "(*E2M1_HALVES[:8], -1, *E2M1_HALVES[9:])[(a_piece >> (4 * i)) & 0xF]",
        ),
        "the largest sum wraps": ("dot.next = total", "dot.next = (total + 4608) % 9216 - 4608"),
        "the sum keeps 13 bits": ("dot.next = total", "dot.next = (total + 4096) % 8192 - 4096"),
        "the smallest sum saturates one early": ("dot.next = total", "dot.next = max(total, -4607)"),
        "the elements of b come in reverse": (
            "b_piece = int(b >> (PIECE_BITS * piece))",
            "b_piece = int(b >> (PIECE_BITS * (PIECES - 1 - piece)))",
        ),
        "two neighbours change places": (
            "[(a_piece >> (4 * i)) & 0xF]",
            "[(a_piece >> (4 * (i ^ 1 if i < 6 else i))) & 0xF]",
        ),
        "a is multiplied by itself": ("int(b >> (PIECE_BITS", "int(a >> (PIECE_BITS"),
        "the sum is rounded to even": ("dot.next = total", "dot.next = total - total % 2"),
        "a mask is a bit short": ("PIECE_MASK = (1 << PIECE_BITS) - 1", "PIECE_MASK = (1 << (PIECE_BITS - 1)) - 1"),
        "a subnormal element counts as zero": (
            "a_halves * b_halves",
            "(a_halves if abs(a_halves) > 1 else 0) * b_halves",
        ),
    },
    "mx_quantise": {
        "the largest is remembered for ever": ("if beat != 0:", "if beat >= 0:"),
        "ties go away from zero": ("if (kept & 2) != 0 or (kept << shift) != significand:", "if True:"),
        "what is cut off counts as nothing": ("(kept << shift) != significand", "False"),
        "it cuts instead of rounding": ("kept = kept + 1", "kept = kept + 0"),
        "all is E2M1": ("element = int(fmt)", "element = 0"),
        "the scale is a binade too large": ("dst.scale.next = divisor", "dst.scale.next = divisor + (divisor < 254)"),
        "words past the end scale": ("if i < count and magnitude", "if magnitude"),
    },
    "scale_round": {
        "ties go towards zero": ("dropped > half or (dropped == half and (significand & 1) == 1)", "dropped > half"),
        "the tie looks at the dropped bits": ("(significand & 1) == 1", "(dropped & 1) == 1"),
        "subnormals are flushed": (
            "exponent = 1\n        else",
            "exponent = 1\n            significand = 0\n        else",
        ),
        "a NaN scale of a is ignored": ("if a == E8M0_NAN or b == E8M0_NAN", "if b == E8M0_NAN"),
        "a NaN scale gives infinity": ("value.next = CANONICAL_NAN", "value.next = INFINITY"),
        "zero wins over NaN": (
            "if a == E8M0_NAN or b == E8M0_NAN",
            "if total != 0 and (a == E8M0_NAN or b == E8M0_NAN)",
        ),
        "overflow goes to the largest": ("magnitude = INFINITY", "magnitude = INFINITY - 1"),
        "only one scale counts": ("exponent = a + b + BASE", "exponent = a + a + BASE"),
        "a shift stops early": ("significand < (1 << 23) and exponent > 1", "significand < (1 << 23) and exponent > 2"),
    },
    "dot_unit": {
        "a sum is passed on to another slot": ("accumulate and slot == fetch_slot", "accumulate and slot == read_slot"),
        "the first pass is forgotten": ("high_held.next = high_held + high", "high_held.next = high"),
        "a NaN of the first pass is forgotten": ("nan_held or nan or scale_nan", "nan or scale_nan"),
        "operands count that are none": ("if valid:", "if True:"),
        "W4A8 has the unit of MXFP8": ("W4A8_MMA.unit_exponent", "MXFP8_MMA.unit_exponent"),
        "BF16 is aligned a place off": ("largest + BF16_UNIT", "largest + BF16_UNIT + 1"),
        "a slot begins with what it held": ("if first:", "if first and not accumulate:"),
        "a scale counts twice": ("base + int(a_scale) + int(b_scale)", "base + int(a_scale) + int(a_scale)"),
    },
    "e2m1_decode": {
        "no subnormal": ("E2M1_HALVES[int(code)]", "(E2M1_HALVES[int(code)] if int(code) & 7 != 1 else 0)"),
        "two's complement": ("E2M1_HALVES[int(code)]", "(int(code) if code < 8 else int(code) - 16)"),
        "the bias is off": ("E2M1_HALVES[int(code)]", "E2M1_HALVES[int(code)] // 2"),
        "six saturates to four": ("E2M1_HALVES[int(code)]", "max(-8, min(8, E2M1_HALVES[int(code)]))"),
    },
    "e8m0_decode": {
        "the bias is one off": ("int(code) << FRACTION", "(int(code) - 1) << FRACTION"),
        "byte 0 is the smallest subnormal": ("value.next = SMALLEST_SCALE", "value.next = 1"),
        "byte 254 is infinity": ("if code == E8M0_NAN", "if code >= E8M0_NAN - 1"),
    },
    "arbiter": {
        "who is alone is not remembered": (
            "if first.valid or second.valid:\n            owner",
            "if first.valid and second.valid:\n            owner",
        ),
        "the second side always wins": (TURN, "choice.next = True"),
        "both are told to go": ("first.ready.next = dst.ready and not choice", "first.ready.next = dst.ready"),
        "valid waits for ready": (
            "dst.valid.next = first.valid or second.valid",
            "dst.valid.next = (first.valid or second.valid) and dst.ready",
        ),
        "the turn passes without a transfer": ("standing.next = not dst.ready", "standing.next = dst.ready"),
    },
    "arbiter_stores_first": {
        "nothing is changed": (TURN, "choice.next =  not owner"),
        "the other side goes first": (TURN, "choice.next = False"),
        "a standing command gives way": ("if standing:", "if standing and not second.valid:"),
        "the first side never goes": ("choice.next = second.valid", "choice.next = True"),
        "stores go first only once": (TURN, "choice.next = not owner or dst.ready"),
    },
    "refresher": {
        "the interval is two CK short": ("count.next = interval - 1", "count.next = interval - 3"),
        "a refresh starts the count again": (
            "count.next = count - 1",
            "count.next = interval - 1 if rise_op == REFAB else count - 1",
        ),
        "a refresh in the same CK wins": (
            "due.next = enable\n        else",
            "due.next = enable and rise_op != REFAB\n        else",
        ),
        "it calls once": ("due.next = enable", "due.next = enable and start != interval and not due"),
    },
    "fifo": {
        "it takes while it gives": ("src.ready.next = level < depth", "src.ready.next = level < depth or dst.ready"),
        "it is a place short": ("src.ready.next = level < depth", "src.ready.next = level < depth - 1"),
        "push and pop count as a push": (
            "if (pass_on or keep) and not (dst.valid and dst.ready)",
            "if (pass_on or keep)",
        ),
        "the tail wraps late": ("if tail == depth - 1:", "if tail == depth - 2:"),
        "a lone payload is passed over": (
            "pass_on.next = push and (level == 0 or (level == 1 and pop))",
            "pass_on.next = push and level == 0",
        ),
    },
    "signature": {
        "the register is only turned": ("^ total ^ TAPS", "^ total"),
        "the bit that leaves is lost": ("if value[SIGNATURE_BITS - 1]:", "if False:"),
        "a tap is missing": ("TAPS = 1 << 22 | 1 << 2 | 1 << 1", "TAPS = 1 << 22 | 1 << 2"),
        "the second word is left out": ("for index in range(1, words)", "for index in range(2, words)"),
        "the words are added up": ("total.next = before ^ own", "total.next = (before + own) % (1 << SIGNATURE_BITS)"),
        "the pins count twice": ("folds = [take(whole, sums[0], 0)]", "folds = [take(whole, sums[0], words - 1)]"),
    },
    "trap_check": {
        "a ragged panel is forgotten": ("(int(rows) + STEP_ROWS - 1) // STEP_ROWS", "int(rows) // STEP_ROWS"),
        "every load takes a panel too many": ("(int(rows) + STEP_ROWS - 1)", "(int(rows) + STEP_ROWS)"),
        "opcode 0 is a wait": ("elif opcode == WAIT:", "elif opcode == WAIT or opcode == 0:"),
    },
    "mover": {
        "a panel begins in the last row of the one before": (
            " address.next = (int(panel_base) + int(stride) * STEP_ROWS)", " address.next = int(address)"
        ),
        "a step begins behind the last row": ("(int(panel_base) + int(k_step) + 1)", "(int(address) + 1)"),
        "rows lie side by side": ("(int(address) + int(stride))", "(int(address) + 1)"),
        "addresses do not move": ("(int(address) + int(stride))", "int(address)"),
    },
    "activate_window": {
        "the oldest is forgotten when the next may start": ("== ((ck + LOOK_AHEAD) & last_ck)", "== ck"),
        "three fill the window": ("shut.next = count == window", "shut.next = count >= window - 1"),
        "an ACT shuts the gate": ("shut.next = count == window", "shut.next = count == window or rise_op == ACT"),
    },
    "mma_issue": {
        "second passes do not count": ("group = 2 * group", "group = group"),
        "the pause is a cycle short": ("pause.next = latency - group", "pause.next = latency - group - 1"),
        "any short group pauses as one step does": ("pause.next = latency - group", "pause.next = latency - 1"),
        "there is always a pause": ("if group < latency:", "if group <= latency:\n                pause.next = 1\n"
                                    "            elif group < latency:"),
        "a pause stands behind a result": ("if not (ending and makes_result):", "if True:"),
        "the sides change places": ("((down + rows - 1) >> row_shift)", "((across + rows - 1) >> row_shift)"),
        "columns come last": ("if step.sub_col != last_col:", "if step.sub_col != last_col and step.sub_row == 0:"),
    },
    "starved_tile": {
        "draining shows what blocked does": ("counts.draining != was_draining", "counts.blocked != was_blocked"),
        "blocked is added twice": ("counts.starved + counts.blocked +", "counts.starved + 2 * counts.blocked +"),
        "starved is not shown": ("counts.starved != was_starved", "False"),
        "busy is shown for good": ("counts.busy != was_busy", "counts.busy != 0"),
        "starved shows what busy does": ("was_starved.next = counts.starved", "was_starved.next = counts.busy"),
    },
}
# Slips that do nothing in the cell's own setting: its refreshes are enabled, its dot unit has all formats and an adder
# of one cycle.
SAME_HERE = {"refresher": {"it always calls"}, "dot_unit": {"a's scale stands for b's", "the adder is a cycle short"}}


@cache
def stimulus(name: str) -> dict:
    """As the page gets it: through JSON."""
    return json.loads(json.dumps(live(name)))


def outcome(name: str, change: tuple[str, str] | None = None) -> str:
    path = ROOT / (stimulus(name)["module"].replace(".", "/") + ".py")
    source = path.read_text(encoding="utf-8")
    if change is not None:
        assert source.count(change[0]) == 1, f"{change[0]!r} stands {source.count(change[0])} times in {path.name}"
        source = source.replace(*change)
    record = attempt(stimulus(name), source)
    assert not record["error"] or change is not None
    return report(record)["outcome"]


def variants() -> list[tuple[str, str]]:
    return [(name, slip) for name in LIVE for slip in wrong(name)]


def wrong(name: str) -> dict[str, tuple[str, str]]:
    path = stimulus(name)["module"].replace(".", "/") + ".py"
    known = MUTATIONS.get(path, {}) if name == Path(path).stem else {}
    return {slip: change for slip, change in (known | WRONG[name]).items() if slip not in SAME_HERE.get(name, ())}


@pytest.mark.parametrize("name", [name for name in LIVE if name != "arbiter_stores_first"])
def test_the_block_itself_is_right(name):
    assert outcome(name) == "right"


@pytest.mark.parametrize(("name", "change"), [(name, each) for name, list_ in RIGHT.items() for each in list_])
def test_another_way_to_say_the_same_is_right(name, change):
    assert outcome(name, change) == "right"


@pytest.mark.parametrize(("name", "slip"), variants())
def test_a_plausible_slip_is_found(name, slip):
    assert outcome(name, wrong(name)[slip]) == "wrong"


@pytest.mark.parametrize("name", LIVE)
def test_there_are_five_slips_or_more_for_each(name):
    assert len(wrong(name)) >= 5


def test_the_vectors_are_the_same_each_time():
    assert {name: live(name) for name in LIVE} == {name: stimulus(name) for name in LIVE}


def test_unknown_vectors_are_named():
    with pytest.raises(ValueError, match="live vectors 'mx_dots': expected one of e2m1_decode"):
        live("mx_dots")
