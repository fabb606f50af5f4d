"""The chips announced after the M890, V900 and J900. Where a later announcement moved a date, both stand here."""

from zhenwu.spec import m890
from zhenwu.spec.sourced import Sourced
from zhenwu.spec.sources import ARTICLE
from zhenwu.spec.sources_company import BLOOMBERG_V900, CNBC_V900, ROADMAP_TABLE, SEMIANALYSIS_V900, TRENDFORCE

V900_MEMORY = Sourced(
    216, "GB", (ROADMAP_TABLE, CNBC_V900, SEMIANALYSIS_V900), "reported", key="v900.memory", confidence="high",
)
V900_INTERCHIP = Sourced(
    1200, "GB/s", (ROADMAP_TABLE, CNBC_V900, SEMIANALYSIS_V900), "reported", key="v900.interchip", confidence="high",
)
V900_PERF = Sourced(
    3, "x M890", (CNBC_V900, BLOOMBERG_V900), "reported", key="v900.perf", confidence="high",
)
V900_DATE_MAY = Sourced(
    "Q3 2027", "", (ARTICLE, ROADMAP_TABLE, TRENDFORCE), "reported", key="v900.date_may", confidence="high",
    note="May 2026 roadmap.",
)
V900_DATE_SEPT = Sourced(
    "mass production Q1 2027", "", (CNBC_V900, BLOOMBERG_V900, SEMIANALYSIS_V900), "reported", key="v900.date_sept",
    confidence="high",
    note="Announced at Apsara 2026-09-22: supersedes the May date and the article of May 2026.",
)
V900_CLUSTER = Sourced(
    500000, "cards (claim)", (BLOOMBERG_V900, CNBC_V900), "reported", key="v900.cluster", confidence="medium",
)
J900_DATE = Sourced(
    "Q3 2028", "", (ARTICLE, TRENDFORCE), "reported", key="j900.date", confidence="medium",
    note="No specs found. 3x each generation is the article's wording; only V900 3x is documented.",
)

V900_MEMORY_GAIN = (V900_MEMORY / m890.MEMORY_CAPACITY).named("v900.memory_gain", "V900 over M890.")
V900_INTERCHIP_GAIN = (V900_INTERCHIP / m890.INTERCHIP_BANDWIDTH).named("v900.interchip_gain", "V900 over M890.")
