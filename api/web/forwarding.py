"""A warning where callers' addresses are forwarded by a proxy whose word does not count."""

from __future__ import annotations

import ipaddress

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

log = structlog.get_logger(__name__)


class ForwardedByStrangers:
    """Logs one warning, once, when X-Forwarded-For comes from an address that is not trusted: every caller looks like
    that proxy then, and shares the limits of its network."""

    def __init__(self, app: ASGIApp, trusted: tuple[str, ...]) -> None:
        self._app = app
        self._trusted = [ipaddress.ip_network(network) for network in trusted]
        self._has_warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._has_warned and scope["type"] == "http" and self._is_ignored(scope):
            self._has_warned = True
            log.warning(
                "proxy.not_trusted", hint="X-Forwarded-For is ignored: name the proxy in GATEHOUSE_TRUSTED_PROXIES"
            )
        await self._app(scope, receive, send)

    def _is_ignored(self, scope: Scope) -> bool:
        if not any(name == b"x-forwarded-for" for name, _ in scope["headers"]):
            return False
        try:
            address = ipaddress.ip_address((scope.get("client") or ("",))[0])
        except ValueError:  # a socket in the file system, or a name
            return True
        return not any(address in network for network in self._trusted)
