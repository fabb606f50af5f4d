"""Chinese that can be searched and copied.

A font draws some characters and the radical of that shape with one glyph, and a printed page then says "radical": a
search for 黄金 finds nothing, where the page says U+2EE9 and not 黄. Here the table of each font that
leads from glyphs back to characters is put right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from pypdf import PdfWriter
from pypdf.generic import StreamObject

# Radicals and the characters of their glyphs in Noto Sans CJK SC, where Unicode's own normal form (NFKC) has not these.
# Parts that are no character by themselves are left out.
PAIRS = (
    "⺒巳 ⺓幺 ⺠民 ⻁虎 ⻅见 ⻆角 ⻉贝 ⻋车 ⻑長 ⻓长 ⻔门 ⻘青 ⻙韦 ⻚页 ⻛风 "
    "⻜飞 ⻝食 ⻢马 ⻣骨 ⻤鬼 ⻥鱼 ⻦鸟 ⻧卤 ⻨麦 ⻩黄 ⻪黾 ⻬齐 ⻮齿 ⻰龙 ⼾户"
)
CHARACTERS = dict(PAIRS.split())  # a pair of characters is a key and its value
RADICALS = range(0x2E80, 0x2FE0)
SECTION = re.compile(rb"\d+ beginbf(char|range)\n(.*?)endbf\1\n", re.S)
CODES = re.compile(rb"<([0-9A-Fa-f]+)>")
MOST = 100  # entries of a section, by the rules of such tables


def character(radical: int) -> int:
    """The character that a radical stands for; any other code as it is."""
    if radical not in RADICALS:
        return radical
    text = chr(radical)
    return ord(CHARACTERS.get(text, unicodedata.normalize("NFKC", text)))


def make_searchable(writer: PdfWriter) -> None:
    """Put right the tables of all fonts of a PDF."""
    for held in writer._objects:
        table = held.get("/ToUnicode") if isinstance(held, dict) else None
        if table is not None:
            correct(table.get_object())


def correct(table: StreamObject) -> None:
    """Put right one table, if it names a radical."""
    text = table.get_data()
    entries = [entry for kind, body in SECTION.findall(text) for entry in spelled_out(kind, body)]
    if not any(len(meant) == 4 and int(meant, 16) in RADICALS for _, meant in entries):
        return
    lines = [b"<%s> <%s>\n" % (code, b"%04X" % character(int(meant, 16)) if len(meant) == 4 else meant)
             for code, meant in entries]
    parts = [lines[start : start + MOST] for start in range(0, len(lines), MOST)]
    sections = b"".join(b"%d beginbfchar\n%sendbfchar\n" % (len(part), b"".join(part)) for part in parts)
    first = SECTION.search(text).start()
    table.set_data(text[:first] + sections + SECTION.sub(b"", text[first:]))


def spelled_out(kind: bytes, body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each glyph of a section and what it means, both as hexadecimal digits; a range becomes its members."""
    codes = CODES.findall(body)
    if kind == b"char":
        yield from zip(codes[::2], codes[1::2], strict=True)
        return
    for begin, end, meant in zip(codes[::3], codes[1::3], codes[2::3], strict=True):
        for step in range(int(end, 16) - int(begin, 16) + 1):
            yield b"%0*X" % (len(begin), int(begin, 16) + step), b"%0*X" % (len(meant), int(meant, 16) + step)
