"""Find the networks around an IP address that can belong to one internet subscriber.

For IPv4, this is the address alone. For IPv6, these are the /64, the /56 and the /48 that contain the address.
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
    """Return the IPv4 address itself, or the /64 that contains the IPv6 address.

    A text that is not an IP address is returned unchanged.
    """
    return networks_of(address)[0]


@lru_cache(maxsize=1024)
def networks_of(address: str) -> tuple[str, ...]:
    """Return the networks around `address` that can belong to one subscriber, the smallest first.

    For IPv4, this is the address alone. For IPv6, these are the /64, the /56 and the /48. An IPv4-mapped address and an
    address in NAT64 count as the IPv4 address that they contain. For a text that is not an IP address, such as a
    socket's path, return only this text.
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
