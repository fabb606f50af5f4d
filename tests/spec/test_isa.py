"""The instruction set: encode and decode undo each other, and every fault is told."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.spec import isa
from zhenwu.spec.isa import Load, Loop, Mma, Store, Wait

LOAD = Load(
    operand=1, half=0, rows=33, k_steps=2, element_base=4096, element_stride=2, scale_base=77, scale_stride=3, fmt=2
)
MMA = Mma(
    a_half=0, b_half=1, first=1, last=0, release_a=0, release_b=1, m=16, n=3, k_groups=4, a_step=6, b_step=1, fmt=3
)
STORE = Store(
    m=16, n=5, base=(1 << 23) - 1, stride=16, fmt=2, rule=1, part=3, closes=1, add=1, add_half=0, release=1,
    scale_base=9,
)
LOOP = Loop(
    length=255, count=2, a_elements=1, a_scales=2, b_elements=3, b_scales=4, residual=5, result=6, result_scales=7
)


def instructions() -> st.SearchStrategy:
    """Any instruction whose fields hold their values."""
    return st.one_of(
        *(
            st.builds(record, **{
                name: st.integers(0, (1 << width) - 1)
                for name, (_, width) in isa.field_table(layout).items()
                if name != "opcode"
            })
            for record, layout in isa.OPCODES.values()
        )
    )


@pytest.mark.parametrize("opcode", isa.OPCODES)
def test_fields_stay_inside_the_word_and_do_not_overlap(opcode):
    record, layout = isa.OPCODES[opcode]
    table = isa.field_table(layout)
    bits = [bit for lsb, width in table.values() for bit in range(lsb, lsb + width)]
    assert len(bits) == len(set(bits)) and max(bits) < isa.INSTRUCTION_BITS
    assert table["opcode"] == isa.Field(0, isa.OPCODE_BITS)
    assert {entry.name for entry in fields(record)} == set(table) - {"opcode"}


def test_known_words():
    """Written out by hand, so that both directions cannot be wrong together."""
    assert isa.encode(Wait()) == 4
    assert isa.encode(LOAD) == 1 | 1 << 4 | 33 << 8 | 2 << 20 | 2 << 28 | 4096 << 32 | 2 << 64 | 3 << 80 | 77 << 96
    assert isa.encode(MMA) == 2 | 1 << 5 | 1 << 6 | 1 << 9 | 3 << 10 | 16 << 16 | 3 << 21 | 4 << 32 | 6 << 64 | 1 << 72
    flags = 2 << 4 | 1 << 6 | 3 << 8 | 1 << 10 | 1 << 11 | 1 << 13
    assert isa.encode(STORE) == 3 | flags | 16 << 16 | 5 << 21 | ((1 << 23) - 1) << 32 | 16 << 64 | 9 << 96
    advances = sum(advance << 24 + 14 * index for index, advance in enumerate(range(1, 8)))
    assert isa.encode(LOOP) == 5 | 255 << 4 | 2 << 12 | advances


@given(instructions())
def test_decode_undoes_encode(instruction):
    assert isa.decode(isa.encode(instruction)) == instruction


@given(st.integers(0, (1 << isa.INSTRUCTION_BITS) - 1), st.sampled_from(sorted(isa.OPCODES)))
def test_a_word_decodes_to_what_encodes_to_it_or_not_at_all(word, opcode):
    word = word >> isa.OPCODE_BITS << isa.OPCODE_BITS | opcode
    try:
        assert isa.encode(isa.decode(word)) == word
    except ValueError as error:
        assert "reserved bit" in str(error)
        assert word & ~isa.used_bits(isa.OPCODES[opcode][1])


@pytest.mark.parametrize("opcode", sorted(set(range(16)) - set(isa.OPCODES)))
def test_an_unknown_opcode_is_refused(opcode):
    with pytest.raises(ValueError, match=f"opcode {opcode}: expected 1, 2, 3, 4, 5"):
        isa.decode(opcode)


@pytest.mark.parametrize("instruction", [LOAD, MMA, STORE, Wait(), LOOP])
def test_each_reserved_bit_is_refused(instruction):
    used = isa.used_bits(isa.OPCODES[isa.encode(instruction) & 15][1])
    for bit in range(isa.INSTRUCTION_BITS):
        if not used >> bit & 1:
            with pytest.raises(ValueError, match="sets a reserved bit"):
                isa.decode(isa.encode(instruction) | 1 << bit)


@pytest.mark.parametrize("instruction", [LOAD, MMA, STORE, LOOP])
def test_a_value_that_its_field_cannot_hold_is_refused(instruction):
    table = isa.field_table(isa.OPCODES[isa.encode(instruction) & 15][1])
    for entry in fields(instruction):
        for value in (-1, 1 << table[entry.name].width):
            with pytest.raises(ValueError, match=rf"{entry.name} = {value}: expected 0 \.\."):
                isa.encode(replace(instruction, **{entry.name: value}))


def test_what_is_no_instruction_is_refused():
    with pytest.raises(ValueError, match="expected Load, Mma, Store, Wait or Loop"):
        isa.encode("mma")


def test_status_words():
    assert isa.status(isa.FINISHED) == 1
    assert isa.status(isa.BAD_INSTRUCTION, 5) == 2 | 5 << 8
    assert isa.status(isa.POISONED, (1 << 23) - 1) == 3 | ((1 << 23) - 1) << 8
    assert isa.STATUS_VALUE.lsb + isa.STATUS_VALUE.width < isa.STATUS_BITS
