"""Instruction words cut into their fields: one signal per field of `zhenwu/spec/isa.py`."""

from hdl.bundle import Stream
from zhenwu.spec.isa import INSTRUCTION_BITS, Field


def instruction_stream() -> Stream:
    """A stream of instruction words."""
    return Stream(word=INSTRUCTION_BITS)


def cut(word, field: Field):
    """The signal of one field of `word`, which must be an internal signal, not a port's field."""
    return word(field.lsb + field.width, field.lsb)
