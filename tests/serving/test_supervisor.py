"""What `make run` starts stays up, stops together, and says in one line why it cannot start."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from giftweb.environment import SettingUnusable
from giftweb.serving import supervisor
from giftweb.serving.listen import CannotStart, Place
from giftweb.serving.supervisor import Service, Supervisor
from tests.postgres import free_port

pytestmark = pytest.mark.no_database

ROOT = Path(__file__).parents[2]


def place_at(port: int, shop_port: int) -> Place:
    return Place(host="127.0.0.1", port=port, shop_port=shop_port, web_processes=1)


def test_the_environment_names_the_place():
    place = Place.read({"HOST": "0.0.0.0", "PORT": "9000", "WEB_CONCURRENCY": "3"})
    assert place == Place(host="0.0.0.0", port=9000, shop_port=8001, web_processes=3)
    assert place.address == "http://127.0.0.1:9000"


@pytest.mark.parametrize("port", ["eighty", "0", "65536", "-1", "8 000", "٨٠٠٠"])
def test_a_port_that_is_no_port_is_reported_in_one_line(port):
    with pytest.raises(SettingUnusable, match=r"^PORT is .*: it must be a whole number"):
        Place.read({"PORT": port})


def test_a_setting_that_cannot_be_used_starts_nothing(monkeypatch, capsys):
    monkeypatch.setenv("API_RATE", "-5")
    assert supervisor.main() == 1
    assert capsys.readouterr().err.startswith("API_RATE is -5: it must be a whole number from 0")


def test_a_port_in_use_is_reported_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"^Port {port} is in use\. .*PORT={port + 10} make"):
            supervisor.check_ports(place_at(port, free_port()))


def test_a_free_port_passes():
    supervisor.check_ports(place_at(free_port(), free_port()))


@pytest.mark.proves("E34")
@pytest.mark.parametrize("base_url", ["http://localhost:8000", "", "https://cards.example/"])
def test_the_addresses_are_those_that_base_url_names(base_url, monkeypatch, capsys):
    monkeypatch.setenv("BASE_URL", base_url)
    monkeypatch.setattr(supervisor, "_answers", lambda place: True)
    assert supervisor.announcer(place_at(8000, 8001))()
    address = base_url.rstrip("/") or "http://127.0.0.1:8000"
    assert f"Staff desk    {address}/staff/" in capsys.readouterr().out


def script(folder: Path, text: str) -> list[str]:
    """A command that runs the Python ``text``."""
    path = folder / f"{abs(hash(text))}.py"
    path.write_text(textwrap.dedent(text))
    return [sys.executable, str(path)]


def wait_until(condition) -> None:
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within ten seconds")


def test_a_service_that_cannot_stay_up_stops_the_whole(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    dying = Service("worker", script(tmp_path, "raise SystemExit(3)"))
    steady = Service("web server", script(tmp_path, "import time; time.sleep(60)"))
    assert Supervisor([steady, dying]).run(lambda: True) == 1
    assert steady.is_down
    assert "The worker does not stay up" in capsys.readouterr().err


MAIN = """
    import sys
    from giftweb.serving.supervisor import Service, Supervisor
    steady = [sys.executable, "-c", "import time; time.sleep(60)"]
    running = [Service("one", steady), Service("two", steady)]
    def announce():
        print(*(service.process.pid for service in running), flush=True)
        return False
    sys.exit(Supervisor(running).run(announce))
"""


@pytest.fixture
def supervised(tmp_path):
    """A supervisor of two steady processes, in a process group of its own."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        script(tmp_path, MAIN),
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def pids_of(supervised) -> list[int]:
    return [int(word) for word in supervised.stdout.readline().split()]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything(supervised, number):
    children = pids_of(supervised)
    supervised.send_signal(number)
    assert supervised.wait(15) == 0
    assert not any(is_running(child) for child in children)


def test_everything_stays_in_the_group_it_was_started_in(supervised):
    assert {os.getpgid(child) for child in pids_of(supervised)} == {supervised.pid}


def test_a_process_that_is_killed_is_started_again(supervised):
    first, second = pids_of(supervised)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: pids_of(supervised)[0] != first)
    assert is_running(second)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")
def test_nothing_outlives_a_killed_supervisor(supervised):
    children = pids_of(supervised)
    supervised.kill()
    supervised.wait()
    wait_until(lambda: not any(is_running(child) for child in children))


def test_a_process_may_leave_ctrl_c_to_its_parent(tmp_path):
    deaf = """
        import os, signal
        from giftweb.serving.process import leave_ctrl_c_to_parent
        leave_ctrl_c_to_parent()
        os.kill(os.getpid(), signal.SIGINT)
        print("still here")
    """
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    found = subprocess.run(script(tmp_path, deaf), env=environ, capture_output=True, text=True)
    assert found.stdout == "still here\n"
