"""Right and wrong answers to the exercises of "The sequencer and the tile mover", as `answers.py` has the others."""

from typing import Any

from tests.exercises.converted import live_cells, live_source

WRAP = "% 2**ADDRESS_BITS"
LINES = (  # the next row, the next step, the next panel
    f"address.next = (int(address) + int(stride)) {WRAP}",
    f"address.next = (int(panel_base) + int(k_step) + 1) {WRAP}",
    f"address.next = (int(panel_base) + int(stride) * STEP_ROWS) {WRAP}",
)


def package(file: str) -> str:
    return live_source(f":source: {file}", exchange=False)


def mover(*lines: str) -> str:
    """The page's mover with these three lines in the place of the reader's."""
    head, *rest = live_cells("sequencer_and_mover")["mover_write"][1].split("address.next = address  # your line")
    assert len(rest) == len(lines) == 3
    return head + "".join(line + after for line, after in zip(lines, rest, strict=True))


def by_hand(base: int, outer: tuple[int, int], inner: tuple[int, int]) -> list[int]:
    (times, far), (more, near) = outer, inner
    return [(base + i * far + j * near) % 2**23 for i in range(times) for j in range(more)]


SEQUENCER_RIGHT: dict[str, Any] = {
    "trap_check_bug": package("hdl/tile/trap_check.py").replace("+ STEP_ROWS - 1) // STEP_ROWS", "+ 15) >> 4"),
    "ex-outstanding": lambda latency, rate: (latency + rate) // rate,
    "ex-rounds": by_hand,
    "ex-banks": lambda rows, k_steps, banks: k_steps - 1 if rows % banks == 1 else 0,
    "ex-walk": mover(
        f"address.next = (int(stride) + int(address)) {WRAP}",
        f"address.next = (int(panel_base) + (int(k_step) + 1)) {WRAP}",
        f"address.next = (int(panel_base) + 16 * int(stride)) {WRAP}",
    ),
}
SEQUENCER_WRONG: dict[str, Any] = {
    "trap_check_bug": package("hdl/tile/trap_check.py").replace("+ STEP_ROWS - 1)", "+ STEP_ROWS)"),
    "ex-outstanding": lambda latency, rate: -(-latency // rate),  # Little's law alone
    "ex-rounds": lambda base, outer, inner: [base + i * outer[1] + j * inner[1]
                                             for i in range(outer[0]) for j in range(inner[0])],  # beyond memory
    "ex-banks": lambda rows, k_steps, banks: k_steps - 1 if rows == 1 else 0,
    "ex-walk": mover(LINES[0], f"address.next = (int(address) + 1) {WRAP}", LINES[2]),  # right for a single row
}
