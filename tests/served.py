"""The application as it is served in production: several processes, over HTTP."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.postgres import free_port

ROOT = Path(__file__).parent.parent


@contextmanager
def serving(
    database_url: str,
    keys_path: Path,
    *,
    processes: int = 2,
    module: str = "giftweb.serving.web",
    root: Path = ROOT,
    **environ: str,
) -> Iterator[str]:
    """Serve the program in ``root`` on a migrated database; the address. ``environ`` adds
    settings."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {
        **{"HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": str(processes)},
        **{"DATABASE_URL": database_url, "GIFTWEB_KEYS": str(keys_path), "BASE_URL": address},
    }
    server = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=root,
        env={**os.environ, **settings, **environ},
    )
    try:
        _wait_until_it_answers(server, port)
        yield address
    finally:
        server.terminate()
        server.wait(15)


def _wait_until_it_answers(server: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError("The server did not start; what it said is above.")


def web_processes(parent: int) -> list[int]:
    """The processes that serve under a web server; Python's own helper beside them is none."""
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(child) for child in found if b"spawn_main" in _command(child)]


def _command(process: str) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""
