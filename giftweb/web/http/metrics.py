"""How many requests there were and how long they took, for Prometheus.

Each process writes its own numbers into the folder ``PROMETHEUS_MULTIPROC_DIR``, and whichever of
them is scraped adds them up. Without that folder it reports its own.
"""

import hmac
import ipaddress
import os
from functools import cache
from time import perf_counter
from typing import Any

from flask import Flask, request
from prometheus_client import REGISTRY, CollectorRegistry, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from giftweb.web.http import middleware

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_VIA")

SECONDS = Histogram(
    "giftweb_request_seconds",
    "Time that a request took, by endpoint and status.",
    ["endpoint", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)


@cache
def _series(endpoint: str, status: str) -> Histogram:
    return SECONDS.labels(endpoint, status)


def _count(environ: dict[str, Any], status: str, _headers: middleware.Headers) -> None:
    endpoint = middleware.endpoint(environ) or "none"
    _series(endpoint, status[:3]).observe(perf_counter() - environ[middleware.STARTED])


def text() -> bytes:
    """The numbers of all processes, in Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return generate_latest(registry)


def may_be_read(token: str | None) -> bool:
    """Whether the request is from this machine itself, past no proxy, or shows the token."""
    authorization = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
        return True
    if any(header in request.environ for header in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def install(app: Flask) -> None:
    """Time every request."""
    middleware.add_headers_hook(app, _count)
