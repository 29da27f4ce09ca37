"""Prepare what `make run` serves: ports, schema, and on the first run the demo and its shop's key.

What `flask demo` prints, its sign-ins and codes, is kept beside the keys and printed at each start.
A database that holds anything is left alone.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import peewee

from giftweb import database, installation
from giftweb.config import Config, from_environment
from giftweb.errors import DomainError
from giftweb.serving.listen import Place
from giftweb.serving.supervisor import SHOP_KEYS, SHOP_PROGRAM, check_ports

FILLED = ("staff", "campaign", "customer", "gift_card", "orders", "checkout")
FLASK = (sys.executable, "-m", "flask", "--app", "app")


def main() -> int:
    """Prepare everything; 0, or 1 after one line that says what is in the way."""
    return attempt(prepare)


def attempt(step: Callable[[Place], object]) -> int:
    """Take a step at the place that the environment names, with the answer of ``main``."""
    try:
        step(Place.read(os.environ))
    except (DomainError, RuntimeError, ValueError, OSError, peewee.DatabaseError) as problem:
        print(problem, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as problem:
        return problem.returncode
    return 0


def prepare(place: Place) -> None:
    """Make sure of the ports, prepare the database, and make the example shop's key."""
    check_ports(place)
    is_first, is_demo = prepare_database()
    wants_key = SHOP_PROGRAM.is_file() and not knows_shop(place, is_first=is_first)
    if is_demo and wants_key:
        make_shop_key(place)


def prepare_database() -> tuple[bool, bool]:
    """Bring the schema up to date; load the demo into an empty database.

    Whether it was empty, and whether it is the demo's: in somebody's own the example shop has no
    business.
    """
    from giftweb.domain import operations

    config = from_environment()
    installation.keep_private(config)
    database.connect(config.database_url)
    operations.upgrades.upgrade(config)
    is_first = not any(database.scalar(f"SELECT 1 FROM {table} LIMIT 1") for table in FILLED)
    kept = None if is_first else kept_demo(config)
    database.close()
    if is_first:
        print("First run: loading the demo shop ...", flush=True)
        kept = load_demo(config)
    if kept:
        print(kept, flush=True)
    return is_first, kept is not None


def load_demo(config: Config) -> str:
    """Load the demo shop; what is printed of it, which is kept for the next start."""
    command = [*FLASK, "demo"]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.rstrip()
    write_privately(demo_path(config), {"base_url": config.base_url, "text": text})
    return text


def kept_demo(config: Config) -> str | None:
    """What was printed of the demo shop, with today's address, if it is this database's."""
    if not demo_path(config).exists():
        return None
    kept = json.loads(demo_path(config).read_text())
    text: str = kept["text"]
    campaign_id = re.search(r"cmp_\w+", text)
    if not campaign_id or not database.scalar(
        "SELECT 1 FROM campaign WHERE id = ?", campaign_id[0]
    ):
        return None
    return text.replace(kept["base_url"], config.base_url)


def demo_path(config: Config) -> Path:
    """The file with the demo's sign-ins."""
    return config.keys_path.with_name("demo-shop.json")


def write_privately(path: Path, content: dict[str, object]) -> None:
    """Keep a document for this user alone."""
    path.parent.mkdir(exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file, indent=2)


def origins_of(place: Place) -> list[str]:
    """Where a browser may see the example shop."""
    named = {place.shop_address, *(f"http://{host}:{place.shop_port}" for host in LOCAL_HOSTS)}
    return sorted(named)


LOCAL_HOSTS = ("127.0.0.1", "localhost")


def knows_shop(place: Place, *, is_first: bool) -> bool:
    """Whether the key that was kept is this database's and this port's."""
    if is_first or not SHOP_KEYS.exists():
        return False
    return json.loads(SHOP_KEYS.read_text())["origins"] == origins_of(place)


def make_shop_key(place: Place) -> None:
    """Make the example shop a campaign of its own, and keep its key where the shop is told it."""
    command = [*FLASK, "campaign", "create", "--name", f"Example shop on port {place.shop_port}"]
    command += ["--currency", "USD"]
    for origin in origins_of(place):
        command += ["--origin", origin]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    write_privately(SHOP_KEYS, json.loads(done.stdout) | {"origins": origins_of(place)})


if __name__ == "__main__":
    sys.exit(main())
