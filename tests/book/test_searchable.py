"""A glyph that two codes share means the character, so that a search finds it."""

import pytest

pytest.importorskip("pypdf", reason="pypdf is not here: make pdf installs it")

from pypdf.generic import StreamObject  # noqa: E402

from book.copies.searchable import CHARACTERS, RADICALS, character, correct  # noqa: E402

HEAD, TAIL = b"1 begincodespacerange\n<00> <FF>\nendcodespacerange\n", b"endcmap\n"


def table(*sections: bytes) -> StreamObject:
    made = StreamObject()
    made.set_data(HEAD + b"".join(sections) + TAIL)
    return made


@pytest.mark.parametrize(
    ("code", "meant"), [("\u2ee9", "黄"), ("\u2ec6", "角"), ("\u2f42", "文"), ("黄", "黄"), ("a", "a")]
)
def test_a_radical_means_its_character_and_all_else_itself(code, meant):
    assert chr(character(ord(code))) == meant


def test_the_table_leads_from_radicals_to_characters():
    assert all(ord(radical) in RADICALS and ord(meant) >= 0x4E00 for radical, meant in CHARACTERS.items())


def test_one_code_and_a_range_are_put_right():
    made = table(b"1 beginbfchar\n<43> <2EE9>\nendbfchar\n", b"1 beginbfrange\n<0001> <0003> <2F40>\nendbfrange\n")
    correct(made)
    entries = b"<43> <9EC4>\n<0001> <652F>\n<0002> <6534>\n<0003> <6587>\n"
    assert made.get_data() == HEAD + b"4 beginbfchar\n" + entries + b"endbfchar\n" + TAIL


def test_a_table_without_radicals_stays_as_it_is():
    made = table(b"1 beginbfrange\n<0001> <0003> <4E00>\nendbfrange\n")
    before = made.get_data()
    correct(made)
    assert made.get_data() == before
