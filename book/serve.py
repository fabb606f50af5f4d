"""`make serve`: show the built site on this machine, and to no other; `python book/serve.py 8000`."""

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SITE = Path(__file__).resolve().parents[1] / "build" / "html"


class Quiet(SimpleHTTPRequestHandler):
    """Says nothing of requests that went well."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if str(code)[:1] not in "23":
            super().log_request(code, size)


def main(port: str) -> int:
    """Serve until interrupted; 2 if that cannot be."""
    if not (SITE / "index.html").exists():
        print("build/html holds no site: run make book first", file=sys.stderr)
        return 2
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        print(f'port "{port}": expected a number from 1 to 65535', file=sys.stderr)
        return 2
    try:
        server = ThreadingHTTPServer(("127.0.0.1", int(port)), partial(Quiet, directory=SITE))
    except OSError as error:
        print(f"port {port}: {error.strerror}; make serve PORT=... takes another", file=sys.stderr)
        return 2
    print(f"The book is at http://127.0.0.1:{port}/ (Ctrl+C ends this)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or ["8000"]))
