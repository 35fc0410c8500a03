"""Where somebody calls from, as far as it is one subscriber's."""

from __future__ import annotations

import ipaddress


def network_of(address: str) -> str:
    """What one subscriber has: an IPv4 address, or a /64 of IPv6; anything else (a socket's path) counts as it is."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return f"{int(parsed) >> 64:x}/64"
