"""Find the networks that contain an IP address and that one subscriber of an internet provider may own."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""The network in which a NAT64 translator (RFC 6052) places IPv4 callers. The last 32 bits are the IPv4 address."""

IPV6_PREFIXES = (64, 56, 48)
"""The prefix lengths that internet providers assign to one subscriber: at least /64, often /56, for companies /48."""


def network_of(address: str) -> str:
    """Return the smallest network that one subscriber owns: the IPv4 address itself, or the /64 of the IPv6 address.

    A text that is not an IP address is returned unchanged.
    """
    return networks_of(address)[0]


@lru_cache(maxsize=1024)
def networks_of(address: str) -> tuple[str, ...]:
    """Return the networks that one subscriber may own, beginning with the smallest.

    For IPv4, this is the address only. For IPv6, these are the /64, the /56 and the /48. An IPv6 address that contains
    an IPv4 address counts as IPv4. A text that is not an IP address, such as a socket's path, is returned unchanged.
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
