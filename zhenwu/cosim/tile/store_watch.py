"""The bench round the store path: the residual buffer that it reads, and a look at every edge."""

from collections.abc import Iterator
from random import Random

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.bench.stalls import Stalls
from hdl.bundle import LINE_BITS
from zhenwu.cosim.lockstep import PinBoard, Values
from zhenwu.cosim.tile.store_work import Work, to_int
from zhenwu.cycle.tile.store_path import StorePath
from zhenwu.spec.isa import RESIDUAL_STEPS, STEP_ROWS, decode

HALF_LINES = STEP_ROWS * RESIDUAL_STEPS
LATE_CYCLES = 180  # more than the stores before the first one that adds take


def residuals(pins, todo: Work, stalls: Stalls, seed: int) -> Iterator:
    """Play the residual buffer: fill each half when it is free, in the order of the loads, and not before its time.

    A half that is not full holds words that must not be added. Its last line is written at the edge at which its flag
    rises, as by `residual_buffer`. The first load is late.
    """
    random = Random(seed)
    while True:
        memory = [random.getrandbits(LINE_BITS) for _ in range(2 * HALF_LINES)]
        waiting = [list(loads) for loads in todo.loads]
        full = age = 0
        pins["residual_full"].next = 0
        while True:
            yield pins["clk"].posedge
            if pins["rst"]:
                break
            pins["residual_line"].next = memory[int(pins["residual_address"].val)]
            freed = int(pins["residual_free"].val)
            age += 1
            for half in (0, 1):
                lines = slice(half * HALF_LINES, (half + 1) * HALF_LINES)
                if freed >> half & 1:
                    full &= ~(1 << half)
                    memory[lines] = [random.getrandbits(LINE_BITS) for _ in range(HALF_LINES)]
                elif not full >> half & 1 and waiting[half] and age > LATE_CYCLES and not next(stalls):
                    memory[lines] = [to_int(line) for line in waiting[half].pop(0).reshape(HALF_LINES, -1)]
                    full |= 1 << half
            pins["residual_full"].next = full


