"""Which hosts lie on the public internet, from how they are written; no name is resolved here."""

import ipaddress
import socket

_CARRIERS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "::/96",  # the old form of an IPv4 address
        "64:ff9b::/96",  # IPv4 through a translator
        "64:ff9b:1::/48",
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "fec0::/10",  # the old site-local
        "100.64.0.0/10",  # behind a carrier's translator
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",  # benchmarks
        "240.0.0.0/4",
    )
)
"""Networks that lead elsewhere or inside, whatever the interpreter's own tables say of them."""

_INSIDE = (".localhost", ".local", ".internal")
"""How names end that mean this machine or its network."""


def is_public(text: str) -> bool:
    """Whether an IP address lies on the public internet; an IPv4 one inside IPv6 never counts."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if getattr(address, "scope_id", None) or getattr(address, "ipv4_mapped", None):
        return False
    is_special = (
        address.is_multicast
        or address.is_reserved
        or address.is_loopback
        or address.is_link_local
        or address.is_unspecified
    )
    return (
        address.is_global
        and not is_special
        and not any(
            address in network for network in _CARRIERS if network.version == address.version
        )
    )


def is_inside(host: str) -> bool:
    """Whether a host can only mean this machine or a private network, by its name or address."""
    name = host.rstrip(".").lower()
    if (address := _address(name)) is not None:
        return not is_public(address)
    return "." not in name or name.endswith(_INSIDE)


def _address(host: str) -> str | None:
    """The IP address that a host is, in any spelling that a resolver takes: 127.1, 0x7f000001."""
    if ":" in host:
        return host
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None
