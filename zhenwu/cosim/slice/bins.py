"""Where tile and controller meet: the situations to look for, counted on both cycle models."""

from collections.abc import Iterator, Sequence

from hdl.bench.coverage import Coverage
from zhenwu.cosim.tile.host import Job
from zhenwu.cosim.tile.tile_bench import HALF_STEPS
from zhenwu.cycle.hbm.controller import BANK_GROUPS, Controller
from zhenwu.cycle.tile.tile import Tile
from zhenwu.golden.tile.sequencer import sequencer
from zhenwu.spec.formats import BLOCK_SIZE
from zhenwu.spec.hbm3 import REFAB
from zhenwu.spec.isa import BAD_INSTRUCTION, STATUS_CODE, STEP_ROWS, Load
from zhenwu.spec.mma_formats import MXFP4_OPERAND

BINS = {
    "cp_refresh_during_mma": "an all-bank refresh begins while the array multiplies",
    "cp_starved_by_refresh": "the array waits for operands that a refresh holds back",
    "cp_starved": "an mma waits for its operands",
    "cp_blocked": "an mma waits for accumulators, since lines of results wait for the controller",
    "cp_store_waits": "a line of a result waits for the controller",
    "cp_read_and_write_meet": "mover and store path want the port in the same cycle",
    "cp_turn": "DQ turns to writes while reads of the mover wait",
    "cp_loads_what_was_stored": "a load gets a line that still waits to be written",
    "cp_one_bank_group": "all rows of a load lie in one bank group: the long gap between column commands binds",
    "cp_reset_in_mma": "a reset falls while the array multiplies",
    "cp_reset_with_stores": "a reset falls while lines of a result wait to be written",
    "cp_k_in_parts": "k longer than a half: the sum goes on over several loads",
    "cp_several_programs": "more work than the program memory holds",
    "cp_one_by_one": "the smallest matmul",
    "cp_ragged_everywhere": "m, n and k all ragged",
    "cp_start_while_running": "a start while a program runs changes nothing",
    "cp_line_twice": "a line waits twice to be written: what is loaded must be the younger",
    "cp_program_memory_full": "a program fills the whole program memory",
    "cp_wide_strides": "rows lie far apart: strides of more than 12 bits",
    "cp_trap": "a bad instruction ends the program, those before it finish",
}


class Situations:
    """Counts them, CK by CK."""

    def __init__(self, coverage: Coverage):
        self.coverage = coverage
        self.refresh_left = 0

    def count(self, tile: Tile, controller: Controller) -> None:
        """One CK, before the models' edge."""
        hit, activity, store = self.coverage.hit, tile.activity, tile.store_path
        begins = controller.pins.rise == REFAB
        self.refresh_left = controller.timing.total("nRFCab") if begins else max(0, self.refresh_left - 1)
        hit("cp_refresh_during_mma", begins and activity == "busy")
        hit("cp_starved_by_refresh", self.refresh_left > 0 and activity == "starved")
        hit("cp_starved", activity == "starved")
        waits = store.cmd is not None and not (tile.writes and controller.cmd_ready)
        hit("cp_store_waits", waits)
        hit("cp_blocked", waits and activity == "blocked")
        hit("cp_read_and_write_meet", store.cmd is not None and tile.mover.cmd is not None)
        writing, _ = controller.direction.choose(controller.now, controller.reads, controller.writes)
        hit("cp_turn", writing and not controller.direction.was_writing and controller.reads.ready > 0)
        entering = controller.admission.entering
        hit("cp_loads_what_was_stored", entering is not None and entering.forwarded)
        places = [write[:3] for write in controller.writes.requests]
        hit("cp_line_twice", len(set(places)) < len(places))

    def knocked(self) -> None:
        """`start` is high while a program runs."""
        self.coverage.hit("cp_start_while_running")

    def at_reset(self, tile: Tile, controller: Controller) -> None:
        """A reset: the models are as they were before it."""
        self.coverage.hit("cp_reset_in_mma", tile.activity == "busy")
        self.coverage.hit("cp_reset_with_stores", controller.writes.count > 0)
        self.refresh_left = 0


def count_jobs(jobs: Sequence[Job], coverage: Coverage) -> None:
    """The situations that the jobs themselves hold."""
    depth = max(job.program_depth for job in jobs)
    for job in jobs:
        m, n, k = job.shape
        coverage.hit("cp_program_memory_full", depth in map(len, job.programs))
        coverage.hit("cp_wide_strides", any(load.element_stride >> 12 for load in loads(job)))
        coverage.hit("cp_one_bank_group", any(map(in_one_bank_group, loads(job))))
        coverage.hit("cp_k_in_parts", k > HALF_STEPS * MXFP4_OPERAND.line_elements)
        coverage.hit("cp_several_programs", len(job.programs) > 1)
        coverage.hit("cp_one_by_one", (m, n, k) == (1, 1, 1))
        coverage.hit("cp_ragged_everywhere", m % STEP_ROWS > 0 and n % STEP_ROWS > 0 and k % BLOCK_SIZE > 0)
        ends = [word & (1 << STATUS_CODE.width) - 1 for word in job.statuses]
        coverage.hit("cp_trap", BAD_INSTRUCTION in ends)


def loads(job: Job) -> Iterator[Load]:
    """The loads of a job, up to a word that traps."""
    for words in job.programs:
        instructions, _ = sequencer(words, HALF_STEPS)
        yield from (instruction for instruction in instructions if isinstance(instruction, Load))


def in_one_bank_group(load: Load) -> bool:
    """Whether the rows of a load follow each other in one bank group, under the map RoBaCoBg."""
    return load.rows > 1 and load.element_stride % BANK_GROUPS == 0
