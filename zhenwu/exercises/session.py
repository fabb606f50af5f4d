"""A notebook run in a kernel of its own, cell by cell, then asked for verdicts; the kernel ends with the command."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from pathlib import Path
from subprocess import DEVNULL
from tempfile import TemporaryDirectory

from ipykernel.kernelspec import write_kernel_spec
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from zhenwu.exercises import Unusable
from zhenwu.exercises.judge import VERDICT, WRONG
from zhenwu.exercises.notebook import LONGEST

ROOT = Path(__file__).resolve().parents[2]  # where the kernel finds the package that is running here
BEGIN = f"import sys\nsys.path.append({str(ROOT)!r})\nfrom zhenwu.exercises.judge import begin\nbegin()\ndel begin, sys"
JUDGE = "from zhenwu.exercises.judge import judged as _judged\n_judged({!r}, {})"
START_LIMIT_S = 60
LONGEST_FOLDER = 80  # characters; a socket's whole path has room for about a hundred
Verdict = tuple[str, str]  # status and reason


class Lost(Exception):
    """The kernel is dead or hangs; it answers nothing any more."""


@asynccontextmanager
async def session(notebook: NotebookNode, folder: Path) -> AsyncIterator[NotebookClient]:
    """A fresh kernel of this Python, in `folder`, for a copy of the notebook; in the end it is killed."""
    log = logging.getLogger(__name__)
    log.addHandler(logging.NullHandler())
    log.propagate = False
    with TemporaryDirectory(prefix="kernel-") as specs:
        write_kernel_spec(str(Path(specs, "python3")))  # this Python, whichever kernels are installed
        finder = KernelSpecManager(kernel_dirs=[specs], log=log)
        # Sockets in files, whose names must be short: over TCP a kernel may find that another has taken its port.
        transport = "ipc" if len(specs) < LONGEST_FOLDER else "tcp"
        manager = AsyncKernelManager(
            kernel_name="python3", kernel_spec_manager=finder, log=log, transport=transport,
            connection_file=str(Path(specs, "connection.json")),
        )
        client = NotebookClient(deepcopy(notebook), km=manager, log=log)
        try:
            try:
                await client.async_start_new_kernel(cwd=str(folder), stdout=DEVNULL, stderr=DEVNULL)
                await client.async_start_new_kernel_client()
                await _run(client, BEGIN, START_LIMIT_S)
            except (OSError, RuntimeError, CellExecutionError, CellTimeoutError) as error:
                reason = _plain(str(error).strip().rpartition("\n")[2])
                raise Unusable(f"{sys.executable} starts no kernel ({reason}); expected it to have ipykernel") from None
            yield client
        finally:
            if client.kc is not None:
                client.kc.stop_channels()
            await manager.shutdown_kernel(now=True)


async def run_cells(client: NotebookClient, path: Path, limit: int, advance: Callable[[int, int], None]) -> None:
    """Run all cells of the notebook at `path`, each for at most `limit` seconds.

    Unusable names the first that does not come to its end.
    """
    client.timeout = limit
    cells = [(index, cell) for index, cell in enumerate(client.nb.cells) if cell.cell_type == "code"]
    for number, (index, cell) in enumerate(cells, 1):
        advance(number - 1, len(cells))
        line = next(filter(None, map(str.strip, cell.source.splitlines())), "")
        where = f"{path}: code cell {number} of {len(cells)}, which begins with `{_plain(line)}`,"
        try:
            await _execute(client, cell, index)
        except CellExecutionError as error:
            said = _plain(error.evalue.strip().partition("\n")[0])
            raise Unusable(f"{where} raised {error.ename}{said and ': '}{said}; expected one that runs") from None
        except CellTimeoutError:
            raise Unusable(f"{where} runs on after {limit} s; expected one that ends, or a larger --limit") from None
        except DeadKernelError:
            raise Unusable(f"{where} ended its Python; expected one that leaves it running") from None
    advance(len(cells), len(cells))


async def verdict_on(client: NotebookClient, label: str, seed: int, limit: int) -> Verdict:
    """Status and reason of one exercise; Lost, with the verdict, if the kernel is of no use after it."""
    try:
        outputs = await _run(client, JUDGE.format(label, seed), limit)
    except CellExecutionError as error:  # the judge itself, because the notebook changed what it rests on
        return WRONG, f"judging it ended with {error.ename}"
    except CellTimeoutError:
        raise Lost(f"it does not end; it was stopped after {limit} s") from None
    except DeadKernelError:
        raise Lost("it ended Python itself") from None
    found = [each.data[VERDICT] for each in outputs if each.output_type == "display_data" and VERDICT in each.data]
    return (found[-1]["status"], found[-1]["reason"]) if found else (WRONG, "it keeps the judge from answering")


async def _run(client: NotebookClient, source: str, limit: int) -> list[NotebookNode]:
    """Run code that is no cell of the notebook; its outputs."""
    client.timeout = limit
    client.nb.cells.append(new_code_cell(source))
    try:
        await _execute(client, client.nb.cells[-1], len(client.nb.cells) - 1)
        return client.nb.cells[-1].outputs
    finally:
        client.nb.cells.pop()


async def _execute(client: NotebookClient, cell: NotebookNode, index: int) -> None:
    try:
        await client.async_execute_cell(cell, index, store_history=False)
    except DeadKernelError:
        if asyncio.current_task().cancelling():  # nbclient takes Ctrl-C for the kernel's death
            raise asyncio.CancelledError from None
        raise


def _plain(text: str) -> str:
    """What can be printed of a text, shortened."""
    shown = "".join(each for each in text if each.isprintable())
    return shown if len(shown) <= LONGEST else shown[:LONGEST] + "..."
