"""What the tests of the Verilog share: the emitted designs, and the outside tools."""

from pathlib import Path

import pytest

from hdl.designs import DESIGNS
from hdl.emit import emit
from zhenwu.cosim.backends import cxxrtl, verilator
from zhenwu.cosim.backends import icarus as icarus_backend
from zhenwu.cosim.yosys import prepare


@pytest.fixture(scope="session")
def icarus(require):
    require(icarus_backend.need)


@pytest.fixture(scope="session", params=[verilator, cxxrtl], ids=lambda backend: backend.NAME)
def compiled(request, require):
    """A compiled simulator."""
    require(request.param.need)
    return request.param


@pytest.fixture(scope="session")
def yosys(require):
    require(prepare)


@pytest.fixture(scope="session")
def emission(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A folder with the Verilog of all designs, and the complaints about those that failed."""
    folder = tmp_path_factory.mktemp("verilog")
    return folder, emit(DESIGNS, folder)


@pytest.fixture(scope="session")
def emitted(emission) -> Path:
    """The folder alone."""
    return emission[0]
