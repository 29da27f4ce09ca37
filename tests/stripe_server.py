"""A server on this machine that speaks Stripe's language (localstripe)."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.postgres import free_port


@contextmanager
def running() -> Iterator[str]:
    """The address of a localstripe that knows nothing yet."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address)
        yield address
    finally:
        server.terminate()
        server.wait(10)


def _wait(address: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            urllib.request.urlopen(f"{address}/js.stripe.com/v3/", timeout=1)
        except OSError:
            if time.monotonic() > deadline:
                pytest.fail("localstripe did not start: pip install localstripe", pytrace=False)
            time.sleep(0.1)
        else:
            return
