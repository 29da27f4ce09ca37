"""A file of gift cards uploaded at the desk, checked and imported by the worker.

``make bench BENCH=page_import`` takes 100,000 rows, ``IMPORT_ROWS`` more or less. While the worker
is at it, a shop keeps writing: how long it has to wait for its turn is measured, too.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from bench import databases, import_cards, shops
from bench.databases import Engine
from bench.figures import Figure, single
from bench.memory import EMAIL, FORM, PASSWORD, sign_in
from bench.processes import megabytes_of, worker_megabytes
from giftweb import database
from giftweb.domain import imports, limits, staff
from giftweb.domain.audit.log import SYSTEM, Actor
from giftweb.domain.limits import Terms
from giftweb.errors import Unavailable
from tests.served import serving

ROWS = int(os.environ.get("IMPORT_ROWS", 100_000))
SECONDS, MOST_MB = 20, 150
ROOT = Actor(kind="staff", id="bench", name="Root", role="root")
MOST_SECONDS = 3600
"""After which nobody waits for the worker any more."""
PART = 512 * 1024
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def run() -> list[Figure]:
    """The worker's own time, the memory of all processes, and how long another writer waits."""
    only = os.environ.get("BENCH_ENGINE")
    return databases.on_each(lambda each: measure(each) if only in (None, each.name) else [])


def measure(engine: Engine) -> list[Figure]:
    """Upload a file, have it checked and imported."""
    url = engine.make()
    with databases.used(url), database.transaction():
        shop = shops.open_shop()
        staff.create(
            email=EMAIL, name="Root", role="root", password=PASSWORD, by=SYSTEM, reason="bench"
        )
        limits.terms.put("root", currency="USD", terms=Terms(None, None, None), by=ROOT)
        limits.terms.put_codes("root", count=None, by=ROOT)
    with serving(url, engine.keys_path) as address, _worker(engine, url) as worker:
        desk = Desk(address.removeprefix("http://"))
        with Watch(worker) as watch, Writer(url, shop) as writer:
            file_id = desk.upload(import_cards.sheet(ROWS).encode())
            desk.press(file_id, "check", until="checked")
            desk.press(file_id, "start", until="done")
    title = f"of {ROWS:,} rows through the page, {engine.name}"
    return [
        single(f"import {title}: worker", [watch.seconds], at_most=SECONDS, unit="s"),
        single(f"import {title}: memory of the worker", [watch.worker], at_most=MOST_MB, unit="MB"),
        single(f"import {title}: memory of a web process", [watch.web], at_most=MOST_MB, unit="MB"),
        single(f"import {title}: longest turn of another writer", [writer.longest], unit="s"),
    ]


class Desk:
    """Somebody at the desk, signed in."""

    def __init__(self, host: str):
        self._host = host
        self._cookies = dict(pair.split("=", 1) for pair in sign_in(host).split("; "))

    def upload(self, content: bytes) -> str:
        """The id of a file that is sent in parts, as the page's script does."""
        token, file_id = self._token("/staff/imports/"), ""
        for start in range(0, len(content), PART):
            values = {"csrf_token": token, "file_id": file_id, "name": "cards.csv"}
            if start + PART >= len(content):
                values["is_last"] = "y"
            kind, body = _multipart(values, content[start : start + PART])
            answer = self._ask("POST", "/staff/imports/parts", body, {"Content-Type": kind})
            file_id = file_id or re.search(r"imp_\w+", answer)[0]
        return file_id

    def press(self, file_id: str, what: str, *, until: str) -> None:
        """Send a form of the file's page, and wait for the worker."""
        place = f"/staff/imports/{file_id}"
        form = {"csrf_token": self._token(place), "format": "auto"}
        form |= {f"column-{number}": name for number, name in enumerate(_COLUMNS)}
        self._ask("POST", f"{place}/{what}", urlencode(form).encode(), FORM)
        deadline = time.monotonic() + MOST_SECONDS
        while (state := imports.find(file_id).state) != until:
            if state in ("refused", "failed") or time.monotonic() > deadline:
                raise RuntimeError(f"the file is {state}, and not {until}")
            # On SQLite the page itself may have to wait too long while the rows are written.
            with suppress(RuntimeError):
                self._ask("GET", place)
            time.sleep(1)

    def _token(self, place: str) -> str:
        return _TOKEN.search(self._ask("GET", place))[1]

    def _ask(self, method: str, place: str, body: bytes | None = None, headers=None) -> str:
        connection = HTTPConnection(self._host, timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        connection.request(method, place, body, {"Cookie": cookies, **(headers or {})})
        answer = connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        if answer.status >= 400:
            raise RuntimeError(f"{place} was answered with {answer.status}: {text[:200]}")
        return text


_COLUMNS = ("amount", "currency", "holder_email", "holder_name", "expires_on", "note")


def _multipart(values: dict[str, str], part: bytes) -> tuple[str, bytes]:
    edge = "----giftweb"
    fields = "".join(
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in values.items()
    )
    file = f'--{edge}\r\nContent-Disposition: form-data; name="part"; filename="part"\r\n\r\n'
    body = fields.encode() + file.encode() + part + f"\r\n--{edge}--\r\n".encode()
    return f"multipart/form-data; boundary={edge}", body


@contextmanager
def _worker(engine: Engine, url: str) -> Iterator[int]:
    """The worker's process."""
    command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            cwd=import_cards.ROOT,
            env=databases.environ(engine, url),
            stdout=said,
            stderr=said,
        )
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(30)


class Watch:
    """The memory of the processes while something runs, and the worker's own time."""

    def __init__(self, worker: int):
        self._process, self._is_over = worker, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.worker = self.web = 0.0
        self.seconds = 0.0

    def __enter__(self) -> "Watch":
        self._before = _cpu_seconds(self._process)
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.seconds = _cpu_seconds(self._process) - self._before
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(0.2):
            with suppress(OSError):
                self.worker = max(self.worker, megabytes_of(self._process))
                self.web = max(self.web, *worker_megabytes())


def _cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Writer:
    """A shop that goes on issuing cards; ``longest``: the seconds until it was one's turn."""

    def __init__(self, url: str, shop: shops.Shop):
        self._url, self._shop, self._is_over = url, shop, threading.Event()
        self._thread = threading.Thread(target=self._write)
        self.longest = 0.0

    def __enter__(self) -> "Writer":
        database.connect(self._url)
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._is_over.set()
        self._thread.join()
        database.close()

    def _write(self) -> None:
        while not self._is_over.wait(0.1):
            start, is_written = time.perf_counter(), False
            while not is_written:
                with suppress(Unavailable):
                    shops.give_card(self._shop)
                    is_written = True
            self.longest = max(self.longest, time.perf_counter() - start)
        database.close()
