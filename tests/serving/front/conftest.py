"""``server`` is a running front; ``start(proxies=1)`` starts one with options."""

import threading
from collections.abc import Callable, Iterator

import pytest
from uvicorn import Config, Server

from giftweb.serving.connections import IDLE_SECONDS, Connection
from giftweb.serving.front import Front
from tests.serving.front.running import PREPARED, Running, wait_until


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """``start(proxies=1)``: a running front."""
    started: list[Running] = []

    def run(**options) -> Running:
        def application(environ, start_response):
            return running.application(environ, start_response)

        front = Front(application, prepared=PREPARED, **options)
        config = Config(
            front,
            port=0,
            interface="asgi3",
            http=Connection,
            loop="uvloop",
            ws="none",
            lifespan="on",
            log_level="error",
            proxy_headers=False,
            timeout_keep_alive=IDLE_SECONDS,
        )
        listener = config.bind_socket()
        server = Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        running = Running(front, listener.getsockname(), server, thread)
        thread.start()
        started.append(running)
        wait_until(lambda: server.started)
        return running

    yield run
    for running in started:
        running.stop()


@pytest.fixture
def server(start) -> Running:
    """A running front, as the program has it."""
    return start()
