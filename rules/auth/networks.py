"""The networks that contain an IP address and can belong to one internet subscriber.

For an IPv4 address, this is only the address itself. An IPv6 subscriber can have a whole /64, /56 or /48.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""The network of the IPv6 addresses that a NAT64 translator (RFC 6052) gives to IPv4 callers.

The last 32 bits of such an address are the caller's IPv4 address.
"""

IPV6_PREFIXES = (64, 56, 48)
"""The prefix lengths that internet providers assign to one subscriber: at least /64, often /56, for companies /48."""


def network_of(address: str) -> str:
    """Return an IPv4 address itself, or the /64 of an IPv6 address. Another text is returned unchanged."""
    return networks_of(address)[0]


@lru_cache(maxsize=1024)
def networks_of(address: str) -> tuple[str, ...]:
    """Return the networks of `address` that can belong to one subscriber, the smallest first.

    - An IPv4 address gives itself. So does a text that is not an IP address, such as a socket's path.
    - An IPv6 address gives its /64, /56 and /48.
    - An IPv4 address inside an IPv6 address (IPv4-mapped or NAT64) counts as the IPv4 address.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return (address,)
    if isinstance(parsed, ipaddress.IPv4Address):
        return (str(parsed),)
    if parsed.ipv4_mapped:
        return (str(parsed.ipv4_mapped),)
    if parsed in NAT64:
        return (str(ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)),)
    return tuple(f"{int(parsed) >> 128 - bits:x}/{bits}" for bits in IPV6_PREFIXES)
