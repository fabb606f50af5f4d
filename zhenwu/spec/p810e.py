"""The 810E, the chip that the M890 is said to be three times as fast as, and what the press made of that factor."""

from zhenwu.spec.sourced import Sourced
from zhenwu.spec.sources import (
    ACTLIZE,
    APSARA,
    CCTV_TABLE,
    CORE_NEWS,
    DEEPGEMM,
    HOTHARDWARE_HBM3,
    HUMMING,
    PPU_NODE_POOL,
    PPU_SMI,
    SDK_NOTES,
    SERVERNEWS,
    STACK_SUMMARY,
    TECHNEWS,
    UDN,
    WEEKLY_INVESTOR,
)

MEMORY = Sourced(
    96, "GB HBM2e", (SERVERNEWS, TECHNEWS, UDN, PPU_NODE_POOL), "published", key="p810e.memory", confidence="high",
    note="98304 MiB in Alibaba Cloud docs.",
)
INTERCHIP = Sourced(
    700, "GB/s", (SERVERNEWS, TECHNEWS, CCTV_TABLE), "reported", key="p810e.interchip", confidence="high",
    note="7 ICN links per chip (ServerNews), so 100 GB/s per link; direction not stated.",
)
ICN_LINKS = Sourced(
    7, "links", (SERVERNEWS, STACK_SUMMARY), "reported", key="p810e.icn_links", confidence="medium",
)
POWER = Sourced(
    400, "W", (CCTV_TABLE, PPU_SMI, APSARA), "reported", key="p810e.power", confidence="high",
    note="ppu-smi shows a 400 W cap.",
)
FP16 = Sourced(
    120, "TFLOPS", APSARA, "reported", key="p810e.fp16", confidence="medium",
    note="Base version of two; precision not stated.",
)
FP16_FROM_CCTV = Sourced(
    118.7, "TFLOPS", CCTV_TABLE, "derived", key="p810e.fp16_from_cctv", confidence="medium",
    note="1945 PFLOPS / 16384 cards; precision not stated.",
)
HBM_BANDWIDTH_RANGE = Sourced(
    (2.0, 2.76), "TB/s", (HOTHARDWARE_HBM3, STACK_SUMMARY), "derived", key="p810e.hbm_bandwidth_range",
    confidence="low",
    note="6 x 16 GB HBM2e at 3.2 to 3.6 Gb/s gives 2.46 to 2.76; a third-party survey estimates about 2. Never "
         "published.",
)
FORMATS = Sourced(
    "FP32, TF32, FP16, BF16, INT8; SM80-like, CUDA capability 8.0", "", (ACTLIZE, HUMMING), "published",
    key="p810e.formats", confidence="high",
)
HOST = Sourced(
    "PCIe 5.0 x16", "", SERVERNEWS, "reported", key="p810e.host", confidence="medium",
    note="A press digest prints x15 (typo).",
)
NODE_CARDS = Sourced(
    16, "cards per node", (PPU_NODE_POOL, SDK_NOTES), "published", key="p810e.node_cards", confidence="high",
)
CU_COUNT = Sourced(
    None, "", DEEPGEMM, "unknown", key="p810e.cu_count", confidence="low",
    note="conflict: 20 (T-Head DeepGEMM override for 810E), 72 (third-party stub for ZW810). Do not use.",
)
PROCESS = Sourced(
    "7 nm class SMIC", "", STACK_SUMMARY, "reported", key="p810e.process", confidence="low",
    note="Not vendor stated.",
)
H20_CONFUSION = Sourced(
    "M890 = 3x H20", "", (CORE_NEWS, WEEKLY_INVESTOR), "reported", key="threex.h20_confusion", confidence="high",
    note="Conflation: 810E was called comparable to H20. 3 x 148 = 444 TFLOPS vs 3 x 120 = 360; 0.6 PFLOPS fits "
         "neither.",
)
A100_CONFUSION = Sourced(
    "0.6 PFLOPS called A100-class", "", (CORE_NEWS, WEEKLY_INVESTOR), "reported", key="threex.a100_confusion",
    confidence="high",
    note="A100 is 0.312 dense FP16 (0.624 only with 2:4 sparsity).",
)
