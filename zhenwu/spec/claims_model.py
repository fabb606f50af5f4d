"""What the article claims of the model, of chip and model made together, and of the chips to come."""

from zhenwu.spec import m890, qwen_max, rack, roadmap
from zhenwu.spec.claim import FAILS, HOLDS, OPEN, TOPICS, UNTESTABLE, Claim
from zhenwu.spec.sources import ARTICLE
from zhenwu.spec.sources_company import AGENTIC_BREW, ROADMAP_TABLE, TOKENFEED, TRENDFORCE

MODEL, CODESIGN, ROADMAP = TOPICS[2:5]

MODEL_CLAIMS = (
    Claim(
        "thirty-five-hours", "35 hours", MODEL,
        "Qwen3.7-Max worked on one task for {value}`q37max.hours`.",
        (ARTICLE, TOKENFEED, AGENTIC_BREW), ("what_an_agent_asks", "refresh_and_ecc", "hours_on_128_chips"), UNTESTABLE,
        "It was one task, run by the vendor. The model is served and not given away, so the run cannot be repeated. "
        "Recorded sessions of other vendors' models that last as long are idle nearly all the time: an answer is under "
        "way in {number}`what_an_agent_asks:long_busy` of it.",
        ("q37max.hours", "q37max.tool_calls"), (qwen_max.KERNEL_EVALS, qwen_max.SPEEDUP, qwen_max.ARCHITECTURE),
    ),
    Claim(
        "no-decline", "no decline", MODEL,
        "It did not get worse on the way.",
        (ARTICLE,), ("a_small_agent", "refresh_and_ecc", "hours_on_128_chips"), UNTESTABLE,
        "We found this sentence in the press and no measurement behind it. What can be measured is an agent of our "
        "own: see {ref}`claim-errors-compound`.",
        facts=(qwen_max.HOURS,),
    ),
    Claim(
        "errors-compound", "a demonstration is no measurement", MODEL,
        "What works in a demonstration need not work for hours, because small errors add up.",
        (ARTICLE,), ("a_small_agent", "exact_dot_product", "refresh_and_ecc"), HOLDS,
        "It holds for an agent of our own, which is small; nothing here measures Qwen3.7-Max. In float32 this much was "
        "left of its sessions, one small error at a time: {number}`a_small_agent:left_fp32`. Trained for four bits: "
        "{number}`a_small_agent:left_even`.",
        ("a_small_agent:left_fp32", "a_small_agent:left_even"),
    ),
    Claim(
        "plans-in-step", "plans in step", CODESIGN,
        "The plans for chip and model are made in step.",
        (ARTICLE,), ("both_directions", "what_we_do_not_know"), UNTESTABLE,
        "Plans are made behind doors. From outside one sees dates, and which model runs on which chip how soon after "
        "its release.",
        facts=(rack.QWEN38,),
    ),
    Claim(
        "need-shapes-chip", "a need shapes the chip", CODESIGN,
        "What the model needs, such as bandwidth, goes into the chip's plan.",
        (ARTICLE,), ("matmul_on_a_slice", "memory_controller", "both_directions"), OPEN,
        "The book runs the loop itself: a model's need, a change of the chip, and what the change was worth.",
    ),
    Claim(
        "chip-shapes-model", "the chip shapes the model", CODESIGN,
        "A new number format or link goes into the model's plan.",
        (ARTICLE,), ("numbers_in_four_bits", "lossless_link", "both_directions"), OPEN,
        "Models in MXFP4 are served on the chip. Whether they were trained with it in mind is not said.",
        facts=(rack.KIMI_K3, m890.FP4_FORMAT),
    ),
    Claim(
        "codesign-wins", "co-design beats tuning", CODESIGN,
        "Making both together beats tuning a model for somebody else's chip.",
        (ARTICLE,), ("against_other_chips", "both_directions"), OPEN,
        "It needs the same money or area on both sides: the best model on a given chip, against the best pair.",
        facts=(rack.KIMI_K3, rack.PERF_GAIN),
    ),
    Claim(
        "v900-date", "the V900's date", ROADMAP,
        "The V900 follows in {value}`v900.date_may`.",
        (ARTICLE, ROADMAP_TABLE, TRENDFORCE), ("v900_and_j900",), FAILS,
        "{value}`v900.date_may` was the plan of May. What was announced in September is newer: "
        "{number}`v900.date_sept`. So the article's date no longer stands.",
        ("v900.date_may", "v900.date_sept"),
    ),
    Claim(
        "j900-date", "the J900's date", ROADMAP,
        "The J900 follows in {value}`j900.date`.",
        (ARTICLE, TRENDFORCE), ("v900_and_j900",), UNTESTABLE,
        "That lies ahead, and we found nothing newer.",
        ("j900.date",),
    ),
    Claim(
        "three-times-each", "three times each", ROADMAP,
        "Each generation does about three times what the last one did.",
        (ARTICLE, ROADMAP_TABLE), ("v900_and_j900", "fab_as_a_ceiling"), OPEN,
        "For the V900 the factor was announced, again without a method; for the J900 it was not. Memory grows by "
        "a factor of {number}`v900.memory_gain`, links by {number}`v900.interchip_gain`. Which speed that can feed is "
        "not yet computed.",
        facts=(roadmap.V900_PERF, roadmap.V900_MEMORY, roadmap.V900_INTERCHIP, m890.PERF_VS_810E),
    ),
)
