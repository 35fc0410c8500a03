"""The networks around a caller's address that one subscriber may own."""

from __future__ import annotations

import ipaddress

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 callers behind a translator (RFC 6052); the last 32 bits are their address."""

IPV6_PREFIXES = (64, 56, 48)
"""What providers assign to one subscriber: at least a /64, often a /56, to a company a /48."""


def network_of(address: str) -> str:
    """Return the smallest network of one subscriber: an IPv4 address or an IPv6 /64. Other text is returned unchanged."""
    return networks_of(address)[0]


def networks_of(address: str) -> tuple[str, ...]:
    """Return the networks that may be one subscriber's, the smallest first.

    IPv4: the address alone. IPv6: /64, /56, /48. An IPv4 address within an IPv6 one counts as IPv4. Text that is no
    address (a socket's path) is returned as it is.
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
