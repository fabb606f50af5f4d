"""Waveforms: well-formed SVG that needs nothing from outside, and a VCD that reads back."""

import xml.etree.ElementTree as ElementTree

from hdl.bench.trace import Column
from hdl.bench.waveform import waveform
from zhenwu.cosim.vcd import vcd

SVG = "{http://www.w3.org/2000/svg}"
COLUMNS = [
    Column("dst_valid", 1, [0, 1, 1, 1, 0]),
    Column("dst_ready", 1, [1, 0, 1, 1, 1]),
    Column("dst_data", 32, [0xDEADBEEF, 7, 7, 0x12345678, 0]),
    Column("sum", 9, [-1, -1, 0, 3, 3]),
]


def drawn(**options):
    return ElementTree.fromstring(waveform(COLUMNS, 40, "a <title> & more", **options))


def test_each_bit_is_a_stepped_line_and_each_run_of_a_bus_is_a_box():
    svg = drawn()
    assert len(svg.findall(f"{SVG}polyline")) == 2
    boxes = [title.text for title in svg.iter(f"{SVG}title")][1:]
    assert boxes == [
        "dst_data = 0xdeadbeef", "dst_data = 0x00000007", "dst_data = 0x12345678", "dst_data = 0x00000000",
        "sum = 0x1ff", "sum = 0x000", "sum = 0x003",
    ]


def test_all_digits_of_32_bits_have_room_and_wider_values_keep_both_ends():
    assert "deadbeef" in [text.text for text in drawn().iter(f"{SVG}text")]
    wide = Column("wide", 128, [0x0123456789ABCDEF0123456789ABCDEF])
    texts = [text.text for text in ElementTree.fromstring(waveform([wide], 0, "t")).iter(f"{SVG}text")]
    assert "012…cdef" in texts


def test_a_transfer_is_a_dot_and_payload_without_valid_is_faint():
    svg = drawn()
    assert len(svg.findall(f"{SVG}circle")) == 2  # cycles 42 and 43
    assert [group.get("class") for group in svg.findall(f"{SVG}g")][:4] == ["idle", "", "", "idle"]


def test_the_mismatch_is_marked():
    svg = drawn(mark_cycle=42, mark_column="dst_data")
    assert len(svg.findall(f"{SVG}rect[@class='here']")) == 1
    boxes = [group for group in svg.findall(f"{SVG}g") if group.get("class") != "names"]
    marked = [group for group in boxes if group.find(f"{SVG}path").get("class") == "bus wrong-bus"]
    assert [group.find(f"{SVG}title").text for group in marked] == ["dst_data = 0x00000007"]


def test_codes_may_have_words():
    texts = [text.text for text in drawn(words={"sum": ("nothing", "a", "b", "PREab")}).iter(f"{SVG}text")]
    assert "nothing" in texts and "PREab" in texts and "1ff" in texts  # -1 is no index


def test_a_long_box_says_its_value_again_and_again():
    column = Column("bank", 4, [9] * 25 + [3] * 10)
    svg = ElementTree.fromstring(waveform([column], 0, "t"))
    assert [text.text for text in svg.iter(f"{SVG}text") if text.get("class") == "value"] == ["9", "9", "9", "3"]


def test_the_drawing_names_itself_and_asks_for_nothing():
    text = waveform(COLUMNS, 0, "name")
    assert 'role="img"' in text and 'aria-label="name"' in text
    assert text.count("http") == 1  # the name of the SVG language, which nobody fetches
    assert "prefers-color-scheme: dark" in text


def test_a_vcd_reads_back():
    text = vcd(COLUMNS, 40, "queue")
    names, values, seen, now = {}, {}, {}, 0
    for line in text.splitlines():
        if line.startswith("$var"):
            _, _, _, code, name, _ = line.split()
            names[code] = name
        elif line.startswith("#"):
            now = int(line[1:])
        elif not line.startswith("$"):
            value, code = (line[1:].split(" ") if line.startswith("b") else (line[0], line[1:]))
            values[names[code]] = int(value, 2)
            if names[code] == "clk" and value == "1" and now % 10 == 5 and now > 395:
                seen[now] = dict(values)
    assert [seen[time]["dst_data"] for time in (405, 415, 425, 435, 445)] == COLUMNS[2].values
    assert [seen[time]["sum"] for time in (405, 445)] == [0x1FF, 3]


def test_many_signals_have_different_codes():
    columns = [Column(f"s{index}", 1, [0]) for index in range(300)]
    codes = [line.split()[3] for line in vcd(columns, 0, "x").splitlines() if line.startswith("$var")]
    assert len(set(codes)) == 301
