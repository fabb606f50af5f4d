"""A list of commands as text: what it may say, and that every line which is no command is named by its number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.cycle.hbm.command_list import FIELDS, PLACES, BadCommand, command_list, numbered
from zhenwu.spec.hbm3 import COMMANDS, DramAddress, DramCommand

A_LIST = """
# two rows of one bank
0  ACT   bg=1 ba=2 row=5    # opens it
31 RD    bg=1 ba=2 col=3

45 PREpb ba=2 bg=1
71 act   bg=1 ba=2 row=6
"""


def test_a_list_is_read_in_order_with_the_numbers_of_its_lines():
    place = {"bank_group": 1, "bank": 2}
    assert command_list(A_LIST) == [
        DramCommand(0, "ACT", DramAddress(row=5, **place)),
        DramCommand(31, "RD", DramAddress(row=5, column=3, **place)),
        DramCommand(45, "PREpb", DramAddress(**place)),
        DramCommand(71, "ACT", DramAddress(row=6, **place)),
    ]
    assert [listed.line for listed in numbered(A_LIST)] == [3, 4, 6, 7]


def test_a_column_command_without_a_row_means_the_one_that_its_bank_has_open():
    text = "0 ACT bg=0 ba=0 row=7\n9 ACT bg=0 ba=1 row=8\n40 RD bg=0 ba=0\n50 WR bg=0 ba=1 col=1\n60 RD bg=0 ba=0 row=9"
    assert [command.address.row for command in command_list(text)] == [7, 8, 7, 8, 9]
    assert command_list("0 RD bg=0 ba=0")[0].address.row == 0  # nothing is open: the checker will say so


def test_two_commands_may_stand_in_one_ck():
    assert len(command_list("5 RD bg=0 ba=0\n5 ACT bg=1 ba=0 row=0")) == 2


@st.composite
def commands(draw) -> list[DramCommand]:
    cycles = sorted(draw(st.lists(st.integers(0, 900), min_size=1, max_size=12)))
    made = []
    for cycle in cycles:
        op = draw(st.sampled_from(COMMANDS[1:]))
        place = {FIELDS[name][0]: draw(st.integers(0, FIELDS[name][1] - 1)) for name in PLACES[op]}
        made.append(DramCommand(cycle, op, DramAddress(**place)))
    return made


def written(command: DramCommand) -> str:
    places = [f"{name}={getattr(command.address, FIELDS[name][0])}" for name in PLACES[command.op]]
    return " ".join([str(command.cycle), command.op, *places])


@given(commands())
def test_what_is_written_is_read_back(made):
    assert command_list("\n".join(map(written, made))) == made


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("ACT bg=0 ba=0 row=5", '"ACT": expected a whole number of 0 .. 1000000'),
        ("-1 PREab", 'CK "-1": expected a whole number'),
        ("1.5 PREab", 'CK "1.5": expected a whole number'),
        ("\N{SUPERSCRIPT TWO} PREab", "expected a whole number"),
        ("9999999 PREab", 'CK "9999999": expected a whole number'),
        (f"{'9' * 5000} PREab", "expected a whole number"),
        ("9", "CK 9 has no command; expected one of ACT, PREpb"),
        ("9 NOP", '"NOP": expected a command, one of ACT, PREpb'),
        ("9 OPEN bg=0", '"OPEN": expected a command, one of ACT, PREpb'),
        ("9 ACT bg=0 ba=0", "ACT without row: expected bg= ba= row="),
        ("9 RD ba=0", "RD without bg: expected bg= ba="),
        ("9 ACT bg=0 ba=0 row=5 col=1", '"col=1" after ACT: expected bg= ba= row='),
        ("9 ACT bank=0", '"bank=0" after ACT: expected bg= ba= row='),
        ("9 ACT 0 0 5", '"0" after ACT: expected bg= ba= row='),
        ("9 PREab bg=0", '"bg=0" after PREab: expected nothing after it'),
        ("9 RD bg=0 bg=0 ba=0", "bg stands twice: expected it once"),
        ("9 RD bg=4 ba=0", 'bg = "4": expected a whole number of 0 .. 3'),
        ("9 RD bg=0 ba=x", 'ba = "x": expected a whole number of 0 .. 3'),
        ("9 RD bg=0 ba=", 'ba = "": expected a whole number of 0 .. 3'),
        ("9 ACT bg=0 ba=0 row=16384", 'row = "16384": expected a whole number of 0 .. 16383'),
        ("9 RD bg=0 ba=0 col=32", 'col = "32": expected a whole number of 0 .. 31'),
        ("1 PREab", "CK 1 comes after CK 2: expected commands in their order"),
    ],
)
def test_a_line_that_is_no_command_is_named_by_its_number(line, sentence):
    with pytest.raises(BadCommand) as refused:
        command_list(f"# a remark\n2 PREab\n\n{line}\n5 PREab")
    said = str(refused.value)
    assert said.startswith("line 4: ") and sentence in said and "\n" not in said


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing but a remark"])
def test_a_list_without_a_command_is_refused(text):
    with pytest.raises(BadCommand, match="^line 1: there is no command"):
        command_list(text)
