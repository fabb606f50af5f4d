"""What `hdl/harness/tile_traffic.py` drives, in plain Python."""

from hdl.harness.lfsr import DRAW_BITS
from hdl.harness.tile_traffic import REST, REST_CYCLES, SALTS
from zhenwu.cosim.harness.signature import first_draw, next_draw
from zhenwu.cosim.harness.tile_host import TileHost


class Traffic:
    """The draws, the host on them, and whether the tile is in `reset`."""

    def __init__(self, seed: int, restless: bool, half_steps: int, rest_bits: int):
        self.restless, self.half_steps = restless, half_steps
        self.rest_lsb = DRAW_BITS - rest_bits
        self.draws = [first_draw(seed, salt) for salt in SALTS]
        self.resting = 0
        self.host = TileHost(half_steps)

    @property
    def draw(self) -> int:
        """For what surrounds the tile."""
        return self.draws[-1]

    @property
    def reset(self) -> bool:
        return self.resting > 0

    def step(self, code_ready: bool, done: bool) -> None:
        """One rising edge."""
        if self.resting:
            self.resting -= 1
            self.host = TileHost(self.half_steps)
        else:
            if self.restless and self.draws[0] >> self.rest_lsb == REST:
                self.resting = REST_CYCLES
            self.host.step(self.draws, code_ready, done)
        self.draws = [next_draw(draw) for draw in self.draws]
