"""What values and text rest on: title, address, date as printed there (the year alone where no day is given).

A press article and the maker's own code are both sources; which of them a fact rests on decides its kind.
Standards and papers come first, then the pages that the M890 facts stand in.
"""

from zhenwu.spec.sourced import Source

FACTS_AS_OF = "2026-11-23"  # the day on which the table of facts behind these pages was compiled

IEEE_754 = Source(
    "IEEE 754-2019, Standard for Floating-Point Arithmetic", "https://standards.ieee.org/ieee/754/6210/", "2019-07-22"
)
JESD238 = Source(
    "JEDEC JESD238A, High Bandwidth Memory DRAM (HBM3); not public, known here through others",
    "https://www.jedec.org/standards-documents/docs/jesd238a",
    "2023-01",
)
LITTLE = Source(
    "Little: A Proof for the Queuing Formula: L = lambda W, Operations Research 9 (3)",
    "https://doi.org/10.1287/opre.9.3.383", "1961",
)
MMA_SIM = Source(
    "Xie, Xu, Wang, Yang, Yang: Bit-Accurate Modeling of GPU Matrix Multiply-Accumulate Units: Demystifying Numerical "
    "Discrepancy and Accuracy, arXiv:2511.10909",
    "https://arxiv.org/abs/2511.10909",
    "2025-11-14",
)
LONG_HORIZON = Source(
    "Sinha, Arun, Goel, Staab, Geiping: The Illusion of Diminishing Returns: Measuring Long Horizon Execution in LLMs, "
    "arXiv:2509.09677",
    "https://arxiv.org/abs/2509.09677",
    "2025-09-11",
)
MICROXCALING = Source(
    "microsoft/microxcaling mx/mx_ops.py (_shared_exponents), commit 3b429a84",
    "https://github.com/microsoft/microxcaling",
)
NVFP4_BLOG = Source(
    "NVIDIA technical blog: Introducing NVFP4 for Efficient and Accurate Low-Precision Inference",
    "https://developer.nvidia.com/blog/introducing-nvfp4-for-efficient-and-accurate-low-precision-inference/",
    "2025-06-24",
)
OCP_MX = Source(
    "Open Compute Project: OCP Microscaling Formats (MX) Specification, version 1.0",
    "https://www.opencompute.org/documents/ocp-microscaling-formats-mx-v1-0-spec-final-pdf",
    "2023-09",
)
QUAROT = Source(
    "Ashkboos and others: QuaRot: Outlier-Free 4-Bit Inference in Rotated LLMs, arXiv:2404.00456",
    "https://arxiv.org/abs/2404.00456",
    "2024-03-30",
)
VMXDOTP = Source(
    "Wipfli, İslamoğlu, Purayil, Garofalo, Benini: VMXDOTP: A RISC-V Vector ISA Extension for Efficient Microscaling "
    "(MX) Format Acceleration, arXiv:2603.04979",
    "https://arxiv.org/abs/2603.04979",
    "2026-03-05",
)

