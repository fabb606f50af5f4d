"""The pages that the facts on the company stand in: its plans, its customers, its fabs and its closed model."""

from zhenwu.spec.sourced import Source

AGENTIC_BREW = Source(
    "Qwen 3.7 Max launches with 1M context and 35-hour run",
    "https://www.agenticbrew.ai/news/94ec0720-026a-4e03-a18a-3ecf9c70067f/alibaba-s-qwen-3-7-max-launches-with-1m-token-context-and-35-hour-autonomous-agentic-run",
    "2026-05",
)
ASIA_TIMES = Source(
    "Asia Times on 910B yield (copy)",
    "https://sureanot.com/low-yield-for-smic-huawei-nvidia-knockoff-so-what-asia-times",
    "2024-06",
)
BLOOMBERG_V900 = Source(
    "Bloomberg: Alibaba unveils AI chip to drive 20GW",
    "https://www.bloomberg.com/news/articles/2026-09-22/alibaba-unveils-ai-chip-to-drive-20gw-of-data-centers-by-2032",
    "2026-09-22",
)
CAIXIN = Source(
    "Caixin: record bet",
    "https://www.caixinglobal.com/2025-02-25/alibabas-53-billion-bet-on-an-ai-and-cloud-expansion-windfall-102291784.html",
    "2025-02-25",
)
CNBC_V900 = Source(
    "CNBC: Alibaba Zhenwu V900",
    "https://www.cnbc.com/2026/09/22/alibaba-ai-alibabacloud-zhenwu-v900-.html",
    "2026-09-22",
)
CXMT_SLIPS = Source(
    "CXMT HBM3 slips beyond 1H26",
    "https://dailyalpha.us/news/chinas-cxmt-hbm3-mass-production-slips-bolstering-incumbent-dominance-of-sk-hynix-samsung-and-micron-69e7a492b935eaeed1b27519",
    "2026-04",
)
DIGITIMES = Source("DigiTimes: TSMC 7 nm wafer nearly 10,000 dollars", "https://www.smbom.com/news/11445", "2022")
EVERTIQ = Source(
    "Evertiq / Digitimes: SMIC 7 nm yield below 50 percent",
    "https://evertiq.com/design/55327",
    "2024-03-04",
)
FUNCALLBACK = Source(
    "Alibaba just admitted it is struggling... (funcallback)",
    "https://funcallback.com/2026/05/22/alibaba-just-admitted-it-s-struggling-to-keep-up-with-rival-chipmakers-and-ai-sh/",
    "2026-05-22",
)
ITHOME_CALL = Source("ITHome on the 20 August analyst call", "https://www.ithome.com/0/992/380.htm", "2026-08-20")
MANIFOLD = Source(
    "Manifold question background on CXMT HBM3",
    "https://manifold.markets/LucasKlein/will-cxmt-reach-mass-production-of",
    "2026",
)
MORGAN_STANLEY = Source("Morgan Stanley on SMIC AI yield (relayed)", "https://nl.cloudnews.tech/?p=29563", "2025")
MORGAN_STANLEY_COPY = Source(
    "Morgan Stanley on SMIC AI yield (forum copy)",
    "https://sinodefenceforum.com/t/chinese-semiconductor-thread-ii.9109/page-999",
    "2025",
)
QWEN_MAX_NOTES = Source("Third-party notes on Qwen3.7-Max", None, "2026-05")
RBTFL = Source(
    "SMIC doubles 7nm capacity (rbtfl)",
    "https://rbtfl.xyz/es/n/smic-7nm-double-ascend-2026.md",
    "2026-06-15",
)
ROADMAP_TABLE = Source("Roadmap table M890/V900/J900", None, "2026-05")
SCMP = Source("SCMP via Tiger: US$52.4 bn", "https://www.itiger.com/hant/news/2513480007", "2025-02-24")
SEMIANALYSIS_V900 = Source(
    "SemiAnalysis post on V900",
    "https://x.com/SemiAnalysis_/status/2106821919622279225",
    "2026-09",
)
SEMIWIKI = Source(
    "SemiWiki: CXMT to allocate 20 percent / 60k wafers to HBM3",
    "https://semiwiki.com/forum/threads/cxmt-plans-to-allocate-a-%E2%80%9Clarge-chunk%E2%80%9D-of-its-dram-production-to-hbm3-hoping-to-compete-in-the-ai-race.24537/post-97418",
    "2026-02-10",
)
SHINE = Source("Xinhua / Shine: Alibaba 380 bn yuan", "https://www.shine.cn/biz/tech/2502244687/", "2025-02-24")
SINO_DEFENCE = Source(
    "Sino Defence Forum post 1327619",
    "https://www.sinodefenceforum.com/goto/post?id=1327619",
    "2026-06",
)
TOKENFEED = Source(
    "An AI spent 35 hours optimizing chips",
    "https://tokenfeed.pages.dev/an-ai-spent-35-hours-optimizing-chips-nobody-asked-twice",
    "2026-05",
)
TOMS_NIKKEI = Source(
    "Tom's Hardware on the Nikkei report",
    "https://www.tomshardware.com/tech-industry/semiconductors/china-to-increase-leading-edge-chip-output-by-5x-in-two-years-report-claims-aims-to-lift-7nm-and-5nm-production-to-100-000-wafers-per-month-targeting-half-a-million-monthly-by-2030",
    "2026-02-25",
)
TRENDFORCE = Source(
    "TrendForce: Zhenwu M890, new AI chips planned for 3Q27/3Q28",
    "https://www.trendforce.com/news/2026/05/21/news-alibaba-t-head-unveils-zhenwu-m890-with-3x-performance-vs-prior-gen-new-ai-chips-planned-for-3q273q28/",
    "2026-05-21",
)
