"""Which addresses a webhook may reach: public ones, decided where the connection is made.

The name is resolved once and the connection goes to the very address that was judged, so a name
that answers differently the second time gains nothing (INVARIANTS 2).
"""

import ipaddress
import socket
from collections.abc import Callable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Guard = Callable[[str], bool]
"""Says of an address, as text, whether it may be connected to."""

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


class AddressRefused(OSError):
    """The name does not lead to a public address."""


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


def resolve(host: str, port: int, *, may_reach: Guard = is_public) -> list[str]:
    """The addresses of a host, in the order to try them.

    Raises: AddressRefused when one of them is not public or the name leads nowhere.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as problem:
        raise AddressRefused("The name of the host cannot be resolved.") from problem
    addresses = list(dict.fromkeys(str(place[4][0]) for place in found))
    if not addresses or not all(may_reach(address) for address in addresses):
        raise AddressRefused("The host's address is not on the public internet.")
    return addresses
