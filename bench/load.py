"""Clients that send what they are given, one connection each, as fast as they are answered."""

import http.client
import json
import threading
from dataclasses import dataclass
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Request:
    """A POST with its own idempotency key."""

    path: str
    body: dict[str, Any]
    key: str


@dataclass(frozen=True)
class Load:
    """What came of it. ``waits`` are seconds, one a request."""

    seconds: float
    waits: tuple[float, ...]
    statuses: frozenset[int]


def send(address: str, secret: str, lists: list[list[Request]]) -> Load:
    """One client for each list, all at once.

    Raises: RuntimeError with the first answer that is not 2xx.
    """
    waits: list[float] = []
    bad: list[str] = []
    statuses: set[int] = set()

    def client(requests: list[Request]) -> None:
        connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
        for request in requests:
            start = perf_counter()
            connection.request(
                "POST", request.path, json.dumps(request.body), _headers(secret, request.key)
            )
            answer = connection.getresponse()
            text = answer.read()
            waits.append(perf_counter() - start)
            statuses.add(answer.status)
            if answer.status >= 300:
                bad.append(f"{answer.status} {text[:300]!r}")
        connection.close()

    seconds = together([lambda requests=requests: client(requests) for requests in lists])
    if bad:
        raise RuntimeError(f"{len(bad)} requests failed, such as: {bad[0]}")
    return Load(seconds, tuple(sorted(waits)), frozenset(statuses))


def together(works: list) -> float:
    """Run each in a thread of its own, from one moment on; how long until the last is done.

    Raises: what the first of them that failed raised.
    """
    start_line, problems = threading.Barrier(len(works) + 1), list[Exception]()

    def run(work: Any) -> None:
        start_line.wait()
        try:
            work()
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    start_line.wait()
    start = perf_counter()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return perf_counter() - start


def _headers(secret: str, key: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {secret}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
