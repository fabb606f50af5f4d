"""A DRAM cell and its bit line: capacitances, voltages and how long a cell keeps its charge.

Nobody publishes these of an HBM3. Two public models of older memories are here instead, so that a reader sees how far
two such models lie apart: one fitted to a first HBM, one of the circuits of a DDR memory.
Chapter: HBM3 from the cell up.
"""

from zhenwu.spec.sourced import Source, Sourced

DRAMSPEC_HBM = Source(
    "DRAMSpec, technology_input/tech_hynix_2014_1.2V_8Gb_HBM.json, commit 3abd6931",
    "https://github.com/tukl-msd/DRAMSpec",
)
DRAMSPEC_HBM_ARRAY = Source(
    "DRAMSpec, architecture_input/arch_hynix_2014_1.2V_8Gb_HBM.json, commit 4ab78600",
    "https://github.com/tukl-msd/DRAMSpec",
)
PLUTO_CIRCUIT = Source(
    "CMU-SAFARI/pLUTo, spice/reference.asc, a circuit of one bit line pair, commit a7be6962",
    "https://github.com/CMU-SAFARI/pLUTo",
)
REFRESH_OVERHEADS = Source(
    "Hardware-Software Co-design to Mitigate DRAM Refresh Overheads, its abstract",
    "https://preview.concepedia.online/publication/W2604935770", "2017",
)
FIRST_HBM = "In a model of an HBM of 2014, in a process of 29 nm."
DDR = "In a circuit model of a DDR memory, before its authors scale it down."

CELL = Sourced(20, "fF", DRAMSPEC_HBM, "reported", key="cell.capacitance", note=FIRST_HBM)
BIT_LINE_EACH = Sourced(
    0.05, "fF", DRAMSPEC_HBM, "reported", key="cell.bit_line_each", note=f"Per cell. {FIRST_HBM}"
)
ON_BIT_LINE = Sourced(512, "", DRAMSPEC_HBM_ARRAY, "reported", key="cell.on_bit_line", note=f"Cells. {FIRST_HBM}")
VOLTAGE = Sourced(1.2, "V", DRAMSPEC_HBM, "reported", key="cell.voltage", note=FIRST_HBM)
RETENTION = Sourced(
    64, "ms", DRAMSPEC_HBM_ARRAY, "reported", key="cell.retention",
    note="How long every cell must keep its charge between two refreshes. " + FIRST_HBM,
)
RETENTION_HOT = Sourced(
    32, "ms", REFRESH_OVERHEADS, "reported", key="cell.retention_hot",
    note="Above 85 degrees; of DRAM in general, and of no HBM3 in particular.",
)
BIT_LINE = (BIT_LINE_EACH * ON_BIT_LINE).named("cell.bit_line", "Its cells' parts and nothing else.")

DDR_CELL = Sourced(24, "fF", PLUTO_CIRCUIT, "reported", key="ddr_cell.capacitance", note=DDR)
DDR_BIT_LINE = Sourced(85, "fF", PLUTO_CIRCUIT, "reported", key="ddr_cell.bit_line", note=DDR)
DDR_ON_BIT_LINE = Sourced(512, "", PLUTO_CIRCUIT, "reported", key="ddr_cell.on_bit_line", note=f"Cells. {DDR}")
DDR_VOLTAGE = Sourced(1.1, "V", PLUTO_CIRCUIT, "reported", key="ddr_cell.voltage", note=DDR)


def swing(cell: Sourced, bit_line: Sourced, voltage: Sourced) -> Sourced:
    """How far a full cell moves a bit line that waits at half the voltage: both then share one charge."""
    return voltage / 2 * (cell / (cell + bit_line))


SWING = swing(CELL, BIT_LINE, VOLTAGE).named("cell.swing")
DDR_SWING = swing(DDR_CELL, DDR_BIT_LINE, DDR_VOLTAGE).named("ddr_cell.swing")
