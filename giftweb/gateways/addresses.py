"""Which addresses a webhook may reach: public ones, decided where the connection is opened.

The name is resolved once and the connection goes to the very address that was judged, so a name
that answers differently the second time gains nothing.
"""

import socket
from collections.abc import Callable

from giftweb.domain.outbox.public_addresses import is_public

Guard = Callable[[str], bool]
"""Says of an address, as text, whether it may be connected to."""


class AddressRefused(OSError):
    """The name does not lead to a public address."""


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
