"""Under which name a request came, and whether a proxy passed it on."""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import IPv6Address, ip_address

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")

PROBES = frozenset({"/livez", "/readyz", "/metrics"})
"""Asked by machines that know an address, not a name."""

# RFC 9110, 7.2 with the names that occur: a registered name or an IPv4 address, or an IPv6 address; and a port.
_HOST = re.compile(r"([a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?")
_FORWARDED = frozenset({"forwarded", "via", "x-real-ip"})


def host_name(headers: Headers) -> str | None:
    """Return the name of the Host header in lower case, without its port; None if it is absent or not well-formed."""
    hosts = headers.getlist("host")
    found = _HOST.fullmatch(hosts[0].lower()) if len(hosts) == 1 else None
    return found[1] if found else None


def is_named(name: str | None, names: Collection[str]) -> bool:
    """Return whether `names` hold the name, or a pattern such as *.example.org that covers it."""
    return name is not None and any(
        name == each or (each.startswith("*.") and name.endswith(each[1:]) and len(name) > len(each) - 1)
        for each in names
    )


def came_through_a_proxy(request: Request) -> bool:
    """Return whether a proxy says so, or has to be suspected: nginx by default speaks HTTP/1.0 and adds no header."""
    return request.scope.get("http_version") == "1.0" or any(
        name in _FORWARDED or name.startswith("x-forwarded-") for name in request.headers
    )


def is_near(request: Request) -> bool:
    """Return whether the caller is on this machine, by the address it calls from."""
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:  # a name, as of a socket in the file system
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def is_local(request: Request) -> bool:
    """Return whether a caller on this machine asks for itself: not for a proxy, and not for a page of another site.

    A name of another site that leads here (DNS rebinding) is refused like any other name.
    """
    return (
        is_near(request)
        and not came_through_a_proxy(request)
        and is_named(host_name(request.headers), LOOPBACK_NAMES)
        and request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    )


class KnownHosts:
    """ASGI middleware: answer under these names only, and probes under any well-formed one."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or self._is_let_in(scope["path"], Headers(scope=scope)):
            await self._app(scope, receive, send)
        else:
            refusal = PlainTextResponse("The Host header names none of this server's names.", status_code=400)
            await refusal(scope, receive, send)

    def _is_let_in(self, path: str, headers: Headers) -> bool:
        if path in PROBES:
            return host_name(headers) is not None or "host" not in headers
        return is_named(host_name(headers), self._names)
