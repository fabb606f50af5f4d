"""The counters: which of several things a cycle counts as, what clears them, and hardware beside its model."""

from itertools import product

import pytest

from zhenwu.cosim.tile import counters as cosim
from zhenwu.cycle.tile.counters import KINDS, Counters, activity
