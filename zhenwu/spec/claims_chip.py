"""What the article claims of the M890, and of the work that it was made for."""

from zhenwu.spec import agent_traces, m890, p810e, qwen_max
from zhenwu.spec.claim import HOLDS, IN_PART, OPEN, TOPICS, UNTESTABLE, Claim
from zhenwu.spec.sources import ARTICLE, BYTEVYTE, CORE_NEWS, NEWS_DIGEST, NEWSROOM, TRENDTECH

CHIP, WORK = TOPICS[:2]

CHIP_CLAIMS = (
    Claim(
        "memory-capacity", "memory capacity", CHIP,
        "An M890 carries {value}`m890.memory_capacity` of memory.",
        (ARTICLE, NEWSROOM, NEWS_DIGEST), ("hbm3_from_the_cell_up", "slice_to_m890"), HOLDS,
        "All sources agree. Test code for the chip reports as many GiB, which is a little more; we take the smaller "
        "reading.",
        ("m890.memory_capacity",),
    ),
    Claim(
        "memory-kind", "kind of memory", CHIP,
        "That memory is HBM3.",
        (ARTICLE, CORE_NEWS), ("hbm3_from_the_cell_up", "slice_to_m890"), IN_PART,
        "The maker's documents speak of HBM. The generation stands in the press only, and nobody has said who makes "
        "the stacks.",
        ("m890.memory_type",), (m890.HBM_BANDWIDTH,),
    ),
    Claim(
        "link-bandwidth", "bandwidth between chips", CHIP,
        "Chips exchange data at {value}`m890.interchip_bandwidth`.",
        (ARTICLE, NEWSROOM, NEWS_DIGEST), ("lossless_link", "al128_and_collectives"), IN_PART,
        "The figure counts both directions together. One way it is {number}`m890.interchip_one_way`, and the maker's "
        "own tool, published later, measured {number}`m890.d2d_copy_measured`.",
        ("m890.interchip_bandwidth", "m890.interchip_one_way", "m890.d2d_copy_measured"), (m890.INTERCHIP_DIRECTION,),
    ),
    Claim(
        "native-fp4", "native FP4", CHIP,
        "The chip computes in four-bit floating point by itself.",
        (ARTICLE, NEWS_DIGEST), ("numbers_in_four_bits", "exact_dot_product", "down_to_verilog"), HOLDS,
        "The maker's code has a matrix step for it and names the format. What happens inside a block is not "
        "published; our dot product is exact there.",
        ("m890.fp4_format", "m890.mma_shapes"), (m890.FORMATS,),
    ),
    Claim(
        "three-times", "three times its predecessor", CHIP,
        "It is {value}`m890.perf_vs_810e` as fast as its predecessor.",
        (ARTICLE, NEWSROOM, TRENDTECH, BYTEVYTE), ("slice_to_m890", "against_other_chips"), UNTESTABLE,
        "Nobody says at which work, in which format, by which method. Nor is the baseline the same everywhere: "
        "{number}`threex.baseline`, says the vendor, and some papers say {number}`threex.h20_confusion`.",
        ("m890.perf_vs_810e",),
        (m890.PERF_BASELINE, p810e.H20_CONFUSION, p810e.A100_CONFUSION, p810e.FP16, m890.FP16_PEAK_FROM_3X,
         m890.FP16_GEMM_VENDOR_SAMPLE, m890.FP16_PRESS),
    ),
    Claim(
        "built-for-agents", "built for agents", CHIP,
        "The chip was built for agents.",
        (ARTICLE,), ("what_an_agent_asks", "both_directions"), UNTESTABLE,
        "An intention cannot be measured, and the maker also offers the chip for training. What can be measured is "
        "whether its balance fits agents better than batches: see {ref}`claim-agent-not-batch`.",
    ),
    Claim(
        "long-context", "one long thread", WORK,
        "An agent's session is one long thread of context, which each step reads again.",
        (ARTICLE,), ("what_an_agent_asks", "sessions_made_up", "transformer_counted", "serving_agents"), HOLDS,
        "Recorded sessions, of other vendors' models, read far more than they write, and nearly all of what they read "
        "was there at the step before.",
        ("what_an_agent_asks:context", "what_an_agent_asks:output", "what_an_agent_asks:reused", "tracelab.hit"),
        (agent_traces.WEKA_PREFIX_HIT,),
    ),
    Claim(
        "hungry-for-memory", "hunger for memory", WORK,
        "This makes agents hungry for memory: a session's context stays on the chip as long as the session lives.",
        (ARTICLE,), ("what_an_agent_asks", "transformer_counted", "serving_agents"), IN_PART,
        "With a model that stands in, and the median context of recorded sessions of other vendors' models, memory "
        "ends before bandwidth as soon as sessions wait as the recorded ones do. Whether a waiting session may leave "
        "the chip, and at what price, is counted in a chapter to come. Of the recorded sessions "
        "{number}`what_an_agent_asks:compacting` compact their context; the recording's own share, below, is a little "
        "lower, as far as we can tell because it also counts copies that we leave out.",
        ("what_an_agent_asks:kv_gb", "what_an_agent_asks:held", "what_an_agent_asks:alive_least"),
        (agent_traces.WEKA_COMPACTION,),
    ),
    Claim(
        "several-models", "several models at once", WORK,
        "Several models work on one task and are coordinated in real time.",
        (ARTICLE,), ("what_an_agent_asks", "serving_agents"), OPEN,
        "The recordings that we read do not tell how many models stood behind them.",
    ),
    Claim(
        "runs-for-hours", "hours without a break", WORK,
        "Agents run without a break, for hours.",
        (ARTICLE,), ("what_an_agent_asks", "serving_agents", "hours_on_128_chips"), IN_PART,
        "Sessions do last. But in recorded ones, of other vendors' models and with people in them, the model computes "
        "for a small part of the time; the rest is waiting for people and tools. In the few that are as long as the "
        "reported run it is least of all.",
        ("what_an_agent_asks:busy_least", "what_an_agent_asks:busy_most", "what_an_agent_asks:long_busy",
         "tracelab.idle"),
        (qwen_max.HOURS,),
    ),
    Claim(
        "unlike-batch", "a load unlike batches", WORK,
        "Agents load silicon differently from batch inference.",
        (ARTICLE,), ("what_an_agent_asks", "transformer_counted", "matmul_on_a_slice", "serving_agents"), IN_PART,
        "On paper, bandwidth limits sessions that never wait, and memory those that wait as recorded ones of other "
        "vendors' models do; one slice shows that a token which comes alone is dear. Links, arithmetic and the moments "
        "in which many write at once are not yet counted.",
        ("what_an_agent_asks:once_most", "what_an_agent_asks:held", "what_an_agent_asks:alive_least",
         "matmul_on_a_slice:dear"),
    ),
    Claim(
        "agent-not-batch", "an agent chip is no batch chip", WORK,
        "So a chip for agents is not a chip for batches: what is best for the one is not best for the other.",
        (ARTICLE,), ("what_an_agent_asks", "mac_array", "slice_to_m890", "both_directions"), OPEN,
        "An array with the balance that is assumed of the M890 is full where {number}`mac_array:rows_least` or more "
        "share each weight, and a session alone brings one. To settle it takes one model of a chip, two loads, and the "
        "same area spent in different ways. The loads and the chip are not complete.",
    ),
    Claim(
        "reason-for-capacity", "the reason for its capacity", WORK,
        "This load is the reason for the size of the chip's memory.",
        (ARTICLE,), ("what_an_agent_asks", "transformer_counted", "serving_agents", "both_directions"), OPEN,
        "With the model that stands in, and a context of {number}`what_an_agent_asks:context`, a group of chips holds "
        "{number}`what_an_agent_asks:held`. That context is the median of recorded sessions of other vendors' models. "
        "To be settled by how the number changes as memory grows and shrinks.",
    ),
    Claim(
        "reason-for-bandwidth", "the reason for its bandwidth", WORK,
        "This load is the reason for the chip's bandwidth.",
        (ARTICLE,),
        ("what_an_agent_asks", "sequencer_and_mover", "memory_controller", "matmul_on_a_slice", "slice_to_m890",
         "both_directions"),
        OPEN,
        "The bandwidth to memory was never published. One decode step of the model that stands in moves "
        "{number}`what_an_agent_asks:step_gb` for a single session with a context of "
        "{number}`what_an_agent_asks:context`, the median of recorded sessions of other vendors' models. A whole "
        "chip's load is not yet modelled.",
        facts=(m890.HBM_BANDWIDTH, m890.HBM_BANDWIDTH_RANGE),
    ),
    Claim(
        "reason-for-fp4", "the reason for FP4", WORK,
        "This load is the reason for computing in FP4.",
        (ARTICLE,),
        ("a_small_agent", "numbers_in_four_bits", "exact_dot_product", "mac_array", "proof_and_gates",
         "both_directions"),
        OPEN,
        "Four bits cost one layer of our agent an error of {number}`exact_dot_product:error`. For one token, which "
        "waits for weights, our array takes {number}`mac_array:bf16_longer` as long in BF16. What both do to a session "
        "on a whole chip is not yet measured.",
    ),
)
