"""`zhenwu regress`: the closed loops in compiled Verilog beside their twins, for millions of cycles."""

from pathlib import Path

from zhenwu.bad_input import BadInput, one_line

DESIGNS = ("controller", "tile", "slice")
BACKENDS = ("verilator", "cxxrtl")
MOST_CYCLES = 10**9


def regress(design: str | None, cycles: int | None, seed: int, backend: str, fresh: bool) -> int:
    """Run the plan; the exit status."""
    if design is not None and design not in DESIGNS:
        raise BadInput(f"--design {design}: expected one of {', '.join(DESIGNS)}")
    if backend not in BACKENDS:
        raise BadInput(f"--backend {backend}: expected one of {', '.join(BACKENDS)}")
    if cycles is not None and not 1 <= cycles <= MOST_CYCLES:
        raise BadInput(f"--cycles {cycles}: expected 1 .. {MOST_CYCLES:,}")
    from concurrent.futures.process import BrokenProcessPool

    from zhenwu.cosim.files import try_folder
    from zhenwu.cosim.regress import command

    try:
        try_folder(command.FOLDER)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BadInput(f"{command.FOLDER}: {reason}; expected a folder that can be made and written") from None
    options = command.Options((design,) if design else DESIGNS, cycles, seed, backend, fresh)
    try:
        return command.regress(options)
    except command.REFUSED as error:
        raise BadInput(str(error)) from None
    except BrokenProcessPool:
        raise BadInput("a process was killed, as for want of memory; the same command goes on from there") from None


def reproduce(path: Path) -> int:
    """Repeat a failure in MyHDL; the exit status."""
    from zhenwu.cosim.regress import command, reproduction

    try:
        return command.repeat(path)
    except reproduction.BadReproduction as error:
        raise BadInput(f"--reproduce {one_line(str(error))}") from None
