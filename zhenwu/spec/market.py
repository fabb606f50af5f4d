"""How many chips, for whom, for how much money, and what the fabs in between allow."""

from zhenwu.spec.sourced import Sourced
from zhenwu.spec.sources import ARTICLE, NEWS_DIGEST, NEWSROOM, RAINSNEWS
from zhenwu.spec.sources_company import (
    ASIA_TIMES,
    CAIXIN,
    CXMT_SLIPS,
    DIGITIMES,
    EVERTIQ,
    FUNCALLBACK,
    ITHOME_CALL,
    MANIFOLD,
    MORGAN_STANLEY,
    MORGAN_STANLEY_COPY,
    RBTFL,
    SCMP,
    SEMIWIKI,
    SHINE,
    SINO_DEFENCE,
    TOMS_NIKKEI,
)

SHIPPED = Sourced(
    560000, "units, all Zhenwu, cumulative May 2026", (NEWSROOM, RAINSNEWS, NEWS_DIGEST, FUNCALLBACK), "reported",
    key="zhenwu.shipped", confidence="high",
    note="Not M890 units; funcallback.com reads it as M890 (wrong). 470000 by Feb 2026. Vendor statement, read only "
         "as quoted by others.",
)
CUSTOMERS_MAY = Sourced(
    "400+", "external customers", (NEWSROOM, RAINSNEWS), "reported", key="zhenwu.customers_may", confidence="high",
    note="Vendor statement, read only as quoted by others.",
)
CUSTOMERS_AUG = Sourced(
    "650+", "customers", ITHOME_CALL, "reported", key="zhenwu.customers_aug", confidence="medium",
)
INDUSTRIES = Sourced(
    "20+", "", (NEWSROOM, RAINSNEWS), "reported", key="zhenwu.industries", confidence="high",
    note="Vendor statement, read only as quoted by others.",
)
CAPEX = Sourced(
    380, "bn yuan over 3 years (53 bn USD)", (SHINE, CAIXIN, SCMP), "published", key="alibaba.capex",
    confidence="high",
    note="SCMP prints 52.4 bn USD.",
)
CONSTRAINT = Sourced(
    "SMIC capacity ceiling (Counterpoint, Brady Wang); memory and bandwidth behind Western leaders (SemiAnalysis, "
    "Myron Xie)",
    "", ARTICLE, "reported",
    key="analysts.constraint", confidence="medium",
)
WAFERS_NIKKEI = Sourced(
    "below 20000", "wafer starts/month, 7 and 5 nm, all China, early 2026", TOMS_NIKKEI, "reported",
    key="smic.adv_wspm_nikkei", confidence="medium",
    note="Target 100000 in 1 to 2 years.",
)
WAFERS_SEMIANALYSIS = Sourced(
    50000, "wafer starts/month, advanced nodes, 2025 model", TOMS_NIKKEI, "reported", key="smic.adv_wspm_semianalysis",
    confidence="medium",
    note="Conflicts with Nikkei by 2.5x.",
)
WAFERS_HUAWEI = Sourced(
    7000, "wafers/month for Ascend", MORGAN_STANLEY, "reported", key="smic.huawei_wpm", confidence="medium",
    note="Morgan Stanley, 2025.",
)
CAPACITY_2026 = Sourced(
    "doubling N+2 capacity in 2026", "", RBTFL, "reported", key="smic.capacity_2026", confidence="low",
)
AI_YIELD = Sourced(
    (0.2, 0.4), "fraction", (MORGAN_STANLEY, MORGAN_STANLEY_COPY, RBTFL, ASIA_TIMES, EVERTIQ), "reported",
    key="smic.ai_yield", confidence="medium",
    note="20 percent (2024), 30 percent (end 2025, Morgan Stanley), 30 to 40 (2026), under 50 (Digitimes 2024).",
)
GROSS_DIES_910B = Sourced(
    78, "per wafer", MORGAN_STANLEY, "reported", key="smic.910b_gross_dies", confidence="medium",
    note="39 for the two-die 910C.",
)
D0_IMPLIED = Sourced(
    (0.18, 0.24), "defects/cm2", (MORGAN_STANLEY, ASIA_TIMES), "derived", key="smic.d0_implied", confidence="low",
    note="Poisson, 6.65 cm2 die (no source at hand; 78 gross dies agree) and 30 / 20 percent yield; no source gives "
         "a D0 for SMIC.",
)
N2_WAFER_PRICE = Sourced(
    None, "USD", DIGITIMES, "unknown", key="smic.n2_wafer_price",
    note="None found. Book scenarios: 10000, 14000 (plus 40 percent), 18000.",
)
CXMT_HBM3 = Sourced(
    "not in volume as of April 2026; target end 2026", "", (CXMT_SLIPS, MANIFOLD, SEMIWIKI, SINO_DEFENCE), "reported",
    key="hbm.cxmt_hbm3", confidence="medium",
    note="Samples shipped to Huawei; up to 20 percent (60000 wafers) to HBM3 planned. So the maker of M890 memory is "
         "undisclosed; a forum post infers domestic.",
)
