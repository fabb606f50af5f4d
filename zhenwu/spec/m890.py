"""What is known of the Zhenwu M890, each fact with its kind, its sources and how sure it is.

No memory bandwidth, clock, die size or power has been published: those stand here as unknown, and the models
take ranges or scenarios that say so. Where the press and the maker's own code disagree, the note tells.
The compute unit's facts, shared by the family, are in `zhenwu/spec/ppu.py`.
"""

from zhenwu.spec.sourced import Sourced
from zhenwu.spec.sources import (
    ACTLIZE,
    APSARA,
    ARTICLE,
    BYTEVYTE,
    CCTV_TABLE,
    CORE_NEWS,
    DEEPGEMM,
    HOTHARDWARE_HBM3,
    ITHOME,
    LINGJUN_IMAGE,
    MEMORY_FABRICS,
    MMA_HEADER,
    NEWS_DIGEST,
    NEWSROOM,
    PHORONIX_HBM3,
    RAINSNEWS,
    SAIL_NOTES,
    SAILBANDWIDTH,
    SDK_NOTES,
    SGLANG_ROADMAP,
    SGLANG_TESTS,
    SINA,
    STACK_SUMMARY,
    TRENDTECH,
    WEEKLY_INVESTOR,
)

MEMORY_CAPACITY = Sourced(
    144, "GB", (NEWSROOM, NEWS_DIGEST, SGLANG_TESTS), "reported", key="m890.memory_capacity", confidence="high",
    note="Device reports 147456 MiB (144 GiB) in PPU test code (mocked property). 64 cards quoted as 9 TB. Vendor "
         "statement, read only as quoted by others.",
)
MEMORY_TYPE = Sourced(
    "HBM3 (vendor wording: on-chip memory)", "", (ARTICLE, CORE_NEWS, WEEKLY_INVESTOR, STACK_SUMMARY), "reported",
    key="m890.memory_type", confidence="medium",
    note="Alibaba English text says only on-chip memory; HBM is confirmed in kind by the PPU docs (LLC, HBM), the "
         "generation HBM3 only by press.",
)
HBM_BANDWIDTH = Sourced(
    None, "TB/s", (STACK_SUMMARY, MEMORY_FABRICS), "unknown", key="m890.hbm_bandwidth",
    note="No source gives it. Use the derived range m890.hbm_bandwidth_range.",
)
HBM_BANDWIDTH_RANGE = Sourced(
    (4.0, 4.9), "TB/s", (PHORONIX_HBM3, HOTHARDWARE_HBM3), "derived",
    key="m890.hbm_bandwidth_range", confidence="low",
    note="If 6 stacks x 24 GB HBM3, 1024 bit each, 5.2 to 6.4 Gb/s per pin: 3.99 to 4.92 TB/s. Stack count itself "
         "assumed (144 = 6 x 24). Slower pins possible for a Chinese HBM3.",
)
INTERCHIP_BANDWIDTH = Sourced(
    800, "GB/s", (NEWSROOM, NEWS_DIGEST, ITHOME), "reported", key="m890.interchip_bandwidth", confidence="high",
    note="Per chip; 810E has 700. Vendor statement, read only as quoted by others.",
)
INTERCHIP_DIRECTION = Sourced(
    "800 GB/s is both directions together (400 GB/s each way)", "", SAILBANDWIDTH, "derived",
    key="m890.interchip_direction", confidence="high",
    note="T-Head tool README: measured one-way device-to-device copy 384.1 GB/s for every pair, in one 8-chip node "
         "and across two nodes (16 chips): 96.0 percent of 400.",
)
D2D_COPY_MEASURED = Sourced(
    384.14, "GB/s", SAILBANDWIDTH, "measured", key="m890.d2d_copy_measured", confidence="high",
    note="Copy engine, one direction, one pair at a time, 512 MiB buffers.",
)
ICN_PORTS = Sourced(
    8, "x 400 Gb/s per direction", (SAILBANDWIDTH, NEWSROOM, SINA), "derived",
    key="m890.icn_ports", confidence="medium",
    note="64 chips x 400 GB/s one way = 204.8 Tb/s = 8 x 25.6 Tb/s; one 25.6 Tb/s switch = 64 ports x 400 Gb/s. So "
         "8 switch planes, one 50 GB/s port per plane, if 25.6 counts one direction. 16 planes if it counts both.",
)
PERF_VS_810E = Sourced(
    3, "x", (NEWSROOM, TRENDTECH, BYTEVYTE), "reported", key="m890.perf_vs_810e", confidence="high",
    note="Marketing statement, no method. See threex.* entries. Vendor statement, read only as quoted by others.",
)
FP16_PRESS = Sourced(
    0.6, "PFLOPS", (CORE_NEWS, WEEKLY_INVESTOR), "reported", key="m890.fp16_press", confidence="low",
    note="One press lineage (wccftech style); a third-party survey says no primary source. Not stated dense or "
         "sparse.",
)
FP16_GEMM_VENDOR_SAMPLE = Sourced(
    325.1, "TFLOPS", ACTLIZE, "measured", key="m890.fp16_gemm_vendor_sample", confidence="medium",
    note="Profiler sample in vendor README: FP16, 3456x4096x4096, kernel name ppu0015, 0.356775 ms. Board not "
         "named. A lower bound on FP16 peak if it ran on an M890.",
)
FP16_PEAK_FROM_3X = Sourced(
    360, "TFLOPS", (APSARA, CCTV_TABLE, NEWSROOM), "derived", key="m890.fp16_peak_from_3x", confidence="low",
    note="3 x 120 TFLOPS (810E). 325 would then be 90 percent of peak.",
)
PEAK_SCENARIOS_FP16 = Sourced(
    (360, 480, 600), "TFLOPS", (ACTLIZE, CORE_NEWS), "assumed", key="m890.peak_scenarios_fp16", confidence="low",
    note="Three book scenarios: 3 x 810E; 39 CU x 8192 FLOP/clk x 1.5 GHz; press 0.6 PFLOPS (needs 1.88 GHz at "
         "8192 FLOP/clk/CU). The 8192 FLOP/clk/CU rate is assumed.",
)
RATE_RATIO_FP8_FP4 = Sourced(
    "FP8 = INT8 = 2x FP16, MXFP4 = 4x FP16", "", MMA_HEADER, "assumed",
    key="m890.rate_ratio_fp8_fp4", confidence="medium",
    note="MMA shapes double in K per halving of width with equal operand registers (k16, k32, k64); equal issue "
         "time per instruction is an assumption.",
)
FORMATS = Sourced(
    "FP32, TF32, FP16, BF16, FP8 (E4M3, E5M2, mixed), INT8, MXFP4", "", (ACTLIZE, MMA_HEADER, DEEPGEMM), "published",
    key="m890.formats", confidence="high",
    note="Press lists only FP32, FP16, FP8, FP4. 810E (ppu001) lacks FP8 and FP4.",
)
FP4_FORMAT = Sourced(
    "MXFP4: E2M1 values, one E8M0 scale per 32 elements, FP32 accumulate", "", (MMA_HEADER, DEEPGEMM), "published",
    key="m890.fp4_format", confidence="high",
    note="One third-party note says 2 to 4 elements per scale: wrong.",
)
MMA_SHAPES = Sourced(
    "m16n16 with k8 (FP32,TF32), k16 (FP16,BF16), k32 (FP8,INT8), k64 (MXFP4, instruction mma.mx)",
    "", MMA_HEADER, "published",
    key="m890.mma_shapes", confidence="high",
    note="Per warp of 32 threads, tensor cell version tc02.",
)
ARCH_NAME = Sourced(
    "PPU 1.5, ppu0015, HGGC arch 150, reports CUDA capability 8.9", "", (DEEPGEMM, ACTLIZE, SAIL_NOTES), "published",
    key="m890.arch_name", confidence="high",
    note="A third-party survey of August 2026 still called PPU 1.5 unconfirmed.",
)
VARIANTS = Sourced(
    "ZW-M890P, ZW-M890L (also ZW-M530 in the same family)", "", (DEEPGEMM, SGLANG_ROADMAP), "published",
    key="m890.variants", confidence="high",
)
CU_COUNT = Sourced(
    39, "compute units", DEEPGEMM, "published", key="m890.cu_count", confidence="medium",
    note="Comment 890P/39SM and tuned FP4 tables for Qwen3.5-397B with 39. M890L count unknown.",
)
PROCESS_NODE = Sourced(
    None, "nm", (STACK_SUMMARY, NEWS_DIGEST), "unknown", key="m890.process_node",
    note="Not disclosed. Press and analysts presume SMIC 7 nm class (N+2).",
)
DIE_SIZE = Sourced(
    None, "mm2", STACK_SUMMARY, "unknown", key="m890.die_size",
    note="Not disclosed.",
)
POWER = Sourced(
    None, "W", STACK_SUMMARY, "unknown", key="m890.power",
    note="Not disclosed. Rack bound: Panjiu allows up to 2 kW per accelerator.",
)
TRANSFORMER_ENGINE = Sourced(
    "Transformer core engine", "", (CORE_NEWS, WEEKLY_INVESTOR), "reported",
    key="m890.transformer_engine", confidence="low",
    note="Name only; no block-level description found.",
)
TRAINING_AND_INFERENCE = Sourced(
    True, "", (NEWSROOM, TRENDTECH), "reported", key="m890.training_and_inference", confidence="high",
    note="Vendor statement, read only as quoted by others.",
)
SOFTWARE = Sourced(
    "SAIL SDK: HGGC runtime, HGCC compiler, acBLAS/acDNN, PCCL, CUDA wrapper (13.0), Triton, vLLM, SGLang, PyTorch",
    "", (SDK_NOTES, LINGJUN_IMAGE, SGLANG_ROADMAP, ACTLIZE), "published",
    key="m890.software", confidence="high",
    note="Opened at WAIC July 2026; t-head organisation on GitHub carries actlize, DeepGEMM, FlashMLA, tilelang, "
         "triton, pytorch, vllm forks.",
)
CLOUD_INSTANCE = Sourced(
    "efg3.GP9A / efg3.GP9AS", "", LINGJUN_IMAGE, "published", key="m890.cloud_instance", confidence="high",
    note="810E instance efg2.p16en (16 cards).",
)
PERF_BASELINE = Sourced(
    "M890 = 3x Zhenwu 810E", "", (NEWSROOM, TRENDTECH, BYTEVYTE, RAINSNEWS), "reported",
    key="threex.baseline", confidence="high",
    note="Vendor statement, read only as quoted by others.",
)
SERVING_Q38 = Sourced(
    "MXFP4 experts + FP8 dense: 2 nodes x 8 M890P (tp8 pp2); FP8: 4 nodes x 8 (tp8 pp4); 810E cannot hold it", "",
    SGLANG_TESTS, "reported", key="q38.m890_serving", confidence="high", note="T-Head / SGLang nightly tests.",
)

# The range as two numbers, for whoever computes with it: every result then has two ends as well.
HBM_BANDWIDTH_LOW = HBM_BANDWIDTH_RANGE.pick(0).named("m890.hbm_bandwidth_low")
HBM_BANDWIDTH_HIGH = HBM_BANDWIDTH_RANGE.pick(1).named("m890.hbm_bandwidth_high")
INTERCHIP_ONE_WAY = (INTERCHIP_BANDWIDTH / 2).named(
    "m890.interchip_one_way", "The headline counts both directions: see m890.interchip_direction."
)
