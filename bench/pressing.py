"""Eight visitors who post forms in turn, as fast as they are answered: wrk when it is installed,
else a client of ours.

Both sides of a ratio are pressed by the same one; wrk leaves more of the machine to the servers.
"""

import asyncio
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from time import perf_counter

CONNECTIONS = 8
FORM = "application/x-www-form-urlencoded"

_LUA = """
local bodies, last = {{{bodies}}}, 0
wrk.method = "POST"
{headers}
request = function()
  last = last % #bodies + 1
  return wrk.format(nil, nil, nil, bodies[last])
end
"""
_HEADER = 'wrk.headers["{name}"] = "{value}"'
_DELAY = "function delay() return math.random(0, {most}) end\n"
_UNITS = {"us": 0.001, "ms": 1, "s": 1000}


@dataclass(frozen=True)
class Pressed:
    """Requests a second; the median and the 99th percentile of their time in milliseconds."""

    rate: float
    median: float
    p99: float


@dataclass(frozen=True)
class Forms:
    """What is posted where: one body after the other, and from the start again."""

    bodies: list[str]
    path: str = "/balance"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def all_headers(self) -> dict[str, str]:
        """With what says that it is a form."""
        return {"Content-Type": FORM} | self.headers


def press(address: str, forms: Forms, *, seconds: int, pause: int = 0) -> Pressed:
    """Post the forms on eight connections, for so many seconds.

    ``pause`` is the mean pause before each, in milliseconds.

    Raises: RuntimeError when an answer was not 200.
    """
    if shutil.which("wrk"):
        return _by_wrk(address, forms, seconds, pause)
    return asyncio.run(_by_ourselves(address, forms, seconds, pause))


def _by_wrk(address: str, forms: Forms, seconds: int, pause: int) -> Pressed:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        quoted = ", ".join(f'"{body}"' for body in forms.bodies)
        headers = (_HEADER.format(name=n, value=v) for n, v in forms.all_headers.items())
        script.write(_LUA.format(bodies=quoted, headers="\n".join(headers)))
        script.write(_DELAY.format(most=2 * pause) if pause else "")
        script.flush()
        command = ["wrk", "--latency", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
        command += ["-s", script.name, address + forms.path]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    times = dict(re.findall(r"^\s+(50|99)%\s+([\d.]+\w+)\s*$", told, re.M))
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    if rate is None or len(times) < 2 or "Non-2xx" in told:
        raise RuntimeError(told)
    return Pressed(float(rate[1]), _milliseconds(times["50"]), _milliseconds(times["99"]))


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * _UNITS[unit]


async def _by_ourselves(address: str, forms: Forms, seconds: int, pause: int) -> Pressed:
    host, _, port = address.removeprefix("http://").partition(":")
    headers = "".join(f"{name}: {value}\r\n" for name, value in forms.all_headers.items())
    head = f"POST {forms.path} HTTP/1.1\r\nHost: {host}:{port}\r\n{headers}"
    requests = cycle(
        [f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode() for body in forms.bodies]
    )
    ends_at = perf_counter() + seconds
    clients = (visitor(host, int(port), requests, ends_at, pause) for _ in range(CONNECTIONS))
    times = sorted(time for found in await asyncio.gather(*clients) for time in found)
    middle, late = (times[int(len(times) * part)] for part in (0.5, 0.99))
    return Pressed(len(times) / seconds, 1000 * middle, 1000 * late)


async def visitor(
    host: str, port: int, requests: Iterator[bytes], ends_at: float, pause: int
) -> list[float]:
    """Send the next of the requests until the time is over; the seconds of each."""
    reader, writer = await asyncio.open_connection(host, port)
    times = []
    while perf_counter() < ends_at:
        if pause:
            await asyncio.sleep(random.uniform(0, pause / 500))
        start = perf_counter()
        writer.write(next(requests))
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.I)
        if length is None or b" 200 " not in head[:20]:
            raise RuntimeError(head.decode())
        await reader.readexactly(int(length[1]))
        times.append(perf_counter() - start)
    writer.close()
    return times
