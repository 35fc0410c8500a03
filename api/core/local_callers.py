"""Checks of a request's host name, proxy headers and client address. `is_local` combines these checks."""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import IPv6Address, ip_address

from starlette.requests import Request
from starlette.types import Scope

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")

# The Host header of RFC 9110, 7.2: a registered name, an IPv4 address or a bracketed IPv6 address, then a port or none.
_HOST = re.compile(r"([a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?")
_FORWARDED = frozenset({"forwarded", "via", "x-real-ip"})


def hosts(scope: Scope) -> list[bytes]:
    """Return the values of all Host headers."""
    return [value for name, value in scope["headers"] if name == b"host"]


def host_name(scope: Scope) -> str | None:
    """Return the host name in the Host header, in lower case and without the port.

    Return None if the header is absent, repeated or not well-formed.
    """
    given = hosts(scope)
    found = _HOST.fullmatch(given[0].decode("latin-1").lower()) if len(given) == 1 else None
    return found[1] if found else None


def matches_any(name: str | None, names: Collection[str]) -> bool:
    """Return whether `name` is one of `names`, or fits a pattern such as *.example.org.

    This pattern fits every subdomain of example.org, but not example.org. Return False if `name` is None.
    """
    if name is None or name in names:
        return name is not None
    return any(each.startswith("*.") and name.endswith(each[1:]) and len(name) >= len(each) for each in names)


def came_through_a_proxy(request: Request) -> bool:
    """Return whether the request seems to come from a proxy.

    The signs are a header that proxies add, such as X-Forwarded-For, and HTTP/1.0, which nginx uses by default.
    """
    return request.scope.get("http_version") == "1.0" or any(
        name in _FORWARDED or name.startswith("x-forwarded-") for name in request.headers
    )


def is_from_loopback(request: Request) -> bool:
    """Return whether the client's address is a loopback address. Return False for a Unix socket, which has no address."""
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:  # the client is a Unix socket
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def is_local(request: Request) -> bool:
    """Return whether the request comes from a program or page of this machine, without a proxy.

    The Host header must name one of LOOPBACK_NAMES, because the name of an attacker's site can resolve to this machine
    (DNS rebinding).
    """
    return (
        is_from_loopback(request)
        and not came_through_a_proxy(request)
        and matches_any(host_name(request.scope), LOOPBACK_NAMES)
        and request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    )
