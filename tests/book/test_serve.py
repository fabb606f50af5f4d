"""`make serve`: the site as it was built, or one sentence why not."""

import importlib.util
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "book" / "serve.py"


@pytest.fixture
def serve(tmp_path: Path) -> ModuleType:
    """The module, with a small site of its own."""
    spec = importlib.util.spec_from_file_location("serve", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.SITE = tmp_path
    (tmp_path / "index.html").write_text("<p>here</p>")
    return module


@pytest.mark.parametrize("port", ["many", "0", "65536", "-1"])
def test_what_is_no_port_is_named(serve, capsys, port):
    assert serve.main(port) == 2
    assert capsys.readouterr().err == f'port "{port}": expected a number from 1 to 65535\n'


def test_without_a_site_it_says_what_to_run(serve, capsys, tmp_path):
    (tmp_path / "index.html").unlink()
    assert serve.main("8000") == 2 and "run make book first" in capsys.readouterr().err


def test_a_port_that_is_taken_is_named(serve, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert serve.main(str(port)) == 2
    assert capsys.readouterr().err.startswith(f"port {port}: Address already in use")


def test_it_serves_a_page_until_it_is_ended(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    copy = tmp_path / "book" / "serve.py"
    copy.parent.mkdir()
    copy.write_text(SCRIPT.read_text())
    (tmp_path / "build" / "html").mkdir(parents=True)
    (tmp_path / "build" / "html" / "index.html").write_text("<p>here</p>")
    with subprocess.Popen([sys.executable, copy, str(port)], stdout=subprocess.PIPE, text=True) as running:
        try:
            assert f"http://127.0.0.1:{port}/" in running.stdout.readline()
            assert urllib.request.urlopen(f"http://127.0.0.1:{port}/").read() == b"<p>here</p>"
        finally:
            running.terminate()
