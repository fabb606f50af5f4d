"""What is known of the PPU compute unit that an M890 has 39 of, read from T-Head's own code and documents."""

from zhenwu.spec.sourced import Sourced
from zhenwu.spec.sources import DEEPGEMM, FLASHMLA, HUMMING, MIG_GUIDE

CU_PER_CE = Sourced(
    4, "CU per compute engine", (MIG_GUIDE, DEEPGEMM), "published", key="ppu.cu_per_ce", confidence="high",
    note="39 is not a multiple of 4: probably 40 with one off (assumed).",
)
SMEM_PER_CU = Sourced(
    256, "KiB", DEEPGEMM, "published", key="ppu.smem_per_cu", confidence="high",
)
REGS_PER_CU = Sourced(
    131072, "32-bit registers (512 KiB)", DEEPGEMM, "published", key="ppu.regs_per_cu", confidence="high",
    note="8 warp engines x 512 warp registers.",
)
WARP_ENGINES_PER_CU = Sourced(
    8, "", DEEPGEMM, "published", key="ppu.warp_engines_per_cu", confidence="high",
)
MAX_WARPS_PER_CU = Sourced(
    64, "", DEEPGEMM, "published", key="ppu.max_warps_per_cu", confidence="high",
    note="Max 32 warps per block, 256 registers per thread.",
)
L2_SIZE = Sourced(
    1, "MiB (per compute engine, by use in the formula)", DEEPGEMM, "published", key="ppu.l2_size", confidence="low",
    note="Tuner constant, not tied to one chip by name.",
)
LLC_SIZE = Sourced(
    64, "MiB", DEEPGEMM, "published", key="ppu.llc_size", confidence="low",
    note="Tuner constant, not tied to one chip by name.",
)
DATA_MOVER = Sourced(
    "AIU asynchronous tile copy into swizzled tensor shared memory, plus cp.async",
    "", (FLASHMLA, DEEPGEMM, HUMMING), "published",
    key="ppu.data_mover", confidence="high",
    note="Counterpart of Hopper TMA in the fork.",
)
