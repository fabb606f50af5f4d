"""What a tile has been told to run, and the lines that it must store: beside the cycle model, which knows only when."""

from zhenwu.cosim.harness.tile_results import Results


class Program:
    """The tile's program memory as it was filled, and what the run under way stores.

    `wdata` is the line on offer: the cycle model says that there is one and for which address.
    """

    def __init__(self, half_steps: int):
        self.half_steps = half_steps
        self.words: dict[int, int] = {}
        self.results = Results()
        self.wdata: int | None = None

    def restart(self) -> None:
        """A reset: nothing runs; the words stay."""
        self.results.begin((), self.half_steps)
        self.wdata = None

    def offer(self, address: int | None) -> int | None:
        """The line that the tile offers, given its address or None."""
        if address is None:
            self.wdata = None
        elif self.wdata is None:
            expected, self.wdata = self.results.store()
            if expected != address:
                raise RuntimeError(f"the cycle model stores line {address:#x}, the golden one {expected:#x}")
        return self.wdata

    def step(self, code: tuple[int, int] | None, begins: int | None, line: int | None, stored: bool) -> None:
        """One rising edge at which `code` and `line` are taken, `begins` instructions start, the line on offer is
        `stored`.
        """
        if code is not None:
            self.words[code[0]] = code[1]
        if begins is not None:
            self.results.begin([self.words[index] for index in range(begins)], self.half_steps)
        if line is not None:
            self.results.load(line)
        if stored:
            self.wdata = None
