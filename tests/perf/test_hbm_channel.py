"""A pseudo-channel, command by command: it takes commands and returns lines in the CK in which the controller does."""

from collections import deque
from dataclasses import replace
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.perf.broken import broken
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.golden.hbm.address_map import address_map
from zhenwu.perf import hbm_banks, hbm_channel
from zhenwu.perf.hbm_banks import BANK_GROUPS, place
from zhenwu.perf.hbm_channel import Channel
from zhenwu.spec.hbm3 import HBM3_6400
from zhenwu.spec.hbm_controller import CONTROLLER

OUTSTANDING = 64  # reads, as the tile has them
NEVER = replace(HBM3_6400, nREFI=1 << 20)
MUTATIONS = {
    "a request is seen a CK early": (hbm_channel, "{False: 3, True: 4}", "{False: 2, True: 4}"),
    "a write's data come with it": (hbm_channel, "{False: 3, True: 4}", "{False: 3, True: 3}"),
    "three commands wait": (hbm_channel, "FIFO_DEPTH = 2", "FIFO_DEPTH = 3"),
    "a queue is longer": (hbm_channel, "- self.served[write] >=", "- self.served[write] >"),
    "room comes a CK late": (hbm_channel, "self.admit(now)", "self.admit(now + 1)"),
    "a request is forgotten a CK early": (hbm_channel, "last.gone <= now - REGISTERED", "last.gone <= now - 1"),
    "a line comes a CK early": (hbm_channel, '"nBL") + 1', '"nBL")'),
    "lines come as they are read": (hbm_channel, "while self.returned in self.filled",
                                    "self.returned = min(self.filled)\n            while self.returned in self.filled"),
    "writes go first a request late": (hbm_channel, "ready[True] >= self.high", "ready[True] > self.high"),
    "writes end a request late": (hbm_channel, "ready[True] <= self.low", "ready[True] < self.low"),
    "writes wait though nothing is read": (hbm_channel, "(not ready[False] and ready[True] > 0)", "False"),
    "nobody is overdue": (hbm_channel, "ages[0].age + self.late <= now", "False"),
    "age counts from a CK later": (hbm_channel, "self.seen - REGISTERED", "self.seen - 1"),
    "of two overdue the younger decides": (hbm_channel, "min(late, key", "max(late, key"),
    "an overdue hit waits for openers": (hbm_channel, "first = overdue and", "first = False and"),
    "rows move while somebody overdue waits": (hbm_channel, "due or (overdue and self.left_behind(now))", "due"),
    "an opener counts at once": (hbm_channel, "count -= self.banks", "count -= 0 and self.banks"),
    "an opener is gone at once": (hbm_channel, "count += last", "count += 0 and last"),
    "leftovers wait": (hbm_channel, "(not writing, writing) if self.openers[not writing]",
                       "(writing, not writing) if self.openers[not writing]"),
    "hits go before openers": (hbm_channel, "hit if opener is None or first", "hit if hit is not None"),
    "hits go during a refresh": (hbm_channel, "write is writing and not hold", "write is writing"),
    "the younger request goes": (hbm_channel, "second.number < first.number", "second.number > first.number"),
    "rows close with their opener unserved": (hbm_channel, "bank.row != head.row and bank.opener is None",
                                              "bank.row != head.row"),
    "a row closes beside one that opens": (hbm_channel, "elif close is not None", "if close is not None"),
    "no refresh": (hbm_channel, "due = now >= self.due_from", "due = False"),
    "a refresh is due a CK early": (hbm_channel, "self.interval + 1", "self.interval"),
    "no request wakes the channel": (hbm_channel, "self.at = min(self.at, self.next_seen())", "pass"),
    "a bank's first request does not": (hbm_channel, "or not self.queues[request.write][request.bank]", ""),
    "the other direction's does not": (hbm_channel, "request.write is not self.writing or", ""),
    "neighbouring lines share a bank group": (hbm_banks, '"bank"] * BANK_GROUPS + found["bank_group"]',
                                              '"bank_group"] * BANKS + found["bank"]'),
    **{f"no {name}": (hbm_banks, f'timing["{name}"]', "0") for name in (
        "nRRDS", "nFAW", "nRRDL", "nRCDRD", "nRCDWR", "nRAS", "nCCDL", "nWTRS", "nWTRL", "nWR", "nRTW",
    )},
    "no nRC": (hbm_banks, 'now + timing["nRC"]', "now"),
    "no nRP": (hbm_banks, 'max(bank.acts, now + self.timing["nRP"])', "bank.acts"),
    "no nPPD": (hbm_banks, 'self.timing["nPPD"]', "0"),
    "no nRFCab": (hbm_banks, 'self.timing["nRFCab"]', "0"),
}


class Command(NamedTuple):
    """A command of the port, which its owner offers from `at` on."""

    write: bool
    line_address: int
    at: int


class Timed(NamedTuple):
    """When commands were taken, and when lines came."""

    taken: list[int]
    lines: list[int]


