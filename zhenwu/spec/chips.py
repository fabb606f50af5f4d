"""The chips that the book compares: memory, bandwidth, link, power, and the number formats that each computes in.

A link counts both directions together, as makers print it. A GB is 1e9 bytes. Makers often mean GiB where they write
GB of memory: the M890's own software reports 144 GiB, which is 7 % more. The book takes the smaller reading.
"""

import re
from dataclasses import dataclass

from zhenwu.spec import m890, p810e, rack, roadmap
from zhenwu.spec.sourced import Source, Sourced
from zhenwu.spec.sources import (
    ASCEND_ROADMAP,
    CLOUDMATRIX_PAPER,
    GPU_BLOG_MI300X,
    H20_NOTE,
    KLOCKWOOD_B200,
    MI300X_PAGES,
    NVIDIA_SYSTEMS,
    SEMIANALYSIS_CM384,
    SGLANG_TESTS,
    WILLITRUNAI,
    WINBUZZER,
)
from zhenwu.spec.sources_company import CNBC_V900, ROADMAP_TABLE


@dataclass(frozen=True)
class Chip:
    """One chip; a range or an unknown stays one."""

    key: str
    name: str
    memory: Sourced  # GB
    bandwidth: Sourced  # TB/s, of that memory
    link: Sourced  # GB/s to other chips, both directions together
    power: Sourced  # W
    formats: Sourced  # those that it multiplies in

    def computes(self, name: str) -> bool | None:
        """Whether it multiplies in this format; None where nobody has said."""
        return None if self.formats.kind == "unknown" else bool(re.search(rf"\b{name}\b", self.formats.value))


def _chip(
    key: str, name: str, memory: float, bandwidth: float, link: float, power: float, formats: str,
    source: Source | tuple[Source, ...], kind: str, confidence: str = "high", note: str = "",
) -> Chip:
    """A chip of which one table gives everything."""

    def fact(field: str, value: float | str, unit: str = "") -> Sourced:
        return Sourced(value, unit, source, kind, key=f"chip.{key}.{field}", confidence=confidence, note=note)

    return Chip(
        key, name, fact("memory", memory, "GB"), fact("bandwidth", bandwidth, "TB/s"), fact("link", link, "GB/s"),
        fact("power", power, "W"), fact("formats", formats),
    )


M890 = Chip(
    "m890", "Zhenwu M890", m890.MEMORY_CAPACITY, m890.HBM_BANDWIDTH_RANGE, m890.INTERCHIP_BANDWIDTH, m890.POWER,
    m890.FORMATS,
)
M890_MEMORY_IN_CODE = Sourced(
    147456, "MiB", SGLANG_TESTS, "reported", key="m890.memory_in_code", confidence="medium",
    note="What the device reports of itself in the maker's test code, as a mocked property.",
)
P810E_CAPACITY = Sourced(
    p810e.MEMORY.value, "GB", f"{p810e.MEMORY.key}, as a capacity", p810e.MEMORY.kind, key="p810e.memory_capacity",
    inputs=(p810e.MEMORY,),
)
P810E = Chip(
    "p810e", "Zhenwu 810E", P810E_CAPACITY, p810e.HBM_BANDWIDTH_RANGE, p810e.INTERCHIP, p810e.POWER, p810e.FORMATS
)
V900 = Chip(
    "v900", "Zhenwu V900 (announced)",
    memory=roadmap.V900_MEMORY,
    bandwidth=Sourced(
        None, "TB/s", (ROADMAP_TABLE, CNBC_V900), "unknown", key="v900.hbm_bandwidth", note="No source gives it.",
    ),
    link=roadmap.V900_INTERCHIP,
    power=Sourced(None, "W", (ROADMAP_TABLE, CNBC_V900), "unknown", key="v900.power", note="No source gives it."),
    formats=Sourced(None, "", (ROADMAP_TABLE, CNBC_V900), "unknown", key="v900.formats", note="No source gives them."),
)

# The formats are those for which the source lists a peak rate; where it lists FP16, BF16 runs at the same.
A100 = _chip("a100_sxm", "NVIDIA A100", 80, 2.039, 600, 400, "BF16, INT8", NVIDIA_SYSTEMS, "published")
H20 = _chip(
    "h20", "NVIDIA H20", 96, 4.0, 900, 400, "BF16, FP8, INT8", (WILLITRUNAI, H20_NOTE), "reported",
    note="TDP: CCTV prints 550 W for H20.",
)
H100 = _chip("h100_sxm", "NVIDIA H100", 80, 3.35, 900, 700, "BF16, FP8, INT8", NVIDIA_SYSTEMS, "published")
H200 = _chip("h200_sxm", "NVIDIA H200", 141, 4.8, 900, 700, "BF16, FP8", NVIDIA_SYSTEMS, "published")
B200 = _chip(
    "b200_hgx", "NVIDIA B200", 180, 7.7, 1800, 1000, "BF16, FP8, MXFP4", (NVIDIA_SYSTEMS, KLOCKWOOD_B200), "published",
    note="Memory 180 (shipping) or 192 GB, 7.7 or 8.0 TB/s by source. awesomeagents.ai prints 9000 dense FP8: that is "
         "sparse.",
)
MI300X = _chip(
    "mi300x", "AMD MI300X", 192, 5.3, 896, 750, "BF16, FP8", (MI300X_PAGES, GPU_BLOG_MI300X), "reported",
    note="FP16 dense 1307, FP8 2615; two sites list 2615 as FP16 dense (sparse number).",
)
ASCEND_910C = _chip(
    "ascend_910c", "Ascend 910C", 128, 3.2, 784, 600, "BF16",
    (SEMIANALYSIS_CM384, WINBUZZER, ASCEND_ROADMAP, CLOUDMATRIX_PAPER), "reported", "low",
    note="BF16 780 (SemiAnalysis), 800 (Huawei), 752 (CloudMatrix paper, not re-read); link 784 GB/s; TDP without a "
         "source at hand.",
)
CHIPS = (M890, V900, P810E, H20, A100, H100, H200, B200, MI300X, ASCEND_910C)

GROUP = Sourced(
    rack.SUPERNODE_CARDS.value, "", f"{rack.SUPERNODE_CARDS.key}, as a number of chips", rack.SUPERNODE_CARDS.kind,
    key="chips.group",
    note="The chips that hold one model together: a supernode as the cloud sells it. The same for every chip, so that "
         "they compare.", inputs=(rack.SUPERNODE_CARDS,),
)
USABLE_SHARE = Sourced(
    0.9, "", "ours: the rest goes to activations, buffers and the runtime; vLLM's own long-time default is the same",
    "assumed", key="chips.usable_share",
)
