"""Starts the web, the worker and the example shop; keeps them running and stops them together.

Everything stays in the process group it was started in, so that Ctrl-C and a kill of the group
reach all of it. A process that dies is started again, slower each time; one that cannot stay up
stops the whole, because half a program answers wrongly for longer than none.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from giftweb.lifeline import die_with_parent

ROOT = Path(__file__).parent.parent
SHOP = ROOT / "examples" / "shop"
SHOP_KEYS = ROOT / "instance" / "example-shop.json"
GRACE_SECONDS = 10
SHORT_LIFE_SECONDS = 5
MOST_SHORT_LIVES = 5
THREADS_PER_WORKER = 8


class CannotStart(RuntimeError):
    """Says in one line why nothing was started."""


@dataclass(frozen=True)
class Place:
    """Where things listen and how many processes serve."""

    host: str
    port: int
    shop_port: int
    web_processes: int

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Place":
        """The place named by HOST, PORT, SHOP_PORT and WEB_CONCURRENCY.

        Raises: CannotStart when one of them is not a usable number.
        """
        return cls(
            host=environ.get("HOST") or "127.0.0.1",
            port=_number(environ, "PORT", 8000, most=65535),
            shop_port=_number(environ, "SHOP_PORT", 8001, most=65535),
            web_processes=_number(environ, "WEB_CONCURRENCY", 2, most=256),
        )

    @property
    def address(self) -> str:
        """What a person on this machine types to get here."""
        return f"http://{self._reachable}:{self.port}"

    @property
    def shop_address(self) -> str:
        """What a person on this machine types to see the example shop."""
        return f"http://{self._reachable}:{self.shop_port}"

    @property
    def _reachable(self) -> str:
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"[{host}]" if ":" in host else host


def _number(environ: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise CannotStart(f"{name} is {text}: it must be a whole number from 1 to {most}.")
    return int(text)


def has_example_shop() -> bool:
    """Whether the example shop can run: it is there, and its key to the API has been made."""
    return SHOP.is_dir() and SHOP_KEYS.is_file()


def check_ports(place: Place) -> None:
    """Make sure nobody else listens where we are about to.

    Raises: CannotStart, naming the variable that chooses another port.
    """
    wanted = [("PORT", place.port)]
    if SHOP.is_dir():
        wanted.append(("SHOP_PORT", place.shop_port))
    for name, port in wanted:
        if not _is_free(place.host, port):
            other = f"{name}={port + 10} make run"
            raise CannotStart(f"Port {port} is in use. Stop what uses it, or run: {other}")


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise CannotStart(f"Port {port} may not be opened by this user.") from error
        except socket.gaierror as error:
            raise CannotStart(f"HOST is {host}: there is no such address.") from error
        except OSError:
            return False
    return True


@dataclass
class Service:
    """One process that has to stay up."""

    name: str
    command: list[str]
    environ: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    short_lives: int = 0

    def start(self) -> None:
        """Start the process, in our own process group."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env={**os.environ, **self.environ},
            stdin=subprocess.DEVNULL,
            preexec_fn=die_with_parent,
        )

    @property
    def is_down(self) -> bool:
        """Whether the process has ended."""
        return self.process is not None and self.process.poll() is not None

    def start_again(self) -> None:
        """Start the process anew, after a pause that grows with each early death.

        Raises: CannotStart when it has died early too many times running.
        """
        lived = time.monotonic() - self.started_at
        self.short_lives = self.short_lives + 1 if lived < SHORT_LIFE_SECONDS else 0
        if self.short_lives >= MOST_SHORT_LIVES:
            raise CannotStart(f"The {self.name} does not stay up; its last words are above.")
        time.sleep(0.1 * 2**self.short_lives)
        self.start()

    def stop(self, deadline: float) -> None:
        """Wait for the process to end until ``deadline``; then end it."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def services(place: Place) -> list[Service]:
    """What has to run at this place, in the order it is started."""
    here = {"PORT": str(place.port), "HOST": place.host, "GIFTWEB_SUPERVISED": "1"}
    web = web_server(place.port, place.host, place.web_processes)
    worker = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    found = [Service("web server", web, here), Service("worker", worker, here)]
    if has_example_shop():
        found.append(_example_shop(place))
    return found


def web_server(port: int, host: str, processes: int) -> list[str]:
    """The command that serves us."""
    return [sys.executable, "-m", "giftweb.server", *_options(port, host, processes), "wsgi:app"]


def _options(port: int, host: str, processes: int) -> list[str]:
    place = ["--host", host, "--port", str(port), "--workers", str(processes)]
    return [
        *("--interface", "wsgi", "--no-ws", "--log-level", "error", *place),
        *("--blocking-threads", str(THREADS_PER_WORKER), "--backpressure", "64"),
        *("--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "3"),
    ]


def _example_shop(place: Place) -> Service:
    keys = json.loads(SHOP_KEYS.read_text())
    options = _options(place.shop_port, place.host, 1)
    command = [sys.executable, "-m", "granian", *options, "--working-dir", str(SHOP), "app:app"]
    environ = {
        "GIFTWEB_URL": place.address,
        "GIFTWEB_API_KEY": keys["live_key"],
        "PORT": str(place.shop_port),
    }
    return Service("example shop", command, environ)


class Supervisor:
    """Keeps a list of services up until it is told to stop."""

    def __init__(self, running: list[Service]):
        self.services = running
        self.stopping = threading.Event()

    def run(self, on_ready: Callable[[], bool]) -> int:
        """Start everything and watch it until a signal comes. 0, or 1 when one cannot stay up.

        ``on_ready`` is asked again and again until it answers that it has announced us.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            for service in self.services:
                service.start()
            self._watch(on_ready)
        except CannotStart as problem:
            print(problem, file=sys.stderr)
            return 1
        finally:
            self._stop()
        return 0

    def _watch(self, on_ready: Callable[[], bool]) -> None:
        announced = False
        while not self.stopping.wait(0.5 if announced else 0.05):
            announced = announced or on_ready()
            for service in self.services:
                if service.is_down and not self.stopping.is_set():
                    print(f"The {service.name} has ended; starting it again.", file=sys.stderr)
                    service.start_again()

    def _stop(self) -> None:
        deadline = time.monotonic() + GRACE_SECONDS
        for service in self.services:
            if service.process is not None and not service.is_down:
                service.process.terminate()
        for service in self.services:
            service.stop(deadline)


def announcer(place: Place) -> Callable[[], bool]:
    """A function that prints the addresses as soon as the web answers, and says whether it did."""

    def announce() -> bool:
        if not _answers(place):
            return False
        print(f"\n  Balance page  {place.address}/\n  Staff desk    {place.address}/staff/")
        if has_example_shop():
            print(f"  Example shop  {place.shop_address}/")
        print("\n  Ctrl-C stops everything.", flush=True)
        return True

    return announce


def _answers(place: Place) -> bool:
    host = place.address.removeprefix("http://").rsplit(":", 1)[0].strip("[]")
    connection = http.client.HTTPConnection(host, place.port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main() -> int:
    """Start everything at the place the environment names and stay until told to stop."""
    try:
        place = Place.read(os.environ)
        check_ports(place)
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 1
    return Supervisor(services(place)).run(announcer(place))


if __name__ == "__main__":
    sys.exit(main())
