"""How many requests one key may make: so many a second, and ten times as many at once.

A process takes leave for a few requests at a time, so that few of them ask the shared counters.
"""

import threading

from giftweb import clock
from giftweb.domain.throttle import counters
from giftweb.domain.throttle.counters import Count
from giftweb.domain.throttle.scopes import SECOND
from giftweb.errors import TooManyTries

BURST_SECONDS = 10

_SCOPE = "api_rate"
_LEASES_A_SECOND = 20
_MOST_KEYS = 1000
_RACES = 40

_left: dict[str, tuple[int, int]] = {}
"""Key -> for how many requests this process has leave, and until when."""
_lock = threading.Lock()


class TooManyRequests(TooManyTries):
    """This key makes too many requests. Wait {retry_after} s, then go on more slowly."""


def spend(key: str, *, rate: int) -> None:
    """Count a request of the key. ``rate`` is how many it may make a second; 0 is no limit.

    Raises: TooManyRequests; Unavailable.
    """
    if not rate:
        return
    now = clock.micros()
    with _lock:
        left, ends_at = _left.get(key, (0, 0))
        if left and now < ends_at:
            _left[key] = left - 1, ends_at
            return
    leave = _take(key, rate, now)
    with _lock:
        if len(_left) >= _MOST_KEYS:
            _left.clear()
        _left[key] = leave - 1, now + SECOND


def _take(key: str, rate: int, now: int) -> int:
    """Leave for some requests. The counter holds until when the key has used its rate up."""
    wanted, each = max(rate // _LEASES_A_SECOND, 1), SECOND // rate
    for _ in range(_RACES):
        before = counters.read(_SCOPE, [key]).get(key)
        used_until = max(before.last_at if before else 0, now) + wanted * each
        ahead = used_until - now - BURST_SECONDS * SECOND
        if ahead > 0:
            raise TooManyRequests(retry_after=-(-ahead // SECOND))
        if counters.swap(_SCOPE, key, before, Count(1, used_until)):
            return wanted
    raise TooManyRequests(retry_after=1)


def forget() -> None:
    """Drop this process's leave."""
    _left.clear()
