"""What the study runs, by the question that a group of cells answers."""

from dataclasses import replace

from zhenwu.agent.mind import Format
from zhenwu.agent.session import Harness
from zhenwu.spec.agent_session import STRESS as STRESS_SESSION
from zhenwu.spec.qwen_max import TOOL_CALLS
from zhenwu.study.cell import Cell, Opinions, Voice

FP32, BF16, MXFP8, NVFP4 = (Format(name) for name in ("fp32", "bf16", "mxfp8", "nvfp4"))
W4A8, W4A8_EVEN = Format("w4a8"), Format("w4a8", "even")
MXFP4 = {rule: Format("mxfp4", rule) for rule in ("floor", "even", "rceil")}
ROTATED = {rule: Format("mxfp4", rule, hadamard=True) for rule in ("floor", "even")}

REPORTED_CALLS, STRESS_CALLS = int(TOOL_CALLS.value), int(STRESS_SESSION.calls.value)
SHORT = Harness(calls=100)
LONG, STRESS = Harness(calls=REPORTED_CALLS), Harness(calls=STRESS_CALLS)
CONTEXTS = (64, 256, 1000, 2000)

PLAIN = tuple(Voice("plain", how) for how in (
    FP32, BF16, MXFP8, W4A8, W4A8_EVEN, NVFP4, *MXFP4.values(), *ROTATED.values(),
))
TRAINED = tuple(Voice("qat", how) for how in (FP32, W4A8_EVEN, MXFP4["even"], MXFP4["floor"], ROTATED["even"]))
# Opinions as narrow as the first, four bits for weights and activations: of its own training; each of another one.
KIN = Opinions("kin", Voice("plain", MXFP4["even"]), Voice("qat", ROTATED["even"]))
OTHERS = Opinions("others", Voice("small", MXFP4["even"]), Voice("large", MXFP4["even"]))


def cells(quick: bool = False) -> dict[str, list[Cell]]:
    """The cells by group; with `quick` as few sessions as make sense."""
    groups = {
        "formats": [Cell(voice, SHORT, 200) for voice in PLAIN],
        "kv": [
            Cell(Voice("plain", Format(kv=kv)), Harness(limit=limit, calls=100), 64, batch=64)
            for limit in CONTEXTS for kv in ("fp32", "fp8", "mxfp8", "mxfp4")
        ],
        "remedies": [
            *(Cell(voice, SHORT, 200) for voice in TRAINED),
            Cell(Voice("plain", MXFP4["floor"]), SHORT, 200, KIN),
            Cell(Voice("qat", MXFP4["floor"]), SHORT, 200, KIN),
            Cell(Voice("plain", MXFP4["floor"]), SHORT, 200, OTHERS),
        ],
        "control": [
            Cell(Voice("plain", MXFP4["floor"]), replace(LONG, kind=kind), 32, batch=32) for kind in ("reset", "carry")
        ],
        "headline": [
            Cell(Voice("plain", FP32), LONG, 440),
            Cell(Voice("qat", W4A8_EVEN), LONG, 220),
            Cell(Voice("qat", MXFP4["even"]), LONG, 220),
            Cell(Voice("qat", MXFP4["even"]), LONG, 220, KIN),
            Cell(Voice("qat", MXFP4["even"]), LONG, 220, OTHERS),
        ],
        "stress": [Cell(Voice("qat", MXFP4["even"]), STRESS, 200, OTHERS)],
    }
    if not quick:
        return groups
    return {name: [few(cell) for cell in group] for name, group in groups.items()}


def few(cell: Cell, sessions: int = 4, calls: int = 25) -> Cell:
    """The same cell with few and short sessions, for a trial."""
    shorter = replace(cell.harness, calls=min(calls, cell.harness.calls or calls))
    return replace(cell, sessions=sessions, harness=shorter)
