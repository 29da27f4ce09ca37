"""The time of a long run, shared out among the engines."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from giftweb import keys
from tests import engines


def on_each_engine(seconds: float) -> Iterator[tuple[engines.Engine, Path, float]]:
    """Half of the time on each engine: (engine, keys file, seconds left) until it is over."""
    with tempfile.TemporaryDirectory() as folder:
        keys_path = Path(folder) / "keys.json"
        keys.use(keys.create(keys_path))
        for name in engines.NAMES:
            engine = engines.make(name, Path(folder) / name)
            until = time.monotonic() + seconds / len(engines.NAMES)
            while (left := until - time.monotonic()) > 0:
                yield engine, keys_path, left
            engine.remove()
