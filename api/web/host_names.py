"""Under which name a request came, and whether a proxy passed it on."""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import IPv6Address, ip_address

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")

PROBES = frozenset({"/livez", "/readyz", "/metrics"})
"""Asked by machines that know an address, not a name."""

# RFC 9110, 7.2 with the names that occur: a registered name or an IPv4 address, or an IPv6 address; and a port.
_HOST = re.compile(r"([a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?")
_FORWARDED = frozenset({"forwarded", "via", "x-real-ip"})


def host_name(scope: Scope) -> str | None:
    """Return the name of the Host header in lower case, without its port; None if it is absent or not well-formed."""
    hosts = _hosts(scope)
    found = _HOST.fullmatch(hosts[0].decode("latin-1").lower()) if len(hosts) == 1 else None
    return found[1] if found else None


def _hosts(scope: Scope) -> list[bytes]:
    return [value for name, value in scope["headers"] if name == b"host"]


def is_named(name: str | None, names: Collection[str]) -> bool:
    """Return whether `names` hold the name, or a pattern such as *.example.org that covers it."""
    if name is None or name in names:
        return name is not None
    return any(each.startswith("*.") and name.endswith(each[1:]) and len(name) >= len(each) for each in names)


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
        and is_named(host_name(request.scope), LOOPBACK_NAMES)
        and request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    )


class KnownHosts:
    """ASGI middleware: answer under these names only, and probes under any well-formed one."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or self._is_let_in(scope):
            await self._app(scope, receive, send)
        else:
            refusal = PlainTextResponse("The Host header names none of this server's names.", status_code=400)
            await refusal(scope, receive, send)

    def _is_let_in(self, scope: Scope) -> bool:
        name = host_name(scope)
        if scope["path"] in PROBES:
            return name is not None or not _hosts(scope)
        return is_named(name, self._names)
