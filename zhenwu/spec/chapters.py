"""The chapters of the book, written and planned, and the running example that goes through all of them.

One agent session asks for one decode step, and a decode step is made of dot products of blocks: each chapter takes a
piece of that and hands one on. Whether a chapter is written is not said here: it is when the book has its page.
"""

from dataclasses import dataclass
from typing import NamedTuple

from zhenwu.spec.claim import Claim
from zhenwu.spec.claims import served_by

RUNGS = (
    "gates", "Verilog", "RTL", "golden", "tile and memory", "chip", "model", "agent", "rack", "service", "co-design"
)
PARTS = ("The workload", "The tile", "The memory", "The chip", "The rack and the service", "Co-design", "Appendices")
ASIDE = ("sessions_made_up",)  # chapters beside the path of the running example, which passes them by
WORKLOAD, TILE, MEMORY, CHIP, RACK, CODESIGN, APPENDICES = PARTS


class Handover(NamedTuple):
    """A piece of the running example in words, and the key of its number where a page holds one."""

    words: str
    key: str = ""


@dataclass(frozen=True)
class Chapter:
    """One page of the book, by its file's stem.

    `rungs` is where it stands on the ladder. `needs` are stems of chapters, or what a reader must know, in words.
    A chapter that is not written promises no minutes and no numbers. An unknown rung or part raises ValueError.
    """

    stem: str
    title: str
    part: str
    rungs: tuple[str, ...]
    received: Handover
    handed_on: Handover
    needs: tuple[str, ...] = ()
    minutes: int = 0

    def __post_init__(self):
        unknown = [rung for rung in self.rungs if rung not in RUNGS]
        if unknown or not self.rungs:
            given = ", ".join(unknown) or "no rung"
            raise ValueError(f"{self.stem} stands on {given}: expected rungs among {', '.join(RUNGS)}")
        if self.part not in PARTS:
            raise ValueError(f'{self.stem} is in part "{self.part}": expected one of {", ".join(PARTS)}')

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims of the article that it bears on, as the claims say."""
        return served_by(self.stem)


CHAPTERS = (
    Chapter(
        "what_an_agent_asks", "What an agent asks of silicon", WORKLOAD, ("agent", "service"),
        Handover("the article's picture of an agent that works alone, for so long", "q37max.hours"),
        Handover("one decode step of a recorded session's median context, in bytes", "what_an_agent_asks:step_gb"),
        ("arithmetic; no hardware and no model yet",), 40,
    ),
    Chapter(
        "sessions_made_up", "Sessions that never happened", WORKLOAD, ("agent",),
        Handover("quantiles of recorded sessions, of which this package may not pass on a row",
                 "what_an_agent_asks:context"),
        Handover("as many sessions as one likes, made up from a seed; of each quantity that we hold them to, how far "
                 "off they are", "sessions_made_up:worst"),
        ("what_an_agent_asks",), 25,
    ),
    Chapter(
        "transformer_counted", "A Qwen-style transformer, counted", WORKLOAD, ("model",),
        Handover("one decode step of a recorded session's median context, in bytes", "what_an_agent_asks:step_gb"),
        Handover("that decode step as a list of products: so many operations for each byte",
                 "transformer_counted:per_byte"),
        ("what_an_agent_asks",), 40,
    ),
    Chapter(
        "a_small_agent", "A small agent that works, and how its errors compound", WORKLOAD, ("agent", "model"),
        Handover("that decode step as a list of products: so many operations for each byte",
                 "transformer_counted:per_byte"),
        Handover("the same step of an agent that we trained: all its weights, which every token meets, and how it errs",
                 "a_small_agent:parameters"),
        ("transformer_counted",), 40,
    ),
    Chapter(
        "numbers_in_four_bits", "Numbers in four bits", TILE, ("RTL", "golden"),
        Handover("the same step of a trained agent, of which one layer's activations and weights are taken, in float32",
                 "a_small_agent:parameters"),
        Handover("a block of those activations and one of the weights, in MXFP4, each in so many bytes",
                 "numbers_in_four_bits:block_bytes"),
        ("binary numbers and a little numpy; no hardware yet",), 35,
    ),
    Chapter(
        "exact_dot_product", "A dot product that is exact", TILE, ("RTL", "golden"),
        Handover("a block of activations and one of weights of a trained agent, in MXFP4, each in so many bytes",
                 "numbers_in_four_bits:block_bytes"),
        Handover("one result of the layer, of which every bit is defined", "exact_dot_product:row_rtl"),
        ("numbers_in_four_bits",), 40,
    ),
    Chapter(
        "mac_array", "The array and its utilisation", TILE, ("tile and memory", "RTL"),
        Handover("one result of the layer, from one dot unit, of which every bit is defined",
                 "exact_dot_product:row_rtl"),
        Handover("a whole panel of results, and the steps that the array took for it", "mac_array:panel_steps"),
        ("exact_dot_product",), 40,
    ),
    Chapter(
        "sequencer_and_mover", "The sequencer and the tile mover", TILE, ("tile and memory", "RTL"),
        Handover("a panel of results, if the operands are there in time: the steps that the array took for it",
                 "mac_array:panel_steps"),
        Handover("the layer as a program, and the lines of memory that it asks for, in order",
                 "sequencer_and_mover:lines"),
        ("mac_array",), 40,
    ),
    Chapter(
        "hbm3_from_the_cell_up", "HBM3 from the cell up", MEMORY, ("tile and memory",),
        Handover("the layer as a program, and the lines of memory that it asks for, in order",
                 "sequencer_and_mover:lines"),
        Handover("the same lines as columns of so many rows, with the least distance of any two commands",
                 "hbm3_from_the_cell_up:layer_rows"),
        ("sequencer_and_mover",), 40,
    ),
    Chapter(
        "memory_controller", "The controller and its limits", MEMORY, ("tile and memory", "RTL"),
        Handover("rows, columns and distances"),
        Handover("the layer's commands in the order in which a controller sends them, and the bandwidth they reach"),
        ("hbm3_from_the_cell_up",),
    ),
    Chapter(
        "refresh_and_ecc", "Refresh, ECC and 35 hours", MEMORY, ("tile and memory", "agent"),
        Handover("the bandwidth of one layer"),
        Handover("what refresh takes of it, and how many bits flip during one long session"),
        ("memory_controller",),
    ),
    Chapter(
        "matmul_on_a_slice", "A slice that runs a matmul", CHIP, ("tile and memory", "RTL"),
        Handover("the layer as a program, and its lines in so many rows of a memory with rules",
                 "hbm3_from_the_cell_up:layer_rows"),
        Handover("the time of the whole layer, from memory to memory", "matmul_on_a_slice:took"),
        ("exact_dot_product",), 30,
    ),
    Chapter(
        "down_to_verilog", "Down to Verilog", CHIP, ("Verilog", "RTL"),
        Handover("the slice that ran the layer, from memory to memory", "matmul_on_a_slice:took"),
        Handover("the same slice in Verilog, which three other simulators agree with over so many cycles, pin for pin",
                 "down_to_verilog:compared"),
        ("matmul_on_a_slice",), 40,
    ),
    Chapter(
        "proof_and_gates", "What is proved, what it costs in gates", CHIP, ("gates", "Verilog"),
        Handover("a dot unit in Verilog"),
        Handover("its gates, and which of its properties hold for all inputs"),
        ("down_to_verilog",),
    ),
    Chapter(
        "slice_to_m890", "From the slice to an M890, with error bars", CHIP, ("chip",),
        Handover("time and gates of one slice"),
        Handover("the time of one decode step on a whole chip, as a range"),
        ("matmul_on_a_slice", "proof_and_gates"),
    ),
    Chapter(
        "against_other_chips", "Against H20, H200, B200, Ascend", CHIP, ("chip",),
        Handover("one decode step on an M890, as a range"),
        Handover("the same step on other chips"),
        ("slice_to_m890",),
    ),
    Chapter(
        "lossless_link", "A link that loses nothing", RACK, ("rack", "RTL"),
        Handover("what one chip must tell the next during a decode step, in bytes"),
        Handover("the time that takes on a link which drops nothing"),
        ("slice_to_m890",),
    ),
    Chapter(
        "al128_and_collectives", "AL128 and collectives", RACK, ("rack",),
        Handover("one message between two chips"),
        Handover("one decode step shared by the chips of a rack"),
        ("lossless_link",),
    ),
    Chapter(
        "serving_agents", "Serving agents: paging, prefixes, waits", RACK, ("service", "agent"),
        Handover("one decode step of one session on a rack"),
        Handover("how many sessions a chip serves while the others wait for their tools"),
        ("what_an_agent_asks", "al128_and_collectives"),
    ),
    Chapter(
        "hours_on_128_chips", "35 hours on 128 chips", RACK, ("service", "rack"),
        Handover("the sessions that a chip serves"),
        Handover("one long session on a full rack, from its first step to its last"),
        ("serving_agents", "refresh_and_ecc"),
    ),
    Chapter(
        "both_directions", "Both directions of the loop", CODESIGN, ("co-design",),
        Handover("one long session and all that it waited for"),
        Handover("one change of the model and one of the chip, and what each is worth to that session"),
        ("slice_to_m890", "serving_agents"),
    ),
    Chapter(
        "v900_and_j900", "V900, J900 and the 3x cadence", CODESIGN, ("co-design", "chip"),
        Handover("what a change of the chip is worth"),
        Handover("the same decode step on the chips to come, if they are what was announced"),
        ("both_directions",),
    ),
    Chapter(
        "fab_as_a_ceiling", "The fab as a ceiling", CODESIGN, ("co-design",),
        Handover("the area that a decode step is worth"),
        Handover("the sessions that a year's wafers could serve, as a range"),
        ("v900_and_j900",),
    ),
    Chapter(
        "what_we_do_not_know", "What we do not know", CODESIGN, ("co-design",),
        Handover("the whole chain, from a gate to an agent"),
        Handover("which of its links are measured, which assumed, and what would settle the rest"),
        ("both_directions",),
    ),
    Chapter(
        "myhdl_in_ten_minutes", "MyHDL in ten minutes", APPENDICES, ("RTL",),
        Handover("a little Python"), Handover("how to read the blocks of this book"), minutes=10,
    ),
    Chapter(
        "reading_a_waveform", "Reading a waveform", APPENDICES, ("RTL",),
        Handover("a block that runs"), Handover("how to see what it did, clock edge by clock edge"),
        ("myhdl_in_ten_minutes",), 10,
    ),
    Chapter(
        "floats_in_ten_minutes", "Floats in ten minutes", APPENDICES, ("golden",),
        Handover("binary numbers"), Handover("what a float format can hold, and how it rounds"),
    ),
    Chapter(
        "dram_in_ten_minutes", "DRAM in ten minutes", APPENDICES, ("tile and memory",),
        Handover("bits"), Handover("why memory has rows, and why they must be refreshed"),
    ),
)
