"""The security log: who was refused what, a JSON line each, to standard error.

The audit log is the house's memory of what was done; this one is for whoever watches the doors
while it happens. No code, key, password or address stands in it: addresses and names are
pseudonyms, the same for the same one, which nobody without the keys file can compute. ``EVENTS``
lists what there is.
"""

import hmac
import logging
import sys
from collections.abc import Callable, Mapping, MutableMapping
from functools import cache
from typing import Any

from giftweb import clock, keys

NAME = "giftweb.security"

EVENTS = {
    "sign_in.succeeded": "Somebody signed in to the desk.",
    "sign_in.failed": "A password, or an answer of a passkey, was wrong.",
    "factor.wrong": "A code of an authenticator, or a recovery code, was wrong.",
    "code.wrong": "A gift card's code that there is not.",
    "try.slowed": "Who tries too often was told to wait.",
    "account.changed": "A password or second factor was chosen, changed, used up or taken away.",
    "rights.refused": "Somebody signed in asked for what their role may not do.",
    "origin.refused": "A form came from another site.",
    "token.refused": "A form came without its token, or with another one's.",
    "host.refused": "A request was for another host.",
    "link.refused": "A mailed link was used, over or made up.",
    "checkout_token.refused": "A checkout's token opens nothing, or nothing any more.",
    "audit.anchor": "A checkpoint of the books: its anchor for `flask audit --since ANCHOR`.",
    "seal.broken": "A sign-in, link, account, key or mail was changed past the program: it opened"
    " nothing.",
    "key.unknown": "An API key that is not one of ours, or is over.",
}
"""Every event and what it means."""

_nowhere: Callable[[], dict[str, Any]] = dict
_facts = _nowhere


def follow(facts: Callable[[], dict[str, Any]]) -> None:
    """Have every line carry what ``facts`` knows of the request that it is about."""
    global _facts
    _facts = facts


def record(event: str, **more: Any) -> None:
    """Write a line. ``more`` holds ids, words of ours and pseudonyms, never what somebody typed."""
    assert event in EVENTS, event  # noqa: S101 - a word of ours
    _logger().info(event, **_facts(), **more)


def pseudonym(text: str) -> str:
    """The same 16 letters for the same text, from which nobody gets back to it."""
    if not text:
        return ""
    secret = hmac.digest(keys.ring().session.encode(), b"giftweb security log", "sha256")
    return hmac.digest(secret, text.encode("utf-8", "surrogatepass"), "sha256").hex()[:16]


@cache
def _logger() -> Any:
    # Needed at the first refusal, and long to import: 0.1 s and 5 MB.
    import structlog

    return structlog.wrap_logger(
        _stream(),
        wrapper_class=structlog.BoundLogger,
        processors=[
            _add_time,
            # ASCII alone: a control character cannot end the line, nor turn it round.
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
    )


def load() -> None:
    """Be ready before the first request comes."""
    _logger()


def _stream() -> logging.Logger:
    """A logger whose lines are what they are given, beside the program's own log."""
    found = logging.getLogger(NAME)
    found.setLevel(logging.INFO)
    found.propagate = False
    if not found.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        found.addHandler(handler)
    return found


def _add_time(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    head = {"at": clock.now().isoformat(), "log": "security", "event": line["event"]}
    return head | dict(line)