class Watch:
    """What happened so far. It raises `discard` at the end and `suppress` at `strike`, and steps the cycle model."""

    def __init__(self, pins, todo: Work, coverage: Coverage, cols: int, strike: int | None = None):
        self.pins = pins
        self.todo = todo
        self.coverage = coverage
        self.cols = cols
        self.strike = strike
        self.done = Scoreboard([{"stores_too_early": 0}] * len(todo.results))
        self.freed = Scoreboard(todo.frees)
        self.written = {"cmd": Scoreboard([]), "wdata": Scoreboard([])}
        self.timing = PinBoard(pins)
        self.restart()

    def boards(self) -> dict[str, Scoreboard]:
        """What is asked after the run."""
        return {"store_done": self.done, "residual_free": self.freed, "cycle by cycle": self.timing.board}

    def restart(self) -> None:
        """Expect everything from the start."""
        self.model = StorePath(self.cols)
        self.lines = {"cmd": 0, "wdata": 0}  # taken by memory
        self.beats = self.stores = 0  # taken by the block
        self.limit: int | None = None  # of lines, once poison has struck
        self.done.restart()
        self.freed.restart()
        for board, items in zip(self.written.values(), zip(*self.todo.lines, strict=True), strict=True):
            field = "line_address" if board is self.written["cmd"] else "data"
            board.expected = [{field: item} for item in items]
            board.restart()

    def follow(self) -> Iterator:
        """Look at every edge."""
        pins = self.pins
        while True:
            yield pins["clk"].posedge
            if pins["rst"]:
                pins["discard"].next = pins["suppress"].next = False
                self.restart()
                continue
            if pins["suppress"] and self.limit is None:
                self.settle_limit()
            if pins["store_done"]:
                self.store_ends()
            beat = bool(pins["src"].valid and pins["src"].ready and self.active)
            if not self.timing.board.wrong:  # after that the two go different ways
                self.timing.compare(self.expected())
                self.count()
                self.advance(beat)
            for name in self.lines:
                self.lines[name] += bool(pins[name].valid and pins[name].ready)
            self.beats += beat
            self.stores += bool(pins["instr"].valid and pins["instr"].ready)
            if pins["residual_free"]:
                self.freed.receive(Transfer(cycle(), {"free": int(pins["residual_free"].val), "beats": self.beats}))
            pins["discard"].next = self.done.complete
            pins["suppress"].next = self.strike is not None and self.lines["cmd"] >= self.strike

    @property
    def active(self) -> bool:
        """Whether the last store that was taken waits for beats."""
        return self.stores > 0 and self.beats < self.todo.beat_ends[self.stores - 1]

    def expected(self) -> Values:
        """What the pins must show in this cycle by the model; payloads that nobody looks at are left out."""
        pins, model = self.pins, self.model
        takes = model.takes(model.room(bool(pins["cmd"].ready), bool(pins["wdata"].ready)))
        values = {
            "cmd.valid": model.cmd is not None, "wdata.valid": model.wdata is not None, "store_done": model.done,
            "src.ready": takes or (bool(pins["discard"]) and not model.active),
            "residual_free": model.freed(takes and bool(pins["src"].valid)),
        }
        if pins["instr"].valid:
            values["instr.ready"] = model.accepts(decode(int(pins["instr"].word.val)))
        return {name: int(value) for name, value in values.items()}

    def advance(self, beat: bool) -> None:
        """The model's edge, by what the pins show."""
        pins = self.pins
        store = decode(int(pins["instr"].word.val)) if pins["instr"].valid and pins["instr"].ready else None
        ready = bool(pins["cmd"].ready), bool(pins["wdata"].ready)
        self.model.step(store, beat, *ready, bool(pins["suppress"]), int(pins["residual_full"].val))

    def settle_limit(self) -> None:
        """The block has seen `suppress` at this edge: the lines that it offers now are the last ones."""
        self.limit = self.lines["cmd"] + bool(self.pins["cmd"].valid)
        for board in self.written.values():
            del board.expected[self.limit :]
        self.coverage.hit("cp_suppressed_midway", 0 < self.limit < len(self.todo.lines))

    def has_ended(self, index: int) -> bool:
        """Whether all beats of a store came, and memory has all its lines, as far as they are written."""
        due = self.todo.line_ends[index]
        lines = due - (0, *self.todo.line_ends)[index]
        due = due if self.limit is None else min(self.limit, due)
        return self.beats >= self.todo.beat_ends[index] and (not lines or min(self.lines.values()) >= due)

    def store_ends(self) -> None:
        """A pulse of `store_done`: so many stores must have ended before."""
        ended = sum(map(self.has_ended, range(self.stores)))
        early = max(0, self.done.received + 1 - ended)
        self.done.receive(Transfer(cycle(), {"stores_too_early": early}))
        begin = (0, *self.todo.line_ends)[min(self.done.received, len(self.todo.results)) - 1]
        self.coverage.hit("cp_suppressed_all", self.limit is not None and begin >= self.limit)

    def count(self) -> None:
        """The situations of one cycle."""
        cmd, wdata, src, instr = (self.pins[name] for name in ("cmd", "wdata", "src", "instr"))
        model, hit = self.model, self.coverage.hit
        moves = bool(src.valid and src.ready)
        ahead = self.done.received < self.stores - 1
        line = model.complete.row_line if model.complete is not None else None
        reading = model.mx_lines.reading is not None
        hit("cp_back_to_back", model.active and moves and ahead)
        hit("cp_wdata_first", bool(cmd.valid and not wdata.valid))
        hit("cp_cmd_first", bool(wdata.valid and not cmd.valid))
        hit("cp_beats_wait", model.active and bool(src.valid and not src.ready) and not model.waiting)
        hit("cp_discarded", moves and not model.active)
        hit("cp_residual_late", model.waiting)
        hit("cp_next_block_behind", line is not None and reading and not line.ends and model.mx_lines.takes(line))
        hit("cp_next_block_waits", line is not None and not model.mx_lines.takes(line))
        hit("cp_block_waits", bool(instr.valid and not instr.ready) and not model.active)
        hit("cp_two_ends", model.owed)
