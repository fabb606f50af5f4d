"""One wrong line at a time in the quantiser and its scale: every rule, rounding and clamp, and the flow of blocks.

`tests/mutations.py` holds them beside those of the other blocks.
"""

# file of the block: {what goes wrong: (what stands there, exactly once; what the slip makes of it)}
QUANTISER_MUTATIONS: dict[str, dict[str, tuple[str, str]]] = {
    "hdl/numerics/block_scale.py": {
        "even cuts instead of rounding": ('if rule == "even"', 'if rule == "odd"'),
        "even rounds to one bit too many": ("return 1 << (last_place - 1)", "return 1 << (last_place - 2)"),
        "an even tie stays down": ("return 1 << (last_place - 1)", "return (1 << (last_place - 1)) - 1"),
        "rceil cuts": ('if rule == "rceil"', 'if rule == "ceil"'),
        "rceil moves up what just fits": ("return FRACTION - (", "return FRACTION + 1 - ("),
        "rceil leaves an ulp to saturate": ("return FRACTION - (", "return FRACTION - 1 - ("),
        "rceil knows only powers of two": ("return FRACTION - (mantissa << last_place)", "return FRACTION"),
        "E4M3 takes the rules of E2M1": ("place = RULES * element + int(rule)", "place = int(rule)"),
        "E4M3 takes the range of E2M1": ("EMAX[element]", "EMAX[0]"),
        "even and rceil are exchanged": ("(*SCALE_RULES, ", '("floor", "rceil", "even", '),
        "a NaN has a scale": ("== NOT_FINITE", "> NOT_FINITE"),
        "the largest floats are NaN": ("if bits >> FRACTION_BITS", "if (bits + added) >> FRACTION_BITS"),
        "the smallest scale is 1": ("scale.next = 0", "scale.next = 1"),
        "the scale wraps below 0": ("scale.next = 0", "scale.next = (exponent - emax) & 255"),
        "the clamp begins a binade early": ("if exponent > emax", "if exponent > emax + 1"),
        "the clamp looks before the carry": ("if exponent > emax", "if bits >> FRACTION_BITS > emax"),
    },
    "hdl/numerics/mx_quantise.py": {
        "ties go to the odd code": ("(kept & 2) != 0", "(kept & 2) == 0"),
        "ties go away from zero": ("if (kept & 2) != 0 or (kept << shift) != significand", "if kept >= 0"),
        "ties go towards zero": ("(kept & 2) != 0 or (kept", "(kept"),
        "the sticky bits are dropped": (" or (kept << shift) != significand", ""),
        "nothing is rounded": ("kept = kept + 1", "kept = kept + 0"),
        "subnormal codes are cut too high": ("shift = shift + 1 - field", "shift = shift - field"),
        "subnormal codes have the next exponent": ("field = 1\n", "field = 2\n"),
        "codes wrap instead of saturating": ("code = largest_code\n", "code = code & largest_code\n"),
        "E4M3 saturates to its NaN": ("element.largest_code for", "2**element.magnitude_bits - 1 for"),
        "saturation goes one code too low": ("code = largest_code\n", "code = largest_code - 1\n"),
        "a subnormal float has a leading one": ("if field == 0", "if field < 0"),
        "the leading one is searched for too briefly": ("SEARCHED_BITS = 7", "SEARCHED_BITS = 6"),
        "a subnormal float weighs half": ("leading - FRACTION_BITS + 1", "leading - FRACTION_BITS"),
        "E4M3 has the bias of E2M1": ("bias = BIAS[element]", "bias = BIAS[0]"),
        "minus zero loses its sign": ("[32 * (i % BEAT) + 31]:", "[32 * (i % BEAT) + 31] and code > 0:"),
        "E4M3's sign stands at E2M1's place": ("NEGATIVE[element]", "NEGATIVE[0]"),
        "the upper half stays": ("halves[HALVES // 2 + i // 4].next = 0\n", "pass\n"),
        "a NaN block has codes": ("                present = 0\n", "                present = present + 0\n"),
        "words past the end are encoded": ("if i < present", "if i <= present"),
        "words past the end scale": ("if i < count and magnitude > highest", "if magnitude > highest"),
        "the first exponent wins": ("magnitude > highest", "(magnitude >> 23) > (highest >> 23)"),
        "the last block's scale lives on": ("if beat != 0:", "if beat >= 0:"),
        "the first beat names the element": ("fmt.next = src.fmt", "fmt.next = src.fmt if beat == 0 else fmt"),
        "the first beat names the rule": ("rule.next = src.rule", "rule.next = src.rule if beat == 0 else rule"),
        "a waiting block is overwritten": ("full and (dst.ready or not dst.valid)", "full"),
    },
}
