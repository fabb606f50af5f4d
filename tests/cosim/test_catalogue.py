"""The catalogue: every bench in it has what the table needs, and none is forgotten."""

from pathlib import Path

import pytest

import zhenwu.cosim
from zhenwu.cosim.catalogue import BLOCKS, block_name, find

FOLDER = Path(zhenwu.cosim.__file__).parent


@pytest.mark.parametrize("module", BLOCKS, ids=block_name)
def test_every_bench_says_what_it_checks_and_what_not(module):
    assert module.ORACLE and module.NOT_CHECKED
    assert module.BINS and all(name.startswith("cp_") and reason for name, reason in module.BINS.items())
    assert callable(module.run)


def test_every_bench_file_is_in_the_catalogue():
    benches = {
        path.stem
        for folder in ("numerics", "stream", "tile", "hbm", "slice")
        for path in (FOLDER / folder).glob("*.py")
        if "\nNOT_CHECKED = " in path.read_text() and "\ndef run(" in path.read_text()
    }
    assert benches == {block_name(module) for module in BLOCKS}


def test_an_unknown_block_is_refused_with_the_list():
    assert block_name(find("fifo")) == "fifo"
    with pytest.raises(ValueError, match="--block nope: there is no such block; expected one of .*fifo"):
        find("nope")
