"""Any words are refused, trap at the right instruction or finish; what passes the checks finishes as golden says."""

from collections import Counter
from dataclasses import fields, replace
from pathlib import Path
from random import Random

import pytest

from zhenwu.cosim.program_run import Setting, agrees, foretold, golden_task, in_hardware
from zhenwu.cosim.tile.jobs import Wanted, end_of, stored_place
from zhenwu.cosim.tile.tile_bench import HALF_STEPS
from zhenwu.cosim.user_program import UserProgram, checked_program, least_cycles, with_trap
from zhenwu.golden.tile.assembly import Line, assemble, disassemble
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import Result, plan
from zhenwu.golden.tile.roll import roll
from zhenwu.golden.tile.sequencer import STREAMS, decoded, until_trap
from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.isa import BAD_INSTRUCTION, FINISHED, OPCODES, Loop, Wait, decode, encode, field_table, status
from zhenwu.spec.mma_formats import MMA_FORMATS, MXFP4_OPERAND, MXFP8_OPERAND

LEAST_CYCLES, MOST_CYCLES = 100, 50_000  # as least_cycles has it; on the cycle model
NEAR = 1 << 16  # lines: golden's memory is as long as the furthest address


def good_program(random):
    """One that the compiler writes, perhaps rolled up, perhaps as a whole in a loop or two."""
    m, n, k = random.randint(1, 40), random.randint(1, 80), random.randint(1, 150)
    fmt, store = random.choice(list(MMA_FORMATS.values())), random.choice([None, MXFP4_OPERAND, MXFP8_OPERAND])
    a, b, c = plan(m, n, k, 0, fmt)
    rule = random.choice(SCALE_RULES)
    target = stored_place(c, Wanted(fmt, store, rule))
    residual = Result(end_of(target), c.stride, m, n) if random.random() < 0.4 else None
    program = random.choice(compile_matmul(a, b, target, HALF_STEPS, 256, rule, residual))
    program = roll(program) if random.random() < 0.2 else program
    while random.random() < 0.3 and sum(isinstance(each, Loop) for each in program) < 2 and len(program) < 40:
        advances = {name: random.randint(0, 3) for name in STREAMS}
        program = [Loop(len(program), random.randint(1, 3), **advances), *program]
    return program


def with_a_field_changed(random, word):
    """A word that decodes with one of its fields off by one, at an end, or anything."""
    instruction = decode(word)
    names = [field.name for field in fields(instruction)] or [None]
    name = random.choice(names)
    if name is None:
        return word
    value, width = getattr(instruction, name), field_table(OPCODES[word & 15][1])[name].width
    value = random.choice([value + 1, value - 1, value ^ 1, random.getrandbits(width), 0, -1]) % (1 << width)
    return encode(replace(instruction, **{name: value}))


def edited(random, words):
    """Words with up to three edits: bits, fields, words deleted, doubled, swapped, made up, and loops."""
    words = list(words)
    for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
        place, kind = random.randrange(len(words)), random.randrange(8)
        if kind == 0:
            words[place] ^= 1 << random.randrange(128)
        elif kind == 1 and len(words) > 1:
            del words[place]
        elif kind == 2:
            words.insert(place, random.choice(words))
        elif kind == 3:
            words[place : place + 2] = words[place : place + 2][::-1]
        elif kind == 4:
            words[place] = random.getrandbits(128)
        elif kind == 5:
            loop = Loop(random.randint(0, 6), random.randint(0, 4), result=random.randint(0, 3))
            words.insert(place, encode(random.choice([Wait(), loop])))
        elif decoded(words[place]) is not None:
            words[place] = with_a_field_changed(random, words[place])
    return words[:256]


def some_program(seed):
    """Words made from nothing, or a good program edited; None where loops make it too long."""
    random = Random(seed)
    words = edited(random, map(encode, good_program(random)))
    if seed % 8 == 0:
        words = [random.getrandbits(124) << 4 | random.randint(1, 6) for _ in range(random.randint(1, 6))]
    program = with_trap(UserProgram(Path("p.asm"), "", [Line(1, word) for word in words]))
    return program if least_cycles([program]) <= LEAST_CYCLES else None


def judged(seed):
    """A program after the checks, its setting, its run on the cycle model, and a word on how it went."""
    program = some_program(seed)
    if program is None:
        return None, None, None, "long"
    program = checked_program(program)
    setting = Setting(2 << seed % 3, 2 << seed % 3, 1 + seed % 4, (2, 32, 100)[seed % 3], 1 + seed % 2)
    (run,) = foretold([program], setting, MOST_CYCLES)
    end = status(FINISHED) if program.trap is None else status(BAD_INSTRUCTION, program.trap.index)
    assert run.status == end or (not program.trusted and run.hangs), f"seed {seed}: {run}, {program}"
    return program, setting, run, "hangs" if run.hangs else "traps" if program.trap else "finishes"


def test_any_program_is_refused_traps_where_it_should_or_finishes():
    seen = Counter()
    for seed in range(150):
        program, setting, run, end = judged(seed)
        if program is None:
            continue
        assert assemble(disassemble(program.words)) == program.words
        seen[end, program.refused is None] += 1
        if program.trusted and max(range_of(program), default=0) < NEAR:
            assert golden_task([program], {}, [run], setting).statuses == [run.status]
    assert seen["finishes", True] > 30 and seen["traps", False] > 30 and seen["hangs", False] > 5
    assert ("hangs", True) not in seen and ("traps", True) not in seen


def range_of(program):
    """The addresses of its instructions, as far as they are run."""
    for _, _, each in until_trap(program.instructions, HALF_STEPS):
        yield max([0, *(value for name, value in vars(each).items() if "base" in name)])


@pytest.mark.parametrize(("seed", "end"), [
    (4, "finishes"), (42, "finishes"), (26, "finishes"), (20, "traps"), (46, "traps"), (15, "hangs"),
])
def test_hardware_does_what_the_models_say_of_any_program(seed, end):
    program, _, _, found = judged(seed)
    assert found == end
    setting = Setting(2, 2, 4, 32, 1)
    (run,) = foretold([program], setting, MOST_CYCLES)
    task = golden_task([program], {}, [run], setting)
    host, evidence = in_hardware(task, [run], setting)
    assert agrees([run], host, evidence), (evidence.violations, evidence.first_mismatch)


def test_how_often_each_instruction_is_run_is_known_without_running_it():
    loops = 0
    for seed in range(180):
        program = some_program(seed)
        if program is not None:
            counted = [(times, each) for times, each in program.times() if not isinstance(each, Loop)]
            loops += max((times for times, _ in counted), default=0) > 1
            run = sum(1 for _ in until_trap(program.instructions, HALF_STEPS))
            assert sum(times for times, _ in counted) == run
    assert loops > 10
