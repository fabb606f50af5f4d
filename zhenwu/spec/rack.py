"""What M890s are joined by: the switch, the public cloud instance, the Panjiu AL128 rack and its platform."""

from zhenwu.spec.sourced import Sourced
from zhenwu.spec.sources import (
    AL128_BLOG,
    AL128_NOTES,
    ALINK,
    ARTICLE,
    ITHOME,
    ITHOME_QWEN38,
    KIMI_K3_NOTE,
    MEMORY_FABRICS,
    NEWSROOM,
    SINA,
    TOUTIAO,
    TRENDTECH,
    UPN512,
)

SWITCH_BANDWIDTH = Sourced(
    25.6, "Tb/s", (NEWSROOM, TRENDTECH, SINA), "reported", key="icn_switch.bandwidth", confidence="high",
    note="Vendor statement, read only as quoted by others.",
)
SWITCH_CLUSTER = Sourced(
    64, "accelerators at full bandwidth", (NEWSROOM, SINA, ITHOME), "reported", key="icn_switch.cluster",
    confidence="high",
    note="Vendor statement, read only as quoted by others.",
)
SWITCH_LATENCY = Sourced(
    150, "ns (upper bound)", (SINA, MEMORY_FABRICS), "reported", key="icn_switch.latency", confidence="medium",
    note="ITHome and YiCai say hundred-nanosecond class; a sub-100 ns figure is a mistranslation (third-party "
         "survey, 2026-08).",
)
SUPERNODE_CARDS = Sourced(
    64, "cards per instance", (ITHOME, ITHOME_QWEN38, TOUTIAO, KIMI_K3_NOTE), "reported",
    key="lingjun_m890.supernode_cards", confidence="high",
    note="First public-cloud form, WAIC 18 July 2026; 9 TB memory, 800 GB/s per card; earlier generation scaled up "
         "to 16.",
)
KIMI_K3 = Sourced(
    "first-token time -35 percent, decode per card x1.8 after joint tuning", "", KIMI_K3_NOTE, "reported",
    key="lingjun_m890.kimi_k3", confidence="medium",
    note="Vendor claim, MXFP4 experts, 2.8T MoE.",
)
QWEN38 = Sourced(
    "64-card supernode serves Qwen3.8 (2.4T)", "", ITHOME_QWEN38, "reported", key="lingjun_m890.qwen38",
    confidence="medium",
)
CHIPS = Sourced(
    128, "per rack", (NEWSROOM, AL128_BLOG), "published", key="al128.chips", confidence="high",
    note="A 64-card form is also offered (third-party survey, 2026-08); the public cloud instance is 64.",
)
INTERNAL_BANDWIDTH = Sourced(
    "petabyte-per-second class", "", NEWSROOM, "reported", key="al128.internal_bandwidth", confidence="low",
    note="No breakdown. 128 x 800 GB/s = 0.10 PB/s; adding 128 x 4.9 TB/s HBM gives 0.73 PB/s (derived): the claim "
         "cannot be ICN alone. Vendor statement, read only as quoted by others.",
)
BAILIAN = Sourced(
    "available through Bailian", "", (NEWSROOM, ARTICLE), "reported", key="al128.bailian", confidence="high",
    note="Vendor statement, read only as quoted by others.",
)
RACK_POWER = Sourced(
    350, "kW", AL128_NOTES, "reported", key="panjiu2.rack_power", confidence="medium",
    note="Up to 128 to 144 accelerators, 2 kW liquid cooling each. A press digest says 64 cards and 300 kW.",
)
PERF_GAIN = Sourced(
    50, "percent inference at equal compute", AL128_BLOG, "published", key="panjiu2.perf_gain", confidence="medium",
    note="Vendor claim versus traditional architecture.",
)
SCALEUP_PER_GPU = Sourced(
    (14, 28), "Tbit/s (platform design limit)", AL128_NOTES, "reported", key="panjiu2.scaleup_per_gpu",
    confidence="medium",
    note="M890 uses 6.4 Tb/s (800 GB/s both ways), under half of it.",
)
SCALEOUT_PER_GPU = Sourced(
    (400, 800), "Gbit/s", AL128_NOTES, "reported", key="panjiu2.scaleout_per_gpu", confidence="medium",
)
PROTOCOL = Sourced(
    "ALink System: ALS-D data plane (UALink, also proprietary), ALS-M control plane; single-stage switching, "
    "orthogonal no-backplane, copper inside",
    "", (ALINK, AL128_NOTES, AL128_BLOG), "reported",
    key="panjiu2.protocol", confidence="medium",
    note="The AL128 blog is from 2025-11: the name precedes M890. M890 implements it with ICN + ICN Switch 1.0.",
)
UPN512_SCALE = Sourced(
    512, "xPU single-tier optical", (UPN512, ALINK), "reported", key="upn512.scale", confidence="medium",
    note="Future above 1000.",
)
