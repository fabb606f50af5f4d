"""What the array did in each cycle of a program, counted. Chapter: the array and its utilisation."""

ACTIVITIES = {
    "busy": "multiplies",
    "blocked": "has its operands and waits for accumulators, that are being drained or in the adder's loop",
    "draining": "has done its last mma, and results leave",
    "starved": "waits for operands, or for instructions",
}


class Counters:
    """Cycles of the program at work, or of the last one, by activity, and the conflicts of its lines for banks."""

    def __init__(self):
        self.cycles = dict.fromkeys(ACTIVITIES, 0)
        self.conflicts = 0

    def step(self, start: bool, running: bool, activity: str, conflict: bool) -> None:
        """One rising edge: `start` begins a program, in a cycle that is starved; `activity` is that of any other."""
        if start:
            self.cycles, self.conflicts = dict.fromkeys(ACTIVITIES, 0) | {"starved": 1}, 0
        elif running:
            self.cycles[activity] += 1
            self.conflicts += conflict


def activity(busy: bool, blocked: bool, draining: bool) -> str:
    """The first that holds."""
    return "busy" if busy else "blocked" if blocked else "draining" if draining else "starved"