ACTLIZE = Source("t-head/actlize README, ACTLIZE 1.0.0 for PPU", "https://github.com/t-head/actlize", "2026-07")
AGENT_TRACES = Source(
    "callanjfox/kv-cache-tester traces/ and README, commit 94f6046d (Apache-2.0)",
    "https://github.com/callanjfox/kv-cache-tester",
    "2026-07-12",
)
AL128_BLOG = Source(
    "Alibaba Cloud blog: In-depth Analysis of Panjiu AL128",
    "https://www.alibabacloud.com/blog/in-depth-analysis-of-alibaba-cloud-panjiu-al128-supernode-ai-servers-and-their-interconnect-architecture_602665",
    "2025-11-14",
)
AL128_NOTES = Source(
    "Study notes on that blog",
    "https://snowan.gitbook.io/study-notes/ai-manga-learnings/panjiu-al128-supernode/analysis",
    "2025-11",
)
ALINK = Source(
    "How ALink System and UPN512 redefine scale-up",
    "https://www.besthub.dev/articles/how-alibaba-s-alink-system-and-upn512-architecture-redefine-ai-scale-up-networking-448c15c769b6",
    "2025",
)
APSARA = Source(
    "Apsara day one, supernode",
    "https://reportify.ai/tags/product?tagValue=UALink%E5%8D%8F%E8%AE%AE",
    "2025-09-24",
)
APXML_QWEN3_8B = Source("ApX: Qwen3-8B", "https://apxml.com/models/qwen3-8b", "2026")
APXML_QWEN3_30B = Source("ApX: Qwen3-30B-A3B", "https://apxml.com/models/qwen3-30b-a3b", "2026")
APXML_QWEN3_32B = Source("ApX: Qwen3-32B", "https://apxml.com/models/qwen3-32b", "2026")
ARTICLE = Source("Alibaba Is Quietly Building the Agent Stack Nobody Else Is Talking About", None, "2026-05")
ASCEND_ROADMAP = Source(
    "Huawei Ascend roadmap comparison",
    "https://www.besthub.dev/articles/huawei-ascend-ai-chip-detailed-specs-comparison-2025-2028-roadmap-a247a4760c30",
    "2025",
)
BYTEVYTE = Source(
    "Alibaba Unveils Zhenwu M890 AI Processor",
    "https://bytevyte.com/alibaba-unveils-zhenwu-m890-ai-processor-and-multi-year-silicon-roadmap/",
    "2026-05",
)
CCTV_TABLE = Source("CCTV Xinwen Lianbo table, relayed", "http://hxjkbz.com/n/959285", "2025-09-16")
CLOUDMATRIX_PAPER = Source(
    "Serving LLMs on Huawei CloudMatrix384 (arXiv 2506.12708)",
    "https://arxiv.org/abs/2506.12708",
    "2025-06-15",
)
CORE_NEWS = Source(
    "Alibaba Targets NVIDIA Hopper With Zhenwu M890 (Core News Daily)",
    "https://www.corenewsdaily.com/tech/alibaba-targets-nvidias-hopper-with-zhenwu-m890-ai-chip-claiming-3x-the-h20-perf",
    "2026-05-20",
)
DEEPGEMM = Source(
    (
        "t-head/DeepGEMM-for-sail (README, jit_kernels/utils.py, gemm_search_space.py, "
        "densegemm_adaptive_select_strategy.py, gemm_fp4.py, tuner configs), commit f89eae10"
    ),
    "https://github.com/t-head/DeepGEMM-for-sail",
    "2026-08-20",
)
FLASHMLA = Source("t-head/FlashMLA-for-sail README", "https://github.com/t-head/FlashMLA-for-sail", "2026")
GPU_BLOG_MI300X = Source("gpu.blog MI300X (IF 896 GB/s)", "https://gpu.blog/gpus/instinct-mi300x-mi300x", "2025")
H20_NOTE = Source("H20 vs H100 note", "https://zangshuxian.com/new/674733024499207168", "2024")
HOTHARDWARE_HBM3 = Source(
    "HotHardware: HBM3 vs HBM2E per-stack bandwidth",
    "https://amp.hothardware.com/news/hbm3-specification-819gbs-bandwidth",
    "2022-01",
)
HUMMING = Source(
    "inclusionAI/humming pull request 82 (ZW810/ZW810E)",
    "https://github.com/inclusionAI/humming/pull/82",
    "2026-09-15",
)
ITHOME = Source(
    "ITHome: Lingjun Zhenwu M890 supernode instance",
    "https://www.ithome.com/0/978/578.htm",
    "2026-07-18",
)
ITHOME_QWEN38 = Source(
    "ITHome: M890 supernode adapted to Qwen3.8",
    "https://m.ithome.com/html/980677.htm",
    "2026-07-23",
)
KIMI_K3_NOTE = Source("Lingjun Zhenwu M890 supernode, Kimi K3 day-0 adaptation", None, "2026-07-28")
KLOCKWOOD_B200 = Source("glennklockwood.com B200", "https://glennklockwood.com/garden/processors/B200", "2025")
LINGJUN_IMAGE = Source(
    "Alibaba Cloud docs: Lingjun training image 2026-10-20",
    "https://help.aliyun.com/zh/document_detail/3172892.html",
    "2026-10-20",
)
MANUS = Source(
    "Context Engineering for AI Agents: Lessons from Building Manus",
    "https://manus.im/blog/Context-Engineering-for-AI-Agents-Lessons-from-Building-Manus",
    "2025-07-18",
)
MEMORY_FABRICS = Source(
    "Zhenwu M890: Why Alibaba Bet on Memory Fabrics",
    "https://manishklach.github.io/writings/zhenwu-m890-memory-fabric-ai-infrastructure.html",
    "2026-05",
)
MI300X_PAGES = Source(
    "aiwiki / jaredwatkins MI300X pages",
    "https://www.jaredwatkins.com/research/ai-accelerators/amd-instinct/mi300-series/",
    "2026",
)
MIG_GUIDE = Source(
    "Alibaba Cloud docs: PPU MIG guide v2.1",
    "https://help.aliyun.com/zh/document_detail/3031169.html",
    "2026-06-17",
)
MMA_HEADER = Source("t-head/actlize include/cute/arch/mma_ppu0015.hpp", "https://github.com/t-head/actlize", "2026")
MODEL_CONFIGS = Source(
    "ai-dynamo/aiconfigurator model_configs (verbatim Hugging Face config.json copies), commit 095f58a5",
    "https://github.com/ai-dynamo/aiconfigurator",
    "2026-08-21",
)
NEWSROOM = Source(
    "Alibaba Group newsroom, Zhenwu M890 / Panjiu AL128 / ICN Switch 1.0",
    "https://www.alibabagroup.com/en-US/document-1994119844504535040",
    "2026-05-20",
)
NEWS_DIGEST = Source(
    "T-Head Unveils Zhenwu M890 AI Accelerator (digest of Reuters, Bloomberg, CNBC, TNW)",
    "https://letsdatascience.com/news/t-head-unveils-zhenwu-m890-ai-accelerator-0f687e40",
    "2026-05-20",
)
NVIDIA_SYSTEMS = Source(
    "ai-dynamo/aiconfigurator systems/*.yaml (NVIDIA), commit 095f58a5",
    "https://github.com/ai-dynamo/aiconfigurator",
    "2026-08-21",
)
PHORONIX_HBM3 = Source(
    "Phoronix: JEDEC JESD238 HBM3",
    "https://www.phoronix.com/scan.php?page=news_item&px=JEDEC-HBM3",
    "2022-01-28",
)
PPU_NODE_POOL = Source(
    "Alibaba Cloud docs: Use PPUs in a Lingjun node pool",
    "https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/use-ppu-in-lingjun-node-pool",
    "2026-09-04",
)
PPU_SMI = Source("ppu-smi listing of a PPU-ZW810E", None, "2026")
RAINSNEWS = Source(
    "Alibaba launches Zhenwu M890",
    "https://rainsnews.com/en/cn/tech/alibaba-launches-zhenwu-m890-ai-chip-with-144gb-gpu-and-qwen3-7-max-language-mod-4670",
    "2026-05",
)
RAMULATOR_HBM3 = Source(
    "Ramulator 2.1, python/ramulator/dram/hbm3.py, preset HBM3_6400Mbps, commit c5b1c3a",
    "https://github.com/CMU-SAFARI/ramulator2",
    "2026",
)
RAMULATOR_HBM3E = Source(
    "Ramulator 2.1, python/ramulator/dram/hbm3.py, preset HBM3_9600Mbps, commit 300e25f",
    "https://github.com/CMU-SAFARI/ramulator2",
    "2026",
)
ROBOAI_DIGEST = Source(
    "Qwen3.5-397B summary (RoboAI Digest)",
    "https://roboaidigest.com/posts/2026-02-17-qwen3-5-397b-moe",
    "2026-02-17",
)
SAILBANDWIDTH = Source(
    "t-head/sailbandwidth README (measured on Zhenwu M890)",
    "https://github.com/t-head/sailbandwidth",
    "2026 (read 2026-11)",
)
SAIL_NOTES = Source("T-Head SAIL SDK release notes 2.1.1", None, "2026")
SDK_NOTES = Source(
    "Alibaba Cloud docs: PPU SDK release note v2.1",
    "https://help.aliyun.com/zh/document_detail/3030339.html",
    "2026",
)
SEMIANALYSIS_CM384 = Source(
    "SemiAnalysis: Huawei AI CloudMatrix 384",
    "https://semianalysis.com/2025/04/16/huawei-ai-cloudmatrix-384-chinas-answer-to-nvidia-gb200-nvl72/",
    "2025-04-16",
)
SERVERNEWS = Source("ServerNews: Zhenwu 810E with 96 GB HBM2e", "https://servernews.ru/1136036", "2026-01-29")
SGLANG_COOKBOOK = Source(
    "SGLang cookbook page Qwen3.8 (read in flytiger-eco/sglang-for-sail, commit 0bda0b16)",
    "https://huggingface.co/Qwen/Qwen3.8-2.4T-A95B",
    "2026-08-20",
)
SGLANG_ROADMAP = Source(
    "sgl-project/sglang issue 37519 Roadmap: Support T-Head PPU",
    "https://github.com/sgl-project/sglang/issues/37519",
    "2026-09-02",
)
SGLANG_TESTS = Source("SGLang PPU nightly test files and configs", None, "2026")
SINA = Source(
    "Sina Finance: Zhenwu M890 and ICN Switch",
    "https://finance.sina.com.cn/tech/shenji/2026-05-20/doc-inhypaen2740802.shtml",
    "2026-05-20",
)
STACK_SUMMARY = Source("T-Head AI Chip Software and Hardware Stack Summary", None, "2026-08-08")
TECHNEWS = Source("TechNews Taiwan: T-Head PPU shipments", "https://technews.tw/?p=1506294", "2026-01-30")
TIAN_PAN = Source(
    "Six Context Engineering Techniques (Tian Pan)",
    "https://tianpan.co/blog/2026-03-02-context-engineering-lessons-from-manus",
    "2026-03-02",
)
TOUTIAO = Source(
    "Toutiao: supernode instance, scale-up from 16 to 64 cards",
    "http://m.toutiao.com/group/7664190200269734442/",
    "2026-07-19",
)
TRACELAB = Source(
    "uw-syfi/TraceLab, paper_macros.tex and artifact READMEs, commit 0b8a262b (code Apache-2.0, data CC BY 4.0)",
    "https://github.com/uw-syfi/TraceLab",
    "2026-06-25",
)
TRACELAB_ATLAS = Source("TraceLab web atlas", "https://tracelab.cs.washington.edu/", "2026")
TRANSFORMERS = Source("transformers 5.23.0 from PyPI, default configs and modeling files", None, "2026-11")
TRENDTECH = Source(
    "Alibaba Launches Zhenwu M890 AI Chip in China Push",
    "https://trendtechdaily.com/alibaba-launches-zhenwu-m890-ai-chip-in-china-push/",
    "2026-05-20",
)
UDN = Source("UDN: Zhenwu 810E", "https://udn.com/news/story/7333/9297647", "2026-01-30")
UPN512 = Source(
    "UPN512 and 3.2T NPO",
    "https://reportify.ai/tags/product?tagValue=%E5%9B%BD%E4%BA%A7%E5%9B%9B%E8%8A%AF%E7%89%87%E4%BA%A4%E6%8D%A2%E6%9C%BA",
    "2026-03-01",
)
VLLM_CACHE = Source(
    "vLLM documentation: vllm.config.cache, DEFAULT_BLOCK_SIZE",
    "https://docs.vllm.ai/en/stable/api/vllm/config/cache/", "2026",
)
WEEKLY_INVESTOR = Source(
    "Alibaba unveils Zhenwu M890 chip (The Weekly Investor)",
    "https://the-weekly-investor.com/p/alibaba-unveils-zhenwu-m890-chip-to-challenge-nvidia",
    "2026-05",
)
WILLITRUNAI = Source("willitrunai H20 page", "https://willitrunai.com/es/gpus/h20-96gb", "2026")
WINBUZZER = Source(
    "WinBuzzer on CloudMatrix 384",
    "https://winbuzzer.com/2025/04/20/huawei-cloudmatrix-384-ai-cluster-outperforms-nvidia-gb200-xcxwbn/",
    "2025-04-20",
)
