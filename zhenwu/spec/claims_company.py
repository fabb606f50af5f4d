"""What the article claims of the rack and its service, and what it says against the chip itself."""

from zhenwu.spec import chips, m890, market, rack
from zhenwu.spec.claim import HOLDS, IN_PART, OPEN, TOPICS, Claim
from zhenwu.spec.sources import ARTICLE, NEWSROOM, RAINSNEWS
from zhenwu.spec.sources_company import CAIXIN, SHINE, TOMS_NIKKEI

RACK, HONEST = TOPICS[5:7]

COMPANY_CLAIMS = (
    Claim(
        "chips-in-a-rack", "chips in a rack", RACK,
        "A Panjiu AL128 joins M890s, {value}`al128.chips`.",
        (ARTICLE, NEWSROOM), ("al128_and_collectives", "hours_on_128_chips"), HOLDS,
        "The rack's design is older than the chip. What can be rented in public is a smaller form.",
        ("al128.chips", "lingjun_m890.supernode_cards"), (rack.SWITCH_CLUSTER, rack.INTERNAL_BANDWIDTH),
    ),
    Claim(
        "through-bailian", "offered through Bailian", RACK,
        "It is offered through Bailian, Alibaba Cloud's platform for models.",
        (ARTICLE, NEWSROOM), ("serving_agents",), HOLDS,
        "So says the vendor, as others quote it. The cloud's own documents name an instance with M890 as well.",
        ("al128.bailian", "m890.cloud_instance"),
    ),
    Claim(
        "no-compute-figures", "no compute figures", HONEST,
        "No figures for its compute were published.",
        (ARTICLE,), ("slice_to_m890", "what_we_do_not_know"), IN_PART,
        "No peak was. But the maker's code, opened later, shows the shapes of its matrix steps, a number of compute "
        "units, and one timed product on a board that it does not name.",
        ("m890.mma_shapes", "m890.cu_count", "m890.fp16_gemm_vendor_sample"),
        (m890.FP16_PRESS, m890.HBM_BANDWIDTH, m890.POWER, m890.DIE_SIZE, m890.PROCESS_NODE),
    ),
    Claim(
        "capacity-behind", "capacity behind the leaders", HONEST,
        "Its memory is smaller than that of the leading Western chips.",
        (ARTICLE,), ("against_other_chips",), HOLDS,
        "The newest ones carry more, such as a B200 with {number}`chip.b200_hgx.memory`. An H200, of the generation "
        "before, has a little less: {number}`chip.h200_sxm.memory`.",
        ("m890.memory_capacity", "chip.b200_hgx.memory", "chip.mi300x.memory"),
        (chips.H200.memory, market.CONSTRAINT),
    ),
    Claim(
        "bandwidth-behind", "bandwidth behind the leaders", HONEST,
        "Its bandwidth to memory is lower than theirs.",
        (ARTICLE,), ("hbm3_from_the_cell_up", "slice_to_m890", "against_other_chips"), OPEN,
        "No source gives its bandwidth. The range that stacks of this kind allow ends below a B200, and holds an "
        "H200; but assumptions stand behind it.",
        facts=(m890.HBM_BANDWIDTH, m890.HBM_BANDWIDTH_RANGE, chips.B200.bandwidth, chips.H200.bandwidth,
               market.CONSTRAINT),
    ),
    Claim(
        "fab-ceiling", "the fab as a ceiling", HONEST,
        "How many can be made is limited by what SMIC's fabs can make.",
        (ARTICLE, TOMS_NIKKEI), ("proof_and_gates", "fab_as_a_ceiling"), OPEN,
        "Sources differ widely on the number of wafers, and yield is a guess. The maker has never named the process.",
        facts=(market.WAFERS_NIKKEI, market.WAFERS_SEMIANALYSIS, market.AI_YIELD, market.CAPACITY_2026,
               m890.PROCESS_NODE),
    ),
    Claim(
        "huawei-rival", "Huawei as the rival", HONEST,
        "Huawei is the rival at home.",
        (ARTICLE,), ("against_other_chips", "fab_as_a_ceiling"), OPEN,
        "They compete for customers, and for wafers too, if both are made where the press presumes.",
        facts=(market.WAFERS_HUAWEI,),
    ),
    Claim(
        "units-shipped", "units shipped", HONEST,
        "Zhenwu chips have been shipped: {value}`zhenwu.shipped`.",
        (ARTICLE, NEWSROOM, RAINSNEWS), ("fab_as_a_ceiling",), IN_PART,
        "The number is the vendor's. It counts every Zhenwu chip so far, and how many of them are M890 is not said.",
        ("zhenwu.shipped",),
    ),
    Claim(
        "customers", "customers", HONEST,
        "They serve {value}`zhenwu.customers_may`.",
        (ARTICLE, NEWSROOM), ("what_we_do_not_know",), IN_PART,
        "So says the vendor, as others quote it. By August the vendor said {number}`zhenwu.customers_aug`.",
        ("zhenwu.customers_may", "zhenwu.customers_aug"),
    ),
    Claim(
        "industries", "industries", HONEST,
        "These work in {value}`zhenwu.industries` industries.",
        (ARTICLE, NEWSROOM), ("what_we_do_not_know",), IN_PART,
        "So says the vendor, as others quote it. Nobody has listed them.",
        ("zhenwu.industries",),
    ),
    Claim(
        "money", "money committed", HONEST,
        "Alibaba has committed {value}`alibaba.capex`.",
        (ARTICLE, SHINE, CAIXIN), ("fab_as_a_ceiling", "what_we_do_not_know"), HOLDS,
        "It was announced in yuan, for cloud and AI as a whole and not for chips, more than a year before the "
        "article. In dollars the press differs a little.",
        ("alibaba.capex",),
    ),
)
