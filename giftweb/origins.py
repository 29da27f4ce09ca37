"""Web origins: scheme, host and port of a site that may frame a campaign's widget."""

import ipaddress
import re
from urllib.parse import urlsplit

from giftweb.errors import Invalid
from giftweb.language import gettext, lazy_gettext

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9-]{1,63})*")
_PORTS = {"https": 443, "http": 80}
_EXAMPLE = lazy_gettext("Enter an origin such as https://shop.example, without a path.")


def read(text: str) -> str:
    """The origin as browsers send it: lower case, without the scheme's own port.

    Raises: Invalid for anything but https, or http on this very machine.
    """
    typed = text.strip()
    if not typed.isascii() or not typed.isprintable():
        raise Invalid(str(_EXAMPLE), field="origin")
    try:
        parts = urlsplit(typed)
        port = parts.port
    except ValueError:
        raise Invalid(str(_EXAMPLE), field="origin") from None
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise Invalid(str(_EXAMPLE), field="origin")
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not _is_host(host) or ("[" in typed) != (":" in host):
        raise Invalid(str(_EXAMPLE), field="origin")
    if parts.scheme == "http" and not is_loopback(host):
        raise Invalid(
            gettext("Use https: only a shop on this very machine may use http."), field="origin"
        )
    bracketed = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{bracketed}" + _port_text(parts.scheme, port)


def _port_text(scheme: str, port: int | None) -> str:
    return "" if port is None or port == _PORTS[scheme] else f":{port}"


def is_loopback(host: str) -> bool:
    """Whether the host is the machine that the browser runs on."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_host(host: str) -> bool:
    if ":" not in host:
        return _HOST.fullmatch(host) is not None
    try:
        return ipaddress.ip_address(host).version == 6 and "%" not in host
    except ValueError:
        return False
