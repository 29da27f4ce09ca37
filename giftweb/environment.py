"""Settings of the environment: each kind read in one place, and refused in one sentence."""

import re
from collections.abc import Mapping
from email.utils import parseaddr
from urllib.parse import SplitResult, urlsplit

Environ = Mapping[str, str]

_NUMBER = re.compile("[0-9]{1,9}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_SECRET = re.compile("//[^/@]*@")
_ON, _OFF = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class SettingUnusable(RuntimeError):
    """A setting that cannot be used: its name, what it is, and what it must be."""

    def __init__(self, name: str, value: str, wanted: str):
        shown = _SECRET.sub("//...@", value)
        shown = shown if shown.isprintable() else repr(shown)
        super().__init__(f"{name} is {shown}: it must {wanted}.")


def number(environ: Environ, name: str, default: int, *, least: int = 1, most: int) -> int:
    """A whole number.

    Raises: SettingUnusable.
    """
    text = _text(environ, name) or str(default)
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
        raise SettingUnusable(name, text, f"be a whole number from {least} to {most}")
    return int(text)


def is_on(environ: Environ, name: str) -> bool:
    """Whether something is switched on; without a word it is off.

    Raises: SettingUnusable.
    """
    text = _text(environ, name)
    if text and text.lower() not in _ON + _OFF:
        raise SettingUnusable(name, text, f"be one of {', '.join(_ON + _OFF)}")
    return text.lower() in _ON


def web_address(environ: Environ, name: str) -> str | None:
    """An address such as ``https://host/path?query``; None without one.

    Raises: SettingUnusable.
    """
    text = _text(environ, name)
    if not text:
        return None
    if not _has_host(text):
        raise SettingUnusable(name, text, "be an address such as https://cards.example")
    return text


def base_address(environ: Environ, name: str, default: str) -> str:
    """The address before every path, without a slash at its end.

    Raises: SettingUnusable.
    """
    text = web_address(environ, name) or default
    parts = urlsplit(text)
    if parts.query or parts.fragment:
        raise SettingUnusable(name, text, "have nothing behind its host and path")
    return parts.geturl().rstrip("/")


def database_url(environ: Environ, name: str, default: str) -> str:
    """The address of a database.

    Raises: SettingUnusable.
    """
    text = _text(environ, name) or default
    if not text.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise SettingUnusable(name, text, "start with sqlite:/// or postgresql://")
    return text


def sender(environ: Environ, name: str, default: str) -> str:
    """An email address, perhaps with a name: ``Shop <cards@shop.example>``.

    Raises: SettingUnusable.
    """
    text = _text(environ, name) or default
    if not text.isprintable() or not _EMAIL.fullmatch(parseaddr(text)[1]):
        raise SettingUnusable(name, text, "be an address such as Shop <cards@shop.example>")
    return text


def _text(environ: Environ, name: str) -> str:
    return (environ.get(name) or "").strip()


def _has_host(text: str) -> bool:
    """Whether the text is ``http://`` or ``https://`` and a host, perhaps with a port and more."""
    try:
        parts: SplitResult = urlsplit(text)
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_written = text.isprintable() and " " not in text
    return is_written and is_port and parts.scheme in ("http", "https") and bool(parts.hostname)
