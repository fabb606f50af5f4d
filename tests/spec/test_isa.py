"""The instruction set: encode and decode undo each other, and every fault is told."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.spec import isa
from zhenwu.spec.isa import Load, Mma, Store, Wait

HALF_STEPS = 8
LOAD = Load(operand=1, half=0, rows=33, k_steps=2, element_base=4096, element_stride=2, scale_base=77, scale_stride=3)
MMA = Mma(a_half=0, b_half=1, first=1, last=0, release_a=0, release_b=1, m=16, n=3, k_blocks=4, a_step=6, b_step=1)
STORE = Store(m=16, n=5, base=(1 << 23) - 1, stride=16)


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
    assert isa.encode(STORE) == 3 | 16 << 16 | 5 << 21 | ((1 << 23) - 1) << 32 | 16 << 64
    assert isa.encode(LOAD) == 1 | 1 << 4 | 33 << 8 | 2 << 20 | 4096 << 32 | 2 << 64 | 3 << 80 | 77 << 96
    assert isa.encode(MMA) == 2 | 1 << 5 | 1 << 6 | 1 << 9 | 16 << 16 | 3 << 21 | 4 << 32 | 6 << 64 | 1 << 72


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
    with pytest.raises(ValueError, match=f"opcode {opcode}: expected 1, 2, 3, 4"):
        isa.decode(opcode)


@pytest.mark.parametrize("instruction", [LOAD, MMA, STORE, Wait()])
def test_each_reserved_bit_is_refused(instruction):
    used = isa.used_bits(isa.OPCODES[isa.encode(instruction) & 15][1])
    for bit in range(isa.INSTRUCTION_BITS):
        if not used >> bit & 1:
            with pytest.raises(ValueError, match="sets a reserved bit"):
                isa.decode(isa.encode(instruction) | 1 << bit)


@pytest.mark.parametrize("instruction", [LOAD, MMA, STORE])
def test_a_value_that_its_field_cannot_hold_is_refused(instruction):
    table = isa.field_table(isa.OPCODES[isa.encode(instruction) & 15][1])
    for entry in fields(instruction):
        for value in (-1, 1 << table[entry.name].width):
            with pytest.raises(ValueError, match=rf"{entry.name} = {value}: expected 0 \.\."):
                isa.encode(replace(instruction, **{entry.name: value}))


def test_what_is_no_instruction_is_refused():
    with pytest.raises(ValueError, match="expected Load, Mma, Store or Wait"):
        isa.encode("mma")


def test_an_instruction_at_its_limit_is_no_fault():
    for instruction in (replace(LOAD, rows=64, k_steps=2), replace(MMA, a_step=6, k_blocks=4), STORE, Wait()):
        assert isa.fault(instruction, HALF_STEPS) is None


@pytest.mark.parametrize(
    ("instruction", "reason"),
    [
        (replace(LOAD, rows=0), "a load of nothing"),
        (replace(LOAD, k_steps=0), "a load of nothing"),
        (replace(LOAD, rows=65, k_steps=2), "5 panels x 2 steps exceed a half of 8 steps"),
        (replace(LOAD, rows=1, k_steps=9), "1 panels x 9 steps exceed a half of 8 steps"),
        (replace(MMA, m=0), "expected 1 .. 16"),
        (replace(MMA, n=17), "expected 1 .. 16"),
        (replace(STORE, m=17), "expected 1 .. 16"),
        (replace(STORE, n=0), "expected 1 .. 16"),
        (replace(MMA, k_blocks=0), "an mma over no blocks"),
        (replace(MMA, a_step=6, k_blocks=5), "step 6 + 5 blocks exceed a half of 8 steps"),
        (replace(MMA, a_step=0, b_step=7, k_blocks=3), "step 7 + 3 blocks exceed a half of 8 steps"),
    ],
)
def test_each_fault_is_told(instruction, reason):
    assert reason in isa.fault(instruction, HALF_STEPS)


def test_status_words():
    assert isa.status(isa.FINISHED) == 1
    assert isa.status(isa.BAD_INSTRUCTION, 5) == 2 | 5 << 8
    assert isa.status(isa.POISONED, (1 << 23) - 1) == 3 | ((1 << 23) - 1) << 8
    assert isa.STATUS_VALUE.lsb + isa.STATUS_VALUE.width < isa.STATUS_BITS
