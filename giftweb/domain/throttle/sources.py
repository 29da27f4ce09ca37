"""Who tries: a client's address, the networks that it may roam in, and the cart it tries for."""

import functools
import hashlib
import ipaddress
import re

NO_ADDRESS = "unknown"
"""The one source of all that is no address: strangers may write what they like there."""

LONGEST_ADDRESS = 53
"""An IPv6 address with an IPv4 one in it, in brackets, and a port."""

_ADDRESS = re.compile(r"\[([^]%]+)(?:%\w+)?\](?::\d{1,5})?|([\d.]+):\d{1,5}|([^%]+)(?:%\w+)?")
"""In brackets and perhaps with a port; version 4 with a port; alone."""


def parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address in ``1.2.3.4``, ``1.2.3.4:56``, ``2001:db8::1`` or ``[2001:db8::1]:56``."""
    found = _ADDRESS.fullmatch(text.strip()) if len(text) <= LONGEST_ADDRESS else None
    if found is None:
        return None
    try:
        address = ipaddress.ip_address(found[1] or found[2] or found[3])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def source_of(address: str) -> str:
    """Whom an address stands for: itself, or the /64 that one IPv6 client may roam in."""
    return _networks_of(address)[0] if len(address) <= LONGEST_ADDRESS else NO_ADDRESS


def wide_network_of(address: str) -> str | None:
    """The /48 of an IPv6 address: what one customer of a provider may have."""
    return _networks_of(address)[1] if len(address) <= LONGEST_ADDRESS else None


def named(name: str) -> str:
    """What else is counted, such as an account or a cart: it may open something, and is not
    written down."""
    return f"name {hashlib.sha256(name.encode()).hexdigest()[:32]}"


@functools.lru_cache(maxsize=4096)
def _networks_of(address: str) -> tuple[str, str | None]:
    found = parse(address)
    if found is None:
        return NO_ADDRESS, None
    if isinstance(found, ipaddress.IPv4Address):
        return str(found), None
    return _network(found, 64), _network(found, 48)


def _network(address: ipaddress.IPv6Address, bits: int) -> str:
    kept = address.packed[: bits // 8]
    return str(ipaddress.IPv6Network((kept.ljust(16, b"\0"), bits)))
