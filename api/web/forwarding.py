"""A warning about X-Forwarded-For headers from a proxy that is not in GATEHOUSE_TRUSTED_PROXIES."""

from __future__ import annotations

import ipaddress

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

log = structlog.get_logger(__name__)


class UntrustedProxyWarning:
    """ASGI middleware that logs one warning about a proxy that is not trusted.

    The warning is logged at the first request with X-Forwarded-For from an address outside `trusted`. Gatehouse ignores
    this header, so all clients behind the proxy share the rate limits of the proxy's network.
    """

    def __init__(self, app: ASGIApp, trusted: tuple[str, ...]) -> None:
        self._app = app
        self._trusted = [ipaddress.ip_network(network) for network in trusted]
        self._has_warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._has_warned and scope["type"] == "http" and self._comes_from_untrusted_proxy(scope):
            self._has_warned = True
            log.warning(
                "proxy.not_trusted", hint="X-Forwarded-For is ignored: name the proxy in GATEHOUSE_TRUSTED_PROXIES"
            )
        await self._app(scope, receive, send)

    def _comes_from_untrusted_proxy(self, scope: Scope) -> bool:
        if not any(name == b"x-forwarded-for" for name, _ in scope["headers"]):
            return False
        try:
            address = ipaddress.ip_address((scope.get("client") or ("",))[0])
        except ValueError:  # the address is a Unix socket or a name
            return True
        return not any(address in network for network in self._trusted)
