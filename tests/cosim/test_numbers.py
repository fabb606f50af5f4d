"""Bit patterns read as numbers."""

import pytest

from zhenwu.cosim.numbers import command, float32, integer, scaled


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        (0x3F800000, "1.0"),
        (0x3DCCCCCD, "0.1"),
        (0x80000000, "-0.0"),
        (0x00000001, "1e-45"),
        (0x7F800000, "inf"),
        (0xFF800000, "-inf"),
        (0x7FC00000, "nan"),
    ],
)
def test_float32_is_shortest_text_that_identifies_it(bits, text):
    assert float32(bits) == text


def test_integers_and_scaled_integers():
    assert integer(-5) == "-5"
    assert scaled(-2)(-5) == "-1.25"


def test_commands_of_the_memory():
    assert [command(code) for code in (0, 1, 4, 8, 15)] == ["no command", "ACT", "RD", "REFab", "no command"]
