"""The pages that the other makers' chips and the Qwen models' configurations stand in."""

from zhenwu.spec.sourced import Source

APXML_QWEN3_30B = Source("ApX: Qwen3-30B-A3B", "https://apxml.com/models/qwen3-30b-a3b", "2026")
APXML_QWEN3_32B = Source("ApX: Qwen3-32B", "https://apxml.com/models/qwen3-32b", "2026")
ASCEND_ROADMAP = Source(
    "Huawei Ascend roadmap comparison",
    "https://www.besthub.dev/articles/huawei-ascend-ai-chip-detailed-specs-comparison-2025-2028-roadmap-a247a4760c30",
    "2025",
)
CLOUDMATRIX_PAPER = Source(
    "Serving LLMs on Huawei CloudMatrix384 (arXiv 2506.12708)",
    "https://arxiv.org/abs/2506.12708",
    "2025-06-15",
)
GPU_BLOG_MI300X = Source("gpu.blog MI300X (IF 896 GB/s)", "https://gpu.blog/gpus/instinct-mi300x-mi300x", "2025")
H20_NOTE = Source("H20 vs H100 note", "https://zangshuxian.com/new/674733024499207168", "2024")
KLOCKWOOD_B200 = Source("glennklockwood.com B200", "https://glennklockwood.com/garden/processors/B200", "2025")
MI300X_PAGES = Source(
    "aiwiki / jaredwatkins MI300X pages",
    "https://www.jaredwatkins.com/research/ai-accelerators/amd-instinct/mi300-series/",
    "2026",
)
MODEL_CONFIGS = Source(
    "ai-dynamo/aiconfigurator model_configs (verbatim Hugging Face config.json copies), commit 095f58a5",
    "https://github.com/ai-dynamo/aiconfigurator",
    "2026-08-21",
)
NVIDIA_SYSTEMS = Source(
    "ai-dynamo/aiconfigurator systems/*.yaml (NVIDIA), commit 095f58a5",
    "https://github.com/ai-dynamo/aiconfigurator",
    "2026-08-21",
)
ROBOAI_DIGEST = Source(
    "Qwen3.5-397B summary (RoboAI Digest)",
    "https://roboaidigest.com/posts/2026-02-17-qwen3-5-397b-moe",
    "2026-02-17",
)
SEMIANALYSIS_CM384 = Source(
    "SemiAnalysis: Huawei AI CloudMatrix 384",
    "https://semianalysis.com/2025/04/16/huawei-ai-cloudmatrix-384-chinas-answer-to-nvidia-gb200-nvl72/",
    "2025-04-16",
)
SGLANG_COOKBOOK = Source(
    "SGLang cookbook page Qwen3.8 (read in flytiger-eco/sglang-for-sail, commit 0bda0b16)",
    "https://huggingface.co/Qwen/Qwen3.8-2.4T-A95B",
    "2026-08-20",
)
WILLITRUNAI = Source("willitrunai H20 page", "https://willitrunai.com/es/gpus/h20-96gb", "2026")
WINBUZZER = Source(
    "WinBuzzer on CloudMatrix 384",
    "https://winbuzzer.com/2025/04/20/huawei-cloudmatrix-384-ai-cluster-outperforms-nvidia-gb200-xcxwbn/",
    "2025-04-20",
)
