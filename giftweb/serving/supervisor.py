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
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from giftweb.config import from_environment
from giftweb.environment import SettingUnusable
from giftweb.serving.listen import CannotStart, Place
from giftweb.serving.process import die_with_parent

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "examples" / "shop"
SHOP_PROGRAM = SHOP / "shop.py"
SHOP_KEYS = ROOT / "instance" / "example-shop.json"
GRACE_SECONDS = 10
SHORT_LIFE_SECONDS = 5
MOST_SHORT_LIVES = 3


def has_example_shop() -> bool:
    """Whether the example shop can run: it is there, and its key to the API has been made."""
    return SHOP_PROGRAM.is_file() and SHOP_KEYS.is_file()


def check_ports(place: Place) -> None:
    """Make sure nobody else listens where we are about to.

    Raises: CannotStart, naming the variable that chooses another port.
    """
    wanted = [("PORT", place.port)]
    if SHOP_PROGRAM.is_file():
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
        """Start the process again, after a pause that grows with each early failure.

        Raises: CannotStart when it has failed early too many times running; a kill is no failure.
        """
        assert self.process is not None  # noqa: S101 - only a process that ended is started again
        failed_early = time.monotonic() - self.started_at < SHORT_LIFE_SECONDS
        failed_early &= self.process.returncode >= 0
        self.short_lives = self.short_lives + 1 if failed_early else 0
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
    here = {
        "HOST": place.host,
        "PORT": str(place.port),
        "WEB_CONCURRENCY": str(place.web_processes),
    }
    web = [sys.executable, "-m", "giftweb.serving.web"]
    worker = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    found = [Service("web server", web, here), Service("worker", worker, here)]
    if has_example_shop():
        found.append(_example_shop(place))
    return found


def _example_shop(place: Place) -> Service:
    keys = json.loads(SHOP_KEYS.read_text())
    port = str(place.shop_port)
    command = [
        *(sys.executable, "-m", "uvicorn", "--interface", "wsgi", "--ws", "none"),
        *("--host", place.host, "--port", port, "--log-level", "error"),
        *("--timeout-graceful-shutdown", "3", "--app-dir", str(SHOP), "shop:app"),
    ]
    environ = {
        "GIFTWEB_URL": os.environ.get("BASE_URL") or place.address,
        "GIFTWEB_API_KEY": keys["live_key"],
        "PORT": port,
    }
    return Service("example shop", command, environ)


class Supervisor:
    """Keeps a list of services up until it is stopped."""

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
        address = (os.environ.get("BASE_URL") or place.address).rstrip("/")
        print(f"\n  Balance page  {address}/\n  Staff desk    {address}/staff/")
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
    """Start everything at the place the environment names and stay until stopped."""
    os.umask(0o077)
    try:
        place = Place.read(os.environ)
        from_environment()
        check_ports(place)
    except (CannotStart, SettingUnusable) as problem:
        print(problem, file=sys.stderr)
        return 1
    return Supervisor(services(place)).run(announcer(place))


if __name__ == "__main__":
    sys.exit(main())