def traffic(seed: int, count: int) -> list[Command]:
    """Streams through memory that jump now and then, with pauses; no line comes twice."""
    random = Random(seed)
    jumps, writes, gap = random.choice((0, 0.05, 0.3, 1)), random.choice((0.1, 0.3, 0.5)), random.choice((0, 2, 6, 16))
    places, found, at = [random.randrange(1 << 18) for _ in range(4)], {}, 0
    while len(found) < count:
        at += random.randint(0, gap) + (random.random() < 0.005) * random.randint(0, 2000)
        stream = random.randrange(4)
        places[stream] = random.randrange(1 << 18) if random.random() < jumps else places[stream] + 1
        found.setdefault(places[stream], Command(random.random() < writes, places[stream], at))
    return list(found.values())


def controller_times(commands: list[Command]) -> Timed:
    """On the controller's cycle model."""
    controller, waiting, found, beat = Controller(), deque(commands), Timed([], []), True
    reads = 0
    while waiting or not controller.idle or len(found.lines) < reads:
        now, cmd, wdata = controller.now, None, None
        head = waiting[0] if waiting else None
        if head is not None and head.at <= now and (head.write or reads - len(found.lines) < OUTSTANDING):
            cmd = head.write, head.line_address, 0
            wdata = 0 if head.write and beat else None
        if wdata is not None and controller.wdata_ready:
            beat = False  # its data are with the controller
        if controller.rdata is not None:
            found.lines.append(now)
        if cmd is not None and controller.cmd_ready:
            waiting.popleft()
            found.taken.append(now)
            reads += not head.write
            beat = True
        controller.step(cmd, wdata, True, 0)
    return found


def channel_times(commands: list[Command], channel: Channel) -> Timed:
    """Command by command."""
    waiting, found, reads = deque(commands), Timed([], []), 0
    while waiting or channel.waiting or channel.served != channel.count:
        head = waiting[0] if waiting else None
        offered = None if head is None else max(head.at, found.taken[-1] + 1 if found.taken else 0)
        if head is not None and not head.write and reads >= OUTSTANDING:
            known = len(found.lines) > reads - OUTSTANDING
            offered = max(offered, found.lines[reads - OUTSTANDING] + 1) if known else None
        if offered is not None and channel.room and offered <= channel.at:
            found.taken.append(channel.accept(head.write, head.line_address, offered))
            reads += not waiting.popleft().write
        else:
            channel.step()
        while channel.lines:
            found.lines.append(max(channel.lines.popleft(), found.lines[-1] + 1 if found.lines else 0))
    return found


@pytest.fixture(scope="module")
def measured():
    found = []
    for seed, count in [(seed, 400) for seed in (*range(11), 95)] + [(12, 2000), (13, 2000)]:
        commands = traffic(seed, count)
        found.append((commands, controller_times(commands)))
    return found


def test_commands_and_lines_move_in_the_controllers_own_ck(measured):
    for commands, expected in measured:
        assert channel_times(commands, Channel(HBM3_6400)) == expected


@pytest.mark.parametrize("slip", MUTATIONS)
def test_each_limit_and_each_rule_matters(slip, measured):
    wrong = broken([hbm_banks, hbm_channel], *MUTATIONS[slip])

    def differs(commands: list[Command], expected: Timed) -> bool:
        try:
            return channel_times(commands, Steps(wrong.Channel(HBM3_6400))) != expected
        except (AssertionError, IndexError, KeyError, Stuck):
            return True

    assert any(differs(*each) for each in measured)


class Stuck(Exception):
    """A broken channel that never ends."""


class Steps:
    """A channel that takes so many steps and no more."""

    def __init__(self, channel: Channel):
        self.channel, self.left = channel, 50_000

    def __getattr__(self, name: str):
        return getattr(self.channel, name)

    def step(self) -> None:
        """One of them."""
        self.left -= 1
        if not self.left or self.channel.at > 1 << 40:
            raise Stuck
        self.channel.step()


@given(st.integers(0, (1 << 23) - 1))
def test_a_line_lies_where_the_controller_puts_it(line):
    there = address_map(line, str(CONTROLLER.address_map.value))
    assert place(line) == (there.bank * BANK_GROUPS + there.bank_group, there.row)


def cost(lines, timing=NEVER):
    """CK a line, of reads as fast as they are taken."""
    commands = [Command(False, line, 0) for line in lines]
    return channel_times(commands, Channel(timing)).lines[-1] / len(commands)


def test_what_a_line_costs_by_hand():
    count = 2000
    assert cost(range(count)) == pytest.approx(HBM3_6400.total("nBL"), rel=0.08)
    one_group = [BANK_GROUPS * each for each in range(count)]
    assert cost(one_group) == pytest.approx(HBM3_6400.total("nCCDL"), rel=0.05)
    rows_of_one_bank = [each << 9 for each in range(200)]
    assert cost(rows_of_one_bank) == pytest.approx(HBM3_6400.total("nRC"), rel=0.05)
    lost = HBM3_6400.total("nRFCab", "nRP", "nRTP", "nRCDRD") / HBM3_6400.total("nREFI")
    assert cost(range(20_000), HBM3_6400) == pytest.approx(HBM3_6400.total("nBL") / (1 - lost), rel=0.08)
