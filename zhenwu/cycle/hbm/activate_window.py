"""The window rule of ACTs: not more than four in any nFAW CK. Chapter: the controller and its limits."""

from collections import deque


class ActivateWindow:
    """Remembers the last `window` ACTs; the next one starts at least `gap` CK after the first of them."""

    def __init__(self, window: int, gap: int):
        self.gap = gap
        self.starts: deque[int] = deque(maxlen=window)

    def opens(self, ck: int) -> bool:
        """Whether an ACT may start in CK `ck`."""
        return len(self.starts) < self.starts.maxlen or self.starts[0] + self.gap <= ck

    def step(self, now: int, activate: bool) -> None:
        """An ACT starts in CK `now`, or none."""
        if activate:
            self.starts.append(now)
